/* SPDX-License-Identifier: Apache-2.0 */
/* What an interface is given: the members of interfaces[] and routes[], by themselves and
 * together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parse.h"

/* The document of one interface, whose members begin in column 17. */
#define ONE(members) "{\"interfaces\":[{" members "}]}"
#define ONE_OPEN "{\"interfaces\":[{"
#define VETH "\"name\":\"e\",\"add\":\"veth\"," /* 24 bytes: what follows is in column 41 */
#define MOVE "\"name\":\"e\","                  /* 11 bytes: 28 */

static void everything(void **state)
{
	(void)state;
	SAYS(ONE(VETH "\"peer\":\"h\",\"bridge\":\"br0\",\"isolated\":true,\"vlan\":4094,"
		      "\"peerUp\":true,\"peerAddresses\":[\"192.0.2.1/24\",\"2001:db8::1/64\"],"
		      "\"mtu\":1400,\"mac\":\"02:aB:00:00:00:01\",\"up\":true,"
		      "\"addresses\":[\"192.0.2.2/24\"],"
		      "\"routes\":[{\"to\":\"default\",\"via\":\"192.0.2.1\"},"
		      "{\"metric\":7,\"via\":\"2001:db8::9\",\"to\":\"default\"},"
		      "{\"to\":\"198.51.100.0/24\"},{\"to\":\"::/0\",\"metric\":4294967295}]"),
		"LINK e add=veth peer=h bridge=br0 mtu=1400 vlan=4094 mac=02ab00000001 "
		"set=up,peer-up,isolated to=192.0.2.2/24 peer-to=192.0.2.1/24 "
		"peer-to=2001:db8::1/64 route=0.0.0.0/0>192.0.2.1 route=::/0>2001:db8::9:7 "
		"route=198.51.100.0/24 route=::/0:4294967295\nEND 1 0\n");
	SAYS(ONE(MOVE "\"keep\":[\"routes\",\"up\",\"addresses\"],\"mtu\":68"),
		"LINK e mtu=68 set=keep-addresses,keep-routes,keep-up\nEND 1 0\n");
	SAYS(ONE("\"name\":\"e\",\"add\":\"dummy\",\"createInRoot\":true,\"up\":true,\"mtu\":65535"),
		"LINK e add=dummy here mtu=65535 set=up\nEND 1 0\n");
	/* The members of one interface are not those of the next. */
	SAYS("{\"interfaces\":[{" VETH
	     "\"up\":true,\"vlan\":5,\"bridge\":\"b\",\"addresses\":[\"192.0.2.2/24\"]},"
	     "{\"name\":\"f\"},{\"name\":\"g\",\"add\":\"veth\",\"peerUp\":true}]}",
		"LINK e add=veth bridge=b vlan=5 set=up to=192.0.2.2/24\nLINK f\n"
		"LINK g add=veth set=peer-up\nEND 3 0\n");
}

/* What says nothing is as if it were not there. */
static void absent(void **state)
{
	(void)state;
	SAYS(ONE(MOVE "\"bridge\":null,\"isolated\":false,\"vlan\":null,\"peerUp\":false,"
		      "\"peerAddresses\":[],\"mtu\":null,\"mac\":null,\"up\":false,"
		      "\"addresses\":[],\"routes\":[],\"keep\":null"),
		"LINK e\nEND 1 0\n");
	SAYS(ONE(MOVE "\"up\":null,\"addresses\":null,\"routes\":null,\"keep\":[],"
		      "\"isolated\":null,\"peerUp\":null,\"peerAddresses\":null"),
		"LINK e\nEND 1 0\n");
	SAYS(ONE(MOVE
		     "\"up\":true,\"routes\":[{\"to\":\"::/0\",\"via\":null,\"metric\":null}]"),
		"LINK e set=up route=::/0\nEND 1 0\n");
}

