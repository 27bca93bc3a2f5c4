/* SPDX-License-Identifier: Apache-2.0 */
#include "link_steps.h"

#include <errno.h>

#include "../../ipc/limits.h"

int link_steps_spend(unsigned components)
{
	static unsigned left = VST_LINK_STEPS_MAX;

	if (components > left) {
		left = 0;
		errno = EMLINK;
		return -1;
	}
	left -= components;
	return 0;
}
