/* SPDX-License-Identifier: Apache-2.0 */
/* The form of addresses, networks, gateways and MACs; and numbers of JSON. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ipc/address.h"
#include "parser/number.h"

static struct vst_address of(const char *text, unsigned prefix)
{
	struct vst_address ret = {.prefix = (uint8_t)prefix};

	ret.family = strchr(text, ':') ? VST_IPV6 : VST_IPV4;
	assert_int_equal(
		inet_pton(ret.family == VST_IPV4 ? AF_INET : AF_INET6, text, ret.bytes), 1);
	return ret;
}

static void address_is(const char *text, unsigned prefix, enum vst_doc_error wanted)
{
	const struct vst_address address = of(text, prefix);

	if (vst_address_check(&address) != wanted)
		fail_msg("%s/%u", text, prefix);
}

static void addresses(void **state)
{
	struct vst_address address;

	(void)state;
	address_is("192.0.2.1", 24, VST_DOC_OK);
	address_is("192.0.2.1", 1, VST_DOC_OK);
	address_is("192.0.2.1", 32, VST_DOC_OK);
	address_is("192.0.2.1", 0, VST_DOC_ADDRESS);
	address_is("192.0.2.1", 33, VST_DOC_ADDRESS);
	address_is("192.0.2.1", 255, VST_DOC_ADDRESS);
	address_is("2001:db8::1", 128, VST_DOC_OK);
	address_is("2001:db8::1", 129, VST_DOC_ADDRESS);
	address_is("2001:db8::1", 0, VST_DOC_ADDRESS);
	address_is("0.0.0.0", 8, VST_DOC_ADDRESS_KIND);
	address_is("::", 64, VST_DOC_ADDRESS_KIND);
	address_is("223.255.255.255", 24, VST_DOC_OK);
	address_is("224.0.0.1", 24, VST_DOC_ADDRESS_KIND);
	address_is("239.255.255.255", 24, VST_DOC_ADDRESS_KIND);
	address_is("240.0.0.1", 24, VST_DOC_OK);
	address_is("255.255.255.255", 32, VST_DOC_ADDRESS_KIND);
	address_is("255.255.255.254", 32, VST_DOC_OK);
	address_is("ff02::1", 64, VST_DOC_ADDRESS_KIND);
	address_is("feff::1", 64, VST_DOC_OK);
	address_is("e000::1", 64, VST_DOC_OK); /* not IPv4's multicast */
	/* Only one way to write each: nothing behind an IPv4 address, no third family. */
	address = of("192.0.2.1", 24);
	for (unsigned i = 4; i < 16; i++) {
		address.bytes[i] = 1;
		assert_int_equal(vst_address_check(&address), VST_DOC_ADDRESS);
		address.bytes[i] = 0;
	}
	for (unsigned family = 0; family < 256; family++) {
		address.family = (uint8_t)family;
		assert_int_equal(vst_address_check(&address) == VST_DOC_OK,
			family == VST_IPV4 || family == VST_IPV6);
		assert_int_equal(vst_address_bits((uint8_t)family), family == 4   ? 32
								    : family == 6 ? 128
										  : 0);
	}
}

static void network_is(const char *text, unsigned prefix, enum vst_doc_error wanted)
{
	const struct vst_address network = of(text, prefix);

	if (vst_network_check(&network) != wanted)
		fail_msg("%s/%u", text, prefix);
}

static void networks(void **state)
{
	struct vst_address network;

	(void)state;
	network_is("0.0.0.0", 0, VST_DOC_OK);
	network_is("::", 0, VST_DOC_OK);
	network_is("192.0.2.0", 24, VST_DOC_OK);
	network_is("192.0.2.1", 32, VST_DOC_OK);
	network_is("192.0.2.0", 33, VST_DOC_ROUTE_TO);
	network_is("192.0.2.1", 0, VST_DOC_ROUTE_BITS);
	network_is("2001:db8::", 129, VST_DOC_ROUTE_TO);
	network_is("224.0.0.0", 4, VST_DOC_OK);
	network_is("ff00::", 8, VST_DOC_OK);
	/* Each single bit, for each prefix: refused if it is behind it. */
	for (unsigned prefix = 0; prefix <= 128; prefix++)
		for (unsigned bit = 0; bit < 128; bit++) {
			network = (struct vst_address){VST_IPV6, (uint8_t)prefix, {0}};
			network.bytes[bit / 8] = (uint8_t)(0x80 >> bit % 8);
			assert_int_equal(vst_network_check(&network),
				bit < prefix ? VST_DOC_OK : VST_DOC_ROUTE_BITS);
		}
	for (unsigned prefix = 0; prefix <= 32; prefix++)
		for (unsigned bit = 0; bit < 32; bit++) {
			network = (struct vst_address){VST_IPV4, (uint8_t)prefix, {0}};
			network.bytes[bit / 8] = (uint8_t)(0x80 >> bit % 8);
			assert_int_equal(vst_network_check(&network),
				bit < prefix ? VST_DOC_OK : VST_DOC_ROUTE_BITS);
		}
}

