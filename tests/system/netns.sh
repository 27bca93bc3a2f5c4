#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# bindNS in /run/netns, and "ip netns" before, between and after: whoever comes first makes that directory
# a shared mount, and each finds what the other keeps there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

journals() {
	find "$W/state" -type f | wc -l
}

# mounts_of_netns [PID]: how many mounts lie at /run/netns and beneath it.
mounts_of_netns() {
	awk '$5 == "/run/netns" || index($5, "/run/netns/") == 1 { n++ } END { print n + 0 }' "/proc/${1:-self}/mountinfo"
}

propagation_of() {
	findmnt -no PROPAGATION "$1"
}

# reaches NAME: "ip netns" finds the container's namespace under it.
reaches() {
	ip netns exec "$1" readlink /proc/self/ns/net | grep -qxF "$(ns_of "$TARGET" net)"
}

# By "/var/run", where that leads there and who made it is root here, too.
by_var_run() {
	[ "$(readlink -f /var/run)" = /run ] && [ "$(stat -c %u /var/run)" -eq 0 ]
}

# run_is PROPAGATION: a fresh /run, and in layout shared a peer that sees it.
run_is() {
	umount -l /run 2>/dev/null
	mount -t tmpfs -o mode=755 run /run
	mount "--make-$1" /run
	layout "$1"
	target
	bundle b '{"bindNS": {"net": "/run/netns/web", "uts": "/run/netns/web-uts"}}'
	bundle c '{"bindNS": {"net": "/var/run/netns/web"}}'
}

umount -l /run 2>/dev/null
mount -t tmpfs -o mode=755 run /run || {
	skip "/run/netns" "no mount on /run"
	finish
}

for propagation in private shared; do
	at="$propagation:"

	run_is $propagation
	PLACES=/run
	mkdir /run/netns
	before
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	is "$at ... makes it a shared mount" "$(propagation_of /run/netns)" shared
	is "$at ... and nothing twice" "$(mounts_of_netns)" 3
	check "$at ... ip netns finds it" reaches web
	does "$at ... attach again" 0 attach --pid "$TARGET" "$W/b"
	does "$at ... status" 0 status
	is "$at ... has it and both binds" "$(grep -c ': there$' "$W/out/stdout")" 3
	if [ -n "$PEER" ]; then
		is "$at ... other mount namespaces have all of it" "$(mounts_of_netns "$PEER")" 3
	fi
	does "$at detach" 0 detach "$W/b"
	is "$at ... leaves no mount" "$(mounts_of_netns)" 0
	unchanged "$at ... and all as it was"

	# Between.
	rmdir /run/netns
	does "$at attach, where the directory is not there" 0 attach --pid "$TARGET" "$W/b"
	check "$at ip netns add, between" ip netns add other
	check "$at ... our bind is in sight" reaches web
	is "$at ... and ip's" "$(ip netns list | cut -d' ' -f1 | sort | tr '\n' ' ')" "other web web-uts "
	does "$at ... detach" 0 detach "$W/b"
	says "$at ... leaves the mount to ip, with a note" "/run/netns.* is left to 'ip netns'"
	is "$at ... takes its own" "$(ls /run/netns) $(journals)" "other 0"
	check "$at ... and ip goes on" ip netns exec other true

	# Before: nothing to be made, and nothing to be taken back.
	does "$at attach, after ip netns add" 0 attach --pid "$TARGET" "$W/b"
	is "$at ... makes no second mount" "$(grep -c ' /run/netns ' /proc/self/mountinfo)" 1
	check "$at ... is found" reaches web
	check "$at ip netns del, between" ip netns del other
	does "$at ... detach" 0 detach "$W/b"
	is "$at ... leaves ip's mount, and nothing in it" "$(mounts_of_netns) $(ls /run/netns)" "1 "

	# After. Two bundles: the first one's mount is the second one's too.
	run_is $propagation
	mkdir -p /run/netns
	does "$at attach one" 0 attach --pid "$TARGET" "$W/b"
	if by_var_run; then
		printf '{"bindNS": {"net": "/var/run/netns/second"}}' >"$W/c/runtime.json"
	else
		printf '{"bindNS": {"net": "/run/netns/second"}}' >"$W/c/runtime.json"
	fi
	does "$at attach two, by the other name" 0 attach --pid "$TARGET" "$W/c"
	is "$at ... one mount" "$(grep -c ' /run/netns ' /proc/self/mountinfo)" 1
	does "$at ... detach one" 0 detach "$W/b"
	check "$at ... two is in sight" reaches second
	does "$at ... detach two" 0 detach "$W/c"
	is "$at ... only the mount is left" "$(mounts_of_netns) $(ls /run/netns) $(journals)" "1  0"
	check "$at ip netns add, after" ip netns add other
	check "$at ... and del" ip netns del other

	# What was bound there before by somebody else stays in sight.
	run_is $propagation
	mkdir /run/netns
	touch /run/netns/theirs
	mount --bind "/proc/$TARGET/ns/net" /run/netns/theirs
	does "$at attach beside somebody's bind" 0 attach --pid "$TARGET" "$W/b"
	check "$at ... which stays in sight" reaches theirs
	does "$at ... detach" 0 detach "$W/b"
	check "$at ... stays in sight" reaches theirs

	# A run that fails takes it back.
	run_is $propagation
	printf '{"bindNS": {"net": "/run/netns/web", "uts": "/run/full/uts"}}' >"$W/b/runtime.json"
	mkdir /run/netns /run/full
	echo full >/run/full/uts
	before
	does "$at attach that fails" 7 attach --pid "$TARGET" "$W/b"
	unchanged "$at ... leaves all as it was"
done
PLACES=

if by_var_run; then
	run_is private
	does "attach by /var/run/netns" 0 attach --pid "$TARGET" "$W/c"
	is "... is the same directory" "$(propagation_of /run/netns)" shared
	check "... ip netns finds it" reaches web
	does "... detach" 0 detach "$W/c"
	is "... leaves no mount" "$(mounts_of_netns)" 0
else
	skip "attach by /var/run/netns" "kernel: /var/run does not lead to /run, or its owner is not known in this namespace"
fi

# Killed at the mount of the bind: the next verb takes back that too.
if command -v strace >/dev/null; then
	run_is private
	mkdir /run/netns
	strace -qq -o "$W/out/trace" -e trace=move_mount -e inject=move_mount:signal=KILL:when=2 \
		"$VST" --root "$W/state" attach --pid "$TARGET" "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
	check "attach, killed" is_mount /run/netns
	does "... then gc" 0 gc
	is "... takes back the mount too" "$(mounts_of_netns) $(ls /run/netns) $(journals)" "0  0"
else
	skip "attach, killed" "strace is not installed"
fi

# Any other directory is as it was.
run_is private
printf '{"bindNS": {"net": "/run/netns/deeper/web"}}' >"$W/b/runtime.json"
does "attach beneath a directory in it" 0 attach --pid "$TARGET" "$W/b"
is "... makes no mount but the bind" "$(mounts_of_netns)" 1
does "... detach" 0 detach "$W/b"

finish
