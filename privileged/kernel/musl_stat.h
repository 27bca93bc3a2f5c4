/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included first where the libc is musl: since 1.2.5 that has a statx of its own, without what
 * the kernel added in 5.8. Its names are kept out of the way of <linux/stat.h>
 * (kernel_mount.h).
 */
#pragma once

#define statx musl_statx
#define statx_timestamp musl_statx_timestamp
#include <sys/stat.h>
#undef statx
#undef statx_timestamp
