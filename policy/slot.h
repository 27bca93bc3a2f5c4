/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host end of a user's veth. Its name says whose it is and which of his, so that the
 * kernel, which gives no name twice, is what counts them: a user who may have n has the slots 0
 * to n - 1. Its group says whether it is complete, or since when it is being made. Name and
 * group are the only record of it.
 */
#pragma once

#include <stdint.h>

/* Seconds after which an end that is still being made was left behind. */
#define SLOT_MAKING_S 60

/* The group of an end that is complete. Nobody else should use it. */
#define SLOT_GROUP 30306U

/* Writes "vs", the uid and, after '_', the slot, both in base 36: at most 15 bytes for any uid
 * and any slot below VST_POLICY_COUNT_MAX, and no other uid and slot has the same. */
void slot_name(char ret[16], uint32_t uid, uint32_t slot);

/* Whether slot_name makes this name of some uid and slot: 1 with both, or 0. */
int slot_parse(const char *name, uint32_t *ret_uid, uint32_t *ret_slot);

/* The group of an end that is being made, at CLOCK_BOOTTIME `seconds`. */
uint32_t slot_making(uint64_t seconds);

enum slot_state {
	SLOT_OTHERS, /* a group that is neither: somebody else's interface */
	SLOT_COMPLETE,
	SLOT_MAKING, /* somebody is at it */
	SLOT_LEFT,   /* begun more than SLOT_MAKING_S ago, and left */
};

/* What the group says at CLOCK_BOOTTIME `seconds`. The clock is kept modulo 2^24 s, so an end
 * that was left is taken for one being made for a minute of every 194 days. */
enum slot_state slot_state(uint32_t group, uint64_t seconds);
