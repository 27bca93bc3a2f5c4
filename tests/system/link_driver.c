/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the executor of links alone, with a journal on disk, so that each half of its work can
 * be tried by itself. "Here" is the namespace it is started in.
 *
 *   link_driver DIR NETNS do STEP...   veth:NAME[:PEER] there:NAME:KIND here:NAME:KIND
 * move:NAME port:NAME:BRIDGE link_driver DIR NETNS undo         takes back every run, newest
 * first link_driver DIR NETNS present      says of every record whether its link is there
 *
 * DIR holds the journal. A failing step is not taken back: `undo` does that. NETNS "gone" is a
 * namespace that is no more. By linking with --wrap=sendto,--wrap=getrandom:
 *
 *   LINK_DRIVER_KILL=N     ends the process just before its Nth request
 *   LINK_DRIVER_AFTER=N    ends it just after the Nth request, its answer unread
 *   LINK_DRIVER_FAIL=N     fails the Nth request, which is not sent
 *   LINK_DRIVER_BEFORE=COMMAND   has the shell do it before each request, or, where there is
 *   LINK_DRIVER_WHEN=N           before the Nth alone
 *   LINK_DRIVER_UID=N COUNT=N TOTAL=N SHARED=1   of a port: whose it is (1000), and what is
 *                          granted (4, 512, not shared)
 *   LINK_DRIVER_IFINDEX=N  every draw of ifindexes gives N, and N + 1 for the peer
 *   LINK_DRIVER_PEER=N     the first N draws name a pair's peer vsp12345678
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../../policy/plan.h"
#include "../../privileged/link/exec_link.h"
#include "../../privileged/link/exec_link_undo.h"
#include "../../privileged/link/exec_port.h"
#include "../../privileged/link/link_back.h"
#include "../../privileged/link/link_id.h"

#define STEPS_MAX 256
#define KILLED 99

ssize_t __real_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len);
ssize_t __real_getrandom(void *ret, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *ret, size_t len, unsigned flags);

static int number_of(const char *variable)
{
	const char *text = getenv(variable);

	return text ? atoi(text) : 0;
}

static unsigned number_or(const char *variable, unsigned otherwise)
{
	return getenv(variable) ? (unsigned)number_of(variable) : otherwise;
}

/* As the root there may, at any time. */
static void interfere(int request)
{
	const char *command = getenv("LINK_DRIVER_BEFORE");
	int when = number_of("LINK_DRIVER_WHEN");

	if (command && (!when || when == request) && system(command) < 0)
		_exit(2);
}

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *to, socklen_t to_len)
{
	static int requests;
	ssize_t sent;

	requests++;
	if (requests == number_of("LINK_DRIVER_KILL"))
		_exit(KILLED);
	interfere(requests);
	if (requests == number_of("LINK_DRIVER_FAIL")) {
		errno = ENOMEM;
		return -1;
	}
	sent = __real_sendto(fd, bytes, len, flags, to, to_len);
	if (requests == number_of("LINK_DRIVER_AFTER"))
		_exit(KILLED);
	return sent;
}

/* What becomes LINK_NUMBER_MIN + x is drawn as x. */
ssize_t __wrap_getrandom(void *ret, size_t len, unsigned flags)
{
	static int draws;
	int ifindex = number_of("LINK_DRIVER_IFINDEX");
	ssize_t n = __real_getrandom(ret, len, flags);
	struct link_id *id = ret;

	if (len == sizeof *id && draws++ < number_of("LINK_DRIVER_PEER"))
		id->cookie = 0x1234567800000000u | (uint32_t)id->cookie;

	if (ifindex && len == sizeof *id) {
		id->ifindex[0] = (uint32_t)ifindex - LINK_NUMBER_MIN;
		id->ifindex[1] = (uint32_t)ifindex + 1 - LINK_NUMBER_MIN;
	}
	return n;
}

struct driver {
	struct journal journal;
	struct exec_run run;
	struct plan_allowed allowed;
	struct step steps[STEPS_MAX];
	uint8_t outcome[STEPS_MAX];
	uint32_t on[STEPS_MAX]; /* a port's bridge; 0: no port */
	struct grant_port granted;
	char bytes[16384];
	uint32_t used;
	int own_fd;
	struct nets nets; /* for what was done before */
};

