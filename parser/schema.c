/* SPDX-License-Identifier: Apache-2.0 */
#include "schema.h"

#include <assert.h>
#include <string.h>

#include "../ipc/name.h"

void schema_init(struct schema *schema, struct build *build, struct send *send, int is_strict)
{
	schema->build = build;
	schema->send = send;
	schema->is_strict = is_strict;
	schema->finding = (struct vst_finding){0};
	schema->not_yet = (struct vst_finding){0};
	schema->has_failed = 0;
	schema->member = &member_document;
	schema->n_frames = 0;
	schema->n_keys = 0;
}

static struct vst_finding finding_at(
	enum vst_doc_error code, uint32_t line, uint32_t column, const struct vst_place *place)
{
	return (struct vst_finding){
		.code = (uint16_t)code, .line = line, .column = column, .place = *place};
}

static int schema_fail(struct schema *schema, enum vst_doc_error code,
	const struct json_token *token, const struct vst_place *place)
{
	schema->finding = finding_at(code, token->line, token->column, place);
	return -1;
}

static void schema_not_yet(
	struct schema *schema, uint32_t line, uint32_t column, const struct vst_place *place)
{
	if (schema->not_yet.code == VST_DOC_OK)
		schema->not_yet = finding_at(VST_DOC_NOT_YET, line, column, place);
}

static struct schema_frame *schema_top(struct schema *schema)
{
	return schema->n_frames ? &schema->frames[schema->n_frames - 1] : NULL;
}

/* Returns the place of the current member or element of the top frame. */
static struct vst_place place_of(struct schema *schema)
{
	const struct schema_frame *top = schema_top(schema);
	struct vst_place place = {.index = VST_NO_INDEX, .sub = VST_NO_INDEX};

	if (!top)
		return place;
	place = top->place;
	switch ((enum frame_kind)top->kind) {
	case FRAME_ROOT:
		place.member = schema->member->place;
		break;
	case FRAME_MOUNT:
	case FRAME_INTERFACE:
	case FRAME_BIND_NS:
		place.field = schema->member->place;
		break;
	case FRAME_ROUTE:
		/* An unknown member has the route's own place. */
		if (schema->member->place)
			place.field = schema->member->place;
		break;
	case FRAME_MOUNTS:
	case FRAME_MKDIR:
	case FRAME_CGROUPS:
	case FRAME_INTERFACES:
		place.index = top->n_elements;
		break;
	case FRAME_OPTIONS:
	case FRAME_ADDRESSES:
	case FRAME_PEER_ADDRESSES:
	case FRAME_KEEP:
	case FRAME_ROUTES:
		place.sub = top->n_elements;
		break;
	case FRAME_MAPPINGS:
	case FRAME_SKIPPED_OBJECT:
	case FRAME_SKIPPED_LIST:
		break;
	}
	return place;
}

static int key_is_new(
	struct schema *schema, const struct schema_frame *top, const struct json_token *token)
{
	const struct schema_key *keys = &schema->keys[schema->n_keys - top->n_members];
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (uint32_t i = 0; i < token->len; i++)
		hash = (hash ^ (unsigned char)token->bytes[i]) * 16777619u;
	for (unsigned i = 0; i < top->n_members; i++)
		if (keys[i].hash == hash && keys[i].len == token->len &&
			memcmp(keys[i].bytes, token->bytes, token->len) == 0)
			return 0;
	schema->keys[schema->n_keys] = (struct schema_key){token->bytes, token->len, hash};
	return 1;
}

/* Reports an unknown member, as an error if strict, else as a warning. Names the known member
 * that was probably meant, if one is near. */
static int schema_unknown(struct schema *schema, const struct json_token *token)
{
	struct schema_frame *top = schema_top(schema);
	const struct member *near =
		member_near(&frame_types[top->kind], token->bytes, token->len);
	enum vst_doc_error code = near ? VST_DOC_UNKNOWN_NEAR : VST_DOC_UNKNOWN;
	struct vst_place place = top->place;
	struct vst_finding warning;

	if (near) {
		schema->member = near;
		place = place_of(schema);
		schema->member = &member_ignored;
	}
	if (schema->is_strict)
		return schema_fail(schema, code, token, &place);
	warning = finding_at(code, token->line, token->column, &place);
	send_warn(schema->send, &warning);
	return 0;
}

