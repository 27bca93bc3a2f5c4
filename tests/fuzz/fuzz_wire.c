/* What a hostile parser may send: bytes -> messages -> validate. Each message is a u16 length,
 * low byte first, and that many bytes (fewer at the end of the input). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/name.h"
#include "privileged/validate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever was accepted can be walked, and holds only what its readers rely on. */
static void check_request(const struct request *request)
{
	struct request_op op;
	size_t cursor = 0;
	uint32_t n = 0;

	while (request_next(request, &cursor, &op)) {
		const char *s = (const char *)request->bytes + op.str[0].off;

		n++;
		assert(cursor <= request->len && strlen(s) == op.str[0].len);
		if (op.kind == VST_OP_LINK)
			assert(vst_ifname_check(s, op.str[0].len) == VST_DOC_OK);
		else
			assert(s[0] == '/' && vst_path_is_canonical(s, op.str[0].len));
		assert(op.kind != VST_OP_BIND_NS || op.arg < VST_NS_COUNT);
	}
	assert(cursor == (n ? request->len : 0) && n == request->n_ops);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as much as is used, so that a sanitizer sees the first byte too many. */
	struct wire_msg msg = {.bytes = malloc(2 * size + 4)};
	struct request request;
	struct findings findings;
	struct vst_err err = {.exit = VST_EXIT_OK};
	char text[512];

	for (size_t at = 0; at + 2 <= size && msg.n_messages < VST_MSGS_MAX;) {
		uint32_t len = (uint32_t)(data[at] | data[at + 1] << 8);

		at += 2;
		if (len > size - at)
			len = (uint32_t)(size - at);
		if (len == 0)
			break;
		memcpy(msg.bytes + msg.len, &len, sizeof len);
		memcpy(msg.bytes + msg.len + sizeof len, data + at, len);
		msg.len += sizeof len + len;
		msg.n_messages++;
		at += len;
	}
	msg.bytes = realloc(msg.bytes, msg.len ? msg.len : 1);
	if (validate(&msg, &request, &findings, &err) == 0) {
		check_request(&request);
		for (unsigned i = 0; i < findings.n_warnings; i++)
			assert(validate_sentence(&findings.warnings[i], text, sizeof text) ==
				0);
	} else {
		assert(err.exit == VST_EXIT_INVALID || err.exit == VST_EXIT_UNSUPPORTED);
		for (const char *c = err.text; *c; c++)
			assert(*c >= 0x20 && *c < 0x7f);
	}
	free(msg.bytes);
	return 0;
}
