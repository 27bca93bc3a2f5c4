/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The policy file's text, and the rules that it is parsed to: what callers with less than the
 * program may have done. vestibule-policy(5) has the grammar. Rules only permit, and are a
 * union: their order means nothing, and every one that is taken away grants less.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/err.h"
#include "../ipc/limits.h"

enum rule_who {
	RULE_USER,  /* a name in /etc/passwd; its id comes from accounts.h */
	RULE_GROUP, /* a name in /etc/group; likewise */
	RULE_UID,
	RULE_GID,
};

enum rule_grant {
	RULE_NS,   /* to bind namespaces beneath a directory */
	RULE_VETH, /* a veth whose host end is a port of a bridge */
	RULE_GRANTS,
};

/* Whether a rule's id is known. Only a rule whose id is known matches anybody. */
enum rule_account {
	RULE_UNKNOWN, /* no such name was found yet */
	RULE_KNOWN,
	RULE_UNUSABLE, /* the name's entry is malformed */
};

/* Bytes of the policy's text; len 0: none. */
struct span {
	uint32_t off;
	uint32_t len;
};

struct rule {
	uint32_t line; /* counts from 1 */
	uint8_t who;   /* enum rule_who */
	uint8_t grant; /* enum rule_grant */
	uint8_t account;
	uint8_t is_shared;        /* VETH: `shared` */
	uint8_t namespaces;       /* NS: bit n is enum vst_ns n */
	uint16_t count;           /* 1 to VST_POLICY_COUNT_MAX */
	uint16_t total;           /* VETH: 1 to VST_POLICY_TOTAL_MAX */
	uint32_t id;              /* uid or gid, if the account is RULE_KNOWN */
	struct span account_name; /* USER, GROUP */
	struct span place;        /* NS: the directory; VETH: the bridge */
};

struct rules {
	const char *text; /* borrowed */
	uint32_t n;
	struct rule rule[VST_POLICY_LINES_MAX]; /* in the order of the file */
};

/* Parses a whole policy, which `file` names in messages. Returns 0, or -1 with VST_EXIT_INVALID
 * and "FILE:LINE:COLUMN: what is wrong; what to do": then ret->n is 0. No byte of the text is
 * in the message. *ret borrows the text. */
int rules_read(
	const char *file, const char *text, size_t len, struct rules *ret, struct vst_err *err);

/* Parses a decimal number, 0 to max, without sign and leading zero. Returns 0 or -1. */
int rules_number(const char *text, size_t len, uint32_t max, uint32_t *ret);

/* Whether the text may be a user's or group's name, in a rule or on the command line: letters,
 * digits and ._@$+-, not beginning with '+' or '-', and not a number. */
int rules_is_account_name(const char *text, size_t len);
