/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <string.h>

#include "../ipc/wire_get.h"

static struct text text_of(const struct request *request, const struct wire_string *string)
{
	return (struct text){(uint32_t)((const unsigned char *)string->s - request->bytes),
		(uint32_t)string->len};
}

int request_next(const struct request *request, size_t *cursor, struct request_op *ret_op)
{
	/* Offset 0 means "no string", so operations begin at 1. */
	struct wire_in in = {request->bytes, request->len, *cursor ? *cursor : 1};
	struct wire_op op;

	if (in.at >= in.len)
		return 0;
	/* validate accepted this operation, so failing here is a bug: end before a plan with
	 * steps missing exists. */
	if (wire_get_op(&in, &op))
		__builtin_trap();
	*ret_op = (struct request_op){
		.kind = op.kind,
		.arg = op.arg,
		.flags = op.flags,
		.n_items = op.n_items,
		.items = (uint32_t)op.items.at,
	};
	for (unsigned i = 0; i < op.n_strings; i++)
		ret_op->str[i] = text_of(request, &op.str[i]);
	*cursor = in.at;
	return 1;
}

static uint64_t hash_bytes(uint64_t hash, const unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		hash = (hash ^ bytes[i]) * 1099511628211u; /* FNV-1a */
	return hash;
}

static struct step *add_step(struct plan *plan, enum step_kind kind, uint32_t op)
{
	struct step *step = &plan->steps[plan->n_steps++];

	memset(step, 0, sizeof *step);
	step->kind = (uint8_t)kind;
	step->op = op;
	return step;
}

static struct step_path path_of(const char *bytes, struct text text)
{
	return (struct step_path){
		.path = text,
		.base = STEP_NO_BASE,
		.flags = bytes[text.off] == '/' ? 0 : PATH_IN_ROOT,
	};
}

static void add_path(
	struct plan *plan, enum step_kind kind, uint32_t op, const struct request_op *from)
{
	struct step *step = add_step(plan, kind, op);

	step->ns = from->arg;
	step->at = path_of(plan->bytes, from->str[0]);
	if (kind == STEP_CGROUP)
		step->at.flags = 0; /* relative to the hierarchies, not to rootfs */
}

static void add_source(
	struct plan *plan, struct step_mount *mount, uint8_t kind, struct text path)
{
	plan->sources[plan->n_sources++] =
		(struct step_source){.kind = kind, .at = path_of(plan->bytes, path)};
	mount->n_sources++;
}

/* Adds the mount's items: data to the plan's options, layers to its sources. */
static void add_items(struct plan *plan, struct step_mount *mount,
	const struct request *request, const struct request_op *from)
{
	struct wire_in in = {request->bytes, request->len, from->items};

	for (unsigned i = 0; i < from->n_items; i++) {
		struct wire_item item;
		struct text key, value;

		if (wire_get_item(&in, &item) < 0)
			__builtin_trap();
		key = text_of(request, &item.key);
		value = text_of(request, &item.value);
		if (item.kind == VST_ITEM_FLAG || item.kind == VST_ITEM_STRING) {
			plan->options[plan->n_options++] = (struct step_option){
				key.off, item.kind == VST_ITEM_STRING ? value.off : 0};
			mount->n_options++;
		} else {
			add_source(plan, mount, item.kind, value);
		}
	}
}

/* Overlays have a kind of their own, because only they have layers. */
static enum step_kind mount_kind(const struct plan *plan, const struct request_op *from)
{
	switch ((enum vst_mount_action)(from->arg & ~VST_MOUNT_RECURSIVE)) {
	case VST_MOUNT_NEW:
		return strcmp(plan_text(plan, from->str[1].off), "overlay") == 0
			       ? STEP_MOUNT_OVERLAY
			       : STEP_MOUNT_NEW;
	case VST_MOUNT_BIND:
		return STEP_MOUNT_BIND;
	case VST_MOUNT_REMOUNT:
	case VST_MOUNT_PROPAGATION:
		break;
	}
	return STEP_MOUNT_CHANGE;
}

