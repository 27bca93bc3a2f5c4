#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user of the program that is setuid, and time: between two calls of a run, or of root's repair, another process
# has the number of hers, or other directories, files and links have the names on the way. Nothing but her own
# namespaces is bound, and nothing outside of what the policy names; nothing of others is unmounted or removed.
# All of it in a process namespace of the test's own, where numbers can be chosen.
#
#   VST_LONG=1   at each call, and a hundred thousand attaches and ten thousand repairs against somebody who
#                exchanges names all the time (make races: two hours)

if [ -z "${VST_OWN_PIDS-}" ] && [ "$(id -u)" -eq 0 ]; then
	VST_OWN_PIDS=1
	export VST_OWN_PIDS
	exec unshare -pf --kill-child --mount-proc sh "$0" "$@"
fi
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

attaches=120
repairs=12
[ -z "${VST_LONG-}" ] || attaches=100000 repairs=10000
install -m 755 "$TOOLS/swap" /opt/swap
mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob /srv/ci/nsX
chown alice:alice /srv/ci/ns/alice /srv/ci/nsX
chown bob:bob /srv/ci/ns/bob
binds='{"bindNS": {"net": "/srv/ci/ns/alice/d/net", "user": "/srv/ci/ns/alice/d/user"}}'
user_bundle alice "$binds"
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user beneath /srv/ci/ns"

wrong() {
	{ echo "$point: $*"; said; } | head -20 >>"$W/out/wrong"
}
# verdict DESCRIPTION: by what is in $W/out/wrong.
verdict() {
	if [ -s "$W/out/wrong" ]; then
		head -60 "$W/out/wrong" | not_ok "$1"
	else
		ok "$1"
	fi
	: >"$W/out/wrong"
}
: >"$W/out/wrong"

# The calls of her attach that are tried: each $2nd of those that look or act, behind the start; all of them in
# the long form. points EVERY FIRST
points() {
	awk -v every="${VST_LONG:+1}" -v n="$1" -v first="$2" '
	BEGIN { looks = "^(pidfd_open|ioctl|open|openat|openat2|statx|fstat|newfstatat|read|mkdirat|flock|fallocate|open_tree|" \
			"move_mount|mount_setattr|call_45.|capset|setfsuid|poll)$" }
	$1 == "program" && $2 ~ looks && (every || i++ % n == first) { print $1 ":" $2 ":" $3 }' "$W/out/calls"
}

### A number that comes again

# The namespaces that she may enter are hers.
enters() {
	as alice nsenter --preserve-credentials --user=/srv/ci/ns/alice/d/user --net=/srv/ci/ns/alice/d/net true
}
bound() {
	stat -L -c %i /srv/ci/ns/alice/d/net /srv/ci/ns/alice/d/user
}
# In turn: another user's process in namespaces of his, hers in the machine's, root's in one of its own.
again() {
	turn=$((turn + 1))
	case $((turn % 3)) in
	0) "$TOOLS/again" "$TARGET" /usr/bin/setpriv --reuid bob --regid bob --init-groups unshare -Urn sleep infinity & ;;
	1) "$TOOLS/again" "$TARGET" /usr/bin/setpriv --reuid alice --regid alice --init-groups sleep infinity & ;;
	2) "$TOOLS/again" "$TARGET" /usr/bin/unshare -n sleep infinity & ;;
	esac
	ours $!
	wait_until grep -qsx sleep "/proc/$TARGET/comm"
	ours "$TARGET"
}
gone() {
	kill -KILL "$1"
	wait "$1"
} 2>/dev/null

if can_hold "a number that comes again"; then
	# shellcheck source=less_calls_lib.sh
	. "$here/less_calls_lib.sh"
	target_of alice
	calls_of alice attach --pid "$TARGET" /srv/alice/b >"$W/out/calls"
	au alice detach /srv/alice/b
	before_net=$(ls /srv/ci/ns/alice)
	points 7 3 >"$W/out/points"
	turn=0 n=0 n_bound=0
	while read -r point; do
		[ -e "/proc/$TARGET" ] && gone "$TARGET"
		target_of alice
		hers=$(stat -L -c %i "/proc/$TARGET/ns/net" "/proc/$TARGET/ns/user")
		if holds_by alice "$point:hold" attach --pid "$TARGET" /srv/alice/b; then
			n=$((n + 1))
			gone "$TARGET"
			again
			: >"$W/out/hold.go"
		fi
		ends_held
		case $status in
		0)
			n_bound=$((n_bound + 1))
			[ "$(bound)" = "$hers" ] || wrong "bound $(bound), and hers were $hers"
			enters || wrong "bound what she may not enter"
			;;
		1 | 3) [ "$(held)" = "" ] || wrong "failed, and left $(held)" ;;
		*) wrong "has no such status" ;;
		esac
		au alice detach /srv/alice/b
		[ $status -eq 0 ] || wrong "detach"
		[ "$(held)" = "" ] || wrong "left $(held)"
	done <"$W/out/points"
	verdict "the number of her process comes again between two calls: only her own namespaces are bound"
	echo "# $n times, $n_bound bound, $((n - n_bound)) refused"
	check "... both happened" test $n_bound -gt 0 -a $((n - n_bound)) -gt 0
	is "... nothing else is left" "$(ls /srv/ci/ns/alice)" "$before_net"
