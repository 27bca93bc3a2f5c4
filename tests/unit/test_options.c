/* SPDX-License-Identifier: Apache-2.0 */
/* Every name of an option: alone with each action, and beside every other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "parser/options.h"

/* Written down from the manual, not from the table: two names of one group but not of one side
 * contradict each other, and so do two sides of one group's results. */
static const struct name {
	const char *name;
	int group; /* 0: contradicts nothing */
	char side;
	const char *as_new, *as_bind, *as_remount;
} names[] = {
	{"ro", 1, '+', "set 1", "set 1", "set 1"},
	{"rw", 1, '-', "", "", "clear 1"},
	{"rro", 1, '+', "set 1", "rec_set 1", "rec_set 1"},
	{"rrw", 1, '-', "", "", "rec_clear 1"},
	{"nosuid", 2, '+', "set 2", "set 2", "set 2"},
	{"suid", 2, '-', "", "", "clear 2"},
	{"rnosuid", 2, '+', "set 2", "rec_set 2", "rec_set 2"},
	{"rsuid", 2, '-', "", "", "rec_clear 2"},
	{"nodev", 3, '+', "set 4", "set 4", "set 4"},
	{"dev", 3, '-', "", "", "clear 4"},
	{"rnodev", 3, '+', "set 4", "rec_set 4", "rec_set 4"},
	{"rdev", 3, '-', "", "", "rec_clear 4"},
	{"noexec", 4, '+', "set 8", "set 8", "set 8"},
	{"exec", 4, '-', "", "", "clear 8"},
	{"rnoexec", 4, '+', "set 8", "rec_set 8", "rec_set 8"},
	{"rexec", 4, '-', "", "", "rec_clear 8"},
	{"nodiratime", 5, '+', "set 16", "set 16", "set 16"},
	{"diratime", 5, '-', "", "", "clear 16"},
	{"rnodiratime", 5, '+', "set 16", "rec_set 16", "rec_set 16"},
	{"rdiratime", 5, '-', "", "", "rec_clear 16"},
	/* Of access times, + is a relatime that is named and - one that is gone back to. */
	{"relatime", 6, '+', "atime 1", "atime 1", "atime 1"},
	{"rrelatime", 6, '+', "atime 1", "rec_atime 1", "rec_atime 1"},
	{"norelatime", 6, '-', "atime 1", "", "atime 1"},
	{"rnorelatime", 6, '-', "atime 1", "", "rec_atime 1"},
	{"atime", 6, '=', "atime 1", "", "atime 1"},
	{"ratime", 6, '=', "atime 1", "", "rec_atime 1"},
	{"nostrictatime", 6, '=', "atime 1", "", "atime 1"},
	{"rnostrictatime", 6, '=', "atime 1", "", "rec_atime 1"},
	{"noatime", 6, 'n', "atime 2", "atime 2", "atime 2"},
	{"rnoatime", 6, 'n', "atime 2", "rec_atime 2", "rec_atime 2"},
	{"strictatime", 6, 's', "atime 3", "atime 3", "atime 3"},
	{"rstrictatime", 6, 's', "atime 3", "rec_atime 3", "rec_atime 3"},
	{"sync", 7, '+', "sb_set 1", "", "sb_set 1"},
	{"async", 7, '-', "", "", "sb_clear 1"},
	{"dirsync", 0, 0, "sb_set 2", "", "sb_set 2"},
	{"mand", 8, '+', "", "", ""},
	{"nomand", 8, '-', "", "", ""},
	{"bind", 0, 0, "", "", ""},
	{"rbind", 0, 0, "", "", ""},
	{"remount", 0, 0, "", "", ""},
	{"private", 9, 'a', "propagation 1", "propagation 1", "propagation 1"},
	{"rprivate", 9, 'b', "propagation 17", "propagation 17", "propagation 17"},
	{"shared", 9, 'c', "propagation 2", "propagation 2", "propagation 2"},
	{"rshared", 9, 'd', "propagation 18", "propagation 18", "propagation 18"},
	{"slave", 9, 'e', "propagation 3", "propagation 3", "propagation 3"},
	{"rslave", 9, 'f', "propagation 19", "propagation 19", "propagation 19"},
	{"unbindable", 9, 'g', "propagation 4", "propagation 4", "propagation 4"},
	{"runbindable", 9, 'h', "propagation 20", "propagation 20", "propagation 20"},
	{"defaults", 0, 0, "", "", ""},
};
#define N_NAMES (sizeof names / sizeof *names)

