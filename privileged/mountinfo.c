#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "../ipc/fd.h"
#include "../ipc/limits.h"
#include "proc.h"

/* A line: ID PARENT MAJOR:MINOR ROOT POINT and more, with \ooo for blanks and the like. */
enum { FIELD_ID = 0, FIELD_POINT = 4 };

struct line {
	unsigned field, escaped; /* digits still to come */
	unsigned code;           /* of the escape */
	uint64_t id;
	size_t len;
	char point[VST_PATH_MAX + 2]; /* too long for it: as much as fits */
};

static void add(struct line *line, char c)
{
	if (line->len < sizeof line->point - 1)
		line->point[line->len++] = c;
}

static void take(struct line *line, char c)
{
	if (c == ' ') {
		line->field++;
	} else if (line->field == FIELD_ID) {
		line->id = line->id * 10 + (uint64_t)(c - '0');
	} else if (line->field == FIELD_POINT && line->escaped) {
		line->code = line->code * 8 + (unsigned)(c - '0');
		if (--line->escaped == 0)
			add(line, (char)line->code);
	} else if (line->field == FIELD_POINT && c == '\\') {
		line->escaped = 3;
		line->code = 0;
	} else if (line->field == FIELD_POINT) {
		add(line, c);
	}
}

static int ends_with(const struct line *line, const char *path)
{
	size_t len = strlen(path);

	return len < line->len && line->point[line->len - len - 1] == '/' &&
	       memcmp(line->point + line->len - len, path, len) == 0;
}

int mountinfo_find(uint64_t mnt_id, const char *path)
{
	vst_auto_fd fd = proc_open("self/mountinfo", O_RDONLY);
	struct line line = {.field = 0};
	char bytes[4096];
	ssize_t n = fd < 0 ? -1 : 0;

	while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] != '\n') {
				take(&line, bytes[i]);
				continue;
			}
			if (line.id == mnt_id)
				return ends_with(&line, path) ? MOUNTINFO_THERE
							      : MOUNTINFO_ELSEWHERE;
			line.field = line.escaped = 0;
			line.id = line.len = 0;
		}
	return n < 0 ? -1 : MOUNTINFO_NONE;
}
