/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile parser may send: bytes -> messages -> validate. Each message is a u16 length,
 * low byte first, and that many bytes (fewer at the end of the input). */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "policy/admit.h"
#include "privileged/seam/validate.h"
#include "tests/unit/request_ok.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct step steps[PLAN_STEPS_MAX];

/* What a link is given lies within the plan's lists, and follows the link. Returns whether the
 * step is one that the document does not name. */
static int check_link(const struct plan *plan, uint32_t i)
{
	const struct step *step = &plan->steps[i], *of = step;
	const struct step_set *set;

	if (!step_has_shape(step, STEP_SHAPE_LINK) || !step->set)
		return 0;
	assert(step->set <= plan->n_sets);
	set = &plan->sets[step->set - 1];
	assert((uint32_t)set->first_address + set->is.n_addresses + set->is.n_peer_addresses <=
		plan->n_addresses);
	assert((uint32_t)set->first_route + set->is.n_routes <= plan->n_routes);
	while (step_is_set(of))
		of--;
	assert(of >= plan->steps && of->op == step->op && of->set == step->set);
	return step_is_set(step);
}

/* A step's paths are where they say; sources are the host's. */
static void check_step(const struct plan *plan, const struct step *step)
{
	const struct step_mount *mount = &plan->mounts[step->mount];

	if (step->kind < STEP_MOUNT_NEW || step->kind > STEP_MOUNT_CHANGE)
		return;
	assert(step->mount < plan->n_mounts);
	assert(mount->first_source + mount->n_sources <= plan->n_sources);
	assert((mount->n_sources > 0) ==
		(step->kind == STEP_MOUNT_BIND || step->kind == STEP_MOUNT_OVERLAY));
	assert(mount->n_options <= VST_MOUNT_DATA_MAX);
	assert(mount->first_option + mount->n_options <= plan->n_options);
	for (unsigned i = 0; i < mount->n_options; i++)
		assert(plan_text(plan, plan->options[mount->first_option + i].key)[0]);
	for (unsigned i = 0; i < mount->n_sources; i++) {
		const struct step_source *source = &plan->sources[mount->first_source + i];

		assert((source->kind != 0) == (step->kind == STEP_MOUNT_OVERLAY));
		assert(plan_text(plan, source->at.path.off)[0] == '/');
	}
}

/* Whatever was accepted can be walked, holds only what its readers rely on, and makes plans
 * that fit where they are kept. */
static void check_request(const struct request *request, int root_is_asked)
{
	const struct caller root = {.uid = 0, .in_init_userns = 1};
	const struct bundle_layout layout = {.has_lower = 1, .root_is_asked = root_is_asked};
	struct plan plan = {.steps = steps,
		.mounts = malloc(VST_MOUNTS_MAX * sizeof *plan.mounts),
		.sources = malloc(VST_MOUNT_SOURCES_MAX * sizeof *plan.sources),
		.options = malloc(VST_MOUNT_OPTIONS_MAX * sizeof *plan.options),
		.sets = malloc(VST_LINK_SETS_MAX * sizeof *plan.sets),
		.addresses = malloc(VST_ADDRESSES_MAX * sizeof *plan.addresses),
		.routes = malloc(VST_ROUTES_MAX * sizeof *plan.routes)};
	struct vst_err err;
	uint32_t n_steps, n_more = 0;

	assert(!request_wrong(request));
	plan_build(PLAN_PREPARE, request, &layout, &plan);
	assert(admit(&plan, &root, &err) == 0);
	for (uint32_t i = 0; i < plan.n_steps; i++)
		check_step(&plan, &steps[i]);
	n_steps = plan.n_steps + (request->containerd.off != 0);
	plan_build(PLAN_ATTACH, request, &layout, &plan);
	assert(admit(&plan, &root, &err) == 0);
	for (uint32_t i = 0; i < plan.n_steps; i++)
		n_more += check_link(&plan, i) ? 1 : 0;
	assert(n_steps + plan.n_steps == request->n_ops + n_more + (root_is_asked ? 0 : 2));
	free(plan.mounts);
	free(plan.sources);
	free(plan.options);
	free(plan.sets);
	free(plan.addresses);
	free(plan.routes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Exactly as much as is used, so that a sanitizer sees the first byte too many. */
	struct wire_msg msg = {.bytes = malloc(2 * size + 4)};
	struct request request;
	struct findings findings;
	struct vst_err err = {.exit = VST_EXIT_OK};
	char text[512];

	for (size_t at = 0; at + 2 <= size && msg.n_messages < VST_MSGS_MAX;) {
		uint32_t len = (uint32_t)(data[at] | data[at + 1] << 8);

		at += 2;
		if (len > size - at)
			len = (uint32_t)(size - at);
		if (len == 0)
			break;
		memcpy(msg.bytes + msg.len, &len, sizeof len);
		memcpy(msg.bytes + msg.len + sizeof len, data + at, len);
		msg.len += sizeof len + len;
		msg.n_messages++;
		at += len;
	}
	msg.bytes = realloc(msg.bytes, msg.len ? msg.len : 1);
	if (validate(&msg, &request, &findings, &err) == 0) {
		check_request(&request, size & 1);
		for (unsigned i = 0; i < findings.n_warnings; i++)
			assert(validate_sentence(&findings.warnings[i], text, sizeof text) ==
				0);
	} else {
		assert(err.exit == VST_EXIT_INVALID || err.exit == VST_EXIT_UNSUPPORTED);
		for (const char *c = err.text; *c; c++)
			assert(*c >= 0x20 && *c < 0x7f);
	}
	free(msg.bytes);
	return 0;
}
