#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each file names its licence in one of its first two lines; JSON, expected output and a corpus cannot.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

name='^[^[:alnum:]]* *SPDX-License-Identifier: Apache-2\.0\( \*/\| -->\)\{0,1\}$'
files=$(find . -type f ! -path './.git/*' ! -path './build*' ! -path './tests/fuzz/corpus/*' \
	! -name '*.json' ! -name '*.says')

for file in $files; do
	[ "$(head -n 2 "$file" | grep -c "$name")" -eq 1 ] || echo "$file"
done | none "each file has the line of its licence"

finish
