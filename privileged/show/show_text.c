/* SPDX-License-Identifier: Apache-2.0 */
#include "show_text.h"

#include <string.h>

#include "../../policy/capabilities.h"
#include "../rights/caps.h"
#include "show_form.h"
#include "show_link.h"
#include "show_put.h"

static void put_name(struct showing *show, const char *name)
{
	show_put_name(show, name, strlen(name), SHOW_QUOTE_IF_ODD);
}

static void put_object(struct showing *show, uint64_t dev, uint64_t ino)
{
	show_put(show, " (");
	show_put_object(show, dev, ino);
	show_put(show, ")");
}

static void put_capabilities(struct showing *show, uint64_t set)
{
	const char *comma = "";

	for (unsigned cap = 0; cap < 64; cap++)
		if (set >> cap & 1) {
			show_put(show, comma);
			show_put(show, caps_name(cap).text);
			comma = ", ";
		}
}

/* Writes "would be refused (conflict, exit status 7): " and the error's text. */
static void put_refusal(struct showing *show, const struct vst_err *refused)
{
	show_put(show, "would be refused (");
	show_put(show, show_exit_name(refused->exit));
	show_put(show, ", exit status ");
	show_put_number(show, refused->exit);
	show_put(show, "): ");
	show_put(show, refused->text);
	show_put(show, "\n");
}

static void put_pin(struct showing *show, uint32_t pin)
{
	const struct pin *p = &show->facts->pins[pin];

	if (pin == 0)
		show_put(show, "the bundle");
	else
		show_put_name(show, p->path, p->path_len ? p->path_len : strlen(p->path),
			SHOW_QUOTE_IF_ODD);
	put_object(show, p->dev, p->ino);
}

/* Writes a path: as in the document if `bare`, else its rest and the object that it is beneath.
 */
static void put_path(struct showing *show, const struct step_path *at, int bare)
{
	const char *path = plan_text(show->facts->plan, at->path.off), *rest;

	if (bare || at->base == STEP_NO_BASE) {
		show_put_name(show, path, at->path.len, SHOW_QUOTE_IF_ODD);
	} else {
		rest = step_rest(show->facts->plan->bytes, show->facts->pins, at);
		if (at->flags & PATH_LINK) {
			show_put(show, "what ");
			put_name(show, path);
			show_put(show, " leads to, ");
		}
		if (at->flags & PATH_FILE)
			show_put(show, "the file ");
		if (*rest) {
			put_name(show, rest);
			show_put(show, " in ");
		}
		if (at->flags & PATH_DEFERRED) {
			show_put(show, "what step ");
			show_put_number(show, at->base + 1);
			show_put(show, " mounts");
		} else {
			put_pin(show, at->base);
		}
	}
	if (at->flags & PATH_IN_ROOT)
		show_put(show, ", within rootfs");
	if (!bare && at->flags & PATH_LATE)
		show_put(show, at->flags & PATH_UNSETTLED ? ", as earlier steps leave it"
							  : ", which an earlier step makes");
}

/* Writes a directory of the bundle by its name in the bundle. */
static void put_own(struct showing *show, const char *name, const struct show_object *object)
{
	show_put(show, name);
	show_put(show, " in the bundle");
	put_object(show, object->dev, object->ino);
}

static void put_link(struct showing *show, const struct step *step)
{
	const struct plan *plan = show->facts->plan;
	const char *name = plan_text(plan, step->link.name);
	const char *kind = step->link.kind ? plan_text(plan, step->link.kind) : "veth";

	if (step->kind == STEP_LINK_MOVE) {
		show_put(show, "move interface ");
		put_name(show, name);
		if (step->link.ifindex) {
			show_put(show, " (number ");
			show_put_number(show, step->link.ifindex);
			show_put(show, ")");
		}
		if (step->flags & STEP_MADE)
			show_put(show, ", which an earlier step makes,");
		show_put(show, " from here to there");
		return;
	}
	if (step->kind == STEP_LINK_SET_HERE) {
		show_put(show, "set up the end of ");
		put_name(show, name);
		show_put(show, " that is here");
		return;
	}
	if (step->kind == STEP_LINK_SET_THERE) {
		show_put(show, "set up ");
		put_name(show, name);
		show_put(show, " there");
		return;
	}
	show_put(show, "create ");
	if (step->kind == STEP_VETH) {
		show_put(show, "a pair of veth, ");
		put_name(show, name);
		show_put(show, " there and ");
		if (step->link.peer)
			put_name(show, plan_text(plan, step->link.peer));
		else
			show_put(show, "one with a name that vestibule gives it");
		show_put(show, " here");
		return;
	}
	show_put(show, "interface ");
	put_name(show, name);
	show_put(show, " of kind ");
	put_name(show, kind);
	show_put(show, step->kind == STEP_LINK_HERE ? " here, then move it there" : " there");
}

