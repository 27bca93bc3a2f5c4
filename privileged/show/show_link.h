/* SPDX-License-Identifier: Apache-2.0 */
/* What an interface is given beside its place, in both forms of a plan. Only for show_text.c
 * and show_json.c. */
#pragma once

#include "show.h"

/* Writes the lines of a step that sets something of an interface; nothing for other steps. */
void show_link_text(struct showing *show, const struct step *step);

/* Writes the member "set", with the comma before it, of a step that sets something of an
 * interface; nothing for other steps. */
void show_link_json(struct showing *show, const struct step *step);
