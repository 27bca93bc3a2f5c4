/* SPDX-License-Identifier: Apache-2.0 */
/* The parser's start: what the parser is given, and the result when any system call on the way
 * fails. This program is also the parser: started by that name, it checks what it was given.
 * Calls that depend on the rights of whoever runs the test are answered by the test. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "emulated.h"
#include "ipc/fd.h"
#include "ipc/op.h"
#include "no_rights.h"
#include "privileged/kernel/kernel_call.h"
#include "privileged/seam/spawn.h"

#define NOBODY 65534
#define BOTH (1U << CAP_SETUID | 1U << CAP_SETGID)
#define ANY (-1)

/* What the kernel answers. The child gets a copy. */
static struct world {
	long call; /* Fails with `code` in the child, or lies about what was set. */
	int arg;   /* Only with this first argument. */
	int code;
	int lies;
	int in_parent; /* `call` fails in the parent instead. */
	uint32_t caps; /* The parent's effective ones. */
	uint32_t file_uid;
	int shutdown_errno;
	int is_stuck; /* A killed child does not end in time. */
} world;

/* The child's calls, in shared memory. */
struct seen {
	char order[256];
};
static struct seen *seen;

static struct vst_err err;
static struct caller caller;
static pid_t parent;
static char self[4096];
static char dir[] = "/tmp/vestibule-spawn.XXXXXX";
static int doc = -1;

long __real_syscall(long number, ...);
int __real_fstat(int fd, struct stat *st);
int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
int __real_shutdown(int sock, int how);

int __wrap_fstat(int fd, struct stat *st);
int __wrap_fstat(int fd, struct stat *st)
{
	int result = __real_fstat(fd, st);

	st->st_uid = world.file_uid;
	return result;
}

int __wrap_shutdown(int sock, int how);
int __wrap_shutdown(int sock, int how)
{
	errno = world.shutdown_errno;
	return errno ? -1 : __real_shutdown(sock, how);
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	assert_true(timeout > 0 && timeout <= 1000);
	return world.is_stuck ? 0 : __real_poll(fds, n, 60000);
}

static void note(long number, int arg)
{
	static const struct {
		long number;
		int arg;
		const char *name;
	} names[] = {
		{SYS_close_range, ANY, "close "},
		{SYS_rt_sigprocmask, ANY, "mask "},
		{SYS_prctl, PR_SET_NO_NEW_PRIVS, "nnp "},
		{SYS_setgroups, ANY, "groups "},
		{SYS_setresgid, ANY, "gid "},
		{SYS_setresuid, ANY, "uid "},
		{SYS_capset, ANY, "caps "},
		{SYS_prctl, PR_SET_DUMPABLE, "dumpable "},
		{SYS_execveat, ANY, "exec "},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].number == number && (names[i].arg == ANY || names[i].arg == arg))
			strcat(seen->order, names[i].name);
}

/* Answers calls that depend on, or tell, the parent's rights. */
static int is_answered(long number, const long arg[6], long *ret)
{
	const int lies = world.lies && world.call == number;

	*ret = 0;
	if (number == SYS_capget) {
		struct __user_cap_data_struct *data = (void *)arg[1];

		memset(data, 0, 2 * sizeof *data);
		data[0].effective = getpid() == parent ? world.caps : 0;
		data[1].inheritable = (uint32_t)lies;
	} else if (number == SYS_getresuid || number == SYS_getresgid) {
		/* The saved id is still the old one. */
		for (int i = 0; i < 3; i++)
			*(uint32_t *)arg[i] = i == 2 && lies ? 0 : NOBODY;
	} else if (number == SYS_getgroups) {
		*ret = lies;
	} else if (number == SYS_setresuid || number == SYS_setresgid) {
		*ret = arg[0] == NOBODY && arg[1] == NOBODY && arg[2] == NOBODY ? 0 : -1;
	} else if (number != SYS_setgroups && number != SYS_capset) {
		return 0;
	}
	return 1;
}

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	const int is_parent = getpid() == parent;
	int is_call;
	long arg[6], result;
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		arg[i] = va_arg(ap, long);
	va_end(ap);
	if (!is_parent)
		note(number, (int)arg[0]);
	is_call = number == world.call && (world.arg == ANY || world.arg == (int)arg[0]) &&
		  world.in_parent == is_parent;
	if (is_call && !world.lies) {
		errno = world.code;
		return -1;
	}
	if (is_answered(number, arg, &result))
		return result;
	result = __real_syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]);
	return is_call ? !result : result;
}

