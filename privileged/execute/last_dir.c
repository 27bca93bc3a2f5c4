/* SPDX-License-Identifier: Apache-2.0 */
#include "last_dir.h"

#include <string.h>

#include "../../ipc/fd.h"
#include "execute_proof.h"

void last_dir_close(struct last_dir *last)
{
	vst_fd_close(&last->fd);
}

static int prove_kept(const struct plan_allowed *allowed, struct exec_run *run,
	const struct last_dir *last, struct vst_err *err)
{
	const struct place in = {
		.fd = -1, .pin_rec = last->pin_rec, .rec_rest = last->rec_rest};

	return execute_prove(allowed, run, last->since, &in, last->fd, err);
}

int last_dir_prove(const struct plan_allowed *allowed, struct exec_run *run,
	struct last_dir *last, struct vst_err *err)
{
	int r = 0;

	if (last->fd >= 0)
		r = prove_kept(allowed, run, last, err);
	last_dir_close(last);
	for (uint32_t pin = 0; r == 0 && last->n_pins && pin < allowed->n_pins; pin++)
		if (last->pins[pin]) {
			r = execute_prove_pin(allowed, pin, err);
			last->pins[pin] = 0;
			last->n_pins--;
		}
	return r;
}

void last_dir_note_pin(struct last_dir *last, const struct plan_allowed *allowed, uint32_t step)
{
	const struct step_path *at = &allowed->steps[step].at;

	if (at->flags & (PATH_DEFERRED | PATH_IN_ROOT) || at->base == PIN_BUNDLE ||
		at->base == PIN_ROOT || last->pins[at->base])
		return;
	last->pins[at->base] = 1;
	last->n_pins++;
}

int last_dir_find(const struct last_dir *last, const struct footing *at, const char **ret_name)
{
	const char *name = strrchr(at->rest, '/');

	if (!name || last->fd < 0 || at->fd != last->base_fd ||
		(size_t)(name - at->rest) != last->len ||
		memcmp(at->rest, last->path, last->len) != 0)
		return -1;
	*ret_name = name + 1;
	return last->fd;
}

int last_dir_keep(const struct plan_allowed *allowed, struct exec_run *run,
	struct last_dir *last, const struct footing *at, int *fd, struct vst_err *err)
{
	if (last->fd >= 0 && prove_kept(allowed, run, last, err) < 0)
		return -1;
	last_dir_close(last);
	last->fd = vst_fd_take(fd);
	last->base_fd = at->fd;
	last->path = at->rest;
	last->len = (size_t)(strrchr(at->rest, '/') - at->rest);
	last->pin_rec = at->pin_rec;
	strcpy(last->rec_rest, at->rec_rest);
	return 0;
}
