/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds how far a run follows symbolic links, in all: whoever can plant links, in an image or
 * on the way, must not decide how long a bundle stays locked. */
#pragma once

/* Counts components of links' targets. -1 with EMLINK: the run has walked more than
 * VST_LINK_STEPS_MAX. */
int link_steps_spend(unsigned components);
