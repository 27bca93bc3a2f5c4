/* SPDX-License-Identifier: Apache-2.0 */
#include "scope.h"

#include <errno.h>
#include <linux/capability.h>

#include "../kernel/kernel_mount.h"
#include "../rights/caps.h"

/* listmount says ENOENT also for a namespace that the caller may not inspect. Only the initial
 * user namespace's root, with CAP_SYS_ADMIN, can take it as a proof. */
static int is_gone(uint64_t mntns_id, const struct caller *caller)
{
	uint64_t mount;

	return caller->in_init_userns && caps_has(1ULL << CAP_SYS_ADMIN) &&
	       kernel_listmount_of(mntns_id, &mount, 1) < 0 && errno == ENOENT;
}

enum scope scope_of(
	const struct journal *journal, uint32_t run_place, const struct caller *caller)
{
	const struct journal_key *own = &journal->key;
	const struct rec_run *run;
	struct journal_rec rec;

	journal_read(journal, run_place, &rec);
	run = rec.body;
	if (run->mntns_ino == own->mntns_ino) {
		/* One inode with two ids: the inode was reused, so the run's namespace is gone.
		 */
		return !run->mntns_id || !own->mntns_id || run->mntns_id == own->mntns_id
			       ? SCOPE_OURS
			       : SCOPE_GONE;
	}
	if (caller && run->mntns_id && is_gone(run->mntns_id, caller))
		return SCOPE_GONE;
	return SCOPE_ELSEWHERE;
}

int scope_is_bound(const struct journal_rec *rec)
{
	return rec->kind == JOURNAL_DIR || rec->kind == JOURNAL_FILE ||
	       rec->kind == JOURNAL_MOUNT || rec->kind == JOURNAL_CHANGE;
}

void scope_explain(const struct journal *journal, uint32_t run_place, struct vst_err *err)
{
	struct journal_rec rec;

	journal_read(journal, run_place, &rec);
	vst_fail(err, VST_EXIT_INCOMPLETE, 0,
		"it is of another mount namespace, mnt:[%llu], and kept: run vestibule there (nsenter --mount), or remove the journal if that is gone",
		(unsigned long long)((const struct rec_run *)rec.body)->mntns_ino);
}
