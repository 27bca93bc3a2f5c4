/* SPDX-License-Identifier: Apache-2.0 */
#include "slot.h"

#include <string.h>

#include "../ipc/limits.h"

#define BASE 36
/* Digits of the largest uid. */
#define UID_DIGITS 7
#define SLOT_DIGITS 2

_Static_assert(VST_POLICY_COUNT_MAX <= BASE * BASE, "a slot has SLOT_DIGITS digits");
_Static_assert(2 + UID_DIGITS + 1 + SLOT_DIGITS < 16, "a name fits");

#define MAKING 0x76000000U
#define MAKING_MASK 0x00ffffffU

static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";

static char *put_number(char *to, uint32_t number)
{
	char reversed[UID_DIGITS];
	unsigned n = 0;

	do
		reversed[n++] = digits[number % BASE];
	while (number /= BASE);
	while (n)
		*to++ = reversed[--n];
	return to;
}

void slot_name(char ret[16], uint32_t uid, uint32_t slot)
{
	char *to = ret;

	*to++ = 'v';
	*to++ = 's';
	to = put_number(to, uid);
	*to++ = '_';
	to = put_number(to, slot);
	*to = '\0';
}

/* Reads 1 to max_digits digits without a leading zero; returns what follows, or NULL. */
static const char *get_number(const char *from, unsigned max_digits, uint32_t *ret)
{
	uint64_t number = 0;
	unsigned n = 0;
	const char *digit;

	while (*from && (digit = strchr(digits, *from)) != NULL) {
		if (n == max_digits || (n == 1 && number == 0))
			return NULL;
		number = number * BASE + (uint64_t)(digit - digits);
		n++;
		from++;
	}
	if (!n || number > UINT32_MAX)
		return NULL;
	*ret = (uint32_t)number;
	return from;
}

int slot_parse(const char *name, uint32_t *ret_uid, uint32_t *ret_slot)
{
	uint32_t uid, slot;

	if (name[0] != 'v' || name[1] != 's')
		return 0;
	name = get_number(name + 2, UID_DIGITS, &uid);
	if (!name || *name != '_')
		return 0;
	name = get_number(name + 1, SLOT_DIGITS, &slot);
	if (!name || *name || slot >= VST_POLICY_COUNT_MAX)
		return 0;
	*ret_uid = uid;
	*ret_slot = slot;
	return 1;
}

uint32_t slot_making(uint64_t seconds)
{
	return MAKING | ((uint32_t)seconds & MAKING_MASK);
}

enum slot_state slot_state(uint32_t group, uint64_t seconds)
{
	if (group == SLOT_GROUP)
		return SLOT_COMPLETE;
	if ((group & ~MAKING_MASK) != MAKING)
		return SLOT_OTHERS;
	return (((uint32_t)seconds - group) & MAKING_MASK) <= SLOT_MAKING_S ? SLOT_MAKING
									    : SLOT_LEFT;
}
