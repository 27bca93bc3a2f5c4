/* SPDX-License-Identifier: Apache-2.0 */
/* Resolving one path of a step, by the rule that resolve.h states. */
#pragma once

#include "resolve.h"

/* What a path is for. */
enum want {
	WANT_DIR,   /* A directory, made if missing. */
	WANT_FILE,  /* A file whose last component is judged later, and never followed. */
	WANT_POINT, /* A mount point: as WANT_DIR, but an existing file will do. */
	WANT_THERE, /* An existing object of any kind. */
};

/* Sets the path's base, rest and flags. A directory that is reached is pinned. */
int resolve_path(struct resolver *r, struct step_path *at, enum want want, struct vst_err *err);
