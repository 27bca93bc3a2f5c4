#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "../policy/confirm.h"
#include "execute/execute.h"
#include "journal/state.h"
#include "kernel/kernel_call.h"
#include "ns/ns.h"
#include "resolve/cgroup_mounts.h"
#include "resolve/cover.h"
#include "resolve/lookup.h"
#include "resolve/resolve.h"
#include "seam/collect.h"
#include "seam/parser_path.h"
#include "seam/spawn.h"
#include "self/caps.h"
#include "self/digest.h"
#include "self/filter.h"
#include "self/report.h"
#include "self/startup.h"
#include "undo/held.h"
#include "undo/repair.h"

static struct step steps[PLAN_STEPS_MAX];
static struct step_mount mounts[VST_MOUNTS_MAX];
static struct step_source sources[VST_MOUNT_SOURCES_MAX];
static uint8_t outcomes[PLAN_STEPS_MAX];

/* Whether the command line names anything from where the caller stands. An absolute path is
 * opened by descriptor -1 as well as by any other. */
static int is_relative(const char *path)
{
	return path && path[0] != '/';
}

static int needs_cwd(const struct cli *cli)
{
	return is_relative(cli->bundle) || is_relative(cli->root) ||
	       is_relative(cli->pid_file) || is_relative(cli->expect);
}

int run_start(struct run *run, const struct cli *cli, const struct caller *caller,
	struct vst_err *err)
{
	run->cli = cli;
	run->caller = caller;
	run->bundle.fd = run->bundle.doc_fd = -1;
	run->target.pidfd = -1;
	run->state_fd = -1;
	run->journal.dir_fd = run->journal.fd = -1;
	for (int i = 0; i < VST_NS_COUNT; i++)
		run->ns[i].fd = -1;
	run->exec.journal = &run->journal;
	run->exec.own_net_fd = run->exec.nsid = -1;
	run->exec.outcome = outcomes;
	run->plan.steps = steps;
	run->plan.mounts = mounts;
	run->plan.sources = sources;
	run->cwd_fd = -1;
	if (needs_cwd(cli)) {
		run->cwd_fd = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (run->cwd_fd < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"open the working directory, from which a path is named");
	}
	return cli->expect ? expect_load(cli->expect, run->cwd_fd, &run->expect, err) : 0;
}

int run_open_target(struct run *run, struct vst_err *err)
{
	uint32_t pid = run->cli->pid;

	if (run->cli->pidfd >= 0)
		return process_open_pidfd(run->cli->pidfd, &run->target, err);
	if (run->cli->pid_file &&
		cli_read_pid_file(run->cwd_fd, run->cli->pid_file, &pid, err) < 0)
		return -1;
	return process_open_pid(pid, &run->target, err);
}

static void print_warnings(const struct findings *findings)
{
	char text[256];

	for (unsigned i = 0; i < findings->n_warnings; i++)
		if (validate_sentence(&findings->warnings[i], text, sizeof text) == 0)
			report(REPORT_WARNING, NULL, "%s; it is ignored", text);
}

/* A document that was written to while it was read is not what anybody wrote. */
static int unchanged(int fd, const struct stat *before, struct vst_err *err)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "look at runtime.json again");
	/* The time of modification can be set back, that of change cannot. */
	if (now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
		now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
		now.st_ctim.tv_nsec == before->st_ctim.tv_nsec)
		return 0;
	return vst_fail(err, VST_EXIT_INVALID, 0,
		"runtime.json was changed while it was read; try again when it is complete");
}

int run_limit(uint64_t keep, uint64_t required, enum plan_verb verb, struct vst_err *err)
{
	return caps_limit(keep | repair_capabilities(verb), required, run_verb_name(verb), err);
}

/* What needs no document: the bundle's layout, the process. And the state directory and the
 * journal's key, if both are to be had: what is not, run_lock asks for again, and tells in its
 * turn. */
static int look_ahead(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	struct vst_err ignored;

	if (bundle_look(&run->bundle, err) < 0 ||
		(run->target.pidfd >= 0 && process_judge(&run->target, err) < 0))
		return -1;
	if (verb != PLAN_SHOW &&
		state_look(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			&run->state_path, &ignored) > 0 &&
		state_key(run->state_fd, run->bundle.fd, &run->key, &ignored) < 0)
		vst_fd_close(&run->state_fd);
	return 0;
}

