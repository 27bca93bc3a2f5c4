/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an integer as this machine has it in memory, for messages written as bytes. */
#pragma once

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_IS_LITTLE 1
#define HOST16(n) (unsigned)(n) % 256, (unsigned)(n) / 256 % 256
#define HOST32(n) HOST16((unsigned)(n) % 65536), HOST16((unsigned)(n) / 65536)
#else
#define HOST_IS_LITTLE 0
#define HOST16(n) (unsigned)(n) / 256 % 256, (unsigned)(n) % 256
#define HOST32(n) HOST16((unsigned)(n) / 65536), HOST16((unsigned)(n) % 65536)
#endif

/* The head of an attribute of netlink. */
#define HOST_ATTR(len, type) HOST16(len), HOST16(type)