fi

### Directories that are exchanged

# In a mount namespace of hers that is older than any bind, names of directories are hers to exchange; so they
# are in this one, but for mount points. /srv/alice/out is beneath nothing that the policy names.
names() {
	rm -rf /srv/ci/ns/alice /srv/alice/out
	mkdir -p /srv/ci/ns/alice/d /srv/alice/out/d
	ln -s /srv/alice/out/d /srv/ci/ns/alice/link
	ln -s ../../../alice/out/d /srv/ci/ns/alice/up
	ln -s /srv/alice/out/d/net /srv/ci/ns/alice/file
	ln -s /srv/ci/nsX /srv/ci/ns/alice/X
	touch /srv/alice/out/d/net /srv/alice/out/d/user
	chown -hR alice:alice /srv/ci/ns/alice /srv/alice/out
}
outside() {
	awk '$5 !~ "^/srv/ci/ns/alice/" && $5 ~ "^/srv" && $9 == "nsfs" { print $5 }' /proc/self/mountinfo
}
exchanges() {
	case $1 in
	directory) set -- /srv/ci/ns/alice/d /srv/alice/out/d ;;
	link) set -- /srv/ci/ns/alice/d /srv/ci/ns/alice/link ;;
	up) set -- /srv/ci/ns/alice/d /srv/ci/ns/alice/up ;;
	X) set -- /srv/ci/ns/alice/d /srv/ci/ns/alice/X ;;
	file) set -- /srv/ci/ns/alice/d/net /srv/ci/ns/alice/file ;;
	esac
	echo "$@"
}
names
[ -n "${TARGET-}" ] && [ -e "/proc/$TARGET" ] && gone "$TARGET"
target_of alice
if can_hold "names that are exchanged between two calls"; then
	k=0
	for kind in directory link up X file; do
		n=0 n_done=0 n_moved=0 n_found=0
		points 20 $((k * 4)) >"$W/out/points"
		k=$((k + 1))
		# Where a bind is there already, at each of them.
		awk '$2 == "move_mount" { moved = 1 } moved && $2 ~ /^(statx|call_45.|mount_setattr|open_tree|openat2)$/ { print "program:" $2 ":" $3 }' \
			"$W/out/calls" >>"$W/out/points"
		while read -r point; do
			names
			[ $kind != file ] || as alice touch /srv/ci/ns/alice/d/net
			if holds_by alice "$point:hold" attach --pid "$TARGET" /srv/alice/b; then
				n=$((n + 1))
				there=$(held | grep -c '^/srv')
				# shellcheck disable=SC2046
				as alice /opt/swap -1 $(exchanges $kind) 2>/dev/null
				: >"$W/out/hold.go"
			fi
			ends_held
			case $status in
			0) n_done=$((n_done + 1)) ;;
			1 | 3 | 5 | 7) [ "$there" -eq 0 ] || n_found=$((n_found + 1)) ;;
			*) wrong "has no such status" ;;
			esac
			# A bind that was there when its directory was moved went along.
			if [ -n "$(outside)" ]; then
				if [ $kind = directory ] && [ "$status" -eq 0 ] && [ "$there" -gt 0 ]; then
					n_moved=$((n_moved + 1))
				else
					wrong "bound outside: $(outside)"
				fi
			fi
			au alice detach /srv/alice/b
			# shellcheck disable=SC2046
			[ $status -eq 0 ] || as alice /opt/swap -1 $(exchanges $kind) 2>/dev/null
			[ $status -eq 0 ] || au alice detach /srv/alice/b
			[ $status -eq 0 ] || wrong "detach"
			[ "$(held)" = "" ] || wrong "left $(held)"
		done <"$W/out/points"
		verdict "exchanged between two calls, $kind: nothing is bound outside"
		echo "# $n times: $n_done done, of which $n_moved had moved, $((n - n_done)) refused, $n_found with a bind that was there"
	done
fi

