/* SPDX-License-Identifier: Apache-2.0 */
#include "mistake.h"

#include <string.h>

static int is_white(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static int is_letter(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$';
}

static int is_hex(unsigned char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int starts_with(const struct mistake *mistake, const char *what)
{
	size_t len = strlen(what);

	return mistake->len - mistake->at >= len &&
	       memcmp(mistake->bytes + mistake->at, what, len) == 0;
}

static int is_comment(const struct mistake *mistake)
{
	return starts_with(mistake, "//") || starts_with(mistake, "/*") ||
	       starts_with(mistake, "#");
}

/* Returns the last byte before the mistake that is not white space, or 0. */
static unsigned char byte_before(const struct mistake *mistake)
{
	for (size_t i = mistake->at; i > 0; i--)
		if (!is_white(mistake->bytes[i - 1]))
			return mistake->bytes[i - 1];
	return 0;
}

/* The mistake is in the string that begins at `at`. Its bytes are raw. */
static enum vst_doc_error in_string(const struct mistake *mistake)
{
	const unsigned char *s = mistake->bytes;

	for (size_t i = mistake->at + 1; i < mistake->len; i++) {
		if (s[i] == '"')
			return VST_DOC_SYNTAX;
		if (s[i] < 0x20)
			return VST_DOC_JSON_CONTROL;
		if (s[i] != '\\')
			continue;
		if (++i == mistake->len)
			break;
		if (!s[i] || !strchr("\"\\/bfnrtu", s[i]))
			return VST_DOC_JSON_ESCAPE;
		for (size_t hex = i + 1; s[i] == 'u' && hex <= i + 4; hex++)
			if (hex < mistake->len && !is_hex(s[hex]))
				return VST_DOC_JSON_ESCAPE;
	}
	return VST_DOC_JSON_STRING_OPEN;
}

/* The mistake is a closing bracket. */
static enum vst_doc_error at_bracket(const struct mistake *mistake, unsigned char before)
{
	const int closes_object = mistake->bytes[mistake->at] == '}';

	if (closes_object != (mistake->in_object != 0))
		return VST_DOC_JSON_BRACKET;
	if (before == ',')
		return closes_object ? VST_DOC_JSON_COMMA_OBJECT : VST_DOC_JSON_COMMA_LIST;
	return before == ':' ? VST_DOC_JSON_NO_VALUE : VST_DOC_JSON_NO_COLON;
}

/* The mistake stands where a member's name or a value must come. */
static enum vst_doc_error at_value(const struct mistake *mistake, unsigned char before)
{
	const unsigned char c = mistake->bytes[mistake->at];

	if (c == ',')
		return before == ':' ? VST_DOC_JSON_NO_VALUE : VST_DOC_JSON_COMMA_EXTRA;
	if (mistake->in_object && before != ':')
		return is_letter(c) || is_digit(c) ? VST_DOC_JSON_BARE_NAME : VST_DOC_SYNTAX;
	if (is_digit(c) || c == '+' || c == '-' || c == '.')
		return VST_DOC_JSON_NUMBER;
	return is_letter(c) ? VST_DOC_JSON_WORD : VST_DOC_SYNTAX;
}

/* The mistake stands where a comma, a colon or a closing bracket must come. */
static enum vst_doc_error at_separator(const struct mistake *mistake)
{
	const unsigned char *at = mistake->bytes + mistake->at;

	/* In "01" or "1x" yajl reads a valid number and fails at the next byte. */
	if (is_digit(at[-1]) && (is_digit(*at) || is_letter(*at) || *at == '.'))
		return VST_DOC_JSON_NUMBER;
	if (mistake->after_name)
		return VST_DOC_JSON_NO_COLON;
	if (is_letter(*at) || is_digit(*at) || strchr("\"[{-", *at))
		return *at ? VST_DOC_JSON_NO_COMMA : VST_DOC_SYNTAX;
	return VST_DOC_SYNTAX;
}

enum vst_doc_error mistake_tell(const struct mistake *mistake)
{
	const unsigned char before = byte_before(mistake);
	unsigned char c;

	if (mistake->at >= mistake->len)
		return mistake->has_root ? VST_DOC_TRAILING : VST_DOC_JSON_CUT_OFF;
	c = mistake->bytes[mistake->at];
	if (is_comment(mistake))
		return VST_DOC_JSON_COMMENT;
	if (c == '\v' || c == '\f')
		return VST_DOC_JSON_WHITE;
	if (mistake->has_root)
		return VST_DOC_TRAILING;
	if (mistake->at == 0 && starts_with(mistake, "\xef\xbb\xbf"))
		return VST_DOC_JSON_MARK;
	if (!before && c != '"')
		return VST_DOC_JSON_NONE;
	if (c == '\'')
		return VST_DOC_JSON_QUOTES;
	if (c == ']' || c == '}')
		return at_bracket(mistake, before);
	if (before && !strchr(",:[{", before))
		return at_separator(mistake);
	return c == '"' ? in_string(mistake) : at_value(mistake, before);
}
