/* One path of a step, resolved by the rule that resolve.h states. */
#pragma once

#include "resolve.h"

/* What a path is for. */
enum want {
	WANT_DIR,   /* a directory that is made where it is missing */
	WANT_FILE,  /* the last component is somebody else's to judge, and never followed */
	WANT_POINT, /* as WANT_DIR, but a file is fine where it is there: to mount on */
	WANT_THERE, /* what is there, of any kind */
};

/* Leaves the path with its base, rest and flags. A directory that is reached is pinned. */
int resolve_path(struct resolver *r, struct step_path *at, enum want want, struct vst_err *err);
