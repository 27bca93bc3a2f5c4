/* SPDX-License-Identifier: Apache-2.0 */
/* Writes pieces of a plan's text or JSON through the buffer of struct showing. */
#pragma once

#include "show.h"

/* Passes the buffer to show->put and empties it. The first failure is kept in show->failed; put
 * is not called after it. */
void show_flush(struct showing *show);

void show_put(struct showing *show, const char *text);
void show_put_bytes(struct showing *show, const char *bytes, size_t len);
void show_put_number(struct showing *show, uint64_t number);

/* Writes device and inode, as "8:1 1234". */
void show_put_object(struct showing *show, uint64_t dev, uint64_t ino);

/* Both write a backslash and every byte that is not printable as \xNN. show_put_name writes the
 * quotation mark as \x22, too, and puts the string in quotation marks if it is empty or not a
 * plain name, with SHOW_QUOTE_ALWAYS in every case. show_put_json writes a JSON string. */
enum show_quote { SHOW_QUOTE_IF_ODD, SHOW_QUOTE_ALWAYS };
void show_put_name(struct showing *show, const char *name, size_t len, enum show_quote quote);
void show_put_json(struct showing *show, const char *name, size_t len);
