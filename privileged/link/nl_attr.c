/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_attr.h"

#include <libmnl/libmnl.h>
#include <string.h>

/* Whether len bytes, and fixed_len more, fit behind what is there. If not, the request is given
 * up. libmnl's own checks add to a length that may wrap. The buffer's size is a multiple of
 * NLMSG_ALIGNTO, so what fits also fits padded. */
static int has_room(struct nl_request *request, size_t fixed_len, size_t len)
{
	size_t used = request->head.nlmsg_len;

	_Static_assert(sizeof request->bytes % NLMSG_ALIGNTO == 0, "used is a multiple of it");
	if (used != 0 && len <= sizeof request->bytes &&
		fixed_len + len <= sizeof request->bytes - used)
		return 1;
	request->head.nlmsg_len = 0;
	return 0;
}

void nl_begin(struct nl_request *request, int type, int flags)
{
	/* Up to 1.0.4, libmnl does not clear what it pads with. */
	memset(request, 0, sizeof *request);
	mnl_nlmsg_put_header(request);
	request->head.nlmsg_type = (uint16_t)type;
	request->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
}

void nl_put_bytes(struct nl_request *request, const void *bytes, size_t len)
{
	if (has_room(request, 0, len))
		memcpy(mnl_nlmsg_put_extra_header(&request->head, len), bytes, len);
}

void nl_put(struct nl_request *request, uint16_t type, const void *bytes, size_t len)
{
	if (has_room(request, sizeof(struct nlattr), len))
		mnl_attr_put(&request->head, type, len, bytes);
}

void nl_put_u32(struct nl_request *request, uint16_t type, uint32_t value)
{
	if (has_room(request, sizeof(struct nlattr), sizeof value))
		mnl_attr_put_u32(&request->head, type, value);
}

void nl_put_str(struct nl_request *request, uint16_t type, const char *text)
{
	if (has_room(request, sizeof(struct nlattr), strlen(text) + 1))
		mnl_attr_put_strz(&request->head, type, text);
}

size_t nl_nest(struct nl_request *request, uint16_t type)
{
	size_t nest = request->head.nlmsg_len;

	if (has_room(request, sizeof(struct nlattr), 0))
		mnl_attr_nest_start(&request->head, type);
	return nest;
}

void nl_nest_end(struct nl_request *request, size_t nest)
{
	if (request->head.nlmsg_len)
		mnl_attr_nest_end(
			&request->head, (struct nlattr *)(void *)(request->bytes + nest));
}

const struct nlmsghdr *nl_message(struct nl_span *in, int *ret_bad)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)in->at;
	int left = (int)in->len;
	const unsigned char *next;

	/* libmnl compares as int, so that a length of 2 GiB and more is negative, and fits. */
	*ret_bad = left > 0 && (!mnl_nlmsg_ok(message, left) || message->nlmsg_len > in->len);
	if (left <= 0 || *ret_bad)
		return NULL;
	next = (const unsigned char *)mnl_nlmsg_next(message, &left);
	/* The last message may lack padding. */
	*in = left > 0 ? (struct nl_span){next, (size_t)left} : (struct nl_span){NULL, 0};
	return message;
}

struct nl_span nl_attrs(const struct nlmsghdr *message, size_t fixed_len)
{
	size_t at = NLMSG_LENGTH(NLMSG_ALIGN(fixed_len));

	if (at >= message->nlmsg_len)
		return (struct nl_span){NULL, 0};
	return (struct nl_span){
		mnl_nlmsg_get_payload_offset(message, fixed_len), message->nlmsg_len - at};
}

struct nl_span nl_any(struct nl_span *in, uint16_t *ret_type)
{
	const struct nlattr *attr = (const struct nlattr *)(const void *)in->at;
	const unsigned char *next;
	size_t step;

	if (!mnl_attr_ok(attr, (int)in->len))
		return (struct nl_span){NULL, 0};
	next = (const unsigned char *)mnl_attr_next(attr);
	step = (size_t)(next - in->at);
	/* The last attribute may lack padding. */
	if (step > in->len)
		step = in->len;
	in->at += step;
	in->len -= step;
	*ret_type = mnl_attr_get_type(attr);
	return (struct nl_span){mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)};
}

int nl_is_whole(struct nl_span attrs)
{
	uint16_t type;

	while (attrs.len)
		if (!nl_any(&attrs, &type).at)
			return 0;
	return 1;
}

struct nl_span nl_next(struct nl_span *in, uint16_t type)
{
	struct nl_span found;
	uint16_t its;

	do
		found = nl_any(in, &its);
	while (found.at && its != type);
	return found;
}

struct nl_span nl_find(struct nl_span in, uint16_t type)
{
	return nl_next(&in, type);
}

/* The attribute that a payload is of. */
static const struct nlattr *attr_of(struct nl_span payload)
{
	return (const struct nlattr *)(const void *)(payload.at - sizeof(struct nlattr));
}

uint32_t nl_get_u32(struct nl_span payload, uint32_t otherwise)
{
	if (!payload.at || mnl_attr_validate(attr_of(payload), MNL_TYPE_U32) < 0)
		return otherwise;
	return mnl_attr_get_u32(attr_of(payload));
}

int nl_get_str(struct nl_span payload, char *ret, size_t size)
{
	if (!payload.at || mnl_attr_validate(attr_of(payload), MNL_TYPE_NUL_STRING) < 0 ||
		payload.len > size)
		return -1;
	memcpy(ret, mnl_attr_get_str(attr_of(payload)), payload.len);
	return 0;
}
