# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the system tests share: sourced first by each of them, with no side effect on the machine.
#
#   the machine
#   └─ user namespace (only where a plain user runs the tests: unshare -Ur)
#      └─ mount and network namespace of the test file ("here"), everything private
#         ├─ $W        a tmpfs of the test's own: bundles, state directory, what is made
#         ├─ $PEER     a process in a copy of that mount namespace, in which $W is a peer
#         │            (layout shared only)
#         └─ $TARGET   a process in a network namespace of its own ("there"): the container's
#
# TAP on stdout: ok, not_ok, skip, finish. Whatever a test starts it hands to `ours`, and is
# ended when the file ends.
#
#   B     the build directory (default: build)
#   VST   the program (default: $B/vestibule)
#   TOOLS where tests/tools are (default: beside the program, in tests/)

set -u
LC_ALL=C
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH

here=$(cd "$(dirname "$0")" && pwd)
if [ -z "${VST-}" ]; then
	VST=$(cd "${B:-$here/../../build}" && pwd)/vestibule
fi
TOOLS=${TOOLS:-$(dirname "$VST")/tests}
export VST TOOLS
for wanted in "$VST" "$TOOLS/snapshot"; do
	[ -x "$wanted" ] || {
		echo "Bail out! $wanted is not there: first run make all check-programs"
		exit 1
	}
done
# shellcheck disable=SC2034
top=$(cd "$here/../.." && pwd)

# Into namespaces of our own, and only there any further.
if [ -z "${VST_INSIDE-}" ]; then
	VST_INSIDE=1
	VST_USERNS=
	export VST_INSIDE VST_USERNS
	if [ "$(id -u)" -eq 0 ]; then
		exec unshare -mn --propagation private sh "$here/${0##*/}" "$@"
	fi
	VST_USERNS=1
	exec unshare -Urmn --propagation private sh "$here/${0##*/}" "$@"
fi

# The machine's own file systems, by device: their options are everybody's, and no business of a test.
# A test compares what is its own.
VST_MACHINE=" $(awk '{ print $3 }' /proc/self/mountinfo | sort -u | tr '\n' ' ')"
export VST_MACHINE

# Addresses are there at once, and are those that a test gives: the kernel gives a link its own one up to
# a second after the other end has gone up.
plain_addresses() {
	"$@" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.addr_gen_mode=1 2>/dev/null || true
}
plain_addresses

PEER=
TARGET=
OURS=
W=
# One letter a test, in a file: some run at the end of a pipe, in a shell of their own.
tap=$(mktemp) || exit 1

ok() {
	printf p >>"$tap"
	printf 'ok - %s\n' "$*"
}

# The description as arguments, and why on stdin.
not_ok() {
	printf f >>"$tap"
	printf 'not ok - %s\n' "$*"
	sed 's/^/#   /'
}

# skip DESCRIPTION REASON; a reason that begins with "kernel:" says that this kernel cannot.
skip() {
	printf s >>"$tap"
	printf 'ok - %s # SKIP %s\n' "$1" "$2"
}

# since VERSION DESCRIPTION: whether this kernel is that new; if not, the test is skipped.
since() {
	[ "$(printf '%s\n' "$1" "$(uname -r)" | sort -V | head -n 1)" = "$1" ] && return
	skip "$2" "kernel: older than $1"
	return 1
}

# other COMMAND...: as another user. others_may_run: a tree beneath /root, say, is not open to them.
other() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

others_may_run() {
	other test -x "$VST"
}

# check DESCRIPTION COMMAND...: the command succeeds.
check() {
	check_what=$1
	shift
	if check_said=$("$@" 2>&1); then
		ok "$check_what"
	else
		printf '%s: status %d\n%s\n' "$*" $? "$check_said" | not_ok "$check_what"
	fi
}

# fails DESCRIPTION COMMAND...: it does not.
fails() {
	check_what=$1
	shift
	if check_said=$("$@" 2>&1); then
		printf '%s: succeeded\n%s\n' "$*" "$check_said" | not_ok "$check_what"
	else
		ok "$check_what"
	fi
}

# is DESCRIPTION GOT WANTED
is() {
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		printf 'got    %s\nwanted %s\n' "$2" "$3" | not_ok "$1"
	fi
}

finish() {
	printf '1..%d\n' "$(wc -c <"$tap")"
	! grep -q f "$tap"
	exit
}

# Everything that was started ends with the file; mounts and links end with its namespaces. A number
# may be another process's by then (the shell reaps its children by the way): the start time tells.
ours() {
	started_at "$1"
	OURS="$OURS $1:$started"
}

