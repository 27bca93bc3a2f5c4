#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A run that is killed at a chosen system call, and then each verb as the next one: it says so, takes
# back what was done, and leaves what it documents. And journals that cannot be used.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "runs that are killed" "strace is not installed"
	finish
fi

# In an order that does not depend on which link came up first; a link that was moved has other
# bytes of a queue that it does not use.
links() {
	ip -d -j link | settled | jq -c '.[]' | sed 's/"qdisc":"noop"/"qdisc":"noqueue"/'
	ip -j addr | settled | jq -c '.[] | del(.qdisc)'
	ip -j -4 route show table all | settled | jq -c '.[]' | sort
	ip -j -6 route show table all | settled | jq -c '.[]' | sort
}

# killed CALL NUMBER ARGUMENTS: a run that is killed at its so manieth call of that name; its parser
# is not counted.
killed() {
	killed_call=$1
	killed_number=$2
	shift 2
	strace -qq -o "$W/out/trace" -e "trace=$killed_call" -e "inject=$killed_call:signal=KILL:when=$killed_number" \
		"$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

verb() {
	case $1 in
	attach) vst attach --pid "$TARGET" "$W/b" ;;
	gc) vst gc ;;
	*) vst "$1" "$W/b" ;;
	esac
}

world() {
	layout "${1:-private}"
	target
	ip link add vst-e mtu 1400 type veth peer name vst-f
	ip link set vst-f up
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
	ip route add 198.51.100.0/24 via 192.0.2.1 dev vst-e table 100
	bundle b "{\"mkdir\": [\"$W/made/a\", \"$W/b/rootfs/var/x\"],
		\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"vst-e\"}, {\"name\": \"br0\", \"add\": \"bridge\"}],
		\"bindNS\": {\"net\": \"$W/ns/net\", \"uts\": \"$W/ns/uts\"}}"
	rw b
	before
}

# What a verb leaves, taken back with the verbs that do.
by_verbs() {
	vst cleanup "$W/b"
	vst detach "$W/b"
	rm -rf "$W/made"
}

journals() {
	find "$W/state" -type f | wc -l
}

# The places: how often each call is made, in a run that is not killed.
world
vst prepare "$W/b"
by_verbs
for v in prepare attach; do
	eval "args=\"$v\""
	[ $v = prepare ] || args="attach --pid $TARGET"
	# shellcheck disable=SC2086
	strace -qq -o "$W/out/trace.$v" -e trace=mkdirat,move_mount,sendto,fsmount,openat,ftruncate \
		"$VST" --root "$W/state" $args "$W/b" 2>"$W/out/stderr"
	is "$v, traced, succeeds" $? 0
done
by_verbs
last() {
	grep -c "^$2(" "$W/out/trace.$1"
}
# Where the move is acknowledged, it is over: killed at the call after it.
move=$(grep '^sendto' "$W/out/trace.attach" | grep -n 'RTM_SETLINK.*"vst-e"' | head -1 | cut -d: -f1)
check "the move's call is known" test "${move:-0}" -gt 0
places="prepare:mkdirat:2 prepare:move_mount:2 prepare:fsmount:2 prepare:mkdirat:$(last prepare mkdirat)
attach:sendto:$move attach:sendto:$((move + 1)) attach:sendto:$(last attach sendto) attach:move_mount:1 attach:move_mount:2"

for place in $places; do
	for next in prepare attach cleanup detach gc; do
		first=${place%%:*}
		number=${place##*:}
		call=${place#*:}
		call=${call%:*}
		at="$first killed at $call $number, then $next:"
		world
		case $first in
		prepare) killed "$call" "$number" prepare "$W/b" ;;
		attach) killed "$call" "$number" attach --pid "$TARGET" "$W/b" ;;
		esac
		[ $status -eq 137 ] || said | not_ok "$at was not killed"
		[ "$(journals)" -eq 1 ] || said | not_ok "$at no journal"
		verb $next
		said >"$W/out/first"
		{
			[ $status -eq 0 ] || echo "wanted status 0"
			grep -q "an earlier $first of this bundle was cut short; what it had done was taken back first" \
				"$W/out/stderr" || echo "does not say so"
			case $next in
			prepare)
				is_mount "$W/b/rootfs" overlay && [ -d "$W/made/a" ] && ip link show vst-e >/dev/null ||
					echo "not prepared"
				;;
			attach)
				there ip link show vst-e >/dev/null && ip link show vst-a >/dev/null && is_mount "$W/ns/net" &&
					[ ! -e "$W/made" ] || echo "not attached"
				;;
			esac
			verb $next
			[ $status -eq 0 ] || echo "a second time: wanted status 0"
			! grep -q 'cut short' "$W/out/stderr" || echo "a second time: repaired again"
			by_verbs
			[ $next = prepare ] && rm -rf "$W/made"
			[ $next = attach ] && rmdir "$W/ns"
			snapshot | diff "$W/out/before" - | grep -v '^[<>] b/rootfs d' | grep '^[<>]'
		} >"$W/out/wrong" 2>&1
		if [ -s "$W/out/wrong" ]; then
			cat "$W/out/wrong" "$W/out/first" | not_ok "$at"
		else
			ok "$at"
		fi
	done
