/* SPDX-License-Identifier: Apache-2.0 */
#include "show_put.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "../kernel/escape.h"

void show_flush(struct showing *show)
{
	if (!show->failed && show->len && show->put(show->arg, show->buffer, show->len) < 0)
		show->failed = errno ? errno : EIO;
	show->len = 0;
}

void show_put_bytes(struct showing *show, const char *bytes, size_t len)
{
	while (len) {
		size_t room = sizeof show->buffer - show->len, n = len < room ? len : room;

		memcpy(show->buffer + show->len, bytes, n);
		show->len += n;
		bytes += n;
		len -= n;
		if (show->len == sizeof show->buffer)
			show_flush(show);
	}
}

void show_put(struct showing *show, const char *text)
{
	show_put_bytes(show, text, strlen(text));
}

void show_put_number(struct showing *show, uint64_t number)
{
	char text[20], *at = text + sizeof text;

	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	show_put_bytes(show, at, (size_t)(text + sizeof text - at));
}

void show_put_object(struct showing *show, uint64_t dev, uint64_t ino)
{
	show_put_number(show, major(dev));
	show_put(show, ":");
	show_put_number(show, minor(dev));
	show_put(show, " ");
	show_put_number(show, ino);
}

/* Small enough that VST_QUOTE_N never truncates a piece. */
#define PIECE 64

/* Escapes the bytes and passes them to `each`, piece by piece. */
static void put_escaped(struct showing *show, const char *bytes, size_t len,
	void (*each)(struct showing *show, const char *piece))
{
	for (size_t i = 0; i < len; i += PIECE)
		each(show, VST_QUOTE_N(bytes + i, len - i < PIECE ? len - i : PIECE));
}

static void text_piece(struct showing *show, const char *piece)
{
	for (;;) {
		size_t len = strcspn(piece, "\"");

		show_put_bytes(show, piece, len);
		if (!piece[len])
			return;
		show_put(show, "\\x22");
		piece += len + 1;
	}
}

static void json_piece(struct showing *show, const char *piece)
{
	char one[3];

	for (; *piece; piece++)
		show_put(show, escape_json(*piece, one));
}

/* Whether the name needs no escaping in either form. Most names are plain. */
static int is_plain(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = name[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
			!(c >= '0' && c <= '9') && (!c || !strchr("/._-@%+=", c)))
			return 0;
	}
	return len > 0;
}

void show_put_name(struct showing *show, const char *name, size_t len, enum show_quote quote)
{
	int plain = is_plain(name, len);
	const char *mark = quote == SHOW_QUOTE_ALWAYS || !plain ? "\"" : "";

	show_put(show, mark);
	if (plain)
		show_put_bytes(show, name, len);
	else
		put_escaped(show, name, len, text_piece);
	show_put(show, mark);
}

void show_put_json(struct showing *show, const char *name, size_t len)
{
	show_put(show, "\"");
	if (is_plain(name, len))
		show_put_bytes(show, name, len);
	else
		put_escaped(show, name, len, json_piece);
	show_put(show, "\"");
}
