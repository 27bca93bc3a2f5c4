#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C sources look as .clang-format has them, by the versions of Debian 12 and 13. Where the two differ,
# the source is written otherwise.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang-format >/dev/null; then
	skip "clang-format changes nothing" "clang-format is not installed"
elif ! clang-format --version | grep -Eq 'version (14|19)\.'; then
	skip "clang-format changes nothing" "clang-format is neither version 14 nor 19"
else
	find ipc parser policy privileged tests -name '*.[ch]' \
		-exec clang-format --dry-run -Werror {} + 2>&1 | grep ': error:' |
		none "clang-format changes nothing"
fi

grep -rnE '[[:space:]]+$' --include='*.[ch]' --include='*.sh' --include='*.def' --include='*.md' \
	ipc parser policy privileged tests ./*.md |
	none "no line ends with a blank"

finish