done

# Killed while it takes back: a prepare that fails, a cleanup, a detach, and the repair of one.
world
strace -qq -o "$W/out/trace" -e trace=mkdirat,umount2 -e inject=mkdirat:error=ENOSPC:when=5 \
	-e inject=umount2:signal=KILL:when=2 "$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
status=$?
is "a prepare that fails, killed as it takes back" $status 137
does "... then gc" 0 gc
says "... says so" "an earlier prepare of this bundle was cut short"
unchanged "... leaves all as it was"

world shared
killed mkdirat 5 prepare "$W/b"
killed umount2 2 gc
is "a repair, killed" $status 137
does "... then status" 0 status "$W/b"
check "... has something that is unfinished" grep -q ': unfinished$' "$W/out/stdout"
does "... then cleanup" 0 cleanup "$W/b"
says "... says so" "an earlier prepare of this bundle was cut short"
unchanged "... leaves all as it was"

world
does "prepare" 0 prepare "$W/b"
does "attach" 0 attach --pid "$TARGET" "$W/b"
killed umount2 2 cleanup "$W/b"
is "a cleanup, killed" $status 137
does "... then cleanup" 0 cleanup "$W/b"
fails "... is complete" is_mount "$W/b/tmp"
for call in umount2:2 unlinkat:1 sendto:9 sendto:5; do
	killed "${call%:*}" "${call#*:}" detach "$W/b"
	is "a detach, killed at $call" $status 137
done
does "... then gc" 0 gc
does "... then detach" 0 detach "$W/b"
rm -r "$W/made"
rmdir "$W/ns" "$W/b/rootfs/var/x" "$W/b/rootfs/var" 2>/dev/null
unchanged "... is complete"

# The next verb completes a cleanup or detach that was killed, and goes on from there.
for all in '' --all; do
	world
	does "prepare" 0 prepare "$W/b"
	killed umount2 2 cleanup $all "$W/b"
	is "a cleanup $all, killed" $status 137
	does "... then detach" 0 detach "$W/b"
	says "... completes it" "an earlier cleanup of this bundle was cut short; it was completed first"
	fails "... all of it" is_mount "$W/b/tmp"
	is "... and keeps nothing" "$(journals)" 0
done
for call in umount2:2 unlinkat:1 sendto:9 sendto:5; do
	world
	does "attach" 0 attach --pid "$TARGET" "$W/b"
	killed "${call%:*}" "${call#*:}" detach "$W/b"
	is "a detach, killed at $call" $status 137
	does "... then attach" 0 attach --pid "$TARGET" "$W/b"
	says "... completes it" "an earlier detach of this bundle was cut short; it was completed first"
	says "... and attaches" "Moved interface vst-e to pid $TARGET"
	does "... then detach" 0 detach "$W/b"
	is "... and keeps nothing" "$(journals)" 0
done

# A signal that arrives while it takes back waits until that is done.
world
killed mkdirat 5 prepare "$W/b"
strace -qq -o "$W/out/trace" -e trace=umount2 -e inject=umount2:signal=TERM:when=1 \
	"$VST" --root "$W/state" cleanup "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
is "a repair that is sent SIGTERM ends by it" $? 143
is "... when it is done, by all of its unmounts" "$(grep -c 'umount2(.* = 0' "$W/out/trace")" 2
does "... then gc" 0 gc
unchanged "... leaves all as it was"

# What a repair needs is needed by the next verb, whichever it is: without it nothing is touched.
for next in cleanup detach; do
	world
	killed sendto $((move + 1)) attach --pid "$TARGET" "$W/b"
	snapshot >"$W/out/killed"
	for without in net_admin sys_admin; do
		setpriv --bounding-set="-$without" --inh-caps=-all "$VST" --root "$W/state" $next "$W/b" \
			>"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		is "repair by $next without CAP_$without is denied" $status 3
		says "... names it" "an earlier attach of this bundle was cut short: .*CAP_$(echo $without | tr '[:lower:]' '[:upper:]')"
		snapshot | sed 's/ \(f 600 0:0 [0-9]*\) [0-9]* / \1 /' >"$W/out/after"
		sed 's/ \(f 600 0:0 [0-9]*\) [0-9]* / \1 /' "$W/out/killed" >"$W/out/expected"
		is "... and touches nothing" "$(diff "$W/out/expected" "$W/out/after")" ""
	done
	does "... and with it" 0 $next "$W/b"
	unchanged "... leaves all as it was"
done

