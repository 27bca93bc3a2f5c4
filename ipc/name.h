/*
 * The lexical form of the values of a document. The parser uses it to name the place of an
 * error; the parent uses it again on what the parser sent, and a value that does not have
 * the form there is a protocol violation.
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

/* The name of a cgroup beneath its hierarchy: a canonical relative path, none of whose
 * components could be a control file, which lies beside the directories. VST_DOC_OK or CGROUP.
 * CGROUP_PATH: it begins as the path that the hierarchies are mounted on. */
enum vst_doc_error vst_cgroup_check(const char *path, size_t len);

/* Writes the canonical form of path to out (len + 1 bytes are always enough): no empty
 * component, no ".", no trailing "/", NUL-terminated. Returns VST_DOC_OK with *ret_len, the
 * length without NUL, or EMPTY, CONTROL, DOTDOT, PATH_LONG, COMPONENT_LONG. "/" stays "/"; a
 * relative path of nothing but "." is EMPTY. out may be path itself.
 */
enum vst_doc_error vst_path_canonical(const char *path, size_t len, char *out, size_t *ret_len);

/* Whether path is already what vst_path_canonical would make of it. */
int vst_path_is_canonical(const char *path, size_t len);
