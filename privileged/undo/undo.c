/* SPDX-License-Identifier: Apache-2.0 */
#include "undo.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../../ipc/fd.h"
#include "../act/attach.h"
#include "../act/copies.h"
#include "../exec/exec_dir.h"
#include "../exec/exec_file.h"
#include "../kernel/kernel_mount.h"
#include "../kernel/patience.h"
#include "../link/exec_link_undo.h"
#include "../link/link_back.h"
#include "../mount/exec_change.h"
#include "../mount/exec_mount.h"
#include "../resolve/lookup.h"
#include "../self/report.h"
#include "held.h"
#include "missing.h"
#include "proof.h"
#include "scope.h"

/* The record of the pin that the object lies beneath; 0: the object has none. */
static uint32_t pin_of(const struct journal_rec *rec)
{
	switch (rec->kind) {
	case JOURNAL_DIR:
		return ((const struct rec_dir *)rec->body)->pin;
	case JOURNAL_FILE:
		return ((const struct rec_file *)rec->body)->pin;
	case JOURNAL_MOUNT:
		return ((const struct rec_mount *)rec->body)->pin;
	case JOURNAL_CHANGE:
		return ((const struct rec_change *)rec->body)->pin;
	case JOURNAL_RUN:
	case JOURNAL_PIN:
	case JOURNAL_LINK:
	case JOURNAL_MOVE:
		break;
	}
	return 0;
}

/* A pin that was opened again, shared by successive records beneath it. It is closed before
 * objects of another pin are touched: it may lie on a mount that is to be unmounted. */
struct opened {
	uint32_t place; /* The pin's record; 0: none. */
	int fd;
};

static void opened_close(struct opened *opened)
{
	vst_fd_close(&opened->fd);
	opened->place = 0;
}

/* The pin's directory, borrowed: the running run's own descriptor, or one opened again. 1; 0 if
 * it is not there any more, -1 if that is unknown, both with err. */
static int open_pin(const struct undo_view *view, uint32_t place, int *ret_fd,
	struct opened *opened, struct vst_err *err)
{
	const struct rec_pin *body;
	struct journal_rec pin;
	int found = 1;

	if (opened->place != place)
		opened_close(opened);
	for (uint32_t i = 0; view->run && i < view->allowed->n_pins; i++)
		if (view->run->pin_rec[i] == place) {
			*ret_fd = view->allowed->pins[i].fd;
			return 1;
		}
	journal_read(view->journal, place, &pin);
	body = pin.body;
	if (opened->place != place)
		found = lookup_again((const char *)(body + 1), body->dev, body->ino,
			view->caller, &opened->fd);
	if (found > 0) {
		opened->place = place;
		*ret_fd = opened->fd;
	} else if (found == 0) {
		vst_fail(err, VST_EXIT_CONFLICT, 0,
			"directory %s, which it was made in, is not there any more, or another one is",
			VST_QUOTE((const char *)(body + 1)));
	} else {
		vst_fail(err, VST_EXIT_INCOMPLETE, errno,
			"it is kept: directory %s, which it was made in, cannot be looked at; mend that and try again",
			VST_QUOTE((const char *)(body + 1)));
	}
	return found;
}

static int undo_record(const struct undo_view *view, int base_fd, const struct journal_rec *rec,
	struct vst_err *err)
{
	switch (rec->kind) {
	case JOURNAL_RUN:
	case JOURNAL_PIN:
		return UNDO_DONE;
	case JOURNAL_DIR:
		return exec_dir_undo(base_fd, rec, err);
	case JOURNAL_FILE:
		return exec_file_undo(base_fd, rec, err);
	case JOURNAL_MOUNT:
		return exec_mount_undo(base_fd, rec, err);
	case JOURNAL_CHANGE:
		return exec_change_undo(base_fd, rec, err);
	case JOURNAL_LINK:
		return exec_link_undo(&view->nets, rec, err);
	case JOURNAL_MOVE:
		return link_back(&view->nets, view->journal, rec, err);
	}
	return vst_fail(
		err, VST_EXIT_CONFLICT, 0, "the journal holds a record of no known kind");
}

/* Whether the object is gone, told by its mount id, without its pin. */
static int is_gone(const struct journal_rec *rec)
{
	struct vst_err ignored;

	if (rec->kind == JOURNAL_CHANGE)
		return exec_change_is_gone(rec);
	return rec->kind == JOURNAL_MOUNT && exec_mount_present(-1, rec, &ignored) == EXEC_GONE;
}

/* Whether undo must have the pin. A mount with a unique id (6.8) is found without it. */
static int needs_pin(const struct journal_rec *rec)
{
	if (rec->kind == JOURNAL_MOUNT)
		return !(((const struct rec_mount *)rec->body)->flags & REC_MOUNT_UNIQUE);
	return rec->kind != JOURNAL_CHANGE;
}

