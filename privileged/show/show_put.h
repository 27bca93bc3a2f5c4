/* Puts pieces of a plan's text or JSON into its buffer. */
#pragma once

#include "show.h"

/* Hands on what is in the buffer. A failure is kept in show->failed, and nothing follows it. */
void show_flush(struct showing *show);

void show_put(struct showing *show, const char *text);
void show_put_bytes(struct showing *show, const char *bytes, size_t len);
void show_put_number(struct showing *show, uint64_t number);

/* "8:1 1234" */
void show_put_object(struct showing *show, uint64_t dev, uint64_t ino);

/* Every byte that is not printable, and a backslash, is \xNN. text: so is a quotation mark, and
 * a string that is empty, or holds what is not of a plain name, stands in quotation marks, or
 * all do. json: a JSON string of the same. */
enum show_quote { SHOW_QUOTE_IF_ODD, SHOW_QUOTE_ALWAYS };
void show_put_name(struct showing *show, const char *name, size_t len, enum show_quote quote);
void show_put_json(struct showing *show, const char *name, size_t len);
