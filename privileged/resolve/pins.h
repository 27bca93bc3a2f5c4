/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pins: the directories that a run's paths start from. Each is held by one descriptor, and
 * found again by the path that led there. One run has one table, in static storage.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/step.h"
#include "walk.h"

/* Starts with an empty table. */
void pins_start(void);

/* The table, borrowed, and its length. */
struct pin *pins_table(uint32_t *ret_n);

struct pin *pins_get(uint32_t pin);
struct object pins_object(uint32_t pin);

/* Adds the walk's place as the pin of path[0..len); len 0: of no path. Takes the walk's
 * descriptor. `path` must outlive the pins. */
int pins_add(struct walk *walk, const char *path, uint32_t len, uint32_t *ret_pin,
	struct vst_err *err);

/* Copies the text for as long as the pins live; NULL: no room. */
const char *pins_keep(const char *text);

/* The pin with the longest path that begins path[0..max), *ret_len of it. That of "/" counts as
 * 0. */
uint32_t pins_deepest(const char *path, uint32_t max, uint32_t *ret_len);

/* Forgets the paths of all pins, but keeps the pins: a new mount may cover what the paths led
 * to. */
void pins_forget_paths(void);
