/* SPDX-License-Identifier: Apache-2.0 */
/* statmount and listmount (6.8) over mounts of the test's own. Linked with --wrap=syscall; any
 * other call is a failure. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "privileged/kernel/kernel_mount.h"

#define MOUNTS_MAX 160

struct mount {
	uint64_t id, parent;
	uint64_t group, master, from;
	const char *root, *point; /* NULL: not told. */
	uint32_t minor;
	int is_private;
	int code; /* errno of statmount; 0: it answers. */
};

/* What the kernel has, and what it was asked. */
static struct {
	struct mount mounts[MOUNTS_MAX]; /* In the order of their ids. */
	unsigned n_mounts;
	unsigned n_lists, n_stats;
	unsigned fails_at; /* The listmount call that fails, from 1. */
	uint64_t after[4]; /* Of the first listmount calls. */
} calls;

static inline struct mount *mount_of(uint64_t id)
{
	for (unsigned i = 0; i < calls.n_mounts; i++)
		if (calls.mounts[i].id == id)
			return &calls.mounts[i];
	return NULL;
}

static inline struct mount *add_mount(struct mount mount)
{
	assert_true(calls.n_mounts < MOUNTS_MAX);
	calls.mounts[calls.n_mounts] = mount;
	return &calls.mounts[calls.n_mounts++];
}

static inline long list(const struct kernel_mnt_id_req *req, uint64_t *ret, size_t max)
{
	long n = 0;

	assert_true(req->mnt_id == KERNEL_LSMT_ROOT);
	if (calls.n_lists < sizeof calls.after / sizeof calls.after[0])
		calls.after[calls.n_lists] = req->param;
	errno = ENOMEM;
	if (++calls.n_lists == calls.fails_at)
		return -1;
	for (unsigned i = 0; i < calls.n_mounts && (size_t)n < max; i++)
		if (calls.mounts[i].id > req->param)
			ret[n++] = calls.mounts[i].id;
	return n;
}

static inline long stat_mount(const struct kernel_mnt_id_req *req, struct kernel_statmount *ret)
{
	const struct mount *mount = mount_of(req->mnt_id);
	const char *text = !mount                                   ? NULL
			   : req->param & KERNEL_STATMOUNT_MNT_ROOT ? mount->root
								    : mount->point;

	calls.n_stats++;
	errno = mount ? mount->code : ENOENT;
	if (errno)
		return -1;
	*ret = (struct kernel_statmount){.mask = req->param,
		.mnt_id = mount->id,
		.mnt_parent_id = mount->parent,
		.sb_dev_minor = mount->minor,
		.mnt_propagation = mount->is_private ? MS_PRIVATE : MS_SHARED,
		.mnt_peer_group = mount->is_private ? 0 : mount->group,
		.mnt_master = mount->master,
		.propagate_from = mount->from};
	if (!(req->param & (KERNEL_STATMOUNT_MNT_ROOT | KERNEL_STATMOUNT_MNT_POINT)))
		return 0;
	/* What is not told is not empty, either. */
	strcpy(ret->str, "/elsewhere");
	if (!text)
		ret->mask = 0;
	else if (req->param & KERNEL_STATMOUNT_MNT_ROOT)
		strcpy(ret->str + (ret->mnt_root = 3), text);
	else
		strcpy(ret->str + (ret->mnt_point = 7), text);
	return 0;
}

long __wrap_syscall(long number, ...);
long __wrap_syscall(long number, ...)
{
	const struct kernel_mnt_id_req *req;
	void *ret;
	size_t n;
	va_list ap;

	va_start(ap, number);
	req = va_arg(ap, const struct kernel_mnt_id_req *);
	ret = va_arg(ap, void *);
	n = va_arg(ap, size_t);
	va_end(ap);
	if (number == KERNEL_SYS_LISTMOUNT)
		return list(req, ret, n);
	assert_int_equal(number, KERNEL_SYS_STATMOUNT);
	return stat_mount(req, ret);
}
