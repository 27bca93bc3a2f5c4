/* SPDX-License-Identifier: Apache-2.0 */
#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "beneath.h"

static const char *const dirs[HOST_DIRS] = {"/proc", "/sys", "/dev", "/run"};

int host_is_named(const char *path)
{
	for (unsigned i = 0; i < HOST_DIRS; i++)
		if (strcmp(path, dirs[i]) == 0)
			return 1;
	return strcmp(path, "/") == 0;
}

static int look(struct host *host, struct vst_err *err)
{
	for (unsigned i = 0; i < HOST_DIRS; i++) {
		if (beneath_stat_followed(AT_FDCWD, dirs[i], &host->at[host->n]) == 0)
			host->name[host->n++] = dirs[i];
		else if (errno != ENOENT)
			return vst_fail(err, VST_EXIT_FAILED, errno, "look at %s", dirs[i]);
	}
	host->is_known = 1;
	return 0;
}

int host_is_point(struct host *host, const struct object *root, const struct object *point,
	const char **ret_name, struct vst_err *err)
{
	*ret_name = "/";
	if (beneath_same(root, point))
		return 1;
	if (!host->is_known && look(host, err) < 0)
		return -1;
	for (unsigned i = 0; i < host->n; i++) {
		*ret_name = host->name[i];
		if (beneath_same(&host->at[i], point))
			return 1;
	}
	return 0;
}
