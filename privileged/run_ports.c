/* SPDX-License-Identifier: Apache-2.0 */
#include "run_ports.h"

#include <errno.h>
#include <stdio.h>

#include "../policy/slot.h"
#include "link/port.h"
#include "link/ports.h"
#include "run_review.h"
#include "run_users.h"
#include "self/report.h"

struct usage {
	uint32_t uid, n;
	unsigned char taken[VST_POLICY_COUNT_MAX];
};

int run_sees_ports(const struct run *run)
{
	return run->caller->has_less || run_sees_users(run);
}

static int take_slot(const struct port_seen *seen, void *arg)
{
	struct usage *usage = arg;

	if (seen->uid == usage->uid) {
		usage->n++;
		usage->taken[seen->slot] = 1;
	}
	return 0;
}

int run_ports_usage(
	struct nl *nl, uint32_t uid, uint32_t count, uint32_t before, struct vst_err *ret_said)
{
	struct usage usage = {.uid = uid};
	uint32_t next = 0;
	char name[16];

	if (port_list(nl, take_slot, &usage, ret_said) < 0)
		return -1;
	for (; next < count; next++)
		if (!usage.taken[next] && before-- == 0)
			break;
	slot_name(name, uid, next);
	vst_fail(ret_said, VST_EXIT_OK, 0, "%u of %u in use, %s%s", usage.n, count,
		next < count ? "next " : "none is free for it", next < count ? name : "");
	return next < count ? 0 : -1;
}

static int look_after(struct run *run, struct ports_which *which,
	int (*say)(const struct ports_one *one, void *arg, struct vst_err *err), void *arg,
	struct vst_err *err)
{
	struct nl *nl = NULL;
	int result;

	which->of_one = run->caller->has_less || run->cli->uid;
	which->uid = run->cli->uid ? run->cli->uid : run->caller->uid;
	if (nl_open(&nl, err) < 0)
		return -1;
	result = ports_look_after(nl, which, say, arg, err);
	nl_close(&nl);
	return result;
}

/* What is to be said of one; "" of one that is as it should be. */
static void describe(const struct ports_one *one, char *ret, size_t size)
{
	*ret = '\0';
	switch (one->is) {
	case PORTS_FINE:
		break;
	case PORTS_MAKING:
		snprintf(ret, size, "being made");
		break;
	case PORTS_LEFT:
		snprintf(ret, size, "left behind unfinished; gc deletes it");
		break;
	case PORTS_WRONG:
		snprintf(ret, size, "%s, so it was set down; detach it, and attach it anew",
			one->wrong);
		break;
	case PORTS_OTHERS:
		snprintf(ret, size, "somebody else's, who gave it a name of ours");
		break;
	}
}

static int show(const struct ports_one *one, void *arg, struct vst_err *err)
{
	const struct run *run = arg;
	char name[32], state[128];
	const struct report_held row = {.bundle = name, .uid = one->uid, .state = state};

	snprintf(name, sizeof name, "interface %s", one->name);
	describe(one, state, sizeof state);
	if (!state[0] || report_held(&row, run->cli->format_json) == 0)
		return 0;
	return vst_fail(err, VST_EXIT_FAILED, errno, "write to standard output");
}

int run_ports_show(struct run *run, struct vst_err *err)
{
	struct ports_which which = {.deletes = 0};

	return look_after(run, &which, show, run, err);
}

struct sweep {
	unsigned wrong;   /* ports that need attention */
	unsigned unknown; /* ports of which it is not known whether they are permitted */
};

/* The last judgement of a port by the policy, which is said with what is done. */
static struct {
	struct vst_err why;
	int is_unknown;
} judged;

static int stays(const struct ports_one *one, const char *bridge)
{
	const int permitted = review_port(one->uid, one->slot, bridge, &judged.why);

	judged.is_unknown = permitted < 0;
	return permitted != 0;
}

static const char *why_gone(const struct ports_one *one)
{
	if (one->is == PORTS_LEFT)
		return "left behind unfinished; deleted";
	return judged.why.text[0] ? judged.why.text : "a port of that user's; deleted";
}

static int sweep(const struct ports_one *one, void *arg, struct vst_err *err)
{
	struct sweep *sweep = arg;
	char state[128];

	(void)err;
	describe(one, state, sizeof state);
	if (one->is_gone) {
		report(REPORT_INFO, NULL, "interface %s: %s", one->name, why_gone(one));
	} else if (judged.is_unknown) {
		report(REPORT_ERROR, NULL, "interface %s: %s", one->name, judged.why.text);
		sweep->unknown++;
	}
	if (!one->is_gone && (one->is == PORTS_WRONG || one->is == PORTS_OTHERS)) {
		report(REPORT_ERROR, NULL, "interface %s: %s", one->name, state);
		sweep->wrong++;
	}
	judged.why.text[0] = '\0';
	judged.is_unknown = 0;
	return 0;
}

int run_ports_sweep(struct run *run, struct vst_err *err)
{
	struct ports_which which = {.deletes = 1, .all = run->cli->uid != 0};
	struct sweep found = {0, 0};

	if (run->cli->policy)
		which.stays = stays;
	if (look_after(run, &which, sweep, &found, err) < 0)
		return -1;
	if (found.wrong)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"%u ports of bridges need attention, as said above; everything else was looked after",
			found.wrong);
	if (!found.unknown)
		return 0;
	return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"of %u ports of bridges it is not known whether they are permitted, as said above; everything else was looked after",
		found.unknown);
}
