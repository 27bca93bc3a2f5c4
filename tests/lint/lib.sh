# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the lint tests share: each check is a list of offenders, and an empty list passes.

set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
# One letter a test, in a file: most checks run at the end of a pipe, in a shell of their own.
tap=$(mktemp) || exit 1
trap 'rm -f "$tap"' EXIT

# none DESCRIPTION: reads the offenders from stdin.
none() {
	none_found=$(cat)
	if [ -z "$none_found" ]; then
		printf p >>"$tap"
		printf 'ok - %s\n' "$*"
	else
		printf f >>"$tap"
		printf 'not ok - %s\n' "$*"
		printf '%s\n' "$none_found" | sed 's/^/#   /'
	fi
}

# skip DESCRIPTION REASON
skip() {
	printf s >>"$tap"
	printf 'ok - %s # SKIP %s\n' "$1" "$2"
}

finish() {
	printf '1..%d\n' "$(wc -c <"$tap")"
	! grep -q f "$tap"
	exit
}