static enum patience waits_for(enum journal_kind kind)
{
	return kind == JOURNAL_LINK || kind == JOURNAL_MOVE ? PATIENCE_LINK : PATIENCE_BUSY;
}

/* Retries while the object is busy and patience lasts. */
static int undo_patiently(const struct undo_view *view, const struct journal_rec *rec,
	struct opened *opened, struct vst_err *err)
{
	struct patience_wait wait = {0};
	int base_fd = -1, result, found = 1;

	if (pin_of(rec))
		found = open_pin(view, pin_of(rec), &base_fd, opened, err);
	if (found <= 0) {
		if (is_gone(rec))
			return UNDO_DONE;
		if (needs_pin(rec))
			return missing_pin(view->caller, rec, found, err);
	}
	do
		result = undo_record(view, base_fd, rec, err);
	while (result == UNDO_BUSY && patience_again(waits_for(rec->kind), &wait));
	return result;
}

/* The object's full path, to be put before an executor's error, which names it relative to its
 * pin. */
static void describe(
	const struct journal *journal, const struct journal_rec *rec, struct held_name *ret)
{
	*ret = (struct held_name){.kind = NULL};
	if (pin_of(rec))
		held_describe(journal, rec, ret);
}

void undo_note_left(const struct journal *journal, const struct journal_rec *rec, int result,
	const struct vst_err *err, struct undo_left *left)
{
	struct held_name name;

	describe(journal, rec, &name);
	if (left->n < sizeof left->text / sizeof left->text[0])
		snprintf(left->text[left->n], sizeof left->text[0], "%s%s%s", name.name,
			name.kind ? ": " : "", err->text);
	if (result == UNDO_KEPT)
		left->exit = VST_EXIT_INCOMPLETE;
	else if (left->n == 0 || (result != UNDO_LEFT && left->exit != VST_EXIT_INCOMPLETE))
		left->exit = result == UNDO_LEFT ? VST_EXIT_CONFLICT : VST_EXIT_FAILED;
	left->n++;
}

static int is_wanted(const struct journal *journal, const struct undo_which *which,
	const struct journal_rec *rec)
{
	if (rec->state == JOURNAL_UNDONE || !(which->kinds & 1u << rec->kind) ||
		(which->record && which->record != rec->place))
		return 0;
	return rec->kind != JOURNAL_MOUNT || !which->mount_flags ||
	       copies_flags(journal, rec) & which->mount_flags;
}

/* Whether the mount was left to other users of it on purpose: there is nothing to prove gone.
 */
static int is_given_away(int result, const struct journal_rec *rec)
{
	return result == UNDO_OTHERWISE &&
	       ((const struct rec_mount *)rec->body)->flags & REC_MOUNT_SHARE;
}

/* Whether the run is of another mount namespace: then only its links are taken back. */
static int is_of_elsewhere(const struct undo_view *view, uint32_t run)
{
	return !view->run && scope_of(view->journal, run, view->caller) == SCOPE_ELSEWHERE;
}

static int keep_elsewhere(const struct journal *journal, uint32_t run, struct vst_err *err)
{
	scope_explain(journal, run, err);
	return UNDO_KEPT;
}

/* Which pass over the records this is. */
enum pass {
	PASS_ONLY,
	PASS_FIRST,  /* Directories that stay are left to PASS_SECOND, unreported. */
	PASS_SECOND, /* The directories that PASS_FIRST left and that can still be reached. */
	PASS_STAYS,  /* The same where a mount stays: those on none of the run's mounts. */
};

static int is_passed_over(const struct journal *journal, const struct undo_which *which,
	enum pass pass, const struct journal_rec *rec)
{
	enum made_on made_on;

	if (!is_wanted(journal, which, rec) || copies_is(rec))
		return 1;
	if (pass < PASS_SECOND)
		return 0;
	made_on = missing_made_on(journal, which->run, rec);
	return made_on == MADE_ON_OTHER || (pass == PASS_STAYS && made_on != MADE_ON_FOUND);
}

/* Whether a directory that stays is left to the second pass, and not reported yet. */
static int is_for_later(const struct journal *journal, const struct undo_which *which,
	enum pass pass, const struct journal_rec *rec, int result)
{
	return pass == PASS_FIRST && rec->kind == JOURNAL_DIR && result == UNDO_LEFT &&
	       missing_made_on(journal, which->run, rec) != MADE_ON_OTHER;
}