int run_read_document(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	struct spawned spawned = {-1, -1};
	struct wire_msg msg;
	struct findings findings = {.n_warnings = 0};
	const uint64_t keep = verb_capabilities(verb) & ~PARSER_CAPABILITIES;
	struct stat before;

	if (run->bundle.doc_fd < 0)
		return run_confine(keep, verb, err) < 0 ? -1 : look_ahead(run, verb, err);
	if (fstat(run->bundle.doc_fd, &before) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "look at runtime.json");
	if (spawn_parser(parser_path, run->bundle.doc_fd, run->cli->strict, run->caller,
		    &spawned, err) < 0)
		return -1;
	/* While it starts; and before its first byte is looked at. */
	if (run_confine(keep, verb, err) < 0 || look_ahead(run, verb, err) < 0) {
		spawn_end(&spawned);
		return -1;
	}
	if (collect(&spawned, &msg, err) < 0 ||
		validate(&msg, &run->request, &findings, err) < 0 ||
		unchanged(run->bundle.doc_fd, &before, err) < 0)
		return -1;
	vst_fd_close(&run->bundle.doc_fd);
	print_warnings(&findings);
	return 0;
}

int run_build(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	unsigned pins = 2; /* the bundle and "/" */
	unsigned dirs = 0, hierarchies = 0;

	if (verb == PLAN_PREPARE)
		run->bundle.layout.root_is_asked = lookup_root_is_asked(
			&run->request, run->bundle.fd, run->bundle.path, run->caller);
	plan_build(verb, &run->request, &run->bundle.layout, &run->plan);
	for (uint32_t i = 0; i < run->plan.n_steps && dirs < VST_DIRS_MAX; i++)
		if (run->plan.steps[i].kind == STEP_CGROUP)
			hierarchies = HIERARCHIES_MAX;
		else
			dirs++;
	pins += dirs + hierarchies + run->plan.n_sources + run->plan.n_mounts;
	/* How many it really takes is known when all is looked up: run_descriptors. */
	return startup_descriptors_up_to(pins + VST_FDS_RESERVED, err);
}

int run_plan(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	if (run_build(run, verb, err) < 0)
		return -1;
	return admit(&run->plan, run->caller, err);
}

const char *run_verb_name(enum plan_verb verb)
{
	static const char *const names[] = {
		[PLAN_PREPARE] = "prepare",
		[PLAN_ATTACH] = "attach",
		[PLAN_CLEANUP] = "cleanup",
		[PLAN_DETACH] = "detach",
		[PLAN_STATUS] = "status",
		[PLAN_GC] = "gc",
		[PLAN_SHOW] = "plan",
	};

	return names[verb];
}

int run_confine(uint64_t keep, enum plan_verb verb, struct vst_err *err)
{
	if (run_limit(keep, 0, verb, err) < 0)
		return -1;
	return filter_load(err);
}

int run_lock(struct run *run, uint64_t keep, struct vst_err *err)
{
	if (run->state_fd < 0 &&
		(state_open(run->cli->root, run->cwd_fd, run->caller, &run->state_fd,
			 &run->state_path, err) < 0 ||
			state_key(run->state_fd, run->bundle.fd, &run->key, err) < 0))
		return -1;
	if (journal_open(&run->journal, run->state_fd, &run->key, run->bundle.path, err) < 0)
		return vst_wrap(err, "state directory %s", VST_QUOTE(run->state_path));
	run->is_tried = journal_unfinished(&run->journal) != 0;
	if (repair(&run->journal, run->caller, run->state_path, err) < 0)
		return -1;
	return caps_limit(keep, 0, "the rest of the run", err);
}

int run_failed(const struct run *run, struct vst_err *err)
{
	static const char nothing[] = "; nothing was changed";

	if (err->exit == VST_EXIT_FAILED && !run->is_tried && !strstr(err->text, nothing + 2))
		strncat(err->text, nothing, sizeof err->text - 1 - strlen(err->text));
	return -1;
}

/* What a failed run says in the end: nothing was changed, all was taken back, or what was not.
 */
