/* What a printable byte becomes inside a JSON string. */
#pragma once

/* The byte itself, or behind a backslash; ret is one or two bytes and a NUL. What is put into
 * JSON here is printable ASCII already (vst_quote), so nothing else needs an escape. */
static inline const char *escape_json(char byte, char ret[3])
{
	char *at = ret;

	if (byte == '"' || byte == '\\')
		*at++ = '\\';
	*at++ = byte;
	*at = '\0';
	return ret;
}
