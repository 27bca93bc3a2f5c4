/*
 * An error as a value: made once, where it happens, wrapped on the way up, printed by main.
 * Fixed size, because reporting a failure must not fail.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "exit.h"

#define VST_NO_OP UINT32_MAX

struct vst_err {
	enum vst_exit exit;    /* the exit status that the failure calls for */
	int code;              /* errno, or 0 when the kernel had no say */
	uint32_t op;           /* index in the document's operations, or VST_NO_OP */
	const char *path;      /* what it is about, as it is; NULL: not a path, or not known */
	const char *interface; /* likewise. Both are of a plan, which outlives the error */
	char text[640];        /* one line, printable; no newline, no final full stop */
};

/* Fills err with the formatted text, followed by ": strerror(code)" if code is not 0, and
 * op VST_NO_OP, about nothing. Always returns -1, preserves errno. The text is escaped by its
 * makers: every string that came from a document, a command line or a file name goes through
 * VST_QUOTE.
 */
__attribute__((format(printf, 4, 5), nonnull(1, 4))) int vst_fail(
	struct vst_err *err, enum vst_exit exit, int code, const char *fmt, ...);

/* Puts "PREFIX: " in front of the text; the rest stays. Always returns -1. */
__attribute__((format(printf, 2, 3), nonnull(1, 2))) int vst_wrap(
	struct vst_err *err, const char *fmt, ...);

struct vst_quoted {
	char text[264];
};

/* Escapes len bytes for one line of a terminal or a log: printable ASCII stays, a backslash
 * and everything else is \xNN; what does not fit is cut in the middle and shown as "...".
 * Returns q->text.
 */
__attribute__((nonnull)) const char *vst_quote(
	struct vst_quoted *q, const char *bytes, size_t len);

/* For arguments of vst_fail and vst_wrap: the buffer lives as long as the full expression's
 * block. */
#define VST_QUOTE_N(bytes, len) vst_quote(&(struct vst_quoted){0}, (bytes), (len))
#define VST_QUOTE(str) VST_QUOTE_N((str), strlen(str))
