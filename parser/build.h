/*
 * Operations from the values of a document, and the rules across them: what an interface's
 * members mean together, what is named twice, how many operations there may be.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "input.h"
#include "seen.h"
#include "send.h"

/* A string of the document and where it stands. bytes is NULL: absent. They lie in the
 * document. */
struct build_text {
	const char *bytes;
	uint32_t len;
	uint32_t line;
	uint32_t column;
};

/* Each member has its form (name.h), and the name is there. */
struct build_link {
	struct build_text name;
	struct build_text add;
	struct build_text peer;
	int create_in_root;
	uint32_t index; /* in interfaces[] */
};

struct build {
	struct send *send;
	struct seen names;
	uint32_t n_sources; /* of VST_MOUNT_SOURCES_MAX: what mounts are made of */
	struct {
		struct send_string path; /* len 0: absent */
		struct build_text text;
	} ns[VST_NS_COUNT];
	/* Their paths, one after the other: a page is touched by those that need it. */
	uint32_t n_ns_bytes;
	char ns_bytes[VST_NS_COUNT * VST_PATH_MAX];
};

/* The build is all zero. */
void build_init(struct build *build, struct send *send, const struct document *doc);

/* Each returns 0, or -1 with the finding. */

/* An operation of one string that has its form: a canonical path, a namespace's name; text is
 * where it came from. */
int build_one(struct build *build, enum vst_op_kind kind, const struct send_string *string,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

int build_link(
	struct build *build, const struct build_link *link, struct vst_finding *ret_finding);

/* An absolute canonical path to bind namespace ns onto, kept for build_end. */
int build_bind_ns(struct build *build, enum vst_ns ns, const struct send_string *path,
	const struct build_text *text, const struct vst_place *place,
	struct vst_finding *ret_finding);

/* Sends what was kept. */
int build_end(struct build *build, struct vst_finding *ret_finding);
