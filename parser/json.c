/* SPDX-License-Identifier: Apache-2.0 */
#include "json.h"

#include <assert.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "mistake.h"

struct json {
	struct document *doc;
	yajl_handle yajl;
	json_take take;
	void *ctx;
	size_t at; /* offset behind the last token */
	uint32_t line;
	size_t line_start;
	unsigned depth;
	uint64_t objects; /* a bit for each open list (0) or object (1); bit 0: innermost */
	enum json_kind last;
	int has_root; /* the document's value is complete */
	int is_odd;   /* a form feed or vertical tab stands between tokens */
};

/* Moves json->at over white space and separators to the start of the token that ends at `end`.
 * Stops at a separator only if that is the token. Only this function counts lines, because no
 * token contains a line break. */
static void json_skip(struct json *json, size_t end)
{
	const unsigned char *s = json->doc->bytes;

	for (; json->at < json->doc->len; json->at++) {
		switch (s[json->at]) {
		case '\n':
			json->line++;
			json->line_start = json->at + 1;
			break;
		case '\t':
		case '\r':
		case ' ':
			break;
		case ',':
		case ':':
			if (json->at + 1 >= end)
				return;
			break;
		case '\v':
		case '\f':
			/* yajl skips these; RFC 8259 does not allow them. */
			json->is_odd = 1;
			return;
		default:
			return;
		}
	}
}

static unsigned hex_value(const unsigned char *s)
{
	unsigned value = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = s[i];

		value = value << 4 | (c <= '9' ? c - '0' : (c | 0x20u) - 'a' + 10u);
	}
	return value;
}

/* Whether the raw text of a string, whose escapes are well-formed, has an unpaired surrogate.
 * yajl decodes a lone high surrogate as "?" or joins it with the next \u escape, whatever that
 * is, and decodes a lone low surrogate as bytes that are not UTF-8. */
static int has_half_surrogate(const unsigned char *s, size_t len)
{
	const unsigned char *end = s + len;

	while ((s = memchr(s, '\\', (size_t)(end - s)))) {
		unsigned unit, next;

		if (end - s < 6 || s[1] != 'u') {
			s += 2;
			continue;
		}
		unit = hex_value(s + 2);
		s += 6;
		if (unit < 0xd800 || unit > 0xdfff)
			continue;
		if (unit > 0xdbff || end - s < 6 || s[0] != '\\' || s[1] != 'u')
			return 1;
		next = hex_value(s + 2);
		if (next < 0xdc00 || next > 0xdfff)
			return 1;
		s += 6;
	}
	return 0;
}

/* Copies the decoded text over the raw text, which is never shorter, because yajl reuses its
 * own buffer. */
static void json_settle(struct json *json, struct json_token *token, size_t end,
	const unsigned char *text, size_t len)
{
	unsigned char *raw = json->doc->bytes + json->at + 1;
	size_t raw_len = end - 1 - (json->at + 1);

	assert(json->doc->bytes[json->at] == '"' && end >= json->at + 2 && len <= raw_len);
	if (text != raw) {
		token->is_half_surrogate = has_half_surrogate(raw, raw_len);
		memmove(raw, text, len);
	}
	token->bytes = (const char *)raw;
	token->len = (uint32_t)len;
}

/* Tracks what is open. json->objects holds 64 levels; schema_take stops before that. */
static void json_nest(struct json *json, enum json_kind kind)
{
	if (kind == JSON_OBJECT || kind == JSON_ARRAY) {
		json->depth++;
		json->objects = json->objects << 1 | (kind == JSON_OBJECT);
	} else if (kind == JSON_OBJECT_END || kind == JSON_ARRAY_END) {
		json->depth--;
		json->objects >>= 1;
	}
	json->has_root = json->depth == 0;
}

static int json_token(struct json *json, enum json_kind kind, int truth,
	const unsigned char *text, size_t len)
{
	size_t end = yajl_get_bytes_consumed(json->yajl);
	struct json_token token = {.kind = kind, .truth = truth};

	json_skip(json, end);
	if (json->is_odd)
		return 0;
	token.line = json->line;
	token.column = (uint32_t)(json->at - json->line_start) + 1;
	if (kind == JSON_STRING || kind == JSON_KEY)
		json_settle(json, &token, end, text, len);
	if (kind == JSON_NUMBER) {
		token.bytes = (const char *)json->doc->bytes + json->at;
		token.len = (uint32_t)(end - json->at);
		assert(token.len == len && memcmp(token.bytes, text, len) == 0);
	}
	json->at = end;
	token.depth = json->depth;
	json_nest(json, kind);
	json->last = kind;
	return json->take(json->ctx, &token) == 0;
}

