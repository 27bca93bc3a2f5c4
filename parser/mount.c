/* SPDX-License-Identifier: Apache-2.0 */
#include "mount.h"

#include <string.h>

#include "../ipc/name.h"
#include "../ipc/wire_put.h"

void mount_open(struct mount *mount, uint32_t index, uint32_t line, uint32_t column)
{
	mount->index = index;
	mount->line = line;
	mount->column = column;
	mount->destination_len = 0;
	mount->type = (struct build_text){0};
	mount->source = (struct build_text){0};
	mount->options = (struct options){0};
	mount->n_data = 0;
	mount->n_notes = 0;
}

static int is(const char *bytes, uint32_t len, const char *word)
{
	return len == strlen(word) && memcmp(bytes, word, len) == 0;
}

static int has_key(const struct mount_data *data, const char *key)
{
	return is(data->text.bytes, data->key_len, key);
}

/* Notes the first use of each option that sets a flag of the file system: a bind ignores these,
 * and mount_close then warns. */
static void mount_note(struct mount *mount, const struct option *option,
	const struct build_text *text, uint32_t sub)
{
	uint8_t had = mount->options.set[0][OPTION_SB] | mount->options.clear[0][OPTION_SB];

	if (option->kind == OPTION_SB && option->bit & VST_SB_ALL & ~had)
		mount->notes[mount->n_notes++] =
			(struct mount_note){text->line, text->column, sub};
}

static enum vst_doc_error mount_data(
	struct mount *mount, const struct build_text *text, uint32_t sub)
{
	const char *equals = memchr(text->bytes, '=', text->len);
	struct mount_data data = {
		.text = *text,
		.key_len = equals ? (uint32_t)(equals - text->bytes) : text->len,
		.sub = sub,
	};

	if (data.key_len == 0)
		return VST_DOC_OPTION_KEY;
	if (equals && options_find(text->bytes, data.key_len))
		return VST_DOC_OPTION_VALUE;
	if (has_key(&data, "source"))
		return VST_DOC_OPTION_SOURCE;
	if (data.key_len > VST_FS_VALUE_MAX)
		return VST_DOC_VALUE_LONG;
	if (mount->n_data == sizeof mount->data / sizeof mount->data[0])
		return VST_DOC_TOO_MANY_ITEMS;
	mount->data[mount->n_data++] = data;
	return VST_DOC_OK;
}

enum vst_doc_error mount_option(
	struct mount *mount, const struct build_text *text, uint32_t sub)
{
	const struct option *option = options_find(text->bytes, text->len);

	if (!option)
		return mount_data(mount, text, sub);
	mount_note(mount, option, text, sub);
	return options_add(&mount->options, option);
}

/* An operation being made from a mount. */
struct making {
	const struct mount *mount;
	struct build *build;
	struct wire_out out; /* writes mount->op */
	size_t count_at;     /* offset of the number of items in the operation */
	unsigned n_layers;   /* lower layers */
	unsigned n_data;     /* items that are data for the file system */
	unsigned n_items;    /* all items */
	struct vst_finding *finding;
};

static int making_fail(const struct making *making, enum vst_doc_error code, uint32_t line,
	uint32_t column, enum vst_field field, uint32_t sub)
{
	*making->finding = (struct vst_finding){
		.code = (uint16_t)code,
		.line = line,
		.column = column,
		.place = {.member = VST_MEMBER_MOUNTS,
			.field = (uint8_t)field,
			.index = making->mount->index,
			.sub = sub},
	};
	return -1;
}

/* Reports what is missing, or wrong with the mount as a whole, at the mount's start. */
static int fail_mount(
	const struct making *making, enum vst_doc_error code, enum vst_field field)
{
	return making_fail(
		making, code, making->mount->line, making->mount->column, field, VST_NO_INDEX);
}

static int fail_text(const struct making *making, enum vst_doc_error code,
	const struct build_text *text, enum vst_field field)
{
	return making_fail(making, code, text->line, text->column, field, VST_NO_INDEX);
}

static int fail_option(
	const struct making *making, enum vst_doc_error code, const struct mount_data *data)
{
	return making_fail(
		making, code, data->text.line, data->text.column, VST_FIELD_OPTIONS, data->sub);
}

/* Counts one more bind source or layer. Returns 0 if there are too many. */
static int has_source_left(struct build *build)
{
	if (build->n_sources == VST_MOUNT_SOURCES_MAX)
		return 0;
	build->n_sources++;
	return 1;
}

