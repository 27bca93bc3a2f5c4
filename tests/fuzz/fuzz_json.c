/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a document: the parser comes to an end, and the parent understands and accepts
 * whatever it said. What one side refuses and the other lets pass would show here. What only
 * the parser holds (no name of an option is data) is looked up in what it sent.
 */
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "ipc/wire.h"
#include "ipc/wire_get.h"
#include "parser/options.h"
#include "parser/parse.h"
#include "privileged/seam/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *addr, socklen_t addr_len);

static struct parse parse;
static unsigned char said[VST_WIRE_MAX];
static struct wire_msg msg = {.bytes = said};

ssize_t __wrap_sendto(int fd, const void *bytes, size_t len, int flags,
	const struct sockaddr *addr, socklen_t addr_len)
{
	uint32_t prefix = (uint32_t)len;

	assert(fd == SEND_FD && flags == MSG_NOSIGNAL && !addr && addr_len == 0);
	assert(len > 0 && len <= VST_MSG_MAX && msg.n_messages < VST_MSGS_MAX);
	assert(msg.len + sizeof prefix + len <= sizeof said);
	memcpy(said + msg.len, &prefix, sizeof prefix);
	memcpy(said + msg.len + sizeof prefix, bytes, len);
	msg.len += sizeof prefix + len;
	msg.n_messages++;
	return (ssize_t)len;
}

/* A fresh build, of which only what the last document used is cleared. */
static void clear(void)
{
	memset(parse.build.names.slots, 0,
		parse.build.names.n_slots * sizeof *parse.build.names.slots);
	for (int i = 0; i < VST_NS_COUNT; i++)
		parse.build.ns[i].path.len = 0;
	parse.build.n_ns_bytes = 0;
	parse.build.n_sources = 0;
	parse.build.n_sets = parse.build.n_addresses = parse.build.n_routes = 0;
	msg.len = 0;
	msg.n_messages = 0;
}

static struct wire_in op_string(struct wire_in in, const char **ret, size_t *ret_len)
{
	assert(wire_get_string(&in, VST_PATH_MAX, ret, ret_len) == 0);
	for (size_t i = 0; i < *ret_len; i++)
		assert((unsigned char)(*ret)[i] >= 0x20 && (*ret)[i] != 0x7f);
	return in;
}

static struct wire_in check_item(struct wire_in in, unsigned *n_sources)
{
	const char *key, *value;
	size_t key_len, value_len;
	uint8_t kind;

	assert(wire_get_u8(&in, &kind) == 0);
	in = op_string(op_string(in, &key, &key_len), &value, &value_len);
	if (kind == VST_ITEM_FLAG || kind == VST_ITEM_STRING) {
		assert(key_len > 0 && key_len <= VST_FS_VALUE_MAX);
		assert(value_len <= VST_FS_VALUE_MAX &&
			(kind == VST_ITEM_STRING || !value_len));
		assert(!options_find(key, key_len) && !strchr(key, '='));
		assert(strcmp(key, "source") != 0);
	} else {
		assert(kind <= VST_ITEM_WORK && key_len == 0 && value[0] == '/');
		++*n_sources;
	}
	return in;
}

static struct wire_in check_mount(struct wire_in in, uint8_t action, unsigned *n_sources)
{
	size_t start = in.at - 2, len;
	uint8_t flags;
	uint16_t n_items;
	const char *s;

	for (int i = 0; i < VST_WIRE_FLAGS_LEN; i++)
		assert(wire_get_u8(&in, &flags) == 0);
	assert(wire_get_u16(&in, &n_items) == 0 && n_items <= VST_MOUNT_ITEMS_MAX);
	in = op_string(in, &s, &len);
	assert(len > 0);
	in = op_string(in, &s, &len);
	assert((len > 0) == (action == VST_MOUNT_NEW));
	in = op_string(in, &s, &len);
	if ((action & ~VST_MOUNT_RECURSIVE) == VST_MOUNT_BIND)
		++*n_sources;
	while (n_items--)
		in = check_item(in, n_sources);
	assert(in.at - start <= VST_MOUNT_BYTES_MAX);
	return in;
}

/* What a link is given: validate judges the values, so that it is passed here alone. */
static struct wire_in check_set(struct wire_in in)
{
	const char *bridge;
	uint8_t byte, n[3];
	size_t len;

	in = op_string(in, &bridge, &len);
	assert(len <= VST_IFNAME_MAX);
	for (int i = 0; i < 4 + 2 + 1 + 6; i++)
		assert(wire_get_u8(&in, &byte) == 0);
	for (int i = 0; i < 3; i++)
		assert(wire_get_u8(&in, &n[i]) == 0);
	for (unsigned i = 0; i < (unsigned)n[0] + n[1]; i++) {
		struct vst_address address;

		assert(wire_get_address(&in, &address) == 0);
	}
	for (unsigned i = 0; i < n[2]; i++) {
		struct vst_route route;

		assert(wire_get_route(&in, &route) == 0);
	}
	return in;
}

/* The operations of the messages, and how many of them are mounts. */
static void check_said(void)
{
	struct wire_in in = {.bytes = said, .len = msg.len};
	unsigned n_sources = 0, n_mounts = 0;

	while (in.at < in.len) {
		uint8_t type, zero, kind, arg;
		uint16_t count;
		uint32_t len;
		size_t end;

		assert(wire_get_u32(&in, &len) == 0);
		end = in.at + len;
		assert(wire_get_u8(&in, &type) == 0 && wire_get_u8(&in, &zero) == 0 &&
			wire_get_u16(&in, &count) == 0);
		for (; type == VST_WIRE_OPS && count > 0; count--) {
			const char *s;
			size_t s_len;

			assert(wire_get_u8(&in, &kind) == 0 && wire_get_u8(&in, &arg) == 0);
			if (kind == VST_OP_MOUNT) {
				in = check_mount(in, arg, &n_sources);
				n_mounts++;
				continue;
			}
			for (int i = 0; i < (kind == VST_OP_LINK ? 3 : 1); i++)
				in = op_string(in, &s, &s_len);
			if (kind == VST_OP_LINK && arg & VST_LINK_SET)
				in = check_set(in);
		}
		assert(type != VST_WIRE_OPS || in.at == end);
		in.at = end;
	}
	assert(n_mounts <= VST_MOUNTS_MAX && n_sources <= VST_MOUNT_SOURCES_MAX);
}

/* Returns how many warnings there were. */
static unsigned run(const uint8_t *data, size_t size, int is_strict)
{
	struct vst_finding finding = {0};
	struct request request;
	struct findings findings;
	struct vst_err err = {.exit = VST_EXIT_OK};
	int failed, refused;

	clear();
	memcpy(parse.doc.bytes, data, size);
	parse.doc.len = size;
	send_hello(VST_SCHEMA_RUNTIME);
	failed = parse_document(&parse, is_strict, &finding) < 0;
	if (failed)
		send_fail(&finding);
	else
		send_end(&parse.send);
	check_said();
	refused = validate(&msg, &request, &findings, &err) < 0;
	assert(refused == failed);
	if (refused) {
		assert(strncmp(err.text, "runtime.json:", 13) == 0);
		assert(finding.line > 0 && finding.column > 0 && finding.column <= size + 1);
	} else {
		assert(request.n_ops == parse.send.n_ops);
	}
	return parse.send.n_warnings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > VST_DOC_MAX)
		return 0;
	parse.send.n_warnings = 0;
	if (run(data, size, 0) > 0)
		run(data, size, 1);
	return 0;
}