static void warn(
	const struct journal *journal, const struct journal_rec *rec, const struct vst_err *err)
{
	struct held_name name;

	describe(journal, rec, &name);
	report(REPORT_WARNING, NULL, "%s%s%s", name.name, name.kind ? ": " : "", err->text);
}

/* One pass over the records after *until, newest first. Returns the number of directories left
 * to the next pass. Once a mount stays, directories made before it are not touched: an overlay
 * in use may stand on them, which the directories do not show. *until becomes the newest such
 * mount. */
static unsigned undo_once(const struct undo_view *view, const struct undo_which *which,
	enum pass pass, uint32_t *until, struct proof *proof, struct undo_left *left)
{
	__attribute__((cleanup(opened_close))) struct opened opened = {0, -1};
	const uint32_t first = *until;
	unsigned again = 0, n_mounts = 0;
	int mount_stays = 0, is_elsewhere = is_of_elsewhere(view, which->run);

	for (uint32_t place = journal_last_of_run(view->journal, which->run); place > first;
		place = journal_prev(view->journal, place)) {
		struct journal_rec rec;
		struct vst_err err;
		int result;

		journal_read(view->journal, place, &rec);
		n_mounts += rec.kind == JOURNAL_MOUNT && !copies_is(&rec);
		if (is_passed_over(view->journal, which, pass, &rec) ||
			(mount_stays && rec.kind == JOURNAL_DIR))
			continue;
		result = is_elsewhere && scope_is_bound(&rec)
				 ? keep_elsewhere(view->journal, which->run, &err)
				 : undo_patiently(view, &rec, &opened, &err);
		/* A mount that stays may hide the object: look again once that is gone. In the
		 * second pass, a missing directory was already reported, or was removed in part
		 * by the first. */
		if (result == UNDO_MISSING && (mount_stays || pass >= PASS_SECOND))
			continue;
		if (result == UNDO_MISSING)
			result = missing_judge(
				view->journal, which->run, &rec, view->run != NULL);
		if (result == UNDO_OTHERWISE)
			warn(view->journal, &rec, &err);
		if (result == UNDO_DONE || result == UNDO_OTHERWISE) {
			if (rec.kind == JOURNAL_MOUNT && !is_given_away(result, &rec))
				proof_note(proof, n_mounts - 1);
			else
				journal_undone(view->journal, place);
			continue;
		}
		if (is_for_later(view->journal, which, pass, &rec, result)) {
			again++;
			continue;
		}
		undo_note_left(view->journal, &rec, result, &err, left);
		if (rec.kind == JOURNAL_MOUNT && !mount_stays)
			*until = place;
		mount_stays |= rec.kind == JOURNAL_MOUNT;
		if (which->stop)
			break;
	}
	return again;
}

/* Takes back one copy; what is perhaps none is only looked at. */
static int undo_copy(const struct undo_view *view, const struct journal_rec *rec,
	struct opened *opened, struct vst_err *err)
{
	const struct rec_mount *mount = rec->body;

	if (!(mount->flags & REC_MOUNT_UNSURE))
		return undo_patiently(view, rec, opened, err);
	if (attach_exists(mount, "") == 0)
		return UNDO_DONE;
	vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"it is kept: somebody mounted the same at that instant, and this may be theirs; unmount it if it is not wanted");
	return UNDO_KEPT;
}

/* Takes back propagated copies that stayed when their originals were unmounted. */
static void undo_copies(
	const struct undo_view *view, const struct undo_which *which, struct undo_left *left)
{
	struct opened none = {0, -1};

	for (uint32_t place = journal_last_of_run(view->journal, which->run);
		place > which->run; place = journal_prev(view->journal, place)) {
		struct kernel_statmount sm;
		struct journal_rec rec;
		struct vst_err err;
		int result;

		journal_read(view->journal, place, &rec);
		if (!copies_is(&rec) || !is_wanted(view->journal, which, &rec) ||
			copies_has_original(view->journal, which->run, &rec))
			continue;
		result = undo_copy(view, &rec, &none, &err);
		if (result == UNDO_DONE || result == UNDO_OTHERWISE) {
			journal_undone(view->journal, place);
			continue;
		}
		vst_wrap(&err, "a copy of it, at '%s'",
			VST_QUOTE(attach_point_of(
				((const struct rec_mount *)rec.body)->mnt_id, &sm)));
		undo_note_left(view->journal, &rec, result, &err, left);
	}
	opened_close(&none);
}

struct proving {
	const struct undo_view *view;
	struct undo_left *left;
	struct opened opened;
	uint32_t pin; /* The pin of `base`; 0: none yet. */
	char base[VST_PATH_MAX + 1];
};

