/*
 * The options of a mount that are names, not data: what each means, which contradict each
 * other, and what they make of the mount together.
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

/* mand has an opposite, and no effect since Linux 5.15: it never leaves the parser. */
#define OPTION_SB_MAND 0x80

#define OPTION_BIND 0x01
#define OPTION_RBIND 0x02
#define OPTION_REMOUNT 0x04

struct option {
	const char *name;
	uint8_t kind;   /* enum option_kind */
	uint8_t bit;    /* of that kind; OPTION_PROPAGATION: as in struct vst_mount_flags */
	uint8_t clears; /* OPTION_ATTR, _ATIME, _SB: it takes the bit away */
	uint8_t is_rec; /* OPTION_ATTR, _ATIME: of the mount and all beneath it */
};

/* What was named so far; all zero at first. */
struct options {
	/* By is_rec and kind. */
	uint8_t set[2][OPTION_SB + 1];
	uint8_t clear[2][OPTION_SB + 1];
	uint8_t propagation;
	uint8_t actions;
	uint8_t has_others; /* more than an action, a propagation, or nothing */
};

/* The option of that name, or NULL: then it is data. */
const struct option *options_find(const char *bytes, size_t len);

/* VST_DOC_OK, or OPPOSITE, PROPAGATION_TWICE if it cannot stand beside what was named before.
 */
enum vst_doc_error options_add(struct options *options, const struct option *option);

/* What a mount with these options is: an enum vst_mount_action, with VST_MOUNT_RECURSIVE.
 * has_data: it has options that are data too. */
uint8_t options_action(const struct options *options, int has_data);

/* What that action is told of them. */
struct vst_mount_flags options_flags(const struct options *options, uint8_t action);