static void gateways(void **state)
{
	struct vst_address via = of("192.0.2.1", 0);

	(void)state;
	assert_int_equal(vst_gateway_check(VST_IPV4, via.bytes), VST_DOC_OK);
	assert_int_equal(vst_gateway_check(VST_IPV6, via.bytes), VST_DOC_OK);
	assert_int_equal(vst_gateway_check(5, via.bytes), VST_DOC_ROUTE_VIA);
	via = of("0.0.0.0", 0);
	assert_int_equal(vst_gateway_check(VST_IPV4, via.bytes), VST_DOC_ROUTE_VIA);
	via = of("224.0.0.1", 0);
	assert_int_equal(vst_gateway_check(VST_IPV4, via.bytes), VST_DOC_ROUTE_VIA);
	via = of("ff02::2", 0);
	assert_int_equal(vst_gateway_check(VST_IPV6, via.bytes), VST_DOC_ROUTE_VIA);
	via = of("fe80::1", 0);
	assert_int_equal(vst_gateway_check(VST_IPV6, via.bytes), VST_DOC_OK);
	assert_int_equal(vst_gateway_check(VST_IPV4, via.bytes), VST_DOC_ROUTE_VIA);
}

static void macs(void **state)
{
	static const uint8_t none[6],
		last[6] = {0, 0, 0, 0, 0, 1}, multi[6] = {1, 2, 3, 4, 5, 6},
		all[6] = {255, 255, 255, 255, 255, 255}, fe[6] = {0xfe, 0, 0, 0, 0, 0};

	(void)state;
	assert_int_equal(vst_mac_check(none), VST_DOC_MAC);
	assert_int_equal(vst_mac_check(multi), VST_DOC_MAC);
	assert_int_equal(vst_mac_check(all), VST_DOC_MAC);
	assert_int_equal(vst_mac_check(last), VST_DOC_OK);
	assert_int_equal(vst_mac_check(fe), VST_DOC_OK);
}

static void number_is(
	const char *text, uint32_t min, uint32_t max, enum vst_doc_error wanted, uint32_t value)
{
	uint32_t ret = 77;
	const enum vst_doc_error code =
		number_read(text, strlen(text), min, max, VST_DOC_MTU, &ret);

	if (code != wanted || ret != (wanted == VST_DOC_OK ? value : 77))
		fail_msg("%s: %d, %u", text, code, ret);
}

static void numbers(void **state)
{
	(void)state;
	number_is("0", 0, 9, VST_DOC_OK, 0);
	number_is("9", 0, 9, VST_DOC_OK, 9);
	number_is("10", 0, 9, VST_DOC_MTU, 0);
	number_is("68", 68, 65535, VST_DOC_OK, 68);
	number_is("67", 68, 65535, VST_DOC_MTU, 0);
	number_is("65536", 68, 65535, VST_DOC_MTU, 0);
	number_is("-68", 68, 65535, VST_DOC_MTU, 0);
	number_is("-0", 0, 9, VST_DOC_MTU, 0);
	number_is("", 0, 9, VST_DOC_MTU, 0);
	number_is("4294967295", 0, UINT32_MAX, VST_DOC_OK, UINT32_MAX);
	number_is("4294967296", 0, UINT32_MAX, VST_DOC_MTU, 0);
	/* Wrapped, these would be small. */
	number_is("18446744073709551616", 0, UINT32_MAX, VST_DOC_MTU, 0);
	number_is("18446744073709551617", 0, UINT32_MAX, VST_DOC_MTU, 0);
	number_is("42949672960000000000000000000000000000000000001500", 0, UINT32_MAX,
		VST_DOC_MTU, 0);
	/* A value that is whole is no excuse. */
	number_is("1500.0", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
	number_is("1.5", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
	number_is("15e2", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
	number_is("15E+2", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
	number_is("-1.5", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
	number_is("99999999999999999999e1", 0, UINT32_MAX, VST_DOC_NUMBER_FRACTION, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(networks),
		cmocka_unit_test(gateways),
		cmocka_unit_test(macs),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
