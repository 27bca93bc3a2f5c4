/* SPDX-License-Identifier: Apache-2.0 */
#include "member.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "../ipc/op.h"

/* clang-format off */
static const struct member root_members[] = {
	{"mounts",     VST_MEMBER_MOUNTS,     WANT_LIST,   RULE_NONE, FRAME_MOUNTS},
	{"mkdir",      VST_MEMBER_MKDIR,      WANT_LIST,   RULE_NONE, FRAME_MKDIR},
	{"cgroups",    VST_MEMBER_CGROUPS,    WANT_LIST,   RULE_NONE, FRAME_CGROUPS},
	{"interfaces", VST_MEMBER_INTERFACES, WANT_LIST,   RULE_NONE, FRAME_INTERFACES},
	{"bindNS",     VST_MEMBER_BIND_NS,    WANT_OBJECT, RULE_NONE, FRAME_BIND_NS},
	{"namespace",  VST_MEMBER_NAMESPACE,  WANT_STRING, RULE_NAMESPACE, 0},
};
static const struct member mount_members[] = {
	{"destination", VST_FIELD_DESTINATION,  WANT_STRING, RULE_DESTINATION, 0},
	{"type",        VST_FIELD_TYPE,         WANT_STRING, RULE_TYPE, 0},
	{"source",      VST_FIELD_SOURCE,       WANT_STRING, RULE_SOURCE, 0},
	{"options",     VST_FIELD_OPTIONS,      WANT_LIST,   RULE_NONE, FRAME_OPTIONS},
	{"uidMappings", VST_FIELD_UID_MAPPINGS, WANT_LIST,   RULE_NONE, FRAME_MAPPINGS},
	{"gidMappings", VST_FIELD_GID_MAPPINGS, WANT_LIST,   RULE_NONE, FRAME_MAPPINGS},
};
static const struct member interface_members[] = {
	{"name",         VST_FIELD_NAME,           WANT_STRING,  RULE_NAME, 0},
	{"add",          VST_FIELD_ADD,            WANT_STRING,  RULE_ADD, 0},
	{"peer",         VST_FIELD_PEER,           WANT_STRING,  RULE_PEER, 0},
	{"createInRoot", VST_FIELD_CREATE_IN_ROOT, WANT_BOOLEAN, RULE_CREATE_IN_ROOT, 0},
	{"bridge",       VST_FIELD_BRIDGE,         WANT_STRING,  RULE_BRIDGE, 0},
	{"isolated",     VST_FIELD_ISOLATED,       WANT_BOOLEAN, RULE_ISOLATED, 0},
	{"vlan",         VST_FIELD_VLAN,           WANT_NUMBER,  RULE_VLAN, 0},
	{"peerUp",       VST_FIELD_PEER_UP,        WANT_BOOLEAN, RULE_PEER_UP, 0},
	{"peerAddresses", VST_FIELD_PEER_ADDRESSES, WANT_LIST,   RULE_NONE, FRAME_PEER_ADDRESSES},
	{"mtu",          VST_FIELD_MTU,            WANT_NUMBER,  RULE_MTU, 0},
	{"mac",          VST_FIELD_MAC,            WANT_STRING,  RULE_MAC, 0},
	{"up",           VST_FIELD_UP,             WANT_BOOLEAN, RULE_UP, 0},
	{"addresses",    VST_FIELD_ADDRESSES,      WANT_LIST,    RULE_NONE, FRAME_ADDRESSES},
	{"routes",       VST_FIELD_ROUTES,         WANT_LIST,    RULE_NONE, FRAME_ROUTES},
	{"keep",         VST_FIELD_KEEP,           WANT_LIST,    RULE_NONE, FRAME_KEEP},
};
static const struct member route_members[] = {
	{"to",     VST_FIELD_TO,     WANT_STRING, RULE_TO, 0},
	{"via",    VST_FIELD_VIA,    WANT_STRING, RULE_VIA, 0},
	{"metric", VST_FIELD_METRIC, WANT_NUMBER, RULE_METRIC, 0},
};
static const struct member bind_members[] = {
	{"cgroup", VST_FIELD_CGROUP, WANT_STRING, RULE_BIND, 0},
	{"ipc",    VST_FIELD_IPC,    WANT_STRING, RULE_BIND, 0},
	{"mnt",    VST_FIELD_MNT,    WANT_STRING, RULE_BIND, 0},
	{"net",    VST_FIELD_NET,    WANT_STRING, RULE_BIND, 0},
	{"pid",    VST_FIELD_PID,    WANT_STRING, RULE_BIND, 0},
	{"user",   VST_FIELD_USER,   WANT_STRING, RULE_BIND, 0},
	{"uts",    VST_FIELD_UTS,    WANT_STRING, RULE_BIND, 0},
};

