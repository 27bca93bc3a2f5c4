/*
 * rejournal boot|mntns|version FILE: makes the journal one of another boot, of another mount
 * namespace or of another version, whole in itself.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../../privileged/journal_form.h"

int main(int argc, char **argv)
{
	static struct journal_header header;
	int fd = argc == 3 ? open(argv[2], O_RDWR) : -1;

	if (fd < 0 || pread(fd, &header, sizeof header, 0) != sizeof header ||
		header.magic != JOURNAL_MAGIC || header.path_len > sizeof header.path) {
		fprintf(stderr, "rejournal: no journal\n");
		return 2;
	}
	if (strcmp(argv[1], "boot") == 0)
		header.key.boot_id[0] ^= 0xff;
	else if (strcmp(argv[1], "mntns") == 0)
		header.key.mntns_ino++, header.key.mntns_id++;
	else if (strcmp(argv[1], "version") == 0)
		header.version++;
	else
		return 2;
	header.sum = journal_header_sum(&header);
	return pwrite(fd, &header, sizeof header, 0) != sizeof header;
}