static int failed(struct run *run, uint32_t begun, struct vst_err *err)
{
	int acted = journal_last(&run->journal) != begun;
	struct vst_err what = *err;
	size_t len = strlen(err->text);

	if (run->left.n == 0) {
		strncat(err->text,
			acted ? "; everything was taken back" : "; nothing was changed",
			sizeof err->text - 1 - len);
		return -1;
	}
	repair_report_left(&run->left, &run->journal, run->state_path, what.text, err);
	err->exit = VST_EXIT_INCOMPLETE;
	err->code = what.code;
	err->op = what.op;
	return -1;
}

static int is_link(const struct step *step)
{
	return step->kind == STEP_VETH || step->kind == STEP_LINK_THERE ||
	       step->kind == STEP_LINK_HERE || step->kind == STEP_LINK_MOVE;
}

/* For the report: the path or interface that the failing operation is about. */
static int about_step(const struct run *run, struct vst_err *err)
{
	for (uint32_t i = 0; err->op != VST_NO_OP && i < run->plan.n_steps; i++) {
		const struct step *step = &run->plan.steps[i];

		if (step->op != err->op)
			continue;
		if (!is_link(step))
			err->path = plan_text(&run->plan, step->at.path.off);
		else
			err->interface = plan_text(&run->plan, step->link.name);
	}
	return -1;
}

void run_warn_shared(const struct run *run)
{
	uint32_t i = 0;

	while (i < run->plan.n_steps && !is_link(&run->plan.steps[i]))
		i++;
	if (i < run->plan.n_steps)
		report(REPORT_WARNING, NULL,
			"process %u shares vestibule's network namespace: its interfaces stay "
			"here",
			run->target.pid);
}

static struct show_object object_of(int dir_fd, const char *name)
{
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		return (struct show_object){0, 0};
	return (struct show_object){st.st_dev, st.st_ino};
}

/* What a number of an interface means depends on it. 0: it cannot be told. */
static uint64_t own_net(void)
{
	struct vst_err ignored;
	struct ns_own own;

	return ns_own(VST_NS_NET, &own, &ignored) == 0 ? own.ino : 0;
}

void run_facts(const struct run *run, int already, struct show_facts *ret)
{
	const struct bundle *bundle = &run->bundle;

	*ret = (struct show_facts){
		.plan = &run->plan,
		.pins = already ? NULL : run->pinned.pins,
		.bundle = bundle->path,
		.bundle_dir = {bundle->dev, bundle->ino},
		.rootfs = object_of(bundle->fd, "rootfs"),
		.lower = object_of(bundle->fd, "lower"),
		.tmp = object_of(bundle->fd, "tmp"),
		.containerd = run->request.containerd,
		.pid = run->target.pid,
		.ident = run->target.ident,
		.here = run->plan.verb == PLAN_ATTACH ? own_net() : 0,
		.already = already,
	};
}

void run_warn_host(const struct run *run, uint32_t i)
{
	const struct step *step = &run->plan.steps[i];
	const char *path = plan_text(&run->plan, step->at.path.off);

	if (step->flags & STEP_COVERS)
		report(REPORT_WARNING, &(struct report_about){.path = path, .op = step->op},
			"%s is a mount point of the host, outside of the bundle: %s",
			VST_QUOTE(path),
			step->kind == STEP_MOUNT_CHANGE
				? "that mount is changed, and stays so after cleanup"
				: "what is mounted there now is covered");
}

/* Whether the run that did all of it was held to this very text: then the same command again is
 * not another plan. */
static int was_held_to(const struct run *run)
{
	const struct rec_run *by = held_newest(&run->journal, run->plan.verb);
	unsigned char now[DIGEST_LEN];

	digest(run->expect.bytes, run->expect.len, now);
	return by && memcmp(by->expected, now, sizeof now) == 0;
}

int run_expect(const struct run *run, int already, struct vst_err *err)
{
	struct show_facts facts;

	if (!run->expect.path || (already && was_held_to(run)))
		return 0;
	run_facts(run, already, &facts);
	return expect_compare(&run->expect, &facts, err);
}

/* A mount reaches the peers of what it is mounted in, too: what it hides there, nothing of the
 * plan tells. Whoever takes it back has to find the bundle and its journal. */
