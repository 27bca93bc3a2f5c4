/* What is asked of a mount that the run did not make: judged before anything is done, and again
 * where it is done. */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/step.h"
#include "beneath.h"

/* Whether options of the file system itself are among what is asked for. */
int change_is_for_fs(const struct step_mount *mount);

/* The sentence for a place where nothing is: -1, with err's own exit status. */
int change_is_missing(const char *path, struct vst_err *err);

/* Whether the object is one that can be changed: the root of a mount. */
int change_is_point(const struct object *at, const char *path, struct vst_err *err);

/* What is asked of somebody else's mount, as something that can be taken back: of that mount
 * alone. Recursive forms mean the same where nothing lies beneath it. VST_EXIT_UNSUPPORTED: it
 * cannot be put back. */
int change_flatten(const struct step_mount *mount, const struct object *at,
	struct vst_mount_flags *ret, struct vst_err *err);