# Nothing was opened, so nothing is closed: not what is open as 0, and not the lock of the journal
# that comes after it.
world
killed sendto $((move + 1)) attach --pid "$TARGET" "$W/b"
strace -o "$W/out/trace" -e trace=close setpriv --bounding-set=-sys_admin --inh-caps=-all \
	"$VST" --root "$W/state" gc >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
is "a repair by gc without CAP_SYS_ADMIN" $? 7
says "... names it" "an earlier attach of this bundle was cut short: .*CAP_SYS_ADMIN"
is "... closes nothing that it did not open" "$(sed -n '/execve/,$p' "$W/out/trace" | grep -c '^close(0)')" 0
does "... and with it" 0 gc
unchanged "... leaves all as it was"

# A journal that cannot be used: a refusal that says what to do, by every verb, and nothing changes.
refused_by_all() {
	refused_what=$1
	refused_status=$2
	refused_pattern=$3
	for next in prepare attach cleanup detach; do
		case $next in
		attach) set -- attach --pid "$TARGET" "$W/b" ;;
		*) set -- $next "$W/b" ;;
		esac
		refuses "$refused_what: $next" "$refused_status" "$refused_pattern" "$@"
	done
	leaves "$refused_what: gc" 7 "$refused_pattern" gc
	before
	vst status
	is "$refused_what: status" $status 7
	check "... has a line for it" grep -q ': damaged$' "$W/out/stdout"
	unchanged "... and changes nothing"
}

world
does "prepare" 0 prepare "$W/b"
journal=$(echo "$W"/state/*.journal)
name=${journal##*/}
cp -a "$journal" "$W/out/journal"
for offset in 1 60 $((4096 + 300)) $(($(stat -c %s "$journal") - 20)); do
	printf '\377' | dd of="$journal" bs=1 seek=$offset conv=notrunc status=none
	refused_by_all "damaged at byte $offset" 7 "$name is damaged .*: take back by hand .* then remove the file"
	cat "$W/out/journal" >"$journal"
done
"$TOOLS/rejournal" version "$journal"
refused_by_all "of another version" 7 "$name is of version [0-9]*, .*: run cleanup and detach with the program that wrote it"
yes "not a journal at all" | head -c 10000 >"$journal"
refused_by_all "a foreign file" 7 "$name is damaged .*: take back by hand"
cat "$W/out/journal" >"$journal"
chmod 644 "$journal"
refused_by_all "readable by others" 7 "$name is not a file of ours: .*; look at it, and remove it"
chmod 600 "$journal"
ln "$journal" "$W/state/second"
refused_by_all "with a second name" 7 "$name is not a file of ours: .*; look at it, and remove it"
rm "$W/state/second"
for kind in symlink directory fifo; do
	rm -rf "$journal"
	case $kind in
	symlink) ln -s "$W/out/journal" "$journal" ;;
	directory) mkdir "$journal" ;;
	fifo) mkfifo -m 600 "$journal" ;;
	esac
	for next in prepare cleanup detach; do
		refuses "a $kind in its place: $next" 7 "$name is not a file of ours" $next "$W/b"
	done
done
rm -rf "$journal"

# Cut short by a kill, as far as a record or a header goes: no record.
cp -a "$W/out/journal" "$journal"
size=$(stat -c %s "$journal")
head -c $((size - 3)) "$W/out/journal" >"$journal"
does "a last record that is cut short: status" 0 status "$W/b"
is "... knows what the others say" "$(grep -c ': there$' "$W/out/stdout")" 1
does "a last record that is cut short: cleanup" 0 cleanup "$W/b"
fails "... takes that back" is_mount "$W/b/tmp"
umount "$W/b/rootfs"
rm -f "$journal"
for bytes in 0 1 100 4000; do
	head -c $bytes "$W/out/journal" >"$journal"
	chmod 600 "$journal"
	does "a header of $bytes bytes: cleanup" 0 cleanup "$W/b"
	is "... nothing is held" "$(journals)" 0
done

# A mount that stays in use keeps the directories that it stands on: an overlay writes to two.
layout private
mkdir "$W/low"
bundle o "{\"mounts\": [{\"destination\": \"$W/on\", \"type\": \"overlay\",
	\"options\": [\"lowerdir=$W/low\", \"upperdir=$W/up\", \"workdir=$W/work\"]}], \"mkdir\": [\"$W/made\"]}"
before
killed mkdirat 4 prepare "$W/o"
check "a prepare is killed behind an overlay" is_mount "$W/on" overlay
sh -c 'cd "$0" && exec sleep infinity' "$W/on" &
BUSY=$!
ours $BUSY
wait_until sh -c "readlink /proc/$BUSY/cwd | grep -q on\$"
vst cleanup "$W/o"
is "... which is in use" $status 1
check "... and can still be written to" touch "$W/on/file"
is "... where it says" "$(ls "$W/up")" file
rm "$W/on/file"
kill $BUSY
wait $BUSY 2>/dev/null
does "... is taken back when it is not" 0 cleanup "$W/o"
unchanged "... to the last"

finish