static void types(void **state)
{
	(void)state;
	FAILS(ONE("\"bridge\":5"), "TYPE_STRING 1:26 interfaces[0].bridge");
	FAILS(ONE("\"isolated\":\"yes\""), "TYPE_BOOLEAN 1:28 interfaces[0].isolated");
	FAILS(ONE("\"peerUp\":1"), "TYPE_BOOLEAN 1:26 interfaces[0].peerUp");
	FAILS(ONE("\"up\":[]"), "TYPE_BOOLEAN 1:22 interfaces[0].up");
	FAILS(ONE("\"vlan\":\"5\""), "TYPE_NUMBER 1:24 interfaces[0].vlan");
	FAILS(ONE("\"mtu\":true"), "TYPE_NUMBER 1:23 interfaces[0].mtu");
	FAILS(ONE("\"mtu\":[1500]"), "TYPE_NUMBER 1:23 interfaces[0].mtu");
	FAILS(ONE("\"mac\":2"), "TYPE_STRING 1:23 interfaces[0].mac");
	FAILS(ONE("\"addresses\":\"192.0.2.1/24\""),
		"TYPE_STRINGS 1:29 interfaces[0].addresses");
	FAILS(ONE("\"addresses\":[null]"), "NULL_ELEMENT 1:30 interfaces[0].addresses[0]");
	FAILS(ONE("\"peerAddresses\":[\"192.0.2.1/24\",5]"),
		"TYPE_STRING 1:49 interfaces[0].peerAddresses[1]");
	FAILS(ONE("\"keep\":{}"), "TYPE_STRINGS 1:24 interfaces[0].keep");
	FAILS(ONE("\"routes\":{}"), "TYPE_OBJECTS 1:26 interfaces[0].routes");
	FAILS(ONE("\"routes\":[\"default\"]"), "TYPE_OBJECT 1:27 interfaces[0].routes[0]");
	FAILS(ONE("\"routes\":[{\"to\":5}]"), "TYPE_STRING 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"metric\":\"5\"}]"),
		"TYPE_NUMBER 1:37 interfaces[0].routes[0].metric");
	FAILS(ONE("\"routes\":[{\"Via\":5}]"), "LETTER_CASE 1:28 interfaces[0].routes[0].via");
	SAYS_STRICT(ONE("\"routes\":[{\"metrik\":5}]"),
		"FAIL UNKNOWN_NEAR 1:28 interfaces[0].routes[0].metric\n");
	SAYS_STRICT(
		ONE("\"routes\":[{\"x\":5}]"), "FAIL UNKNOWN 1:28 interfaces[0].routes[0]\n");
	/* In what nobody knows. */
	FAILS(ONE("\"routes\":[{\"x\":{\"y\":1,\"y\":1}}]"),
		"REPEATED 1:39 interfaces[0].routes[0]");
	SAYS_STRICT(ONE("\"peerAdresses\":[]"),
		"FAIL UNKNOWN_NEAR 1:17 interfaces[0].peerAddresses\n");
	FAILS(ONE("\"UP\":true"), "LETTER_CASE 1:17 interfaces[0].up");
}

static void numbers(void **state)
{
	(void)state;
	FAILS(ONE(MOVE "\"mtu\":67"), "MTU 1:34 interfaces[0].mtu");
	FAILS(ONE(MOVE "\"mtu\":65536"), "MTU 1:34 interfaces[0].mtu");
	FAILS(ONE(MOVE "\"mtu\":-1500"), "MTU 1:34 interfaces[0].mtu");
	FAILS(ONE(MOVE "\"mtu\":1500.0"), "NUMBER_FRACTION 1:34 interfaces[0].mtu");
	FAILS(ONE(MOVE "\"mtu\" :\n 15e2"), "NUMBER_FRACTION 2:2 interfaces[0].mtu");
	FAILS(ONE(MOVE "\"mtu\":18446744073709553116"), "MTU 1:34 interfaces[0].mtu");
	FAILS(ONE("\"routes\":[{\"metric\":01}]"), "JSON_NUMBER 1:38 -");
	FAILS(ONE(VETH "\"vlan\":0"), "VLAN 1:48 interfaces[0].vlan");
	FAILS(ONE(VETH "\"vlan\":4095"), "VLAN 1:48 interfaces[0].vlan");
	FAILS(ONE("\"routes\":[{\"metric\":4294967296}]"),
		"METRIC 1:37 interfaces[0].routes[0].metric");
	FAILS(ONE("\"routes\":[{\"metric\":-1}]"),
		"METRIC 1:37 interfaces[0].routes[0].metric");
	FAILS(ONE("\"routes\":[{\"metric\":1e1}]"),
		"NUMBER_FRACTION 1:37 interfaces[0].routes[0].metric");
	/* Numbers that nobody reads are not judged. */
	SAYS("{\"x\":1.5e300,\"mkdir\":[\"a\"]}", "WARN UNKNOWN 1:2 -\nMKDIR a\nEND 1 1\n");
}

static void bad_address(const char *text, const char *code)
{
	char doc[256], want[128];

	snprintf(doc, sizeof doc, ONE("\"addresses\":[\"%s\"]"), text);
	snprintf(want, sizeof want, "%s 1:30 interfaces[0].addresses[0]", code);
	fails_n(doc, strlen(doc), want);
}

