/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser's modules run on a document in memory, what they send caught (link with
 * -Wl,--wrap=sendto) and written down as lines:
 *
 *   MKDIR /path | LINK name add=kind peer=name here | BIND_NS net /path
 *   LINK name bridge=name mtu=1400 vlan=7 mac=020000000001 set=up,isolated to=192.0.2.1/24
 *     peer-to=192.0.2.2/24 route=192.0.2.0/24>192.0.2.9:5   (all one line; what is there)
 *   CGROUP name | NAMESPACE name
 *   MOUNT NEW /path type=t source=s set=ro,nodev atime=noatime propagation=rshared FLAG key
 *     STRING key=value LOWER /path   (all one line; of the flags those that are not 0)
 *   WARN UNKNOWN 1:2 interfaces[0]
 *   END operations warnings | FAIL CODE line:column place
 *
 * Included after cmocka.h.
 */
#pragma once

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "ipc/wire.h"
#include "parser/parse.h"

static struct parse parse_run;
static unsigned char parse_msgs[VST_WIRE_MAX];
static size_t parse_len; /* of parse_msgs: messages, each behind its length, u32 */
static unsigned parse_n_msgs;
static char parse_text[4 * VST_WIRE_MAX];

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *addr, socklen_t addr_len);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *addr, socklen_t addr_len)
{
	uint32_t len_le = (uint32_t)len;

	assert(fd == SEND_FD && flags == MSG_NOSIGNAL && !addr && addr_len == 0);
	assert(len > 0 && len <= VST_MSG_MAX);
	assert(parse_len + 4 + len <= sizeof parse_msgs);
	memcpy(parse_msgs + parse_len, &len_le, 4);
	memcpy(parse_msgs + parse_len + 4, bytes, len);
	parse_len += 4 + len;
	parse_n_msgs++;
	return (ssize_t)len;
}

struct parse_in {
	const unsigned char *at;
	const unsigned char *end;
};

static uint32_t parse_number(struct parse_in *in, int width)
{
	uint32_t value = 0;

	assert(in->end - in->at >= width);
	for (int i = 0; i < width; i++)
		value |= (uint32_t)*in->at++ << (8 * i);
	return value;
}

static const char *parse_string(struct parse_in *in)
{
	uint32_t len = parse_number(in, 2);
	const char *s = (const char *)in->at;

	assert(in->end - in->at > (ptrdiff_t)len && strlen(s) == len);
	in->at += len + 1;
	return s;
}

static const char *const parse_members[] = {
	"-", "mounts", "mkdir", "cgroups", "interfaces", "bindNS", "namespace"};
static const char *const parse_fields[] = {"-", "destination", "type", "source", "options",
	"uidMappings", "gidMappings", "name", "add", "peer", "createInRoot", "bridge",
	"isolated", "vlan", "peerUp", "peerAddresses", "mtu", "mac", "up", "addresses",
	"routes", "keep", "to", "via", "metric", "cgroup", "ipc", "mnt", "net", "pid", "user",
	"uts"};
static const char *const parse_codes[] = {
	"OK",
#define VST_DOC(name, status, sentence) #name,
#include "ipc/doc_errors.def"
#undef VST_DOC
};

/* " word=name,name", nothing if no bit is set. */
static char *parse_bits(
	char *out, const char *word, uint32_t bits, const char *const *names, uint32_t n_names)
{
	const char *before = "";

	assert(bits >> n_names == 0);
	if (!bits)
		return out;
	out += sprintf(out, " %s=", word);
	for (uint32_t i = 0; i < n_names; i++)
		if (bits & 1u << i) {
			out += sprintf(out, "%s%s", before, names[i]);
			before = ",";
		}
	return out;
}

/* The nine of struct vst_mount_flags. */
static char *parse_flags(char *out, struct parse_in *in)
{
	static const char *const words[] = {"set", "clear", "atime", "rec_set", "rec_clear",
		"rec_atime", "sb_set", "sb_clear"};
	static const char *const attrs[] = {"ro", "nosuid", "nodev", "noexec", "nodiratime"};
	static const char *const sbs[] = {"sync", "dirsync"};
	static const char *const atimes[] = {"", "relatime", "noatime", "strictatime"};
	static const char *const has_propagation[] = {
		"", "private", "shared", "slave", "unbindable"};
	uint32_t propagation;

	for (int i = 0; i < 8; i++) {
		uint32_t value = parse_number(in, 1);

		if (i == 2 || i == 5) {
			assert(value < VST_ATIME_COUNT);
			if (value)
				out += sprintf(out, " %s=%s", words[i], atimes[value]);
		} else {
			out = parse_bits(
				out, words[i], value, i < 6 ? attrs : sbs, i < 6 ? 5 : 2);
		}
	}
	propagation = parse_number(in, 1);
	assert((propagation & ~(uint32_t)VST_PROPAGATION_RECURSIVE) < VST_PROPAGATION_COUNT);
	assert(propagation != VST_PROPAGATION_RECURSIVE);
	if (propagation)
		out += sprintf(out, " propagation=%s%s",
			propagation & VST_PROPAGATION_RECURSIVE ? "r" : "",
			has_propagation[propagation & ~(uint32_t)VST_PROPAGATION_RECURSIVE]);
	return out;
}