static void add_mount(struct plan *plan, uint32_t op, const struct request *request,
	const struct request_op *from)
{
	const struct text *type = &from->str[1], *source = &from->str[2];
	enum step_kind kind = mount_kind(plan, from);
	struct step *step = add_step(plan, kind, op);
	struct step_mount *mount = &plan->mounts[plan->n_mounts];

	step->mount = (uint16_t)plan->n_mounts++;
	step->at = path_of(plan->bytes, from->str[0]);
	*mount = (struct step_mount){
		.flags = from->flags,
		.is_recursive = (from->arg & VST_MOUNT_RECURSIVE) != 0,
		.first_option = (uint16_t)plan->n_options,
		.first_source = (uint16_t)plan->n_sources,
		.type = type->len ? type->off : 0,
	};
	if (kind == STEP_MOUNT_BIND)
		add_source(plan, mount, 0, *source);
	else
		mount->source = source->len ? source->off : 0;
	add_items(plan, mount, request, from);
}

/* The kind by the table of `attach` in vestibule-runtime.json(5). */
static enum step_kind link_kind(const struct plan *plan, const struct request_op *from)
{
	const struct text *add = &from->str[1], *peer = &from->str[2];

	if (peer->len || strcmp(plan_text(plan, add->off), "veth") == 0)
		return STEP_VETH;
	if (!add->len)
		return STEP_LINK_MOVE;
	return from->arg & VST_LINK_CREATE_IN_ROOT ? STEP_LINK_HERE : STEP_LINK_THERE;
}

/* Adds the interface's settings to the plan. Returns their number. */
static uint16_t add_set(
	struct plan *plan, const struct request *request, const struct request_op *from)
{
	struct wire_in in = {request->bytes, request->len, from->items};
	struct step_set *set = &plan->sets[plan->n_sets++];
	struct wire_set sent;

	if (wire_get_set(&in, &sent) < 0)
		__builtin_trap();
	*set = (struct step_set){
		.is = sent.is,
		.first_address = (uint16_t)plan->n_addresses,
		.first_route = (uint16_t)plan->n_routes,
		.bridge = sent.bridge.len ? text_of(request, &sent.bridge).off : 0,
	};
	for (unsigned i = 0; i < (unsigned)set->is.n_addresses + set->is.n_peer_addresses; i++)
		if (wire_get_address(&in, &plan->addresses[plan->n_addresses++]) < 0)
			__builtin_trap();
	for (unsigned i = 0; i < set->is.n_routes; i++)
		if (wire_get_route(&in, &plan->routes[plan->n_routes++]) < 0)
			__builtin_trap();
	return (uint16_t)plan->n_sets;
}

/* Whether anything of the end that is here is set. The MTU is that of both ends. */
static int sets_here(const struct step_set *set, enum step_kind kind)
{
	return set->bridge || set->is.n_peer_addresses || set->is.flags & VST_SET_PEER_UP ||
	       (set->is.mtu && kind == STEP_VETH);
}

static int sets_there(const struct step_set *set)
{
	return set->is.mtu || set->is.n_addresses || set->is.n_routes ||
	       set->is.flags & (VST_SET_UP | VST_SET_MAC | VST_SET_KEEP);
}

static void add_link(struct plan *plan, uint32_t op, const struct request *request,
	const struct request_op *from)
{
	const enum step_kind kind = link_kind(plan, from);
	const struct text *add = &from->str[1], *peer = &from->str[2];
	const struct step_link link = {
		.name = from->str[0].off,
		.peer = peer->len ? peer->off : 0,
		.kind = add->len ? add->off : 0,
	};
	struct step *step = add_step(plan, kind, op);
	const struct step_set *set;

	step->link = link;
	if (!(from->arg & VST_LINK_SET))
		return;
	step->set = add_set(plan, request, from);
	set = &plan->sets[step->set - 1];
	if (sets_here(set, kind)) {
		step = add_step(plan, STEP_LINK_SET_HERE, op);
		step->link = link;
		step->set = (uint16_t)plan->n_sets;
	}
	if (sets_there(set)) {
		step = add_step(plan, STEP_LINK_SET_THERE, op);
		step->link = link;
		step->set = (uint16_t)plan->n_sets;
	}
}

