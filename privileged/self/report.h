/*
 * What people read: one line an event, to stderr, in text or JSON. One write each; a stderr
 * that is full or gone is no error, and a run waits half a second for it in all. Only main.c
 * and report.c print.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"

enum report_level {
	REPORT_ERROR,
	REPORT_WARNING,
	REPORT_INFO,
};

/* What applies of an event; strings as they are (report escapes them), NULL: none. */
struct report_about {
	const char *path;
	const char *interface;
	uint32_t op; /* VST_NO_OP: none */
	int code;    /* errno, 0: none */
	int exit;    /* exit status, of a final error; 0: none */
	int plain;   /* a stable line of format: nothing in front of it */
};

/* quiet leaves errors only. To be called once, before anything is printed. */
void report_start(int json, int quiet);

/* Prints "vestibule: " ("vestibule: warning: ") and the line (text), or an object with time,
 * level, msg and what applies of op, path, interface, errno, code (json). The line is printable
 * already (VST_QUOTE), and cut at 1,279 bytes. about may be NULL. Stable lines ("Created
 * interface ...") get no prefix: plain 1. */
__attribute__((format(printf, 3, 4))) void report(
	enum report_level level, const struct report_about *about, const char *fmt, ...);

/* The final error of a run. Returns its exit status. */
int report_failure(const struct vst_err *err);

/* Something that is held, for a result on stdout. Strings are printable already. */
struct report_held {
	const char *bundle;
	const char *verb; /* of the run that made it; NULL: the row is about the bundle */
	uint64_t since;   /* seconds since 1970 */
	uint32_t uid;
	uint32_t pid; /* the process it is for; 0: none */
	const char *kind;
	const char *object;
	const char *state; /* "there", "gone", ... */
};

/* One line: text, or a JSON object. -1 with errno if stdout does not take it. */
int report_held(const struct report_held *held, int json);

/* Writes all of them to stdout, as they are. -1 with errno. */
int report_bytes(const char *bytes, size_t len);

/* Writes a text of ours to stdout: --help, --version. The exit status. */
int report_text(const char *text);
