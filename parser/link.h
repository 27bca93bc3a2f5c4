/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry of interfaces[]. Its members may come in any order, so they are kept until the entry
 * closes; then they are judged together and become one operation. Addresses are read here, and
 * cross to the parent as bytes.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "build.h"
#include "member.h"

/* Where a value stands; line 0: it was not given. */
struct link_at {
	uint32_t line, column;
};

/* Members whose place is kept: enum vst_field from VST_FIELD_BRIDGE to VST_FIELD_KEEP. */
#define LINK_FIELDS (VST_FIELD_KEEP - VST_FIELD_BRIDGE + 1)

struct link {
	uint32_t index; /* in interfaces[] */
	int create_in_root;
	/* Each string has passed its check of name.h. bytes NULL: absent. */
	struct build_text name, add, peer, bridge;
	struct vst_link_set set;
	/* Not cleared for each interface: what is read of it, what is above says. */
	struct link_at at[LINK_FIELDS];
	/* The open route. */
	struct vst_route route;
	struct link_at to, via;
	uint8_t via_family;
	int is_default; /* `to` is "default" */
	struct vst_address addresses[VST_LINK_ADDRESSES_MAX];
	struct vst_address peer_addresses[VST_LINK_ADDRESSES_MAX];
	struct vst_route routes[VST_LINK_ROUTES_MAX];
	unsigned char op[VST_LINK_BYTES_MAX]; /* the operation, built by link_close */
};

/* Begins interfaces[index], and routes[] of the open interface. */
void link_open(struct link *link, uint32_t index);
void link_open_route(struct link *link);

/* Take a value for the open interface or route, by its rule: VST_DOC_OK, or what is wrong with
 * it. */
enum vst_doc_error link_string(
	struct link *link, enum rule rule, const struct build_text *text);
enum vst_doc_error link_number(
	struct link *link, enum rule rule, const struct build_text *text);
void link_boolean(struct link *link, enum rule rule, int truth);

/* Notes where the value of the member `field` stands. */
void link_place(struct link *link, enum vst_field field, uint32_t line, uint32_t column);

/* Judges the open route, which began at `text` and is at `place`, and adds it. 0, or -1 with
 * the finding. */
int link_close_route(struct link *link, const struct build_text *text,
	const struct vst_place *place, struct vst_finding *ret_finding);

/* Judges the interface, which has a name, and sends it. 0, or -1 with the finding. */
int link_close(struct link *link, struct build *build, struct vst_finding *ret_finding);
