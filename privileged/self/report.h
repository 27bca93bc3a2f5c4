/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages: one line per event, to stderr, in text or JSON, one write each. A stderr that is
 * full or closed is no error; a run waits half a second for it in all. One that blocks the
 * write itself holds up nobody else. Results go to stdout. Only main.c and report.c print.
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

/* What an event is about. Strings are unescaped (report escapes them); NULL: none. */
struct report_about {
	const char *path;
	const char *interface;
	uint32_t op; /* VST_NO_OP: none. */
	int code;    /* errno; 0: none. */
	int exit;    /* Exit status of a final error; 0: none. */
	int plain;   /* A stable line: printed without prefix. */
};

/* Sets the form of messages; `quiet` prints errors only. Call it once, before anything is
 * printed. */
void report_start(int json, int quiet);

/* Prints one line. In text: "vestibule: " or "vestibule: warning: ", unless about->plain, and
 * the message. In JSON: an object with time, level, msg and what is set of op, path, interface,
 * errno and code. The message is printable already (VST_QUOTE), and cut at 1,279 bytes. `about`
 * may be NULL. */
__attribute__((format(printf, 3, 4))) void report(
	enum report_level level, const struct report_about *about, const char *fmt, ...);

/* Between the two, lines are kept instead of printed: whoever reads stderr may not, and no lock
 * is held for that long. More than 256 KiB of them are printed when the next one comes.
 * report_let_go prints what is kept; without report_hold it does nothing. */
void report_hold(void);
void report_let_go(void);

/* Prints lines that a child printed, at most PIPE_BUF bytes. */
void report_pass_on(const char *text, size_t len);

/* Prints what is kept and the final error of a run, and returns its exit status. */
int report_failure(const struct vst_err *err);

/* One row of status, for stdout. Strings are printable already, and borrowed. */
struct report_held {
	const char *bundle;
	const char *verb; /* Verb of the run that made it; NULL: the row is about the bundle. */
	uint64_t since;   /* Seconds since 1970. */
	uint32_t uid;     /* Of whoever ran it; without a verb 0: none is shown. */
	uint32_t pid;     /* The process it is for; 0: none. */
	const char *kind;
	const char *object;
	const char *state; /* "there", "gone", ... */
};

/* Prints one row, as text or a JSON object. -1 with errno if stdout fails. */
int report_held(const struct report_held *held, int json);

/* Writes all bytes to stdout as they are. -1 with errno. */
int report_bytes(const char *bytes, size_t len);

/* Writes a text of ours to stdout: --help, --version. Returns the exit status. */
int report_text(const char *text);
