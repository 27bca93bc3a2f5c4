/* SPDX-License-Identifier: Apache-2.0 */
#include "link_taken.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nl.h"

int link_name_is_taken(
	const struct exec_run *run, int ns_fd, const char *name, struct vst_err *err)
{
	struct nl_link owner;
	struct vst_err ignored;
	char where[64] = "here";
	char by[320] = "";

	if (nl_name_owner(run->here, ns_fd, name, &owner, &ignored) <= 0)
		return 0;
	if (ns_fd >= 0)
		snprintf(where, sizeof where, "in the network namespace of process %u",
			run->target_pid);
	if (strcmp(owner.name, name) != 0)
		snprintf(by, sizeof by, ", as an alternative name of '%s'",
			VST_QUOTE(owner.name));
	vst_fail(err, VST_EXIT_CONFLICT, EEXIST, "interface '%s': the name is taken %s%s",
		VST_QUOTE(name), where, by);
	return 1;
}