/* Returns the number of the first thing that is not as it should be, 0 if all is. */
static int be_parser(int argc, char **argv)
{
	static const char *const wrong[] = {"\1", "argv", "environment", "document", "socket",
		"descriptors", "no_new_privs", "mask", "SIGPIPE"};
	struct sigaction pipe_act;
	char text[5] = "";
	sigset_t mask;
	int n = 0, type = 0, what = 0;
	socklen_t len = sizeof type;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	if (argc != 3 || strcmp(argv[1], "1") != 0)
		what = 1;
	else if (environ[0])
		what = 2;
	else if (read(0, text, 4) < 2 || text[0] != '{')
		what = 3;
	else if (getsockopt(3, SOL_SOCKET, SO_TYPE, &type, &len) < 0 || type != SOCK_SEQPACKET)
		what = 4;
	else if (n != 2)
		what = 5;
	else if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		what = 6;
	else if (sigprocmask(SIG_SETMASK, NULL, &mask) < 0 || sigismember(&mask, SIGTERM))
		what = 7;
	else if (sigaction(SIGPIPE, NULL, &pipe_act) < 0 || pipe_act.sa_handler != SIG_DFL)
		what = 8;
	if (what == 0 && text[1] == '!')
		while (pause() < 0)
			continue;
	send(3, what ? wrong[what] : argv[2], what ? strlen(wrong[what]) : 1, MSG_NOSIGNAL);
	return what;
}

static int n_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int start(void **state)
{
	(void)state;
	world = (struct world){.arg = ANY, .caps = BOTH};
	caller = (struct caller){.uid = 1000, .parser_uid = NOBODY, .parser_gid = NOBODY};
	memset(seen, 0, sizeof *seen);
	assert_int_equal(lseek(doc, 0, SEEK_SET), 0);
	return 0;
}

/* Returns the child's exit status. */
static int ended(int doc_fd, int strict, char *ret_said)
{
	struct spawned spawned;
	siginfo_t info;
	char said[32] = "";

	if (spawn_parser(self, doc_fd, strict, &caller, &spawned, &err) < 0)
		fail_msg("%s", err.text);
	assert_true(recv(spawned.sock, said, sizeof said - 1, 0) >= 0);
	assert_int_equal(waitid(P_PIDFD, (id_t)spawned.pidfd, &info, WEXITED), 0);
	assert_int_equal(info.si_code, CLD_EXITED);
	spawn_end(&spawned);
	if (ret_said)
		strcpy(ret_said, said);
	return info.si_status;
}

static void begins(int doc_fd, int strict)
{
	char said[32];
	int status = ended(doc_fd, strict, said);

	if (status != 0 || strcmp(said, strict ? "1" : "0") != 0)
		fail_msg("status %d: '%s'", status, said);
	lseek(doc, 0, SEEK_SET);
}

/* The parser's descriptors are right whatever their numbers were here: the document is at each
 * place that is used later, and the parser and the socket at 0 and 3. */
static void given(void **state)
{
	const int before = n_fds(), input = fcntl(0, F_DUPFD, 200),
		  output = fcntl(1, F_DUPFD, 200);

	(void)state;
	if (qemu_lacks("exec of programs of its machine"))
		skip();
	signal(SIGPIPE, SIG_IGN);
	for (int place = 3; place < 8; place++) {
		assert_int_equal(dup2(doc, place), place);
		begins(place, place & 1);
		close(place);
	}
	assert_int_equal(dup2(doc, 0), 0);
	begins(0, 1);
	close(0);
	begins(doc, 1);
	close(1);
	begins(doc, 0);
	signal(SIGPIPE, SIG_DFL);
	dup2(input, 0);
	dup2(output, 1);
	close(input);
	close(output);
	assert_int_equal(n_fds(), before);
}

static void order(void **state)
{
	(void)state;
	if (qemu_lacks("exec of programs of its machine"))
		skip();
	begins(doc, 1);
	assert_string_equal(
		seen->order, "close close mask nnp groups gid uid caps dumpable exec ");
	/* Without both capabilities the ids stay; everything else is the same. */
	for (int i = 0; i < 3; i++) {
		start(NULL);
		world.caps = (const uint32_t[]){0, 1U << CAP_SETUID, 1U << CAP_SETGID}[i];
		begins(doc, 1);
		assert_string_equal(seen->order, "close close mask nnp caps dumpable exec ");
	}
	/* A setgid program with file capabilities gives up its group, which takes none. */
	start(NULL);
	caller.is_caps = 1;
	world.caps = 0;
	begins(doc, 1);
	assert_string_equal(
		seen->order, "close close mask nnp gid uid dumpable caps dumpable exec ");
}