static int schema_key(struct schema *schema, const struct json_token *token)
{
	struct schema_frame *top = schema_top(schema);
	const struct member *known =
		member_like(&frame_types[top->kind], token->bytes, token->len);
	struct vst_place place = top->place;

	schema->member = known ? known : &member_ignored;
	if (known)
		place = place_of(schema);
	/* yajl may decode different keys with unpaired surrogates to the same bytes. */
	if (token->is_half_surrogate)
		return schema_fail(schema, VST_DOC_SURROGATE, token, &place);
	if (top->n_members == VST_MEMBERS_MAX)
		return schema_fail(schema, VST_DOC_TOO_MANY_MEMBERS, token, &top->place);
	if (!key_is_new(schema, top, token))
		return schema_fail(schema, VST_DOC_REPEATED, token, &place);
	top->n_members++;
	schema->n_keys++;
	if (known && (token->len != strlen(known->name) ||
			     memcmp(token->bytes, known->name, token->len) != 0))
		return schema_fail(schema, VST_DOC_LETTER_CASE, token, &place);
	if (known || top->kind == FRAME_SKIPPED_OBJECT)
		return 0;
	return schema_unknown(schema, token);
}

/* Refuses control characters. The string may be empty. */
static enum vst_doc_error text_check(const struct json_token *token)
{
	for (uint32_t i = 0; i < token->len; i++)
		if ((unsigned char)token->bytes[i] < 0x20 || token->bytes[i] == 0x7f)
			return VST_DOC_CONTROL;
	return VST_DOC_OK;
}

/* A leading '/' has no meaning: all cgroup paths are relative to the hierarchies. */
static int schema_cgroup(struct schema *schema, struct send_string *path,
	const struct json_token *token, const struct build_text *text,
	const struct vst_place *place)
{
	enum vst_doc_error code;

	if (path->bytes[0] == '/') {
		path->bytes++;
		path->len--;
	}
	code = path->len ? vst_cgroup_check(path->bytes, path->len) : VST_DOC_EMPTY;
	if (code != VST_DOC_OK)
		return schema_fail(schema, code, token, place);
	return build_one(schema->build, VST_OP_CGROUP, path, text, place, &schema->finding);
}

static int schema_namespace(struct schema *schema, const struct json_token *token,
	const struct build_text *text, const struct vst_place *place)
{
	struct send_string name = {token->bytes, token->len};
	enum vst_doc_error code = text_check(token);

	if (code == VST_DOC_OK && token->len > VST_NAMESPACE_MAX)
		code = VST_DOC_VALUE_LONG;
	if (code != VST_DOC_OK)
		return schema_fail(schema, code, token, place);
	if (token->len == 0)
		return 0;
	return build_one(schema->build, VST_OP_NAMESPACE, &name, text, place, &schema->finding);
}

static int schema_path(struct schema *schema, enum rule rule, const struct json_token *token,
	const struct build_text *text, const struct vst_place *place)
{
	char canonical[VST_PATH_MAX + 1];
	struct send_string path = {.bytes = canonical};
	enum vst_doc_error code;
	size_t len;

	if (rule == RULE_BIND && token->len == 0)
		return 0;
	code = vst_path_canonical(token->bytes, token->len, canonical, &len);
	if (code != VST_DOC_OK)
		return schema_fail(schema, code, token, place);
	path.len = (uint32_t)len;
	if (rule == RULE_MKDIR)
		return build_one(
			schema->build, VST_OP_MKDIR, &path, text, place, &schema->finding);
	if (rule == RULE_CGROUP)
		return schema_cgroup(schema, &path, token, text, place);
	if (rule == RULE_DESTINATION) {
		memcpy(schema->mount.destination, canonical, len);
		schema->mount.destination_len = (uint32_t)len;
		return 0;
	}
	assert(rule == RULE_BIND);
	if (canonical[0] != '/')
		return schema_fail(schema, VST_DOC_NOT_ABSOLUTE, token, place);
	return build_bind_ns(schema->build, (enum vst_ns)(place->field - VST_FIELD_CGROUP),
		&path, text, place, &schema->finding);
}

