/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root's review of what a user has bound, by the present policy and accounts: what no line
 * permits any more is taken back, and of what is permitted, the newest that are too many. Only
 * what is known not to be permitted goes; the rest is kept and named.
 */
#pragma once

#include "run.h"

/* What the review leaves, beside what it takes back. */
struct review_left {
	unsigned failed;  /* Binds that could not be taken back. */
	unsigned unknown; /* Binds of which it cannot be told whether they are permitted. */
};

/* Reads the policy and the accounts, for all users, before any of them is looked at:
 * VST_EXIT_INVALID if they do not say for certain what is permitted. That there is no policy,
 * or that it is empty, permits nobody anything, and is taken for an accident here. */
int review_load(struct vst_err *err);

/* Judges a veth by its slot and the name of its bridge ("" if it is on none): 1 it is
 * permitted, 0 with why not, -1 with why that is not known. In root's own process, after
 * review_load. */
int review_port(uint32_t uid, uint32_t slot, const char *bridge, struct vst_err *ret_why);

/* In the user's process: takes note of who is judged. */
int review_begin(uint32_t uid, struct vst_err *err);

/* Judges what the finished runs of the open journal have bound, and takes back what is not
 * permitted. What is permitted is noted for review_excess. */
void review_journal(struct run *run, struct review_left *left);

/* After all journals: chooses the newest of what is permitted that are more than the user may
 * have. Returns how many; review_take takes those of the open journal back. */
uint32_t review_excess(struct review_left *left);
void review_take(struct run *run, struct review_left *left);
