/* SPDX-License-Identifier: Apache-2.0 */
#include "validate_mount.h"

#include <string.h>

#include "../../ipc/limits.h"
#include "../../ipc/name.h"
#include "../../ipc/op.h"

struct mount {
	uint8_t action;
	const struct vst_mount_flags *flags;
	uint16_t n_items;
	const struct wire_string *destination, *type, *source;
	unsigned n_lower, n_upper, n_work, n_data; /* items of each kind */
};

int validate_is_clean(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return 0;
	return 1;
}

static int equals(const struct wire_string *string, const char *word)
{
	return string->len == strlen(word) && memcmp(string->s, word, string->len) == 0;
}

static int is_one_of(const struct wire_string *string, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (equals(string, words[i]))
			return 1;
	return 0;
}
#define IS_ONE_OF(string, words) is_one_of(string, words, sizeof words / sizeof *words)

static int is_overlay(const struct mount *mount)
{
	return equals(mount->type, "overlay");
}

static int is_absolute(const struct wire_string *path)
{
	return path->len > 0 && path->s[0] == '/' && vst_path_is_canonical(path->s, path->len);
}

static const char *check_flags(const struct vst_mount_flags *f)
{
	uint8_t propagation = f->propagation & (uint8_t)~VST_PROPAGATION_RECURSIVE;

	if ((f->set | f->clear | f->rec_set | f->rec_clear) & ~VST_ATTR_ALL)
		return "its attributes are unknown";
	/* "sync" can be cleared (by "async"); no option clears "dirsync". */
	if ((f->sb_set & ~VST_SB_ALL) || (f->sb_clear & ~VST_SB_SYNC))
		return "its flags of the file system are unknown";
	if (f->atime >= VST_ATIME_COUNT || f->rec_atime >= VST_ATIME_COUNT)
		return "its access time is unknown";
	if (propagation >= VST_PROPAGATION_COUNT || f->propagation == VST_PROPAGATION_RECURSIVE)
		return "its propagation is unknown";
	if ((f->set | f->rec_set) & (f->clear | f->rec_clear) || f->sb_set & f->sb_clear)
		return "it sets what it clears";
	return NULL;
}

/* Refuses what the action does not use: no later stage would judge it. */
static const char *check_unused(const struct mount *mount)
{
	const struct vst_mount_flags *f = mount->flags;
	unsigned clears = f->clear | f->rec_clear | f->sb_clear;

	if (mount->action == VST_MOUNT_NEW && (clears | f->rec_set | f->rec_atime))
		return "a new mount with flags that it does not have";
	if (mount->action == VST_MOUNT_BIND && (clears | f->sb_set))
		return "a bind with flags that it does not have";
	if (mount->action == VST_MOUNT_PROPAGATION &&
		(clears | f->set | f->atime | f->rec_set | f->rec_atime | f->sb_set))
		return "a propagation with flags that it does not have";
	if (mount->action != VST_MOUNT_NEW && mount->type->len > 0)
		return "a type that it does not have";
	if (mount->action != VST_MOUNT_NEW && mount->action != VST_MOUNT_BIND &&
		mount->source->len > 0)
		return "a source that it does not have";
	if ((mount->action == VST_MOUNT_BIND || mount->action == VST_MOUNT_PROPAGATION) &&
		mount->n_items > 0)
		return "data that it does not have";
	return NULL;
}

static const char *check_strings(const struct mount *mount)
{
	static const char *const no_types[] = {"bind", "rbind", "none"};
	const struct wire_string *source = mount->source, *type = mount->type;

	if (!vst_path_is_canonical(mount->destination->s, mount->destination->len))
		return "its destination is not canonical";
	if (mount->action == VST_MOUNT_BIND && !is_absolute(source))
		return "its source is not an absolute path";
	if (mount->action != VST_MOUNT_NEW)
		return NULL;
	if (vst_fstype_check(type->s, type->len) != VST_DOC_OK || IS_ONE_OF(type, no_types))
		return "its type is no type of file system";
	if (source->len == 0 || source->len > VST_FS_VALUE_MAX ||
		!validate_is_clean(source->s, source->len))
		return "its source is no source of a file system";
	return NULL;
}

/* Judges an overlay layer. A layer must be a path that resolve looks up with the caller's
 * rights, never text that the file system looks up itself. */
