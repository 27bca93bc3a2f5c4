/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An error as a value: made once, where it happens, wrapped on the way up, printed by main. It
 * has a fixed size, because reporting a failure must not fail.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "exit.h"

#define VST_NO_OP UINT32_MAX

struct vst_err {
	enum vst_exit exit;    /* Exit status that the failure calls for. */
	int code;              /* errno; 0: not the kernel's refusal. */
	uint32_t op;           /* Index in the document's operations, or VST_NO_OP. */
	const char *path;      /* Path it is about, unescaped; NULL: none, or unknown. */
	const char *interface; /* Likewise. Both are borrowed from the plan. */
	char text[640];        /* One printable line, without newline and final full stop. */
};

/* Fills err with the formatted text, followed by ": strerror(code)" if code is not 0; op is
 * VST_NO_OP, path and interface NULL. Always returns -1, preserves errno. Callers escape: every
 * string that came from a document, a command line or a file name goes through VST_QUOTE. */
__attribute__((format(printf, 4, 5), nonnull(1, 4))) int vst_fail(
	struct vst_err *err, enum vst_exit exit, int code, const char *fmt, ...);

/* Puts "PREFIX: " in front of the text and keeps all else. Always returns -1. */
__attribute__((format(printf, 2, 3), nonnull(1, 2))) int vst_wrap(
	struct vst_err *err, const char *fmt, ...);

struct vst_quoted {
	char text[264];
};

/* Escapes len bytes for one line of a terminal or log: printable ASCII stays, a backslash and
 * everything else becomes \xNN. A text that does not fit loses its middle, shown as "...".
 * Returns q->text. */
__attribute__((nonnull)) const char *vst_quote(
	struct vst_quoted *q, const char *bytes, size_t len);

/* For arguments of vst_fail and vst_wrap: the buffer lives until the end of the enclosing
 * block. */
#define VST_QUOTE_N(bytes, len) vst_quote(&(struct vst_quoted){0}, (bytes), (len))
#define VST_QUOTE(str) VST_QUOTE_N((str), strlen(str))
