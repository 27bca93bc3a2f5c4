/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include "../ipc/name.h"
#include "../ipc/op.h"

/* The highest id: the kernel takes the next one, -1, for "none". */
#define ID_MAX (UINT32_MAX - 1)

/* What is being parsed: a line, and the token that was taken last. */
struct reader {
	const char *file;
	const char *text;
	size_t end;        /* of the line, without its LF */
	size_t at;         /* where the next token is looked for */
	size_t line_start; /* of the line */
	uint32_t line;
	struct span token; /* len 0: the rule has ended there */
	struct vst_err *err;
};

static int fail_at(const struct reader *reader, size_t at, const char *sentence)
{
	return vst_fail(reader->err, VST_EXIT_INVALID, 0, "%s:%u:%u: %s", reader->file,
		reader->line, (unsigned)(at - reader->line_start) + 1, sentence);
}

static int fail(const struct reader *reader, const char *sentence)
{
	return fail_at(reader, reader->token.off, sentence);
}

static int is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Takes the next token of the line. A comment, and the end of the line, are an empty one. */
static int next(struct reader *reader)
{
	size_t at = reader->at;

	while (at < reader->end && is_blank(reader->text[at]))
		at++;
	reader->token = (struct span){.off = (uint32_t)at};
	if (at < reader->end && reader->text[at] == '#')
		at = reader->end;
	while (at < reader->end && !is_blank(reader->text[at])) {
		if (reader->text[at] == '#')
			return fail_at(reader, at,
				"a comment begins after a blank: put one before '#'");
		at++;
		reader->token.len++;
	}
	reader->at = at;
	return 0;
}

static int is(const struct reader *reader, const char *word)
{
	return reader->token.len == strlen(word) &&
	       memcmp(reader->text + reader->token.off, word, reader->token.len) == 0;
}

static const char *token(const struct reader *reader)
{
	return reader->text + reader->token.off;
}

int rules_number(const char *text, size_t len, uint32_t max, uint32_t *ret)
{
	uint64_t number = 0;

	if (len == 0 || len > 10 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]))
			return -1;
		number = number * 10 + (uint64_t)(text[i] - '0');
	}
	if (number > max)
		return -1;
	*ret = (uint32_t)number;
	return 0;
}

int rules_is_account_name(const char *text, size_t len)
{
	size_t digits = 0;

	if (len == 0 || len > VST_ACCOUNT_NAME_MAX || text[0] == '+' || text[0] == '-')
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (!is_digit(text[i]) && !is_letter(text[i]) && !memchr("._@$+-", text[i], 6))
			return 0;
		digits += (size_t)is_digit(text[i]);
	}
	return digits < len;
}

/* Takes a token and parses it as a number from min to max. */
static int parse_number(
	struct reader *reader, uint32_t min, uint32_t max, uint32_t *ret, const char *sentence)
{
	uint32_t number;

	if (next(reader) < 0)
		return -1;
	if (rules_number(token(reader), reader->token.len, max, &number) < 0 || number < min)
		return fail(reader, sentence);
	*ret = number;
	return 0;
}

/* who = ( "user" | "group" ) NAME | ( "uid" | "gid" ) NUM */
static int parse_who(struct reader *reader, struct rule *rule)
{
	static const char *const words[] = {
		[RULE_USER] = "user",
		[RULE_GROUP] = "group",
		[RULE_UID] = "uid",
		[RULE_GID] = "gid",
	};
	unsigned who = 0;

	if (next(reader) < 0)
		return -1;
	while (who <= RULE_GID && !is(reader, words[who]))
		who++;
	if (who > RULE_GID)
		return fail(
			reader, "write who: user NAME, group NAME, uid NUMBER or gid NUMBER");
	rule->who = (uint8_t)who;
	if (who == RULE_UID || who == RULE_GID) {
		rule->account = RULE_KNOWN;
		return parse_number(reader, 0, ID_MAX, &rule->id,
			"an id is a decimal number from 0 to 4294967294, without sign or leading zero");
	}
	if (next(reader) < 0)
		return -1;
	if (!rules_is_account_name(token(reader), reader->token.len))
		return fail(reader,
			"a name has letters, digits and ._@$+- and does not begin with + or -; a number is written with uid or gid");
	rule->account_name = reader->token;
	return 0;
}

static int ns_of(const char *text, size_t len)
{
	static const char *const names[VST_NS_COUNT] = {
		[VST_NS_CGROUP] = "cgroup",
		[VST_NS_IPC] = "ipc",
		[VST_NS_MNT] = "mnt",
		[VST_NS_NET] = "net",
		[VST_NS_PID] = "pid",
		[VST_NS_USER] = "user",
		[VST_NS_UTS] = "uts",
	};

	for (int ns = 0; ns < VST_NS_COUNT; ns++)
		if (strlen(names[ns]) == len && memcmp(names[ns], text, len) == 0)
			return ns;
	return -1;
}

