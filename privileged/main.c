/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vestibule: parse in a sandbox, judge plain data, act on descriptors, and journal how to take
 * it back before acting.
 *
 *   startup    nothing that the caller left behind goes any further
 *   cli        argv becomes a struct; nothing else is read
 *   caller     who asks, from the kernel; a caller with less than the program is refused
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
#include "self/caller.h"
#include "self/caps.h"
#include "self/cli.h"
#include "self/report.h"
#include "self/startup.h"
#include "verb.h"

static int (*const verbs[])(struct run *run, struct vst_err *err) = {
#define VERB(number, kind, function, words, ...) [number] = verb_##function,
#include "../policy/verbs.def"
#undef VERB
};

static int act(const struct cli *cli, struct vst_err *err)
{
	struct caller caller;
	static struct run run;
	int result;

	if (startup_close(cli->pidfd, err) < 0 || caller_capture(&caller, err) < 0 ||
		admit_caller(&caller, err) < 0 ||
		caps_limit(verb_capabilities(cli->verb), 0, verb_words(cli->verb), err) < 0 ||
		startup_limits(err) < 0)
		return -1;
	result = run_start(&run, cli, &caller, err);
	if (result == 0)
		result = verbs[cli->verb](&run, err);
	if (result < 0 && verb_facts(cli->verb)->acts)
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
