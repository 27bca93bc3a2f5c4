/* SPDX-License-Identifier: Apache-2.0 */
/* noargs PROGRAM: executes it with an empty argument list (which newer kernels fill with "").
 */
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	char *nothing[] = {NULL};

	if (argc != 2)
		return 127;
	execve(argv[1], nothing, nothing);
	perror(argv[1]);
	return 127;
}
