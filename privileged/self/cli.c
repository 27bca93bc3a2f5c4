/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../ipc/fd.h"

#define TRY_HELP "; see vestibule --help"

const char cli_help[] =
	"Usage: vestibule VERB [OPTIONS] BUNDLE\n"
	"\n"
	"Sets up, around an OCI runtime, the root file system, directories, interfaces\n"
	"and namespaces that the bundle's layout and its runtime.json ask for.\n"
	"\n"
#define VERB(number, kind, function, words, bundle, takes, acts, help) help
#include "../../policy/verbs.def"
#undef VERB
	"\n"
	"The process that attach is for: --pid PID, --pid-file FILE, or --pidfd FD, an\n"
	"inherited descriptor.\n"
	"\n"
	"  --strict                  refuse unknown members of runtime.json\n"
	"  --root DIR                state directory; default /run/vestibule\n"
	"  --expect FILE             prepare, attach: only if FILE is what plan prints\n"
	"  --user USER               policy explain, by root: for this user\n"
	"  --allow-owner UID         prepare, attach, plan, by root: as this user's\n"
	"  --uid UID                 status, gc, by root: of this user alone; gc: all\n"
	"  --policy                  gc, by root: and what users may not have any more\n"
	"  --format text|json        form of what status and plan print\n"
	"  --log-format text|json    form of the messages on stderr\n"
	"  --quiet                   errors only\n"
	"  --help, --version\n"
	"\n"
	"Exit status: 0 done, 1 failed and taken back, 2 usage, 3 denied, 4 invalid\n"
	"document or bundle, 5 failed and not all taken back, 6 unsupported, 7 conflict,\n"
	"8 busy.\n";

enum option {
	OPT_HELP,
	OPT_VERSION,
	OPT_STRICT,
	OPT_QUIET,
	OPT_LOG_FORMAT,
	OPT_ROOT,
	OPT_PID,
	OPT_PID_FILE,
	OPT_PIDFD,
	OPT_ALL,
	OPT_FORMAT,
	OPT_EXPECT,
	OPT_USER,
	OPT_OWNER,
	OPT_UID,
	OPT_POLICY,
	OPT_COUNT,
};

#define BIT(option) (1u << (option))
#define OF_TARGET (BIT(OPT_PID) | BIT(OPT_PID_FILE) | BIT(OPT_PIDFD))

static const struct {
	const char *name;
	int has_value;
	unsigned of; /* VERB_TAKES_* of the verbs that take it; 0: all. */
} options[OPT_COUNT] = {
	[OPT_HELP] = {"--help", 0, 0},
	[OPT_VERSION] = {"--version", 0, 0},
	[OPT_STRICT] = {"--strict", 0, VERB_TAKES_STRICT},
	[OPT_QUIET] = {"--quiet", 0, 0},
	[OPT_LOG_FORMAT] = {"--log-format", 1, 0},
	[OPT_ROOT] = {"--root", 1, VERB_TAKES_ROOT},
	[OPT_PID] = {"--pid", 1, VERB_TAKES_PROCESS},
	[OPT_PID_FILE] = {"--pid-file", 1, VERB_TAKES_PROCESS},
	[OPT_PIDFD] = {"--pidfd", 1, VERB_TAKES_PROCESS},
	[OPT_ALL] = {"--all", 0, VERB_TAKES_ALL},
	[OPT_FORMAT] = {"--format", 1, VERB_TAKES_FORMAT},
	[OPT_EXPECT] = {"--expect", 1, VERB_TAKES_EXPECT},
	[OPT_USER] = {"--user", 1, VERB_TAKES_USER},
	[OPT_OWNER] = {"--allow-owner", 1, VERB_TAKES_OWNER},
	[OPT_UID] = {"--uid", 1, VERB_TAKES_UID},
	[OPT_POLICY] = {"--policy", 0, VERB_TAKES_POLICY},
};

/* Decimal, without sign, space or leading zero. */
static int parse_number(const char *text, size_t len, uint32_t max, uint32_t *ret)
{
	uint64_t number = 0;

	if (len == 0 || len > 10 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	if (number > max)
		return -1;
	*ret = (uint32_t)number;
	return 0;
}

int cli_parse_pid(const char *text, size_t len, uint32_t *ret, struct vst_err *err)
{
	uint32_t pid;

	/* PID_MAX_LIMIT of 64-bit kernels. */
	if (parse_number(text, len, 4194304, &pid) < 0 || pid == 0)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"a process id is a decimal number from 1 to 4194304, without sign, space or leading zero");
	*ret = pid;
	return 0;
}

static int parse_pidfd(const char *text, struct cli *cli, struct vst_err *err)
{
	uint32_t fd;

	if (parse_number(text, strlen(text), INT32_MAX, &fd) < 0 || fd < 3)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"--pidfd: a decimal number from 3 on is wanted, that of an inherited descriptor");
	cli->pidfd = (int)fd;
	return 0;
}