static int die(const struct vst_err *err)
{
	printf("error %d: %s\n", err->exit, err->text);
	return err->exit;
}

static uint32_t store(struct driver *d, const char *text)
{
	uint32_t at = d->used;

	if (!text)
		return 0;
	d->used += (uint32_t)strlen(strcpy(d->bytes + at, text)) + 1;
	return at;
}

static int add_step(struct driver *d, char *text)
{
	char *kind = strtok(text, ":"), *name = strtok(NULL, ":"), *other = strtok(NULL, ":");
	struct step *step = &d->steps[d->allowed.n_steps++];
	struct nl_link link;
	struct vst_err err;

	step->kind =
		(uint8_t)(strcmp(kind, "veth") == 0 || strcmp(kind, "port") == 0 ? STEP_VETH
			  : strcmp(kind, "there") == 0 ? STEP_LINK_THERE
			  : strcmp(kind, "here") == 0  ? STEP_LINK_HERE
						       : STEP_LINK_MOVE);
	step->link.name = store(d, name);
	if (strcmp(kind, "port") == 0)
		d->on[step - d->steps] = store(d, other);
	else if (step->kind == STEP_VETH)
		step->link.peer = store(d, other);
	else
		step->link.kind = store(d, other);
	if (step->kind == STEP_LINK_MOVE) {
		if (nl_get_by_name(d->run.here, name, &link, &err) != 1)
			return -1;
		step->link.ifindex = link.ifindex;
	}
	return 0;
}

static int run_step(struct driver *d, uint32_t i, struct vst_err *err)
{
	switch ((int)d->steps[i].kind) {
	case STEP_VETH:
		if (d->on[i])
			return exec_port(
				&d->allowed, i, d->bytes + d->on[i], &d->granted, &d->run, err);
		return exec_link_veth(&d->allowed, i, &d->run, err);
	case STEP_LINK_THERE:
		return exec_link_there(&d->allowed, i, &d->run, err);
	case STEP_LINK_HERE:
		return exec_link_here(&d->allowed, i, &d->run, err);
	default:
		return exec_link_move(&d->allowed, i, &d->run, err);
	}
}

static int act(struct driver *d, char **texts)
{
	struct rec_run run = {.verb = PLAN_ATTACH};
	struct vst_err err;
	size_t space = 0;

	for (; *texts; texts++) {
		if (add_step(d, *texts) < 0) {
			printf("no such interface\n");
			return 1;
		}
		space += d->on[d->allowed.n_steps - 1]
				 ? exec_port_space(&d->granted)
				 : exec_link_space(d->steps[d->allowed.n_steps - 1].kind);
	}
	if (journal_begin(&d->journal, &run, space, &err) < 0)
		return die(&err);
	for (uint32_t i = 0; i < d->allowed.n_steps; i++) {
		if (run_step(d, i, &err) < 0)
			return die(&err);
		printf("%s%s%s\n", d->bytes + d->steps[i].link.name,
			d->outcome[i] & EXEC_CREATED ? " created" : "",
			d->outcome[i] & EXEC_MOVED ? " moved" : "");
	}
	journal_end(&d->journal, JOURNAL_DONE);
	return 0;
}

static const char *name_of(const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_LINK ? ((const struct rec_link *)rec->body)->name
					 : ((const struct rec_move *)rec->body)->name;
}

static int undo_one(struct driver *d, const struct journal_rec *rec, struct vst_err *err)
{
	if (rec->kind == JOURNAL_LINK)
		return exec_link_undo(&d->nets, rec, err);
	return link_back(&d->nets, &d->journal, rec, err);
}

