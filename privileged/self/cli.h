/* The command line. Pure: looks at nothing but argv. */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../policy/verbs.h"

/* What is asked for. */
enum cli_want {
	CLI_VERB,
	CLI_HELP,
	CLI_VERSION,
};

struct cli {
	enum cli_want want;
	enum plan_verb verb;  /* of CLI_VERB */
	const char *bundle;   /* NULL where the verb takes none */
	const char *root;     /* --root, or NULL */
	const char *pid_file; /* --pid-file, or NULL */
	const char *expect;   /* --expect, or NULL */
	uint32_t pid;         /* --pid, 0: not given */
	int pidfd;            /* --pidfd, -1: not given */
	int strict;
	int quiet;
	int json;
	int all;         /* cleanup --all */
	int format_json; /* --format json */
};

/* Parses argv[1..]. Options are written whole (--option VALUE or --option=VALUE; -h is --help),
 * once each, before or after the verb and its operand; "--" ends them. An option that the verb
 * does not take is an error. attach takes exactly one of --pid, --pid-file, --pidfd, plan at
 * most one. --help and
 * --version end the parsing: what follows is not judged. VST_EXIT_USAGE, with what to do.
 * argv[0] is never looked at. */
int cli_parse(int argc, char **argv, struct cli *ret, struct vst_err *err);

/* A process id: decimal, 1 to 4194304, no sign, no space, no leading zero. VST_EXIT_USAGE. */
int cli_parse_pid(const char *text, size_t len, uint32_t *ret, struct vst_err *err);

/* Reads --pid-file, relative to cwd_fd: one decimal number, at most one newline after it; a
 * regular file, opened without waiting (else VST_EXIT_USAGE; one that cannot be opened or read
 * is VST_EXIT_FAILED). Nothing of what is in it is ever shown. */
int cli_read_pid_file(int cwd_fd, const char *path, uint32_t *ret, struct vst_err *err);

extern const char cli_help[];
