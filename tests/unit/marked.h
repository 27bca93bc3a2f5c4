/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents as a reader likes them: ' stands for ", and a finding is expected where ^ stands.
 * Included after tests/unit/parse.h.
 */
#pragma once

#include <stdarg.h>

static char marked_doc[VST_DOC_MAX + 1];
static size_t marked_len;
static unsigned marked_line, marked_column;

static void marked(const char *fmt, va_list ap)
{
	static char text[VST_DOC_MAX + 64];
	size_t len = (size_t)vsnprintf(text, sizeof text, fmt, ap);
	unsigned line = 1, column = 1;

	assert(len < sizeof text);
	marked_len = 0;
	marked_line = marked_column = 0;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '\'' ? '"' : text[i];

		if (c == '^') {
			assert(!marked_line);
			marked_line = line;
			marked_column = column;
			continue;
		}
		assert(marked_len < VST_DOC_MAX);
		marked_doc[marked_len++] = c;
		column++;
		if (c == '\n') {
			line++;
			column = 1;
		}
	}
	marked_doc[marked_len] = '\0';
}

__attribute__((format(printf, 1, 2))) static inline void marked_text(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	marked(fmt, ap);
	va_end(ap);
}

/* The document, made by the format, says that and nothing else. */
__attribute__((format(printf, 2, 3))) static inline void says(
	const char *want, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	marked(fmt, ap);
	va_end(ap);
	assert(!marked_line);
	says_n(marked_doc, marked_len, 0, want);
}

/* It fails with that code and place, at the mark. */
__attribute__((format(printf, 3, 4))) static inline void fails(
	const char *code, const char *place, const char *fmt, ...)
{
	char want[128];
	va_list ap;

	va_start(ap, fmt);
	marked(fmt, ap);
	va_end(ap);
	assert(marked_line);
	snprintf(want, sizeof want, "%s %u:%u %s", code, marked_line, marked_column, place);
	fails_n(marked_doc, marked_len, want);
}
