/* SPDX-License-Identifier: Apache-2.0 */
/* Why an interface could not have its name. */
#pragma once

#include "../act/exec.h"

/* Whether the name is taken in the namespace ns_fd (-1: ours). If so, err says by whom. */
int link_name_is_taken(
	const struct exec_run *run, int ns_fd, const char *name, struct vst_err *err);
