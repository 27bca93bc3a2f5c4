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
	if (caller->is_setuid || caller->is_caps)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"vestibule has more rights than its caller, uid %u: %s, and it serves users as 'make install-setuid' and 'make install-caps' leave it, and not otherwise: install it anew by one of them, or without any such right",
		caller->uid, surplus_words(caller->surplus));
}

int admit_records(const struct caller *caller, struct vst_err *err)
{
	if (!caller->is_caps)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"installed by 'make install-caps' vestibule makes users veths, and keeps no record of anything: one ends with its container, or when it is deleted there (ip link del); for all else ask for one that 'make install-setuid' installed");
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

/* What of a veth is the host's, and so not the caller's to say. */
static const char *host_side(const struct plan *plan, const struct step *step)
{
	const struct step_set *set = step->set ? &plan->sets[step->set - 1] : NULL;

	if (step->link.peer)
		return "leave out 'peer': the name of the host's end says whose it is";
	if (!set || !set->bridge)
		return "name a 'bridge': the host's end of a user's veth is a port of one";
	if (set->is.n_peer_addresses)
		return "leave out 'peerAddresses': addresses of the host's end are not granted";
	if (set->is.mtu)
		return "leave out 'mtu': it is the bridge's";
	if (set->is.vlan)
		return "leave out 'vlan': VLANs are not granted";
	if (set->is.flags & VST_SET_MAC)
		return "leave out 'mac': the address is drawn, and pinned to the port";
	return NULL;
}

/* The host's end goes up, and is isolated unless its bridge is shared. What is set inside would
 * be set with rights that the caller has there himself. */
int admit_veth(const struct plan *plan, const struct step *step, struct vst_err *err)
{
	const char *why = host_side(plan, step);

	if (why)
		return vst_fail(err, VST_EXIT_DENIED, 0, "%s", why);
	if (step->kind != STEP_LINK_SET_THERE)
		return 0;
	return vst_fail(err, VST_EXIT_UNSUPPORTED, 0,
		"'up', 'addresses' and 'routes' are set for root alone in this version: leave them out, and set them in the network namespace yourself, which is yours (nsenter --target PID --user --preserve-credentials --net ip ...)");
}

/* What may be asked for with more rights than one's own. Whether a namespace may be bound where
 * it is to be is the policy's to say, and confirm asks for that. Directories and cgroups are
 * made with the caller's own rights. */
static int admit_less(const struct plan *plan, const struct step *step,
	const struct caller *caller, struct vst_err *err)
{
	const enum step_grant of = step_facts(step->kind)->grant;

	if ((of == STEP_GRANT_OWN || of == STEP_GRANT_NS) && admit_records(caller, err) < 0) {
		err->op = step->op;
		return -1;
	}
	if (of == STEP_GRANT_OWN || (of == STEP_GRANT_NS && step->ns != VST_NS_MNT))
		return 0;
	if (of == STEP_GRANT_VETH) {
		if (admit_veth(plan, step, err) == 0)
			return 0;
		vst_wrap(err, "interface '%s'", VST_QUOTE(plan_text(plan, step->link.name)));
	} else if (of == STEP_GRANT_NS)
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
		if (caller->has_less && admit_less(plan, &plan->steps[i], caller, err) < 0)
			return -1;
	}
	return 0;
}
