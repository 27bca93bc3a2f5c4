#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cgroups[]: where they are made on each layout of cgroup mounts, what is refused, what a failure takes
# back, and that a kill at any call leaves nothing.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

cg=vst-test-$$
top_cg=/sys/fs/cgroup

# The test's cgroups, wherever they are.
all_cgroups() {
	find /sys/fs/cgroup -mindepth 1 -maxdepth 8 -name "$cg*" -prune -type d 2>/dev/null | sort
}

remove_cgroups() {
	all_cgroups | while read -r dir; do
		find "$dir" -depth -type d -exec rmdir {} +
	done
}
trap 'remove_cgroups; end_ours; rm -f "$tap"' EXIT

# The cgroup mounts of this namespace, in a line.
hierarchies() {
	if [ "$(stat -fc %T $top_cg)" = cgroup2fs ]; then
		echo $top_cg
	else
		for dir in "$top_cg"/*; do
			[ -L "$dir" ] || case $(stat -fc %T "$dir") in cgroup*) echo "$dir" ;; esac
		done
	fi
}

# made DESCRIPTION NAME: a cgroup in every hierarchy, 0755, and in no other place.
made() {
	made_wrong=$(
		[ -n "$(hierarchies)" ] || echo "there is no hierarchy"
		for dir in $(hierarchies); do
			[ "$(stat -c %a "$dir/$2" 2>&1)" = 755 ] || echo "$dir/$2: $(stat -c %a "$dir/$2" 2>&1)"
		done
		for dir in "$top_cg"/*; do
			hierarchies | grep -qx -e "$dir" -e "$top_cg" || [ -L "$dir" ] || [ ! -e "$dir/$2" ] || echo "made in $dir"
		done
	)
	is "$1" "$made_wrong" ""
}

# The same in each layout: $1 names it.
suite() {
	layout private
	bundle b "{\"cgroups\": [\"$cg/a/b\", \"/$cg-two\"]}"
	does "$1: cgroups" 0 prepare "$W/b"
	made "$1: ... are made, parents too" "$cg/a/b"
	made "$1: ... a leading / means nothing" "$cg-two"
	before
	does "$1: a second prepare" 0 prepare "$W/b"
	does "$1: cleanup" 0 cleanup "$W/b"
	made "$1: ... leaves them" "$cg/a/b"
	does "$1: existing ones are fine" 0 prepare "$W/b"
	does "$1: cleanup" 0 cleanup "$W/b"
	is "$1: ... and the journal is empty" "$(ls "$W/state")" ""
	remove_cgroups

	# What fails takes back those before it; one that was there stays.
	for dir in $(hierarchies); do
		mkdir "$dir/$cg"
	done
	bundle fails "{\"cgroups\": [\"$cg-two/a\", \"$cg/a\", \"$cg-three/$(printf %0256d 0)\"]}"
	refuses "$1: a name that is too long" 4 'cgroups\[2\]' prepare "$W/fails"
	for each in sys/fs/cgroup /sys/fs/cgroup/x; do
		bundle path "{\"cgroups\": [\"$cg-two\", \"$each\"]}"
		refuses "$1: $each" 4 "cgroups\[1\] begins with 'sys/fs/cgroup'.*write only what follows" prepare "$W/path"
	done
	fail_last=$(hierarchies | tail -1)
	mount -t tmpfs none "$fail_last/$cg" && : >"$fail_last/$cg/a"
	bundle fails "{\"cgroups\": [\"$cg-two/a\", \"$cg/a\"]}"
	refuses "$1: what cannot be made" '[17]' "cgroup $cg/a: beneath $fail_last: " prepare "$W/fails"
	umount "$fail_last/$cg"
	is "$1: ... takes back those before it, but not those that were there" \
		"$(all_cgroups)" "$(for dir in $(hierarchies); do echo "$dir/$cg"; done)"
	remove_cgroups
	is "$1: ... which were left empty" "$(all_cgroups)" ""

	killed "$1" before
	killed "$1" after
	there_before "$1"
}

# Killed at every mkdir, before and after it: the next verb takes back what was made.
killed() {
	[ -x "$TOOLS/at_call" ] || {
		skip "$1: killed $2" "kernel: registers of this machine are not known"
		return
	}
	bundle killed "{\"cgroups\": [\"$cg/a\", \"$cg-two\"]}"
	calls=$(($(hierarchies | wc -l) * 3))
	n=1
	while [ $n -le $calls ]; do
		"$TOOLS/at_call" "$W/out/calls" "program:mkdirat:$n:$2" -- \
			"$VST" --root "$W/state" prepare "$W/killed" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		echo "$n: $? $(wc -l <"$W/out/calls")"
		"$VST" --root "$W/state" cleanup "$W/killed" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null || said
		all_cgroups
		remove_cgroups
		n=$((n + 1))
	done >"$W/out/killed"
	n=1
	while [ $n -le $calls ]; do
		echo "$n: 137 1"
		n=$((n + 1))
	done | diff - "$W/out/killed" >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		not_ok "$1: killed $2 each mkdir, nothing is left" <"$W/out/wrong"
	else
		ok "$1: killed $2 each mkdir, nothing is left"
	fi
}

# One that was there is not taken for one that was made.
there_before() {
	[ -x "$TOOLS/at_call" ] || return
	bundle there "{\"cgroups\": [\"$cg-two\"]}"
	for dir in $(hierarchies); do
		mkdir "$dir/$cg-two"
	done
	all_cgroups >"$W/out/there"
	n=1
	while [ $n -le "$(wc -l <"$W/out/there")" ]; do
		"$TOOLS/at_call" "$W/out/calls" "program:mkdirat:$n:before" -- \
			"$VST" --root "$W/state" prepare "$W/there" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		vst cleanup "$W/there"
		[ $status -eq 0 ] || said
		all_cgroups | diff "$W/out/there" -
		n=$((n + 1))
	done >"$W/out/wrong"
	is "$1: killed before it is made, what was there stays" "$(cat "$W/out/wrong")" ""
	remove_cgroups
}

# none DESCRIPTION PATTERN: no hierarchy, and nothing is made.
none() {
	layout private
	bundle b "{\"cgroups\": [\"$cg\"]}"
	fake_before=$(find $top_cg -printf '%P %y %i %m %T@\n' 2>/dev/null)
	refuses "$1" 6 "$2" prepare "$W/b"
	is "$1: nothing is made" "$(find $top_cg -printf '%P %y %i %m %T@\n' 2>/dev/null)" "$fake_before"
}

if [ -z "$VST_USERNS" ]; then
	if [ -n "$(hierarchies)" ]; then
		suite "this machine's"
	else
		skip "this machine's cgroup mounts" "kernel: there are none"
	fi

	# v1 alone: two hierarchies in a tmpfs, a symbolic link to one, a plain directory and a file.
	v1=$(find $top_cg -mindepth 1 -maxdepth 1 -type d -exec stat -fc '%T %n' {} + 2>/dev/null |
		sed -n 's/^cgroupfs //p' | head -2)
	if [ "$(echo "$v1" | wc -w)" -eq 2 ]; then
		fake=$(mktemp -d)
		mount -t tmpfs cgroup "$fake"
		for dir in $v1; do
			mkdir "$fake/${dir##*/}"
			mount --bind "$dir" "$fake/${dir##*/}"
		done
		ln -s "${v1##*/}" "$fake/link"
		mkdir "$fake/plain"
		: >"$fake/file"
		mount --rbind "$fake" $top_cg
		suite "v1"
		is "v1: nothing is made in what is no cgroup mount" "$(ls "$fake/plain")" ""

		# A v1 hierarchy itself at the place: its cgroups are no mounts.
		mount --bind "${v1##*
}" $top_cg
		mkdir "$top_cg/$cg"
		none "a v1 hierarchy in place of all" "no cgroup mount"
		remove_cgroups
		umount $top_cg
		# The topmost with what is in it; -R of later versions takes what lies beneath it as well.
		umount -l $top_cg
		umount -R "$fake"
		rmdir "$fake"
	else
		skip "v1 alone" "kernel: has no two v1 hierarchies"
	fi
