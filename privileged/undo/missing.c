/* SPDX-License-Identifier: Apache-2.0 */
#include "missing.h"

#include <string.h>

static uint32_t pin_of(const struct journal_rec *rec, const char **ret_rest)
{
	const struct rec_dir *dir = rec->body;
	const struct rec_file *file = rec->body;

	*ret_rest =
		rec->kind == JOURNAL_DIR ? (const char *)(dir + 1) : (const char *)(file + 1);
	return rec->kind == JOURNAL_DIR ? dir->pin : file->pin;
}

enum made_on missing_made_on(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec)
{
	const char *rest;
	uint32_t pin = pin_of(rec, &rest);

	for (uint32_t at = journal_prev(journal, rec->place); at > run;
		at = journal_prev(journal, at)) {
		const struct rec_mount *mount;
		struct journal_rec older;
		size_t len;

		journal_read(journal, at, &older);
		mount = older.body;
		if (older.kind != JOURNAL_MOUNT || mount->pin != pin)
			continue;
		len = strlen((const char *)(mount + 1));
		if (strncmp(rest, (const char *)(mount + 1), len) == 0 && rest[len] == '/')
			return mount->flags & REC_MOUNT_MEMORY ? MADE_ON_MEMORY : MADE_ON_OTHER;
	}
	return MADE_ON_FOUND;
}

/* If the run is this process's own, the object was made for certain: somebody moved or removed
 * it in between, so it is reported and kept. A later run gives up with a warning: the owner may
 * have removed the object, or a killed run of ours may have, and the two cannot be told apart.
 */
int missing_judge(
	const struct journal *journal, uint32_t run, const struct journal_rec *rec, int lives)
{
	if ((!lives && rec->state == JOURNAL_INTENT) ||
		missing_made_on(journal, run, rec) == MADE_ON_MEMORY)
		return UNDO_DONE;
	return lives ? UNDO_KEPT : UNDO_OTHERWISE;
}

int missing_pin(const struct caller *caller, const struct journal_rec *rec, int found,
	struct vst_err *err)
{
	if (found < 0)
		return UNDO_KEPT;
	if (!caller || !caller->has_less ||
		(rec->kind != JOURNAL_FILE && rec->kind != JOURNAL_DIR))
		return UNDO_LEFT;
	err->exit = VST_EXIT_INCOMPLETE;
	return UNDO_MISSING;
}
