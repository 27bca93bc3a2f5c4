/* SPDX-License-Identifier: Apache-2.0 */
#include "name.h"

#include <string.h>

#include "limits.h"

static int is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

static int has_control(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (is_control(s[i]))
			return 1;
	return 0;
}

static int is_lower_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static int is_word(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
	       c == '.';
}

static int equals(const char *s, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(s, word, len) == 0;
}

enum vst_doc_error vst_ifname_check(const char *name, size_t len)
{
	if (len == 0)
		return VST_DOC_EMPTY;
	if (has_control(name, len))
		return VST_DOC_CONTROL;
	if (len > VST_IFNAME_MAX)
		return VST_DOC_IFNAME_LONG;
	/* "all" and "default" are directories of /proc/sys/net, '%' is the kernel's template.
	 */
	if (name[0] == '-' || equals(name, len, ".") || equals(name, len, "..") ||
		equals(name, len, "all") || equals(name, len, "default"))
		return VST_DOC_IFNAME;
	for (size_t i = 0; i < len; i++)
		if (!is_word(name[i]))
			return VST_DOC_IFNAME;
	return VST_DOC_OK;
}

enum vst_doc_error vst_kind_check(const char *kind, size_t len)
{
	if (len == 0)
		return VST_DOC_EMPTY;
	if (has_control(kind, len))
		return VST_DOC_CONTROL;
	if (len > VST_KIND_MAX)
		return VST_DOC_KIND;
	for (size_t i = 0; i < len; i++)
		if (!is_lower_or_digit(kind[i]) && kind[i] != '_' && kind[i] != '-')
			return VST_DOC_KIND;
	return VST_DOC_OK;
}

enum vst_doc_error vst_fstype_check(const char *type, size_t len)
{
	if (len == 0)
		return VST_DOC_EMPTY;
	if (has_control(type, len))
		return VST_DOC_CONTROL;
	if (len > VST_FS_TYPE_MAX || type[0] == '-' || type[0] == '.')
		return VST_DOC_FS_TYPE;
	for (size_t i = 0; i < len; i++)
		if (!is_word(type[i]))
			return VST_DOC_FS_TYPE;
	return VST_DOC_OK;
}

/* Whether the cgroup core or a controller may have a control file of that name. */
static int is_control_file(const char *name, size_t len)
{
	static const char *const files[] = {"tasks", "notify_on_release", "release_agent"};
	static const char *const owners[] = {"cgroup", "blkio", "cpu", "cpuacct", "cpuset",
		"debug", "devices", "dmem", "freezer", "hugetlb", "io", "irq", "memory", "misc",
		"net_cls", "net_prio", "perf_event", "pids", "rdma"};
	const char *dot = memchr(name, '.', len);

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (equals(name, len, files[i]))
			return 1;
	for (size_t i = 0; dot && i < sizeof owners / sizeof *owners; i++)
		if (equals(name, (size_t)(dot - name), owners[i]))
			return 1;
	return 0;
}

/* Whether the path is or lies beneath the hierarchies' mount point: then a host path was
 * mistaken for a cgroup's name. */
static int is_beneath_hierarchies(const char *path, size_t len)
{
	static const char dir[] = "sys/fs/cgroup";
	const size_t dir_len = sizeof dir - 1;

	return len >= dir_len && memcmp(path, dir, dir_len) == 0 &&
	       (len == dir_len || path[dir_len] == '/');
}

enum vst_doc_error vst_cgroup_check(const char *path, size_t len)
{
	size_t start = 0;

	if (!vst_path_is_canonical(path, len) || path[0] == '/')
		return VST_DOC_CGROUP;
	if (is_beneath_hierarchies(path, len))
		return VST_DOC_CGROUP_PATH;
	for (size_t i = 0; i <= len; i++) {
		if (i < len && path[i] != '/')
			continue;
		if (is_control_file(path + start, i - start))
			return VST_DOC_CGROUP;
		start = i + 1;
	}
	return VST_DOC_OK;
}

enum vst_doc_error vst_path_canonical(const char *path, size_t len, char *out, size_t *ret_len)
{
	size_t used = 0, i = 0;
	int absolute;

	if (len == 0)
		return VST_DOC_EMPTY;
	if (len > VST_PATH_MAX)
		return VST_DOC_PATH_LONG;
	if (has_control(path, len))
		return VST_DOC_CONTROL;
	absolute = path[0] == '/';
	while (i < len) {
		size_t start, n;

		while (i < len && path[i] == '/')
			i++;
		start = i;
		while (i < len && path[i] != '/')
			i++;
		n = i - start;
		if (n == 0 || equals(path + start, n, "."))
			continue;
		if (equals(path + start, n, ".."))
			return VST_DOC_DOTDOT;
		if (n > VST_COMPONENT_MAX)
			return VST_DOC_COMPONENT_LONG;
		if (absolute || used > 0)
			out[used++] = '/';
		memmove(out + used, path + start, n);
		used += n;
	}
	if (used == 0) {
		if (!absolute)
			return VST_DOC_EMPTY;
		out[used++] = '/';
	}
	out[used] = '\0';
	*ret_len = used;
	return VST_DOC_OK;
}

int vst_path_is_canonical(const char *path, size_t len)
{
	char out[VST_PATH_MAX + 1];
	size_t out_len;

	return vst_path_canonical(path, len, out, &out_len) == VST_DOC_OK && out_len == len &&
	       memcmp(path, out, len) == 0;
}
