/* SPDX-License-Identifier: Apache-2.0 */
#include "caller.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../../policy/capabilities.h"
#include "../kernel/kernel_ns.h"
#include "../ns/ns.h"
#include "../ns/owner.h"

/* The overflow id ("nobody"), which owns no files. */
#define PARSER_ID 65534

/* Whether exec gives uid 0 every capability of its bounding set, so that no program has more
 * than the caller. 1, 0, -1. */
static int is_root(uid_t uid, struct vst_err *err)
{
	int bits;

	if (uid != 0)
		return 0;
	bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	if (bits < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own securebits");
	return !(bits & SECBIT_NOROOT);
}

static int get_permitted(uint64_t *ret, struct vst_err *err)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own capabilities");
	*ret = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return 0;
}

/* Whether a permitted capability is not ambient. Exec leaves a caller who is not root only the
 * ambient set, so any other came from the file. AT_SECURE does not tell: the kernel does not
 * set it for real uid 0, whatever the securebits. */
static int has_surplus(uint64_t permitted)
{
	for (unsigned cap = 0; permitted; cap++, permitted >>= 1)
		if (permitted & 1 &&
			prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) != 1)
			return 1;
	return 0;
}

static int is_of_init(enum vst_ns ns, int *ret, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	enum owner owner;
	uint32_t ignored;

	if (ns_own_open(ns, &fd, err) < 0 || owner_of(fd, ns, &owner, &ignored, err) < 0)
		return -1;
	*ret = owner == OWNER_INITIAL;
	return 0;
}

/* In a network namespace that a user made, this machine's interfaces are not the ones around
 * us; in such a mount namespace he has put in place what is found there. */
int caller_look_around(struct caller *ret, struct vst_err *err)
{
	return is_of_init(VST_NS_NET, &ret->net_is_init, err) < 0
		       ? -1
		       : is_of_init(VST_NS_MNT, &ret->mnt_is_init, err);
}

int caller_capture(struct caller *ret, struct vst_err *err)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	struct ns_own userns;
	uint64_t permitted = 0;
	int root;

	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own ids");
	/* An id of -1 changes nothing and returns the present id. */
	if ((uid_t)setfsuid((uid_t)-1) != euid || (gid_t)setfsgid((gid_t)-1) != egid)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"the filesystem ids differ from the effective ids");
	if (ns_own(VST_NS_USER, &userns, err) < 0)
		return -1;
	root = is_root(ruid, err);
	if (root < 0 || (!root && get_permitted(&permitted, err) < 0))
		return -1;
	ret->uid = ruid;
	ret->gid = rgid;
	ret->is_root = root;
	ret->has_none = !root && !permitted && ruid == euid && rgid == egid;
	ret->surplus = rgid != egid             ? SURPLUS_GID
		       : ruid != euid           ? SURPLUS_UID
		       : has_surplus(permitted) ? SURPLUS_CAPS
		       : getauxval(AT_SECURE)   ? SURPLUS_SECURE
						: SURPLUS_NONE;
	ret->has_less = ret->surplus != SURPLUS_NONE;
	ret->is_setuid = ruid != 0 && euid == 0 && suid == 0 && rgid == egid && egid == sgid;
	ret->is_caps = ruid != 0 && ruid == euid && euid == suid && rgid != egid &&
		       egid == sgid && permitted && !(permitted & ~FILE_CAPABILITIES);
	ret->parser_uid = ret->parser_gid = PARSER_ID;
	/* Nobody else's are to be had without CAP_SETUID. */
	if (ret->is_caps) {
		ret->parser_uid = ruid;
		ret->parser_gid = rgid;
	}
	ret->userns_ino = userns.ino;
	ret->in_init_userns = userns.ino == KERNEL_INIT_USERNS_INO;
	return ret->has_less && ret->in_init_userns ? caller_look_around(ret, err) : 0;
}

int caller_groups(uint32_t ret[VST_GROUPS_MAX], uint32_t *ret_n, struct vst_err *err)
{
	int n = getgroups(VST_GROUPS_MAX - 1, ret + 1);

	_Static_assert(sizeof(gid_t) == sizeof *ret, "groups are filled in where they belong");
	if (n < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own groups");
	ret[0] = getgid();
	*ret_n = (uint32_t)n + 1;
	return 0;
}
