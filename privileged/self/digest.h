/* SHA-256 (FIPS 180-4): the digest of a text that is kept instead of it. */
#pragma once

#include <stddef.h>

#define DIGEST_LEN 32

/* The digest of len bytes. */
void digest(const void *bytes, size_t len, unsigned char ret[DIGEST_LEN]);
