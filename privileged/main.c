/*
 * vestibule: parse in a box, judge plain data, act on descriptors, and write down how to take
 * it back before acting.
 *
 *   startup    nothing that the caller left behind goes any further
 *   cli        argv becomes a struct; nothing else is looked at
 *   caller     who asks, from the kernel; a caller with less than the program is refused
 *   caps       what the verb cannot need is gone before anything of the caller's is opened
 *   verb_*     the stages of run.h, one after the other:
 *              document -> request -> plan -> (lock) -> pinned -> allowed -> journal and act
 *   report     one sentence, one exit status
 */
#include <stdio.h>
#include <unistd.h>

#include "../ipc/limits.h"
#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "self/caller.h"
#include "self/caps.h"
#include "self/cli.h"
#include "self/report.h"
#include "self/startup.h"
#include "verb.h"

struct verb {
	enum plan_verb plan;
	int (*act)(struct run *run, struct vst_err *err);
	int is_acting; /* it changes something, or says that it did not */
};

/* NULL: known, but not built yet. */
static const struct verb *verb_of(enum cli_verb verb)
{
	static const struct verb prepare = {PLAN_PREPARE, verb_prepare, 1};
	static const struct verb attach = {PLAN_ATTACH, verb_attach, 1};
	static const struct verb cleanup = {PLAN_CLEANUP, verb_cleanup, 1};
	static const struct verb detach = {PLAN_DETACH, verb_detach, 1};
	static const struct verb status = {PLAN_STATUS, verb_status, 0};
	static const struct verb gc = {PLAN_GC, verb_gc, 1};
	static const struct verb plan = {PLAN_SHOW, verb_plan, 0};

	switch (verb) {
	case CLI_PREPARE:
		return &prepare;
	case CLI_ATTACH:
		return &attach;
	case CLI_CLEANUP:
		return &cleanup;
	case CLI_DETACH:
		return &detach;
	case CLI_STATUS:
		return &status;
	case CLI_GC:
		return &gc;
	case CLI_PLAN:
		return &plan;
	case CLI_HELP:
	case CLI_VERSION:
		break;
	}
	return NULL;
}

static int act(const struct cli *cli, struct vst_err *err)
{
	const struct verb *verb = verb_of(cli->verb);
	struct caller caller;
	static struct run run;
	int result;

	if (!verb)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"this verb is not supported by this version of vestibule");
	if (startup_close(cli->pidfd, err) < 0 || caller_capture(&caller, err) < 0 ||
		admit_caller(&caller, err) < 0 ||
		caps_limit(verb_capabilities(verb->plan), 0, run_verb_name(verb->plan), err) <
			0 ||
		startup_limits(err) < 0)
		return -1;
	result = run_start(&run, cli, &caller, err);
	if (result == 0)
		result = verb->act(&run, err);
	if (result < 0 && verb->is_acting)
		run_failed(&run, err);
	run_close(&run);
	return result;
}

static int run_all(int argc, char **argv)
{
	struct vst_err err;
	struct cli cli;

	if (startup_first(argc, &err) < 0 || cli_parse(argc, argv, &cli, &err) < 0)
		return report_failure(&err);
	report_start(cli.json, cli.quiet);
	if (cli.verb == CLI_HELP || cli.verb == CLI_VERSION)
		return report_text(
			cli.verb == CLI_HELP ? cli_help : "vestibule " VST_VERSION "\n");
	if (act(&cli, &err) < 0)
		return report_failure(&err);
	return VST_EXIT_OK;
}

int main(int argc, char **argv)
{
	int status = run_all(argc, argv);

#ifdef VST_INSTRUMENTED
	return status; /* coverage is written, and leaks are told, at exit */
#endif
	/* Nothing is buffered, and nothing was registered. */
	_exit(status);
}
