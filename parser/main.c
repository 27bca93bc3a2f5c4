/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vestibule-parser: reads one document on descriptor 0, and sends on descriptor 3 the
 * operations that it asks for, or what is wrong with it.
 *
 * Only vestibule starts it, without capabilities, and it confines itself further before it
 * reads the first byte (confine.c). It then reads the whole document (input.c) and runs the
 * stages of parse.c: yajl splits the document into tokens (json.c), the tokens are judged by
 * the tables of members (schema.c, member.c), and the values become operations (build.c,
 * mount.c) and messages (send.c). All memory is static; yajl's is in arena.c.
 *
 * The parent trusts nothing that this process sends: whoever can run vestibule is assumed to
 * control it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "input.h"
#include "parse.h"
#include "send.h"

static struct parse run;

/* argv: the name, the schema's number ("1"), and "1" for strict (spawn.h), else "0". */
static int start_is_ours(int argc, char **argv)
{
	return argc == 3 && strcmp(argv[1], "1") == 0 &&
	       (strcmp(argv[2], "0") == 0 || strcmp(argv[2], "1") == 0) && !*environ;
}

int main(int argc, char **argv)
{
	struct vst_finding finding;
	int missing;

	if (!start_is_ours(argc, argv))
		_exit(VST_PARSER_INTERNAL);
	missing = confine();
	if (missing)
		_exit(missing);
	send_hello(VST_SCHEMA_RUNTIME);
	if (input_read(&run.doc, &finding) < 0 ||
		parse_document(&run, argv[2][0] == '1', &finding) < 0)
		send_fail(&finding);
	else
		send_end(&run.send);
#ifdef VST_INSTRUMENTED
	exit(VST_PARSER_OK); /* not _exit: gcov writes coverage in an exit handler */
#endif
	_exit(VST_PARSER_OK);
}