/* KIND { "," KIND } as one token. */
static int parse_kinds(struct reader *reader, struct rule *rule)
{
	size_t at, end, len;

	if (next(reader) < 0)
		return -1;
	at = reader->token.off;
	end = at + reader->token.len;
	do {
		const char *comma = memchr(reader->text + at, ',', end - at);
		int ns;

		len = comma ? (size_t)(comma - (reader->text + at)) : end - at;
		ns = ns_of(reader->text + at, len);
		if (ns < 0)
			return fail_at(reader, at,
				"write kinds of namespaces, with commas and without blanks: cgroup, ipc, net, pid, user, uts");
		if (ns == VST_NS_MNT)
			return fail_at(reader, at,
				"mount namespaces are never granted: a bound one keeps file systems busy where nobody finds it");
		if (rule->namespaces & 1u << ns)
			return fail_at(reader, at, "this kind is there already: write it once");
		rule->namespaces |= (uint8_t)(1u << ns);
		at += len + 1;
	} while (at <= end);
	return 0;
}

static int parse_path(struct reader *reader, struct rule *rule)
{
	const char *path;

	if (next(reader) < 0)
		return -1;
	if (!is(reader, "beneath"))
		return fail(reader, "write 'beneath' and a directory after the kinds");
	if (next(reader) < 0)
		return -1;
	path = token(reader);
	if (reader->token.len == 0 || path[0] != '/')
		return fail(reader, "write an absolute path after 'beneath'");
	for (uint32_t i = 0; i < reader->token.len; i++)
		if (!is_digit(path[i]) && !is_letter(path[i]) && !memchr("._/@+-", path[i], 6))
			return fail_at(reader, reader->token.off + i,
				"a path has only letters, digits and ._/@+-: name another directory");
	if (!vst_path_is_canonical(path, reader->token.len))
		return fail(reader,
			"write the path without '.', '..', '//' and a slash at its end, at most 4095 bytes and 255 a component");
	rule->place = reader->token;
	return 0;
}

/* grant = "ns" KIND { "," KIND } "beneath" PATH | "veth" "bridge" IFNAME, and its options. */
static int parse_grant(struct reader *reader, struct rule *rule)
{
	if (next(reader) < 0)
		return -1;
	if (is(reader, "ns")) {
		rule->grant = RULE_NS;
		return parse_kinds(reader, rule) < 0 ? -1 : parse_path(reader, rule);
	}
	if (!is(reader, "veth"))
		return fail(reader,
			"write what is permitted: ns KINDS beneath PATH, or veth bridge NAME");
	rule->grant = RULE_VETH;
	rule->total = VST_POLICY_TOTAL;
	if (next(reader) < 0)
		return -1;
	if (!is(reader, "bridge"))
		return fail(reader, "write 'bridge' and its name after 'veth'");
	if (next(reader) < 0)
		return -1;
	if (vst_ifname_check(token(reader), reader->token.len) != VST_DOC_OK)
		return fail(reader,
			"write the bridge's name: 1 to 15 letters, digits and _.- that begin with no '-'");
	rule->place = reader->token;
	return 0;
}

/* The options of a rule, each at most once, in the grammar's order. */
enum { OPTION_SHARED, OPTION_TOTAL, OPTION_COUNT, OPTIONS };

static int option_of(const struct reader *reader)
{
	static const char *const words[OPTIONS] = {"shared", "total", "count"};
	int option = 0;

	while (option < OPTIONS && !is(reader, words[option]))
		option++;
	return option;
}

static int parse_option(struct reader *reader, int option, struct rule *rule)
{
	uint32_t number;

	_Static_assert(VST_POLICY_TOTAL_MAX == 1023 && VST_POLICY_COUNT_MAX == 999 &&
			       VST_POLICY_MAX == 65536 && VST_POLICY_LINES_MAX == 1024,
		"the sentences of this file say so");
	if (option == OPTION_SHARED) {
		rule->is_shared = 1;
		return 0;
	}
	if (option == OPTION_TOTAL) {
		if (parse_number(reader, 1, VST_POLICY_TOTAL_MAX, &number,
			    "write a decimal number from 1 to 1023 after 'total'") < 0)
			return -1;
		rule->total = (uint16_t)number;
		return 0;
	}
	if (parse_number(reader, 1, VST_POLICY_COUNT_MAX, &number,
		    "write a decimal number from 1 to 999 after 'count'") < 0)
		return -1;
	rule->count = (uint16_t)number;
	return 0;
}