/* Not root's: 0 is "not given". */
static int parse_uid(enum option option, const char *text, uint32_t *ret, struct vst_err *err)
{
	if (parse_number(text, strlen(text), UINT32_MAX - 1, ret) < 0 || *ret == 0)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s: a uid other than 0 is wanted, as a decimal number",
			options[option].name);
	return 0;
}

static int parse_format(
	enum option option, const char *text, int *ret_json, struct vst_err *err)
{
	*ret_json = !strcmp(text, "json");
	if (!*ret_json && strcmp(text, "text") != 0)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s: 'text' or 'json' is wanted, not '%s'", options[option].name,
			VST_QUOTE(text));
	return 0;
}

/* Stores one option; `value` is NULL for options that have none. */
static int take_option(
	enum option option, const char *value, struct cli *cli, struct vst_err *err)
{
	switch (option) {
	case OPT_STRICT:
		cli->strict = 1;
		break;
	case OPT_QUIET:
		cli->quiet = 1;
		break;
	case OPT_LOG_FORMAT:
		return parse_format(option, value, &cli->json, err);
	case OPT_FORMAT:
		return parse_format(option, value, &cli->format_json, err);
	case OPT_ALL:
		cli->all = 1;
		break;
	case OPT_POLICY:
		cli->policy = 1;
		break;
	case OPT_ROOT:
		cli->root = value;
		break;
	case OPT_PID:
		if (cli_parse_pid(value, strlen(value), &cli->pid, err) < 0)
			return vst_wrap(err, "--pid");
		break;
	case OPT_PID_FILE:
		cli->pid_file = value;
		break;
	case OPT_EXPECT:
		cli->expect = value;
		break;
	case OPT_USER:
		cli->user = value;
		break;
	case OPT_PIDFD:
		return parse_pidfd(value, cli, err);
	case OPT_OWNER:
		return parse_uid(option, value, &cli->owner, err);
	case OPT_UID:
		return parse_uid(option, value, &cli->uid, err);
	case OPT_HELP:
	case OPT_VERSION:
	case OPT_COUNT:
		break;
	}
	return 0;
}

/* The option that arg names, with or without "=VALUE"; OPT_COUNT if there is none. */
static enum option find_option(const char *arg)
{
	size_t len = strcspn(arg, "=");

	for (int i = 0; i < OPT_COUNT; i++)
		if (strlen(options[i].name) == len && !memcmp(options[i].name, arg, len))
			return (enum option)i;
	return strcmp(arg, "-h") == 0 ? OPT_HELP : OPT_COUNT;
}

/* Gets the value of the option at argv[*at], and moves *at to the last argument used. */
static int option_value(
	enum option option, char **argv, int *at, const char **ret, struct vst_err *err)
{
	const char *name = options[option].name, *equals = strchr(argv[*at], '=');

	*ret = NULL;
	if (!options[option].has_value) {
		if (equals)
			return vst_fail(err, VST_EXIT_USAGE, 0, "%s takes no value", name);
		return 0;
	}
	if (equals) {
		*ret = equals + 1;
	} else if (argv[*at + 1]) {
		*ret = argv[++*at];
		/* A forgotten value would swallow the option that follows. */
		if ((*ret)[0] == '-')
			return vst_fail(err, VST_EXIT_USAGE, 0,
				"%s needs a value; one that starts with '-' is written %s=VALUE",
				name, name);
	}
	if (!*ret || !(*ret)[0])
		return vst_fail(err, VST_EXIT_USAGE, 0, "%s needs a value", name);
	return 0;
}

/* The verb, of one word or two. */
struct verb_words {
	const char *first; /* of two, of which the second is missing */
	const struct verb_facts *verb;
};

static int take_verb(
	const char *arg, struct verb_words *words, struct cli *cli, struct vst_err *err)
{
	words->verb =
		words->first ? verb_by_words(words->first, arg) : verb_by_words(arg, NULL);
	if (words->verb)
		cli->verb = words->verb->verb;
	else if (words->first)
		return vst_fail(err, VST_EXIT_USAGE, 0, "there is no verb '%s %s'" TRY_HELP,
			words->first, VST_QUOTE(arg));
	else if (verb_has_second(arg))
		words->first = arg;
	else
		return vst_fail(err, VST_EXIT_USAGE, 0, "there is no verb '%s'" TRY_HELP,
			VST_QUOTE(arg));
	return 0;
}

