# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of the executors share, behind lib.sh: the driver, and what it may have changed.

DRIVER=$TOOLS/exec_driver

# Everything but what the driver itself keeps.
look() {
	mounts_of self
	if [ -n "$PEER" ]; then
		echo peer
		mounts_of "$PEER"
	fi
	find "$W" \( -path "$W/out" -o -path "$W/state" \) -prune -o \
		-printf '%P %y %m %U:%G %i %s %l\n' | sort
}

# same DESCRIPTION: as it was when `look` was kept in $W/out/before.
same() {
	look >"$W/out/now"
	if same_diff=$(diff "$W/out/before" "$W/out/now"); then
		ok "$1"
	else
		echo "$same_diff" | not_ok "$1"
	fi
}

# drive DESCRIPTION STATUS PATTERN COMMANDS: the pattern (ERE) is in a line of the output.
drive() {
	drive_what=$1
	drive_want=$2
	drive_pattern=$3
	shift 3
	"$DRIVER" "$W/state" "$W/b" "$@" >"$W/out/said" 2>&1
	drive_got=$?
	if [ $drive_got -eq "$drive_want" ] && grep -Eq -e "$drive_pattern" "$W/out/said"; then
		ok "$drive_what"
	else
		{
			echo "status $drive_got, wanted $drive_want and $drive_pattern, of: $*"
			cat "$W/out/said"
		} | not_ok "$drive_what"
	fi
}