/* Appends the item to the operation. Returns VST_DOC_OK, or the limit that it exceeds. */
static enum vst_doc_error put_item(struct making *making, enum vst_item_kind kind,
	const char *key, size_t key_len, const char *value, size_t value_len)
{
	if (kind == VST_ITEM_LOWER && making->n_layers++ == VST_LAYERS_MAX)
		return VST_DOC_TOO_MANY_LAYERS;
	if ((kind == VST_ITEM_FLAG || kind == VST_ITEM_STRING) &&
		making->n_data++ == VST_MOUNT_DATA_MAX)
		return VST_DOC_TOO_MANY_ITEMS;
	if (wire_put_item(&making->out, kind, key, key_len, value, value_len) < 0)
		return VST_DOC_MOUNT_LONG;
	making->n_items++;
	return VST_DOC_OK;
}

static int put_data(struct making *making, const struct mount_data *data)
{
	const char *key = data->text.bytes;
	int has_value = data->key_len < data->text.len;
	uint32_t value_len = has_value ? data->text.len - data->key_len - 1 : 0;
	enum vst_doc_error code = VST_DOC_VALUE_LONG;

	if (value_len <= VST_FS_VALUE_MAX)
		code = put_item(making, has_value ? VST_ITEM_STRING : VST_ITEM_FLAG, key,
			data->key_len, key + data->text.len - value_len, value_len);
	return code == VST_DOC_OK ? 0 : fail_option(making, code, data);
}

/* Reads the path of a layer from *at and removes its escapes. The path ends at `end` or, with
 * is_list, at the next ':' that is not escaped by a backslash. Leaves *at there. */
static enum vst_doc_error layer_path(const char **at, const char *end, int is_list,
	char path[static VST_PATH_MAX + 1], size_t *ret_len)
{
	size_t len = 0;

	for (; *at < end && !(is_list && **at == ':'); ++*at) {
		if (**at == '\\' &&
			(++*at == end || (**at != '\\' && **at != ':' && **at != ',')))
			return VST_DOC_LAYER_ESCAPE;
		if (len == VST_PATH_MAX)
			return VST_DOC_PATH_LONG;
		path[len++] = **at;
	}
	if (len == 0)
		return VST_DOC_LAYER_EMPTY;
	if (path[0] != '/')
		return VST_DOC_NOT_ABSOLUTE;
	return vst_path_canonical(path, len, path, ret_len);
}

/* Splits the value of lowerdir=, upperdir= or workdir= into items. */
static int put_layers(
	struct making *making, const struct mount_data *data, enum vst_item_kind kind)
{
	const char *at = data->text.bytes + data->key_len + 1;
	const char *end = data->text.bytes + data->text.len;
	char path[VST_PATH_MAX + 1];

	for (;;) {
		enum vst_doc_error code;
		size_t len;

		code = layer_path(&at, end, kind == VST_ITEM_LOWER, path, &len);
		if (code == VST_DOC_OK && !has_source_left(making->build))
			code = VST_DOC_TOO_MANY_SOURCES;
		if (code == VST_DOC_OK)
			code = put_item(making, kind, NULL, 0, path, len);
		if (code != VST_DOC_OK)
			return fail_option(making, code, data);
		if (at == end)
			return 0;
		at++; /* the ':' */
	}
}

static int put_overlay(struct making *making)
{
	static const char *const keys[] = {"lowerdir", "upperdir", "workdir"};
	const struct mount_data *found[3] = {NULL};

	for (unsigned i = 0; i < making->mount->n_data; i++) {
		const struct mount_data *data = &making->mount->data[i];
		int layer = 0, put;

		while (layer < 3 && !has_key(data, keys[layer]))
			layer++;
		/* Newer kernels also take layers by these keys. They would be passed on as
		 * data, and nothing would look up their paths. */
		if (has_key(data, "lowerdir+") || has_key(data, "datadir+") ||
			(layer < 3 && data->key_len == data->text.len))
			return fail_option(making, VST_DOC_LAYER_KEY, data);
		if (layer < 3 && found[layer])
			return fail_option(making, VST_DOC_LAYER_TWICE, data);
		if (layer < 3)
			found[layer] = data;
		put = layer < 3 ? put_layers(making, data,
					  (enum vst_item_kind)(VST_ITEM_LOWER + layer))
				: put_data(making, data);
		if (put < 0)
			return -1;
	}
	if (!found[0])
		return fail_mount(making, VST_DOC_NO_LOWER, VST_FIELD_OPTIONS);
	if (found[1] && !found[2])
		return fail_option(making, VST_DOC_UPPER_ALONE, found[1]);
	if (found[2] && !found[1])
		return fail_option(making, VST_DOC_WORK_ALONE, found[2]);
	return 0;
}

static int put_items(struct making *making)
{
	for (unsigned i = 0; i < making->mount->n_data; i++)
		if (put_data(making, &making->mount->data[i]) < 0)
			return -1;
	return 0;
}

