/* SPDX-License-Identifier: Apache-2.0 */
#include "exec_port.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "../../ipc/limits.h"
#include "../../policy/slot.h"
#include "../kernel/clock.h"
#include "../kernel/patience.h"
#include "link_id.h"
#include "link_taken.h"
#include "port.h"

/* Slots that other runs may take while this one tries, beside those that were taken before. */
#define TRIES 16

/* What is there. */
struct survey {
	uint32_t uid, bridge;
	uint64_t now;
	uint32_t on_bridge; /* ports of all users on the bridge */
	uint32_t left;      /* the ifindex of one that was left behind; 0: none */
	char left_name[16];
	unsigned char taken[VST_POLICY_COUNT_MAX]; /* the caller's slots */
};

/* One veth, as it is being made. */
struct making {
	struct exec_run *run;
	const struct grant_port *granted;
	uint32_t uid;
	struct port_bridge bridge;
	struct survey *survey;
	struct link_id id;
	struct port_new port;
	char name[16];
	struct rec_link rec;
	uint32_t place; /* of its record */
};

static int take_seen(const struct port_seen *seen, void *arg)
{
	struct survey *survey = arg;
	enum slot_state state = slot_state(seen->group, survey->now);

	if (state == SLOT_LEFT && !survey->left) {
		survey->left = seen->ifindex;
		memcpy(survey->left_name, seen->name, sizeof survey->left_name);
	}
	if (seen->uid == survey->uid)
		survey->taken[seen->slot] = 1;
	if (state != SLOT_OTHERS && seen->master == survey->bridge)
		survey->on_bridge++;
	return 0;
}

static int look_round(const struct making *m, struct vst_err *err)
{
	*m->survey = (struct survey){
		.uid = m->uid, .bridge = m->bridge.ifindex, .now = (uint64_t)kernel_boot_s()};
	return port_list(m->run->here, take_seen, m->survey, err);
}

/* Looks round, and deletes what killed runs left behind. Whoever made it can do nothing more:
 * its deadline is over. */
static int clear(const struct making *m, struct vst_err *err)
{
	for (unsigned i = 0; i < TRIES; i++) {
		if (look_round(m, err) < 0)
			return -1;
		if (!m->survey->left)
			return 0;
		if (nl_delete(m->run->here, m->survey->left, m->survey->left_name, -1, err) < 0)
			return -1;
	}
	return 0;
}

static int is_late(struct vst_err *err)
{
	if (!patience_is_late())
		return 0;
	vst_fail(err, VST_EXIT_FAILED, 0, EXEC_LATE, VST_LESS_S);
	return 1;
}

static int draw(struct making *m, struct vst_err *err)
{
	if (link_id_draw(&m->id, err) < 0)
		return -1;
	m->port.ifindex = m->rec.ifindex = 0;
	/* The peer's is one that no bridge takes for its own. */
	m->port.mac = m->id.mac[1];
	m->port.there_mac = m->id.mac[0];
	m->rec.cookie = m->id.cookie;
	memcpy(m->rec.mac, m->id.mac[1], sizeof m->id.mac[1]);
	return 0;
}

static int note(struct making *m, struct vst_err *err)
{
	return journal_append(m->run->journal, JOURNAL_LINK, &m->rec, sizeof m->rec, NULL, 0, 0,
		&m->place, err);
}

/* Asks for the ifindex, and notes it. The kernel has chosen it, because it gives none again
 * before it has given all others: whoever ends the pair and stops this run, with a request
 * about to be sent, would have that meet another interface of the same number. */
static int learn_number(struct making *m, struct vst_err *err)
{
	const uint32_t before = m->place;
	struct nl_link link;
	int found = nl_get_by_name(m->run->here, m->name, &link, err);

	if (found < 0)
		return -1;
	if (!found || memcmp(link.mac, m->port.mac, 6) != 0)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"interface '%s': the host's end '%s' was removed meanwhile",
			VST_QUOTE(m->port.there), m->name);
	m->port.ifindex = m->rec.ifindex = link.ifindex;
	if (note(m, err) < 0)
		return -1;
	journal_undone(m->run->journal, before);
	return 0;
}

/* Journals and creates the pair in one slot. 1 made, 0 the slot is taken, -1. */
static int try_slot(struct making *m, uint32_t slot, struct vst_err *err)
{
	if (draw(m, err) < 0 || is_late(err))
		return -1;
	slot_name(m->name, m->uid, slot);
	m->port.name = m->name;
	memcpy(m->rec.name, m->name, sizeof m->rec.name);
	if (note(m, err) < 0)
		return -1;
	m->port.group = slot_making((uint64_t)kernel_boot_s());
	if (port_create(m->run->here, &m->port, &m->bridge, err) == 0)
		return learn_number(m, err) < 0 ? -1 : 1;
	if (err->code != EEXIST)
		return -1;
	journal_undone(m->run->journal, m->place);
	return link_name_is_taken(m->run, m->port.ns_fd, m->port.there, err) ? -1 : 0;
}

