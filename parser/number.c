/* SPDX-License-Identifier: Apache-2.0 */
#include "number.h"

enum vst_doc_error number_read(const char *bytes, size_t len, uint32_t min, uint32_t max,
	enum vst_doc_error outside, uint32_t *ret)
{
	uint64_t value = 0;
	int is_outside = len == 0;

	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '.' || bytes[i] == 'e' || bytes[i] == 'E')
			return VST_DOC_NUMBER_FRACTION;
		if (bytes[i] < '0' || bytes[i] > '9') {
			is_outside = 1; /* '-': all that JSON has beside these */
			continue;
		}
		/* Once too large it stays so, and the rest cannot wrap it. */
		if (value <= UINT32_MAX)
			value = value * 10 + (uint64_t)(bytes[i] - '0');
	}
	if (is_outside || value < min || value > max)
		return outside;
	*ret = (uint32_t)value;
	return VST_DOC_OK;
}