const struct member member_document = {NULL, 0, WANT_OBJECT, RULE_NONE, FRAME_ROOT};
const struct member member_ignored = {NULL, 0, WANT_ANY, RULE_NONE, 0};
static const struct member mount_element = {NULL, 0, WANT_OBJECT, RULE_NONE, FRAME_MOUNT};
static const struct member option_element = {NULL, 0, WANT_STRING, RULE_OPTION, 0};
static const struct member mapping_element = {NULL, 0, WANT_OBJECT, RULE_NONE, FRAME_SKIPPED_OBJECT};
static const struct member mkdir_element = {NULL, 0, WANT_STRING, RULE_MKDIR, 0};
static const struct member cgroup_element = {NULL, 0, WANT_STRING, RULE_CGROUP, 0};
static const struct member interface_element = {NULL, 0, WANT_OBJECT, RULE_NONE, FRAME_INTERFACE};
static const struct member address_element = {NULL, 0, WANT_STRING, RULE_ADDRESS, 0};
static const struct member peer_address_element = {NULL, 0, WANT_STRING, RULE_PEER_ADDRESS, 0};
static const struct member keep_element = {NULL, 0, WANT_STRING, RULE_KEEP, 0};
static const struct member route_element = {NULL, 0, WANT_OBJECT, RULE_NONE, FRAME_ROUTE};

#define MEMBERS(table) .members = table, .n_members = sizeof table / sizeof *table
const struct frame_type frame_types[] = {
	[FRAME_SKIPPED_OBJECT] = {0},
	[FRAME_SKIPPED_LIST]   = {.element = &member_ignored},
	[FRAME_ROOT]           = {MEMBERS(root_members)},
	[FRAME_MOUNTS]         = {.element = &mount_element},
	[FRAME_MOUNT]          = {MEMBERS(mount_members)},
	[FRAME_OPTIONS]        = {.element = &option_element},
	[FRAME_MAPPINGS]       = {.element = &mapping_element, .is_unbuilt = 1},
	[FRAME_MKDIR]          = {.element = &mkdir_element},
	[FRAME_CGROUPS]        = {.element = &cgroup_element},
	[FRAME_INTERFACES]     = {.element = &interface_element},
	[FRAME_INTERFACE]      = {MEMBERS(interface_members)},
	[FRAME_ADDRESSES]      = {.element = &address_element},
	[FRAME_PEER_ADDRESSES] = {.element = &peer_address_element},
	[FRAME_KEEP]           = {.element = &keep_element},
	[FRAME_ROUTES]         = {.element = &route_element},
	[FRAME_ROUTE]          = {MEMBERS(route_members)},
	[FRAME_BIND_NS]        = {MEMBERS(bind_members)},
};
/* clang-format on */

/* Whether the name equals `known`, which has only letters, under Unicode's simple case folding.
 * Go's JSON decoder compares names like this: U+212A (Kelvin sign) folds to k, and U+017F (long
 * s) to s. */
static int equals_folded(const char *name, uint32_t len, const char *known)
{
	uint32_t i = 0;

	for (; *known; known++) {
		char low = *known | 0x20;

		if (i < len && (name[i] | 0x20) == low)
			i++;
		else if (low == 'k' && len - i >= 3 && memcmp(name + i, "\xe2\x84\xaa", 3) == 0)
			i += 3;
		else if (low == 's' && len - i >= 2 && memcmp(name + i, "\xc5\xbf", 2) == 0)
			i += 2;
		else
			return 0;
	}
	return i == len;
}

const struct member *member_like(const struct frame_type *type, const char *key, uint32_t len)
{
	for (unsigned i = 0; i < type->n_members; i++)
		if (equals_folded(key, len, type->members[i].name))
			return &type->members[i];
	return NULL;
}

/* The longest name in the tables; member_near asserts it. */
#define NAME_MAX_LEN 15

/* The edit distance (Levenshtein), ignoring letter case. */
static unsigned distance(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
	unsigned row[NAME_MAX_LEN + 1];

	for (uint32_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (uint32_t i = 1; i <= a_len; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (uint32_t j = 1; j <= b_len; j++) {
			int differs = (a[i - 1] | 0x20) != (b[j - 1] | 0x20);
			unsigned best = diagonal + (differs ? 1 : 0);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[b_len];
}

const struct member *member_near(const struct frame_type *type, const char *key, uint32_t len)
{
	const struct member *nearest = NULL;
	unsigned least = 3;

	for (unsigned i = 0; i < type->n_members; i++) {
		uint32_t known = (uint32_t)strlen(type->members[i].name);
		unsigned away;

		assert(known <= NAME_MAX_LEN);
		if (known < 3 || len > known + 2 || known > len + 2)
			continue;
		away = distance(key, len, type->members[i].name, known);
		if (away < least && (away == 1 || known > 5)) {
			nearest = &type->members[i];
			least = away;
		}
	}
	return nearest;
}