/* Adds the implied root file system, for a document with no entry that mounts on rootfs. */
static void add_root(struct plan *plan)
{
	if (plan->layout.has_lower) {
		add_step(plan, STEP_TMPFS, VST_NO_OP);
		add_step(plan, STEP_OVERLAY, VST_NO_OP);
		return;
	}
	/* Runtimes need rootfs to be a mount point. One that is there already will do. */
	if (plan->layout.rootfs_is_mount)
		add_step(plan, STEP_BIND_ROOTFS, VST_NO_OP)->flags = STEP_DONE;
	else
		add_step(plan, STEP_BIND_ROOTFS, VST_NO_OP);
}

static void add_op(struct plan *plan, uint32_t i, const struct request *request,
	const struct request_op *op)
{
	switch ((enum vst_op_kind)op->kind) {
	case VST_OP_MKDIR:
		add_path(plan, STEP_MKDIR, i, op);
		break;
	case VST_OP_LINK:
		add_link(plan, i, request, op);
		break;
	case VST_OP_BIND_NS:
		add_path(plan, STEP_BIND_NS, i, op);
		break;
	case VST_OP_MOUNT:
		add_mount(plan, i, request, op);
		break;
	case VST_OP_CGROUP:
		add_path(plan, STEP_CGROUP, i, op);
		break;
	case VST_OP_NAMESPACE:
		break;
	}
}

/* Adds the steps of all operations of a kind. If *wants_root, adds the implied root file system
 * before the first mount beneath rootfs and clears *wants_root. */
static void add_ops(struct plan *plan, const struct request *request, enum vst_op_kind kind,
	int *wants_root)
{
	struct request_op op;
	size_t cursor = 0, before = 1;

	for (uint32_t i = 0; request_next(request, &cursor, &op); before = cursor, i++) {
		if (op.kind != kind)
			continue;
		plan->hash = hash_bytes(plan->hash, request->bytes + before, cursor - before);
		if (wants_root && *wants_root && request->bytes[op.str[0].off] != '/') {
			add_root(plan);
			*wants_root = 0;
		}
		add_op(plan, i, request, &op);
	}
}

static void build_prepare(struct plan *plan, const struct request *request)
{
	const unsigned char layout[] = {
		plan->layout.has_lower != 0, plan->layout.root_is_asked != 0};
	int wants_root = !plan->layout.root_is_asked;

	plan->hash = hash_bytes(plan->hash, layout, sizeof layout);
	add_ops(plan, request, VST_OP_MOUNT, &wants_root);
	if (wants_root)
		add_root(plan);
	add_ops(plan, request, VST_OP_MKDIR, NULL);
	add_ops(plan, request, VST_OP_CGROUP, NULL);
}

void plan_build(enum plan_verb verb, const struct request *request,
	const struct bundle_layout *layout, struct plan *plan)
{
	plan->verb = verb;
	plan->bytes = (const char *)request->bytes;
	plan->n_steps = plan->n_mounts = plan->n_sources = plan->n_options = 0;
	plan->n_sets = plan->n_addresses = plan->n_routes = 0;
	plan->layout = *layout;
	plan->hash = 14695981039346656037u;
	if (verb == PLAN_PREPARE) {
		build_prepare(plan, request);
		return;
	}
	add_ops(plan, request, VST_OP_LINK, NULL);
	add_ops(plan, request, VST_OP_BIND_NS, NULL);
}