static void addresses(void **state)
{
	static const char *const bad[] = {"", "192.0.2.1", "192.0.2.1/", "/24", "192.0.2.1/33",
		"192.0.2.1/0", "192.0.2.1/024", "192.0.2.1/ 24", "192.0.2.1 /24",
		"192.0.2.1/+24", "192.0.2.1/2.4", "192.0.2.1/24/1", "192.0.2/24",
		"192.0.2.1.1/24", "192.0.2.01/24", "0300.0.2.1/24", "192.0.2.256/24",
		"0x1.2.3.4/24", "3221225985/24", "2001:db8::1", "2001:db8::1/129",
		"2001:db8::1/0", "2001:db8:::1/64", "2001:db8::1::/64", "2001:db8::12345/64",
		"fe80::1%eth0/64", "[2001:db8::1]/64", ":1/64", "1:2:3:4:5:6:7:8:9/64",
		"localhost/8", "192.0.2.1/255.255.255.0",
		"2001:0db8:0000:0000:0000:0000:0000:0000000001/64", "192.0.2.1/99999999999999"};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		bad_address(bad[i], "ADDRESS");
	bad_address("192.0.2.1\\u0000/24", "ADDRESS");
	bad_address("0.0.0.0/8", "ADDRESS_KIND");
	bad_address("255.255.255.255/32", "ADDRESS_KIND");
	bad_address("224.0.0.1/4", "ADDRESS_KIND");
	bad_address("::/64", "ADDRESS_KIND");
	bad_address("ff02::1/16", "ADDRESS_KIND");
	FAILS(ONE("\"addresses\":[\"192.0.2.1/24\",\"192.0.2.1/25\"]"),
		"ADDRESS_TWICE 1:45 interfaces[0].addresses[1]");
	FAILS(ONE("\"addresses\":[\"2001:db8::1/64\",\"2001:DB8:0::0001/64\"]"),
		"ADDRESS_TWICE 1:47 interfaces[0].addresses[1]");
	/* The other end is another list. */
	SAYS(ONE(VETH "\"addresses\":[\"192.0.2.1/24\"],\"peerAddresses\":[\"192.0.2.1/24\"]"),
		"LINK e add=veth to=192.0.2.1/24 peer-to=192.0.2.1/24\nEND 1 0\n");
	SAYS(ONE(MOVE "\"addresses\":[\"::ffff:192.0.2.1/128\",\"127.0.0.2/8\"]"),
		"LINK e to=::ffff:192.0.2.1/128 to=127.0.0.2/8\nEND 1 0\n");
}

static void macs(void **state)
{
	static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:01:02",
		"02-00-00-00-00-01", "2:0:0:0:0:1", "02:00:00:00:00:0g", "02:00:00:00:00:001",
		"03:00:00:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", "0200:0000:0001",
		" 2:00:00:00:00:01"};
	char doc[128];

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		snprintf(doc, sizeof doc, ONE("\"mac\":\"%s\""), bad[i]);
		fails_n(doc, strlen(doc), "MAC 1:23 interfaces[0].mac");
	}
	SAYS(ONE(VETH "\"mac\":\"FE:dc:BA:98:76:54\""),
		"LINK e add=veth mac=fedcba987654\nEND 1 0\n");
}

