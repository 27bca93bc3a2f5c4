/* SPDX-License-Identifier: Apache-2.0 */
#include "absent.h"

#include <fcntl.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "../../ipc/fd.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/mountinfo.h"
#include "../kernel/proc.h"

#define EXE "self/exe"

/* Enough of /proc/self/status: TracerPid is its eighth line. */
#define STATUS_MAX 1024

/* ST_NOSUID in f_flags (include/linux/statfs.h), which tells of the mount. */
#define KERNEL_ST_NOSUID 0x0002

int absent_is_promised(void)
{
	vst_auto_fd exe = proc_open(EXE, O_PATH);
	struct stat st;

	if (exe < 0 || fstat(exe, &st) < 0)
		return 0;
	/* fgetxattr refuses an O_PATH descriptor. */
	return (st.st_mode & (S_ISUID | S_ISGID)) != 0 ||
	       getxattr("/proc/" EXE, "security.capability", NULL, 0) > 0;
}

static int is_outside_bounds(uint64_t capabilities)
{
	for (unsigned cap = 0; capabilities; cap++, capabilities >>= 1)
		if (capabilities & 1 && prctl(PR_CAPBSET_READ, cap, 0, 0, 0) != 0)
			return 0;
	return 1;
}

static int is_traced(void)
{
	static const char key[] = "\nTracerPid:\t";
	char text[STATUS_MAX];
	const char *at =
		proc_read("self/status", text, sizeof text) < 0 ? NULL : strstr(text, key);

	return at && strtol(at + sizeof key - 1, NULL, 10) > 0;
}

/* Of the file and its mount. */
static const char *why_of_file(void)
{
	vst_auto_fd exe = proc_open(EXE, O_PATH);
	struct mountinfo ignored;
	struct statfs fs;
	struct statx stx;

	if (exe < 0 || fstatfs(exe, &fs) < 0 ||
		statx(exe, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0)
		return NULL;
	if ((uint64_t)fs.f_flags & KERNEL_ST_NOSUID)
		return "its file lies on a mount with nosuid: install it elsewhere, or mount that without";
	if (mountinfo_of(stx.stx_mnt_id, &ignored) == 0)
		return "its file lies on a mount of another mount namespace: start it by a path of your own, not by one beneath /proc";
	return NULL;
}

const char *absent_why(const struct caller *caller, uint64_t capabilities)
{
	const char *why;

	if (caller->uid != 0 && !caller->is_setuid && !absent_is_promised())
		return NULL;
	if (is_outside_bounds(capabilities))
		return "the bounding set that vestibule was started with lacks it: start it with the whole one";
	if (caller->uid == 0 && !caller->is_root)
		return "uid 0 has no rights of its own with SECBIT_NOROOT: start it without";
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
		return "it was started with no_new_privs, where no program gets more rights: start it without";
	if (is_traced())
		return "it was started under a tracer without rights over it: start it without, or let root trace it";
	why = caller->is_root ? NULL : why_of_file();
	if (why)
		return why;
	if (!caller->in_init_userns)
		return "in a user namespace a file gives rights only of users and groups that are mapped there: start it as that namespace's root";
	if (!caller->has_none)
		return caller->is_root ? NULL : "its file does not give it: install it anew";
	return "the kernel gave none of its file's at the start, as under a tracer that has gone, or beside a process that shares its directories: start it anew";
}