static int parse_options(struct reader *reader, struct rule *rule)
{
	unsigned given = 0;

	rule->count = VST_POLICY_COUNT;
	while (next(reader) == 0) {
		int option = option_of(reader);

		if (reader->token.len == 0)
			return 0;
		if (option == OPTIONS)
			return fail(reader,
				rule->grant == RULE_VETH
					? "only 'shared', 'total NUMBER' and 'count NUMBER' may follow, or a comment after '#'"
					: "only 'count NUMBER' may follow, or a comment after '#'");
		if (rule->grant == RULE_NS && option != OPTION_COUNT)
			return fail(
				reader, "'shared' and 'total' belong to bridges: take it away");
		if (given & 1u << option)
			return fail(reader, "this is given twice: write it once");
		if (given >> option)
			return fail(reader, "the order is: shared, total NUMBER, count NUMBER");
		given |= 1u << option;
		if (parse_option(reader, option, rule) < 0)
			return -1;
	}
	return -1;
}

/* The bytes that a line may have, comments included. */
static int check_bytes(const struct reader *reader)
{
	for (size_t at = reader->line_start; at < reader->end; at++) {
		unsigned char c = (unsigned char)reader->text[at];

		if (c >= 0x20 && c < 0x7f)
			continue;
		if (c == '\t')
			continue;
		if (c == '\r')
			return fail_at(reader, at,
				"a carriage return: save the file with the line ends of Unix");
		if (c == 0)
			return fail_at(reader, at, "a NUL byte: this is no text");
		return fail_at(reader, at,
			c < 0x80 ? "a control character: take it away"
				 : "a byte that is not ASCII: take it away, in comments too");
	}
	return 0;
}

static int same_place(const struct rules *rules, const struct rule *a, const struct rule *b)
{
	return a->place.len == b->place.len &&
	       memcmp(rules->text + a->place.off, rules->text + b->place.off, a->place.len) ==
		       0;
}

/* `shared` is of the bridge: every line of a bridge has it, or none. */
static int check_shared(
	struct reader *reader, const struct rules *rules, const struct rule *rule)
{
	for (const struct rule *other = rules->rule; other < rule; other++) {
		if (other->grant != RULE_VETH || !same_place(rules, other, rule) ||
			other->is_shared == rule->is_shared)
			continue;
		return vst_fail(reader->err, VST_EXIT_INVALID, 0,
			"%s:%u:%u: 'shared' is of the bridge, and line %u, of the same one, %s: write it in all of its lines, or in none",
			reader->file, reader->line,
			rule->place.off - (unsigned)reader->line_start + 1, other->line,
			other->is_shared ? "has it" : "does not have it");
	}
	return 0;
}

static int parse_line(struct reader *reader, struct rules *rules)
{
	struct rule *rule = &rules->rule[rules->n];

	if (check_bytes(reader) < 0 || next(reader) < 0)
		return -1;
	if (reader->token.len == 0)
		return 0;
	*rule = (struct rule){.line = reader->line};
	if (!is(reader, "permit"))
		return fail(reader, "a rule begins with 'permit', a comment with '#'");
	if (parse_who(reader, rule) < 0 || parse_grant(reader, rule) < 0 ||
		parse_options(reader, rule) < 0)
		return -1;
	if (rule->grant == RULE_VETH && check_shared(reader, rules, rule) < 0)
		return -1;
	rules->n++;
	return 0;
}

static int parse_lines(struct reader *reader, size_t len, struct rules *rules)
{
	while (reader->line_start < len) {
		const char *start = reader->text + reader->line_start;
		const char *lf = memchr(start, '\n', len - reader->line_start);

		reader->line++;
		reader->at = reader->line_start;
		if (reader->line > VST_POLICY_LINES_MAX)
			return fail_at(reader, reader->line_start,
				"a policy has at most 1024 lines: use groups");
		reader->end = lf ? (size_t)(lf - reader->text) : len;
		if (parse_line(reader, rules) < 0)
			return -1;
		if (!lf)
			return fail_at(reader, len,
				"the last line does not end: it may be cut off; end it with a line feed");
		reader->line_start = reader->end + 1;
	}
	return 0;
}

int rules_read(
	const char *file, const char *text, size_t len, struct rules *ret, struct vst_err *err)
{
	struct reader reader = {.file = file, .text = text, .err = err};

	ret->text = text;
	ret->n = 0;
	if (len > VST_POLICY_MAX)
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"%s: a policy has at most 65536 bytes: use groups", file);
	if (parse_lines(&reader, len, ret) == 0)
		return 0;
	ret->n = 0;
	return -1;
}
