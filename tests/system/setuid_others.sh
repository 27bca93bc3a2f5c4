#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Users of the program that is setuid beside each other, beside root and beside the policy: a run that is frozen, a
# uid that has too many processes, a place in the policy that does not answer, a policy that is replaced while it is read,
# and groups that only a file knows of.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice '{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
line="permit group vestibule ns net,user beneath /srv/ci/ns"
policy "$line"
target_of bob
bobs=$TARGET
target_of alice

# others DESCRIPTION: another user's run, and root's gc.
others() {
	user_does "$1: another user's run" 0 bob attach --pid "$bobs" /srv/bob/b
	user_does "... and back" 0 bob detach /srv/bob/b
	does "... root's gc" 0 gc
}

### A frozen run

# Who has a cgroup can freeze what runs in it, whoever it runs as: of version 1 or 2, whichever has a freezer here.
FROZEN=
frozen() {
	case $FROZEN in
	"") ;;
	*/freezer/*) [ "$1" = 1 ] && echo FROZEN >"$FROZEN/freezer.state" || echo THAWED >"$FROZEN/freezer.state" ;;
	*) echo "$1" >"$FROZEN/cgroup.freeze" ;;
	esac
}
is_frozen() {
	grep -qsx FROZEN "$FROZEN/freezer.state" || grep -qsx 'frozen 1' "$FROZEN/cgroup.events"
}
trap 'frozen 0 2>/dev/null; end_ours; rm -f "$tap"; [ -z "$FROZEN" ] || rmdir "$FROZEN" 2>/dev/null' EXIT
for place in /sys/fs/cgroup/freezer /sys/fs/cgroup/unified /sys/fs/cgroup; do
	if [ -z "$FROZEN" ] && mkdir "$place/vst-$$" 2>/dev/null; then
		FROZEN=$place/vst-$$
		[ -e "$FROZEN/freezer.state" ] || [ -e "$FROZEN/cgroup.freeze" ] || {
			rmdir "$FROZEN"
			FROZEN=
		}
	fi
done
if [ -z "$FROZEN" ]; then
	skip "a run that is frozen" "kernel: there is no freezer of cgroups here"
elif can_hold "a run that is frozen"; then
	# shellcheck source=less_calls_lib.sh
	. "$here/less_calls_lib.sh"
	holds_by alice program:fallocate:1:stop attach --pid "$TARGET" /srv/alice/b
	echo "$program" >"$FROZEN/cgroup.procs"
	frozen 1
	kill -CONT "$program"
	wait_until is_frozen
	others "a user's run is frozen"
	user_does "... her own bundle is busy" 8 alice attach --pid "$TARGET" /srv/alice/b
	frozen 0
	ends_held
	is "... and it goes on" $status 0
	user_does "... and back" 0 alice detach /srv/alice/b
	rmdir "$FROZEN"
	FROZEN=
fi

### A uid that has too many processes

# The parser's, which all of them share.
n=0
while [ $n -lt 70 ]; do
	n=$((n + 1))
	setpriv --reuid _vestibule --regid _vestibule --clear-groups sleep infinity &
	ours $!
done
wait_until sh -c "[ \$(pgrep -cxu _vestibule sleep) -eq 70 ]"
# A hard limit is raised where root may; where not, it is the caller's own.
capsh --has-b=cap_sys_resource >/dev/null 2>&1 && raised=0 || raised=6
for who in alice bob; do
	[ $who = alice ] && pid=$TARGET || pid=$bobs
	UNDER="prlimit --nproc=64: --"
	user_does "70 processes of the parser's user, and a limit of 64: $who" 0 $who attach --pid "$pid" /srv/$who/b
	UNDER=
	user_does "... and back" 0 $who detach /srv/$who/b
	UNDER="prlimit --nproc=64:64 --"
	user_does "... and a hard limit: $who" "$raised" $who attach --pid "$pid" /srv/$who/b
	[ "$raised" -eq 0 ] || says "... is told" "RLIMIT_NPROC"
	UNDER=
	others "... the others go on"
	user_does "... and back" 0 $who detach /srv/$who/b
done
# shellcheck disable=SC2046
kill $(pgrep -xu _vestibule sleep)

### A policy that is replaced while it is read

if can_hold "a policy that is replaced while it is read"; then
	calls_of alice attach --pid "$TARGET" /srv/alice/b >"$W/out/calls"
	au alice detach /srv/alice/b
	# It is of the same length, and permits another one.
	other_line=$(echo "$line" | sed 's/vestibule/_vestibul/')
	awk '$1 == "program" && $2 ~ /^(openat|fstat|read)$/ { print "program:" $2 ":" $3 } $2 == "clone" { exit }' \
		"$W/out/calls" >"$W/out/points"
	for how in written renamed; do
		n_done=0 n_refused=0
		: >"$W/out/wrong"
		: >"$W/out/said"
		while read -r point; do
			policy "$line"
			if holds_by alice "$point:hold" attach --pid "$TARGET" /srv/alice/b; then
				case $how in
				written) policy "$other_line" ;;
				renamed)
					echo "$other_line" >/etc/vestibule/new
					mv /etc/vestibule/new /etc/vestibule/policy
					;;
				esac
				: >"$W/out/hold.go"
			fi
			ends_held
			case $status in
			0) n_done=$((n_done + 1)) ;;
			3) n_refused=$((n_refused + 1)) ;;
			*) { echo "$point:"; said; } >>"$W/out/wrong" ;;
			esac
			cat "$W/out/stderr" >>"$W/out/said"
			[ $status -eq 0 ] || ! held | grep -q '^/srv' || echo "$point: refused, and bound" >>"$W/out/wrong"
			au alice detach /srv/alice/b
		done <"$W/out/points"
		if [ -s "$W/out/wrong" ]; then
			not_ok "a policy that is $how while a user's run reads it" <"$W/out/wrong"
		else
			ok "a policy that is $how while a user's run reads it is the old one, the new one or none"
		fi
		echo "# $n_done done, $n_refused refused"
		check "... both happened" test $n_done -gt 0 -a $n_refused -gt 0
		[ $how = renamed ] || check "... and that it was changed is said" grep -q 'policy.*chang' "$W/out/said"
	done
	policy "$line"
fi

### Groups

# What the kernel knows of the process counts, not what is in /etc/group: a session keeps what it began with.
policy "permit group builders ns net,user beneath /srv/ci/ns"
members=$(getent group vestibule | cut -d: -f3)
# in_groups USER GROUPS ARGUMENTS
in_groups() {
	groups_user=$1
	groups_are=$2
	shift 2
	setpriv --reuid "$groups_user" --regid "$groups_user" --groups "$groups_are" sh -c 'exec "$0" "$@"' \
		"$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}
before
in_groups alice "$members" attach --pid "$TARGET" /srv/alice/b
is "a group that only /etc/group has her in" $status 3
says "... permits nothing" "vestibule/policy:1"
unchanged "... and nothing is changed"
in_groups alice "$members,70009" attach --pid "$TARGET" /srv/alice/b
is "... and in which her process is, too" $status 0
user_does "... and back" 0 alice detach /srv/alice/b
in_groups bob "$members,70009" attach --pid "$bobs" /srv/bob/b
is "a group that only his process is in" $status 0
user_does "... and back" 0 bob detach /srv/bob/b
policy "$line"

### A place that does not answer

if ! sh -c ': <>/dev/fuse' 2>/dev/null; then
	skip "a file system that does not answer" "kernel: has no /dev/fuse, or none for this user"
	finish
fi
mkdir /srv/dead
chown alice:alice /srv/dead
"$TOOLS/stallfs" /srv/dead lookup 70001 >"$W/out/ready" 2>&1 &
server=$!
ours $server
wait_until grep -q ready "$W/out/ready"
policy "permit user alice ns net beneath /srv/dead/runtime.json" "permit user bob ns net beneath /srv/ci/ns"
others "a line of the policy for a place that does not answer"
as alice "$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/b >"$W/out/stuck" 2>&1 &
stuck=$!
ours $stuck
sleep 0.3
others "... and whom it is for waits"
kill $server
umount -l /srv/dead
wait $stuck
is "... until it is gone" $? 3
policy "$line"

finish
