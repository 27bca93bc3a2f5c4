/* SPDX-License-Identifier: Apache-2.0 */
#include "mount_attr.h"

#include <errno.h>
#include <fcntl.h>

#include "../kernel/beneath.h"
#include "../kernel/kernel_mount.h"

static uint64_t attributes(uint8_t attr)
{
	static const uint64_t bits[] = {MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV,
		MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NODIRATIME};
	uint64_t set = 0;

	_Static_assert(VST_ATTR_RO == 1 && VST_ATTR_NOSUID == 2 && VST_ATTR_NODEV == 4 &&
			       VST_ATTR_NOEXEC == 8 && VST_ATTR_NODIRATIME == 16 &&
			       VST_ATTR_ALL == 31,
		"the table is in the order of the bits");
	for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
		if (attr >> i & 1)
			set |= bits[i];
	return set;
}

static uint64_t access_time(uint8_t atime)
{
	switch ((enum vst_atime)atime) {
	case VST_ATIME_NOATIME:
		return MOUNT_ATTR_NOATIME;
	case VST_ATIME_STRICT:
		return MOUNT_ATTR_STRICTATIME;
	case VST_ATIME_RELATIME:
	case VST_ATIME_KEEP:
	case VST_ATIME_COUNT:
		break;
	}
	return MOUNT_ATTR_RELATIME;
}

uint64_t mount_attr_set(const struct vst_mount_flags *flags)
{
	return attributes(flags->set) | access_time(flags->atime);
}

uint64_t mount_attr_clear(const struct vst_mount_flags *flags)
{
	return attributes(flags->clear) |
	       (flags->atime == VST_ATIME_KEEP ? 0u : MOUNT_ATTR__ATIME);
}

static int refused(struct vst_err *err, const char *whose)
{
	switch (errno) {
	case ENOSYS:
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"set attributes %s: this kernel is too old, 5.12 or newer is needed",
			whose);
	case EPERM:
		return vst_fail(err, VST_EXIT_DENIED, errno,
			"set attributes %s: the kernel wants CAP_SYS_ADMIN over this mount namespace, and keeps what a mount brought from outside of it",
			whose);
	case EBUSY:
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"set attributes %s: a file is open for writing there", whose);
	default:
		return vst_fail(err, VST_EXIT_FAILED, errno, "set attributes %s", whose);
	}
}

int mount_attr_change(int fd, uint64_t set, uint64_t clear, struct vst_err *err)
{
	struct mount_attr attr = {.attr_set = set, .attr_clr = clear};

	if (!set && !clear)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		return refused(err, "of the mount");
	return 0;
}

int mount_attr_apply(int fd, const struct vst_mount_flags *flags, struct vst_err *err)
{
	const struct vst_mount_flags all = {
		.set = flags->rec_set, .clear = flags->rec_clear, .atime = flags->rec_atime};
	struct mount_attr attr = {
		.attr_set = mount_attr_set(&all), .attr_clr = mount_attr_clear(&all)};

	if (mount_attr_change(fd, mount_attr_set(flags), mount_attr_clear(flags), err) < 0)
		return -1;
	if (!attr.attr_set && !attr.attr_clr)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof attr) < 0)
		return refused(err, "of the mount and of those beneath it");
	return 0;
}

const char *mount_attr_propagation_name(uint64_t ms)
{
	return ms & MS_SHARED       ? "shared"
	       : ms & MS_SLAVE      ? "slave"
	       : ms & MS_UNBINDABLE ? "unbindable"
				    : "private";
}

static uint64_t ms_of(uint8_t propagation)
{
	switch ((enum vst_propagation)(propagation & ~VST_PROPAGATION_RECURSIVE)) {
	case VST_PROPAGATION_PRIVATE:
		return MS_PRIVATE;
	case VST_PROPAGATION_SHARED:
		return MS_SHARED;
	case VST_PROPAGATION_SLAVE:
		return MS_SLAVE;
	case VST_PROPAGATION_UNBINDABLE:
		return MS_UNBINDABLE;
	case VST_PROPAGATION_KEEP:
	case VST_PROPAGATION_COUNT:
		break;
	}
	return 0;
}

/* Whether the propagation `now` is what setting `wanted` may result in: a mount without peers
 * and master stays private when made a slave, and a slave stays one when made shared. */
static int is_propagation(uint64_t wanted, uint64_t now)
{
	if (wanted == MS_SLAVE)
		return !(now & MS_SHARED);
	return wanted == MS_SHARED ? (now & MS_SHARED) != 0 : now == wanted;
}

int mount_attr_propagation_apart(int fd, uint8_t propagation, struct vst_err *err)
{
	struct mount_attr attr = {.propagation = ms_of(propagation)};
	unsigned flags =
		AT_EMPTY_PATH | (propagation & VST_PROPAGATION_RECURSIVE ? AT_RECURSIVE : 0u);

	if (!attr.propagation || mount_setattr(fd, "", flags, &attr, sizeof attr) == 0)
		return 0;
	refused(err, "of the mount");
	return vst_wrap(err, "make it %s", mount_attr_propagation_name(attr.propagation));
}

static int has_propagation(uint64_t mnt_id, uint64_t wanted, struct vst_err *err)
{
	struct kernel_statmount sm;

	if (kernel_statmount(mnt_id, KERNEL_STATMOUNT_MNT_BASIC, &sm) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "prove the mount %s",
			mount_attr_propagation_name(wanted));
	return sm.mask & KERNEL_STATMOUNT_MNT_BASIC &&
	       is_propagation(wanted, sm.mnt_propagation);
}

static int set_and_prove(
	int fd, uint64_t mnt_id, int is_unique, uint8_t propagation, struct vst_err *err)
{
	const uint64_t wanted = ms_of(propagation);
	int r;

	if (mount_attr_propagation_apart(fd, propagation, err) < 0)
		return -1;
	/* Before 6.8 only /proc shows propagation. The call's success is enough: unlike
	 * mount(2), which ignores MS_PRIVATE beside MS_REMOUNT, mount_setattr does all or
	 * fails. */
	if (!is_unique)
		return 0;
	r = has_propagation(mnt_id, wanted, err);
	if (r)
		return r < 0 ? -1 : 0;
	return vst_fail(err, VST_EXIT_FAILED, 0,
		"the mount was made %s and is not: somebody else changes it",
		mount_attr_propagation_name(wanted));
}

int mount_attr_propagation(int fd, uint8_t propagation, struct vst_err *err)
{
	struct object root;

	if (!ms_of(propagation))
		return 0;
	if (beneath_stat(fd, &root) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stat the mount");
	return set_and_prove(fd, root.mnt_id, root.mnt_id_unique, propagation, err);
}

int mount_attr_propagation_settled(
	int fd, uint64_t mnt_id, int is_unique, uint8_t propagation, struct vst_err *err)
{
	int r = 0;

	if (!ms_of(propagation))
		return 0;
	if (is_unique)
		r = has_propagation(mnt_id, ms_of(propagation), err);
	if (r)
		return r < 0 ? -1 : 0;
	return set_and_prove(fd, mnt_id, is_unique, propagation, err);
}