static void routes(void **state)
{
	(void)state;
	FAILS(ONE("\"routes\":[{}]"), "MISSING 1:27 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"via\":\"192.0.2.1\"}]"),
		"MISSING 1:27 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"\"}]"), "ROUTE_TO 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"Default\"}]"),
		"ROUTE_TO 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"192.0.2.0\"}]"),
		"ROUTE_TO 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"192.0.2.1/24\"}]"),
		"ROUTE_BITS 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"2001:db8::1/64\"}]"),
		"ROUTE_BITS 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"default\"}]"),
		"ROUTE_DEFAULT 1:33 interfaces[0].routes[0].to");
	FAILS(ONE("\"routes\":[{\"to\":\"::/0\"},{\"via\":\"\"}]"),
		"ROUTE_VIA 1:48 interfaces[0].routes[1].via");
	FAILS(ONE("\"routes\":[{\"via\":\"192.0.2.1/24\"}]"),
		"ROUTE_VIA 1:34 interfaces[0].routes[0].via");
	FAILS(ONE("\"routes\":[{\"via\":\"0.0.0.0\"}]"),
		"ROUTE_VIA 1:34 interfaces[0].routes[0].via");
	FAILS(ONE("\"routes\":[{\"to\":\"192.0.2.0/24\",\"via\":\"2001:db8::1\"}]"),
		"ROUTE_FAMILY 1:54 interfaces[0].routes[0].via");
	FAILS(ONE("\"routes\":[{\"via\":\"192.0.2.1\",\"to\":\"::/0\"}]"),
		"ROUTE_FAMILY 1:34 interfaces[0].routes[0].via");
	/* The same twice, however it is written; by another metric it is another one. */
	FAILS(ONE("\"routes\":[{\"to\":\"default\",\"via\":\"192.0.2.1\"},{\"to\":\"0.0.0.0/0\"}]"),
		"ROUTE_TWICE 1:68 interfaces[0].routes[1].to");
	SAYS(ONE(MOVE
		     "\"up\":true,\"routes\":[{\"to\":\"default\",\"via\":\"192.0.2.1\"},"
		     "{\"to\":\"default\",\"via\":\"192.0.2.1\",\"metric\":1},{\"to\":\"::/0\"}]"),
		"LINK e set=up route=0.0.0.0/0>192.0.2.1 route=0.0.0.0/0>192.0.2.1:1 "
		"route=::/0\nEND 1 0\n");
	/* What one route says is not said of the next. */
	FAILS(ONE("\"routes\":[{\"to\":\"default\",\"via\":\"192.0.2.1\"},{\"to\":\"default\"}]"),
		"ROUTE_DEFAULT 1:68 interfaces[0].routes[1].to");
}

static void keeps(void **state)
{
	(void)state;
	FAILS(ONE(MOVE "\"keep\":[\"up\",\"mtu\"]"), "KEEP 1:41 interfaces[0].keep[1]");
	FAILS(ONE(MOVE "\"keep\":[\"\"]"), "KEEP 1:36 interfaces[0].keep[0]");
	FAILS(ONE(MOVE "\"keep\":[\"up\",\"up\"]"), "KEEP_TWICE 1:41 interfaces[0].keep[1]");
	FAILS(ONE(VETH "\"keep\":[\"up\"]"), "KEEP_MADE 1:48 interfaces[0].keep");
	FAILS(ONE(MOVE "\"peer\":\"p\",\"keep\":[\"up\"]"),
		"KEEP_MADE 1:46 interfaces[0].keep");
	FAILS(ONE(MOVE "\"keep\":[\"routes\"]"), "ROUTES_DOWN 1:35 interfaces[0].keep");
	SAYS(ONE(MOVE "\"keep\":[\"routes\"],\"up\":true"),
		"LINK e set=up,keep-routes\nEND 1 0\n");
}

/* What fits no interface of this sort is told at its own place. */
static void together(void **state)
{
	(void)state;
	FAILS(ONE(MOVE "\"bridge\":\"b\""), "SET_NO_PEER 1:37 interfaces[0].bridge");
	FAILS(ONE(MOVE "\"add\":\"dummy\",\"bridge\":\"b\""),
		"SET_NO_PEER 1:51 interfaces[0].bridge");
	FAILS(ONE(MOVE "\"isolated\":true"), "SET_NO_PEER 1:39 interfaces[0].isolated");
	FAILS(ONE(MOVE "\"vlan\":5"), "SET_NO_PEER 1:35 interfaces[0].vlan");
	FAILS(ONE(MOVE "\"peerUp\":true"), "SET_NO_PEER 1:37 interfaces[0].peerUp");
	FAILS(ONE(MOVE "\"peerAddresses\":[\"192.0.2.1/24\"]"),
		"SET_NO_PEER 1:44 interfaces[0].peerAddresses");
	FAILS(ONE(VETH "\"isolated\":true"), "SET_NO_BRIDGE 1:52 interfaces[0].isolated");
	FAILS(ONE(VETH "\"vlan\":5"), "SET_NO_BRIDGE 1:48 interfaces[0].vlan");
	FAILS(ONE(MOVE "\"mac\":\"02:00:00:00:00:01\""),
		"SET_MAC_MOVED 1:34 interfaces[0].mac");
	FAILS(ONE(VETH "\"routes\":[{\"to\":\"::/0\"}],\n\"up\":false"),
		"ROUTES_DOWN 1:50 interfaces[0].routes");
	FAILS(ONE(VETH "\"bridge\":\"\""), "EMPTY 1:50 interfaces[0].bridge");
	FAILS(ONE(VETH "\"bridge\":\"a/b\""), "IFNAME 1:50 interfaces[0].bridge");
	/* A peer makes a veth of it, whether that is said or not. */
	SAYS(ONE(MOVE "\"bridge\":\"b\",\"peer\":\"p\""), "LINK e peer=p bridge=b\nEND 1 0\n");
}

