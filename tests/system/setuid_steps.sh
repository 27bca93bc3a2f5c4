#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user's attach and detach by the program that is setuid, at each call that the program and its parser make:
#
#   it is stopped there, and she reaches for it (ptrace, /proc/PID, its memory, descriptors, limits); another
#   user's run, root's gc and her own go on meanwhile; it is killed, and her gc, root's or her next run takes
#   back what it did
#
#   the call fails, and what is said is so
#
#   VST_LONG=1   each call (make steps: ten minutes); else each name's first one, and those that act

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"
can_hold "a user's run at each call" || finish
# shellcheck source=less_calls_lib.sh
. "$here/less_calls_lib.sh"

mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice '{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user beneath /srv/ci/ns count 4"
target_of bob
bobs=$TARGET
target_of alice

# There are things to reach, where she may.
setpriv --reuid alice --regid alice --init-groups sleep infinity &
ours $!
wait_until grep -q sleep /proc/$!/comm
is "a process of hers she reaches" \
	"$(reached alice $! | grep -Ecx 'read (mem|environ|maps|syscall)|kcmp|process_vm_readv|pidfd_getfd 0|prlimit|ptrace seize|sched_setaffinity')" 10

# attach or detach of hers, with what it wants.
verb_of() {
	case $1 in
	attach) set -- attach --pid "$TARGET" /srv/alice/b ;;
	*) set -- "$1" /srv/alice/b ;;
	esac
	echo "$@"
}
does_verb() {
	# shellcheck disable=SC2046
	au alice $(verb_of "$1")
}

wrong() {
	{ echo "$verb, $point: $*"; said; } | head -20 >>"$W/out/wrong"
}

# What she reaches of it: she may end it, and nothing else; and nothing at all of the parser, from when it has its
# own uid, before its program begins.
reaches() {
	reach_want="kill"
	case $(readlink "/proc/$run/exe") in
	*-parser) reach_want= ;;
	*) [ "$(awk '/^Uid:/ { print $2 }' "/proc/$run/status")" = 70001 ] || reach_want= ;;
	esac
	reach_got=$(reached alice "$run")
	[ "$reach_got" = "$reach_want" ] || wrong "she reaches of it: $reach_got"
	n_reached=$((n_reached + 1))
}

# The others go on. Her own run of the same bundle is done, or told that another one holds it.
others() {
	au bob attach --pid "$bobs" /srv/bob/b
	[ $status -eq 0 ] || wrong "another user's attach meanwhile"
	au bob detach /srv/bob/b
	[ $status -eq 0 ] || wrong "another user's detach meanwhile"
	vst gc
	[ $status -eq 0 ] || wrong "root's gc meanwhile"
	does_verb "$verb"
	case $status in
	0) n_free=$((n_free + 1)) ;;
	8) n_busy=$((n_busy + 1)) ;;
	*) wrong "her own run of the bundle meanwhile" ;;
	esac
}

# bound N: so many binds.
bound() {
	[ "$(held | grep -c '^/srv')" -eq "$1" ]
}

# Her gc, root's, or her next run, in turn; then all is taken back, and it is as it was in the beginning.
repair() {
	turn=$((turn + 1))
	case $((turn % 3)) in
	0)
		au alice gc
		[ $status -eq 0 ] || wrong "her gc"
		;;
	1)
		vst gc
		[ $status -eq 0 ] || wrong "root's gc"
		;;
	2)
		does_verb "$verb"
		[ $status -eq 0 ] || wrong "her next $verb"
		case $verb in
		attach) bound 2 || wrong "her next attach has not done all" ;;
		*) bound 0 || wrong "her next detach has not taken back all" ;;
		esac
		;;
	esac
	au alice detach /srv/alice/b
	[ $status -eq 0 ] || wrong "her detach in the end"
	snapshot >"$W/out/after" 2>&1
	diff "$W/out/before" "$W/out/after" >"$W/out/stdout" || wrong "something is left over"
}

# What the verb wants to find.
ready() {
	[ "$verb" = attach ] || does_verb attach
	snapshot >"$W/out/ready" 2>&1
}

