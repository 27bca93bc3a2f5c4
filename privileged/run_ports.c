/* SPDX-License-Identifier: Apache-2.0 */
#include "run_ports.h"

#include <errno.h>
#include <stdio.h>

#include "../policy/slot.h"
#include "link/port.h"
#include "link/ports.h"
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

int run_ports_usage(struct nl *nl, uint32_t uid, uint32_t count, struct vst_err *ret_said)
{
	struct usage usage = {.uid = uid};
	uint32_t next = 0;
	char name[16];

	if (port_list(nl, take_slot, &usage, ret_said) < 0)
		return -1;
	while (next < count && usage.taken[next])
		next++;
	slot_name(name, uid, next);
	vst_fail(ret_said, VST_EXIT_OK, 0, "%u of %u in use, %s%s", usage.n, count,
		next < count ? "next " : "none is free", next < count ? name : "");
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

static int sweep(const struct ports_one *one, void *arg, struct vst_err *err)
{
	unsigned *n = arg;
	char state[128];

	(void)err;
	describe(one, state, sizeof state);
	if (one->is_gone) {
		report(REPORT_INFO, NULL, "interface %s: %s; deleted", one->name,
			one->is == PORTS_LEFT ? "left behind unfinished"
					      : "a port of a user's");
	} else if (one->is == PORTS_WRONG || one->is == PORTS_OTHERS) {
		report(REPORT_ERROR, NULL, "interface %s: %s", one->name, state);
		++*n;
	}
	return 0;
}

int run_ports_sweep(struct run *run, unsigned *ret_n, struct vst_err *err)
{
	struct ports_which which = {.deletes = 1, .all = run->cli->uid != 0};

	*ret_n = 0;
	return look_after(run, &which, sweep, ret_n, err);
}
