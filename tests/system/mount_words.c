#include "mount_words.h"

#include <stdlib.h>
#include <string.h>

/* clang-format off */
static const struct word {
	const char *name;
	uint8_t set, clear, atime, sb_set, sb_clear, propagation;
} names[] = {
	{.name = "ro", .set = VST_ATTR_RO},
	{.name = "nosuid", .set = VST_ATTR_NOSUID},
	{.name = "nodev", .set = VST_ATTR_NODEV},
	{.name = "noexec", .set = VST_ATTR_NOEXEC},
	{.name = "nodiratime", .set = VST_ATTR_NODIRATIME},
	{.name = "rw", .clear = VST_ATTR_RO},
	{.name = "suid", .clear = VST_ATTR_NOSUID},
	{.name = "dev", .clear = VST_ATTR_NODEV},
	{.name = "exec", .clear = VST_ATTR_NOEXEC},
	{.name = "diratime", .clear = VST_ATTR_NODIRATIME},
	{.name = "relatime", .atime = VST_ATIME_RELATIME},
	{.name = "noatime", .atime = VST_ATIME_NOATIME},
	{.name = "strictatime", .atime = VST_ATIME_STRICT},
	{.name = "sync", .sb_set = VST_SB_SYNC},
	{.name = "async", .sb_clear = VST_SB_SYNC},
	{.name = "dirsync", .sb_set = VST_SB_DIRSYNC},
	{.name = "private", .propagation = VST_PROPAGATION_PRIVATE},
	{.name = "shared", .propagation = VST_PROPAGATION_SHARED},
	{.name = "slave", .propagation = VST_PROPAGATION_SLAVE},
	{.name = "unbindable", .propagation = VST_PROPAGATION_UNBINDABLE},
};
/* clang-format on */

static void add(struct mount_words *words, const void *bytes, size_t len)
{
	if (words->len + len > sizeof words->bytes)
		abort();
	memcpy(words->bytes + words->len, bytes, len);
	words->len += (uint32_t)len;
}

uint32_t mount_words_text(struct mount_words *words, const char *text)
{
	uint32_t at;

	if (words->len == 0)
		add(words, "", 1);
	at = words->len;
	add(words, text, strlen(text) + 1);
	return at;
}

void mount_words_source(struct mount_words *words, uint8_t kind, const char *path)
{
	struct step_source *source = &words->sources[words->n_sources++];

	if (words->n_sources > sizeof words->sources / sizeof *words->sources)
		abort();
	*source = (struct step_source){.kind = kind};
	source->at.path.off = mount_words_text(words, path);
	source->at.path.len = (uint32_t)strlen(path);
}

static void add_item(struct mount_words *words, uint8_t kind, const char *key, size_t key_len,
	const char *value)
{
	const char *texts[] = {key, value};
	size_t lens[] = {key_len, strlen(value)};

	add(words, &kind, 1);
	for (int i = 0; i < 2; i++) {
		const unsigned char len[] = {
			(unsigned char)lens[i], (unsigned char)(lens[i] >> 8)};

		add(words, len, 2);
		add(words, texts[i], lens[i]);
		add(words, "", 1);
	}
}

/* A name, or one of the recursive names: an r and the name. */
static int take_name(const char *arg, struct vst_mount_flags *flags)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const struct word *w = &names[i];
		int is_plain = strcmp(arg, w->name) == 0;

		if (!is_plain && (arg[0] != 'r' || strcmp(arg + 1, w->name) != 0))
			continue;
		*(is_plain ? &flags->set : &flags->rec_set) |= w->set;
		*(is_plain ? &flags->clear : &flags->rec_clear) |= w->clear;
		if (w->atime)
			*(is_plain ? &flags->atime : &flags->rec_atime) = w->atime;
		flags->sb_set |= w->sb_set;
		flags->sb_clear |= w->sb_clear;
		if (w->propagation)
			flags->propagation =
				(uint8_t)(w->propagation |
					  (is_plain ? 0 : VST_PROPAGATION_RECURSIVE));
		return 1;
	}
	return 0;
}

static void take_item(struct mount_words *words, const char *arg)
{
	static const char *const layers[] = {"lower", "upper", "work"};
	const char *equals = strchr(arg, '=');
	size_t len = equals ? (size_t)(equals - arg) : strlen(arg);

	for (uint8_t i = 0; i < 3; i++)
		if (equals && len == strlen(layers[i]) && strncmp(arg, layers[i], len) == 0) {
			uint8_t kind = (uint8_t)(VST_ITEM_LOWER + i);

			add_item(words, kind, "", 0, equals + 1);
			return;
		}
	add_item(words, equals ? VST_ITEM_STRING : VST_ITEM_FLAG, arg, len,
		equals ? equals + 1 : "");
}

int mount_words_options(struct mount_words *words, char **args, struct step_mount *mount)
{
	uint32_t at;
	int n;

	mount->first_source = (uint16_t)words->n_sources;
	if (words->len == 0)
		add(words, "", 1);
	mount->items = words->len;
	for (n = 0; args[n] && strcmp(args[n], "end") != 0; n++)
		if (!take_name(args[n], &mount->flags)) {
			take_item(words, args[n]);
			mount->n_items++;
		}
	at = mount->items;
	for (int i = 0; i < mount->n_items; i++) {
		struct step_item item;

		step_item_next(words->bytes, &at, &item);
		if (item.kind >= VST_ITEM_LOWER)
			mount_words_source(words, item.kind, words->bytes + item.value.off);
	}
	mount->n_sources = (uint16_t)(words->n_sources - mount->first_source);
	return n + (args[n] != NULL);
}
