/* SPDX-License-Identifier: Apache-2.0 */
#include "force.h"

#include <stdio.h>
#include <string.h>

/* Types of which one file system exists, reconfigured by each mount. is_reset: a mount resets
 * the options that it does not name. devtmpfs does not, and the size that it shows cannot be
 * set. */
static const struct {
	const char *type;
	int is_reset;
} once[] = {
	{"binfmt_misc", 1},
	{"cgroup2", 1},
	{"configfs", 1},
	{"debugfs", 1},
	{"devtmpfs", 0},
	{"efivarfs", 1},
	{"fusectl", 1},
	{"mqueue", 1},
	{"pstore", 1},
	{"securityfs", 1},
	{"selinuxfs", 1},
	{"smackfs", 1},
	{"sysfs", 1},
	{"tracefs", 1},
};

static int place_in_table(const char *type)
{
	const int n = sizeof once / sizeof *once;
	int i = 0;

	while (i < n && strcmp(once[i].type, type) != 0)
		i++;
	return i < n ? i : -1;
}

int force_is_once(const char *type)
{
	return place_in_table(type) >= 0;
}

static int has_type(const struct mountinfo *mount, void *arg)
{
	return strcmp(mount->type, arg) == 0;
}

static int has_dev(const struct mountinfo *mount, void *arg)
{
	return mount->dev == *(const uint64_t *)arg;
}

int force_find_type(const char *type, struct mountinfo *ret)
{
	char copy[sizeof ret->type];

	snprintf(copy, sizeof copy, "%s", type);
	return mountinfo_find(has_type, copy, ret);
}

int force_find_dev(uint64_t dev, struct mountinfo *ret)
{
	return mountinfo_find(has_dev, &dev, ret);
}

/* Whether the options, as /proc shows them, include this one. */
static int has_option(const char *options, const char *key, const char *value)
{
	const size_t key_len = strlen(key), value_len = value ? strlen(value) : 0;

	for (const char *at = options; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		const size_t len = strcspn(at, ",");

		if (len < key_len || strncmp(at, key, key_len) != 0)
			continue;
		if (!value && len == key_len)
			return 1;
		if (value && len == key_len + 1 + value_len && at[key_len] == '=' &&
			strncmp(at + key_len + 1, value, value_len) == 0)
			return 1;
	}
	return 0;
}

static int disagrees(
	const char *type, const char *key, const struct mountinfo *there, struct vst_err *err)
{
	if (!there)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"option %s: this file system '%s' exists already, and is not mounted here, so nobody can see whether it has that; leave its options out",
			VST_QUOTE(key), VST_QUOTE(type));
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"option %s: this file system '%s' is mounted already, with '%s', and a mount never changes what others have; leave its options out to get it as it is",
		VST_QUOTE(key), VST_QUOTE(type), VST_QUOTE(there->options));
}

int force_agrees(const struct plan_allowed *allowed, const struct step_mount *mount,
	const char *type, const struct mountinfo *there, struct vst_err *err)
{
	const struct step_option *options = &allowed->options[mount->first_option];

	for (unsigned i = 0; i < mount->n_options; i++) {
		const char *key = allowed_text(allowed, options[i].key), *value = NULL;

		if (options[i].value)
			value = allowed_text(allowed, options[i].value);
		if (!there || !has_option(there->options, key, value))
			return disagrees(type, key, there, err);
	}
	for (unsigned bit = 0; bit < 2; bit++) {
		const uint8_t flag = bit ? VST_SB_DIRSYNC : VST_SB_SYNC;
		const char *key = bit ? "dirsync" : "sync";
		const int is_set = there && has_option(there->options, key, NULL);

		if ((mount->flags.sb_set & flag && !is_set) ||
			(mount->flags.sb_clear & flag && (is_set || !there)))
			return disagrees(type, key, there, err);
	}
	return 0;
}

int force_keep(const struct fs_context *fs, const struct mountinfo *there, struct vst_err *err)
{
	const int place = place_in_table(fs->type);
	char options[sizeof there->options];
	char *rest = options, *option;

	if (place < 0 || !once[place].is_reset)
		return 0;
	memcpy(options, there->options, sizeof options);
	while ((option = strsep(&rest, ","))) {
		char *value = strchr(option, '=');

		/* /proc shows these, but they are no options. */
		if (!option[0] || strcmp(option, "rw") == 0 || strcmp(option, "seclabel") == 0)
			continue;
		if (value)
			*value++ = '\0';
		if (fs_context_set(fs, option, value, err) < 0)
			return vst_wrap(err, "keep what others have mounted");
	}
	return 0;
}
