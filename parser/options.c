/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include <string.h>

/* clang-format off */
#define ATTR(name, opposite, bit) \
	{name, OPTION_ATTR, bit, 0, 0}, {opposite, OPTION_ATTR, bit, 1, 0}, \
	{"r" name, OPTION_ATTR, bit, 0, 1}, {"r" opposite, OPTION_ATTR, bit, 1, 1}
#define ATIME(name, opposite, value) \
	{name, OPTION_ATIME, 1 << value, 0, 0}, {opposite, OPTION_ATIME, 1 << value, 1, 0}, \
	{"r" name, OPTION_ATIME, 1 << value, 0, 1}, {"r" opposite, OPTION_ATIME, 1 << value, 1, 1}
#define SB(name, opposite, bit) {name, OPTION_SB, bit, 0, 0}, {opposite, OPTION_SB, bit, 1, 0}
#define PROPAGATION(name, value) \
	{name, OPTION_PROPAGATION, value, 0, 0}, \
	{"r" name, OPTION_PROPAGATION, value | VST_PROPAGATION_RECURSIVE, 0, 0}
static const struct option names[] = {
	ATTR("ro", "rw", VST_ATTR_RO),
	ATTR("nosuid", "suid", VST_ATTR_NOSUID),
	ATTR("nodev", "dev", VST_ATTR_NODEV),
	ATTR("noexec", "exec", VST_ATTR_NOEXEC),
	ATTR("nodiratime", "diratime", VST_ATTR_NODIRATIME),
	ATIME("relatime", "norelatime", VST_ATIME_RELATIME),
	ATIME("noatime", "atime", VST_ATIME_NOATIME),
	ATIME("strictatime", "nostrictatime", VST_ATIME_STRICT),
	SB("sync", "async", VST_SB_SYNC),
	{"dirsync", OPTION_SB, VST_SB_DIRSYNC, 0, 0},
	SB("mand", "nomand", OPTION_SB_MAND),
	{"bind", OPTION_ACTION, OPTION_BIND, 0, 0},
	{"rbind", OPTION_ACTION, OPTION_RBIND, 0, 0},
	{"remount", OPTION_ACTION, OPTION_REMOUNT, 0, 0},
	PROPAGATION("private", VST_PROPAGATION_PRIVATE),
	PROPAGATION("shared", VST_PROPAGATION_SHARED),
	PROPAGATION("slave", VST_PROPAGATION_SLAVE),
	PROPAGATION("unbindable", VST_PROPAGATION_UNBINDABLE),
	{"defaults", OPTION_NOTHING, 0, 0, 0},
};
/* clang-format on */

const struct option *options_find(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].name[0] == bytes[0] && strlen(names[i].name) == len &&
			memcmp(names[i].name, bytes, len) == 0)
			return &names[i];
	return NULL;
}

/* Returns the access times asked for, one bit each. An option that clears one asks for
 * relatime, the kernel's default. */
static unsigned atimes(unsigned set, unsigned clear)
{
	return set | (clear ? 1u << VST_ATIME_RELATIME : 0);
}

static uint8_t atime_of(unsigned bits)
{
	for (uint8_t value = VST_ATIME_COUNT - 1; value > VST_ATIME_KEEP; value--)
		if (bits & 1u << value)
			return value;
	return VST_ATIME_KEEP;
}

enum vst_doc_error options_add(struct options *options, const struct option *option)
{
	unsigned set, clear, results;

	switch ((enum option_kind)option->kind) {
	case OPTION_PROPAGATION:
		if (options->propagation && options->propagation != option->bit)
			return VST_DOC_PROPAGATION_TWICE;
		options->propagation = option->bit;
		return VST_DOC_OK;
	case OPTION_ACTION:
		options->actions |= option->bit;
		return VST_DOC_OK;
	case OPTION_NOTHING:
		return VST_DOC_OK;
	case OPTION_ATTR:
	case OPTION_ATIME:
	case OPTION_SB:
		break;
	}
	options->has_others = 1;
	(option->clears ? options->clear : options->set)[option->is_rec][option->kind] |=
		option->bit;
	set = options->set[0][option->kind] | options->set[1][option->kind];
	clear = options->clear[0][option->kind] | options->clear[1][option->kind];
	results = option->kind == OPTION_ATIME ? atimes(set, clear) : 0;
	return set & clear || results & (results - 1) ? VST_DOC_OPPOSITE : VST_DOC_OK;
}

uint8_t options_action(const struct options *options, int has_data)
{
	int only_propagation = options->propagation && !options->has_others && !has_data &&
			       !(options->actions & (OPTION_BIND | OPTION_RBIND));

	if (only_propagation)
		return VST_MOUNT_PROPAGATION;
	if (options->actions & OPTION_REMOUNT)
		return VST_MOUNT_REMOUNT;
	if (options->actions & OPTION_RBIND)
		return VST_MOUNT_BIND | VST_MOUNT_RECURSIVE;
	if (options->actions & OPTION_BIND)
		return VST_MOUNT_BIND;
	return VST_MOUNT_NEW;
}

/* Only a remount gets cleared bits: a new mount has no flags yet, and a bind keeps those of its
 * source. */
struct vst_mount_flags options_flags(const struct options *options, uint8_t action)
{
	const uint8_t *set = options->set[0], *rec_set = options->set[1];
	const uint8_t *clear = options->clear[0], *rec_clear = options->clear[1];
	struct vst_mount_flags flags = {.propagation = options->propagation};

	switch (action & ~VST_MOUNT_RECURSIVE) {
	case VST_MOUNT_NEW: /* nothing is mounted beneath it, so recursive flags are plain ones
			     */
		flags.set = set[OPTION_ATTR] | rec_set[OPTION_ATTR];
		flags.atime = atime_of(atimes(set[OPTION_ATIME] | rec_set[OPTION_ATIME],
			clear[OPTION_ATIME] | rec_clear[OPTION_ATIME]));
		flags.sb_set = set[OPTION_SB] & VST_SB_ALL;
		break;
	case VST_MOUNT_BIND:
		flags.set = set[OPTION_ATTR];
		flags.rec_set = rec_set[OPTION_ATTR];
		flags.atime = atime_of(set[OPTION_ATIME]);
		flags.rec_atime = atime_of(rec_set[OPTION_ATIME]);
		break;
	case VST_MOUNT_REMOUNT:
		flags.set = set[OPTION_ATTR];
		flags.clear = clear[OPTION_ATTR];
		flags.atime = atime_of(atimes(set[OPTION_ATIME], clear[OPTION_ATIME]));
		flags.rec_set = rec_set[OPTION_ATTR];
		flags.rec_clear = rec_clear[OPTION_ATTR];
		flags.rec_atime =
			atime_of(atimes(rec_set[OPTION_ATIME], rec_clear[OPTION_ATIME]));
		flags.sb_set = set[OPTION_SB] & VST_SB_ALL;
		flags.sb_clear = clear[OPTION_SB] & VST_SB_ALL;
		break;
	default: /* VST_MOUNT_PROPAGATION: only the propagation */
		break;
	}
	return flags;
}
