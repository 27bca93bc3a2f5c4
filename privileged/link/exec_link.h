/*
 * Network interfaces. "Here" is vestibule's network namespace, "there" the process's.
 *
 * A link that is made gets an identity before it is made: an ifindex that is asked for, a MAC
 * where its kind has one and an explicit one changes nothing else, and, second, an alias where
 * it is made here. One that is moved is known by its ifindex there, which is asked for, its
 * kind, and what its root there cannot choose (link_id.h). Names are never an identity there.
 */
#pragma once

#include "../../policy/step.h"
#include "../act/exec.h"

/* Each needs run->here; exec_link_move also run->there, unless the two are the same namespace.
 */
int exec_link_veth(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_there(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_here(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_move(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* The most that the journal needs for one link. A move saves at most VST_LINK_STATE_MAX. */
size_t exec_link_space(enum step_kind kind);
