/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 (FIPS 180-4), for texts that are compared but not kept. */
#pragma once

#include <stddef.h>

#define DIGEST_LEN 32

void digest(const void *bytes, size_t len, unsigned char ret[DIGEST_LEN]);