# started_at PID: its start time in $started, empty if it is gone. By the shell alone: this is done
# often.
started_at() {
	started=
	{ read -r started_line <"/proc/$1/stat"; } 2>/dev/null || return 0
	# shellcheck disable=SC2086
	set -- ${started_line##*) }
	started=${20}
}

end_ours() {
	for one in $OURS; do
		pid=${one%:*}
		started_at "$pid"
		if [ "$one" = "$pid:$started" ] && [ "$one" != "$pid:" ]; then
			kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null
		fi
	done
	OURS=
	if [ -n "$W" ]; then
		umount -l "$W" 2>/dev/null
		rmdir "$W"
		W=
	fi
}
trap 'end_ours; rm -f "$tap"' EXIT
trap 'exit 1' INT TERM HUP

# wait_until COMMAND...: until it succeeds; a minute, and more where the machine is busy.
wait_until() {
	tries=0
	until "$@" >/dev/null 2>&1; do
		tries=$((tries + 1))
		if [ $tries -gt 3000 ]; then
			echo "Bail out! waited in vain: $*"
			exit 1
		fi
		sleep 0.02
	done
}

# ends_target: ends $TARGET, and waits until its network namespace has ended, too: the kernel does that some
# time after its last process, and then its number here goes. Nothing else holds it.
ends_target() {
	kill -KILL "$TARGET"
	wait_until sh -c "! test -e /proc/$TARGET/ns/net"
	# Drawn: 1073741824 or more. The kernel's own are small.
	wait_until sh -c "! ip netns list-id | grep -q 'nsid [0-9]\{10\}'"
}

ns_of() {
	readlink "/proc/$1/ns/$2"
}

ns_differs() {
	[ -n "$(ns_of "$1" "$2")" ] && [ "$(ns_of "$1" "$2")" != "$(ns_of self "$2")" ]
}

# layout private|shared: a fresh $W, mounted so, and a peer that sees what is mounted beneath it
# where it is shared.
layout() {
	end_ours
	PEER=
	TARGET=
	W=$(mktemp -d "${TMPDIR:-/tmp}/vestibule-test.XXXXXX") || exit 1
	mount -t tmpfs -o mode=755 tmpfs "$W" || exit 1
	mount "--make-$1" "$W" || exit 1
	mkdir -m 700 "$W/state"
	mkdir "$W/out"
	if [ "$1" = shared ]; then
		unshare -m --propagation unchanged sleep infinity &
		PEER=$!
		ours $PEER
		wait_until ns_differs $PEER mnt
	fi
	# An interface at a time: the other end of a pair is gone by its turn.
	ip -o link | while read -r _ link _; do
		link=${link%:}
		[ "$link" = lo ] || ip link del "${link%@*}" 2>/dev/null
	done
	ip link set lo up
}

# target [OPTIONS of unshare]: $TARGET in namespaces of its own, a network namespace if none is named.
target() {
	[ $# -gt 0 ] || set -- -n
	unshare "$@" sleep infinity &
	TARGET=$!
	ours $TARGET
	wait_until grep -q sleep "/proc/$TARGET/comm"
	plain_addresses there
}

there() {
	nsenter -t "$TARGET" -n "$@"
}

# bundle NAME [DOCUMENT]: $W/NAME, read-only layout; `rw NAME` adds lower and tmp.
bundle() {
	mkdir -p "$W/$1/rootfs"
	if [ $# -gt 1 ]; then
		printf '%s' "$2" >"$W/$1/runtime.json"
	fi
}

rw() {
	mkdir -p "$W/$1/lower/etc" "$W/$1/tmp"
	echo lower >"$W/$1/lower/etc/file"
}

# vst ARGUMENTS: the program with the test's state directory. Its output is in $W/out, its status
# in $status.
vst() {
	"$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# holds WHEN CALL NUMBER ARGUMENTS: the program, which stands still now: "before" or "after" its so
# manieth call of that name. More faults of at_call: $holds_too. go_on: it goes on, to its end; its
# status is in $status. Only where can_hold.
can_hold() {
	[ -x "$TOOLS/at_call" ] && return
	skip "$1" "kernel: at_call knows the registers of x86-64 only"
	return 1
}

holds_too=
holds() {
	holds_what=hold
	[ "$1" = before ] || holds_what=held
	holds_fault=program:$2:$3:$holds_what
	shift 3
	rm -f "$W/out/hold" "$W/out/hold.go"
	# shellcheck disable=SC2086
	"$TOOLS/at_call" "$W/out/hold" $holds_fault $holds_too -- "$VST" --root "$W/state" "$@" \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
	HELD=$!
	ours $HELD
	wait_until test -s "$W/out/hold"
}

go_on() {
	: >"$W/out/hold.go"
	wait "$HELD"
	status=$?
}

said() {
	cat "$W/out/stdout" "$W/out/stderr"
	echo "status $status"
}

# does DESCRIPTION STATUS ARGUMENTS: only the status counts.
does() {
	does_what=$1
	does_want=$2
	shift 2
	vst "$@"
	if [ "$status" -eq "$does_want" ]; then
		ok "$does_what"
	else
		{ echo "wanted status $does_want of: $*"; said; } | not_ok "$does_what"
	fi
}

# says DESCRIPTION PATTERN: what the last `vst` wrote to stderr has a line with the pattern (ERE).
says() {
	if grep -Eq -e "$2" "$W/out/stderr"; then
		ok "$1"
	else
		{ echo "wanted: $2"; said; } | not_ok "$1"
	fi
}

# The mounts of a process as text that does not depend on ids that are given anew each time.
mounts_of() {
	awk '{
		if (index(ENVIRON["VST_MACHINE"], " " $3 " "))
			$NF = "-"
		$1 = $2 = ""
		sub(/^ */, "")
		print
	}' "/proc/$1/mountinfo" | sort
}

# The kernel notices a little later that the other end of a pair is gone, or there.
settled() {
	jq -c 'map(del(.operstate) | if .flags then .flags -= ["NO-CARRIER", "LOWER_UP", "linkdown"] else . end)'
}

links() {
	ip -d -j link | settled
	ip -j addr | settled
	ip -j -4 route show table all | settled
	ip -j -6 route show table all | settled
}

# All that a run could have changed: mounts here and in the peer, links here and there, every
# file of $W (and of the directories that $PLACES names) but what tests write themselves, with
# modes, owners and inodes.
snapshot() {
	snapshot_there=0
	if [ -n "$TARGET" ] && [ -e "/proc/$TARGET/ns/net" ]; then
		snapshot_there=$TARGET
	fi
	# What could not be looked at is never the same.
	# shellcheck disable=SC2086
	"$TOOLS/snapshot" -e "$W" "${PEER:-0}" $snapshot_there ${PLACES-} || echo "not seen: $(date +%s%N)"
}

before() {
	snapshot >"$W/out/before" 2>&1
}

# unchanged DESCRIPTION: as it was at `before`.
unchanged() {
	snapshot >"$W/out/after" 2>&1
	if unchanged_diff=$(diff "$W/out/before" "$W/out/after"); then
		ok "$1"
	else
		{ echo "$unchanged_diff"; said; } | not_ok "$1"
	fi
}

# refuses DESCRIPTION STATUS PATTERN ARGUMENTS: this status (a shell pattern), exactly one line on stderr, with the
# pattern, nothing on stdout, and nothing changed. One test.
refuses() {
	refuses_what=$1
	refuses_want=$2
	refuses_pattern=$3
	shift 3
	before
	vst "$@"
	snapshot >"$W/out/after" 2>&1
	{
		# shellcheck disable=SC2254
		case $status in
		$refuses_want) ;;
		*) echo "wanted status $refuses_want" ;;
		esac
		[ "$(wc -l <"$W/out/stderr")" -eq 1 ] || echo "wanted one line on stderr"
		grep -Eq -e "$refuses_pattern" "$W/out/stderr" || echo "wanted: $refuses_pattern"
		[ ! -s "$W/out/stdout" ] || echo "wanted nothing on stdout"
		! grep -q '[^[:print:]]' "$W/out/stderr" || echo "wanted printable text"
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		{ echo "of: $*"; cat "$W/out/wrong"; said; } | not_ok "$refuses_what"
	else
		ok "$refuses_what"
	fi
}

# leaves DESCRIPTION STATUS PATTERN ARGUMENTS: this status, a line on stderr with the pattern if there
# is one, and nothing changed. One test.
leaves() {
	leaves_what=$1
	leaves_want=$2
	leaves_pattern=$3
	shift 3
	before
	vst "$@"
	snapshot >"$W/out/after" 2>&1
	{
		[ "$status" -eq "$leaves_want" ] || echo "wanted status $leaves_want"
		[ -z "$leaves_pattern" ] || grep -Eq -e "$leaves_pattern" "$W/out/stderr" || echo "wanted: $leaves_pattern"
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		{ echo "of: $*"; cat "$W/out/wrong"; said; } | not_ok "$leaves_what"
	else
		ok "$leaves_what"
	fi
}

# is_mount PATH [KIND]: a mount point (of this type of file system) here.
is_mount() {
	awk -v at="$1" -v kind="${2-}" '
	$5 == at { for (i = 7; $i != "-"; i++); if (kind == "" || $(i + 1) == kind) found = 1 }
	END { exit !found }' /proc/self/mountinfo
}

# mounted_in_peer PATH: in the peer of a shared layout.
mounted_in_peer() {
	awk -v at="$1" '$5 == at { found = 1 } END { exit !found }' "/proc/$PEER/mountinfo"
}

mode_of() {
	stat -c %a "$1"
}

# Whether the kernel knows this kind of interface.
has_kind() {
	if ip link add vstprobe0 type "$1" 2>/dev/null; then
		ip link del vstprobe0
	else
		return 1
	fi
}
