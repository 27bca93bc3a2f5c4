/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that a hostile parser can send, and every way it can end. A child plays the
 * parser. It must be refused, be gone and reaped, and leave no descriptor behind. The clock is
 * the test's: it advances only while collect waits for nothing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "ipc/fd.h"
#include "ipc/limits.h"
#include "ipc/op.h"
#include "no_rights.h"
#include "privileged/kernel/kernel_ns.h"
#include "privileged/seam/collect.h"

static struct world {
	int64_t now_ms;
	int waited_ms;  /* Sum of all waits in which nothing happened. */
	int is_stalled; /* All waits but the first (for a message) time out. */
	int n_waits;
	int go_fd;         /* Its other end tells the child to go on; 0: none. */
	int interrupted;   /* How many waits a signal ends, after a second each. */
	int poll_errno;    /* Of the next call. */
	int receive_errno; /* Of the next call. */
	int waitid_errno;  /* Of the next call. */
	int has_no_status; /* waitid() finds no status in the next call. */
	int saw_kill;      /* spawn_end() waited for the killed child. */
	pid_t child;
} world;

static struct wire_msg said;
static struct vst_err err;

int __real_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __real_recvmsg(int sock, struct msghdr *msg, int flags);
int __real_waitid(idtype_t type, id_t id, siginfo_t *info, int options);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	*ret = (struct timespec){world.now_ms / 1000, world.now_ms % 1000 * 1000000};
	return 0;
}

static void let_go(void)
{
	if (write(world.go_fd, "", 1) != 1)
		fail_msg("the child is gone");
	world.go_fd = 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	int interrupts = world.interrupted > 0;

	/* spawn_end() polls the pidfd alone, after SIGKILL. */
	if (n == 1) {
		world.saw_kill = 1;
		assert_int_equal(__real_poll(fds, n, 60000), 1);
		return 1;
	}
	assert_true(timeout > 0);
	errno = world.poll_errno;
	if (world.poll_errno)
		return -1;
	if (world.go_fd && world.n_waits++ > 0)
		let_go();
	if (!interrupts && (!world.is_stalled || world.n_waits++ == 0))
		return __real_poll(fds, n, 60000);
	world.interrupted -= interrupts;
	world.waited_ms += interrupts ? 1000 : timeout;
	world.now_ms += interrupts ? 1000 : timeout;
	errno = EINTR;
	return interrupts ? -1 : 0;
}

/* What an instrumented build calls. */
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t len);
int __wrap___poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t len)
{
	assert_true(len >= n * sizeof *fds);
	return __wrap_poll(fds, n, timeout);
}

ssize_t __wrap_recvmsg(int sock, struct msghdr *msg, int flags);
ssize_t __wrap_recvmsg(int sock, struct msghdr *msg, int flags)
{
	errno = world.receive_errno;
	world.receive_errno = 0;
	assert_true(flags & MSG_DONTWAIT);
	/* The kernel finds the queue empty; then the last message and the end come; then it
	 * looks for the end. */
	if (world.go_fd &&
		__real_poll(&(struct pollfd){.fd = sock, .events = POLLIN}, 1, 0) == 0) {
		let_go();
		assert_int_equal(__real_poll(&(struct pollfd){.fd = sock, .events = POLLRDHUP},
					 1, 60000),
			1);
		msg->msg_flags = 0;
		return 0;
	}
	return errno ? -1 : __real_recvmsg(sock, msg, flags);
}

int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options);
int __wrap_waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	errno = world.waitid_errno;
	world.waitid_errno = 0;
	if (errno)
		return -1;
	if (world.has_no_status) {
		world.has_no_status = 0;
		return 0;
	}
	assert_true(options & WNOHANG);
	return __real_waitid(type, id, info, options);
}

static int n_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Plays the parser: sends on the socket, and returns the exit status. */
typedef int saying(int sock, int how);

static pid_t start_child(saying *say, int how, struct spawned *ret)
{
	int pair[2];
	pid_t child;

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(pair[0]);
		_exit(say(pair[1], how));
	}
	close(pair[1]);
	*ret = (struct spawned){kernel_pidfd_open(child), pair[0]};
	assert_true(ret->pidfd >= 0);
	return child;
}

/* Collects from such a child. In any case it is gone afterwards, and its descriptors are
 * closed. */
