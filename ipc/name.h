/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexical form of a document's values. The parser checks it to name the place of an error.
 * The parent checks it again on what the parser sent, where a wrong form is a protocol
 * violation.
 */
#pragma once

#include <stddef.h>

#include "op.h"

/* VST_DOC_OK, EMPTY, CONTROL, IFNAME_LONG or IFNAME. */
enum vst_doc_error vst_ifname_check(const char *name, size_t len);

/* VST_DOC_OK, EMPTY, CONTROL or KIND. */
enum vst_doc_error vst_kind_check(const char *kind, size_t len);

/* VST_DOC_OK, EMPTY, CONTROL or FS_TYPE. */
enum vst_doc_error vst_fstype_check(const char *type, size_t len);

/* The name of a cgroup beneath its hierarchy: a canonical relative path without components that
 * could be control files, which lie beside the directories. VST_DOC_OK, CGROUP, or CGROUP_PATH
 * if it begins with the hierarchies' mount point. */
enum vst_doc_error vst_cgroup_check(const char *path, size_t len);

/* Writes the canonical form of `path` to `out`: no empty component, no ".", no trailing "/",
 * NUL-terminated; len + 1 bytes are always enough. Returns VST_DOC_OK with *ret_len, the length
 * without NUL, or EMPTY, CONTROL, DOTDOT, PATH_LONG, COMPONENT_LONG. "/" stays "/"; a relative
 * path of nothing but "." is EMPTY. `out` may be `path`. */
enum vst_doc_error vst_path_canonical(const char *path, size_t len, char *out, size_t *ret_len);

/* Whether `path` is already in canonical form. */
int vst_path_is_canonical(const char *path, size_t len);
