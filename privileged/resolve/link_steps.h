/* How far a run follows symbolic links, in all: who can plant them, in an image or on the way
 * of a path, must not decide how long a bundle is locked. */
#pragma once

/* So many components of links' targets were walked. -1 with EMLINK: more than
 * VST_LINK_STEPS_MAX. */
int link_steps_spend(unsigned components);