stopped() {
	ready
	# shellcheck disable=SC2046
	if holds_by alice "$1:stop" $(verb_of "$verb"); then
		n_stopped=$((n_stopped + 1))
		reaches
		if [ -n "${VST_LONG-}" ] || [ $((n_stopped % 3)) -eq 0 ]; then
			others
		fi
		kill -KILL "$run"
		ends_held
		case $1:$status in
		program:*:137 | child:*:4) ;;
		# The parser had done its work, or its death was another one's failure.
		child:*:[08]) ;;
		*) wrong "killed, it ends with status $status" ;;
		esac
	else
		ends_held
		n_missed=$((n_missed + 1))
	fi
	repair
}

failed() {
	ready
	# shellcheck disable=SC2046
	by_call alice "$1:EIO" $(verb_of "$verb")
	[ -s "$W/out/hit" ] || n_missed=$((n_missed + 1))
	n_failed=$((n_failed + 1))
	case $verb:$status in
	attach:0) bound 2 || wrong "says that it is done" ;;
	detach:0) bound 0 || wrong "says that it is done" ;;
	*:5) grep -q 'not taken back' "$W/out/stderr" || wrong "says nothing of what is left" ;;
	# Without a word: it could not give back rights that it had borrowed, and ended at once.
	*:1) [ ! -s "$W/out/stderr" ] || as_it_was ;;
	*:[34678]) as_it_was ;;
	*) wrong "has no documented status" ;;
	esac
	repair
}

# But for a record that has nothing in it. A detach that failed may have taken back a part.
as_it_was() {
	[ "$verb" = attach ] || return
	snapshot >"$W/out/after" 2>&1
	sed -i '\|^/run/vestibule/|d' "$W/out/ready" "$W/out/after"
	diff "$W/out/ready" "$W/out/after" >"$W/out/stdout" || wrong "failed, and not all is as before"
}

# "ROLE:NAME:NUMBER" of the calls that are tried.
chosen() {
	awk -v long="${VST_LONG-}" '
	BEGIN { acts = "^(mkdirat|move_mount|mount_setattr|open_tree|umount2|unlinkat|flock|fallocate|ftruncate|openat2)$" }
	long != "" || !(($1, $2) in seen) || ($1 == "program" && $2 ~ acts) { print $1 ":" $2 ":" $3 }
	{ seen[$1, $2] = 1 }'
}

turn=0
n_reached=0 n_stopped=0 n_failed=0 n_missed=0 n_busy=0 n_free=0
# The directories of records are there from now on.
au alice gc
au bob gc
before
: >"$W/out/wrong"
for verb in attach detach; do
	[ $verb = attach ] || does_verb attach
	# shellcheck disable=SC2046
	calls_of alice $(verb_of $verb) >"$W/out/calls"
	au alice detach /srv/alice/b
	chosen <"$W/out/calls" >"$W/out/points"
	start_stopped=$n_stopped
	start_failed=$n_failed
	main=
	while read -r point; do
		stopped "$point"
		# What libc does before main is not the program's: that begins where it looks at descriptor 0. An end
		# that fails is none.
		case $point in
		program:fcntl:*) main=1 ;;
		*:exit_group:*) continue ;;
		esac
		[ -z "$main" ] || failed "$point"
	done <"$W/out/points"
	if [ -s "$W/out/wrong" ]; then
		not_ok "$verb: stopped, reached for, killed and failed" <"$W/out/wrong"
	else
		ok "$verb, stopped and killed at a call, and each failed: nothing is gained, blocked or left over"
	fi
	echo "# $verb: $(wc -l <"$W/out/calls") calls, $((n_stopped - start_stopped)) stopped and killed at, $((n_failed - start_failed)) failed"
	: >"$W/out/wrong"
done
# A call that the chance of time decides about may be missing from one run or another.
check "most of what was tried happened: $n_missed not" test $((n_missed * 10)) -lt $((n_stopped + n_failed))
check "at $n_busy calls her own bundle was busy" test $n_busy -gt 3
check "... at $n_free it was free" test $n_free -gt 3
unchanged "... and all is as it was"

finish