/* Writes the operation up to its items. making_count later fills in their number. */
static int put_head(struct making *making, uint8_t action, const struct build_text *type,
	const char *source, size_t source_len)
{
	const struct mount *mount = making->mount;
	struct vst_mount_flags flags = options_flags(&mount->options, action);
	struct wire_out *out = &making->out;

	if (wire_put_u8(out, VST_OP_MOUNT) < 0 || wire_put_u8(out, action) < 0 ||
		wire_put_flags(out, &flags) < 0)
		return fail_mount(making, VST_DOC_MOUNT_LONG, VST_FIELD_NONE);
	making->count_at = out->at;
	if (wire_put_u16(out, 0) < 0 ||
		wire_put_string(out, mount->destination, mount->destination_len) < 0 ||
		wire_put_string(out, type ? type->bytes : NULL, type ? type->len : 0) < 0 ||
		wire_put_string(out, source, source_len) < 0)
		return fail_mount(making, VST_DOC_MOUNT_LONG, VST_FIELD_NONE);
	return 0;
}

/* Writes the number of items at the offset that put_head reserved. */
static void making_count(struct making *making)
{
	struct wire_out at = {.bytes = making->out.bytes + making->count_at, .size = 2};

	wire_put_u16(&at, (uint16_t)making->n_items);
}

static int make_new(struct making *making)
{
	const struct mount *mount = making->mount;
	const struct build_text *type = &mount->type;
	const struct build_text *source = mount->source.bytes ? &mount->source : type;
	enum vst_doc_error code;

	if (!type->bytes)
		return fail_mount(making, VST_DOC_NO_FS_TYPE, VST_FIELD_TYPE);
	code = vst_fstype_check(type->bytes, type->len);
	if (is(type->bytes, type->len, "bind") || is(type->bytes, type->len, "rbind") ||
		is(type->bytes, type->len, "none"))
		code = VST_DOC_TYPE_NO_FS;
	if (code != VST_DOC_OK)
		return fail_text(making, code, type, VST_FIELD_TYPE);
	if (source->len > VST_FS_VALUE_MAX)
		return fail_text(making, VST_DOC_VALUE_LONG, source, VST_FIELD_SOURCE);
	if (put_head(making, VST_MOUNT_NEW, type, source->bytes, source->len) < 0)
		return -1;
	return is(type->bytes, type->len, "overlay") ? put_overlay(making) : put_items(making);
}

static int make_bind(struct making *making, uint8_t action)
{
	const struct mount *mount = making->mount;
	const struct build_text *source = &mount->source;
	enum vst_doc_error code = VST_DOC_NOT_ABSOLUTE;
	char path[VST_PATH_MAX + 1];
	size_t len = 0;

	if (mount->n_data)
		return fail_option(making, VST_DOC_BIND_DATA, &mount->data[0]);
	if (!source->bytes)
		return fail_mount(making, VST_DOC_NO_SOURCE, VST_FIELD_SOURCE);
	if (source->bytes[0] == '/')
		code = vst_path_canonical(source->bytes, source->len, path, &len);
	if (code == VST_DOC_OK && !has_source_left(making->build))
		code = VST_DOC_TOO_MANY_SOURCES;
	if (code != VST_DOC_OK)
		return fail_text(making, code, source, VST_FIELD_SOURCE);
	return put_head(making, action, NULL, path, len);
}

static void warn_notes(const struct making *making)
{
	for (unsigned i = 0; i < making->mount->n_notes; i++) {
		const struct mount_note *note = &making->mount->notes[i];
		struct vst_finding warning = {
			.code = VST_DOC_BIND_IGNORED,
			.line = note->line,
			.column = note->column,
			.place = {.member = VST_MEMBER_MOUNTS,
				.field = VST_FIELD_OPTIONS,
				.index = making->mount->index,
				.sub = note->sub},
		};

		send_warn(making->build->send, &warning);
	}
}

int mount_close(struct mount *mount, struct build *build, struct vst_finding *ret_finding)
{
	uint8_t action = options_action(&mount->options, mount->n_data > 0);
	struct making making = {
		.mount = mount,
		.build = build,
		.out = {.bytes = mount->op, .size = sizeof mount->op},
		.finding = ret_finding,
	};
	int made;

	if (build->send->n_ops == VST_OPS_MAX)
		return fail_mount(&making, VST_DOC_TOO_MANY_OPS, VST_FIELD_NONE);
	switch (action & ~VST_MOUNT_RECURSIVE) {
	case VST_MOUNT_NEW:
		made = make_new(&making);
		break;
	case VST_MOUNT_BIND:
		made = make_bind(&making, action);
		if (made == 0)
			warn_notes(&making);
		break;
	default: /* VST_MOUNT_REMOUNT, VST_MOUNT_PROPAGATION */
		made = put_head(&making, action, NULL, NULL, 0);
		if (made == 0)
			made = put_items(&making);
		break;
	}
	if (made < 0)
		return -1;
	making_count(&making);
	send_made_op(build->send, mount->op, making.out.at);
	return 0;
}
