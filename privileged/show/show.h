/*
 * A plan as a person reads it, or a program: the text is canonical, the JSON has a schema
 * (dist/vestibule-plan.schema.json). Both are made step by step and handed on in pieces:
 * nothing of the size of the plan is kept.
 *
 * The text is the same whoever makes it and whenever: objects by device and inode, a process by
 * its number and identity; nothing that takes a privilege to see, no time, no number that this
 * run gave. Everything that came from a document or a file name is escaped, and none of it is
 * cut.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/plan.h"

/* What of a text's form a reader may rely on: counted up with every change. */
#define SHOW_VERSION 2

struct show_object {
	uint64_t dev, ino; /* 0, 0: it is not there */
};

/* What is shown. All of it is borrowed. */
struct show_facts {
	const struct plan *plan;
	const struct pin *pins; /* NULL: no name was looked up, paths are shown as they are */
	const char *bundle;     /* its path */
	struct show_object bundle_dir, rootfs, lower, tmp;
	struct text containerd; /* in the plan's bytes; off 0: none */
	uint32_t pid;           /* attach */
	uint64_t here;          /* attach: our network namespace, by its inode; 0: not known */
	uint64_t ident;         /* of the process; 0: the kernel tells none */
	int already;            /* an earlier run has done all of it */
	const struct vst_err *refused; /* the run as a whole would be; NULL */
};

struct showing {
	const struct show_facts *facts;
	int json;
	/* Takes a piece. -1 with errno: no other is handed on. */
	int (*put)(void *arg, const char *bytes, size_t len);
	void *arg;
	int failed; /* errno of it */
	uint64_t needs;
	size_t len;
	char buffer[8192];
};

/* Up to the first step. show is made anew. */
void show_start(struct showing *show, const struct show_facts *facts, int json,
	int (*put)(void *arg, const char *bytes, size_t len), void *arg);

/* The next step; refused: why it would be, or NULL. To be called for each, in order, once it
 * was resolved. */
void show_step(struct showing *show, uint32_t step, const struct vst_err *refused);

/* What is behind the steps. -1 with errno if not all of it was taken. */
int show_end(struct showing *show);
