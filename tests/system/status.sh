#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# status and gc: what is held, and what is forgotten. And the lock: who holds one bundle holds up
# nobody else.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

journals() {
	find "$W/state" -type f | wc -l
}

# there_are STATE NUMBER: in the last output of status.
there_are() {
	is "... $2 of them $1" "$(grep -c ": $1\$" "$W/out/stdout")" "$2"
}

layout private
target
unshare -n sleep infinity &
other=$!
ours $other
wait_until ns_differs $other net
does "status of nothing" 0 status
is "... says nothing" "$(cat "$W/out/stdout" "$W/out/stderr")" ""
does "status of nothing, as objects" 0 --format json status
is "... says nothing" "$(cat "$W/out/stdout" "$W/out/stderr")" ""
bundle one "{\"mkdir\": [\"$W/made\"], \"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"vst-e\"}],
	\"bindNS\": {\"net\": \"$W/one-net\"}}"
bundle "t\"w
o" "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-b\"}], \"bindNS\": {\"uts\": \"$W/two-uts\"}}"
two="$W/t\"w
o"
ip link add vst-e type veth peer name vst-f
does "status of a bundle that holds nothing" 0 status "$W/one"
is "... says nothing" "$(cat "$W/out/stdout" "$W/out/stderr")" ""
does "status of no bundle" 4 status "$W/none"
began=$(date +%s)
does "prepare one" 0 prepare "$W/one"
does "attach one" 0 attach --pid "$TARGET" "$W/one"
does "prepare two" 0 prepare "$two"
does "attach two" 0 attach --pid $other "$two"
before
does "status of both" 0 status
there_are there 7
is "... and no other line" "$(wc -l <"$W/out/stdout")" 7
fails "... all of it printable" grep -q '[^[:print:]]' "$W/out/stdout"
check "... names a mount" grep -Eq "^$W/one: mount $W/one/rootfs \(prepare, [^ ]*Z, uid 0\): there$" "$W/out/stdout"
check "... names a moved interface" grep -Eq "^$W/one: moved interface vst-e \(attach, .*Z, uid 0, process $TARGET\): there$" "$W/out/stdout"
check "... names an interface" grep -Eq "^$W/one: interface vst-a \(attach, .*process $TARGET\): there$" "$W/out/stdout"
check "... names a namespace" grep -Eq "^$W/one: namespace $W/one-net \(attach, .*process $TARGET\): there$" "$W/out/stdout"
does "status of one" 0 status "$W/one"
is "... is of one" "$(grep -c "^$W/one: " "$W/out/stdout") $(wc -l <"$W/out/stdout")" "4 4"
does "status as objects" 0 --format json status
check "... an object a line" jq -es 'length == 7 and all(.state == "there" and .uid == 0 and (.kind | length) > 0)' "$W/out/stdout"
check "... with process and verb" jq -es "map(select(.verb == \"attach\" and .pid == $TARGET)) | length == 3" "$W/out/stdout"
check "... since now" jq -es "all((.since | sub(\"\\\\.[0-9]+Z\"; \"Z\") | fromdateiso8601) >= $began - 1)" "$W/out/stdout"
does "status of two, as objects" 0 status --format=json "$two"
check "... of two" jq -es 'length == 3 and ([.[].bundle] | unique | length) == 1' "$W/out/stdout"
unchanged "... and status changes nothing"

# Standard output that takes nothing is no success.
"$VST" --root "$W/state" status >/dev/full 2>"$W/out/stderr"
is "standard output is full" $? 1
says "... says so" "write to standard output"
"$VST" --root "$W/state" status >&- 2>"$W/out/stderr"
is "standard output is closed" $? 1
says "... says so" "write to standard output"
"$VST" --root "$W/state" --format json status "$two" >/dev/full 2>"$W/out/stderr"
is "standard output is full, objects" $? 1
unchanged "... and status changes nothing"

# gc takes nothing away that is alive, because its process has ended or otherwise.
leaves "gc" 0 "" gc
leaves "gc again" 0 "" gc
kill -KILL "$TARGET"
wait_until sh -c "! kill -0 $TARGET"
TARGET=
leaves "gc when a process has ended whose namespace is bound" 0 "" gc
does "status then" 0 status "$W/one"
there_are there 4
kill -KILL $other
wait_until sh -c "! ip link show vst-b"
does "status of what is gone" 0 status "$two"
there_are gone 1
there_are there 2
leaves "gc when only a part is gone" 0 "" gc
umount "$W/one-net"
wait_until sh -c "! ip link show vst-a"
does "status of an attach that is gone" 0 status "$W/one"
there_are there 1
there_are gone 3
does "gc forgets that" 0 gc
says "... says so" "bundle $W/one: nothing of an earlier run is left; forgotten"
fails "... removes the empty file" test -e "$W/one-net"
does "status then" 0 status "$W/one"
there_are there 1
there_are gone 0
does "cleanup one" 0 cleanup "$W/one"
does "cleanup two, with its namespace" 0 cleanup --all "$two"
does "gc" 0 gc
is "... and nothing is held" "$(journals)" 0

