#include "exec_new.h"

#include <assert.h>
#include <errno.h>

#include "../ipc/fd.h"
#include "attr.h"
#include "fs.h"

/* The layers among the items, sorted. */
struct layers {
	int lower[VST_LAYERS_MAX];
	unsigned n_lower;
	int upper, work;
};

/* *ret_alone: a layer alone, and nothing to write to. */
static int set_layers(const struct plan_allowed *allowed, const struct step_mount *mount,
	const int *fds, struct fs *fs, int *ret_alone, struct vst_err *err)
{
	struct layers layers = {.upper = -1, .work = -1};

	assert(mount->n_sources <= VST_LAYERS_MAX + 2);
	for (unsigned i = 0; i < mount->n_sources; i++) {
		uint8_t kind = allowed->sources[mount->first_source + i].kind;

		if (kind == VST_ITEM_UPPER)
			layers.upper = fds[i];
		else if (kind == VST_ITEM_WORK)
			layers.work = fds[i];
		else
			layers.lower[layers.n_lower++] = fds[i];
	}
	*ret_alone = layers.n_lower == 1 && layers.upper < 0;
	return fs_set_layers(fs, layers.lower, layers.n_lower, layers.upper, layers.work, err);
}

static int is_on_device(const struct plan_allowed *allowed, const struct step_mount *mount)
{
	return mount->source && allowed_text(allowed, mount->source)[0] == '/';
}

/* Everything but the layers. */
static int configure(const struct plan_allowed *allowed, const struct step_mount *mount,
	int is_overlay, const struct fs *fs, struct vst_err *err)
{
	if (mount->source &&
		fs_set(fs, "source", allowed_text(allowed, mount->source), err) < 0)
		return -1;
	/* A medium that cannot be written is only mounted if its file system knows. What is on
	 * no device may be the host's own, such as devtmpfs: the mount is read-only, and not
	 * that. */
	if (mount->flags.set & VST_ATTR_RO && is_on_device(allowed, mount) &&
		fs_set(fs, "ro", NULL, err) < 0)
		return -1;
	/* In a user namespace an overlay without it mounts, and then renaming or removing a
	 * directory gives EIO. Twice is once. */
	if (is_overlay && !allowed->in_init_userns && fs_set(fs, "userxattr", NULL, err) < 0)
		return -1;
	return fs_set_options(fs, allowed, mount, err);
}

int exec_new_tree(const struct plan_allowed *allowed, uint32_t step, const int *layers,
	int *ret_tree_fd, struct vst_err *err)
{
	const struct step_mount *mount = &allowed->mounts[allowed->steps[step].mount];
	int is_overlay = allowed->steps[step].kind == STEP_MOUNT_OVERLAY;
	vst_auto_fs fs = {.type = allowed_text(allowed, mount->type), .fd = -1};
	int alone = 0;

	if (fs_open(&fs, err) < 0)
		return -1;
	if (is_overlay && set_layers(allowed, mount, layers, &fs, &alone, err) < 0)
		return -1;
	if (configure(allowed, mount, is_overlay, &fs, err) < 0)
		return -1;
	if ((is_overlay ? fs_create_overlay(&fs, err) : fs_create(&fs, err)) < 0)
		return alone && err->code == EINVAL
			       ? vst_wrap(err,
					 "an overlay with nothing to write to wants two layers")
			       : -1;
	return fs_mount(&fs, attr_set(&mount->flags), ret_tree_fd, err);
}
