/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of an integer as this machine has it in memory, for messages written as bytes. */
#pragma once

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define HOST_IS_LITTLE 1
#define HOST16(n) (n) & 0xff, (n) >> 8 & 0xff
#define HOST32(n) HOST16((n)&0xffff), HOST16((n) >> 16 & 0xffff)
#else
#define HOST_IS_LITTLE 0
#define HOST16(n) (n) >> 8 & 0xff, (n)&0xff
#define HOST32(n) HOST16((n) >> 16 & 0xffff), HOST16((n)&0xffff)
#endif

/* The head of an attribute of netlink. */
#define HOST_ATTR(len, type) HOST16(len), HOST16(type)
