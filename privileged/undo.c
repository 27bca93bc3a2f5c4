#include "undo.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "../ipc/limits.h"
#include "exec_dir.h"
#include "exec_link.h"
#include "exec_mount.h"

#define BUSY_PAUSE_MS 20

/* The descriptor of the pin whose record is at place; -1 for another run's. */
static int pin_fd(
	const struct exec_run *run, const struct plan_allowed *allowed, uint32_t place)
{
	for (uint32_t i = 0; i < allowed->n_pins; i++)
		if (run->pin_rec[i] == place)
			return allowed->pins[i].fd;
	return -1;
}

static int undo_record(const struct exec_run *run, const struct plan_allowed *allowed,
	const struct journal_rec *rec, struct vst_err *err)
{
	switch (rec->kind) {
	case JOURNAL_RUN:
	case JOURNAL_PIN:
		return UNDO_DONE;
	case JOURNAL_DIR:
		return exec_dir_undo(
			pin_fd(run, allowed, ((const struct rec_dir *)rec->body)->pin), rec,
			err);
	case JOURNAL_FILE:
		return exec_dir_undo_file(
			pin_fd(run, allowed, ((const struct rec_file *)rec->body)->pin), rec,
			err);
	case JOURNAL_MOUNT:
		return exec_mount_undo(
			pin_fd(run, allowed, ((const struct rec_mount *)rec->body)->pin), rec,
			err);
	case JOURNAL_LINK:
		return exec_link_undo(run->here, allowed->ns[VST_NS_NET].fd, rec, err);
	case JOURNAL_MOVE:
		return exec_link_undo_move(run->here, run->there, run->own_net_fd, rec, err);
	}
	return vst_fail(
		err, VST_EXIT_INCOMPLETE, 0, "the journal holds a record of no known kind");
}

int undo_patiently(
	int (*undo)(const void *arg, struct vst_err *err), const void *arg, struct vst_err *err)
{
	const struct timespec pause = {.tv_nsec = BUSY_PAUSE_MS * 1000000L};
	int result = undo(arg, err);

	for (int ms = 0; result == UNDO_BUSY && ms < VST_BUSY_TIMEOUT_MS; ms += BUSY_PAUSE_MS) {
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
		result = undo(arg, err);
	}
	return result;
}

struct undo_arg {
	const struct exec_run *run;
	const struct plan_allowed *allowed;
	const struct journal_rec *rec;
};

static int undo_arg(const void *arg, struct vst_err *err)
{
	const struct undo_arg *a = arg;

	return undo_record(a->run, a->allowed, a->rec, err);
}

void undo_note_left(struct undo_left *left, const struct vst_err *err)
{
	if (left->n < sizeof left->text / sizeof left->text[0])
		snprintf(left->text[left->n], sizeof left->text[0], "%s", err->text);
	left->n++;
}

int undo_run(struct exec_run *run, const struct plan_allowed *allowed, struct undo_left *left)
{
	struct journal *journal = run->journal;

	left->n = 0;
	exec_mount_release(run);
	for (uint32_t place = journal_last(journal); place > journal->run;
		place = journal_prev(journal, place)) {
		struct journal_rec rec;
		struct vst_err err;
		struct undo_arg arg = {run, allowed, &rec};

		journal_read(journal, place, &rec);
		if (rec.state == JOURNAL_UNDONE)
			continue;
		if (undo_patiently(undo_arg, &arg, &err) == UNDO_DONE)
			journal_undone(journal, place);
		else
			undo_note_left(left, &err);
	}
	if (left->n)
		return -1;
	journal_end(journal, JOURNAL_UNDONE);
	return 0;
}