static int schema_string(struct schema *schema, enum rule rule, const struct json_token *token,
	const struct vst_place *place)
{
	const struct build_text text = {token->bytes, token->len, token->line, token->column};
	enum vst_doc_error code = VST_DOC_OK;
	struct build_text *keep = NULL;

	if (token->is_half_surrogate)
		return schema_fail(schema, VST_DOC_SURROGATE, token, place);
	switch ((int)rule) {
	case RULE_TYPE:
		code = text_check(token);
		keep = &schema->mount.type;
		break;
	case RULE_SOURCE:
		code = text_check(token);
		keep = &schema->mount.source;
		break;
	case RULE_OPTION:
		code = token->len ? text_check(token) : VST_DOC_EMPTY;
		if (code == VST_DOC_OK)
			code = mount_option(&schema->mount, &text, place->sub);
		break;
	case RULE_NAMESPACE:
		return schema_namespace(schema, token, &text, place);
	case RULE_DESTINATION:
	case RULE_MKDIR:
	case RULE_CGROUP:
	case RULE_BIND:
		return schema_path(schema, rule, token, &text, place);
	default:
		code = link_string(&schema->link, rule, &text);
		break;
	}
	if (code != VST_DOC_OK)
		return schema_fail(schema, code, token, place);
	if (keep && token->len)
		*keep = text;
	return 0;
}

static int schema_number(struct schema *schema, enum rule rule, const struct json_token *token,
	const struct vst_place *place)
{
	const struct build_text text = {token->bytes, token->len, token->line, token->column};
	enum vst_doc_error code = link_number(&schema->link, rule, &text);

	return code == VST_DOC_OK ? 0 : schema_fail(schema, code, token, place);
}

static int schema_open(struct schema *schema, enum frame_kind kind,
	const struct json_token *token, const struct vst_place *place)
{
	if (schema->n_frames == VST_DEPTH_MAX)
		return schema_fail(schema, VST_DOC_DEPTH, token, place);
	if (kind == FRAME_MOUNT && place->index == VST_MOUNTS_MAX)
		return schema_fail(schema, VST_DOC_TOO_MANY_MOUNTS, token, place);
	schema->frames[schema->n_frames++] = (struct schema_frame){
		.kind = (uint8_t)kind,
		.line = token->line,
		.column = token->column,
		.place = *place,
	};
	if (kind == FRAME_INTERFACE)
		link_open(&schema->link, place->index);
	else if (kind == FRAME_ROUTE)
		link_open_route(&schema->link);
	else if (kind == FRAME_MOUNT)
		mount_open(&schema->mount, place->index, token->line, token->column);
	return 0;
}

static int schema_close(struct schema *schema)
{
	struct schema_frame *frame = &schema->frames[--schema->n_frames];
	const struct build_text text = {.line = frame->line, .column = frame->column};
	struct vst_place place = frame->place;

	schema->n_keys -= frame->n_members;
	if (frame->kind == FRAME_ROUTE)
		return link_close_route(&schema->link, &text, &place, &schema->finding);
	if (frame->kind == FRAME_INTERFACE && schema->link.name.bytes)
		return link_close(&schema->link, schema->build, &schema->finding);
	if (frame->kind == FRAME_INTERFACE)
		place.field = VST_FIELD_NAME;
	else if (frame->kind == FRAME_MOUNT && schema->mount.destination_len)
		return mount_close(&schema->mount, schema->build, &schema->finding);
	else if (frame->kind == FRAME_MOUNT)
		place.field = VST_FIELD_DESTINATION;
	else
		return 0;
	return build_fail(VST_DOC_MISSING, &text, &place, &schema->finding);
}

/* Skips a value that is not judged. */
static int schema_skip(
	struct schema *schema, const struct json_token *token, const struct vst_place *place)
{
	if (token->kind == JSON_OBJECT)
		return schema_open(schema, FRAME_SKIPPED_OBJECT, token, place);
	if (token->kind == JSON_ARRAY)
		return schema_open(schema, FRAME_SKIPPED_LIST, token, place);
	return 0;
}

