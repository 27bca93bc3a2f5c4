/* SPDX-License-Identifier: Apache-2.0 */
#include "validate_sentence.h"

#include <stdio.h>

static const char *const validate_members[VST_MEMBER_COUNT] = {
	[VST_MEMBER_MOUNTS] = "mounts",
	[VST_MEMBER_MKDIR] = "mkdir",
	[VST_MEMBER_CGROUPS] = "cgroups",
	[VST_MEMBER_INTERFACES] = "interfaces",
	[VST_MEMBER_BIND_NS] = "bindNS",
	[VST_MEMBER_NAMESPACE] = "namespace",
};

/* The name of each field, and the member that it belongs to. */
static const struct {
	const char *name;
	enum vst_member member;
} validate_fields[VST_FIELD_COUNT] = {
	[VST_FIELD_DESTINATION] = {"destination", VST_MEMBER_MOUNTS},
	[VST_FIELD_TYPE] = {"type", VST_MEMBER_MOUNTS},
	[VST_FIELD_SOURCE] = {"source", VST_MEMBER_MOUNTS},
	[VST_FIELD_OPTIONS] = {"options", VST_MEMBER_MOUNTS},
	[VST_FIELD_UID_MAPPINGS] = {"uidMappings", VST_MEMBER_MOUNTS},
	[VST_FIELD_GID_MAPPINGS] = {"gidMappings", VST_MEMBER_MOUNTS},
	[VST_FIELD_NAME] = {"name", VST_MEMBER_INTERFACES},
	[VST_FIELD_ADD] = {"add", VST_MEMBER_INTERFACES},
	[VST_FIELD_PEER] = {"peer", VST_MEMBER_INTERFACES},
	[VST_FIELD_CREATE_IN_ROOT] = {"createInRoot", VST_MEMBER_INTERFACES},
	[VST_FIELD_BRIDGE] = {"bridge", VST_MEMBER_INTERFACES},
	[VST_FIELD_ISOLATED] = {"isolated", VST_MEMBER_INTERFACES},
	[VST_FIELD_VLAN] = {"vlan", VST_MEMBER_INTERFACES},
	[VST_FIELD_PEER_UP] = {"peerUp", VST_MEMBER_INTERFACES},
	[VST_FIELD_PEER_ADDRESSES] = {"peerAddresses", VST_MEMBER_INTERFACES},
	[VST_FIELD_MTU] = {"mtu", VST_MEMBER_INTERFACES},
	[VST_FIELD_MAC] = {"mac", VST_MEMBER_INTERFACES},
	[VST_FIELD_UP] = {"up", VST_MEMBER_INTERFACES},
	[VST_FIELD_ADDRESSES] = {"addresses", VST_MEMBER_INTERFACES},
	[VST_FIELD_ROUTES] = {"routes", VST_MEMBER_INTERFACES},
	[VST_FIELD_KEEP] = {"keep", VST_MEMBER_INTERFACES},
	[VST_FIELD_TO] = {"to", VST_MEMBER_INTERFACES},
	[VST_FIELD_VIA] = {"via", VST_MEMBER_INTERFACES},
	[VST_FIELD_METRIC] = {"metric", VST_MEMBER_INTERFACES},
	[VST_FIELD_CGROUP] = {"cgroup", VST_MEMBER_BIND_NS},
	[VST_FIELD_IPC] = {"ipc", VST_MEMBER_BIND_NS},
	[VST_FIELD_MNT] = {"mnt", VST_MEMBER_BIND_NS},
	[VST_FIELD_NET] = {"net", VST_MEMBER_BIND_NS},
	[VST_FIELD_PID] = {"pid", VST_MEMBER_BIND_NS},
	[VST_FIELD_USER] = {"user", VST_MEMBER_BIND_NS},
	[VST_FIELD_UTS] = {"uts", VST_MEMBER_BIND_NS},
};

static const char *validate_doc_sentence(uint16_t code)
{
	switch (code) {
#define VST_DOC(name, status, sentence)                                                        \
	case VST_DOC_##name:                                                                   \
		return sentence;
#include "../../ipc/doc_errors.def"
#undef VST_DOC
	default:
		return NULL;
	}
}

