/* SPDX-License-Identifier: Apache-2.0 */
#include "inherited.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../kernel/proc.h"

/* Nanoseconds: the kernel's default (init/init_task.c). */
#define TIMER_SLACK_NS 50000L

static void reset_scheduling(void)
{
	static const struct sched_param none;
	unsigned char all[1024];

	/* Not by libc: musl refuses sched_setscheduler. */
	(void)!syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &none);
	(void)!setpriority(PRIO_PROCESS, 0, 0);
	memset(all, 0xff, sizeof all);
	(void)!syscall(SYS_sched_setaffinity, 0, sizeof all, all);
}

static void reset_oom(void)
{
	vst_auto_fd fd = proc_open("self/oom_score_adj", O_WRONLY);

	if (fd >= 0)
		(void)!write(fd, "0", 1);
}

int inherited_reset(struct vst_err *err)
{
	int bits;

	/* x86 alone has this: without it a look at the clock is a SIGSEGV. */
	(void)prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
	bits = prctl(PR_GET_SECUREBITS, 0, 0, 0, 0);
	if (bits != 0)
		return vst_fail(err, VST_EXIT_DENIED, bits < 0 ? errno : 0,
			"securebits are set, under which a program with more rights than its caller does not run: start it without");
	if (prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0 ||
		prctl(PR_SET_TIMERSLACK, TIMER_SLACK_NS, 0, 0, 0) < 0 ||
		personality(PER_LINUX) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "reset what was inherited");
	reset_scheduling();
	reset_oom();
	return 0;
}
