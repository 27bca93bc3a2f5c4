#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The C sources look as .clang-format has them, by the version of Debian 12: others differ in places.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v clang-format >/dev/null; then
	skip "clang-format changes nothing" "clang-format is not installed"
elif ! clang-format --version | grep -q 'version 14\.'; then
	skip "clang-format changes nothing" "clang-format is not version 14"
else
	find ipc parser policy privileged tests -name '*.[ch]' \
		-exec clang-format --dry-run -Werror {} + 2>&1 | grep ': error:' |
		none "clang-format changes nothing"
fi

grep -rnE '[[:space:]]+$' --include='*.[ch]' --include='*.sh' --include='*.def' --include='*.md' \
	ipc parser policy privileged tests ./*.md |
	none "no line ends with a blank"

finish
