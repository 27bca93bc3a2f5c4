/* SPDX-License-Identifier: Apache-2.0 */
#include "change.h"

#include <errno.h>

#include "kernel_mount.h"

int change_is_for_fs(const struct step_mount *mount)
{
	return mount->n_options || mount->flags.sb_set || mount->flags.sb_clear;
}

int change_is_missing(const char *path, struct vst_err *err)
{
	return vst_fail(err, err->exit, 0,
		"%s is not there: remount, or a propagation alone, changes a mount and makes none; mount something there first",
		VST_QUOTE(path));
}

int change_is_point(const struct object *at, const char *path, struct vst_err *err)
{
	if (at->is_mount_root)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"'%s' is not a mount point: remount, or a propagation alone, changes what is mounted there, and mounts nothing",
		VST_QUOTE(path));
}

int change_flatten(const struct step_mount *mount, const struct object *at,
	struct vst_mount_flags *ret, struct vst_err *err)
{
	const struct vst_mount_flags *flags = &mount->flags;
	uint64_t beneath;

	if (!at->mnt_id_unique)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"a mount that this run did not make can be changed and put back only with a kernel of 6.8 or newer");
	if (change_is_for_fs(mount))
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"options of the file system itself cannot be put back: this run did not mount it");
	if (flags->rec_set || flags->rec_clear || flags->rec_atime ||
		flags->propagation & VST_PROPAGATION_RECURSIVE) {
		long n = kernel_listmount(at->mnt_id, &beneath, 1);

		if (n < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno, "list what lies beneath");
		if (n > 0)
			return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
				"a recursive change of mounts that this run did not make cannot be put back, and others lie beneath this one");
	}
	*ret = (struct vst_mount_flags){
		.set = flags->set | flags->rec_set,
		.clear = flags->clear | flags->rec_clear,
		.atime = flags->rec_atime ? flags->rec_atime : flags->atime,
		.propagation = flags->propagation & (uint8_t)~VST_PROPAGATION_RECURSIVE,
	};
	return 0;
}
