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

# killed_at_each CALL WORD COMMANDS: the driver is killed at each of its calls of that name, until there are no
# more, and another process finds and takes back what is there: as when `look` was kept. WORD begins the
# description.
killed_at_each() {
	killed_call=$1
	killed_word=$2
	shift 2
	killed_n=0
	killed_status=1
	while [ $killed_status -ne 0 ] && [ $killed_n -lt 60 ]; do
		killed_n=$((killed_n + 1))
		strace -o /dev/null -e "trace=$killed_call" -e "inject=$killed_call:signal=KILL:when=$killed_n" \
			"$DRIVER" "$W/state" "$W/b" "$@" >"$W/out/said" 2>&1
		killed_status=$?
		"$DRIVER" "$W/state" "$W/b" undo >"$W/out/said" 2>&1 ||
			echo "not undone after kill $killed_n: $(cat "$W/out/said")"
		look >"$W/out/now"
		diff "$W/out/before" "$W/out/now" || echo "after kill $killed_n"
		rm -f "$W"/state/*
	done >"$W/out/wrong" 2>&1
	[ $killed_n -gt 1 ] || echo "there is none" >>"$W/out/wrong"
	[ $killed_status -eq 0 ] || echo "they do not end" >>"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		not_ok "$killed_word: killed at each $killed_call" <"$W/out/wrong"
	else
		ok "$killed_word: killed at each of $((killed_n - 1)) $killed_call"
	fi
}
