/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root's look after what users had done: a child for each, with that user's rights and a
 * deadline. What a user's directories lead to is looked up as he would; a file system of his
 * that does not answer stops his child alone.
 */
#pragma once

#include "run.h"

/* Root acts as this user would by a setuid program: *caller is the user afterwards, with his
 * groups. Before the first limiting of capabilities. VST_EXIT_DENIED: the caller is not root of
 * the machine. */
int run_as_owner(struct caller *caller, uint32_t uid, struct vst_err *err);

/* Whether what users had done is looked after as well: by root, of the machine's own state. */
int run_sees_users(const struct run *run);

/* Lets a child act as the verb for each user that has a directory in /run/vestibule/users, one
 * after the other; with --uid for that one alone. Its run has the bundle of `run`, and none on
 * the command line. What it prints is passed on. 0, or -1 if one failed, was not done in time
 * or could not be started: each is named. Before the filter; only if run_sees_users. */
int run_for_users(const struct run *run, int (*verb)(struct run *run, struct vst_err *err),
	struct vst_err *err);
