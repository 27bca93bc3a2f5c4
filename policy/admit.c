/* SPDX-License-Identifier: Apache-2.0 */
#include "admit.h"

#include "grant.h"

static const char *surplus_words(enum surplus surplus)
{
	switch (surplus) {
	case SURPLUS_GID:
		return "it is setgid";
	case SURPLUS_UID:
		return "it is setuid";
	case SURPLUS_CAPS:
		return "its file has capabilities";
	case SURPLUS_SECURE:
		return "a security module changed its domain";
	case SURPLUS_NONE:
		break;
	}
	return "";
}

int admit_caller(const struct caller *caller, struct vst_err *err)
{
	if (!caller->has_less)
		return 0;
	if (!caller->in_init_userns || !caller->net_is_init || !caller->mnt_is_init)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"in a %s namespace that a user made vestibule acts with its caller's own rights alone, and this program has more: run one that is neither setuid nor has file capabilities",
			!caller->in_init_userns ? "user"
			: !caller->net_is_init  ? "network"
						: "mount");
	if (caller->is_setuid)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"vestibule has more rights than its caller, uid %u: %s, and it serves users as setuid root and nothing else: install it anew, with 'make install-setuid' or without any such right",
		caller->uid, surplus_words(caller->surplus));
}

/* Whether the path is absolute, on the host, or relative and marked as beneath rootfs. */
static int is_placed(const struct plan *plan, const struct step *step)
{
	int is_absolute = plan_text(plan, step->at.path.off)[0] == '/';

	return is_absolute == !(step->at.flags & PATH_IN_ROOT);
}

static int belongs(const struct plan *plan, const struct step *step)
{
	const struct step_facts *facts = step_facts(step->kind);

	if (!facts || facts->verb != plan->verb)
		return 0;
	switch (facts->shape) {
	case STEP_SHAPE_IMPLIED:
	case STEP_SHAPE_LINK:
		return 1;
	case STEP_SHAPE_DIR:
	case STEP_SHAPE_NS:
	case STEP_SHAPE_MOUNT:
		return is_placed(plan, step);
	case STEP_SHAPE_CGROUP:
		return plan_text(plan, step->at.path.off)[0] != '/';
	}
	return 0;
}

/* What may be asked for with more rights than one's own. Whether a namespace may be bound where
 * it is to be is the policy's to say, and confirm asks for that. Directories and cgroups are
 * made with the caller's own rights. */
static int admit_less(const struct step *step, struct vst_err *err)
{
	const enum step_grant of = step_facts(step->kind)->grant;

	if (of == STEP_GRANT_OWN || (of == STEP_GRANT_NS && step->ns != VST_NS_MNT))
		return 0;
	if (of == STEP_GRANT_VETH)
		vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
			"interfaces of callers with less than the program are not made by this version");
	else if (of == STEP_GRANT_NS)
		vst_fail(err, VST_EXIT_DENIED, 0,
			"a mount namespace is never granted: bound, it would keep file systems in use where nobody finds them");
	else
		vst_fail(err, VST_EXIT_DENIED, 0, "%s", grant_never(of));
	err->op = step->op;
	return -1;
}

int admit(const struct plan *plan, const struct caller *caller, struct vst_err *err)
{
	if (admit_caller(caller, err) < 0)
		return -1;
	for (uint32_t i = 0; i < plan->n_steps; i++) {
		if (!belongs(plan, &plan->steps[i])) {
			vst_fail(err, VST_EXIT_DENIED, 0,
				"step %u does not belong to this verb", i);
			err->op = plan->steps[i].op;
			return -1;
		}
		if (caller->has_less && admit_less(&plan->steps[i], err) < 0)
			return -1;
	}
	return 0;
}
