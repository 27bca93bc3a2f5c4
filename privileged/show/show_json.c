/* SPDX-License-Identifier: Apache-2.0 */
#include "show_json.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "../../policy/capabilities.h"
#include "../rights/caps.h"
#include "show_form.h"
#include "show_link.h"
#include "show_put.h"

static void put_string(struct showing *show, const char *text)
{
	show_put_json(show, text, strlen(text));
}

/* Writes ,"name": */
static void put_member(struct showing *show, const char *name)
{
	show_put(show, ",\"");
	show_put(show, name);
	show_put(show, "\":");
}

/* Writes "device":"8:1","inode":"1234". The inode is a string, because JSON numbers are exact
 * only up to 53 bits in many readers. */
static void put_object(struct showing *show, uint64_t dev, uint64_t ino)
{
	show_put(show, "\"device\":\"");
	show_put_number(show, major(dev));
	show_put(show, ":");
	show_put_number(show, minor(dev));
	show_put(show, "\",\"inode\":\"");
	show_put_number(show, ino);
	show_put(show, "\"");
}

static void put_capabilities(struct showing *show, uint64_t set)
{
	const char *comma = "";

	show_put(show, "[");
	for (unsigned cap = 0; cap < 64; cap++)
		if (set >> cap & 1) {
			show_put(show, comma);
			put_string(show, caps_name(cap).text);
			comma = ",";
		}
	show_put(show, "]");
}

static void put_refusal(struct showing *show, const struct vst_err *refused)
{
	show_put(show, "{\"exit\":");
	show_put_number(show, refused->exit);
	put_member(show, "name");
	put_string(show, show_exit_name(refused->exit));
	put_member(show, "reason");
	put_string(show, refused->text);
	show_put(show, "}");
}

static void put_directory(struct showing *show, uint32_t pin)
{
	const struct pin *p = &show->facts->pins[pin];

	show_put(show, "{\"path\":");
	show_put_json(show, p->path, p->path_len ? p->path_len : strlen(p->path));
	show_put(show, ",");
	put_object(show, p->dev, p->ino);
	show_put(show, "}");
}

static void put_place(struct showing *show, const struct step_path *at, int bare)
{
	const char *path = plan_text(show->facts->plan, at->path.off);

	show_put(show, "{\"path\":");
	show_put_json(show, path, at->path.len);
	put_member(show, "in_root");
	show_put(show, at->flags & PATH_IN_ROOT ? "true" : "false");
	if (!bare && at->base != STEP_NO_BASE) {
		put_member(show, "rest");
		put_string(show, step_rest(show->facts->plan->bytes, show->facts->pins, at));
		put_member(show, "is_file");
		show_put(show, at->flags & PATH_FILE ? "true" : "false");
		put_member(show, "is_made");
		show_put(show, at->flags & PATH_LATE ? "true" : "false");
		if (at->flags & PATH_DEFERRED) {
			put_member(show, "beneath_step");
			show_put_number(show, at->base + 1);
		} else {
			put_member(show, "directory");
			put_directory(show, at->base);
		}
	}
	show_put(show, "}");
}

/* Writes a directory of the bundle by its name in the bundle. */
static void put_own(struct showing *show, const char *name, const struct show_object *object)
{
	show_put(show, "{\"path\":");
	put_string(show, name);
	put_member(show, "in_bundle");
	show_put(show, "true,");
	put_object(show, object->dev, object->ino);
	show_put(show, "}");
}

static void put_link(struct showing *show, const struct step *step)
{
	const struct plan *plan = show->facts->plan;

	put_member(show, "link");
	show_put(show, "{\"name\":");
	put_string(show, plan_text(plan, step->link.name));
	if (step->link.kind || step->kind == STEP_VETH || step->kind == STEP_LINK_SET_HERE) {
		put_member(show, "type");
		put_string(show, step->link.kind ? plan_text(plan, step->link.kind) : "veth");
	}
	if (step->link.peer) {
		put_member(show, "peer");
		put_string(show, plan_text(plan, step->link.peer));
	}
	if (step->link.ifindex && !step_is_set(step)) {
		put_member(show, "ifindex");
		show_put_number(show, step->link.ifindex);
	}
	show_link_json(show, step);
	show_put(show, "}");
}

static void put_option(struct showing *show, const char *name, unsigned n)
{
	show_put(show, n ? "," : "");
	put_string(show, name);
}

static void put_data_option(struct showing *show, const struct step_option *option, unsigned n)
{
	const struct plan *plan = show->facts->plan;

	show_put(show, n ? ",{\"key\":" : "{\"key\":");
	put_string(show, plan_text(plan, option->key));
	if (option->value) {
		put_member(show, "value");
		put_string(show, plan_text(plan, option->value));
	}
	show_put(show, "}");
}

static void put_data(struct showing *show, const struct step_mount *mount)
{
	const struct step_option *options = &show->facts->plan->options[mount->first_option];

	for (unsigned i = 0; i < mount->n_options; i++)
		put_data_option(show, &options[i], i);
}

static void put_tmpfs_data(struct showing *show)
{
	for (unsigned n = 0; show_tmpfs_data[n]; n++) {
		const char *equals = strchr(show_tmpfs_data[n], '=');

		show_put(show, n ? ",{\"key\":" : "{\"key\":");
		show_put_json(show, show_tmpfs_data[n], (size_t)(equals - show_tmpfs_data[n]));
		put_member(show, "value");
		put_string(show, equals + 1);
		show_put(show, "}");
	}
}

