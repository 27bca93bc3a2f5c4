/* SPDX-License-Identifier: Apache-2.0 */
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

static void take_option(struct mount_words *words, char *arg, struct step_mount *mount)
{
	struct step_option *option = &words->options[words->n_options++];
	char *equals = strchr(arg, '=');

	if (words->n_options > sizeof words->options / sizeof *words->options)
		abort();
	if (equals)
		*equals = '\0';
	option->key = mount_words_text(words, arg);
	option->value = equals ? mount_words_text(words, equals + 1) : 0;
	if (equals)
		*equals = '=';
	mount->n_options++;
}

static void take_item(struct mount_words *words, char *arg, struct step_mount *mount)
{
	static const char *const layers[] = {"lower=", "upper=", "work="};

	for (uint8_t i = 0; i < 3; i++)
		if (strncmp(arg, layers[i], strlen(layers[i])) == 0) {
			mount_words_source(
				words, (uint8_t)(VST_ITEM_LOWER + i), arg + strlen(layers[i]));
			mount->n_sources++;
			return;
		}
	take_option(words, arg, mount);
}

int mount_words_options(struct mount_words *words, char **args, struct step_mount *mount)
{
	int n;

	mount->first_source = (uint16_t)words->n_sources;
	mount->first_option = (uint16_t)words->n_options;
	for (n = 0; args[n] && strcmp(args[n], "end") != 0; n++)
		if (!take_name(args[n], &mount->flags))
			take_item(words, args[n], mount);
	return n + (args[n] != NULL);
}
