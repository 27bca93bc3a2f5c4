/* SPDX-License-Identifier: Apache-2.0 */
#include "parse.h"

int parse_document(struct parse *parse, int is_strict, struct vst_finding *ret_finding)
{
	if (input_check_utf8(&parse->doc, ret_finding) < 0)
		return -1;
	send_init(&parse->send);
	build_init(&parse->build, &parse->send, &parse->doc);
	schema_init(&parse->schema, &parse->build, &parse->send, is_strict);
	switch (json_parse(
		&parse->doc, &parse->arena, schema_take, &parse->schema, ret_finding)) {
	case JSON_WRONG:
		if (!parse->schema.has_failed)
			return -1;
		break;
	case JSON_OK:
		if (!parse->schema.has_failed && schema_end(&parse->schema) == 0)
			return 0;
		break;
	case JSON_STOPPED:
		break;
	}
	*ret_finding = parse->schema.finding;
	return -1;
}
