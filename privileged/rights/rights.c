/* SPDX-License-Identifier: Apache-2.0 */
#include "rights.h"

#include <errno.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/exit.h"
#include "caps.h"

static struct {
	int differ; /* The caller has less, and is looked for. */
	uid_t caller_uid, own_uid;
} rights;

/* setfsuid returns the id before, whatever comes of it: the second call changes nothing. A
 * change makes the process as dumpable as fs.suid_dumpable says. */
static int set_fsuid(uid_t uid)
{
	setfsuid(uid);
	return (uid_t)setfsuid((uid_t)-1) == uid && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0
		       ? 0
		       : -1;
}

static int set_fsgid(gid_t gid)
{
	setfsgid(gid);
	return (gid_t)setfsgid((gid_t)-1) == gid ? 0 : -1;
}

int rights_begin(const struct caller *caller, struct vst_err *err)
{
	if (!caller->has_less)
		return 0;
	rights.own_uid = geteuid();
	rights.caller_uid = caller->uid;
	if (set_fsgid(caller->gid) < 0 || set_fsuid(caller->uid) < 0)
		return vst_fail(err, VST_EXIT_FAILED, 0, "look for files as uid %u, gid %u",
			caller->uid, caller->gid);
	rights.differ = 1;
	return caps_hold(err);
}

int rights_take(struct caller *caller, uint32_t uid, uint32_t gid, const uint32_t *groups,
	uint32_t n_groups, struct vst_err *err)
{
	uid_t now[3];

	/* Not by libc, whose wrappers look for other threads. */
	if (syscall(SYS_setgroups, n_groups, groups) < 0 ||
		syscall(SYS_setresgid, gid, gid, gid) < 0 ||
		syscall(SYS_setresuid, uid, 0, 0) < 0 ||
		getresuid(&now[0], &now[1], &now[2]) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "take the ids of uid %u", uid);
	if (now[0] != uid || now[1] != 0 || now[2] != 0 || getgid() != gid)
		return vst_fail(err, VST_EXIT_FAILED, 0, "ids are not those of uid %u", uid);
	caller->uid = uid;
	caller->gid = gid;
	caller->has_less = caller->is_setuid = 1;
	caller->is_root = 0;
	return 0;
}

int rights_shed(struct caller *caller, struct vst_err *err)
{
	uid_t uid[3];
	gid_t gid[3];

	if (!caller->has_less)
		return 0;
	if (setresgid(caller->gid, caller->gid, caller->gid) < 0 ||
		setresuid(caller->uid, caller->uid, caller->uid) < 0 ||
		getresgid(&gid[0], &gid[1], &gid[2]) < 0 ||
		getresuid(&uid[0], &uid[1], &uid[2]) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "become uid %u, gid %u for good",
			caller->uid, caller->gid);
	for (int i = 0; i < 3; i++)
		if (uid[i] != caller->uid || gid[i] != caller->gid)
			return vst_fail(err, VST_EXIT_FAILED, 0,
				"uid and gid are not those of the caller");
	if (caps_limit(0, 0, "a look", err) < 0)
		return -1;
	caller->has_less = caller->is_setuid = caller->is_caps = 0;
	return 0;
}

/* Going on with rights that are not the wanted ones would be worse than ending here: the
 * journal says what was begun. */
static void end_if(int failed)
{
	if (failed)
		_exit(VST_EXIT_FAILED);
}

int rights_are_borrowed(void)
{
	return rights.differ;
}

int rights_raise(uint64_t set, struct vst_err *err)
{
	if (!rights.differ || caps_raise(set, err) == 0)
		return 0;
	/* It may have failed behind the change. */
	rights_lower();
	return -1;
}

void rights_lower(void)
{
	int code = errno;
	struct vst_err ignored;

	if (rights.differ)
		end_if(caps_hold(&ignored) < 0);
	errno = code;
}

void rights_as_owner(void)
{
	int code = errno;

	if (rights.differ)
		end_if(set_fsuid(rights.own_uid) < 0);
	errno = code;
}

void rights_as_caller(void)
{
	int code = errno;

	if (rights.differ)
		end_if(set_fsuid(rights.caller_uid) < 0);
	errno = code;
}
