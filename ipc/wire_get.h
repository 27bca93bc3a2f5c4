/* Reading the wire: bounded getters over one message. The parent's side only. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* A position in a message. Every getter returns 0, or -1 if the message is too short or the
 * value is not well formed; out-parameters are untouched then. */
struct wire_in {
	const unsigned char *bytes;
	size_t len;
	size_t at;
};

int wire_get_u8(struct wire_in *in, uint8_t *ret);
int wire_get_u16(struct wire_in *in, uint16_t *ret);
int wire_get_u32(struct wire_in *in, uint32_t *ret);

/* A string of at most max bytes without a NUL inside, NUL-terminated in place. */
int wire_get_string(struct wire_in *in, size_t max, const char **ret, size_t *ret_len);

/* 0 if every byte was consumed. */
int wire_get_end(const struct wire_in *in);
