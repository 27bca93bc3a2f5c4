/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap A B [C D]...: exchanges two names as fast as it can, until it is killed. With more than
 * one pair, one after the other. Says "swapping" on stdout after each pair's first exchange.
 * swap -1 A B...: each pair once.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int once = argc > 1 && !strcmp(argv[1], "-1");
	pid_t parent = getppid();

	argc -= once;
	argv += once;
	if (argc < 3 || argc % 2 == 0) {
		fprintf(stderr, "usage: swap [-1] A B [C D]...\n");
		return 2;
	}
	/* Nobody who starts it is to be survived. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		return 1;
	for (int i = 1; i < argc; i += 2)
		if (renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE) < 0) {
			perror("swap");
			return 1;
		}
	if (once)
		return 0;
	puts("swapping");
	fflush(stdout);
	/* A name that is mounted on cannot be exchanged, until it is not. */
	for (int i = 1;; i = i + 2 < argc ? i + 2 : 1)
		(void)!renameat2(AT_FDCWD, argv[i], AT_FDCWD, argv[i + 1], RENAME_EXCHANGE);
}
