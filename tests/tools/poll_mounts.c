/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at mounts at full speed while somebody else makes them, and finds out whether one of
 * them was ever seen writable. What it looks at are the points DIR/0, DIR/1, ...
 *
 *   poll_mounts path DIR N   by their names, one after the other: each as soon as the one
 * before it was seen to be mounted; ends with the last poll_mounts table DIR    in
 * /proc/self/mountinfo, all of them at each look, until SIGTERM
 *
 * Prints "looking" when it does, and at its end "looks L, seen S, writable W": how often it
 * looked, and how often it saw a mount, and one without "ro". Ends with 0, or with 1 if any
 * mount was writable, or if none was seen at all.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

static volatile sig_atomic_t ended;
static unsigned long looks, seen, writable;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static void die(const char *what)
{
	perror(what);
	exit(2);
}

/* The file system that a point is on changes when something is mounted there. */
static void by_path(const char *dir, unsigned n)
{
	struct statfs around, at;
	char path[4096];

	if (statfs(dir, &around) < 0)
		die(dir);
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof path, "%s/%u", dir, i);
		do {
			looks++;
			if (statfs(path, &at) < 0)
				die(path);
		} while (!ended && !memcmp(&at.f_fsid, &around.f_fsid, sizeof at.f_fsid));
		if (ended)
			return;
		seen++;
		writable += !(at.f_flags & ST_RDONLY);
	}
}

/* "ID PARENT DEVICE ROOT POINT OPTIONS ..." */
static void judge(char *line, const char *dir, size_t len)
{
	char *field = NULL, *rest = line;

	for (int i = 0; i < 5 && rest; i++)
		field = strsep(&rest, " ");
	if (!rest || strncmp(field, dir, len) != 0 || field[len] != '/')
		return;
	seen++;
	writable += strncmp(rest, "ro,", 3) != 0 && strncmp(rest, "ro ", 3) != 0;
}

static void by_table(const char *dir)
{
	static char table[1 << 20];
	size_t len = strlen(dir);
	int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);

	while (!ended) {
		char *rest = table;
		size_t used = 0;
		ssize_t n;

		if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0)
			die("mountinfo");
		while ((n = read(fd, table + used, sizeof table - 1 - used)) > 0)
			used += (size_t)n;
		if (n < 0)
			die("mountinfo");
		table[used] = '\0';
		looks++;
		while (rest && *rest)
			judge(strsep(&rest, "\n"), dir, len);
	}
	close(fd);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = end};
	int is_path = argc == 4 && !strcmp(argv[1], "path");

	if (!is_path && (argc != 4 || strcmp(argv[1], "table") != 0)) {
		fprintf(stderr, "usage: poll_mounts path|table DIR N\n");
		return 2;
	}
	if (sigaction(SIGTERM, &action, NULL) < 0)
		die("sigaction");
	puts("looking");
	fflush(stdout);
	if (is_path)
		by_path(argv[2], (unsigned)atoi(argv[3]));
	else
		by_table(argv[2]);
	printf("looks %lu, seen %lu, writable %lu\n", looks, seen, writable);
	return writable || !seen;
}
