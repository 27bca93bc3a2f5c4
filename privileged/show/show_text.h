/* SPDX-License-Identifier: Apache-2.0 */
/* The plan as text. */
#pragma once

#include "show.h"

void show_text_start(struct showing *show);
void show_text_step(struct showing *show, uint32_t step, const struct vst_err *refused);
void show_text_said(struct showing *show, uint32_t step, const char *said);
void show_text_end(struct showing *show);