else
	layout private
	bundle b "{\"cgroups\": [\"$cg\"]}"
	refuses "somebody else's cgroup mounts" '[36]' "cgroup" prepare "$W/b"
	is "... and nothing is made" "$(all_cgroups)" ""
fi

# v2, alone. In a user namespace, a mount of its own cgroup namespace's.
v2=
if [ -z "$VST_USERNS" ]; then
	mount -t cgroup2 none $top_cg && v2=1
fi
if [ -n "$v2" ]; then
	suite "v2"
	umount $top_cg
else
	skip "v2" "kernel: cannot mount it here"
fi

# v2 in a user namespace, which mounts its own: made where its cgroup is, if that is its own.
# in_userns DESCRIPTION STATUS COMMAND...: prepare, by what COMMAND makes of the caller.
in_userns() {
	userns_what=$1
	userns_status=$2
	shift 2
	mkdir -p "$W/home/b/rootfs" "$W/home/state"
	printf '{"cgroups": ["%s/a"]}' "$cg" >"$W/home/b/runtime.json"
	chown -R 65534 "$W/home"
	[ $# -gt 0 ] || chown -R 0 "$W/home"
	chmod 700 "$W/home/state"
	# shellcheck disable=SC2016
	"$@" unshare -UrmnC --propagation private sh -c 'mount -t cgroup2 none /sys/fs/cgroup || exit 99
		"$1" --root "$2/state" prepare "$2/b"' - "$VST" "$W/home" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	if [ $status -eq 99 ]; then
		skip "$userns_what" "kernel: $(tail -1 "$W/out/stderr")"
	elif [ $status -eq "$userns_status" ]; then
		ok "$userns_what"
	else
		said | not_ok "$userns_what"
	fi
}
if [ -z "$VST_USERNS" ]; then
	layout private
	in_userns "v2 in a user namespace, of its own" 0
	if [ $status -eq 0 ]; then
		is "... is made, once" "$(all_cgroups | sed 's:.*/::')" "$cg"
		check "... parents too" test -d "$(all_cgroups)/a"
	fi
	remove_cgroups
	layout private
	status=99
	if others_may_run; then
		in_userns "v2 in a user namespace, of somebody else" 3 setpriv --reuid 65534 --regid 65534 --clear-groups
	else
		skip "v2 in a user namespace, of somebody else" "the build tree is not open to others"
	fi
	if [ $status -ne 99 ]; then
		says "... says what" "cgroup $cg/a: beneath /sys/fs/cgroup: make directory"
		is "... and makes nothing" "$(all_cgroups)" ""
	fi
else
	skip "v2 in a user namespace" "kernel: the tests of root do that"
fi

# What is no cgroup mount: nothing is made in it.
mount -t tmpfs none $top_cg
none "an empty /sys/fs/cgroup" "there is no cgroup mount at /sys/fs/cgroup"
mkdir "$top_cg/memory" "$top_cg/cpu" "$top_cg/unified"
: >"$top_cg/cgroup.controllers"
: >"$top_cg/memory/tasks"
none "plain directories, and a file cgroup.controllers" "no cgroup mount"
umount $top_cg

# Names are judged before anything is looked at.
layout private
bundle b
for name in .. ../x a/../b a/cgroup.procs cgroup.x/a tasks notify_on_release a/release_agent memory.max a/cpu.max/b \
	/ // ''; do
	printf '{"cgroups": ["%s"]}' "$name" >"$W/b/runtime.json"
	refuses "the name '$name'" 4 'cgroups\[0\]' prepare "$W/b"
done

finish