static int take_slot(struct making *m, struct vst_err *err)
{
	unsigned tries = 0;
	int made;

	for (uint32_t slot = 0; slot < m->granted->count; slot++) {
		if (m->survey->taken[slot])
			continue;
		made = try_slot(m, slot, err);
		if (made)
			return made < 0 ? -1 : 0;
		if (++tries == TRIES)
			return vst_fail(err, VST_EXIT_BUSY, 0,
				"interface '%s': other runs of uid %u took one slot after the other: run it again",
				VST_QUOTE(m->port.there), m->uid);
	}
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"interface '%s': %u of %u veths that the policy lets uid %u have are in use: detach some",
		VST_QUOTE(m->port.there), m->granted->count, m->granted->count, m->uid);
}

/* What of the port is not as it should be, or NULL. */
static const char *differs(const struct making *m, const struct port_facts *now, uint32_t group)
{
	const uint32_t up = group == SLOT_GROUP ? IFF_UP : 0;

	if (now->wrong)
		return now->wrong;
	if (now->master != m->bridge.ifindex || now->mtu != m->bridge.mtu)
		return "is not as its bridge is";
	if (!now->is_away || now->is_shared != m->granted->is_shared || now->group != group ||
		(now->link.flags & IFF_UP) != up || strcmp(now->link.name, m->name) != 0 ||
		memcmp(now->link.mac, m->port.mac, 6) != 0)
		return "is not as it was made";
	return NULL;
}

/* Proves that the port is as it should be, with its group, and up if that says complete. */
static int prove(const struct making *m, uint32_t group, struct vst_err *err)
{
	struct port_facts now;
	const char *wrong = "was removed meanwhile";
	int found = port_look(m->run->here, m->port.ifindex, m->port.there_mac, &now, err);

	if (found < 0)
		return -1;
	if (found)
		wrong = differs(m, &now, group);
	if (!wrong)
		return 0;
	return vst_fail(err,
		strcmp(wrong, PORT_CANNOT_LOCK) == 0 ? VST_EXIT_UNSUPPORTED : VST_EXIT_FAILED,
		0, "interface '%s': the host's end '%s' %s", VST_QUOTE(m->port.there), m->name,
		wrong);
}

/* The bridge may have got more ports than it may have, by several runs at a time: then none of
 * them goes on. */
static int has_room(const struct making *m, struct vst_err *err)
{
	if (look_round(m, err) < 0)
		return -1;
	if (m->survey->on_bridge <= m->granted->total)
		return 0;
	return vst_fail(err, VST_EXIT_DENIED, 0,
		"interface '%s': bridge '%s' has the %u ports that the policy lets all users have on it",
		VST_QUOTE(m->port.there), VST_QUOTE(m->bridge.name), m->granted->total);
}

static int secure(const struct making *m, struct vst_err *err)
{
	char alias[32];

	link_id_alias(alias, m->rec.cookie);
	if (nl_set_alias(m->run->here, m->port.ifindex, m->name, alias, err) < 0 ||
		port_secure(m->run->here, &m->port, m->granted->is_shared, err) < 0 ||
		prove(m, m->port.group, err) < 0 || is_late(err))
		return -1;
	if (port_open(m->run->here, &m->port, SLOT_GROUP, err) < 0 ||
		prove(m, SLOT_GROUP, err) < 0)
		return -1;
	return port_bridge_same(m->run->here, &m->bridge, err);
}

int exec_port(const struct plan_allowed *allowed, uint32_t step, const char *on,
	const struct grant_port *granted, struct exec_run *run, struct vst_err *err)
{
	static struct survey survey;
	struct making m = {
		.run = run,
		.granted = granted,
		.uid = allowed->caller_uid,
		.survey = &survey,
		.port.there = allowed_text(allowed, allowed->steps[step].link.name),
		.port.ns_fd = allowed->ns[VST_NS_NET].fd,
		.rec = {.flags = REC_LINK_MAC | REC_LINK_ALIAS, .kind = "veth"},
	};

	if (port_bridge_look(run->here, on, &m.bridge, err) < 0 || clear(&m, err) < 0 ||
		take_slot(&m, err) < 0 || has_room(&m, err) < 0 || secure(&m, err) < 0)
		return -1;
	journal_done(run->journal, m.place, NULL, 0);
	run->outcome[step] |= EXEC_CREATED | EXEC_MOVED;
	return 0;
}

size_t exec_port_space(const struct grant_port *granted)
{
	uint32_t tries = granted->count < TRIES ? granted->count : TRIES;

	/* The one that is made is noted again, with its ifindex. */
	return (tries + 1) * journal_space(sizeof(struct rec_link), 0);
}
