# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The executors of links by themselves (tests/system/link_driver.c): sourced behind lib.sh.

# shellcheck disable=SC2154
driver=$TOOLS/link_driver
# Another network namespace than that of $TARGET.
netns=

# drive ARGUMENTS: the driver on the journal of this test.
drive() {
	"$driver" "$W/out/journal" "${netns:-/proc/$TARGET/ns/net}" "$@" \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# drives DESCRIPTION STATUS PATTERN ARGUMENTS: status, and a line of stdout (ERE).
drives() {
	drives_what=$1
	drives_want=$2
	drives_pattern=$3
	shift 3
	drive "$@"
	if [ "$status" -eq "$drives_want" ] && grep -Eq -e "$drives_pattern" "$W/out/stdout"; then
		ok "$drives_what"
	else
		{ echo "wanted status $drives_want, $drives_pattern"; said; } | not_ok "$drives_what"
	fi
}
