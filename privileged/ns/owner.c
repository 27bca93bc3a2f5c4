/* SPDX-License-Identifier: Apache-2.0 */
#include "owner.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../kernel/kernel_call.h"
#include "../kernel/kernel_ns.h"
#include "ns.h"

/* User namespaces lie at most 33 deep (kernel/user_namespace.c). */
#define DEPTH_MAX 40

static int fail(struct vst_err *err)
{
	return vst_fail(err, errno == ENOTTY ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED, errno,
		"find out who owns a namespace");
}

/* Whether the user namespace is the initial one. 1, 0, -1 with errno. */
static int is_initial(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	return st.st_ino == KERNEL_INIT_USERNS_INO;
}

/* The user namespace that owns this one; a user namespace is its own. -1 with errno. */
static int user_of(int ns_fd, enum vst_ns type)
{
	if (kernel_ioctl(ns_fd, NS_GET_NSTYPE, NULL) != ns_kinds[type].clone_flag) {
		errno = ENOTTY;
		return -1;
	}
	return type == VST_NS_USER ? kernel_dup(ns_fd)
				   : kernel_ioctl(ns_fd, NS_GET_USERNS, NULL);
}

int owner_of(
	int ns_fd, enum vst_ns type, enum owner *ret, uint32_t *ret_uid, struct vst_err *err)
{
	vst_auto_fd at = user_of(ns_fd, type);
	int initial = at < 0 ? -1 : is_initial(at);

	for (unsigned depth = 0; initial == 0 && depth < DEPTH_MAX; depth++) {
		vst_auto_fd up = kernel_ioctl(at, NS_GET_PARENT, NULL);
		uid_t uid;

		initial = up < 0 ? -1 : is_initial(up);
		if (initial < 0)
			break;
		if (initial) {
			if (kernel_ioctl(at, NS_GET_OWNER_UID, &uid) < 0)
				return fail(err);
			*ret = OWNER_UID;
			*ret_uid = uid;
			return 0;
		}
		vst_fd_close(&at);
		at = vst_fd_take(&up);
	}
	if (initial == 0)
		errno = ELOOP;
	if (initial <= 0)
		return fail(err);
	*ret = OWNER_INITIAL;
	return 0;
}
