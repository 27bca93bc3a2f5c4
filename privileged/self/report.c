/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/clock.h"
#include "../kernel/escape.h"

/* A line is at most PIPE_BUF long, so that one write is atomic and fits where poll saw room.
 * Everything put into a line, escaped, is shorter. */
#define LINE_MAX_LEN 4096
#define TEXT_MAX_LEN 1280

/* Milliseconds that a run waits in all for stderr: it may be a pipe that nobody reads. */
#define WAIT_MAX_MS 500

/* Bytes of lines that are kept while a lock is held: some thousand lines. */
#define KEPT_MAX (256 << 10)

static struct {
	int json;
	int quiet;
	int waited_ms;
	int is_held;
	size_t n_kept;
	char kept[KEPT_MAX];
} sink;

struct line {
	char text[LINE_MAX_LEN];
	size_t len;
};

void report_start(int json, int quiet)
{
	sink.json = json;
	sink.quiet = quiet;
}

static void put(struct line *line, const char *text)
{
	size_t len = strlen(text), room = sizeof line->text - line->len;

	if (len > room)
		len = room;
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put_number(struct line *line, const char *name, unsigned number)
{
	char text[64];

	snprintf(text, sizeof text, ",\"%s\":%u", name, number);
	put(line, text);
}

/* Puts a JSON string; the text is printable ASCII. */
static void put_string(struct line *line, const char *name, const char *text)
{
	put(line, ",\"");
	put(line, name);
	put(line, "\":\"");
	for (; *text; text++) {
		char one[3];

		put(line, escape_json(*text, one));
	}
	put(line, "\"");
}

/* RFC 3339: "YYYY-MM-DDTHH:MM:SS" in UTC. Not gmtime_r, which reads /etc/localtime. Years are
 * counted from March, so that the leap day is their last. */
static void format_time(uint64_t seconds, char *ret, size_t size)
{
	static const uint64_t days_before_1970 = 719468; /* Days from March 1 of the year 0. */
	uint64_t days = seconds / 86400 + days_before_1970, era = days / 146097,
		 day = days % 146097, year, month;
	unsigned second = (unsigned)(seconds % 86400);

	year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= year * 365 + year / 4 - year / 100;
	month = (day * 5 + 2) / 153;
	day -= (month * 153 + 2) / 5;
	snprintf(ret, size, "%04u-%02u-%02uT%02u:%02u:%02u",
		(unsigned)(year + era * 400 + (month >= 10)),
		(unsigned)(month < 10 ? month + 3 : month - 9), (unsigned)day + 1,
		second / 3600, second / 60 % 60, second % 60);
}

static void put_time(struct line *line)
{
	struct timespec now = {0};
	char day[32], text[64];

	clock_gettime(CLOCK_REALTIME, &now);
	format_time((uint64_t)now.tv_sec, day, sizeof day);
	snprintf(text, sizeof text, "{\"time\":\"%s.%03uZ\"", day,
		(unsigned)(now.tv_nsec / 1000000));
	put(line, text);
}

static const char *level_name(enum report_level level)
{
	switch (level) {
	case REPORT_ERROR:
		return "error";
	case REPORT_WARNING:
		return "warning";
	case REPORT_INFO:
		break;
	}
	return "info";
}

static void put_json(struct line *line, enum report_level level,
	const struct report_about *about, const char *text)
{
	put_time(line);
	put_string(line, "level", level_name(level));
	put_string(line, "msg", text);
	if (about && about->op != VST_NO_OP)
		put_number(line, "op", about->op);
	if (about && about->path)
		put_string(line, "path", VST_QUOTE(about->path));
	if (about && about->interface)
		put_string(line, "interface", VST_QUOTE(about->interface));
	if (about && about->code)
		put_number(line, "errno", (unsigned)about->code);
	if (about && about->exit)
		put_number(line, "code", (unsigned)about->exit);
	put(line, "}\n");
}

static void put_text(struct line *line, enum report_level level,
	const struct report_about *about, const char *text)
{
	if (!about || !about->plain)
		put(line, level == REPORT_WARNING ? "vestibule: warning: " : "vestibule: ");
	put(line, text);
	put(line, "\n");
}

/* Writes a line, or a few that fit into PIPE_BUF, unless that would block too long. O_NONBLOCK
 * is not set: others share the open file description. A terminal that has less room than the
 * line, and a file whose server does not answer, block all the same. */
static void write_lines(const char *text, size_t len)
{
	struct pollfd poll_fd = {.fd = STDERR_FILENO, .events = POLLOUT};
	int64_t start = kernel_now_ms();
	int ready = poll(&poll_fd, 1, WAIT_MAX_MS - sink.waited_ms);

	sink.waited_ms += (int)(kernel_now_ms() - start);
	if (ready == 0 || sink.waited_ms > WAIT_MAX_MS)
		sink.waited_ms = WAIT_MAX_MS;
	if (ready > 0)
		(void)!write(STDERR_FILENO, text, len);
}

static void write_kept(void)
{
	for (size_t at = 0; at < sink.n_kept;) {
		const char *line = sink.kept + at;
		size_t len =
			(size_t)((const char *)memchr(line, '\n', sink.n_kept - at) - line) + 1;

		write_lines(line, len);
		at += len;
	}
	sink.n_kept = 0;
}

void report_hold(void)
{
	sink.is_held = 1;
}

void report_let_go(void)
{
	sink.is_held = 0;
	write_kept();
}

static void put_out(const struct line *line)
{
	if (line->len > KEPT_MAX - sink.n_kept)
		write_kept();
	if (sink.is_held) {
		memcpy(sink.kept + sink.n_kept, line->text, line->len);
		sink.n_kept += line->len;
	} else {
		write_lines(line->text, line->len);
	}
}

void report_pass_on(const char *text, size_t len)
{
	if (len)
		write_lines(text, len);
}

void report(enum report_level level, const struct report_about *about, const char *fmt, ...)
{
	char text[TEXT_MAX_LEN];
	struct line line = {.len = 0};
	va_list ap;

	if (sink.quiet && level != REPORT_ERROR)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	/* It should be printable already; if it is not, it still stays one line. */
	for (char *at = text; *at; at++)
		if (*at < 0x20 || *at > 0x7e)
			*at = '?';
	if (sink.json)
		put_json(&line, level, about, text);
	else
		put_text(&line, level, about, text);
	put_out(&line);
}

int report_failure(const struct vst_err *err)
{
	const struct report_about about = {
		.op = err->op,
		.code = err->code,
		.exit = err->exit,
		.path = err->path,
		.interface = err->interface,
	};

	report_let_go();
	report(REPORT_ERROR, &about, "%s", err->text);
	return (int)err->exit;
}

int report_bytes(const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(STDOUT_FILENO, bytes, len);

		if (n <= 0)
			return -1;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

int report_text(const char *text)
{
	return report_bytes(text, strlen(text)) < 0 ? VST_EXIT_FAILED : VST_EXIT_OK;
}

/* Puts a row as a JSON object; the brace replaces put_string's comma. */
static void put_held_json(struct line *line, const struct report_held *held, const char *since)
{
	line->len = 0;
	put_string(line, "bundle", held->bundle);
	line->text[0] = '{';
	if (held->verb) {
		put_string(line, "verb", held->verb);
		put_string(line, "since", since);
		put_number(line, "uid", held->uid);
		if (held->pid)
			put_number(line, "pid", held->pid);
		put_string(line, "kind", held->kind);
		put_string(line, "object", held->object);
	} else if (held->uid) {
		put_number(line, "uid", held->uid);
	}
	put_string(line, "state", held->state);
	put(line, "}\n");
}

static void put_held_text(struct line *line, const struct report_held *held, const char *since)
{
	char by[160] = "";

	line->len = 0;
	put(line, held->bundle);
	if (held->verb) {
		put(line, ": ");
		put(line, held->kind);
		put(line, " ");
		put(line, held->object);
		snprintf(by, sizeof by, " (%s, %s, uid %u", held->verb, since, held->uid);
		put(line, by);
		snprintf(by, sizeof by, held->pid ? ", process %u)" : ")", held->pid);
		put(line, by);
	} else if (held->uid) {
		snprintf(by, sizeof by, " (uid %u)", held->uid);
		put(line, by);
	}
	put(line, ": ");
	put(line, held->state);
	put(line, "\n");
}

int report_held(const struct report_held *held, int json)
{
	struct line line;
	char since[40];

	format_time(held->since, since, sizeof since - 1);
	strcat(since, "Z");
	if (json)
		put_held_json(&line, held, since);
	else
		put_held_text(&line, held, since);
	return write(STDOUT_FILENO, line.text, line.len) == (ssize_t)line.len ? 0 : -1;
}
