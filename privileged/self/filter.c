/* SPDX-License-Identifier: Apache-2.0 */
#include "filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For what filter_parent.h asserts of the table's values. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../kernel/kernel_mount.h"
#include "../kernel/kernel_ns.h"
#include "filter_parent.h"

/* The errno that parent.def returns for getppid, and no kernel does. */
#define FILTER_CANARY EBADRQC

int filter_load(struct vst_err *err)
{
	struct sock_fprog prog = {
		.len = sizeof filter_parent / sizeof *filter_parent,
		.filter = (struct sock_filter *)filter_parent,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
		prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno, "set no_new_privs");
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"load the system call filter (the kernel needs CONFIG_SECCOMP_FILTER)");
	errno = 0;
	if (syscall(SYS_getppid) != -1 || errno != FILTER_CANARY)
		return vst_fail(
			err, VST_EXIT_UNSUPPORTED, 0, "the system call filter has no effect");
	return 0;
}
