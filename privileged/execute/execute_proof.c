/* SPDX-License-Identifier: Apache-2.0 */
#include "execute_proof.h"

#include <fcntl.h>
#include <string.h>

#include "../../ipc/fd.h"
#include "../../policy/confirm.h"
#include "../exec/exec_dir.h"
#include "../kernel/beneath.h"

int execute_pin_fd(
	const struct plan_allowed *allowed, const struct exec_run *run, uint32_t pin_rec)
{
	for (uint32_t i = 0; i < allowed->n_pins; i++)
		if (run->pin_rec[i] == pin_rec)
			return allowed->pins[i].fd;
	return -1;
}

static int is_same(int a, int b)
{
	struct object one, other;

	return beneath_stat(a, &one) == 0 && beneath_stat(b, &other) == 0 &&
	       one.ino == other.ino && one.dev == other.dev;
}

static uint32_t count(const char *path)
{
	uint32_t n = path[0] != '\0';

	for (; *path; path++)
		n += *path == '/';
	return n;
}

int execute_prove(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int dir_fd, struct vst_err *err)
{
	const char *slash = strrchr(in->rec_rest, '/');
	char dir[VST_PATH_MAX + 16];
	vst_auto_fd fd = -1;

	if (journal_last(run->journal) == since)
		return 0;
	memcpy(dir, in->rec_rest, slash ? (size_t)(slash - in->rec_rest) : 0);
	dir[slash ? slash - in->rec_rest : 0] = '\0';
	fd = beneath_open(execute_pin_fd(allowed, run, in->pin_rec), dir, O_PATH | O_DIRECTORY);
	if (fd >= 0 && is_same(fd, dir_fd))
		return 0;
	exec_dir_unmake(run, since, in->fd,
		in->fd < 0 ? 0 : count(in->rec_rest) - count(in->rest), dir_fd, dir);
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"somebody moved the directory that it is in, '%s', while it was made",
		VST_QUOTE(dir));
}

int execute_prove_dir(const struct plan_allowed *allowed, struct exec_run *run, uint32_t since,
	const struct place *in, int made_fd, struct vst_err *err)
{
	const char *slash = strrchr(in->rest, '/');
	char dir[VST_PATH_MAX + 16];
	vst_auto_fd up = -1;

	if (journal_last(run->journal) == since)
		return 0;
	up = openat(made_fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	/* ".." is refused if the mount's root is not above any more. */
	if (up < 0) {
		memcpy(dir, in->rest, slash ? (size_t)(slash - in->rest) : 0);
		dir[slash ? slash - in->rest : 0] = '\0';
		up = beneath_open(in->fd, dir, O_PATH | O_DIRECTORY);
	}
	return execute_prove(allowed, run, since, in, up, err);
}

int execute_prove_pin(const struct plan_allowed *allowed, uint32_t pin, struct vst_err *err)
{
	const struct pin *p = &allowed->pins[pin];
	size_t len = p->path_len ? p->path_len : strlen(p->path);
	char path[VST_PATH_MAX + 1];
	struct object now;
	vst_auto_fd fd = -1;

	/* Nobody can move these without moving the run along. */
	if (pin == PIN_BUNDLE || pin == PIN_ROOT)
		return 0;
	memcpy(path, p->path, len);
	path[len] = '\0';
	fd = beneath_open_in_root(allowed->pins[PIN_ROOT].fd, path, O_PATH | O_DIRECTORY);
	if (fd >= 0 && beneath_stat(fd, &now) == 0 && now.ino == p->ino && now.dev == p->dev)
		return 0;
	return vst_fail(err, VST_EXIT_CONFLICT, 0,
		"somebody moved directory %s while something was made in it", VST_QUOTE(path));
}
