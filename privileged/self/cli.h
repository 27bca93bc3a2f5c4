/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. Parsing reads argv and nothing else. */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "../../policy/verbs.h"

/* What the command line asks for. */
enum cli_want {
	CLI_VERB,
	CLI_HELP,
	CLI_VERSION,
};

struct cli {
	enum cli_want want;
	enum plan_verb verb;  /* Only for CLI_VERB. */
	const char *bundle;   /* NULL if none was given. */
	const char *root;     /* --root, or NULL. Strings are borrowed from argv. */
	const char *pid_file; /* --pid-file, or NULL */
	const char *expect;   /* --expect, or NULL */
	uint32_t owner;       /* --allow-owner, 0: not given */
	uint32_t uid;         /* --uid, 0: not given */
	const char *user;     /* --user, or NULL */
	const char *file;     /* policy check: its FILE, or NULL */
	uint32_t pid;         /* --pid, 0: not given */
	int pidfd;            /* --pidfd, -1: not given */
	int strict;
	int quiet;
	int json;
	int all;         /* cleanup --all */
	int policy;      /* gc --policy */
	int format_json; /* --format json */
};

/* Parses argv[1..]. Options are written whole (--option VALUE or --option=VALUE; -h is --help),
 * once each, before or after the verb and its operand; "--" ends them. An option that the verb
 * does not take is an error. attach takes exactly one of --pid, --pid-file and --pidfd, plan at
 * most one. --help and --version end the parsing. Errors are VST_EXIT_USAGE, and *ret is
 * untouched. argv[0] is never read. */
int cli_parse(int argc, char **argv, struct cli *ret, struct vst_err *err);

/* Parses a process id: decimal, 1 to 4194304, no sign, space or leading zero; else
 * VST_EXIT_USAGE. */
int cli_parse_pid(const char *text, size_t len, uint32_t *ret, struct vst_err *err);

/* Reads --pid-file, relative to cwd_fd: one decimal number and at most one newline. It must be
 * a regular file, opened without blocking, else VST_EXIT_USAGE. If it cannot be opened or read:
 * VST_EXIT_FAILED. Its content never appears in a message. */
int cli_read_pid_file(int cwd_fd, const char *path, uint32_t *ret, struct vst_err *err);

extern const char cli_help[];
