/* SPDX-License-Identifier: Apache-2.0 */
#include "err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int vst_fail(struct vst_err *err, enum vst_exit exit, int code, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	err->exit = exit;
	err->code = code;
	err->op = VST_NO_OP;
	err->path = err->interface = NULL;
	va_start(ap, fmt);
	vsnprintf(err->text, sizeof err->text, fmt, ap);
	va_end(ap);
	if (code) {
		size_t len = strlen(err->text);

		snprintf(err->text + len, sizeof err->text - len, ": %s", strerror(code));
	}
	errno = saved;
	return -1;
}

int vst_wrap(struct vst_err *err, const char *fmt, ...)
{
	char prefix[sizeof err->text];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(prefix, sizeof prefix - 2, fmt, ap);
	va_end(ap);
	strcat(prefix, ": ");
	len = strlen(prefix);
	memmove(err->text + len, err->text, sizeof err->text - len);
	memcpy(err->text, prefix, len);
	err->text[sizeof err->text - 1] = '\0';
	return -1;
}

/* Writes the escaped form of one byte; returns its length, 1 or 4. */
static size_t quote_byte(char out[4], unsigned char byte)
{
	static const char hex[] = "0123456789abcdef";

	if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
		out[0] = (char)byte;
		return 1;
	}
	out[0] = '\\';
	out[1] = 'x';
	out[2] = hex[byte >> 4];
	out[3] = hex[byte & 15];
	return 4;
}

const char *vst_quote(struct vst_quoted *q, const char *bytes, size_t len)
{
	static const size_t half = (sizeof q->text - 4) / 2;
	size_t used = 0, tail = len, tail_used = 0;
	char one[4];

	for (size_t i = 0; i < len; i++) {
		size_t n = quote_byte(one, (unsigned char)bytes[i]);

		if (used + n > sizeof q->text - 1)
			break;
		memcpy(q->text + used, one, n);
		used += n;
		if (i + 1 == len) {
			q->text[used] = '\0';
			return q->text;
		}
	}
	if (len == 0) {
		q->text[0] = '\0';
		return q->text;
	}
	/* Too long: keep a first and a last half, each of whole escapes. */
	used = 0;
	for (size_t i = 0; i < len; i++) {
		size_t n = quote_byte(one, (unsigned char)bytes[i]);

		if (used + n > half)
			break;
		used += n;
	}
	while (tail > 0) {
		size_t n = quote_byte(one, (unsigned char)bytes[tail - 1]);

		if (tail_used + n > half)
			break;
		tail_used += n;
		tail--;
	}
	memcpy(q->text + used, "...", 3);
	used += 3;
	for (; tail < len; tail++)
		used += quote_byte(q->text + used, (unsigned char)bytes[tail]);
	q->text[used] = '\0';
	return q->text;
}