static const struct option *found(const char *name)
{
	const struct option *option = options_find(name, strlen(name));

	if (!option)
		fail_msg("%s is no name", name);
	return option;
}

/* The flags that are not 0, written down. */
static const char *written(const struct options *options, uint8_t action)
{
	static const char *const words[] = {"set", "clear", "atime", "rec_set", "rec_clear",
		"rec_atime", "sb_set", "sb_clear", "propagation"};
	static char text[256];
	struct vst_mount_flags flags = options_flags(options, action);
	unsigned char bytes[sizeof words / sizeof *words];
	char *out = text;

	_Static_assert(sizeof flags == sizeof bytes, "a byte each");
	memcpy(bytes, &flags, sizeof flags);
	*out = '\0';
	for (size_t i = 0; i < sizeof bytes; i++)
		if (bytes[i])
			out += sprintf(out, "%s%s %u", out == text ? "" : " ", words[i],
				(unsigned)bytes[i]);
	return text;
}

static void each_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_NAMES; i++) {
		const struct name *n = &names[i];
		struct options options = {0};

		assert_int_equal(options_add(&options, found(n->name)), VST_DOC_OK);
		assert_string_equal(written(&options, VST_MOUNT_NEW), n->as_new);
		assert_string_equal(written(&options, VST_MOUNT_BIND), n->as_bind);
		assert_string_equal(
			written(&options, VST_MOUNT_BIND | VST_MOUNT_RECURSIVE), n->as_bind);
		assert_string_equal(written(&options, VST_MOUNT_REMOUNT), n->as_remount);
		assert_string_equal(written(&options, VST_MOUNT_PROPAGATION),
			n->group == 9 ? n->as_new : "");
	}
}

static void each_beside_each(void **state)
{
	unsigned n_wrong = 0;

	(void)state;
	for (size_t a = 0; a < N_NAMES; a++)
		for (size_t b = 0; b < N_NAMES; b++) {
			const struct name *one = &names[a], *two = &names[b];
			int is_same_group = one->group && one->group == two->group;
			/* relatime, atime, nostrictatime; norelatime, atime, ... agree. */
			int agrees =
				one->side == two->side ||
				(one->group == 6 && (one->side == '=' || two->side == '=') &&
					!strchr("ns", one->side) && !strchr("ns", two->side));
			enum vst_doc_error want = VST_DOC_OK;
			struct options options = {0};

			if (is_same_group && !agrees)
				want = one->group == 9 ? VST_DOC_PROPAGATION_TWICE
						       : VST_DOC_OPPOSITE;
			assert_int_equal(options_add(&options, found(one->name)), VST_DOC_OK);
			if (options_add(&options, found(two->name)) != want)
				fail_msg("%s, then %s: not %d", one->name, two->name, want);
			n_wrong += want != VST_DOC_OK;
		}
	/* Five attributes of 2 x 4 pairs each way; of twelve access times all but the pairs
	 * within a result and those of relatime with what only agrees; two of the file system;
	 * of eight propagations all but the same. */
	assert_int_equal(n_wrong, 5 * 8 + (144 - 4 - 4 - 64 + 8) + 2 * 2 + 56);
}

/* What a third option contradicts may be the first. */
static void third(void **state)
{
	struct options options = {0};

	(void)state;
	assert_int_equal(options_add(&options, found("rrw")), VST_DOC_OK);
	assert_int_equal(options_add(&options, found("nosuid")), VST_DOC_OK);
	assert_int_equal(options_add(&options, found("ro")), VST_DOC_OPPOSITE);
	memset(&options, 0, sizeof options);
	assert_int_equal(options_add(&options, found("atime")), VST_DOC_OK);
	assert_int_equal(options_add(&options, found("norelatime")), VST_DOC_OK);
	assert_int_equal(options_add(&options, found("relatime")), VST_DOC_OPPOSITE);
}

