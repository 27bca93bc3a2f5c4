/* SPDX-License-Identifier: Apache-2.0 */
/* A mount of mounts[] as words of a command line: what the parser and the plan make of one, so
 * that the drivers can hand it to an executor. It judges nothing. */
#pragma once

#include "../../policy/allowed.h"
#include "../../policy/plan.h"

/* Storage of the plan that the words add to. */
struct mount_words {
	char bytes[65536];
	uint32_t len;
	struct step_mount mounts[16];
	uint32_t n_mounts;
	struct step_source sources[128];
	uint32_t n_sources;
	struct step_option options[128];
	uint32_t n_options;
};

/* The offset of a text, appended. */
uint32_t mount_words_text(struct mount_words *words, const char *text);

/* Another source: kind 0 of a bind, or VST_ITEM_*. */
void mount_words_source(struct mount_words *words, uint8_t kind, const char *path);

/* Takes options up to "end" (or the end) into a new mount: names, lower=PATH, upper=PATH and
 * work=PATH, and what else there is as data. Returns how many words these are, "end" too. */
int mount_words_options(struct mount_words *words, char **args, struct step_mount *mount);
