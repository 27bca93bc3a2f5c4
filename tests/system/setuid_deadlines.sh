#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Deadlines around users, by the clock: a run of a user's that was stopped for a minute, and root's gc and status
# where a user's file system does not answer. All of them wait side by side, for a little more than a minute.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

if ! can_hold "the deadline of a run"; then
	finish
fi
# Seconds since the boot, those included in which the machine slept.
now() {
	cut -d. -f1 /proc/uptime
}

# bundle_of NAME PATH: /srv/alice/NAME binds there.
bundle_of() {
	mkdir -p "/srv/alice/$1/rootfs" "${2%/*}"
	echo "{\"bindNS\": {\"net\": \"$2\"}}" >"/srv/alice/$1/runtime.json"
	chown -R alice:alice /srv/alice "${2%/*}"
}

# stopped NAME FAULT: alice's attach of that bundle, which stands still there; go_on_with lets it go on.
stopped() {
	"$TOOLS/at_call" "$W/out/hold.$1" "program:$2" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
		"$P/bin/vestibule" attach --pid "$TARGET" "/srv/alice/$1" >"$W/out/said.$1" 2>&1 </dev/null &
	ours $!
	eval "run_$1=$!"
	wait_until test -s "$W/out/hold.$1"
}
go_on_with() {
	: >"$W/out/hold.$1.go"
	eval "wait \$run_$1"
	status=$?
}

mkdir -p /srv/ci/ns/bob
policy "permit group vestibule ns net beneath /srv/ci/ns count 9"
target_of bob
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
chown bob:bob /srv/ci/ns/bob
"$TOOLS/at_call" "$W/out/calls" "program:move_mount:1:after" -- /usr/bin/setpriv --reuid bob --regid bob --init-groups \
	"$P/bin/vestibule" attach --pid "$TARGET" /srv/bob/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
is "bob kills an attach" $? 137
target_of alice
bundle_of before /srv/ci/ns/early/net
bundle_of after /srv/ci/ns/late/net
bundle_of dead /srv/ci/ns/dead/runtime.json/net
user_does "alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/dead

# A bind that is about to be made, and one that has just been made.
stopped before open_tree:1:hold
stopped after move_mount:1:held
begun=$(now)
is "two runs of hers stand still, one with a bind" "$(held | grep -c '^/srv/ci/ns/[el]')" 1

### Root, where a file system does not answer

if sh -c ': <>/dev/fuse' 2>/dev/null; then
	"$TOOLS/stallfs" /srv/ci/ns/dead lookup 70001 >"$W/out/ready" 2>&1 &
	server=$!
	ours $server
	wait_until grep -q ready "$W/out/ready"
	# timed NAME VERB: root's, in the background.
	timed() {
		{
			timed_begun=$(now)
			"$P/bin/vestibule" "$1" >"$W/out/stdout.$1" 2>"$W/out/stderr.$1"
			echo "$? $(($(now) - timed_begun))" >"$W/out/ended.$1"
		} &
		ours $!
	}
	# waits_there: a process that looks there as alice.
	waits_there() {
		for waits in $(pgrep -U 70001 -x vestibule); do
			grep -qE 'request_wait_answer|fuse' "/proc/$waits/wchan" "/proc/$waits/stack" && return
		done
		return 1
	}
	timed status
	# It keeps no lock while it looks: gc waits by itself.
	wait_until waits_there
	timed gc
	for verb in status gc; do
		wait_until test -s "$W/out/ended.$verb"
		read -r status took <"$W/out/ended.$verb"
		is "root's $verb, where a file system of hers does not answer" "$status" 5
		check "... waited 30 s for her" test "$took" -ge 29
		check "... and says so" grep -q "of uid 70001: not done in 30 s, and ended" "$W/out/stderr.$verb"
	done
	check "... status showed what bob has" grep -q '^/srv/bob/b: .*uid 70002.*: unfinished$' "$W/out/stdout.status"
	is "... gc took it back" "$(held | grep bob; find /run/vestibule/users/70002 -type f)" ""
	kill $server
	umount -l /srv/ci/ns/dead
else
	skip "root, where a file system does not answer" "kernel: has no /dev/fuse, or none for this user"
fi

### Her own runs

while [ $(($(now) - begun)) -lt 62 ]; do
	sleep 1
done
for name in before after; do
	go_on_with $name
	is "a minute later, the one that stood still $name its bind" $status 1
	check "... is told why" grep -q "60 s have passed since this run was judged" "$W/out/said.$name"
done
is "... has bound nothing" "$(held | grep '^/srv/ci/ns/[el]'; ls /srv/ci/ns/early /srv/ci/ns/late)" "/srv/ci/ns/early:

/srv/ci/ns/late:"
user_does "the same again" 0 alice attach --pid "$TARGET" /srv/alice/before
for name in before dead; do
	user_does "... and back" 0 alice detach "/srv/alice/$name"
done
is "nothing is held" "$(held)" ""

finish
