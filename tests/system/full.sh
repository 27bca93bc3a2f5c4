#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A state directory that has no room, cannot be written, or runs out of room in the middle: a run that
# cannot write down how to take things back does not begin them.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# A state directory of its own size. The rest of the machine is as in prepare.sh and attach.sh.
machine() {
	layout private
	target
	bundle b "{\"mkdir\": [\"$W/made/a\"], \"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}],
		\"bindNS\": {\"net\": \"$W/ns/net\"}}"
	rw b
	mount -t tmpfs -o "mode=700,$1" tmpfs "$W/state"
}

fill() {
	cat /dev/zero >"$W/state/.filler" 2>/dev/null
	[ "$(df --output=avail "$W/state" | tail -1)" -eq 0 ]
}

for verb in prepare attach; do
	process=
	machine size=16k
	[ $verb = prepare ] || process="--pid $TARGET"
	check "the disk is full" fill
	before
	# shellcheck disable=SC2086
	does "a full disk: $verb" 1 $verb $process "$W/b"
	says "... says so" "journal .*: No space left on device"
	unchanged "... and has done nothing"
	does "a full disk: cleanup" 0 cleanup "$W/b"
	does "a full disk: detach" 0 detach "$W/b"
	rm "$W/state/.filler"
	# shellcheck disable=SC2086
	does "when there is room: $verb" 0 $verb $process "$W/b"

	machine nr_inodes=1
	[ $verb = prepare ] || process="--pid $TARGET"
	# shellcheck disable=SC2086
	refuses "no inode is left: $verb" 1 "journal .*: No space left on device" $verb $process "$W/b"

	machine size=1m
	[ $verb = prepare ] || process="--pid $TARGET"
	mount -o remount,bind,ro "$W/state"
	# shellcheck disable=SC2086
	refuses "a state directory that is read-only: $verb" 1 "journal .*: Read-only file system" $verb $process "$W/b"
	refuses "a state directory that is read-only: detach" 1 "journal .*: Read-only file system" detach "$W/b"

	# It becomes full with something held: what is held can still be taken back, as that takes no room.
	machine size=16k
	[ $verb = prepare ] || process="--pid $TARGET"
	before
	# shellcheck disable=SC2086
	does "with room: $verb" 0 $verb $process "$W/b"
	check "the disk is full now" fill
	does "full meanwhile: detach" 0 detach "$W/b"
	does "full meanwhile: cleanup" 0 cleanup "$W/b"
	[ $verb = attach ] || rmdir "$W/made/a" "$W/made"
	[ $verb = prepare ] || rmdir "$W/ns"
	rm "$W/state/.filler"
	unchanged "... and nothing is left over"
done

# In the middle of the journal: each time that it asks for room.
if [ -x "$TOOLS/at_call" ]; then
	for verb in prepare attach; do
		layout private
		target
		bundle b "{\"mkdir\": [$(seq -s, -f "\"$W/made/%g/directory/with/a/path/that/takes/room\"" 300)],
			\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}]}"
		process=
		[ $verb = prepare ] || process="--pid $TARGET"
		# shellcheck disable=SC2086
		"$TOOLS/at_call" "$W/out/calls" -- "$VST" --root "$W/state" $verb $process "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		if [ $status -eq 0 ]; then
			ok "$verb: its calls are counted"
		else
			said | not_ok "$verb: its calls are counted"
		fi
		asked=$(grep -c "program fallocate" "$W/out/calls")
		check "$verb asks for room" test "$asked" -gt 0
		vst detach "$W/b"
		vst cleanup "$W/b"
		rm -rf "$W/made"
		before
		for number in $(seq "$asked"); do
			# shellcheck disable=SC2086
			"$TOOLS/at_call" "$W/out/hit" "program:fallocate:$number:ENOSPC" -- \
				"$VST" --root "$W/state" $verb $process "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
			status=$?
			is "$verb: no room the ${number}th time it asks" $status 1
			says "... says so" "journal .*: No space left on device"
			unchanged "... and nothing is left over"
		done
	done
else
	skip "no room in the middle" "kernel: its registers are known for x86-64 only"
fi

# No inode is left for a directory in one that the run has made: the message has all of its path.
layout private
bundle inodes "{\"mkdir\": [\"$W/few/n/a\", \"$W/few/n/b\", \"$W/few/n/c\", \"$W/few/n/d\"]}"
mkdir "$W/few"
mount -t tmpfs -o nr_inodes=4,mode=755 few "$W/few"
refuses "no inode is left in the middle" 1 \
	"mkdir $W/few/n/c: make directory 'c' of 'n/c': No space left on device; everything was taken back" \
	prepare "$W/inodes"

finish