static int take_operand(
	const char *arg, const struct verb_facts *verb, struct cli *cli, struct vst_err *err)
{
	const int is_file = verb->bundle == VERB_BUNDLE_FILE;
	const char **operand = is_file ? &cli->file : &cli->bundle;

	if (verb->bundle == VERB_BUNDLE_NO)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s takes no bundle, and '%s' is one argument too many", verb->words,
			VST_QUOTE(arg));
	if (*operand)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s takes one %s, and '%s' is one argument too many", verb->words,
			is_file ? "file" : "bundle", VST_QUOTE(arg));
	if (!arg[0])
		return vst_fail(err, VST_EXIT_USAGE, 0, "the %s's path is empty",
			is_file ? "file" : "bundle");
	*operand = arg;
	return 0;
}

/* Checks what depends on all arguments. */
static int check_all(const struct verb_words *words, unsigned given, const struct cli *cli,
	struct vst_err *err)
{
	const struct verb_facts *verb = words->verb;
	unsigned target = given & OF_TARGET;

	if (words->first && !verb)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"'%s' is the first of two words, and the second is missing" TRY_HELP,
			words->first);
	if (!verb)
		return vst_fail(err, VST_EXIT_USAGE, 0, "a verb is missing" TRY_HELP);
	for (int i = 0; i < OPT_COUNT; i++)
		if (given & BIT(i) && options[i].of & ~verb->takes)
			return vst_fail(err, VST_EXIT_USAGE, 0,
				"%s takes no option %s" TRY_HELP, verb->words, options[i].name);
	if (verb->bundle == VERB_BUNDLE_MUST && !cli->bundle)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s needs the bundle's directory" TRY_HELP, verb->words);
	/* Without a process, plan shows prepare's plan. */
	if ((target & (target - 1)) || (verb->takes & VERB_TAKES_NEEDS_PROCESS && !target))
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"%s needs the container's process: %s one of --pid, --pid-file, --pidfd",
			verb->words,
			verb->takes & VERB_TAKES_NEEDS_PROCESS ? "exactly" : "at most");
	if (cli->policy && cli->uid)
		return vst_fail(err, VST_EXIT_USAGE, 0,
			"with --uid all of the user's is taken back, whatever the policy says: leave --policy out");
	return 0;
}

int cli_parse(int argc, char **argv, struct cli *ret, struct vst_err *err)
{
	struct cli cli = {.pidfd = -1};
	struct verb_words words = {NULL, NULL};
	unsigned given = 0;
	int only_operands = 0;

	for (int at = 1; at < argc; at++) {
		enum option option;
		const char *value;

		if (only_operands || argv[at][0] != '-' || !argv[at][1]) {
			if ((words.verb ? take_operand(argv[at], words.verb, &cli, err)
					: take_verb(argv[at], &words, &cli, err)) < 0)
				return -1;
			continue;
		}
		if (!strcmp(argv[at], "--")) {
			only_operands = 1;
			continue;
		}
		option = find_option(argv[at]);
		if (option == OPT_COUNT)
			return vst_fail(err, VST_EXIT_USAGE, 0,
				"there is no option '%s'" TRY_HELP,
				VST_QUOTE_N(argv[at], strcspn(argv[at], "=")));
		if (given & BIT(option))
			return vst_fail(err, VST_EXIT_USAGE, 0, "%s is given twice",
				options[option].name);
		given |= BIT(option);
		if (option_value(option, argv, &at, &value, err) < 0 ||
			take_option(option, value, &cli, err) < 0)
			return -1;
		if (option == OPT_HELP || option == OPT_VERSION) {
			cli.want = option == OPT_HELP ? CLI_HELP : CLI_VERSION;
			*ret = cli;
			return 0;
		}
	}
	if (check_all(&words, given, &cli, err) < 0)
		return -1;
	*ret = cli;
	return 0;
}

int cli_read_pid_file(int cwd_fd, const char *path, uint32_t *ret, struct vst_err *err)
{
	vst_auto_fd fd = -1;
	char text[16];
	size_t len = 0;
	ssize_t n = 1;
	struct stat st;

	/* Stat first: some devices act when they are opened. */
	if (fstatat(cwd_fd, path, &st, 0) == 0 && !S_ISREG(st.st_mode))
		return vst_fail(err, VST_EXIT_USAGE, 0, "--pid-file '%s' is not a regular file",
			VST_QUOTE(path));
	fd = openat(cwd_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "open --pid-file '%s'", VST_QUOTE(path));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return vst_fail(err, VST_EXIT_USAGE, 0, "--pid-file '%s' is not a regular file",
			VST_QUOTE(path));
	while (n > 0 && len < sizeof text) {
		n = read(fd, text + len, sizeof text - len);
		if (n > 0)
			len += (size_t)n;
	}
	if (n < 0)
		return vst_fail(
			err, VST_EXIT_FAILED, errno, "read --pid-file '%s'", VST_QUOTE(path));
	if (len && text[len - 1] == '\n')
		len--;
	if (cli_parse_pid(text, len, ret, err) < 0)
		return vst_wrap(err, "--pid-file '%s'", VST_QUOTE(path));
	return 0;
}
