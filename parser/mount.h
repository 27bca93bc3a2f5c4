/*
 * An entry of mounts[]: its members in whatever order they come, kept until it closes; then
 * what they mean together, taken apart into one operation.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "build.h"
#include "options.h"

/* An option that is data: a string of the document, which outlasts the mount. */
struct mount_data {
	struct build_text text;
	uint32_t key_len; /* text.len: there is no '=' */
	uint32_t sub;     /* in options[] */
};

/* An option that a bind would ignore. */
struct mount_note {
	uint32_t line, column, sub;
};

struct mount {
	uint32_t index; /* in mounts[] */
	uint32_t line;  /* where it starts */
	uint32_t column;
	uint32_t destination_len; /* 0: not yet */
	struct build_text type;
	struct build_text source;
	struct options options;
	unsigned n_data;
	unsigned n_notes;
	struct mount_data data[VST_MOUNT_DATA_MAX + 3]; /* with the lists of layers */
	struct mount_note notes[2];                     /* sync or async, dirsync */
	char destination[VST_PATH_MAX + 1];
	unsigned char op[VST_MOUNT_BYTES_MAX]; /* being made, when it closes */
};

/* Begins the mount whose place is mounts[index]. */
void mount_open(struct mount *mount, uint32_t index, uint32_t line, uint32_t column);

/* Takes options[sub]: not empty, no control character. VST_DOC_OK, or what is wrong with it or
 * with it beside those before. */
enum vst_doc_error mount_option(
	struct mount *mount, const struct build_text *text, uint32_t sub);

/* Judges the mount, which has a destination, sends it, and warns of what it does not do. 0, or
 * -1 with the finding. */
int mount_close(struct mount *mount, struct build *build, struct vst_finding *ret_finding);