static char *parse_item(char *out, struct parse_in *in)
{
	static const char *const words[] = {"", "FLAG", "STRING", "LOWER", "UPPER", "WORK"};
	uint32_t kind = parse_number(in, 1);
	const char *key = parse_string(in), *value = parse_string(in);

	assert(kind >= VST_ITEM_FLAG && kind <= VST_ITEM_WORK);
	assert(!*key == (kind >= VST_ITEM_LOWER) && (kind != VST_ITEM_FLAG || !*value));
	return out + sprintf(out, " %s %s%s%s", words[kind], key,
			     kind == VST_ITEM_STRING ? "=" : "", value);
}

static char *parse_mount(char *out, uint32_t action, struct parse_in *in)
{
	static const char *const words[] = {"", "NEW", "BIND", "REMOUNT", "PROPAGATION"};
	struct parse_in flags = *in;
	uint32_t n_items;
	const char *s;

	assert((action & ~(uint32_t)VST_MOUNT_RECURSIVE) - 1 < 4);
	in->at += VST_WIRE_FLAGS_LEN;
	n_items = parse_number(in, 2);
	out += sprintf(out, "MOUNT %s%s %s", action & VST_MOUNT_RECURSIVE ? "R" : "",
		words[action & ~(uint32_t)VST_MOUNT_RECURSIVE], parse_string(in));
	s = parse_string(in);
	out += sprintf(out, "%s%s", *s ? " type=" : "", s);
	s = parse_string(in);
	out += sprintf(out, "%s%s", *s ? " source=" : "", s);
	out = parse_flags(out, &flags);
	while (n_items--)
		out = parse_item(out, in);
	return out + sprintf(out, "\n");
}

/* The address in 16 bytes, as inet_ntop writes it. */
static char *parse_address(char *out, uint32_t family, const unsigned char *bytes)
{
	assert(family == VST_IPV4 || family == VST_IPV6);
	assert(inet_ntop(family == VST_IPV4 ? AF_INET : AF_INET6, bytes, out, 64));
	return out + strlen(out);
}

static char *parse_prefixed(char *out, const char *word, struct parse_in *in)
{
	uint32_t family = parse_number(in, 1), prefix = parse_number(in, 1);

	out = parse_address(out + sprintf(out, " %s=", word), family, in->at);
	in->at += 16;
	return out + sprintf(out, "/%u", prefix);
}

static char *parse_route(char *out, struct parse_in *in)
{
	uint32_t family = in->at[0], has_via, metric;

	out = parse_prefixed(out, "route", in);
	has_via = parse_number(in, 1);
	assert(has_via <= 1);
	if (has_via)
		out = parse_address(out + sprintf(out, ">"), family, in->at);
	in->at += 16;
	metric = parse_number(in, 4);
	return metric ? out + sprintf(out, ":%u", metric) : out;
}

static char *parse_set(char *out, struct parse_in *in)
{
	static const char *const flags[] = {
		"up", "peer-up", "isolated", "mac", "keep-addresses", "keep-routes", "keep-up"};
	const char *bridge = parse_string(in);
	uint32_t mtu = parse_number(in, 4), vlan = parse_number(in, 2);
	uint32_t set = parse_number(in, 1), n, n_peer, n_routes;

	out += sprintf(out, "%s%s", *bridge ? " bridge=" : "", bridge);
	out += mtu ? sprintf(out, " mtu=%u", mtu) : 0;
	out += vlan ? sprintf(out, " vlan=%u", vlan) : 0;
	if (set & VST_SET_MAC)
		out += sprintf(out, " mac=");
	for (int i = 0; i < 6; i++) {
		uint32_t byte = parse_number(in, 1);

		assert(set & VST_SET_MAC || byte == 0);
		if (set & VST_SET_MAC)
			out += sprintf(out, "%02x", byte);
	}
	out = parse_bits(out, "set", set & ~(uint32_t)VST_SET_MAC, flags, 7);
	n = parse_number(in, 1);
	n_peer = parse_number(in, 1);
	n_routes = parse_number(in, 1);
	while (n--)
		out = parse_prefixed(out, "to", in);
	while (n_peer--)
		out = parse_prefixed(out, "peer-to", in);
	while (n_routes--)
		out = parse_route(out, in);
	return out;
}