/* Whether the field is a list whose elements may be named. */
static int validate_is_list(uint8_t field)
{
	return field == VST_FIELD_OPTIONS || field == VST_FIELD_ADDRESSES ||
	       field == VST_FIELD_PEER_ADDRESSES || field == VST_FIELD_ROUTES ||
	       field == VST_FIELD_KEEP;
}

/* Whether the field is a member of an element of routes[]. */
static int validate_is_of_route(uint8_t field)
{
	return field == VST_FIELD_TO || field == VST_FIELD_VIA || field == VST_FIELD_METRIC;
}

/* Returns 0 if member, field, index and sub of the place fit together, else -1. */
static int validate_place(const struct vst_place *place)
{
	int in_list = place->index != VST_NO_INDEX;

	if (place->member >= VST_MEMBER_COUNT || place->field >= VST_FIELD_COUNT)
		return -1;
	if (place->member == VST_MEMBER_NONE && in_list)
		return -1;
	if (in_list &&
		(place->member == VST_MEMBER_BIND_NS || place->member == VST_MEMBER_NAMESPACE))
		return -1;
	if (place->field != VST_FIELD_NONE &&
		(validate_fields[place->field].member != place->member ||
			in_list != (place->member != VST_MEMBER_BIND_NS)))
		return -1;
	if (place->sub == VST_NO_INDEX)
		return validate_is_of_route(place->field) ? -1 : 0;
	return validate_is_list(place->field) || validate_is_of_route(place->field) ? 0 : -1;
}

/* Whether the sentence of this code ends with the name of the known member at the place. */
static int validate_names_member(uint16_t code)
{
	return code == VST_DOC_LETTER_CASE || code == VST_DOC_UNKNOWN_NEAR;
}

/* Returns the name of the member at the place, or NULL if the place is an element or the
 * document. */
static const char *validate_member_name(const struct vst_place *place)
{
	if (place->sub != VST_NO_INDEX && !validate_is_of_route(place->field))
		return NULL;
	if (place->field != VST_FIELD_NONE)
		return validate_fields[place->field].name;
	return place->index == VST_NO_INDEX ? validate_members[place->member] : NULL;
}

/* Writes the place, as "interfaces[2].name". With `outer`, writes what contains that member:
 * "interfaces[2]", or "interfaces[2].routes[0]". */
static void validate_put_place(const struct vst_place *place, int outer, char ret[112])
{
	const char *member = place->member ? validate_members[place->member] : "the document";
	const int of_route = validate_is_of_route(place->field);
	char index[16] = "", sub[24] = "", field[32] = "";

	if (outer && place->field == VST_FIELD_NONE)
		member = "the document";
	if (place->index != VST_NO_INDEX)
		snprintf(index, sizeof index, "[%u]", (unsigned)place->index);
	if (place->field != VST_FIELD_NONE && !outer)
		snprintf(field, sizeof field, ".%s", validate_fields[place->field].name);
	if (place->sub != VST_NO_INDEX)
		snprintf(sub, sizeof sub, "%s[%u]", of_route ? ".routes" : "",
			(unsigned)place->sub);
	snprintf(ret, 112, "%s%s%s%s", member, index, of_route ? sub : field,
		of_route ? field : sub);
}

int validate_sentence(const struct vst_finding *finding, char *ret, size_t size)
{
	const char *sentence = validate_doc_sentence(finding->code), *name = NULL;
	const int names = validate_names_member(finding->code);
	char place[112];

	if (!sentence || finding->line == 0 || finding->column == 0 ||
		validate_place(&finding->place) < 0)
		return -1;
	if (names)
		name = validate_member_name(&finding->place);
	if (names && !name)
		return -1;
	validate_put_place(&finding->place, names, place);
	snprintf(ret, size, "runtime.json:%u:%u: %s%s %s%s%s%s", (unsigned)finding->line,
		(unsigned)finding->column,
		names || finding->code == VST_DOC_UNKNOWN ? "a member of " : "", place,
		sentence, name ? " '" : "", name ? name : "", name ? "'" : "");
	return 0;
}

enum vst_exit validate_sentence_exit(uint16_t code)
{
	switch (code) {
#define VST_DOC(name, status, sentence)                                                        \
	case VST_DOC_##name:                                                                   \
		return VST_EXIT_##status;
#include "../../ipc/doc_errors.def"
#undef VST_DOC
	default:
		return VST_EXIT_INVALID;
	}
}
