/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Netlink messages and their attributes, by libmnl, which only nl_attr.c includes: put into
 * requests, found in answers. Around it are the checks that libmnl leaves to its caller: that a
 * length does not wrap, that a request is sent whole or not at all, that what was found lies
 * within what was received. Integers are in host byte order, as the kernel's are. Every message
 * and attribute begins at a multiple of NLMSG_ALIGNTO.
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* A request being built. If something does not fit, nlmsg_len becomes 0 and stays so, and
 * nl_ask and nl_dump refuse to send it. Callers need not check each put, and no truncated
 * request is ever sent. */
struct nl_request {
	union {
		struct nlmsghdr head;
		/* The longest request: a veth with two names, or an alias of 255 bytes. */
		unsigned char bytes[1024];
	};
};

/* Begins a request: a header alone. `flags` without NLM_F_REQUEST, which is always set. */
void nl_begin(struct nl_request *request, int type, int flags);

/* Appends len bytes as they are, and zeroes up to the next multiple of NLMSG_ALIGNTO: the fixed
 * structure at the beginning of a request or nest. `bytes` is not NULL. */
void nl_put_bytes(struct nl_request *request, const void *bytes, size_t len);

/* Appends an attribute. nl_put_str includes the text's NUL. */
void nl_put(struct nl_request *request, uint16_t type, const void *bytes, size_t len);
void nl_put_u32(struct nl_request *request, uint16_t type, uint32_t value);
void nl_put_str(struct nl_request *request, uint16_t type, const char *text);

/* Attributes put between these calls are nested in one of the type, with NLA_F_NESTED. nl_nest
 * returns its offset, for nl_nest_end. */
size_t nl_nest(struct nl_request *request, uint16_t type);
void nl_nest_end(struct nl_request *request, size_t nest);

/* A borrowed part of a message: a run of attributes, or the payload of one. `at` NULL: none. */
struct nl_span {
	const unsigned char *at;
	size_t len;
};

/* The first message of a datagram, or of the rest of one; advances *in past it. NULL at the
 * end, or, with *ret_bad set, if it is shorter than its header or longer than the rest. The
 * last message may lack padding. At most INT_MAX bytes. */
const struct nlmsghdr *nl_message(struct nl_span *in, int *ret_bad);

/* The attributes behind the header and fixed_len more bytes; none if the message ends before.
 * The caller has checked that nlmsg_len bytes are there. */
struct nl_span nl_attrs(const struct nlmsghdr *message, size_t fixed_len);

/* The payload of the first attribute of the type, perhaps 0 bytes long; none if there is none.
 * Types are compared under NLA_TYPE_MASK. Never reads outside `in`: an attribute that is
 * shorter than its header, or longer than the rest, ends the search. The last attribute may
 * lack padding. */
struct nl_span nl_find(struct nl_span in, uint16_t type);

/* As nl_find, and advances *in past the attribute, to iterate. nl_any takes any type, and
 * stores it in *ret_type. */
struct nl_span nl_next(struct nl_span *in, uint16_t type);
struct nl_span nl_any(struct nl_span *in, uint16_t *ret_type);

/* Whether the attributes end exactly where the span does. */
int nl_is_whole(struct nl_span attrs);

/* These two take a payload that one of the functions above found, or none.
 *
 * The payload as a number, or `otherwise` if it does not have exactly 4 bytes. */
uint32_t nl_get_u32(struct nl_span payload, uint32_t otherwise);

/* Copies a text with its NUL. -1, with *ret untouched: there is none, its last byte is not NUL,
 * or it is longer than size bytes. The text ends at its first NUL. */
int nl_get_str(struct nl_span payload, char *ret, size_t size);