/* Returns the code that says which type the value should have. */
static enum vst_doc_error type_wanted(const struct member *member)
{
	switch ((enum want)member->want) {
	case WANT_STRING:
		return VST_DOC_TYPE_STRING;
	case WANT_BOOLEAN:
		return VST_DOC_TYPE_BOOLEAN;
	case WANT_NUMBER:
		return VST_DOC_TYPE_NUMBER;
	case WANT_LIST:
		return frame_types[member->opens].element->want == WANT_STRING
			       ? VST_DOC_TYPE_STRINGS
			       : VST_DOC_TYPE_OBJECTS;
	case WANT_OBJECT:
	case WANT_ANY:
		break;
	}
	return VST_DOC_TYPE_OBJECT;
}

/* Takes a value that is not null. */
static int schema_take_as(struct schema *schema, const struct member *member,
	const struct json_token *token, const struct vst_place *place)
{
	switch ((enum want)member->want) {
	case WANT_ANY:
		return schema_skip(schema, token, place);
	case WANT_STRING:
		if (token->kind == JSON_STRING)
			return schema_string(schema, (enum rule)member->rule, token, place);
		break;
	case WANT_BOOLEAN:
		if (token->kind == JSON_BOOLEAN) {
			link_boolean(&schema->link, (enum rule)member->rule, token->truth);
			return 0;
		}
		break;
	case WANT_NUMBER:
		if (token->kind == JSON_NUMBER)
			return schema_number(schema, (enum rule)member->rule, token, place);
		break;
	case WANT_LIST:
		if (token->kind == JSON_ARRAY)
			return schema_open(
				schema, (enum frame_kind)member->opens, token, place);
		break;
	case WANT_OBJECT:
		if (token->kind == JSON_OBJECT)
			return schema_open(
				schema, (enum frame_kind)member->opens, token, place);
		break;
	}
	return schema_fail(schema, type_wanted(member), token, place);
}

static int schema_value(struct schema *schema, const struct json_token *token)
{
	struct schema_frame *top = schema_top(schema);
	const struct frame_type *type = top ? &frame_types[top->kind] : NULL;
	const struct member *member = schema->member;
	struct vst_place place = place_of(schema);

	if (type && type->element) {
		member = type->element;
		if (type->is_unbuilt && top->n_elements == 0)
			schema_not_yet(schema, top->line, top->column, &top->place);
		top->n_elements++;
		if (token->kind == JSON_NULL && member->want != WANT_ANY)
			return schema_fail(schema, VST_DOC_NULL_ELEMENT, token, &place);
	}
	if (token->kind == JSON_NULL)
		return 0;
	if (top && (top->kind == FRAME_INTERFACE || top->kind == FRAME_ROUTE))
		link_place(
			&schema->link, (enum vst_field)place.field, token->line, token->column);
	return schema_take_as(schema, member, token, &place);
}

static int take_one(struct schema *schema, const struct json_token *token)
{
	switch (token->kind) {
	case JSON_KEY:
		return schema_key(schema, token);
	case JSON_OBJECT_END:
	case JSON_ARRAY_END:
		return schema_close(schema);
	case JSON_NULL:
	case JSON_BOOLEAN:
	case JSON_NUMBER:
	case JSON_STRING:
	case JSON_OBJECT:
	case JSON_ARRAY:
		return schema_value(schema, token);
	}
	return -1;
}

/* Whether the token is the key "ociVersion", which every OCI configuration has. */
static int is_oci_version(const struct json_token *token)
{
	static const char name[] = "ociVersion";

	return token->kind == JSON_KEY && token->depth == 1 && token->len == sizeof name - 1 &&
	       memcmp(token->bytes, name, sizeof name - 1) == 0;
}

int schema_take(void *ctx, const struct json_token *token)
{
	static const struct vst_place document = {.index = VST_NO_INDEX, .sub = VST_NO_INDEX};
	struct schema *schema = ctx;

	if (is_oci_version(token)) {
		schema->has_failed = 1;
		return schema_fail(schema, VST_DOC_OCI_CONFIG, token, &document);
	}
	if (!schema->has_failed && take_one(schema, token) == 0)
		return 0;
	/* After an error go on, only to look for "ociVersion": for a config.json "this is an
	 * OCI configuration" helps more than the first error. */
	schema->has_failed = 1;
	return token->depth + 1 < VST_DEPTH_MAX ? 0 : -1;
}

int schema_end(struct schema *schema)
{
	if (schema->not_yet.code != VST_DOC_OK) {
		schema->finding = schema->not_yet;
		return -1;
	}
	return build_end(schema->build, &schema->finding);
}
