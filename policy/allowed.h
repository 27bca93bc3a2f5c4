/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan that was judged twice: admit judged what is asked for, confirm the objects that
 * resolve pinned. Only policy/confirm.c makes one; the executors take nothing else.
 */
#pragma once

#include <stdint.h>

#include "../ipc/op.h"
#include "step.h"

struct plan_allowed {
	const char *bytes;
	uint32_t n_steps;
	const struct step *steps;
	const struct step_mount *mounts;
	const struct step_source *sources;
	const struct step_option *options;
	const struct step_set *sets;
	const struct vst_address *addresses;
	const struct vst_route *routes;
	const struct pin *pins; /* pin 0 is the bundle's directory */
	uint32_t n_pins;
	struct ns_fact ns[VST_NS_COUNT];
	int in_init_userns; /* 0: overlays need userxattr, and mounts may be locked */
	uint32_t caller_uid;
	int caller_has_less;
	/* Of each step, the directory that the policy lets a namespace be bound beneath; NULL:
	 * the caller is not judged by it. */
	const struct grant_dir *granted;
	/* Of each step, the veth that the policy lets the caller have; NULL likewise. */
	const struct grant_port *ports;
};

static inline const char *allowed_text(const struct plan_allowed *allowed, uint32_t off)
{
	return allowed->bytes + off;
}
