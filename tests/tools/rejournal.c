/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rejournal boot|mntns|version FILE: makes the journal one of another boot or of another
 * version, or its runs those of a mount namespace that had the same inode; whole in itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../privileged/journal/journal_form.h"

static void of_another_mount_namespace(unsigned char *map, size_t size)
{
	size_t at = JOURNAL_FIRST;

	while (at + sizeof(struct journal_head) <= size) {
		struct journal_head *head = (struct journal_head *)(void *)(map + at);

		if (!head->mark)
			break;
		if (head->kind == JOURNAL_RUN) {
			((struct rec_run *)(void *)(head + 1))->mntns_id ^= 1ULL << 60;
			head->sum = journal_head_sum(head);
		}
		at += head->mark & 0xffff;
	}
}

int main(int argc, char **argv)
{
	struct journal_header *header = MAP_FAILED;
	int fd = argc == 3 ? open(argv[2], O_RDWR) : -1;
	struct stat st;

	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size >= (off_t)sizeof *header)
		header = mmap(
			NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (header == MAP_FAILED || header->magic != JOURNAL_MAGIC ||
		header->path_len > sizeof header->path) {
		fprintf(stderr, "rejournal: no journal\n");
		return 2;
	}
	if (strcmp(argv[1], "boot") == 0)
		header->key.boot_id[0] ^= 0xff;
	else if (strcmp(argv[1], "mntns") == 0)
		of_another_mount_namespace((unsigned char *)header, (size_t)st.st_size);
	else if (strcmp(argv[1], "version") == 0)
		header->version++;
	else
		return 2;
	header->sum = journal_header_sum(header);
	return 0;
}
