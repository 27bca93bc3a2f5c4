/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an interface is given beside its place. Each step acts on the interface that the step
 * before it made or moved, by the ifindex that this noted in the run, and ends with reading
 * back all that was set. Nothing is journalled: it goes with the interface, and one that is
 * brought home gets back what it had there.
 */
#pragma once

#include "../act/exec.h"

/* Executors, see exec.h. HERE: a veth's end in our namespace, by run->here: its MTU, its
 * bridge, addresses, up. THERE: the interface in the process's, by run->there unless both
 * namespaces are the same: MTU, addresses, up, routes, what a moved one keeps. */
int exec_link_set_here(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
int exec_link_set_there(const struct plan_allowed *allowed, uint32_t step, struct exec_run *run,
	struct vst_err *err);