static int still_found(const struct run *run, struct vst_err *err)
{
	const int own_root = run->cli->root != NULL;
	int found = 1;

	if (run->plan.n_mounts)
		found = cover_is_found(run->bundle.fd);
	if (found > 0 && run->plan.verb == PLAN_PREPARE && (run->plan.n_mounts || own_root))
		found = cover_is_found(run->state_fd);
	if (found < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"look whether the bundle and the state directory are found again");
	if (found)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"one of the mounts hides the bundle or the state directory, perhaps through a "
		"shared mount that it reached, and nobody could take it back");
}

/* Whether the descriptors suffice for what was resolved: its pins, every mount, which is held
 * for those beneath it, and the layers of one overlay, which are open while it is made. */
static int enough_descriptors(const struct run *run, struct vst_err *err)
{
	const struct plan *plan = &run->plan;
	unsigned layers = 0;

	for (uint32_t i = 0; i < plan->n_mounts; i++)
		if (plan->mounts[i].n_sources > layers)
			layers = plan->mounts[i].n_sources;
	return startup_descriptors(
		run->pinned.n_pins + plan->n_mounts + 2 + layers + VST_FDS_RESERVED, err);
}

/* They can be gone while the names are looked up. */
static int without_descriptors(struct vst_err *err)
{
	if (err->code == EMFILE) {
		vst_wrap(err, "the hard limit RLIMIT_NOFILE is too low for this document: "
			      "raise it");
		err->exit = VST_EXIT_DENIED;
	}
	return -1;
}

int run_execute(struct run *run, const struct rec_run *record, struct vst_err *err)
{
	const struct resolve_root root = {run->bundle.fd, run->bundle.path};
	struct rec_run rec = *record;
	struct timespec now;
	int resolved = 0;

	memcpy(run->pinned.ns, run->ns, sizeof run->ns);
	if (resolve_start(&run->resolver, &run->plan, &root, run->state_fd, run->caller,
		    run->exec.here, &run->pinned, err) < 0 ||
		resolve(&run->resolver, err) < 0)
		without_descriptors(err);
	else if (confirm(&run->pinned, run->caller, &run->allowed, err) == 0 &&
		 enough_descriptors(run, err) == 0)
		resolved = 1;
	if (!resolved)
		return about_step(run, err);
	if (run_expect(run, 0, err) < 0)
		return -1;
	for (uint32_t i = 0; i < run->plan.n_steps; i++)
		run_warn_host(run, i);
	clock_gettime(CLOCK_REALTIME, &now);
	rec.started = (uint64_t)now.tv_sec;
	rec.plan_hash = run->plan.hash;
	_Static_assert(sizeof rec.expected == DIGEST_LEN, "a digest is kept");
	if (run->expect.path)
		digest(run->expect.bytes, run->expect.len, rec.expected);
	rec.verb = run->plan.verb;
	rec.uid = run->caller->uid;
	rec.pid = (uint32_t)getpid();
	if (startup_block_signals(err) < 0 ||
		journal_begin(&run->journal, &rec, execute_space(&run->allowed), err) < 0)
		return -1;
	run->is_tried = 1;
	if (execute(&run->allowed, &run->exec, &run->left, err) < 0) {
		failed(run, run->journal.run, err);
		return about_step(run, err);
	}
	if (still_found(run, err) < 0) {
		(void)undo_run(&run->exec, &run->allowed, &run->left);
		return failed(run, run->journal.run, err);
	}
	journal_end(&run->journal, JOURNAL_DONE);
	return 0;
}

/* The lock goes last but for the directory that it lies in: whoever waits for it may unmount
 * what was held open until then, or what we stood in. */
void run_close(struct run *run)
{
	const int lock = run->journal.fd, dir = run->journal.dir_fd;
	const int low = lock < dir ? lock : dir, high = lock < dir ? dir : lock;

	if (lock >= 0) {
		kernel_close_range(3, low - 1);
		kernel_close_range(low + 1, high - 1);
		kernel_close_range(high + 1, INT_MAX);
		(void)!chdir("/");
		journal_close(&run->journal);
	}
	kernel_close_range(3, INT_MAX);
}