static void together(void **state)
{
	static const char *const all[] = {"ro", "rnosuid", "nodev", "rnodev", "rexec",
		"diratime", "noatime", "rnoatime", "async", "dirsync", "mand", "rslave"};
	struct options options = {0};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		for (int twice = 0; twice < 2; twice++)
			assert_int_equal(options_add(&options, found(all[i])), VST_DOC_OK);
	assert_string_equal(
		written(&options, VST_MOUNT_NEW), "set 7 atime 2 sb_set 2 propagation 19");
	assert_string_equal(written(&options, VST_MOUNT_BIND),
		"set 5 atime 2 rec_set 6 rec_atime 2 propagation 19");
	assert_string_equal(written(&options, VST_MOUNT_REMOUNT),
		"set 5 clear 16 atime 2 rec_set 6 rec_clear 8 rec_atime 2 sb_set 2 sb_clear 1 "
		"propagation 19");
	assert_string_equal(written(&options, VST_MOUNT_PROPAGATION), "propagation 19");
}

static void actions(void **state)
{
	static const struct {
		const char *options; /* each behind a blank */
		uint8_t alone, with_data;
	} cases[] = {
		{"", VST_MOUNT_NEW, VST_MOUNT_NEW},
		{" defaults", VST_MOUNT_NEW, VST_MOUNT_NEW},
		{" ro", VST_MOUNT_NEW, VST_MOUNT_NEW},
		{" bind", VST_MOUNT_BIND, VST_MOUNT_BIND},
		{" rbind", VST_MOUNT_BIND | 0x10, VST_MOUNT_BIND | 0x10},
		{" bind rbind", VST_MOUNT_BIND | 0x10, VST_MOUNT_BIND | 0x10},
		{" bind rshared", VST_MOUNT_BIND, VST_MOUNT_BIND},
		{" remount", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" remount defaults", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" ro bind remount", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" rbind remount", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" remount private", VST_MOUNT_PROPAGATION, VST_MOUNT_REMOUNT},
		{" defaults private remount private", VST_MOUNT_PROPAGATION, VST_MOUNT_REMOUNT},
		{" remount private bind", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" remount private ro", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" remount private mand", VST_MOUNT_REMOUNT, VST_MOUNT_REMOUNT},
		{" rshared", VST_MOUNT_PROPAGATION, VST_MOUNT_NEW},
		{" rshared defaults", VST_MOUNT_PROPAGATION, VST_MOUNT_NEW},
		{" rshared rw", VST_MOUNT_NEW, VST_MOUNT_NEW},
		{" rshared relatime", VST_MOUNT_NEW, VST_MOUNT_NEW},
		{" rshared dirsync", VST_MOUNT_NEW, VST_MOUNT_NEW},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct options options = {0};
		const char *at = cases[i].options;

		while (*at) {
			size_t len = strcspn(++at, " ");

			assert_int_equal(
				options_add(&options, options_find(at, len)), VST_DOC_OK);
			at += len;
		}
		assert_int_equal(options_action(&options, 0), cases[i].alone);
		assert_int_equal(options_action(&options, 1), cases[i].with_data);
	}
}

/* Almost a name. */
static void no_names(void **state)
{
	static const char *const data[] = {"r", "RO", "ro ", " ro", "ro=", "rro,", "nobind",
		"rremount", "rsync", "rasync", "rdirsync", "rmand", "nodirsync", "rdefaults",
		"rrbind", "default", "loop", "nofail", "lazytime", "rrprivate", "noro",
		"\xc5\xbfuid"};

	(void)state;
	for (size_t i = 0; i < sizeof data / sizeof *data; i++)
		assert_null(options_find(data[i], strlen(data[i])));
	for (size_t i = 0; i < N_NAMES; i++) {
		char longer[32];
		size_t len = strlen(names[i].name);

		snprintf(longer, sizeof longer, "%sx", names[i].name);
		assert_null(options_find(longer, len + 1));
		longer[len] = '\0';
		assert_null(options_find(longer, len + 1)); /* a NUL, too */
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_alone),
		cmocka_unit_test(each_beside_each),
		cmocka_unit_test(third),
		cmocka_unit_test(together),
		cmocka_unit_test(actions),
		cmocka_unit_test(no_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