# What cannot be read is a line, and a conflict; the others are shown and looked after.
layout private
target
bundle good
bundle bad
bundle old
for b in good bad old; do
	does "prepare $b" 0 prepare "$W/$b"
	mv "$W"/state/*.journal "$W/out/$b" && mkdir -p "$W/aside" && mv "$W/out/$b" "$W/aside/"
done
ino() {
	printf '%x' "$(stat -c %i "$1")"
}
dev=$(printf '%x' "$(stat -c %d "$W/good")")
for b in good bad old; do
	mv "$W/aside/$b" "$W/state/$dev-$(ino "$W/$b").journal"
done
does "status of three" 0 status
there_are there 3
printf x | dd of="$W/state/$dev-$(ino "$W/bad").journal" bs=1 seek=70 conv=notrunc status=none
"$TOOLS/rejournal" boot "$W/state/$dev-$(ino "$W/old").journal"
does "status with one damaged" 7 status
there_are there 1
there_are damaged 1
there_are "of another boot" 1
does "status of the damaged one" 7 status "$W/bad"
does "status of the good one" 0 status "$W/good"
does "status as objects, with one damaged" 7 --format=json status
check "... is whole" jq -es 'map(.state) | sort == ["damaged", "of another boot", "there"]' "$W/out/stdout"
umount "$W/good/rootfs"
does "gc with one damaged" 7 gc
says "... names it" "$dev-$(ino "$W/bad").journal is damaged"
says "... forgets the one of another boot" "was of another boot; forgotten"
says "... and the one that is gone" "bundle $W/good: nothing of an earlier run is left; forgotten"
is "... and no other" "$(ls "$W/state")" "$dev-$(ino "$W/bad").journal"
check "... and touches nothing of another boot" is_mount "$W/old/rootfs"
does "gc again" 7 gc
rm -f "$W"/state/*
does "gc without it" 0 gc

# A holder that stands still.
if command -v strace >/dev/null; then
	layout private
	target
	bundle held "{\"mkdir\": [\"$W/made\"]}"
	bundle free
	strace -qq -o "$W/out/trace" -e trace=mkdirat -e "inject=mkdirat:signal=STOP:when=1" \
		"$VST" --root "$W/state" prepare "$W/held" >"$W/out/held" 2>&1 &
	tracer=$!
	ours $tracer
	wait_until sh -c "find '$W/state' -type f | grep -q ."
	holder=$(pgrep -P $tracer)
	ours "$holder"
	wait_until sh -c "grep -q '^State:.*[tT] ' /proc/$holder/status"
	for next in prepare cleanup detach "attach --pid $TARGET"; do
		# shellcheck disable=SC2086
		vst $next "$W/held"
		is "a holder that is stopped: $next" $status 8
		says "... says so" "another run holds this bundle"
	done
	does "... status" 0 status
	there_are "another run is at work" 1
	does "... gc" 0 gc
	does "... another bundle: prepare" 0 prepare "$W/free"
	does "... another bundle: cleanup" 0 cleanup "$W/free"
	kill -CONT "$holder"
	wait $tracer
	is "... and when it goes on, it succeeds" $? 0
	check "... with all that it does" is_mount "$W/held/rootfs"
	does "... and cleanup follows" 0 cleanup "$W/held"
	is "... and nothing is held" "$(journals)" 0
else
	skip "a holder that is stopped" "strace is not installed"
fi

# Two and more at once: one layer, one pair, and nobody fails.
layout private
target
bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/ns/net\"}}"
rw b
before
at_once() {
	at_once_pids=
	for n in 1 2 3 4 5 6; do
		"$VST" --root "$W/state" "$@" >"$W/out/$n" 2>&1 &
		at_once_pids="$at_once_pids $!"
	done
	"$VST" --root "$W/state" gc >"$W/out/gc" 2>&1
	echo "gc $?" >"$W/out/statuses"
	for pid in $at_once_pids; do
		wait "$pid"
		echo $? >>"$W/out/statuses"
	done
	is "$1, six at once beside a gc" "$(tr '\n' ' ' <"$W/out/statuses")" "gc 0 0 0 0 0 0 0 "
}
at_once prepare "$W/b"
is "... one layer" "$(grep -c " $W/b/rootfs " /proc/self/mountinfo)" 1
at_once attach --pid "$TARGET" "$W/b"
is "... one pair" "$(ip -o link | grep -c vst-a)" 1
is "... one bind" "$(grep -c " $W/ns/net " /proc/self/mountinfo)" 1
at_once detach "$W/b"
at_once cleanup "$W/b"
rmdir "$W/ns"
unchanged "... and all is as it was"

finish
