/*
 * The directories that a run's paths stand on: each held by one descriptor, found again by the
 * path that led there. One run has one table of them: static storage.
 */
#pragma once

#include "../../ipc/err.h"
#include "../../policy/step.h"
#include "walk.h"

/* Starts with no pin. */
void pins_start(void);

/* The table, and how many there are. */
struct pin *pins_table(uint32_t *ret_n);

struct pin *pins_get(uint32_t pin);
struct object pins_object(uint32_t pin);

/* Keeps the walk's place as the pin of path[0..len), len 0: of no path. Takes its descriptor;
 * path must outlive the pins. */
int pins_add(struct walk *walk, const char *path, uint32_t len, uint32_t *ret_pin,
	struct vst_err *err);

/* Keeps a copy of the text as long as the pins; NULL: there is no room. */
const char *pins_keep(const char *text);

/* The pin that covers most of path[0..max), *ret_len of it: "/" covers nothing. */
uint32_t pins_deepest(const char *path, uint32_t max, uint32_t *ret_len);

/* What was mounted meanwhile may hide what paths led to: the pins stay, their paths go. */
void pins_forget_paths(void);