/* Each call fails once. The status names the part, and no further call is made. */
static void each_fails(void **state)
{
	static const struct {
		long call;
		int arg, lies, status;
		const char *last;
	} calls[] = {
		{SYS_fcntl, ANY, 0, VST_PARSER_FDS, ""},
		{SYS_dup3, ANY, 0, VST_PARSER_FDS, ""},
		{SYS_close_range, 1, 0, VST_PARSER_FDS, "close "},
		{SYS_close_range, 5, 0, VST_PARSER_FDS, "close "},
		{SYS_rt_sigaction, ANY, 0, VST_PARSER_INTERNAL, "close "},
		{SYS_rt_sigprocmask, ANY, 0, VST_PARSER_INTERNAL, "mask "},
		{SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, VST_PARSER_NNP, "nnp "},
		{SYS_prctl, PR_GET_NO_NEW_PRIVS, 0, VST_PARSER_NNP, "nnp "},
		{SYS_prctl, PR_GET_NO_NEW_PRIVS, 1, VST_PARSER_NNP, "nnp "},
		{SYS_setgroups, ANY, 0, VST_PARSER_GROUPS, "groups "},
		{SYS_getgroups, ANY, 1, VST_PARSER_GROUPS, "groups "},
		{SYS_setresgid, ANY, 0, VST_PARSER_GID, "gid "},
		{SYS_getresgid, ANY, 0, VST_PARSER_GID, "gid "},
		{SYS_getresgid, ANY, 1, VST_PARSER_GID, "gid "},
		{SYS_setresuid, ANY, 0, VST_PARSER_UID, "uid "},
		{SYS_getresuid, ANY, 0, VST_PARSER_UID, "uid "},
		{SYS_getresuid, ANY, 1, VST_PARSER_UID, "uid "},
		{SYS_capset, ANY, 0, VST_PARSER_CAPS, "caps "},
		{SYS_capget, ANY, 0, VST_PARSER_CAPS, "caps "},
		{SYS_capget, ANY, 1, VST_PARSER_CAPS, "caps "},
		{SYS_prctl, PR_SET_DUMPABLE, 0, VST_PARSER_DUMPABLE, "dumpable "},
		{SYS_prctl, PR_GET_DUMPABLE, 0, VST_PARSER_DUMPABLE, "dumpable "},
		{SYS_prctl, PR_GET_DUMPABLE, 1, VST_PARSER_DUMPABLE, "dumpable "},
		{SYS_execveat, ANY, 0, VST_PARSER_EXEC, "exec "},
	};

	(void)state;
	caller.in_init_userns = 1;
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		size_t len = strlen(calls[i].last);

		memset(seen, 0, sizeof *seen);
		world.call = calls[i].call;
		world.arg = calls[i].arg;
		world.lies = calls[i].lies;
		/* The errnos of an id that is not mapped. In the initial user namespace all
		 * are. */
		world.code = world.call == SYS_setgroups ? EPERM : EINVAL;
		if (ended(doc, 1, NULL) != calls[i].status || strlen(seen->order) < len ||
			strcmp(seen->order + strlen(seen->order) - len, calls[i].last) != 0)
			fail_msg("%zu: order %s", i, seen->order);
	}
}

/* Elsewhere exactly these errnos are accepted, and confinement goes on. */
static void unmapped(void **state)
{
	static const struct {
		long call;
		int code, status;
	} calls[] = {
		{SYS_setgroups, EPERM, 0},
		{SYS_setgroups, EINVAL, VST_PARSER_GROUPS},
		{SYS_setresgid, EINVAL, 0},
		{SYS_setresgid, EPERM, VST_PARSER_GID},
		{SYS_setresuid, EINVAL, 0},
		{SYS_setresuid, EAGAIN, VST_PARSER_UID},
	};

	(void)state;
	if (qemu_lacks("exec of programs of its machine"))
		skip();
	for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
		start(NULL);
		world.call = calls[i].call;
		world.code = calls[i].code;
		assert_int_equal(ended(doc, 1, NULL), calls[i].status);
		if (calls[i].status == 0)
			assert_string_equal(seen->order,
				"close close mask nnp groups gid uid caps dumpable exec ");
	}
}

