#include "plan.h"

#include <linux/capability.h>
#include <string.h>

int request_next(const struct request *request, size_t *cursor, struct request_op *ret_op)
{
	size_t at = *cursor ? *cursor : 1; /* byte 0 stands for "no string" */
	unsigned n_strings;

	if (at >= request->len)
		return 0;
	ret_op->kind = request->bytes[at];
	ret_op->arg = request->bytes[at + 1];
	at += 2;
	n_strings = ret_op->kind == VST_OP_LINK ? 3 : 1;
	for (unsigned i = 0; i < n_strings; i++) {
		uint32_t len = (uint32_t)(request->bytes[at] | request->bytes[at + 1] << 8);

		ret_op->str[i].off = (uint32_t)at + 2;
		ret_op->str[i].len = len;
		at += 2 + len + 1;
	}
	*cursor = at;
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

static void add_path(
	struct plan *plan, enum step_kind kind, uint32_t op, const struct request_op *from)
{
	struct step *step = add_step(plan, kind, op);

	step->ns = from->arg;
	step->at.path = from->str[0];
	step->at.base = STEP_NO_BASE;
}

/* The table of `attach` in vestibule-runtime.json(5). */
static void add_link(struct plan *plan, uint32_t op, const struct request_op *from)
{
	const struct text *name = &from->str[0], *add = &from->str[1], *peer = &from->str[2];
	enum step_kind kind = STEP_LINK_THERE;
	struct step *step;

	if (peer->len)
		kind = STEP_VETH;
	else if (!add->len)
		kind = STEP_LINK_MOVE;
	else if (from->arg & VST_LINK_CREATE_IN_ROOT)
		kind = STEP_LINK_HERE;
	step = add_step(plan, kind, op);
	step->link.name = name->off;
	step->link.peer = peer->len ? peer->off : 0;
	step->link.kind = add->len ? add->off : 0;
}

/* The root file system that no entry of the document makes. */
static void add_root(struct plan *plan)
{
	if (plan->layout.has_lower) {
		add_step(plan, STEP_TMPFS, VST_NO_OP);
		add_step(plan, STEP_OVERLAY, VST_NO_OP);
		return;
	}
	/* Runtimes want a mount point there, whosever it is. */
	if (plan->layout.rootfs_is_mount)
		add_step(plan, STEP_BIND_ROOTFS, VST_NO_OP)->flags = STEP_DONE;
	else
		add_step(plan, STEP_BIND_ROOTFS, VST_NO_OP);
}

static int wants(enum plan_verb verb, uint8_t op_kind)
{
	return verb == PLAN_PREPARE ? op_kind == VST_OP_MKDIR : op_kind != VST_OP_MKDIR;
}

void plan_build(enum plan_verb verb, const struct request *request,
	const struct bundle_layout *layout, struct plan *plan)
{
	struct request_op op;
	size_t cursor = 0, before = 1;

	plan->verb = verb;
	plan->bytes = (const char *)request->bytes;
	plan->n_steps = 0;
	plan->layout = *layout;
	plan->hash = 14695981039346656037u;
	if (verb == PLAN_PREPARE) {
		unsigned char overlay = (unsigned char)layout->has_lower;

		plan->hash = hash_bytes(plan->hash, &overlay, 1);
		add_root(plan);
	}
	for (uint32_t i = 0; request_next(request, &cursor, &op); i++) {
		if (wants(verb, op.kind)) {
			plan->hash = hash_bytes(
				plan->hash, request->bytes + before, cursor - before);
			if (op.kind == VST_OP_MKDIR)
				add_path(plan, STEP_MKDIR, i, &op);
			else if (op.kind == VST_OP_LINK)
				add_link(plan, i, &op);
			else
				add_path(plan, STEP_BIND_NS, i, &op);
		}
		before = cursor;
	}
}

enum { REQUIRED, KEPT, REPAIR, SETS };

static void verb_lines(enum plan_verb verb, uint64_t sets[SETS])
{
#define VERB_CAP(v, when, cap)                                                                 \
	if (verb == PLAN_##v)                                                                  \
		sets[when] |= 1ULL << CAP_##cap;
#define STEP_CAP(s, when, cap)
#include "capabilities.def"
#undef VERB_CAP
#undef STEP_CAP
}

static void step_lines(enum step_kind kind, uint64_t sets[SETS])
{
#define VERB_CAP(v, when, cap)
#define STEP_CAP(s, when, cap)                                                                 \
	if (kind == STEP_##s)                                                                  \
		sets[when] |= 1ULL << CAP_##cap;
#include "capabilities.def"
#undef VERB_CAP
#undef STEP_CAP
}

void plan_capabilities(const struct plan *plan, uint64_t *ret_required, uint64_t *ret_kept)
{
	uint64_t sets[SETS] = {0};

	verb_lines(plan->verb, sets);
	/* The parser has been started by now. */
	sets[KEPT] &= ~(1ULL << CAP_SETUID | 1ULL << CAP_SETGID);
	for (uint32_t i = 0; i < plan->n_steps; i++)
		if (!(plan->steps[i].flags & STEP_DONE))
			step_lines(plan->steps[i].kind, sets);
	*ret_required = sets[REQUIRED];
	*ret_kept = sets[REQUIRED] | sets[KEPT];
}

uint64_t verb_capabilities(enum plan_verb verb)
{
	static const enum step_kind prepare[] = {
		STEP_BIND_ROOTFS, STEP_TMPFS, STEP_OVERLAY, STEP_MKDIR};
	static const enum step_kind attach[] = {
		STEP_VETH, STEP_LINK_THERE, STEP_LINK_HERE, STEP_LINK_MOVE, STEP_BIND_NS};
	uint64_t sets[SETS] = {0};

	verb_lines(verb, sets);
	if (verb == PLAN_PREPARE)
		for (size_t i = 0; i < sizeof prepare / sizeof prepare[0]; i++)
			step_lines(prepare[i], sets);
	if (verb == PLAN_ATTACH)
		for (size_t i = 0; i < sizeof attach / sizeof attach[0]; i++)
			step_lines(attach[i], sets);
	return sets[REQUIRED] | sets[KEPT] | sets[REPAIR];
}

uint64_t repair_capabilities(enum plan_verb verb)
{
	uint64_t sets[SETS] = {0};

	verb_lines(verb, sets);
	return sets[REPAIR];
}
