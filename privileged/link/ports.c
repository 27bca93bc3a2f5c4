/* SPDX-License-Identifier: Apache-2.0 */
#include "ports.h"

#include <net/if.h>
#include <string.h>

#include "../../policy/slot.h"
#include "../kernel/clock.h"
#include "port.h"

/* Ports of all users that are looked at: as many as four bridges can have. */
#define PORTS_MAX 4096

struct found {
	const struct ports_which *which;
	unsigned n;
	int too_many;
	struct port_seen seen[PORTS_MAX];
};

/* One request runs at a time, so what is found is looked at afterwards. */
static int take_seen(const struct port_seen *seen, void *arg)
{
	struct found *found = arg;

	if (found->which->of_one && seen->uid != found->which->uid)
		return 0;
	if (found->n == PORTS_MAX)
		found->too_many = 1;
	else
		found->seen[found->n++] = *seen;
	return 0;
}

/* 1 with *ret, 0 if it is gone meanwhile, -1. */
static int judge(
	struct nl *nl, const struct port_seen *seen, struct ports_one *ret, struct vst_err *err)
{
	struct port_facts now;
	int there = port_look(nl, seen->ifindex, NULL, &now, err);

	if (there <= 0)
		return there;
	if (strcmp(now.link.name, seen->name) != 0 || now.group != seen->group)
		return 0;
	*ret = (struct ports_one){
		.name = seen->name, .uid = seen->uid, .slot = seen->slot, .is = PORTS_OTHERS};
	switch (slot_state(now.group, (uint64_t)kernel_boot_s())) {
	case SLOT_MAKING:
		ret->is = PORTS_MAKING;
		break;
	case SLOT_LEFT:
		ret->is = PORTS_LEFT;
		break;
	case SLOT_COMPLETE:
		if (!now.is_away)
			break;
		ret->wrong = now.wrong;
		ret->is = ret->wrong ? PORTS_WRONG : PORTS_FINE;
		ret->is_down = !(now.link.flags & IFF_UP);
		break;
	case SLOT_OTHERS:
		break;
	}
	return 1;
}

/* 1, 0, -1. */
static int is_to_go(struct nl *nl, const struct ports_which *which,
	const struct port_seen *seen, const struct ports_one *one, struct vst_err *err)
{
	struct nl_link bridge = {.name = ""};

	if (!which->deletes || one->is == PORTS_OTHERS)
		return 0;
	if (which->all || one->is == PORTS_LEFT)
		return 1;
	if (!which->stays)
		return 0;
	if (seen->master && nl_get_by_index(nl, seen->master, &bridge, err) < 0)
		return -1;
	return !which->stays(one, bridge.name);
}

static int look_after(struct nl *nl, const struct ports_which *which,
	const struct port_seen *seen, struct ports_one *ret, struct vst_err *err)
{
	int there = judge(nl, seen, ret, err), goes;

	if (there <= 0)
		return there;
	goes = is_to_go(nl, which, seen, ret, err);
	if (goes < 0)
		return -1;
	if (goes) {
		if (nl_delete(nl, seen->ifindex, seen->name, -1, err) < 0)
			return -1;
		ret->is_gone = 1;
	} else if (ret->is == PORTS_WRONG && !ret->is_down) {
		if (nl_set_up(nl, seen->ifindex, seen->name, 0, err) < 0)
			return -1;
		ret->is_down = 1;
	}
	return 1;
}

int ports_look_after(struct nl *nl, const struct ports_which *which,
	int (*say)(const struct ports_one *one, void *arg, struct vst_err *err), void *arg,
	struct vst_err *err)
{
	static struct found found;

	found.which = which;
	found.n = 0;
	found.too_many = 0;
	if (port_list(nl, take_seen, &found, err) < 0)
		return -1;
	for (unsigned i = 0; i < found.n; i++) {
		struct ports_one one;
		int there = look_after(nl, which, &found.seen[i], &one, err);

		if (there < 0 || (there && say(&one, arg, err) < 0))
			return -1;
	}
	if (!found.too_many)
		return 0;
	return vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"there are more than %d interfaces of the form vsUID_SLOT, and the others were not looked at",
		PORTS_MAX);
}
