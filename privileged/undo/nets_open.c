/* SPDX-License-Identifier: Apache-2.0 */
#include "nets_open.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "../../ipc/fd.h"
#include "../link/link_id.h"
#include "../ns/ns.h"
#include "nets_find.h"

/* A drawn nsid is taken with a chance of one in a thousand million for each namespace that has
 * one. */
#define ATTEMPTS 3

int nets_note(const struct nl *there, struct nl *here, int ns_there, struct rec_run *run,
	struct vst_err *err)
{
	uint32_t drawn;
	int nsid = -1, given = -1;

	run->own_netns_id = nl_cookie(here);
	run->nsid = -1;
	if (ns_there < 0)
		return 0;
	if (!run->netns_id && there)
		run->netns_id = nl_cookie(there);
	for (int attempt = 0; given < 0 && attempt < ATTEMPTS; attempt++) {
		if (getrandom(&drawn, sizeof drawn, GRND_INSECURE) != (ssize_t)sizeof drawn)
			return vst_fail(err, VST_EXIT_FAILED, errno,
				"draw a number for a network namespace");
		nsid = NETS_NSID_MIN + (int)(drawn % (INT32_MAX - NETS_NSID_MIN));
		given = nl_nsid_give(here, ns_there, nsid, &nsid, err);
		if (given < 0 && err->code != EEXIST)
			return -1;
	}
	run->nsid = nsid;
	return given;
}

/* Whether the run's "here" is our network namespace: 1 proved by id; 0 possible by inode, all
 * that is known before 5.14; -1 another one. */
static int judge_here(
	const struct nets *nets, const struct rec_run *run, const struct stat *own)
{
	uint64_t id = nl_cookie(nets->here);

	if (id && run->own_netns_id)
		return id == run->own_netns_id ? 1 : -1;
	return own->st_dev == run->own_netns_dev && own->st_ino == run->own_netns_ino ? 0 : -1;
}

/* Replaces a descriptor opened through a bind mount, which would keep that mount busy: undo
 * unbinds it before it deletes the links. Without CAP_NET_ADMIN nothing is undone, so the
 * descriptor may stay. */
static void let_go_of_bind(struct nets *nets)
{
	struct vst_err ignored;
	int fd = nl_namespace(nets->there, &ignored);

	if (fd < 0)
		return;
	vst_fd_close(&nets->ns_there);
	nets->ns_there = fd;
}

/* Whether the nsid still belongs to the run's "there". A veth end that the run made, and that
 * is still here, proves it: its peer's nsid is the run's. */
static int has_witness(
	const struct journal *journal, const struct rec_run *run, struct nl *here)
{
	const unsigned char *start = (const unsigned char *)run;
	int is_of_run = 0;

	for (uint32_t at = journal_first(journal); at; at = journal_next(journal, at)) {
		const struct rec_link *made;
		struct journal_rec rec;
		struct nl_link link;
		struct vst_err ignored;

		journal_read(journal, at, &rec);
		if (rec.kind == JOURNAL_RUN)
			is_of_run = rec.body == start;
		made = rec.body;
		if (is_of_run && rec.kind == JOURNAL_LINK && rec.state == JOURNAL_DONE &&
			made->flags & REC_LINK_PEER &&
			nl_get_by_index(here, made->ifindex, &link, &ignored) == 1 &&
			!link_id_made_differs(made, rec.state, &link) &&
			link.lower_nsid == run->nsid)
			return 1;
	}
	return 0;
}

/* Judges the namespace by its nsid when no descriptor was found. */
static void judge_number(
	const struct nets_search *search, int here_is_proved, struct nets *nets)
{
	const struct rec_run *run = search->run;
	struct vst_err ignored;
	int exists = run->nsid < 0 ? -1 : nl_nsid_exists(nets->here, run->nsid, &ignored);

	nets->why = "whether the process's network namespace is gone cannot be told from here";
	if (exists == 0 && here_is_proved)
		nets->is = NETS_GONE;
	if (exists <= 0)
		return;
	if (run->nsid < NETS_NSID_MIN && !has_witness(search->journal, run, nets->here))
		return;
	nets->is = NETS_ALIVE;
	nets->nsid = run->nsid;
	nets->why =
		search->is_denied
			? "its network namespace lives, in a process that may not be looked at: CAP_SYS_PTRACE is needed"
			: "its network namespace lives, but no process and no mount that is seen from here shows it, so a descriptor of somebody's holds it: end that process, or bring the interface out of it by hand";
}

/* Opens a socket there, and looks up the nsid by which "here" knows "there". */
static int open_there(struct nets *nets, struct vst_err *err)
{
	if (nl_open_there(nets->ns_there, nets->ns_here, &nets->there, err) == 0)
		nets->is = NETS_OPEN;
	else if (err->exit != VST_EXIT_DENIED)
		return -1;
	if (nl_nsid(nets->here, nets->ns_there, &nets->nsid, err) < 0)
		return -1;
	if (nets->is == NETS_OPEN)
		return 0;
	nets->is = NETS_ALIVE;
	nets->why =
		"its network namespace lives, and may not be entered: CAP_SYS_ADMIN is needed";
	return 0;
}

int nets_open(const struct journal *journal, const struct rec_run *run,
	const struct caller *caller, struct nets *ret, struct vst_err *err)
{
	struct nets_search search = {.journal = journal, .run = run, .caller = caller};
	struct stat own;
	int here;

	*ret = NETS_NONE;
	if (ns_own_open(VST_NS_NET, &ret->ns_here, err) < 0 || nl_open(&ret->here, err) < 0)
		return -1;
	if (fstat(ret->ns_here, &own) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "look at our network namespace");
	here = judge_here(ret, run, &own);
	if (here < 0)
		return vst_fail(err, VST_EXIT_CONFLICT, 0,
			"the bundle was attached from another network namespace, net:[%llu], and can be taken back only from there: run vestibule in it (nsenter --net)",
			(unsigned long long)run->own_netns_ino);
	/* The run noted both inodes at the same moment, so equal inodes mean one namespace. */
	if (run->netns_ino == run->own_netns_ino && run->netns_dev == run->own_netns_dev) {
		ret->is = NETS_OURS;
		return 0;
	}
	search.here = ret->here;
	search.ns_here = ret->ns_here;
	ret->ns_there = nets_find(&search);
	if (ret->ns_there < 0) {
		judge_number(&search, here, ret);
		return 0;
	}
	if (open_there(ret, err) < 0)
		return -1;
	if (search.is_bound && ret->there)
		let_go_of_bind(ret);
	return 0;
}

int nets_open_run(const struct journal *journal, uint32_t run_place,
	const struct caller *caller, struct nets *ret, struct vst_err *err)
{
	struct journal_rec run, rec;

	*ret = NETS_NONE;
	journal_read(journal, run_place, &run);
	for (uint32_t at = run_place; (at = journal_next_of_run(journal, at, &rec));) {
		if ((rec.kind == JOURNAL_LINK || rec.kind == JOURNAL_MOVE) &&
			rec.state != JOURNAL_UNDONE)
			return nets_open(journal, run.body, caller, ret, err);
	}
	return 0;
}

void nets_close(struct nets *nets)
{
	if (nets->there)
		nl_close(&nets->there);
	if (nets->here)
		nl_close(&nets->here);
	vst_fd_close(&nets->ns_there);
	vst_fd_close(&nets->ns_here);
}
