/* SPDX-License-Identifier: Apache-2.0 */
#include "nl_attr.h"

#include <string.h>

void nl_begin(struct nl_request *request, int type, int flags)
{
	request->head = (struct nlmsghdr){.nlmsg_len = sizeof request->head,
		.nlmsg_type = (uint16_t)type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags)};
}

void nl_put_bytes(struct nl_request *request, const void *bytes, size_t len)
{
	size_t used = request->head.nlmsg_len;

	/* The buffer's size is a multiple as well, so what fits also fits padded. */
	_Static_assert(sizeof request->bytes % NLMSG_ALIGNTO == 0, "used is a multiple of it");
	if (used == 0 || len > sizeof request->bytes - used) {
		request->head.nlmsg_len = 0;
		return;
	}
	memcpy(request->bytes + used, bytes, len);
	memset(request->bytes + used + len, 0, NLMSG_ALIGN(len) - len);
	request->head.nlmsg_len = (uint32_t)(used + NLMSG_ALIGN(len));
}

void nl_put(struct nl_request *request, uint16_t type, const void *bytes, size_t len)
{
	const struct nlattr attr = {.nla_len = (uint16_t)(sizeof attr + len), .nla_type = type};

	/* A length that the cast truncates does not fit into the request anyway. */
	nl_put_bytes(request, &attr, sizeof attr);
	nl_put_bytes(request, bytes, len);
}

void nl_put_u32(struct nl_request *request, uint16_t type, uint32_t value)
{
	nl_put(request, type, &value, sizeof value);
}

void nl_put_str(struct nl_request *request, uint16_t type, const char *text)
{
	nl_put(request, type, text, strlen(text) + 1);
}

size_t nl_nest(struct nl_request *request, uint16_t type)
{
	size_t nest = request->head.nlmsg_len;
	const struct nlattr attr = {
		.nla_len = sizeof attr, .nla_type = (uint16_t)(NLA_F_NESTED | type)};

	nl_put_bytes(request, &attr, sizeof attr);
	return nest;
}

void nl_nest_end(struct nl_request *request, size_t nest)
{
	uint16_t len = (uint16_t)(request->head.nlmsg_len - nest);

	if (request->head.nlmsg_len)
		memcpy(request->bytes + nest + offsetof(struct nlattr, nla_len), &len,
			sizeof len);
}

struct nl_span nl_attrs(const struct nlmsghdr *message, size_t fixed_len)
{
	size_t at = NLMSG_LENGTH(NLMSG_ALIGN(fixed_len));

	if (at >= message->nlmsg_len)
		return (struct nl_span){NULL, 0};
	return (struct nl_span){(const unsigned char *)message + at, message->nlmsg_len - at};
}

struct nl_span nl_any(struct nl_span *in, uint16_t *ret_type)
{
	const unsigned char *at = in->at;
	struct nlattr attr;
	size_t step;

	if (in->len < sizeof attr)
		return (struct nl_span){NULL, 0};
	memcpy(&attr, at, sizeof attr);
	if (attr.nla_len < sizeof attr || attr.nla_len > in->len)
		return (struct nl_span){NULL, 0};
	step = NLMSG_ALIGN((size_t)attr.nla_len);
	/* The last attribute may lack padding. */
	if (step > in->len)
		step = in->len;
	in->at += step;
	in->len -= step;
	*ret_type = (uint16_t)(attr.nla_type & (unsigned)NLA_TYPE_MASK);
	return (struct nl_span){at + sizeof attr, attr.nla_len - sizeof attr};
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

uint32_t nl_get_u32(struct nl_span payload, uint32_t otherwise)
{
	uint32_t value = otherwise;

	if (payload.len == sizeof value)
		memcpy(&value, payload.at, sizeof value);
	return value;
}

int nl_get_str(struct nl_span payload, char *ret, size_t size)
{
	if (payload.len == 0 || payload.len > size || payload.at[payload.len - 1] != '\0')
		return -1;
	memcpy(ret, payload.at, payload.len);
	return 0;
}
