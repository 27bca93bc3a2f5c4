/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities, in children: what is dropped stays dropped, and the kernel says so, in
 * /proc/self/status. Needs root, of any user namespace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "in_child.h"
#include "privileged/rights/caps.h"

#define BIT(cap) (1ULL << CAP_##cap)

static struct vst_err err;

struct sets {
	uint64_t effective, permitted, inheritable;
};

static struct sets sets(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	struct sets ret = {0};
	char line[256];
	int found = 0;

	while (status && fgets(line, sizeof line, status)) {
		found += sscanf(line, "CapInh: %" SCNx64, &ret.inheritable) == 1;
		found += sscanf(line, "CapPrm: %" SCNx64, &ret.permitted) == 1;
		found += sscanf(line, "CapEff: %" SCNx64, &ret.effective) == 1;
	}
	if (found != 3)
		_exit(99);
	fclose(status);
	return ret;
}

static int act_limit(void)
{
	/* SYSLOG is of the upper half. */
	uint64_t keep = BIT(SYS_ADMIN) | BIT(CHOWN) | BIT(NET_ADMIN) | BIT(SYSLOG);
	struct sets now;

	WANT(caps_limit(keep, BIT(DAC_OVERRIDE), "a test", &err) == 0);
	now = sets();
	WANT(now.permitted == (keep | BIT(DAC_OVERRIDE)));
	WANT(now.effective == ((keep & ~BIT(CHOWN)) | BIT(DAC_OVERRIDE)));
	WANT(now.inheritable == 0);
	/* A surplus was dropped for good. */
	WANT(caps_limit(keep | BIT(SETUID), 0, "a test", &err) == 0);
	WANT((sets().permitted & BIT(SETUID)) == 0);
	WANT(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	return 0;
}

static int act_missing(void)
{
	struct sets before;

	WANT(caps_limit(BIT(NET_ADMIN) | BIT(CHOWN), 0, "a test", &err) == 0);
	before = sets();
	WANT(caps_limit(BIT(CHOWN), BIT(NET_ADMIN) | BIT(SYS_ADMIN), "mounting", &err) == -1);
	WANT(err.exit == VST_EXIT_DENIED);
	WANT(strcmp(err.text, "mounting needs CAP_SYS_ADMIN, which is missing") == 0);
	WANT(memcmp(&before, &(struct sets[]){sets()}[0], sizeof before) == 0);
	return 0;
}

/* What was lacking from the start has a reason, what was dropped later has none. */
static int act_lacking(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	WANT(syscall(SYS_capget, &head, data) == 0);
	data[0].permitted &= ~(uint32_t)BIT(NET_ADMIN);
	data[0].effective = data[0].permitted;
	WANT(syscall(SYS_capset, &head, data) == 0);
	WANT(caps_limit(BIT(SYS_ADMIN) | BIT(CHOWN), BIT(NET_ADMIN), "a test", &err) == -1);
	WANT(strcmp(err.text, "a test needs CAP_NET_ADMIN, which is missing") == 0);
	WANT(caps_lacking() == BIT(NET_ADMIN));
	caps_explain("it is lost");
	WANT(caps_limit(BIT(SYS_ADMIN), 0, "a test", &err) == 0);
	WANT(caps_lacking() == BIT(NET_ADMIN));
	WANT(caps_limit(BIT(SYS_ADMIN), BIT(NET_ADMIN), "a test", &err) == -1);
	WANT(strcmp(err.text, "a test needs CAP_NET_ADMIN, which is missing: it is lost") == 0);
	WANT(caps_limit(BIT(SYS_ADMIN), BIT(CHOWN), "a test", &err) == -1);
	WANT(strcmp(err.text, "a test needs CAP_CHOWN, which is missing") == 0);
	return 0;
}

static int act_raise(void)
{
	uint64_t overlay = BIT(CHOWN) | BIT(FOWNER) | BIT(FSETID) | BIT(SETFCAP);

	WANT(caps_limit(overlay | BIT(SYS_ADMIN), 0, "a test", &err) == 0);
	WANT(sets().effective == BIT(SYS_ADMIN));
	WANT(caps_raise(overlay, &err) == 0);
	WANT(sets().effective == (overlay | BIT(SYS_ADMIN)));
	WANT(caps_lower(overlay, &err) == 0);
	WANT(sets().effective == BIT(SYS_ADMIN));
	WANT(sets().permitted == (overlay | BIT(SYS_ADMIN)));
	WANT(caps_raise(BIT(NET_ADMIN), &err) == -1);
	WANT(strstr(err.text, "CAP_NET_ADMIN"));
	WANT(sets().effective == BIT(SYS_ADMIN));
	return 0;
}

/* What a caller hands on in the inheritable and ambient sets ends here. */
static int act_ambient(void)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	WANT(syscall(SYS_capget, &head, data) == 0);
	data[0].inheritable = (uint32_t)BIT(NET_ADMIN);
	WANT(syscall(SYS_capset, &head, data) == 0);
	WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) == 0);
	WANT(caps_limit(BIT(NET_ADMIN), 0, "a test", &err) == 0);
	WANT(sets().inheritable == 0 && sets().permitted == BIT(NET_ADMIN));
	WANT(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_ADMIN, 0, 0) == 0);
	return 0;
}

static int act_nothing(void)
{
	WANT(caps_limit(0, 0, "a test", &err) == 0);
	WANT(sets().permitted == 0 && sets().effective == 0);
	WANT(caps_limit(~0ULL, 0, "a test", &err) == 0);
	WANT(sets().permitted == 0);
	WANT(caps_limit(0, BIT(SETFCAP), "a test", &err) == -1);
	WANT(strstr(err.text, "CAP_SETFCAP"));
	return 0;
}

static void names(void **state)
{
	(void)state;
#define VERB_CAP(verb, when, cap) assert_string_equal(caps_name(CAP_##cap).text, "CAP_" #cap);
#define STEP_CAP(step, when, cap) VERB_CAP(step, when, cap)
#include "policy/capabilities.def"
#undef VERB_CAP
#undef STEP_CAP
	assert_string_equal(caps_name(CAP_CHECKPOINT_RESTORE).text, "CAP_CHECKPOINT_RESTORE");
	assert_string_equal(caps_name(CAP_LAST_CAP + 1).text, "CAP_?");
	assert_string_equal(caps_name(UINT_MAX).text, "CAP_?");
}

static void run(int (*act)(void))
{
	if ((sets().permitted & BIT(SYS_ADMIN)) == 0) {
		printf("# needs root, if only of a user namespace\n");
		skip();
	}
	in_child(act);
}

static void limit(void **state)
{
	(void)state;
	run(act_limit);
}

static void missing(void **state)
{
	(void)state;
	run(act_missing);
}

static void lacking(void **state)
{
	(void)state;
	run(act_lacking);
}

static void raising(void **state)
{
	(void)state;
	run(act_raise);
}

static void ambient(void **state)
{
	(void)state;
	run(act_ambient);
}

static void nothing(void **state)
{
	(void)state;
	in_child(act_nothing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(limit),
		cmocka_unit_test(missing),
		cmocka_unit_test(lacking),
		cmocka_unit_test(raising),
		cmocka_unit_test(ambient),
		cmocka_unit_test(nothing),
	};

	return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