static void put_sources(struct showing *show, const struct step_mount *mount, int bare)
{
	for (unsigned i = 0; i < mount->n_sources; i++) {
		const struct step_source *source =
			&show->facts->plan->sources[mount->first_source + i];

		show_put(show, i ? ",{\"role\":" : "{\"role\":");
		put_string(show, show_source(source->kind));
		put_member(show, "at");
		put_place(show, &source->at, bare);
		show_put(show, "}");
	}
}

static void put_mount(struct showing *show, const struct step *step, int bare)
{
	struct show_mount mount;

	if (!show_mount_of(show, step, &mount))
		return;
	put_member(show, "mount");
	show_put(show, "{\"type\":");
	put_string(show, mount.type ? mount.type : "");
	put_member(show, "source");
	put_string(show, mount.source ? mount.source : "");
	put_member(show, "recursive");
	show_put(show, mount.is_recursive ? "true" : "false");
	put_member(show, "options");
	show_put(show, "[");
	show_options(&mount.flags, put_option, show);
	show_put(show, "]");
	put_member(show, "data");
	show_put(show, "[");
	if (step->kind == STEP_TMPFS)
		put_tmpfs_data(show);
	else if (mount.of)
		put_data(show, mount.of);
	show_put(show, "]");
	put_member(show, "sources");
	show_put(show, "[");
	if (step->kind == STEP_OVERLAY) {
		show_put(show, "{\"role\":\"lower\",\"at\":");
		put_own(show, "lower", &show->facts->lower);
		show_put(show, "}");
	} else if (mount.of) {
		put_sources(show, mount.of, bare);
	}
	show_put(show, "]}");
}

/* Writes the members that say what the step acts on. */
static void put_what(struct showing *show, const struct step *step, int bare)
{
	const struct show_facts *facts = show->facts;

	switch (step_facts(step->kind)->shape) {
	case STEP_SHAPE_LINK:
		put_link(show, step);
		return;
	case STEP_SHAPE_NS:
		put_member(show, "namespace");
		put_string(show, show_ns(step->ns));
		break;
	case STEP_SHAPE_IMPLIED:
		put_mount(show, step, bare);
		put_member(show, "at");
		if (step->kind == STEP_TMPFS)
			put_own(show, "tmp", &facts->tmp);
		else
			put_own(show, "rootfs", &facts->rootfs);
		return;
	case STEP_SHAPE_CGROUP:
		put_member(show, "hierarchies");
		show_put(show, "[");
		for (unsigned i = 0; !bare && i < step->n; i++) {
			show_put(show, i ? "," : "");
			put_directory(show, step->at.base + i);
		}
		show_put(show, "]");
		bare = 1;
		break;
	case STEP_SHAPE_DIR:
		break;
	case STEP_SHAPE_MOUNT:
		put_mount(show, step, bare);
		break;
	}
	put_member(show, "at");
	put_place(show, &step->at, bare);
}

void show_json_start(struct showing *show)
{
	const struct show_facts *facts = show->facts;

	show_put(show, "{\"version\":");
	show_put_number(show, SHOW_VERSION);
	put_member(show, "verb");
	put_string(show, verb_words(facts->plan->verb));
	put_member(show, "bundle");
	show_put(show, "{\"path\":");
	put_string(show, facts->bundle);
	show_put(show, ",");
	put_object(show, facts->bundle_dir.dev, facts->bundle_dir.ino);
	show_put(show, "}");
	put_member(show, "process");
	if (facts->plan->verb == PLAN_ATTACH) {
		show_put(show, "{\"pid\":");
		show_put_number(show, facts->pid);
		put_member(show, "identity");
		show_put(show, "\"");
		show_put_number(show, facts->ident);
		show_put(show, "\",\"here\":\"");
		show_put_number(show, facts->here);
		show_put(show, "\"}");
	} else {
		show_put(show, "null");
	}
	put_member(show, "containerd_namespace");
	if (facts->containerd.off)
		show_put_json(show, plan_text(facts->plan, facts->containerd.off),
			facts->containerd.len);
	else
		show_put(show, "null");
	put_member(show, "already");
	show_put(show, facts->already ? "true" : "false");
	put_member(show, "refused");
	if (facts->refused)
		put_refusal(show, facts->refused);
	else
		show_put(show, "null");
	put_member(show, "steps");
	show_put(show, "[");
}

void show_json_step(struct showing *show, uint32_t i, const struct vst_err *refused)
{
	const struct step *step = &show->facts->plan->steps[i];
	const char *state = "to do", *also = show_also(show, step);

	if (refused)
		state = "refused";
	else if (show->facts->already)
		state = "done";
	else if (step->flags & STEP_DONE)
		state = "there";
	show_put(show, i ? ",\n{\"number\":" : "\n{\"number\":");
	show_put_number(show, i + 1);
	put_member(show, "kind");
	put_string(show, step_facts(step->kind)->name);
	put_member(show, "state");
	put_string(show, state);
	put_what(show, step, show_is_bare(show, step, refused));
	if (refused) {
		put_member(show, "refusal");
		put_refusal(show, refused);
	} else if (!strcmp(state, "to do")) {
		if (also) {
			put_member(show, "also");
			put_string(show, also);
		}
		put_member(show, "undo");
		put_string(show, step_facts(step->kind)->undo);
		put_member(show, "needs");
		put_capabilities(show, step_capabilities(step->kind));
	}
	show_put(show, "}");
}

void show_json_end(struct showing *show)
{
	show_put(show, "]");
	put_member(show, "needs");
	put_capabilities(show, show->needs);
	put_member(show, "uses");
	put_capabilities(show, verb_kept_capabilities(show->facts->plan->verb) & ~show->needs);
	show_put(show, "}\n");
}
