/*
 * Any bytes as a document: the parser comes to an end, and the parent understands and accepts
 * whatever it said. What one side refuses and the other lets pass would show here.
 */
#include <assert.h>
#include <string.h>
#include <sys/socket.h>

#include "parser/parse.h"
#include "privileged/validate.h"

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
		parse.build.ns[i].len = 0;
	msg.len = 0;
	msg.n_messages = 0;
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
