/* SPDX-License-Identifier: Apache-2.0 */
/* The exit statuses of vestibule, as in vestibule(8). */
#pragma once

enum vst_exit {
	VST_EXIT_OK = 0,
	VST_EXIT_FAILED = 1,
	VST_EXIT_USAGE = 2,
	VST_EXIT_DENIED = 3,
	VST_EXIT_INVALID = 4,
	VST_EXIT_INCOMPLETE = 5,
	VST_EXIT_UNSUPPORTED = 6,
	VST_EXIT_CONFLICT = 7,
	VST_EXIT_BUSY = 8,
};