/* The pin's present path, or the recorded one if the directory is gone. */
static void find_base(struct proving *proving, uint32_t pin)
{
	struct vst_err ignored;
	struct journal_rec rec;
	int fd;

	if (open_pin(proving->view, pin, &fd, &proving->opened, &ignored) <= 0 ||
		fchdir(fd) < 0 ||
		syscall(SYS_getcwd, proving->base, sizeof proving->base) < 0 ||
		proving->base[0] != '/') {
		journal_read(proving->view->journal, pin, &rec);
		snprintf(proving->base, sizeof proving->base, "%s",
			(const char *)rec.body + sizeof(struct rec_pin));
	}
	proving->pin = pin;
}

static int prove_place(void *arg, const struct journal_rec *rec, char ret[VST_PATH_MAX + 1])
{
	struct proving *proving = arg;
	const struct rec_mount *mount = rec->body;
	int len;

	if (proving->pin != mount->pin)
		find_base(proving, mount->pin);
	len = snprintf(ret, VST_PATH_MAX + 1, "%s%s%s", proving->base,
		proving->base[1] ? "/" : "", (const char *)(mount + 1));
	return len > VST_PATH_MAX ? -1 : 0;
}

static void prove_left(void *arg, const struct journal_rec *rec, const char *point)
{
	const struct proving *proving = arg;
	struct vst_err err;

	if (point)
		vst_fail(&err, VST_EXIT_CONFLICT, 0,
			"it is unmounted, and a mount that is later than it is left at '%s'; unmount that, and try again",
			VST_QUOTE(point));
	else
		vst_fail(&err, VST_EXIT_CONFLICT, 0,
			"it is unmounted, but whether a copy of it is left cannot be told: before Linux 6.8 only /proc shows that");
	undo_note_left(proving->view->journal, rec, UNDO_LEFT, &err, proving->left);
}

void undo_records(
	const struct undo_view *view, const struct undo_which *which, struct undo_left *left)
{
	const struct undo_which dirs = {
		.run = which->run,
		.kinds = which->kinds & 1u << JOURNAL_DIR,
	};

	struct proof proof = {.n = 0};
	struct proving proving = {.view = view, .left = left, .opened = {0, -1}};
	uint32_t until = which->run;
	unsigned again;

	patience_take_back();
	again = undo_once(
		view, which, which->stop ? PASS_ONLY : PASS_FIRST, &until, &proof, left);

	/* The overlay's copied-up directories kept an upper directory from being removed; with
	 * the overlay unmounted, try again. Directories on a mount of the same run went with
	 * it. */
	if (again)
		undo_once(view, &dirs, until == which->run ? PASS_SECOND : PASS_STAYS, &until,
			&proof, left);
	if (which->kinds & 1u << JOURNAL_MOUNT && !is_of_elsewhere(view, which->run))
		undo_copies(view, which, left);
	if (proof.n)
		proof_of_nothing(
			view->journal, which->run, &proof, prove_place, prove_left, &proving);
	opened_close(&proving.opened);
}

uint64_t undo_needs(const struct journal *journal, uint32_t run, unsigned kinds)
{
	const struct undo_which which = {.run = run, .kinds = kinds};
	uint64_t set = 0;
	struct journal_rec rec;

	for (uint32_t at = run; (at = journal_next_of_run(journal, at, &rec));) {
		if (!is_wanted(journal, &which, &rec))
			continue;
		if (rec.kind == JOURNAL_MOUNT || rec.kind == JOURNAL_FILE ||
			rec.kind == JOURNAL_MOVE || rec.kind == JOURNAL_CHANGE)
			set |= 1ULL << CAP_SYS_ADMIN;
		if (rec.kind == JOURNAL_LINK || rec.kind == JOURNAL_MOVE)
			set |= 1ULL << CAP_NET_ADMIN;
	}
	return set;
}

/* The running run's own sockets and descriptors; borrowed. */
static struct nets nets_of_run(const struct exec_run *run, const struct ns_fact *net)
{
	struct nets nets = NETS_NONE;

	nets.here = run->here;
	nets.there = run->there;
	nets.ns_here = run->own_net_fd;
	nets.ns_there = net->fd;
	nets.is = net->is_own ? NETS_OURS : NETS_OPEN;
	nets.nsid = run->nsid;
	return nets;
}

int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *left)
{
	const struct undo_view view = {
		.journal = run->journal,
		.run = run,
		.allowed = allowed,
		.nets = nets_of_run(run, &allowed->ns[VST_NS_NET]),
	};

	left->n = 0;
	exec_mount_release(run);
	undo_records(
		&view, &(struct undo_which){.run = run->journal->run, .kinds = UNDO_ALL}, left);
	if (left->n)
		return -1;
	journal_end(run->journal, JOURNAL_UNDONE);
	return 0;
}