/* `each` n times between the two others, with a number for every '#', as "0.1". */
static size_t many(
	char *doc, const char *before, const char *each, unsigned n, const char *after)
{
	char *out = doc + sprintf(doc, "%s", before);

	for (unsigned i = 0; i < n; i++) {
		out += sprintf(out, "%s", i ? "," : "");
		for (const char *c = each; *c; c++)
			if (*c == '#')
				out += sprintf(out, "%u.%u", i / 256, i % 256);
			else
				*out++ = *c;
	}
	return (size_t)(out + sprintf(out, "%s", after) - doc);
}

static void limits(void **state)
{
	static char doc[VST_DOC_MAX], each[16384];
	const char *said;
	size_t len;

	(void)state;
	len = many(doc, ONE_OPEN VETH "\"addresses\":[", "\"10.1.#/8\"", VST_LINK_ADDRESSES_MAX,
		"]}]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "END 1 0"));
	len = many(doc, ONE_OPEN VETH "\"addresses\":[", "\"10.1.#/8\"",
		VST_LINK_ADDRESSES_MAX + 1, "]}]}");
	said = parse_bytes(doc, len, 0);
	assert_non_null(strstr(said, "FAIL TOO_MANY_ADDRESSES 1:"));
	assert_non_null(strstr(said, " interfaces[0].addresses[64]\n"));
	len = many(doc, ONE_OPEN VETH "\"up\":true,\"routes\":[", "{\"to\":\"10.1.#/32\"}",
		VST_LINK_ROUTES_MAX, "]}]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "END 1 0"));
	len = many(doc, ONE_OPEN VETH "\"up\":true,\"routes\":[", "{\"to\":\"10.1.#/32\"}",
		VST_LINK_ROUTES_MAX + 1, "]}]}");
	said = parse_bytes(doc, len, 0);
	assert_non_null(strstr(said, "FAIL TOO_MANY_ROUTES 1:"));
	assert_non_null(strstr(said, " interfaces[0].routes[128]\n"));
	/* Of the document: as many interfaces as a bridge has ports, and one more. */
	len = many(doc, "{\"interfaces\":[", "{\"name\":\"i#\",\"up\":true}", VST_LINK_SETS_MAX,
		"]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "END 1023 0"));
	len = many(doc, "{\"interfaces\":[", "{\"name\":\"i#\",\"up\":true}",
		VST_LINK_SETS_MAX + 1, "]}");
	said = parse_bytes(doc, len, 0);
	assert_non_null(strstr(said, "FAIL TOO_MANY_SETS 1:"));
	assert_non_null(strstr(said, " interfaces[1023]\n"));
	/* Their addresses, and their routes. */
	many(each, "{\"name\":\"i@\",\"addresses\":[", "\"10.1.#/8\"", VST_LINK_ADDRESSES_MAX,
		"]}");
	for (char *c = each; *c; c++)
		*c = *c == '@' ? '#' : *c;
	len = many(doc, "{\"interfaces\":[", each, VST_ADDRESSES_MAX / VST_LINK_ADDRESSES_MAX,
		"]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "END 64 0"));
	len = many(doc, "{\"interfaces\":[", each,
		VST_ADDRESSES_MAX / VST_LINK_ADDRESSES_MAX + 1, "]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "FAIL TOO_MANY_ADDRESSES 1:"));
	many(each, "{\"name\":\"i@\",\"up\":true,\"routes\":[", "{\"to\":\"10.1.#/32\"}",
		VST_LINK_ROUTES_MAX, "]}");
	for (char *c = each; *c; c++)
		*c = *c == '@' ? '#' : *c;
	len = many(doc, "{\"interfaces\":[", each, VST_ROUTES_MAX / VST_LINK_ROUTES_MAX, "]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "END 32 0"));
	len = many(
		doc, "{\"interfaces\":[", each, VST_ROUTES_MAX / VST_LINK_ROUTES_MAX + 1, "]}");
	assert_non_null(strstr(parse_bytes(doc, len, 0), "FAIL TOO_MANY_ROUTES 1:"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything),
		cmocka_unit_test(absent),
		cmocka_unit_test(types),
		cmocka_unit_test(numbers),
		cmocka_unit_test(addresses),
		cmocka_unit_test(macs),
		cmocka_unit_test(routes),
		cmocka_unit_test(keeps),
		cmocka_unit_test(together),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
