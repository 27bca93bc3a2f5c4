#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Recursive binds: the mounts that they bring along are taken back, and those of the source are
# not, neither here nor in another mount namespace.
#
#   $W            shared with $PEER
#   ├─ src        the source, private or shared: a peer of the peer's, with mounts in it
#   └─ h          what holds the bundle, and so the destination: private or shared
#      └─ b/x     the destination

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! since 6.8 "recursive binds"; then
	finish
fi

# scene HOLDER SOURCE MOUNTS [OPTION [MORE]]: with options of the bind, and more mounts after it.
scene() {
	layout shared
	mkdir "$W/h" "$W/src"
	mount -t tmpfs h "$W/h" && mount "--make-$1" "$W/h"
	mount -t tmpfs src "$W/src" && mount "--make-$2" "$W/src"
	mkdir "$W/src/a"
	mount -t tmpfs a "$W/src/a"
	mkdir "$W/src/a/in" "$W/src/a/b c"
	touch "$W/src/a/file"
	if [ "$3" -gt 1 ]; then
		mount -t tmpfs b "$W/src/a/b c"
		mkdir "$W/src/a/b c/d"
		mount -t tmpfs d "$W/src/a/b c/d"
		mount -t tmpfs top "$W/src/a/b c/d"
		mount --bind "$W/src/a/file" "$W/src/a/file"
	fi
	mkdir "$W/h/b"
	bundle h/b "{\"mounts\": [{\"destination\": \"$W/h/b/x\", \"source\": \"$W/src\",
		\"options\": [\"rbind\"${4:+, \"$4\"}]}${5-}]}"
	mkdir "$W/h/b/x"
	before
	sources >"$W/out/sources"
	mounts_of self >"$W/out/mounts"
}

# The source and what lies in it, with the ids, here and in the peer.
sources() {
	grep -h -e " $W/src[ /]" /proc/self/mountinfo "/proc/$PEER/mountinfo"
}

# Mounts at the destination, and the one that they stand on where what holds the bundle is shared.
landed() {
	grep -c -e " $W/h/b/x[ /]" /proc/self/mountinfo
}

stands_on() {
	[ "$1" = shared ] && echo 1 || echo 0
}

# kept DESCRIPTION: no mount is left here, and the source is whole.
kept() {
	{
		sources | diff "$W/out/sources" -
		mounts_of self | diff "$W/out/mounts" -
		[ -z "$(ls "$W/state")" ] || echo "a journal is left"
	} >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		{ cat "$W/out/wrong"; said; } | not_ok "$1"
	else
		ok "$1"
	fi
}

for holder in private shared; do
	for source in private shared; do
		for n in 1 5; do
			for option in '' ro rro rslave rprivate rshared; do
				what="$holder holder, $source source, $n, ${option:-no option}"
				scene $holder $source $n $option
				does "$what: prepared" 0 prepare "$W/h/b"
				is "$what: all of it is there" "$(landed)" $((n + 1 + $(stands_on $holder)))
				does "$what: cleaned up" 0 cleanup "$W/h/b"
				is "$what: nothing is said" "$(cat "$W/out/stderr")" ""
				unchanged "$what: nothing is left anywhere"
				kept "$what: the source is whole"
			done
		done
	done
done

# A tree that is one mount only leaves nothing, wherever.
scene shared shared 1
umount "$W/src/a"
before
does "one mount: prepared" 0 prepare "$W/h/b"
does "one mount: cleaned up" 0 cleanup "$W/h/b"
is "one mount: nothing is said" "$(cat "$W/out/stderr")" ""
unchanged "one mount: nothing is left anywhere"

