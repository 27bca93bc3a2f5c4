#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every shell script: shellcheck, a first line that says what runs it, and the bit to run it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

scripts=$(find scripts .ci tests examples -type f \( -name '*.sh' -o -path 'scripts/*' -o -name run-tap -o -path '.ci/run' -o -path tests/cross/sysroot \
	-o -path 'examples/*' ! -name '*.json' ! -name '*.md' \))

if command -v shellcheck >/dev/null; then
	for script in $scripts; do
		shellcheck "$script"
	done 2>&1 | none "shellcheck is content"
else
	skip "shellcheck is content" "shellcheck is not installed"
fi

for script in $scripts; do
	case ${script##*/} in
	lib.sh | *_lib.sh) continue ;;
	esac
	[ -x "$script" ] || echo "$script is not executable"
	head -1 "$script" | grep -qE '^#!/bin/(sh|bash)$' || echo "$script: no first line"
done | none "scripts can be run as they are"

finish
