/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <string.h>

unsigned vst_address_bits(uint8_t family)
{
	return family == VST_IPV4 ? 32 : family == VST_IPV6 ? 128 : 0;
}

static int is_zero(const uint8_t *bytes, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (bytes[i])
			return 0;
	return 1;
}

/* Whether family and prefix fit together, and only the family's bytes are used. */
static int has_form(const struct vst_address *address)
{
	const unsigned bits = vst_address_bits(address->family);

	return bits && address->prefix <= bits && is_zero(address->bytes, bits / 8, 16);
}

/* Whether no single interface has the address: unspecified, multicast, IPv4's broadcast. */
static int is_of_nobody(uint8_t family, const uint8_t *bytes)
{
	static const uint8_t broadcast[4] = {255, 255, 255, 255};

	if (is_zero(bytes, 0, 16))
		return 1;
	if (family == VST_IPV6)
		return bytes[0] == 0xff;
	return (bytes[0] & 0xf0) == 0xe0 || memcmp(bytes, broadcast, 4) == 0;
}

enum vst_doc_error vst_address_check(const struct vst_address *address)
{
	if (!has_form(address) || address->prefix == 0)
		return VST_DOC_ADDRESS;
	return is_of_nobody(address->family, address->bytes) ? VST_DOC_ADDRESS_KIND
							     : VST_DOC_OK;
}

enum vst_doc_error vst_network_check(const struct vst_address *network)
{
	const unsigned whole = network->prefix / 8u, rest = network->prefix % 8u;

	if (!has_form(network))
		return VST_DOC_ROUTE_TO;
	if (rest && network->bytes[whole] & (0xff >> rest))
		return VST_DOC_ROUTE_BITS;
	return is_zero(network->bytes, whole + (rest ? 1 : 0), 16) ? VST_DOC_OK
								   : VST_DOC_ROUTE_BITS;
}

enum vst_doc_error vst_gateway_check(uint8_t family, const uint8_t bytes[16])
{
	const unsigned bits = vst_address_bits(family);

	return bits && is_zero(bytes, bits / 8, 16) && !is_of_nobody(family, bytes)
		       ? VST_DOC_OK
		       : VST_DOC_ROUTE_VIA;
}

enum vst_doc_error vst_mac_check(const uint8_t mac[6])
{
	return mac[0] & 1 || is_zero(mac, 0, 6) ? VST_DOC_MAC : VST_DOC_OK;
}
