/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

#include <string.h>

int build_fail(enum vst_doc_error code, const struct build_text *text,
	const struct vst_place *place, struct vst_finding *ret_finding)
{
	*ret_finding = (struct vst_finding){
		.code = (uint16_t)code,
		.line = text->line,
		.column = text->column,
		.place = *place,
	};
	return -1;
}

void build_init(struct build *build, struct send *send, const struct document *doc)
{
	build->send = send;
	seen_init(&build->names, (const char *)doc->bytes, (uint32_t)doc->len);
}

int build_one(struct build *build, enum vst_op_kind kind, const struct send_string *string,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding)
{
	if (build->send->n_ops == VST_OPS_MAX)
		return build_fail(VST_DOC_TOO_MANY_OPS, text, place, ret_finding);
	send_op(build->send, kind, 0, string, 1);
	return 0;
}

int build_bind_ns(struct build *build, enum vst_ns ns, const struct send_string *path,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding)
{
	char *kept = build->ns_bytes + build->n_ns_bytes;

	for (int i = 0; i < VST_NS_COUNT; i++)
		if (build->ns[i].path.len == path->len &&
			memcmp(build->ns[i].path.bytes, path->bytes, path->len) == 0)
			return build_fail(VST_DOC_BIND_TWICE, text, place, ret_finding);
	/* Members are not repeated, so each namespace has room for a path of VST_PATH_MAX. */
	memcpy(kept, path->bytes, path->len);
	build->n_ns_bytes += path->len;
	build->ns[ns].path = (struct send_string){kept, path->len};
	build->ns[ns].text = *text;
	return 0;
}

int build_end(struct build *build, struct vst_finding *ret_finding)
{
	for (int i = 0; i < VST_NS_COUNT; i++) {
		if (build->ns[i].path.len == 0)
			continue;
		if (build->send->n_ops == VST_OPS_MAX) {
			struct vst_place place = {.member = VST_MEMBER_BIND_NS,
				.field = (uint8_t)(VST_FIELD_CGROUP + i),
				.index = VST_NO_INDEX,
				.sub = VST_NO_INDEX};

			return build_fail(
				VST_DOC_TOO_MANY_OPS, &build->ns[i].text, &place, ret_finding);
		}
		send_op(build->send, VST_OP_BIND_NS, (uint8_t)i, &build->ns[i].path, 1);
	}
	return 0;
}
