/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 against the vectors of FIPS 180-4, and around the edges of a block. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "privileged/self/digest.h"

static void hex_of(const void *bytes, size_t len, char ret[2 * DIGEST_LEN + 1])
{
	unsigned char out[DIGEST_LEN];

	digest(bytes, len, out);
	for (unsigned i = 0; i < DIGEST_LEN; i++)
		snprintf(ret + 2 * i, 3, "%02x", out[i]);
}

static void is(const void *bytes, size_t len, const char *want)
{
	char have[2 * DIGEST_LEN + 1];

	hex_of(bytes, len, have);
	assert_string_equal(have, want);
}

static void published(void **state)
{
	static char million[1000000];

	(void)state;
	is("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	is("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	is("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
	is("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
	   "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
	memset(million, 'a', sizeof million);
	is(million, sizeof million,
		"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Every length around the edges of a block, in one: the digest of their digests. */
static void edges(void **state)
{
	static unsigned char all[200 * DIGEST_LEN], bytes[200];

	(void)state;
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (unsigned char)i;
	for (unsigned len = 0; len < sizeof bytes; len++)
		digest(bytes, len, all + len * DIGEST_LEN);
	is(all, sizeof all, "ba7b0fcea7d10c06b855b43d2b4dce1e3e842fff6be0acefb0faf4f2dd05bb47");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published),
		cmocka_unit_test(edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