static void refused(const char *path, enum vst_exit exit, const char *words)
{
	struct spawned spawned = {-7, -7};
	const int before = n_fds();

	assert_int_equal(spawn_parser(path, doc, 1, &caller, &spawned, &err), -1);
	assert_int_equal(err.exit, exit);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
	assert_int_equal(spawned.pidfd, -7);
	assert_int_equal(spawned.sock, -7);
	assert_int_equal(n_fds(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void not_started(void **state)
{
	(void)state;
	world.in_parent = 1;
	world.code = EAGAIN;
	world.call = SYS_clone;
	refused(self, VST_EXIT_DENIED, "the hard limit RLIMIT_NPROC");
	world.code = ENOMEM;
	refused(self, VST_EXIT_FAILED, "start the parser");
	world.call = SYS_capget;
	refused(self, VST_EXIT_FAILED, "read capabilities");
	world.call = 0;
	world.shutdown_errno = ENOTCONN;
	refused(self, VST_EXIT_FAILED, "one-way");
}

/* Which files are accepted as the parser by root, or for a caller with less. */
static void whose(void **state)
{
	char file[64], link[64];
	int fd;

	(void)state;
	snprintf(file, sizeof file, "%s/file", dir);
	snprintf(link, sizeof link, "%s/link", dir);
	refused(file, VST_EXIT_UNSUPPORTED, "is the installation complete?");
	fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(symlink(self, link), 0);
	refused(dir, VST_EXIT_UNSUPPORTED, "is not a regular file");
	refused(link, VST_EXIT_UNSUPPORTED, "is not a regular file");
	caller.has_less = 1;
	world.file_uid = geteuid() + 1;
	refused(file, VST_EXIT_DENIED, "must belong to root");
	world.file_uid = 0;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(chmod(file, i ? 0757 : 0775), 0);
		refused(file, VST_EXIT_DENIED, "must not be writable");
	}
	/* Without borrowed rights any owner is accepted. This file is no program, so exec
	 * fails. */
	caller.has_less = 0;
	world.file_uid = 4711;
	strcpy(self, file);
	assert_int_equal(ended(doc, 1, NULL), VST_PARSER_EXEC);
	unlink(file);
	unlink(link);
}

/* A child that cannot be killed is left behind without waiting. */
static void left_behind(void **state)
{
	const int before = n_fds();
	struct spawned spawned = {-1, -1};
	int again;

	(void)state;
	if (qemu_lacks("exec of programs of its machine"))
		skip();
	spawn_end(&spawned);
	assert_int_equal(n_fds(), before);
	assert_int_equal(pwrite(doc, "{!", 2, 0), 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(lseek(doc, 0, SEEK_SET), 0);
		world.in_parent = world.is_stuck = i;
		world.call = i ? SYS_pidfd_send_signal : 0;
		world.code = EPERM;
		assert_int_equal(spawn_parser(self, doc, 1, &caller, &spawned, &err), 0);
		again = dup(spawned.pidfd);
		spawn_end(&spawned);
		assert_int_equal(spawned.pidfd, -1);
		assert_int_equal(spawned.sock, -1);
		assert_int_equal(n_fds(), before + 1);
		assert_int_equal(waitpid(-1, NULL, WNOHANG), i ? 0 : -1);
		if (i) {
			__real_syscall(SYS_pidfd_send_signal, again, SIGKILL, NULL, 0);
			assert_true(waitpid(-1, NULL, 0) > 0);
		}
		close(again);
	}
	assert_int_equal(pwrite(doc, "{}", 2, 0), 2);
}

static int end_all(void **state)
{
	(void)state;
	rmdir(dir);
	return 0;
}

static int start_all(void **state)
{
	ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);

	(void)state;
	parent = getpid();
	kernel_close_range(3, 1023);
	seen = mmap(
		NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	doc = fcntl(memfd_create("document", 0), F_DUPFD_CLOEXEC, 100);
	close(3);
	if (len < 0 || seen == MAP_FAILED || doc < 0 || write(doc, "{}", 2) != 2)
		return -1;
	return mkdtemp(dir) ? 0 : -1;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(given, start),
		cmocka_unit_test_setup(order, start),
		cmocka_unit_test_setup(each_fails, start),
		cmocka_unit_test_setup(unmapped, start),
		cmocka_unit_test_setup(not_started, start),
		cmocka_unit_test_setup(left_behind, start),
		cmocka_unit_test_setup(whose, start),
	};

	if (strcmp(argv[0], "vestibule-parser") == 0)
		return be_parser(argc, argv);
	return cmocka_run_group_tests(tests, start_all, end_all);
}
