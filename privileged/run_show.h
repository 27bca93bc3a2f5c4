/* What a run says of its plan, and whether that is the one that was expected. */
#pragma once

#include "run.h"

/* What is to be shown of the plan; already: an earlier run has done all of it. */
void run_facts(const struct run *run, int already, struct show_facts *ret);

/* Whether the plan is the one that --expect names, if it does. already: an earlier run has done
 * all of it, and what that one was held to is expected, too. */
int run_expect(const struct run *run, int already, struct vst_err *err);

/* Warns where step i, which was resolved, mounts on a mount point of the host, or changes it.
 */
void run_warn_host(const struct run *run, uint32_t i);

/* Of a process that shares our network namespace: warns if the plan has interfaces. They stay
 * here, which is perhaps not what was meant. */
void run_warn_shared(const struct run *run);

/* Whether the step is of an interface. */
int run_is_link(const struct step *step);
