#include "wire_get.h"

#include <string.h>

static int wire_take(struct wire_in *in, size_t n, const unsigned char **ret)
{
	if (in->len - in->at < n)
		return -1;
	*ret = in->bytes + in->at;
	in->at += n;
	return 0;
}

int wire_get_u8(struct wire_in *in, uint8_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 1, &p) < 0)
		return -1;
	*ret = p[0];
	return 0;
}

int wire_get_u16(struct wire_in *in, uint16_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 2, &p) < 0)
		return -1;
	*ret = (uint16_t)(p[0] | p[1] << 8);
	return 0;
}

int wire_get_u32(struct wire_in *in, uint32_t *ret)
{
	const unsigned char *p;

	if (wire_take(in, 4, &p) < 0)
		return -1;
	*ret = p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return 0;
}

int wire_get_string(struct wire_in *in, size_t max, const char **ret, size_t *ret_len)
{
	struct wire_in try = *in;
	const unsigned char *p;
	uint16_t len;

	if (wire_get_u16(&try, &len) < 0 || len > max)
		return -1;
	if (wire_take(&try, (size_t)len + 1, &p) < 0)
		return -1;
	/* The first zero byte must be the one behind the string. */
	if (memchr(p, 0, (size_t)len + 1) != p + len)
		return -1;
	*in = try;
	*ret = (const char *)p;
	*ret_len = len;
	return 0;
}

int wire_get_end(const struct wire_in *in)
{
	return in->at == in->len ? 0 : -1;
}