static const char *check_layer(struct mount *mount, uint8_t kind, const struct wire_string *key,
	const struct wire_string *value)
{
	if (mount->action != VST_MOUNT_NEW || !is_overlay(mount))
		return "a layer of what is no overlay";
	if (key->len > 0)
		return "a layer with a key";
	if (!is_absolute(value))
		return "a layer that is not an absolute path";
	if (kind == VST_ITEM_LOWER)
		mount->n_lower++;
	else if (kind == VST_ITEM_UPPER)
		mount->n_upper++;
	else
		mount->n_work++;
	return NULL;
}

static const char *check_data(const struct mount *mount, uint8_t kind,
	const struct wire_string *key, const struct wire_string *value)
{
	static const char *const layers[] = {
		"lowerdir", "lowerdir+", "datadir+", "upperdir", "workdir"};
	/* The kernel handles these before the file system sees them. The flags belong in the
	 * masks, and the source has a string of its own. */
	static const char *const taken[] = {
		"source", "ro", "rw", "sync", "async", "dirsync", "mand", "nomand"};

	if (key->len == 0 || !validate_is_clean(key->s, key->len))
		return "a key that is empty or has control characters";
	/* File systems that take all options as one string (overlay before 6.5) would read the
	 * key "lowerdir=/x" as a key with a value, and so bypass the rule on layers below. */
	if (memchr(key->s, '=', key->len))
		return "a key with a value in it";
	if (IS_ONE_OF(key, taken))
		return "a key that is not an option of a file system";
	if (is_overlay(mount) && IS_ONE_OF(key, layers))
		return "a layer as data";
	if (kind == VST_ITEM_FLAG && value->len > 0)
		return "a flag with a value";
	if (value->len > VST_FS_VALUE_MAX || !validate_is_clean(value->s, value->len))
		return "a value that is none";
	return NULL;
}

static const char *check_items(struct mount *mount, struct wire_in items)
{
	for (unsigned i = 0; i < mount->n_items; i++) {
		struct wire_item item;
		const char *how;

		if (wire_get_item(&items, &item) < 0)
			return "one of its items is none";
		if (item.kind == VST_ITEM_FLAG || item.kind == VST_ITEM_STRING) {
			mount->n_data++;
			how = check_data(mount, item.kind, &item.key, &item.value);
		} else if (item.kind == VST_ITEM_LOWER || item.kind == VST_ITEM_UPPER ||
			   item.kind == VST_ITEM_WORK)
			how = check_layer(mount, item.kind, &item.key, &item.value);
		else
			how = "an item of an unknown kind";
		if (how)
			return how;
	}
	if (mount->n_lower > VST_LAYERS_MAX)
		return "too many layers";
	if (mount->n_data > VST_MOUNT_DATA_MAX)
		return "too many options";
	if (mount->n_upper > 1 || mount->n_upper != mount->n_work)
		return "an upper without a work directory, or one twice";
	if (mount->action == VST_MOUNT_NEW && is_overlay(mount) && mount->n_lower == 0)
		return "an overlay without a lower layer";
	return NULL;
}

static const char *check_action(const struct mount *mount, uint8_t arg)
{
	if (mount->action < VST_MOUNT_NEW || mount->action > VST_MOUNT_PROPAGATION)
		return "its action is unknown";
	if (arg & VST_MOUNT_RECURSIVE && mount->action != VST_MOUNT_BIND)
		return "its action is not one that is recursive";
	return NULL;
}

const char *validate_mount(struct validate_mounts *mounts, const struct wire_op *op)
{
	struct mount mount = {
		.action = op->arg & (uint8_t)~VST_MOUNT_RECURSIVE,
		.flags = &op->flags,
		.n_items = op->n_items,
		.destination = &op->str[0],
		.type = &op->str[1],
		.source = &op->str[2],
	};
	const char *how = check_action(&mount, op->arg);

	if (!how)
		how = check_flags(mount.flags);
	if (!how)
		how = check_unused(&mount);
	if (!how)
		how = check_strings(&mount);
	if (!how && mount.n_items > VST_MOUNT_ITEMS_MAX)
		how = "too many items";
	if (!how)
		how = check_items(&mount, op->items);
	if (how)
		return how;
	if (op->len > VST_MOUNT_BYTES_MAX)
		return "it is too long";
	mounts->n_sources +=
		mount.n_lower + mount.n_upper + mount.n_work + (mount.action == VST_MOUNT_BIND);
	if (++mounts->n_mounts > VST_MOUNTS_MAX)
		return "too many mounts";
	return mounts->n_sources > VST_MOUNT_SOURCES_MAX ? "too many sources and layers" : NULL;
}
