/* SPDX-License-Identifier: Apache-2.0 */
#include "mountinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "proc.h"

/* A line: ID PARENT MAJOR:MINOR ROOT POINT OPTIONS TAG... - TYPE SOURCE OPTIONS. A bound
 * namespace's ROOT is TYPE:[INODE]. In POINT, blanks and the like are \ooo. Of the tags, only
 * shared:N is read. */
enum { ID, PARENT, DEVICE, ROOT, POINT, OPTIONS };

static const char shared_tag[] = "shared:";

struct line {
	unsigned field;
	uint64_t number;  /* Number read in this field so far. */
	uint64_t major;   /* MAJOR, once its colon was read. */
	unsigned escaped; /* Octal digits of an escape still to come. */
	size_t len;       /* Length of POINT so far. */
	int is_path;      /* ROOT is a path, not a namespace. */
	int is_past_tags; /* At the "-" or behind it. */
	unsigned past;    /* Fields read behind the "-". */
	size_t tag; /* Bytes of this field; `matched` counts those that match shared_tag. */
	size_t matched;
};

static void add(struct line *line, struct mountinfo *mount, char c)
{
	if (line->len < sizeof mount->point - 1)
		mount->point[line->len++] = c;
}

static void end_field(struct line *line, struct mountinfo *mount)
{
	switch (line->field) {
	case ID:
		mount->id = line->number;
		break;
	case PARENT:
		mount->parent = line->number;
		break;
	case DEVICE:
		mount->dev = makedev((unsigned)line->major, (unsigned)line->number);
		break;
	case POINT:
		mount->point[line->len] = '\0';
		break;
	default:
		break;
	}
	line->number = 0;
	line->tag = line->matched = 0;
	line->past += line->is_past_tags ? 1 : 0;
	line->field++;
}

static void take_root(struct line *line, struct mountinfo *mount, char c)
{
	if (c == '/')
		line->is_path = 1;
	else if (line->is_path)
		return;
	else if (c >= '0' && c <= '9')
		line->number = line->number * 10 + (uint64_t)(c - '0');
	else if (c == ']')
		mount->ns_ino = line->number;
}

static void take_point(struct line *line, struct mountinfo *mount, char c)
{
	if (line->escaped) {
		line->number = line->number * 8 + (uint64_t)(c - '0');
		if (--line->escaped == 0)
			add(line, mount, (char)line->number);
	} else if (c == '\\') {
		line->escaped = 3;
		line->number = 0;
	} else {
		add(line, mount, c);
	}
}

/* Behind the "-": TYPE SOURCE OPTIONS. */
static void take_fs(struct line *line, struct mountinfo *mount, char c)
{
	char *const to = line->past == 1 ? mount->type : mount->options;
	const size_t size = line->past == 1 ? sizeof mount->type : sizeof mount->options;

	if (line->past != 1 && line->past != 3)
		return;
	if (line->tag + 1 >= size) {
		mount->is_cut = 1;
		return;
	}
	to[line->tag++] = c;
	to[line->tag] = '\0';
}

static void take_tag(struct line *line, struct mountinfo *mount, char c)
{
	if (line->tag == line->matched && line->matched < sizeof shared_tag - 1 &&
		c == shared_tag[line->matched])
		line->matched++;
	line->tag++;
	if (line->matched == sizeof shared_tag - 1)
		mount->is_shared = 1;
	line->is_past_tags = line->tag == 1 && c == '-';
}

static void take(struct line *line, struct mountinfo *mount, char c)
{
	if (c == ' ') {
		end_field(line, mount);
	} else if (line->field == ROOT) {
		take_root(line, mount, c);
	} else if (line->field == POINT) {
		take_point(line, mount, c);
	} else if (line->field > OPTIONS) {
		if (line->is_past_tags)
			take_fs(line, mount, c);
		else
			take_tag(line, mount, c);
	} else if (line->field == DEVICE && c == ':') {
		line->major = line->number;
		line->number = 0;
	} else if (line->field < ROOT) {
		line->number = line->number * 10 + (uint64_t)(c - '0');
	}
}

int mountinfo_find(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg,
	struct mountinfo *ret)
{
	vst_auto_fd fd = proc_open("self/mountinfo", O_RDONLY);
	struct line line = {.field = ID};
	char bytes[4096];
	ssize_t n = fd < 0 ? -1 : 0;

	*ret = (struct mountinfo){.id = 0};
	while (fd >= 0 && (n = read(fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] != '\n') {
				take(&line, ret, bytes[i]);
				continue;
			}
			if (line.field > POINT && is_it(ret, arg))
				return 1;
			line = (struct line){.field = ID};
			ret->ns_ino = 0;
			ret->is_shared = ret->is_cut = 0;
			ret->type[0] = ret->options[0] = '\0';
		}
	return n < 0 ? -1 : 0;
}

struct counted {
	int (*is_it)(const struct mountinfo *mount, void *arg);
	void *arg;
	int n;
};

static int count(const struct mountinfo *mount, void *arg)
{
	struct counted *counted = arg;

	counted->n += counted->is_it(mount, counted->arg) ? 1 : 0;
	return 0;
}

int mountinfo_count(int (*is_it)(const struct mountinfo *mount, void *arg), void *arg)
{
	struct counted counted = {.is_it = is_it, .arg = arg};
	struct mountinfo unused;

	return mountinfo_find(count, &counted, &unused) < 0 ? -1 : counted.n;
}

static int has_id(const struct mountinfo *mount, void *arg)
{
	return mount->id == *(const uint64_t *)arg;
}

static int has_parent(const struct mountinfo *mount, void *arg)
{
	return mount->parent == *(const uint64_t *)arg;
}

int mountinfo_of(uint64_t mnt_id, struct mountinfo *ret)
{
	return mountinfo_find(has_id, &mnt_id, ret);
}

int mountinfo_inside(uint64_t mnt_id, struct mountinfo *ret)
{
	return mountinfo_find(has_parent, &mnt_id, ret);
}

int mountinfo_is_at(const struct mountinfo *mount, const char *path)
{
	size_t len = strlen(mount->point), end = strlen(path);

	return end < len && mount->point[len - end - 1] == '/' &&
	       strcmp(mount->point + len - end, path) == 0;
}
