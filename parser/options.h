/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a mount that are flags, not data: the meaning of each, which contradict each
 * other, and the action and flags that they amount to.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/op.h"

enum option_kind {
	OPTION_ATTR,  /* bit: VST_ATTR_* */
	OPTION_ATIME, /* bit: 1 << enum vst_atime */
	OPTION_SB,    /* bit: VST_SB_*, OPTION_SB_MAND */
	OPTION_PROPAGATION,
	OPTION_ACTION,
	OPTION_NOTHING,
};

/* "mand" has no effect since Linux 5.15, so the parser does not send it. The bit serves to
 * refuse it together with its opposite "nomand". */
#define OPTION_SB_MAND 0x80

#define OPTION_BIND 0x01
#define OPTION_RBIND 0x02
#define OPTION_REMOUNT 0x04

struct option {
	const char *name;
	uint8_t kind;   /* enum option_kind */
	uint8_t bit;    /* by kind; OPTION_PROPAGATION: as in struct vst_mount_flags */
	uint8_t clears; /* OPTION_ATTR, _ATIME, _SB: clears the bit */
	uint8_t is_rec; /* OPTION_ATTR, _ATIME: for the mount and all mounts beneath it */
};

/* The options of a mount so far. All zero at first. */
struct options {
	uint8_t set[2][OPTION_SB + 1];   /* bits set, by is_rec and kind */
	uint8_t clear[2][OPTION_SB + 1]; /* bits cleared, by is_rec and kind */
	uint8_t propagation;             /* as in struct vst_mount_flags; 0: none */
	uint8_t actions;                 /* OPTION_BIND, _RBIND, _REMOUNT */
	uint8_t has_others;              /* has an OPTION_ATTR, _ATIME or _SB */
};

/* Returns the option of that name, or NULL if the string is data. */
const struct option *options_find(const char *bytes, size_t len);

/* Adds the option. Returns VST_DOC_OK, or OPPOSITE or PROPAGATION_TWICE if it contradicts an
 * earlier one. */
enum vst_doc_error options_add(struct options *options, const struct option *option);

/* Returns the action of a mount with these options: an enum vst_mount_action, and
 * VST_MOUNT_RECURSIVE for an rbind. has_data: the mount also has options that are data. */
uint8_t options_action(const struct options *options, int has_data);

/* Returns the flags that this action gets from the options. */
struct vst_mount_flags options_flags(const struct options *options, uint8_t action);
