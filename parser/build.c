/* SPDX-License-Identifier: Apache-2.0 */
#include "build.h"

#include <string.h>

static int build_fail(enum vst_doc_error code, const struct build_text *text,
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

static int text_equals(const struct build_text *text, const char *bytes, size_t len)
{
	return text->bytes && text->len == len && memcmp(text->bytes, bytes, len) == 0;
}

/* How an interface's members fit together: the table of `attach` in
 * vestibule-runtime.json(5). */
static enum vst_doc_error link_rule(const struct build_link *link)
{
	int is_veth = text_equals(&link->add, "veth", 4);

	if (is_veth && !link->peer.bytes)
		return VST_DOC_NO_PEER;
	if (link->add.bytes && !is_veth && link->peer.bytes)
		return VST_DOC_PEER_UNWANTED;
	return VST_DOC_OK;
}

int build_link(
	struct build *build, const struct build_link *link, struct vst_finding *ret_finding)
{
	struct vst_place place = {
		.member = VST_MEMBER_INTERFACES, .index = link->index, .sub = VST_NO_INDEX};
	enum vst_doc_error code;

	if (build->send->n_ops == VST_OPS_MAX)
		return build_fail(VST_DOC_TOO_MANY_OPS, &link->name, &place, ret_finding);
	code = link_rule(link);
	if (code == VST_DOC_PEER_UNWANTED)
		return build_fail(code, &link->peer, &place, ret_finding);
	place.field = VST_FIELD_ADD;
	if (code != VST_DOC_OK)
		return build_fail(code, &link->add, &place, ret_finding);
	place.field = VST_FIELD_NAME;
	if (!seen_add(&build->names, NAMES_NAME, link->name.bytes, link->name.len))
		return build_fail(VST_DOC_NAME_TWICE, &link->name, &place, ret_finding);
	place.field = VST_FIELD_PEER;
	if (text_equals(&link->peer, link->name.bytes, link->name.len))
		return build_fail(VST_DOC_PEER_IS_NAME, &link->peer, &place, ret_finding);
	if (link->peer.bytes &&
		!seen_add(&build->names, NAMES_PEER, link->peer.bytes, link->peer.len))
		return build_fail(VST_DOC_PEER_TWICE, &link->peer, &place, ret_finding);
	send_op(build->send, VST_OP_LINK, link->create_in_root ? VST_LINK_CREATE_IN_ROOT : 0,
		(const struct send_string[]){{link->name.bytes, link->name.len},
			{link->add.bytes, link->add.len}, {link->peer.bytes, link->peer.len}},
		3);
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
