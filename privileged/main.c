/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vestibule: parse in a sandbox, judge plain data, act on descriptors, and journal how to take
 * it back before acting.
 *
 *   startup    nothing that the caller left behind goes any further
 *   cli        argv becomes a struct; nothing else is read
 *   caller     who asks, from the kernel; with less than the program has, nothing is looked at
 *              but with the caller's rights, and the policy grants the rest
 *   caps       capabilities that the verb cannot need are dropped before any file of the
 *              caller's is opened
 *   verb_*     the stages of run.h, one after the other:
 *              document -> request -> plan -> (lock) -> pinned -> allowed -> journal and act
 *   report     one sentence, one exit status
 */
#include <stdio.h>
#include <unistd.h>

#include "../ipc/limits.h"
#include "../policy/admit.h"
#include "../policy/capabilities.h"
#include "kernel/patience.h"
#include "rights/caps.h"
#include "rights/rights.h"
#include "run_users.h"
#include "self/absent.h"
#include "self/audit.h"
#include "self/caller.h"
#include "self/cli.h"
#include "self/inherited.h"
#include "self/report.h"
#include "self/startup.h"
#include "verb.h"

static int (*const verbs[])(struct run *run, struct vst_err *err) = {
#define VERB(number, kind, function, words, ...) [number] = verb_##function,
#include "../policy/verbs.def"
#undef VERB
};

/* Whether the kernel gave the process nothing of what its file has. A user has no state
 * directory without that, so nothing else is tried. A traced start has AT_SECURE all the same.
 */
static int prove_given(const struct cli *cli, const struct caller *caller, struct vst_err *err)
{
	const uint64_t set = verb_capabilities(cli->verb);

	if (!set || !caller->has_none || !caller->in_init_userns || !absent_is_promised())
		return 0;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"%s: the rights that vestibule is installed with are missing: %s",
		verb_words(cli->verb), absent_why(caller, set));
}

/* Drops what the verb cannot need, and refuses to go on without what it needs. */
static int limit(const struct cli *cli, const struct caller *caller, struct vst_err *err)
{
	const char *words = verb_words(cli->verb);
	uint64_t keep = verb_capabilities(cli->verb);

	if (caller->has_less)
		keep &= less_capabilities(caller);
	if (caps_limit(keep, 0, words, err) < 0)
		return -1;
	if (!caps_lacking())
		return 0;
	caps_explain(absent_why(caller, caps_lacking()));
	return caller->has_less ? caps_limit(keep, less_required(caller, cli->verb), words, err)
				: 0;
}

/* What comes before a file of the caller's is opened. */
static int begin(const struct cli *cli, const struct caller *caller, struct vst_err *err)
{
	if (prove_given(cli, caller, err) < 0 || admit_caller(caller, err) < 0)
		return -1;
	if (verb_capabilities(cli->verb) && cli->verb != PLAN_ATTACH &&
		admit_records(caller, err) < 0)
		return vst_wrap(err, "%s", verb_words(cli->verb));
	if (caller->has_less) {
		if (inherited_reset(err) < 0)
			return -1;
		startup_processes();
		patience_deadline();
	}
	if (limit(cli, caller, err) < 0 || startup_limits(err) < 0)
		return -1;
	return rights_begin(caller, err);
}

static int act(const struct cli *cli, struct vst_err *err)
{
	struct caller caller;
	static struct run run;
	int result;

	if (startup_close(cli->pidfd, err) < 0 || caller_capture(&caller, err) < 0 ||
		(cli->owner && run_as_owner(&caller, cli->owner, err) < 0) ||
		(!verb_capabilities(cli->verb) && rights_shed(&caller, err) < 0))
		return -1;
	if (caller.has_less)
		audit_open();
	result = begin(cli, &caller, err);
	if (result == 0)
		result = run_start(&run, cli, &caller, err);
	if (result == 0)
		result = verbs[cli->verb](&run, err);
	if (result < 0 && run.cli && verb_facts(cli->verb)->acts)
		run_failed(&run, err);
	audit_say(&caller, verb_words(cli->verb), result < 0 ? err : NULL);
	if (run.cli)
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
	if (cli.want != CLI_VERB)
		return report_text(
			cli.want == CLI_HELP ? cli_help : "vestibule " VST_VERSION "\n");
	if (act(&cli, &err) < 0)
		return report_failure(&err);
	return VST_EXIT_OK;
}

int main(int argc, char **argv)
{
	int status = run_all(argc, argv);

#ifdef VST_INSTRUMENTED
	return status; /* exit handlers write coverage and report leaks */
#endif
	/* Nothing is buffered, and no exit handler is registered. */
	_exit(status);
}
