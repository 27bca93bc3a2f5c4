/* SPDX-License-Identifier: Apache-2.0 */
#include "run_document.h"

#include <errno.h>
#include <sys/stat.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "journal/state.h"
#include "resolve/cgroup_mounts.h"
#include "resolve/lookup.h"
#include "seam/collect.h"
#include "seam/parser_path.h"
#include "seam/spawn.h"
#include "self/report.h"
#include "self/startup.h"

static void print_warnings(const struct findings *findings)
{
	char text[256];

	for (unsigned i = 0; i < findings->n_warnings; i++)
		if (validate_sentence(&findings->warnings[i], text, sizeof text) == 0)
			report(REPORT_WARNING, NULL, "%s; it is ignored", text);
}

/* Proves that the document was not written to while it was read, else VST_EXIT_INVALID: what
 * was read may be parts of two versions. */
static int unchanged(int fd, const struct stat *before, struct vst_err *err)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return vst_fail(err, VST_EXIT_INVALID, errno, "look at runtime.json again");
	/* mtime can be set back, ctime cannot. */
	if (now.st_size == before->st_size && now.st_mtim.tv_sec == before->st_mtim.tv_sec &&
		now.st_mtim.tv_nsec == before->st_mtim.tv_nsec &&
		now.st_ctim.tv_sec == before->st_ctim.tv_sec &&
		now.st_ctim.tv_nsec == before->st_ctim.tv_nsec)
		return 0;
	return vst_fail(err, VST_EXIT_INVALID, 0,
		"runtime.json was changed while it was read; try again when it is complete");
}

/* Looks at what needs no document: the bundle's layout and the process. Opens the state
 * directory and looks up the journal's key as well. If that fails, run_lock tries again and
 * reports. */
static int look_ahead(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	struct vst_err ignored;

	if (bundle_look(&run->bundle, err) < 0 ||
		(run->target.pidfd >= 0 && process_judge(&run->target, err) < 0))
		return -1;
	if (verb_facts(verb)->acts && !run->caller->is_caps &&
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
	/* Overlaps with the parser's start, and comes before its first byte is read. */
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
	unsigned pins = 2; /* The bundle and "/". */
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
	/* run_execute raises the limit again once the exact number is known. */
	return startup_descriptors_up_to(pins + VST_FDS_RESERVED, err);
}

int run_plan(struct run *run, enum plan_verb verb, struct vst_err *err)
{
	if (run_build(run, verb, err) < 0)
		return -1;
	return admit(&run->plan, run->caller, err);
}
