/* SPDX-License-Identifier: Apache-2.0 */
#include "caps.h"

#include <cap-ng.h>
#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct caps {
	uint64_t effective, permitted, inheritable;
};

static int caps_get(struct caps *ret, struct vst_err *err)
{
	struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read capabilities");
	ret->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	ret->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	ret->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

/* Adds a set to what capng_apply will set. */
static int caps_add(capng_type_t type, uint64_t set)
{
	for (; set; set &= set - 1)
		if (capng_update(CAPNG_ADD, type, (unsigned)__builtin_ctzll(set)) != 0)
			return -1;
	return 0;
}

/* Sets permitted and effective, empties inheritable, and reads all back with capget itself. The
 * kernel keeps ambient within inheritable. The bounding set does not matter: nothing privileged
 * is executed afterwards. */
static int caps_set(uint64_t permitted, uint64_t effective, struct vst_err *err)
{
	struct caps now;

	capng_clear(CAPNG_SELECT_CAPS);
	if (caps_add(CAPNG_PERMITTED, permitted) < 0 ||
		caps_add(CAPNG_EFFECTIVE, effective) < 0 || capng_apply(CAPNG_SELECT_CAPS) != 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "change capabilities");
	if (caps_get(&now, err) < 0)
		return -1;
	if (now.permitted != permitted || now.effective != effective || now.inheritable != 0)
		return vst_fail(err, VST_EXIT_FAILED, 0, "capabilities are not what was set");
	/* A change of credentials may reset dumpable to fs.suid_dumpable. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "stay non-dumpable");
	return 0;
}

/* Whether caps_hold was called. */
static int is_held;

/* Of what the first caps_limit was to keep, and why. */
static struct {
	int is_known;
	uint64_t set;
	const char *why;
} lacking;

/* What is effective while nothing is raised. */
static uint64_t at_rest(uint64_t permitted)
{
	return is_held ? 0 : permitted & ~CAPS_OF_OVERLAY;
}

struct caps_name caps_name(unsigned cap)
{
	/* libcap-ng allocates for numbers that it has no name for. */
	const char *name = cap <= CAP_LAST_CAP ? capng_capability_to_name(cap) : NULL;
	struct caps_name ret = {"CAP_"};
	size_t at = 4;

	for (; name && *name && at < sizeof ret.text - 1; name++)
		ret.text[at++] =
			(char)(*name >= 'a' && *name <= 'z' ? *name - 'a' + 'A' : *name);
	if (at == 4)
		ret.text[at++] = '?';
	return ret;
}

/* The lowest capability of the set. */
static struct caps_name caps_first(uint64_t set)
{
	return caps_name((unsigned)__builtin_ctzll(set));
}

/* The reason is of what was lacking from the start, not of what was dropped since. */
static int fail_missing(uint64_t missing, const char *what, struct vst_err *err)
{
	const char *why = missing & ~lacking.set ? NULL : lacking.why;

	return vst_fail(err, VST_EXIT_DENIED, 0, "%s needs %s, which is missing%s%s", what,
		caps_first(missing).text, why ? ": " : "", why ? why : "");
}

uint64_t caps_lacking(void)
{
	return lacking.set;
}

void caps_explain(const char *why)
{
	lacking.why = why;
}

int caps_limit(uint64_t keep, uint64_t required, const char *what, struct vst_err *err)
{
	struct caps now;
	uint64_t permitted;

	/* libcap-ng's first use asks for our thread id, which the filter refuses later. */
	capng_clear(CAPNG_SELECT_CAPS);
	if (caps_get(&now, err) < 0)
		return -1;
	if (!lacking.is_known)
		lacking.set = (keep | required) & ~now.permitted;
	lacking.is_known = 1;
	if (required & ~now.permitted)
		return fail_missing(required & ~now.permitted, what, err);
	permitted = now.permitted & (keep | required);
	/* Already as wanted. Skip capset, which would also reset dumpable. */
	if (now.permitted == permitted && now.effective == at_rest(permitted) &&
		now.inheritable == 0)
		return 0;
	return caps_set(permitted, at_rest(permitted), err);
}

void caps_forked(void)
{
	capng_setpid(getpid());
}

int caps_hold(struct vst_err *err)
{
	struct caps now;

	is_held = 1;
	if (caps_get(&now, err) < 0)
		return -1;
	return now.effective ? caps_set(now.permitted, 0, err) : 0;
}

int caps_has(uint64_t set)
{
	struct vst_err ignored;
	struct caps now;

	return caps_get(&now, &ignored) == 0 && (now.effective & set) == set;
}

int caps_raise(uint64_t set, struct vst_err *err)
{
	struct caps now;

	if (caps_get(&now, err) < 0)
		return -1;
	if (set & ~now.permitted)
		return vst_fail(err, VST_EXIT_DENIED, 0, "%s is not permitted any more",
			caps_first(set & ~now.permitted).text);
	return caps_set(now.permitted, now.effective | set, err);
}

int caps_lower(uint64_t set, struct vst_err *err)
{
	struct caps now;

	if (caps_get(&now, err) < 0)
		return -1;
	return caps_set(now.permitted, now.effective & ~set, err);
}