/* Writes "mount a file system of type tmpfs, source tmpfs, on ". */
static void put_new(struct showing *show, const struct show_mount *mount)
{
	show_put(show, "mount a file system of type ");
	put_name(show, mount->type ? mount->type : "");
	show_put(show, ", source ");
	put_name(show, mount->source ? mount->source : "");
	show_put(show, ", on ");
}

static void put_bind(struct showing *show, const struct show_mount *mount, int bare)
{
	const struct step_source *source = &show->facts->plan->sources[mount->of->first_source];

	show_put(show, "bind ");
	put_path(show, &source->at, bare);
	if (mount->is_recursive)
		show_put(show, ", and all mounts beneath it,");
	show_put(show, " onto ");
}

static void put_namespace(struct showing *show, const struct step *step)
{
	show_put(show, "bind the process's ");
	show_put(show, show_ns(step->ns));
	show_put(show, " namespace onto ");
}

static void put_implied(
	struct showing *show, const struct step *step, const struct show_mount *mount)
{
	const struct show_facts *facts = show->facts;

	if (step->kind == STEP_BIND_ROOTFS) {
		show_put(show, "bind ");
		put_own(show, "rootfs", &facts->rootfs);
		show_put(show, " onto itself");
		return;
	}
	put_new(show, mount);
	if (step->kind == STEP_TMPFS)
		put_own(show, "tmp", &facts->tmp);
	else
		put_own(show, "rootfs", &facts->rootfs);
}

/* Writes one line: what the step does, and to which objects. */
static void put_what(struct showing *show, const struct step *step, int bare)
{
	struct show_mount mount;

	show_mount_of(show, step, &mount);
	switch (step_facts(step->kind)->shape) {
	case STEP_SHAPE_IMPLIED:
		put_implied(show, step, &mount);
		return;
	case STEP_SHAPE_LINK:
		put_link(show, step);
		return;
	case STEP_SHAPE_DIR:
		show_put(show, "make directory ");
		break;
	case STEP_SHAPE_CGROUP:
		show_put(show, "make cgroup ");
		bare = 1;
		break;
	case STEP_SHAPE_NS:
		put_namespace(show, step);
		break;
	case STEP_SHAPE_MOUNT:
		if (step->kind == STEP_MOUNT_CHANGE)
			show_put(show, "change the mount on ");
		else if (step->kind == STEP_MOUNT_BIND)
			put_bind(show, &mount, bare);
		else
			put_new(show, &mount);
		break;
	}
	put_path(show, &step->at, bare);
}

static void put_line(struct showing *show, const char *what)
{
	show_put(show, "   ");
	show_put(show, what);
	show_put(show, ": ");
}

static void put_option(struct showing *show, const char *name, unsigned n)
{
	if (n == 0)
		put_line(show, "options");
	else
		show_put(show, ", ");
	show_put(show, name);
}

/* Writes the options that are passed to the file system as one list. Layers have lines of their
 * own. */
static unsigned put_data(struct showing *show, const struct step_mount *mount)
{
	const struct plan *plan = show->facts->plan;

	for (unsigned i = 0; i < mount->n_options; i++) {
		const struct step_option *option = &plan->options[mount->first_option + i];

		if (i == 0)
			put_line(show, "data");
		else
			show_put(show, ", ");
		put_name(show, plan_text(plan, option->key));
		if (!option->value)
			continue;
		show_put(show, "=");
		put_name(show, plan_text(plan, option->value));
	}
	return mount->n_options;
}

static void put_layers(struct showing *show, const struct step_mount *mount)
{
	for (unsigned i = 0; i < mount->n_sources; i++) {
		const struct step_source *source =
			&show->facts->plan->sources[mount->first_source + i];

		if (!source->kind)
			continue; /* put_what has named the source of a bind */
		put_line(show, show_source(source->kind));
		put_path(show, &source->at, 0);
		show_put(show, "\n");
	}
}

