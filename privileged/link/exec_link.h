/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network interfaces. "Here" is vestibule's network namespace, "there" the process's.
 *
 * A link that we make gets its identity beforehand: a requested ifindex, a MAC if its kind has
 * one and an explicit one has no side effect, and then, if it is made here, an alias. A moved
 * link is known by its ifindex there, which is requested, its kind, and what root there cannot
 * choose (link_id.h). Names never identify a link there.
 */
#pragma once

#include "../../policy/step.h"
#include "../act/exec.h"

/* Executors, see exec.h. Each needs run->here. exec_link_move needs run->there as well, unless
 * both namespaces are the same. */
int exec_link_veth(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_there(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_here(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_move(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);

/* The most journal bytes that one link needs. A move saves at most VST_LINK_STATE_MAX bytes. */
size_t exec_link_space(enum step_kind kind);