# Part of a longer run.
for holder in private shared; do
	for source in private shared; do
		what="$holder holder, $source source"
		scene $holder $source 5 "" ", {\"destination\": \"proc\", \"type\": \"tmpfs\", \"options\": [\"size=much\"]}"
		does "$what: a later step fails" 1 prepare "$W/h/b"
		kept "$what: and it is taken back"
		scene $holder $source 5
		bundle h/b "{\"mounts\": [
			{\"destination\": \"$W/h/b/x\", \"source\": \"$W/src\", \"options\": [\"rbind\"]},
			{\"destination\": \"$W/h/b/x/a/in\", \"type\": \"tmpfs\"}]}"
		does "$what: with a mount in it" 0 prepare "$W/h/b"
		is "$what: it is there too" "$(landed)" $((7 + $(stands_on $holder)))
		does "$what: with a mount in it, cleaned up" 0 cleanup "$W/h/b"
		kept "$what: with a mount in it, taken back"
	done
done

# Somebody else's mount in it, through the source or not.
for source in private shared; do
	scene private $source 5
	does "$source source: prepared" 0 prepare "$W/h/b"
	mount -t tmpfs other "$W/h/b/x/a/in"
	does "$source source: what is not in the way is cleaned up" 7 cleanup "$W/h/b"
	leaves "$source source: somebody else's mount in it" 7 \
		"somebody else's mount lies in it, at '$W/h/b/x/a/in'" cleanup "$W/h/b"
	is "$source source: nor is its propagation changed" \
		"$(grep -c -e " $W/h/b/x[ /].* master:" /proc/self/mountinfo)" 0
	umount "$W/h/b/x/a/in"
	does "$source source: without it" 0 cleanup "$W/h/b"
	kept "$source source: all is taken back"
done
scene private shared 5
does "prepared" 0 prepare "$W/h/b"
mount -t tmpfs other "$W/src/a/in"
does "what was mounted at the source since does not follow" 0 cleanup "$W/h/b"
check "... and stays there" is_mount "$W/src/a/in" tmpfs
umount "$W/src/a/in"
kept "what was mounted at the source since: all is taken back"
scene private shared 5
does "prepared" 0 prepare "$W/h/b"
umount "$W/src/a/b c/d"
sources >"$W/out/sources"
mounts_of self | grep -v -e "/h/b/" >"$W/out/mounts"
does "what was unmounted at the source since" 0 cleanup "$W/h/b"
kept "what was unmounted at the source since: all is taken back"

# A mount that is hidden by an older one.
scene private shared 1
mkdir "$W/other" "$W/src/p" "$W/src/p/q"
mount -t tmpfs over "$W/src/p"
mount --bind "$W/src" "$W/other"
mount -t tmpfs hidden "$W/other/p/q"
before
sources >"$W/out/sources"
mounts_of self >"$W/out/mounts"
does "hidden: prepared" 0 prepare "$W/h/b"
is "hidden: it is there" "$(grep -c -e " $W/h/b/x/p/q .* hidden" /proc/self/mountinfo)" 1
does "hidden: cleaned up" 0 cleanup "$W/h/b"
unchanged "hidden: nothing is left"
kept "hidden: the source is whole"

# In use.
for used in '/a/b c' /a ''; do
	scene private shared 5
	does "prepared" 0 prepare "$W/h/b"
	(cd "$W/h/b/x$used" && exec sleep infinity) &
	user=$!
	ours $user
	wait_until grep -q sleep "/proc/$user/comm"
	does "x$used is in use" 1 cleanup "$W/h/b"
	says "x$used is named" "unmount '([^']*/)?x$used': .*busy"
	sources >"$W/out/now"
	check "x$used is in use: the source is whole" cmp "$W/out/sources" "$W/out/now"
	kill $user
	wait $user 2>/dev/null
	does "x$used is in use no more" 0 cleanup "$W/h/b"
	unchanged "x$used is in use no more: nothing is left"
	kept "x$used is in use no more: the source is whole"
done

# Killed at each call that has to do with mounts; then the next verb.
# killed VERB NEXT HOLDER: the calls are those of a run that is not killed.
killed() {
	scene "$3" shared 5 rshared
	[ "$1" = prepare ] || vst prepare "$W/h/b"
	"$TOOLS/at_call" "$W/out/calls" -- "$VST" --root "$W/state" "$1" "$W/h/b" >"$W/out/said" 2>&1
	vst cleanup "$W/h/b"
	n=0
	grep -E '^program (open_tree|move_mount|mount_setattr|umount2|fchdir|call_45[78]|statmount|listmount) ' \
		"$W/out/calls" >"$W/out/which"
	while read -r role call number; do
		for when in before after; do
			[ "$1" = prepare ] || vst prepare "$W/h/b"
			"$TOOLS/at_call" "$W/out/hit" "$role:$call:$number:$when" -- \
				"$VST" --root "$W/state" "$1" "$W/h/b" >"$W/out/said" 2>&1
			[ -s "$W/out/hit" ] || echo "$call $number $when: not reached"
			vst "$2" "$W/h/b"
			[ "$status" -eq 0 ] || { echo "$call $number $when: then"; said; }
			vst cleanup "$W/h/b"
			[ "$status" -eq 0 ] || { echo "$call $number $when: cleanup"; said; }
			sources | diff "$W/out/sources" - || echo "$call $number $when: the source"
			mounts_of self | diff "$W/out/mounts" - || echo "$call $number $when: left"
			[ -z "$(ls "$W/state")" ] || echo "$call $number $when: a journal"
			n=$((n + 1))
		done
	done <"$W/out/which" >"$W/out/wrong" 2>&1
	n=$(($(wc -l <"$W/out/which") * 2))
	what="$3 holder: $1 killed at each of $n places, then $2"
	if [ -s "$W/out/wrong" ] || [ "$n" -lt 12 ]; then
		head -40 "$W/out/wrong" | not_ok "$what"
	else
		ok "$what"
	fi
}
# refused_at N: the Nth tree is not to be had. What cannot be taken back is not begun.
refused_at() {
	scene private shared 5
	"$TOOLS/at_call" "$W/out/hit" "program:open_tree:$1:EINVAL" -- \
		"$VST" --root "$W/state" prepare "$W/h/b" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	fails "open_tree $1 fails: ... and so does the run" test $status -eq 0
	kept "open_tree $1 fails: and all is taken back"
}
if [ -x "$TOOLS/at_call" ]; then
	if [ -z "$VST_USERNS" ]; then
		refused_at 1
		refused_at 2
		refused_at 3
	fi
	killed prepare cleanup private
	killed prepare prepare private
	killed cleanup cleanup private
	killed cleanup cleanup shared
else
	skip "killed at every call" "kernel: its registers are known for x86-64 only"
fi

# What cannot be taken back is left, named: mounts that came from outside of a user namespace are
# locked to each other; and more of them than anybody has are refused.
in_userns() {
	unshare -Urm --propagation unchanged sh -c '
		"$0" --root "$1" prepare "$2" >"$1.said" 2>&1 || echo "prepare: $?"
		"$0" --root "$1" cleanup "$2" >"$1.said" 2>&1
		echo "cleanup: $?"
		grep -c -e " $2/x[ /]" /proc/self/mountinfo' "$VST" "$W/state" "$W/h/b"
}
scene private private 5
is "what is locked is left" "$(in_userns | tr '\n' ' ')" "cleanup: 7 6 "
check "and named" grep -q "left: somebody else's mount lies in it" "$W/state.said"
scene private private 1
for i in 1 2 3 4 5 6 7 8 9 10; do
	mkdir "$W/src/$i"
	mount --rbind "$W/src" "$W/src/$i"
done
mounts_of self >"$W/out/mounts"
sources >"$W/out/sources"
does "2,048 mounts" 0 prepare "$W/h/b"
is "2,048 mounts: they are there" "$(landed)" 2048
does "2,048 mounts: cleaned up" 0 cleanup "$W/h/b"
kept "2,048 mounts: taken back"
# Ids of mounts are the whole machine's: whoever copies a mount namespace meanwhile takes thousands.
if can_hold "2,048 mounts, and others'"; then
	holds before open_tree 2 prepare "$W/h/b"
	for i in 1 2 3; do
		unshare -m --propagation unchanged true
	done
	go_on
	is "2,048 mounts, and others': prepared" "$status" 0
	is "2,048 mounts, and others': they are there" "$(landed)" 2048
	does "2,048 mounts, and others': cleaned up" 0 cleanup "$W/h/b"
	kept "2,048 mounts, and others': taken back"
fi
for i in 11 12; do
	mkdir "$W/src/$i"
	mount --rbind "$W/src" "$W/src/$i"
done
mounts_of self >"$W/out/mounts"
sources >"$W/out/sources"
does "more than can be taken back" 6 prepare "$W/h/b"
says "are refused" 'has more than 4096 mounts, which cannot be taken back, or others made that many'
kept "and nothing is done"
umount -l "$W/src"
# What is mounted at the source later arrives by itself where the document asks for that, and is the
# source's to unmount: who follows the advice does not do that.
for option in rslave rshared; do
	what="a later mount at the source, $option"
	scene private shared 1 $option
	does "$what: prepared" 0 prepare "$W/h/b"
	mount -t tmpfs late "$W/src/a/in"
	does "$what: left" 7 cleanup "$W/h/b"
	if [ $option = rshared ]; then
		says "$what: it says how to take only this one" "make it a slave \(mount --make-rslave\), .* unmount that first"
		mount --make-rslave "$W/h/b/x"
	else
		says "$what: it says what to do" "'$W/h/b/x/a/in'; unmount that first"
	fi
	umount "$W/h/b/x/a/in"
	does "$what: ... which helps" 0 cleanup "$W/h/b"
	check "$what: ... and leaves the source's" is_mount "$W/src/a/in" tmpfs
	umount "$W/src/a/in"
	kept "$what: ... and all else of it"
done

finish
