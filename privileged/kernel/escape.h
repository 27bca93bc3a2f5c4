/* SPDX-License-Identifier: Apache-2.0 */
/* Escaping for JSON strings. */
#pragma once

/* Stores the byte, behind a backslash if it needs one, and a NUL in `ret`, and returns it. The
 * byte is printable ASCII (vst_quote), so no other escape is needed. */
static inline const char *escape_json(char byte, char ret[3])
{
	char *at = ret;

	if (byte == '"' || byte == '\\')
		*at++ = '\\';
	*at++ = byte;
	*at = '\0';
	return ret;
}