static char *parse_op(char *out, struct parse_in *in)
{
	uint32_t kind = parse_number(in, 1), arg = parse_number(in, 1);
	const char *name, *add, *peer;

	switch (kind) {
	case VST_OP_MKDIR:
		assert(arg == 0);
		return out + sprintf(out, "MKDIR %s\n", parse_string(in));
	case VST_OP_LINK:
		assert((arg & ~(uint32_t)(VST_LINK_CREATE_IN_ROOT | VST_LINK_SET)) == 0);
		name = parse_string(in);
		add = parse_string(in);
		peer = parse_string(in);
		out += sprintf(out, "LINK %s%s%s%s%s%s", name, *add ? " add=" : "", add,
			*peer ? " peer=" : "", peer,
			arg & VST_LINK_CREATE_IN_ROOT ? " here" : "");
		if (arg & VST_LINK_SET)
			out = parse_set(out, in);
		return out + sprintf(out, "\n");
	case VST_OP_BIND_NS:
		assert(arg < VST_NS_COUNT);
		return out + sprintf(out, "BIND_NS %s %s\n",
				     parse_fields[VST_FIELD_CGROUP + arg], parse_string(in));
	case VST_OP_MOUNT:
		return parse_mount(out, arg, in);
	case VST_OP_CGROUP:
		assert(arg == 0);
		return out + sprintf(out, "CGROUP %s\n", parse_string(in));
	case VST_OP_NAMESPACE:
		assert(arg == 0);
		return out + sprintf(out, "NAMESPACE %s\n", parse_string(in));
	default:
		assert(!"a known kind");
		return out;
	}
}

static char *parse_finding(char *out, const char *word, struct parse_in *in)
{
	uint32_t code = parse_number(in, 2), member = parse_number(in, 1);
	uint32_t field = parse_number(in, 1), line = parse_number(in, 4);
	uint32_t column = parse_number(in, 4), index = parse_number(in, 4);
	uint32_t sub = parse_number(in, 4);

	assert(code > 0 && code < VST_DOC_COUNT && member < VST_MEMBER_COUNT &&
		field < VST_FIELD_COUNT);
	out += sprintf(out, "%s %s %u:%u %s", word, parse_codes[code], line, column,
		parse_members[member]);
	if (index != VST_NO_INDEX)
		out += sprintf(out, "[%u]", index);
	if (field >= VST_FIELD_TO && field <= VST_FIELD_METRIC)
		return out + sprintf(out, ".routes[%u].%s\n", sub, parse_fields[field]);
	if (field)
		out += sprintf(out, ".%s", parse_fields[field]);
	if (sub != VST_NO_INDEX)
		out += sprintf(out, "[%u]", sub);
	return out + sprintf(out, "\n");
}

/* Writes down one message. */
static char *parse_message(char *out, struct parse_in *in)
{
	uint32_t type = parse_number(in, 1), zero = parse_number(in, 1);
	uint32_t count = parse_number(in, 2);

	assert(zero == 0 && (count == 0) == (type != VST_WIRE_OPS));
	switch (type) {
	case VST_WIRE_OPS:
		while (count--)
			out = parse_op(out, in);
		break;
	case VST_WIRE_WARN:
		out = parse_finding(out, "WARN", in);
		break;
	case VST_WIRE_FAIL:
		out = parse_finding(out, "FAIL", in);
		break;
	case VST_WIRE_END:
		out += sprintf(out, "END %u", parse_number(in, 4));
		out += sprintf(out, " %u\n", parse_number(in, 4));
		break;
	default:
		assert(!"a known type");
	}
	assert(in->at == in->end);
	return out;
}

static const char *parse_write_down(void)
{
	char *out = parse_text;

	*out = '\0';
	for (size_t at = 0; at < parse_len;) {
		struct parse_in in = {parse_msgs + at + 4, NULL};
		uint32_t len;

		memcpy(&len, parse_msgs + at, 4);
		in.end = in.at + len;
		out = parse_message(out, &in);
		at += 4 + len;
	}
	return parse_text;
}

/* What main.c does once the document is in memory. */
static const char *parse_bytes(const void *bytes, size_t len, int is_strict)
{
	struct vst_finding finding;

	assert(len <= VST_DOC_MAX);
	memset(&parse_run.build, 0, sizeof parse_run.build);
	memcpy(parse_run.doc.bytes, bytes, len);
	parse_run.doc.len = len;
	parse_len = 0;
	parse_n_msgs = 0;
	if (parse_document(&parse_run, is_strict, &finding) < 0)
		send_fail(&finding);
	else
		send_end(&parse_run.send);
	return parse_write_down();
}

/* Fails unless that is all it says. */
static inline void says_n(const char *doc, size_t len, int is_strict, const char *want)
{
	const char *have = parse_bytes(doc, len, is_strict);

	if (strcmp(have, want) != 0)
		fail_msg("%s\n  says:\n%s  not:\n%s", doc, have, want);
}

/* The document, and all that is said about it. */
#define SAYS(doc, want) says_n(doc, sizeof doc - 1, 0, want)
#define SAYS_STRICT(doc, want) says_n(doc, sizeof doc - 1, 1, want)

/* What it says last, whatever it warned of before. */
static inline void fails_n(const char *doc, size_t len, const char *want)
{
	const char *have = parse_bytes(doc, len, 0), *fail = strstr(have, "FAIL ");

	if (!fail || strlen(fail + 5) != strlen(want) + 1 ||
		strncmp(fail + 5, want, strlen(want)) != 0)
		fail_msg("%s\n  says:\n%s  not: FAIL %s", doc, have, want);
}

#define FAILS(doc, want) fails_n(doc, sizeof doc - 1, want)