static int take_back(struct driver *d)
{
	int left = 0;

	for (uint32_t at = journal_last(&d->journal); at; at = journal_prev(&d->journal, at)) {
		struct journal_rec rec;
		struct vst_err err;
		int result;

		journal_read(&d->journal, at, &rec);
		if (rec.kind == JOURNAL_RUN) {
			d->journal.run = at;
			if (!left)
				journal_end(&d->journal, JOURNAL_UNDONE);
			continue;
		}
		if (rec.state == JOURNAL_UNDONE)
			continue;
		result = undo_one(d, &rec, &err);
		if (result == UNDO_DONE) {
			journal_undone(&d->journal, at);
			printf("undone %s\n", name_of(&rec));
			continue;
		}
		if (result == UNDO_OTHERWISE) {
			journal_undone(&d->journal, at);
			printf("otherwise %s: %s\n", name_of(&rec), err.text);
			continue;
		}
		printf("%s %s: %s\n", result < 0 ? "failed" : "left", name_of(&rec), err.text);
		left++;
	}
	return left ? 5 : 0;
}

static int look(struct driver *d)
{
	for (uint32_t at = journal_first(&d->journal); at; at = journal_next(&d->journal, at)) {
		struct journal_rec rec;
		struct vst_err err;

		journal_read(&d->journal, at, &rec);
		if (rec.kind != JOURNAL_RUN)
			printf("%s %d\n", name_of(&rec),
				exec_link_present(&d->nets, &d->journal, &rec, &err));
	}
	return 0;
}

/* As nets.c finds them. */
static int find_nets(struct driver *d, struct vst_err *err)
{
	const struct ns_fact *net = &d->allowed.ns[VST_NS_NET];

	d->nets = NETS_NONE;
	d->nets.here = d->run.here;
	d->nets.there = d->run.there;
	d->nets.ns_here = d->own_fd;
	d->nets.ns_there = net->fd;
	d->nets.is = net->is_own ? NETS_OURS : net->fd < 0 ? NETS_GONE : NETS_OPEN;
	if (d->nets.is != NETS_OPEN)
		return 0;
	if (!d->run.there)
		d->nets.is = NETS_ALIVE;
	return nl_nsid_give(d->run.here, net->fd, 0x40000001, &d->nets.nsid, err);
}

static int start(struct driver *d, const char *dir, const char *netns, struct vst_err *err)
{
	static const struct journal_key key = {
		.bundle_dev = 1, .bundle_ino = 2, .mntns_ino = 3};
	struct ns_fact *net = &d->allowed.ns[VST_NS_NET];
	int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat own, there = {0};

	d->own_fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	d->run.own_net_fd = d->own_fd;
	net->fd = strcmp(netns, "gone") == 0 ? -1 : open(netns, O_RDONLY | O_CLOEXEC);
	if (dir_fd < 0 || d->own_fd < 0 || fstat(d->own_fd, &own) < 0 ||
		(net->fd >= 0 && fstat(net->fd, &there) < 0))
		return vst_fail(err, VST_EXIT_USAGE, errno, "open %s, %s", dir, netns);
	net->is_own = own.st_ino == there.st_ino;
	if (nl_open(&d->run.here, err) < 0)
		return -1;
	/* Without CAP_SYS_ADMIN there is no socket there. */
	if (net->fd >= 0 && !net->is_own && !getenv("LINK_DRIVER_NO_SOCKET") &&
		nl_open_there(net->fd, d->own_fd, &d->run.there, err) < 0)
		return -1;
	return journal_open(&d->journal, dir_fd, &key, "/bundle", err);
}

int main(int argc, char **argv)
{
	static struct driver d;
	struct vst_err err;
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 4)
		return 2;
	d.allowed.bytes = d.bytes;
	d.allowed.steps = d.steps;
	d.used = 1;
	d.journal.fd = -1;
	d.run.journal = &d.journal;
	d.run.outcome = d.outcome;
	d.run.target_pid = 4711;
	d.allowed.caller_uid = number_or("LINK_DRIVER_UID", 1000);
	d.granted = (struct grant_port){.count = (uint16_t)number_or("COUNT", 4),
		.total = (uint16_t)number_or("TOTAL", 512),
		.is_shared = (uint8_t)number_or("SHARED", 0)};
	if (start(&d, argv[1], argv[2], &err) < 0 ||
		(strcmp(argv[3], "do") != 0 && find_nets(&d, &err) < 0))
		return die(&err);
	status = strcmp(argv[3], "do") == 0     ? act(&d, argv + 4)
		 : strcmp(argv[3], "undo") == 0 ? take_back(&d)
						: look(&d);
	journal_close(&d.journal);
	return status;
}
