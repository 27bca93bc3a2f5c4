/*
 * vestibule-parser: reads one document on descriptor 0 and says on descriptor 3 what it asks
 * for, as operations, or what is wrong with it.
 *
 * It is started by vestibule and by nobody else, has no rights, and takes the last of them away
 * from itself before it reads the first byte (confine.c). Then the whole document is read
 * (input.c), and from there on (parse.c) yajl cuts it into tokens (json.c), these are judged
 * against the tables of what a runtime document may say (schema.c, member.c), and the values
 * become operations (build.c) and messages (send.c). All memory is in the program (arena.c has
 * yajl's).
 *
 * Whoever can run vestibule is assumed to control this process; nothing it sends is trusted.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "input.h"
#include "parse.h"
#include "send.h"

static struct parse run;

/* argv: the name, the number of the schema, whether unknown members are errors. */
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
	exit(VST_PARSER_OK); /* coverage is written at exit */
#endif
	_exit(VST_PARSER_OK);
}
