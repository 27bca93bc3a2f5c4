/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks that deadlines and ages are measured with. */
#pragma once

#include <stdint.h>
#include <time.h>

/* Milliseconds of CLOCK_MONOTONIC, which stops while the machine sleeps, as does what is waited
 * for. */
static inline int64_t kernel_now_ms(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Seconds of CLOCK_BOOTTIME, which counts the time that the machine sleeps. */
static inline int64_t kernel_boot_s(void)
{
	struct timespec now = {0};

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec;
}