# storm KIND: attach and detach again and again, and somebody who exchanges the names all the time.
SWAP=
storm() {
	names
	d=$(stat -c %i /srv/ci/ns/alice/d)
	[ "$1" != file ] || as alice touch /srv/ci/ns/alice/d/net
	# shellcheck disable=SC2046
	setpriv --reuid alice --regid alice --init-groups unshare -Urm /opt/swap $(exchanges "$1") >"$W/out/swap" 2>&1 &
	SWAP=$!
	ours $SWAP
	wait_until grep -q swapping "$W/out/swap"
	point="$1, all the time"
	done_runs=0 n_done=0
	while [ $done_runs -lt $((attaches / 4)) ] && [ ! -s "$W/out/wrong" ]; do
		done_runs=$((done_runs + 1))
		au alice attach --pid "$TARGET" /srv/alice/b
		case $status in
		0) n_done=$((n_done + 1)) ;;
		1 | 3 | 5 | 7) ;;
		*) wrong "has no such status" ;;
		esac
		[ -z "$(outside)" ] || wrong "bound outside: $(outside)"
		au alice detach /srv/alice/b
	done
	kill -KILL $SWAP
	wait $SWAP 2>/dev/null
	# shellcheck disable=SC2046
	[ "$(stat -c %i /srv/ci/ns/alice/d)" = "$d" ] || as alice /opt/swap -1 $(exchanges "$1")
	au alice detach /srv/alice/b
	au alice gc
	[ -z "$(held)" ] || wrong "left $(held)"
	verdict "exchanged all the time, $1: nothing is bound outside"
	echo "# $done_runs attaches, $n_done done"
}
for kind in link up X file; do
	storm $kind
done

### Root's repair

# Her run was killed when its binds were there, and its record is root's to follow: while root's gc looks, her
# directory is exchanged for a link to root's, for one with files of the same names, hers and another's.
if can_hold "root's repair"; then
	mkdir /srv/roots
	touch /srv/roots/net /srv/roots/user
	mount -t tmpfs roots /srv/roots
	touch /srv/roots/net /srv/roots/user
	mount --bind "/proc/$$/ns/net" /srv/roots/net
	target_of bob
	bobs=$TARGET
	target_of alice
	au bob attach --pid "$bobs" /srv/bob/b
	theirs() {
		awk '$5 ~ "^/srv/(roots|ci/ns/bob|alice/mine)" { print $1, $2, $3, $4, $5 }' /proc/self/mountinfo
		stat -c '%n %i %U %h' /srv/roots/* /srv/alice/mine/*
	}
	# repair NAME: what her directory is exchanged with.
	repair() {
		names
		mkdir /srv/alice/mine
		touch /srv/alice/mine/net /srv/alice/mine/user
		chown -R alice:alice /srv/alice/mine
		ln -s /srv/roots /srv/ci/ns/alice/roots
		ln -s /srv/ci/ns/bob /srv/ci/ns/alice/bob
		chown -h alice:alice /srv/ci/ns/alice/roots /srv/ci/ns/alice/bob
		d=$(stat -c %i /srv/ci/ns/alice/d)
		by_call alice "$point:before" attach --pid "$TARGET" /srv/alice/b
		[ $status -eq 137 ] || wrong "was not killed"
		theirs >"$W/out/theirs"
		# Exchanged, and left so: what is not found is named, but for binds that are known by their numbers;
		# a file is hers then.
		as alice /opt/swap -1 /srv/ci/ns/alice/d "$1"
		vst gc
		case $status in
		5 | 7) ;;
		0) grep -q 'another one is' "$W/out/stderr" || [ "$(held | grep -c '^/srv')" -eq $((n_others + 2)) ] ;;
		*) false ;;
		esac || wrong "root's gc, where her directory is another one"
		as alice /opt/swap -1 /srv/ci/ns/alice/d "$1"
		setpriv --reuid alice --regid alice --init-groups unshare -Urm /opt/swap /srv/ci/ns/alice/d "$1" >"$W/out/swap" 2>&1 &
		SWAP=$!
		ours $SWAP
		wait_until grep -q swapping "$W/out/swap"
		for _ in 1 2 3 4; do
			vst gc
			case $status in 0 | 5 | 7) ;; *) wrong "root's gc" ;; esac
		done
		kill -KILL $SWAP
		wait $SWAP 2>/dev/null
		[ "$(stat -c %i /srv/ci/ns/alice/d)" = "$d" ] || as alice /opt/swap -1 /srv/ci/ns/alice/d "$1"
		theirs | diff "$W/out/theirs" - >"$W/out/stdout" || wrong "what is others' has changed"
		vst gc --uid 70001
		[ $status -eq 0 ] || wrong "root's gc for her, when nobody exchanges anything"
		[ "$(held)" = "$bobs_held" ] || wrong "left $(held)"
		rm -rf /srv/alice/mine
	}
	bobs_held=$(held)
	n_others=$(held | grep -c '^/srv')
	done_runs=0
	while [ $done_runs -lt $repairs ]; do
		for point in program:move_mount:1 program:move_mount:2 program:exit_group:1 program:mount_setattr:2; do
			for with in /srv/ci/ns/alice/roots /srv/alice/mine /srv/ci/ns/alice/bob; do
				done_runs=$((done_runs + 1))
				repair $with
			done
		done
	done
	verdict "root's gc while her directory is exchanged: nothing of others is unmounted or removed"
	echo "# $done_runs repairs"
	check "... bob's bind is there" is_mount /srv/ci/ns/bob/net
	au bob detach /srv/bob/b
	is "... and is his to take back" $status 0
	umount /srv/roots/net /srv/roots
	is "nothing is held in the end" "$(held)" ""
fi

finish
