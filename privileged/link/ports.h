/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The host's ends of users' veths, looked after: what killed runs left behind is deleted, and a
 * port that is not as it was made is set down, because what kept its container from being
 * another is gone. What only has such a name is left alone.
 */
#pragma once

#include <stdint.h>

#include "../../ipc/err.h"
#include "nl.h"

enum ports_is {
	PORTS_FINE,
	PORTS_MAKING, /* somebody is at it */
	PORTS_LEFT,   /* left behind unfinished */
	PORTS_WRONG,  /* complete, and not as it was made */
	PORTS_OTHERS, /* the name, and not the group; or its other end is not elsewhere */
};

struct ports_one {
	const char *name;
	uint32_t uid, slot;
	enum ports_is is;
	const char *wrong; /* WRONG: what, as the end of a sentence; static */
	int is_down;       /* WRONG: it was down, or was set down now */
	int is_gone;       /* it was to be deleted, and was */
};

/* Which ports, and what is done. */
struct ports_which {
	int of_one; /* those of uid alone */
	uint32_t uid;
	int deletes; /* what was left behind */
	int all;     /* with `deletes`: everything but OTHERS */
	/* With `deletes`: what of the rest is to go, too. 0: it goes; `bridge` is the name of
	 * the one that it is on, or "". NULL: none of it. */
	int (*stays)(const struct ports_one *one, const char *bridge);
};

/* Looks at each port, sets down what is WRONG, deletes what is to be, and tells `say` of each.
 * 0, or -1 with err: from `say`, or because they could not be listed. */
int ports_look_after(struct nl *nl, const struct ports_which *which,
	int (*say)(const struct ports_one *one, void *arg, struct vst_err *err), void *arg,
	struct vst_err *err);