static int on_null(void *ctx)
{
	return json_token(ctx, JSON_NULL, 0, NULL, 0);
}

static int on_boolean(void *ctx, int truth)
{
	return json_token(ctx, JSON_BOOLEAN, truth, NULL, 0);
}

/* Used instead of yajl_integer and yajl_double, which fail on numbers beyond 64 bits and round
 * fractions. */
static int on_number(void *ctx, const char *text, size_t len)
{
	return json_token(ctx, JSON_NUMBER, 0, (const unsigned char *)text, len);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
	return json_token(ctx, JSON_STRING, 0, text, len);
}

static int on_key(void *ctx, const unsigned char *text, size_t len)
{
	return json_token(ctx, JSON_KEY, 0, text, len);
}

static int on_object(void *ctx)
{
	return json_token(ctx, JSON_OBJECT, 0, NULL, 0);
}

static int on_object_end(void *ctx)
{
	return json_token(ctx, JSON_OBJECT_END, 0, NULL, 0);
}

static int on_array(void *ctx)
{
	return json_token(ctx, JSON_ARRAY, 0, NULL, 0);
}

static int on_array_end(void *ctx)
{
	return json_token(ctx, JSON_ARRAY_END, 0, NULL, 0);
}

static enum json_result json_wrong(
	struct json *json, size_t end, struct vst_finding *ret_finding)
{
	struct mistake mistake = {
		.bytes = json->doc->bytes,
		.len = json->doc->len,
		.in_object = json->objects & 1,
		.after_name = json->last == JSON_KEY,
		.has_root = json->has_root,
	};

	if (!json->is_odd)
		json_skip(json, end);
	mistake.at = json->at;
	*ret_finding = (struct vst_finding){
		.code = (uint16_t)mistake_tell(&mistake),
		.line = json->line,
		.column = (uint32_t)(json->at - json->line_start) + 1,
		.place = {.index = VST_NO_INDEX, .sub = VST_NO_INDEX},
	};
	return JSON_WRONG;
}

enum json_result json_parse(struct document *doc, struct arena *arena, json_take take,
	void *ctx, struct vst_finding *ret_finding)
{
	static const yajl_callbacks callbacks = {
		.yajl_null = on_null,
		.yajl_boolean = on_boolean,
		.yajl_number = on_number,
		.yajl_string = on_string,
		.yajl_start_map = on_object,
		.yajl_map_key = on_key,
		.yajl_end_map = on_object_end,
		.yajl_start_array = on_array,
		.yajl_end_array = on_array_end,
	};
	yajl_alloc_funcs funcs = {
		.malloc = arena_alloc,
		.realloc = arena_realloc,
		.free = arena_free,
		.ctx = arena,
	};
	struct json json = {.doc = doc, .take = take, .ctx = ctx, .line = 1};
	yajl_status status;

	arena_init(arena);
	json.yajl = yajl_alloc(&callbacks, &funcs, &json);
	/* The blank ends a number at the end of the document, so that yajl passes every token
	 * on within yajl_parse, while yajl_get_bytes_consumed is an offset in the document. */
	doc->bytes[doc->len] = ' ';
	status = yajl_parse(json.yajl, doc->bytes, doc->len + 1);
	if (status == yajl_status_client_canceled)
		return json.is_odd ? json_wrong(&json, 0, ret_finding) : JSON_STOPPED;
	if (status != yajl_status_ok)
		return json_wrong(&json, yajl_get_bytes_consumed(json.yajl), ret_finding);
	if (yajl_complete_parse(json.yajl) != yajl_status_ok)
		return json_wrong(&json, doc->len + 2, ret_finding);
	/* No token follows the value, so the white space there is not checked yet. */
	json_skip(&json, doc->len + 2);
	return json.is_odd ? json_wrong(&json, 0, ret_finding) : JSON_OK;
}
