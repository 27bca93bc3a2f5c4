/* SPDX-License-Identifier: Apache-2.0 */
/* The form of addresses and networks, for both programs. Pure: bytes in, a verdict out. */
#pragma once

#include "op.h"

/* Whether an interface can have the address: VST_DOC_OK; VST_DOC_ADDRESS: an unknown family, a
 * prefix that is 0 or too long, or bytes behind an IPv4 address that are not 0;
 * VST_DOC_ADDRESS_KIND: unspecified, multicast or broadcast. */
enum vst_doc_error vst_address_check(const struct vst_address *address);

/* Whether it is a network: VST_DOC_OK; VST_DOC_ROUTE_TO: as VST_DOC_ADDRESS, but the prefix may
 * be 0; VST_DOC_ROUTE_BITS: bits are set behind the prefix. */
enum vst_doc_error vst_network_check(const struct vst_address *network);

/* Whether these bytes, of an address of the family, can be a gateway: one address, not
 * unspecified, multicast or broadcast. VST_DOC_OK or VST_DOC_ROUTE_VIA. */
enum vst_doc_error vst_gateway_check(uint8_t family, const uint8_t bytes[16]);

/* Whether an Ethernet interface can have the MAC: unicast, and not all zero. VST_DOC_OK or
 * VST_DOC_MAC. */
enum vst_doc_error vst_mac_check(const uint8_t mac[6]);

/* The bits of an address of the family: 32 or 128; 0: no such family. */
unsigned vst_address_bits(uint8_t family);
