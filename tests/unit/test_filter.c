/* SPDX-License-Identifier: Apache-2.0 */
/* The parent's filter, in children: what it lets through, what it answers, what it kills. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "emulated.h"
#include "privileged/kernel/kernel_ns.h"
#include "privileged/self/filter.h"

static struct vst_err err;

/* cmocka catches these, in its children as well: there they end the process, as anywhere else.
 */
static void uncaught(void)
{
	static const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS};

	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		signal(signals[i], SIG_DFL);
}

/* Runs act in a child, behind the filter or without it; returns its wait status. */
static int in_child(int (*act)(void), int filtered)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		uncaught();
		_exit(filtered && filter_load(&err) < 0 ? 200 : act() % 200);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int behind(int (*act)(void))
{
	return in_child(act, 1);
}

#define WANT(condition)                                                                        \
	do                                                                                     \
		if (!(condition))                                                              \
			return __LINE__;                                                       \
	while (0)

static int act_answers(void)
{
	char *none[] = {NULL};
	int self = kernel_pidfd_open(getpid());
	struct rlimit limit;
	siginfo_t info;

	WANT(prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	WANT(openat(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
	WANT(geteuid() < (uid_t)-4095 && getpid() > 1);
	/* Not listed, and listed with other arguments. */
	WANT(syscall(SYS_mount, "", "/nowhere", "", 0, none) == -1 && errno == ENOSYS);
	WANT(syscall(SYS_chroot, "/") == -1 && errno == ENOSYS);
	WANT(syscall(SYS_kill, getpid(), 0) == -1 && errno == ENOSYS);
	WANT(socket(AF_INET, SOCK_DGRAM, 0) == -1 && errno == ENOSYS);
	WANT(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0);
	WANT(ioctl(0, 0x5412 /* TIOCSTI */, "x") == -1 && errno == ENOSYS);
	WANT(prctl(PR_SET_SECCOMP, 0, 0, 0, 0) == -1 && errno == ENOSYS);
	WANT(ioctl(0, NS_GET_NSTYPE) == -1 && errno != ENOSYS);
	/* For the parser alone, and for ourselves alone. */
	WANT(self >= 0);
	WANT(waitid(P_PIDFD, (id_t)self, &info, WEXITED | WNOHANG) == -1 && errno == ECHILD);
	WANT(waitid(P_PID, (id_t)getpid(), &info, WEXITED) == -1 && errno == ENOSYS);
	WANT(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ENOSYS);
	WANT(syscall(SYS_pidfd_send_signal, -1, SIGKILL, NULL, 0) == -1 && errno == EBADF);
	WANT(syscall(SYS_pidfd_send_signal, self, 0, NULL, 0) == -1 && errno == ENOSYS);
	WANT(syscall(SYS_pidfd_send_signal, self, SIGTERM, NULL, 0) == -1 && errno == ENOSYS);
	/* Nothing was stopped. */
	WANT(syscall(SYS_restart_syscall) == -1 && errno == EINTR);
	WANT(prlimit(0, RLIMIT_NOFILE, NULL, &limit) == 0);
	WANT(prlimit(1, RLIMIT_NOFILE, NULL, &limit) == -1 && errno == ENOSYS);
	/* The comparison is of the 32 bits that the kernel looks at, and of all of them. */
	WANT(syscall(SYS_socket, 1UL << 32 | AF_NETLINK, SOCK_RAW, 0) >= 0);
	WANT(syscall(SYS_socket, 1UL << 32 | AF_INET, SOCK_DGRAM, 0) == -1 && errno == ENOSYS);
	WANT(syscall(SYS_socket, 1UL << 31 | AF_NETLINK, SOCK_RAW, 0) == -1 && errno == ENOSYS);
	WANT(syscall(SYS_ioctl, 0, (long)(int)NS_GET_MNTNS_ID, none) == -1 && errno != ENOSYS);
	return 0;
}

static void answers(void **state)
{
	int status;

	(void)state;
	if (qemu_lacks("seccomp"))
		skip();
	status = behind(act_answers);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("line %d (modulo 200), status %#x", WEXITSTATUS(status), status);
}

static long killed_nr;

static int act_killed(void)
{
	syscall((int)killed_nr, 0, 0, 0, 0, 0, 0);
	return 1;
}

static void kills(void **state)
{
	static const int numbers[] = {
		SYS_execve,
		SYS_execveat,
		SYS_clone3,
		SYS_bpf,
		SYS_io_uring_setup,
		SYS_io_uring_enter,
		SYS_io_uring_register,
		SYS_process_vm_writev,
		SYS_pidfd_getfd,
		SYS_userfaultfd,
		SYS_perf_event_open,
		SYS_init_module,
		SYS_finit_module,
		SYS_kexec_load,
		SYS_kexec_file_load,
#ifndef VST_INSTRUMENTED
		SYS_clone,
		SYS_ptrace,
		SYS_process_vm_readv,
#endif
#ifdef SYS_fork
		SYS_fork,
		SYS_vfork,
#endif
#ifdef __x86_64__
		0x40000000 | SYS_getpid /* x32 */,
#endif
	};

	(void)state;
	if (qemu_lacks("seccomp"))
		skip();
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int status;

		killed_nr = numbers[i];
		status = behind(act_killed);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("call %d: status %#x", numbers[i], status);
	}
}

#ifdef __x86_64__
/* getpid by the 32-bit gate. */
static int act_foreign(void)
{
	long ret;

	/* clang-format off */
	__asm__ volatile("int $0x80" : "=a"(ret) : "0"(20L) : "memory", "r8", "r9", "r10", "r11");
	/* clang-format on */
	return ret > 0 ? 2 : 3;
}

static void foreign(void **state)
{
	int without = in_child(act_foreign, 0), status;

	(void)state;
	/* A kernel without the gate raises SIGSEGV, and so do some hypervisors, whatever the
	 * kernel has. A process that no filter holds tells. */
	if (WIFSIGNALED(without) && WTERMSIG(without) == SIGSEGV) {
		print_message("# kernel: no 32-bit system calls\n");
		skip();
	}
	assert_true(WIFEXITED(without) && WEXITSTATUS(without) == 2);
	status = behind(act_foreign);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers),
		cmocka_unit_test(kills),
#ifdef __x86_64__
		cmocka_unit_test(foreign),
#endif
	};

	return cmocka_run_group_tests_name("filter", tests, NULL, NULL);
}