/* Writes the lines of a mount: its options, data and layers. */
static void put_details(struct showing *show, uint32_t i)
{
	const struct step *step = &show->facts->plan->steps[i];
	static const struct vst_mount_flags none;
	struct show_mount mount;

	if (!show_mount_of(show, step, &mount))
		return;
	if (memcmp(&mount.flags, &none, sizeof none) != 0) {
		show_options(&mount.flags, put_option, show);
		show_put(show, "\n");
	}
	if (step->kind == STEP_TMPFS) {
		put_line(show, "data");
		for (unsigned n = 0; show_tmpfs_data[n]; n++) {
			show_put(show, n ? ", " : "");
			show_put(show, show_tmpfs_data[n]);
		}
		show_put(show, "\n");
	}
	if (step->kind == STEP_OVERLAY) {
		put_line(show, "lower");
		put_own(show, "lower", &show->facts->lower);
		show_put(show, "\n   upper: upper in what step ");
		show_put_number(show, i);
		show_put(show, " mounts\n   work: work in what step ");
		show_put_number(show, i);
		show_put(show, " mounts\n");
	}
	if (mount.of && put_data(show, mount.of))
		show_put(show, "\n");
	if (mount.of)
		put_layers(show, mount.of);
}

static void put_hierarchies(struct showing *show, const struct step *step)
{
	for (unsigned i = 0; i < step->n && step->at.base != STEP_NO_BASE; i++) {
		put_line(show, "in");
		put_pin(show, step->at.base + i);
		show_put(show, "\n");
	}
}

void show_text_said(struct showing *show, uint32_t i, const char *said)
{
	const struct step *step = &show->facts->plan->steps[i];

	show_put_number(show, i + 1);
	show_put(show, ". ");
	put_what(show, step, show_is_bare(show, step, NULL));
	show_put(show, ": ");
	show_put(show, said);
	show_put(show, "\n");
}

void show_text_start(struct showing *show)
{
	const struct show_facts *facts = show->facts;
	const struct plan *plan = facts->plan;

	show_put(show, "vestibule plan ");
	show_put_number(show, SHOW_VERSION);
	show_put(show, "\n");
	show_put(show, verb_words(plan->verb));
	show_put(show, " ");
	put_name(show, facts->bundle);
	put_object(show, facts->bundle_dir.dev, facts->bundle_dir.ino);
	show_put(show, "\n");
	if (plan->verb == PLAN_ATTACH) {
		show_put(show, "to process ");
		show_put_number(show, facts->pid);
		if (facts->ident) {
			show_put(show, " (identity ");
			show_put_number(show, facts->ident);
			show_put(show, ")");
		}
		show_put(show, ": there is its network namespace, here is vestibule's own");
		if (facts->here) {
			show_put(show, " (inode ");
			show_put_number(show, facts->here);
			show_put(show, ")");
		}
		show_put(show, "\n");
	}
	show_put(show, "containerd namespace: ");
	if (facts->containerd.off)
		show_put_name(show, plan_text(plan, facts->containerd.off),
			facts->containerd.len, SHOW_QUOTE_ALWAYS);
	else
		show_put(show, "none");
	show_put(show, "\n");
	if (facts->already)
		show_put(show, plan->verb == PLAN_ATTACH
				       ? "attached already: nothing would be done\n"
				       : "prepared already: nothing would be done\n");
	if (facts->refused) {
		show_put(show, "all of it ");
		put_refusal(show, facts->refused);
	}
}

void show_text_step(struct showing *show, uint32_t i, const struct vst_err *refused)
{
	const struct step *step = &show->facts->plan->steps[i];
	const char *also = show_also(show, step);
	uint64_t needs = step_capabilities(step->kind);

	show_put_number(show, i + 1);
	show_put(show, ". ");
	put_what(show, step, show_is_bare(show, step, refused));
	if (refused) {
		show_put(show, "\n   ");
		put_refusal(show, refused);
		return;
	}
	if (show->facts->already || (step->flags & STEP_DONE)) {
		show_put(show, show->facts->already ? ": done by an earlier run\n"
						    : ": there already, nothing to do\n");
		return;
	}
	show_put(show, "\n");
	put_details(show, i);
	show_link_text(show, step);
	if (step->kind == STEP_CGROUP)
		put_hierarchies(show, step);
	if (also) {
		put_line(show, "also");
		show_put(show, also);
		show_put(show, "\n");
	}
	put_line(show, "undo");
	show_put(show, step_facts(step->kind)->undo);
	show_put(show, "\n");
	put_line(show, "needs");
	if (needs)
		put_capabilities(show, needs);
	else
		show_put(show, "nothing");
	show_put(show, "\n");
}

void show_text_end(struct showing *show)
{
	uint64_t uses = verb_kept_capabilities(show->facts->plan->verb) & ~show->needs;

	if (show->facts->plan->n_steps == 0)
		show_put(show, "no steps: there is nothing to do\n");
	show_put(show, "needs in all: ");
	if (show->needs)
		put_capabilities(show, show->needs);
	else
		show_put(show, "nothing");
	show_put(show, "\nused where it is there: ");
	put_capabilities(show, uses);
	show_put(show, "\n");
}
