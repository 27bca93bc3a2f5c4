/* SPDX-License-Identifier: Apache-2.0 */
/* For what cannot be asked under qemu-user (make check-cross), which says so in VST_EMULATED.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* Whether the test runs under qemu-user, which lacks this: said, as the reason of a skip. */
static inline int qemu_lacks(const char *what)
{
	if (!getenv("VST_EMULATED"))
		return 0;
	print_message("# kernel: qemu-user lacks %s\n", what);
	return 1;
}

/* How many of so many cases are left out between two: it is twenty times slower. */
static inline unsigned every(void)
{
	return getenv("VST_EMULATED") ? 41 : 1;
}
