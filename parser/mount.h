/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry of mounts[]. Its members may come in any order, so they are kept until the entry
 * closes; then they are judged together and become one operation.
 */
#pragma once

#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "build.h"
#include "options.h"

/* An option that is data for the file system. Its text lies in the document. */
struct mount_data {
	struct build_text text;
	uint32_t key_len; /* bytes before '='; text.len if there is none */
	uint32_t sub;     /* index in options[] */
};

/* The position of an option that a bind ignores, for a warning. */
struct mount_note {
	uint32_t line, column, sub;
};

struct mount {
	uint32_t index; /* in mounts[] */
	uint32_t line;  /* of the entry's start */
	uint32_t column;
	uint32_t destination_len; /* 0: not read yet */
	struct build_text type;
	struct build_text source;
	struct options options;
	unsigned n_data;
	unsigned n_notes;
	struct mount_data data[VST_MOUNT_DATA_MAX + 3]; /* 3: lowerdir, upperdir, workdir */
	struct mount_note notes[2]; /* one for sync or async, one for dirsync */
	char destination[VST_PATH_MAX + 1];
	unsigned char op[VST_MOUNT_BYTES_MAX]; /* the operation, built by mount_close */
};

/* Begins mounts[index], which starts at line and column. */
void mount_open(struct mount *mount, uint32_t index, uint32_t line, uint32_t column);

/* Adds options[sub], which is not empty and has no control characters. Returns VST_DOC_OK, or
 * what is wrong with it by itself or together with earlier options. */
enum vst_doc_error mount_option(
	struct mount *mount, const struct build_text *text, uint32_t sub);

/* Judges the mount, which has a destination, sends it, and sends warnings about options that it
 * ignores. Returns 0, or -1 with the finding. */
int mount_close(struct mount *mount, struct build *build, struct vst_finding *ret_finding);
