/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int input_fail(enum vst_doc_error code, struct vst_finding *ret_finding)
{
	*ret_finding = (struct vst_finding){
		.code = (uint16_t)code,
		.line = 1,
		.column = 1,
		.place = {.index = VST_NO_INDEX, .sub = VST_NO_INDEX},
	};
	return -1;
}

int input_read(struct document *doc, struct vst_finding *ret_finding)
{
	doc->len = 0;
	for (;;) {
		size_t room = sizeof doc->bytes - doc->len;
		ssize_t n;

		if (room == 0)
			return input_fail(VST_DOC_TOO_LARGE, ret_finding);
		n = read(STDIN_FILENO, doc->bytes + doc->len, room);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return input_fail(VST_DOC_READ, ret_finding);
		if (n == 0)
			break;
		doc->len += (size_t)n;
	}
	if (doc->len == 0)
		return input_fail(VST_DOC_EMPTY_FILE, ret_finding);
	return 0;
}

/* Returns the length of the well-formed character at s, or 0 if there is none. At least one of
 * the len bytes exists. */
static size_t utf8_char_len(const unsigned char *s, size_t len)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t n;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	n = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n > len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (s[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return n;
}

int input_check_utf8(const struct document *doc, struct vst_finding *ret_finding)
{
	const unsigned char *at = doc->bytes, *end = at + doc->len, *line_start = at;
	uint32_t line = 1;

	while (at < end) {
		uint64_t eight;
		size_t n;

		if (end - at >= 8) {
			memcpy(&eight, at, sizeof eight);
			if (!(eight & 0x8080808080808080u)) {
				at += 8;
				continue;
			}
		}
		n = utf8_char_len(at, (size_t)(end - at));
		if (n == 0)
			break;
		at += n;
	}
	if (at == end)
		return 0;
	for (const unsigned char *s = doc->bytes; s < at; s++)
		if (*s == '\n') {
			line++;
			line_start = s + 1;
		}
	input_fail(VST_DOC_UTF8, ret_finding);
	ret_finding->line = line;
	ret_finding->column = (uint32_t)(at - line_start) + 1;
	return -1;
}