static int collected(saying *say, int how)
{
	struct spawned spawned;
	int before = n_fds(), result;

	said = (struct wire_msg){.n_messages = 4711};
	world.child = start_child(say, how, &spawned);
	result = collect(&spawned, &said, &err);
	assert_int_equal(spawned.pidfd, -1);
	assert_int_equal(spawned.sock, -1);
	assert_int_equal(n_fds(), before);
	assert_int_equal(waitpid(world.child, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
	if (result < 0)
		assert_int_equal(said.n_messages, 4711);
	return result;
}

static void refused(saying *say, int how, enum vst_exit exit, const char *words)
{
	assert_int_equal(collected(say, how), -1);
	assert_int_equal(err.exit, exit);
	if (!strstr(err.text, words))
		fail_msg("\"%s\" is not in \"%s\"", words, err.text);
}

static int start(void **state)
{
	(void)state;
	world = (struct world){.now_ms = 1000};
	return 0;
}

static void put(int sock, const void *bytes, size_t len)
{
	if (send(sock, bytes, len, MSG_NOSIGNAL) != (ssize_t)len)
		_exit(99);
}

static int say_two(int sock, int status)
{
	put(sock, "abc", 3);
	put(sock, "de", 2);
	return status;
}

static int say_nothing(int sock, int status)
{
	(void)sock;
	return status;
}

static void whole(void **state)
{
	const uint32_t lens[] = {3, 2};

	(void)state;
	assert_int_equal(collected(say_two, 0), 0);
	assert_int_equal(said.n_messages, 2);
	assert_int_equal(said.len, sizeof lens + 5);
	assert_memory_equal(said.bytes, &lens[0], 4);
	assert_memory_equal(said.bytes + 4, "abc", 3);
	assert_memory_equal(said.bytes + 7, &lens[1], 4);
	assert_memory_equal(said.bytes + 11, "de", 2);
	/* Sending nothing is for validate to judge. The earlier messages are forgotten. */
	assert_int_equal(collected(say_nothing, 0), 0);
	assert_int_equal(said.n_messages, 0);
	assert_int_equal(said.len, 0);
}

static int say_later(int sock, int go_fd)
{
	char byte;

	put(sock, "abc", 3);
	if (read(go_fd, &byte, 1) != 1)
		return 99;
	put(sock, "de", 2);
	return 0;
}

/* A last message that comes, with the end, while an empty queue is looked at is not lost. */
static void late(void **state)
{
	int go[2];

	(void)state;
	assert_int_equal(pipe(go), 0);
	world.go_fd = go[1];
	if (collected(say_later, go[0]) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(said.n_messages, 2);
	close(go[0]);
	close(go[1]);
}

static int die(int sock, int sig)
{
	put(sock, "abc", 3);
	kill(getpid(), sig);
	return 99;
}

/* Only exit status 0 is success. */
static void statuses(void **state)
{
	static const struct {
		int status;
		const char *sentence;
	} parts[] = {
#define VST_CONFINE(name, number, sentence) {number, sentence},
#include "ipc/confine_parts.def"
#undef VST_CONFINE
	};

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		refused(say_two, parts[i].status, VST_EXIT_UNSUPPORTED, parts[i].sentence);
	refused(say_two, VST_PARSER_INTERNAL, VST_EXIT_INVALID, "ended with status 1");
	refused(say_two, 63, VST_EXIT_INVALID, "ended with status 63");
	refused(say_two, 76, VST_EXIT_INVALID, "ended with status 76");
	refused(say_two, 255, VST_EXIT_INVALID, "ended with status 255");
	refused(die, SIGKILL, VST_EXIT_INVALID, "killed by signal 9");
	refused(die, SIGXCPU, VST_EXIT_INVALID, "killed by signal 24");
}

static unsigned char much[VST_MSG_MAX + 1];

static int say_one(int sock, int len)
{
	put(sock, much, (size_t)len);
	return 0;
}

static int say_many(int sock, int n)
{
	for (int i = 0; i < n; i++)
		put(sock, "x", 1);
	return 0;
}

/* Sends the most bytes allowed in all, and `more`. */
static int say_all(int sock, int more)
{
	for (int i = 0; i < VST_WIRE_MAX / VST_MSG_MAX; i++)
		put(sock, much, VST_MSG_MAX);
	if (more)
		put(sock, much, (size_t)more);
	return 0;
}

static void bounds(void **state)
{
	(void)state;
	assert_int_equal(collected(say_one, VST_MSG_MAX), 0);
	assert_int_equal(said.len, sizeof(uint32_t) + VST_MSG_MAX);
	refused(say_one, VST_MSG_MAX + 1, VST_EXIT_INVALID, "it sent too much");
	assert_int_equal(collected(say_many, VST_MSGS_MAX), 0);
	assert_int_equal(said.n_messages, VST_MSGS_MAX);
	refused(say_many, VST_MSGS_MAX + 1, VST_EXIT_INVALID, "it sent too much");
	assert_int_equal(collected(say_all, 0), 0);
	assert_int_equal(
		said.len, VST_WIRE_MAX + VST_WIRE_MAX / VST_MSG_MAX * sizeof(uint32_t));
	refused(say_all, 1, VST_EXIT_INVALID, "it sent too much");
}

static int say_for_ever(int sock, int zero)
{
	while (zero == 0)
		put(sock, much, 1);
	return 99;
}

/* It is refused while it still sends. */
static void for_ever(void **state)
{
	(void)state;
	refused(say_for_ever, 0, VST_EXIT_INVALID, "it sent too much");
	assert_true(world.saw_kill);
}

/* Sends n descriptors along with a message. */
static int send_fds(int sock, int n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control = {.room = {0}};
	struct iovec iov = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	for (int i = 0; i < n; i++)
		memcpy(CMSG_DATA(&control.head) + (size_t)i * sizeof(int), &sock, sizeof sock);
	msg.msg_control = &control;
	msg.msg_controllen = CMSG_SPACE((size_t)n * sizeof(int));
	return sendmsg(sock, &msg, MSG_NOSIGNAL) == 1 ? 0 : 99;
}

static void descriptors(void **state)
{
	(void)state;
	refused(send_fds, 1, VST_EXIT_INVALID, "it sent more than bytes");
	refused(send_fds, 8, VST_EXIT_INVALID, "it sent more than bytes");
}

static int hang(int sock, int closes)
{
	put(sock, "abc", 3);
	if (closes)
		close(sock);
	while (pause() < 0)
		continue;
	return 99;
}

static void never_ends(void **state)
{
	(void)state;
	for (int closes = 0; closes < 2; closes++) {
		start(NULL);
		world.is_stalled = 1;
		refused(hang, closes, VST_EXIT_INVALID, "did not end within 3500 ms");
		assert_int_equal(world.waited_ms, VST_COLLECT_TIMEOUT_MS);
		assert_true(world.saw_kill);
	}
	/* Signals do not extend the deadline. */
	start(NULL);
	world.interrupted = 100;
	refused(hang, 0, VST_EXIT_INVALID, "did not end within 3500 ms");
	assert_int_equal(world.interrupted, 96);
	/* Signals alone are no failure. */
	start(NULL);
	world.interrupted = 3;
	assert_int_equal(collected(say_two, 0), 0);
	assert_int_equal(said.n_messages, 2);
}

/* A grandchild keeps the socket open after the parser's end, until we close ours. */
static int leave_open(int sock, int says_end)
{
	pid_t other = fork();

	if (other < 0)
		return 99;
	if (other == 0) {
		struct pollfd end = {.fd = sock, .events = 0};

		__real_poll(&end, 1, -1);
		_exit(0);
	}
	put(sock, "abc", says_end ? 0 : 3);
	return 0;
}

static int go_on(int sock, int len)
{
	put(sock, "abc", 3);
	put(sock, "", 0);
	if (len)
		put(sock, "abc", (size_t)len);
	return 0;
}

static void its_end(void **state)
{
	(void)state;
	refused(leave_open, 0, VST_EXIT_INVALID, "its socket is still open");
	refused(leave_open, 1, VST_EXIT_INVALID, "its socket is still open");
	refused(go_on, 3, VST_EXIT_INVALID, "it went on after the end");
	/* An empty message counts as the end, and nothing follows it. */
	assert_int_equal(collected(go_on, 0), 0);
	assert_int_equal(said.n_messages, 1);
}

/* A failing system call is VST_EXIT_FAILED, not a fault of the parser. */
static void no_answer(void **state)
{
	(void)state;
	world.poll_errno = ENOMEM;
	refused(say_two, 0, VST_EXIT_FAILED, "wait for the parser");
	start(NULL);
	world.receive_errno = EIO;
	refused(say_two, 0, VST_EXIT_FAILED, "receive from the parser");
	start(NULL);
	world.waitid_errno = EINVAL;
	refused(say_two, 0, VST_EXIT_FAILED, "learn how the parser ended");
	start(NULL);
	world.has_no_status = 1;
	refused(say_two, 0, VST_EXIT_FAILED, "has no status");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(whole, start),
		cmocka_unit_test_setup(late, start),
		cmocka_unit_test_setup(statuses, start),
		cmocka_unit_test_setup(bounds, start),
		cmocka_unit_test_setup(for_ever, start),
		cmocka_unit_test_setup(descriptors, start),
		cmocka_unit_test_setup(never_ends, start),
		cmocka_unit_test_setup(its_end, start),
		cmocka_unit_test_setup(no_answer, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
