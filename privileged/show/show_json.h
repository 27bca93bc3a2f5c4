/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as JSON. */
#pragma once

#include "show.h"

void show_json_start(struct showing *show);
void show_json_step(struct showing *show, uint32_t step, const struct vst_err *refused);
void show_json_end(struct showing *show);
