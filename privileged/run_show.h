/* SPDX-License-Identifier: Apache-2.0 */
/* Showing a plan, and comparing it with --expect. */
#pragma once

#include "run.h"

/* Collects what is shown of the plan. `already`: an earlier run has done all of it. */
void run_facts(const struct run *run, int already, struct show_facts *ret);

/* 0 if there is no --expect, or the plan is the expected one. `already`: an earlier run has
 * done all of it; the text that it was held to is accepted, too. */
int run_expect(const struct run *run, int already, struct vst_err *err);

/* Warns if step i, which was resolved, covers or changes a mount point of the host. */
void run_warn_host(const struct run *run, uint32_t i);

/* Warns, for a process that shares our network namespace, if the plan has interfaces: they stay
 * here, which may not be intended. */
void run_warn_shared(const struct run *run);

/* Whether the step is about an interface. */
int run_is_link(const struct step *step);
