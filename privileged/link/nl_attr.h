/*
 * Attributes of netlink messages: put into requests, found in answers. Numbers are in this
 * machine's order, as the kernel's are, and every attribute begins at a multiple of
 * NLMSG_ALIGNTO.
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/* A request in the making. One in which something does not fit is given up: nlmsg_len is 0 from
 * then on, whatever else is put, and nl_ask and nl_dump refuse to send it. So nothing is
 * checked while one is made, and none is sent that was cut short. */
struct nl_request {
	union {
		struct nlmsghdr head;
		/* The longest: a veth with two names, or an alias of 255 bytes. */
		unsigned char bytes[1024];
	};
};

/* Makes it a header alone; the flags without NLM_F_REQUEST, which all have. First of all. */
void nl_begin(struct nl_request *request, int type, int flags);

/* Appends len bytes, not NULL, as they are, and zeroes up to the next multiple of
 * NLMSG_ALIGNTO: the structure at the beginning of a request, or of a nest. */
void nl_put_bytes(struct nl_request *request, const void *bytes, size_t len);

/* Appends an attribute; nl_put_str one with the text's NUL. */
void nl_put(struct nl_request *request, uint16_t type, const void *bytes, size_t len);
void nl_put_u32(struct nl_request *request, uint16_t type, uint32_t value);
void nl_put_str(struct nl_request *request, uint16_t type, const char *text);

/* Whatever is put between these two is within an attribute of the type, with NLA_F_NESTED.
 * nl_nest returns where it begins, for nl_nest_end. */
size_t nl_nest(struct nl_request *request, uint16_t type);
void nl_nest_end(struct nl_request *request, size_t nest);

/* Part of a message, and no owner of it: attributes one after the other, or the payload of one.
 * at NULL: there is none. */
struct nl_span {
	const unsigned char *at;
	size_t len;
};

/* What follows the header and fixed_len bytes after it; nothing if the message is not longer.
 * Rests on nlmsg_len bytes being there. */
struct nl_span nl_attrs(const struct nlmsghdr *message, size_t fixed_len);

/* The payload, perhaps of 0 bytes, of the first attribute of the type, without the bits beside
 * NLA_TYPE_MASK; none if there is none. Reads nothing outside of `in`: an attribute that is
 * shorter than its header or longer than what is left ends the search, as if it and all behind
 * it were not there. Padding may be missing behind the last one. */
struct nl_span nl_find(struct nl_span in, uint16_t type);

/* The same, and moves *in behind it: for attributes of which there are several. nl_any: of any
 * type, which *ret_type becomes. */
struct nl_span nl_next(struct nl_span *in, uint16_t type);
struct nl_span nl_any(struct nl_span *in, uint16_t *ret_type);

/* The number, or `otherwise` if it is none or not of exactly 4 bytes. */
uint32_t nl_get_u32(struct nl_span payload, uint32_t otherwise);

/* Copies a text with its NUL. -1, and *ret is as it was, if there is none, its last byte is no
 * NUL, or it has more than size bytes. What is behind the first NUL means nothing. */
int nl_get_str(struct nl_span payload, char *ret, size_t size);
