/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a plan as text for people or as JSON for programs (dist/vestibule-plan.schema.json).
 * Both are made step by step and passed on in pieces, so memory does not grow with the plan.
 *
 * The text is canonical: it does not depend on who makes it or when. It names objects by device
 * and inode, and a process by pid and identity. It contains nothing that needs a privilege to
 * see, no time, and no id that this run chose. Strings from the document and file names are
 * escaped and never cut.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/plan.h"

/* Version of the text's form. It is incremented with every change of the form. */
#define SHOW_VERSION 2

struct show_object {
	uint64_t dev, ino; /* 0, 0: the object does not exist */
};

/* What is shown. All pointers are borrowed. */
struct show_facts {
	const struct plan *plan;
	const struct pin *pins; /* NULL: nothing was resolved; paths are shown as written */
	const char *bundle;     /* path of the bundle */
	struct show_object bundle_dir, rootfs, lower, tmp;
	struct text containerd; /* in the plan's bytes; off 0: none */
	uint32_t pid;           /* attach: the process */
	uint64_t here;          /* attach: inode of our network namespace; 0: unknown */
	uint64_t ident;         /* attach: identity of the process; 0: the kernel has none */
	int already;            /* an earlier run has done the whole plan */
	const struct vst_err *refused; /* why the whole run would be refused, or NULL */
};

struct showing {
	const struct show_facts *facts;
	int json;
	/* Takes a piece. After it returns -1 with errno it is not called again. */
	int (*put)(void *arg, const char *bytes, size_t len);
	void *arg;
	int failed;     /* errno of a failed put, or 0 */
	uint64_t needs; /* capabilities that the steps so far require */
	size_t len;     /* bytes in buffer */
	char buffer[8192];
};

/* Initializes *show and writes what comes before the first step. */
void show_start(struct showing *show, const struct show_facts *facts, int json,
	int (*put)(void *arg, const char *bytes, size_t len), void *arg);

/* Writes one step. `refused` says why it would be refused, or is NULL. To be called for every
 * step, in order, after it was resolved. */
void show_step(struct showing *show, uint32_t step, const struct vst_err *refused);

/* For something else that is said of the steps: as show_start and show_end, with nothing before
 * the steps and after them; and one step, ": " and what is said of it. */
void show_open(struct showing *show, const struct show_facts *facts,
	int (*put)(void *arg, const char *bytes, size_t len), void *arg);
void show_said(struct showing *show, uint32_t step, const char *said);
int show_close(struct showing *show);

/* Writes what comes after the steps. Returns 0, or -1 with errno if any put failed. */
int show_end(struct showing *show);
