#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the program that is setuid starts: where the kernel gives it no right, it says why; what its caller has
# left in the process goes no further; and what its caller does with standard error holds nobody up.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice '{"bindNS": {"net": "/srv/ci/ns/alice/net"}}'
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user,uts beneath /srv/ci/ns"
target_of bob
bobs=$TARGET
target_of alice

### Without the rights that it is installed with

user_does "a start with its rights" 0 alice status

# absent DESCRIPTION WHY: as `as` and $P are now, each verb that acts, and status, are refused with the reason; plan and
# policy want no rights.
absent() {
	for verb in "attach --pid $TARGET /srv/alice/b" "prepare /srv/alice/b" "detach /srv/alice/b" "cleanup /srv/alice/b" gc status; do
		# shellcheck disable=SC2086
		user_refused "$1: ${verb%% *}" 3 "^vestibule: ${verb%% *}: the rights that vestibule is installed with are missing: $2" alice $verb
	done
	user_does "... plan" 0 alice plan --pid "$TARGET" /srv/alice/b
	user_does "... policy check" 0 alice policy check
}

HOW=--no-new-privs
absent "with no_new_privs" "it was started with no_new_privs"
HOW=
installed=$P
mkdir /opt/nosuid
mount --bind /opt/vestibule /opt/nosuid
mount -o remount,bind,nosuid /opt/nosuid
P=/opt/nosuid
absent "on a mount with nosuid" "its file lies on a mount with nosuid"
umount /opt/nosuid
P=$installed
if command -v strace >/dev/null; then
	UNDER="strace -qq -o /dev/null"
	absent "traced by her" "it was started under a tracer without rights over it"
	UNDER=
else
	skip "traced by her" "strace is not installed"
fi
setpriv --reuid alice --regid alice --init-groups unshare -Urm sleep infinity &
hers=$!
ours $hers
wait_until ns_differs $hers mnt
P=/proc/$hers/root$installed
absent "by a path into a mount namespace of hers" "its file lies on a mount of another mount namespace"
P=$installed
UNDER="unshare -U"
user_refused "in a user namespace where root is not mapped" 3 \
	"attach needs CAP_SYS_ADMIN, which is missing: in a user namespace a file gives rights only of users" \
	alice attach --root /srv/alice/state --pid "$TARGET" /srv/alice/b
UNDER=
# Where root puts her there, it has its rights, and what it finds there is hers.
INTO="nsenter -t $hers -m"
user_refused "in a mount namespace of hers" 3 "in a mount namespace that a user made" alice attach --pid "$TARGET" /srv/alice/b
INTO=

# What the bounding set lacks: the verb, the capability and the cause.
for lacks in sys_admin sys_ptrace setuid setgid; do
	HOW="--bounding-set -$lacks"
	cap=CAP_$(echo $lacks | tr '[:lower:]' '[:upper:]')
	user_refused "without $cap in the bounding set: attach" 3 \
		"^vestibule: attach needs $cap, which is missing: the bounding set that vestibule was started with lacks it" \
		alice attach --pid "$TARGET" /srv/alice/b
	case $lacks in
	sys*)
		user_refused "... detach" 3 "^vestibule: detach needs $cap, .*bounding set" alice detach /srv/alice/b
		user_refused "... gc" 3 "^vestibule: gc needs $cap, .*bounding set" alice gc
		;;
	*)
		user_does "... detach" 0 alice detach /srv/alice/b
		user_does "... gc" 0 alice gc
		;;
	esac
	user_does "... status" 0 alice status
done
HOW=
mkdir -p /srv/roots/b/rootfs
setpriv --bounding-set -sys_admin "$P/bin/vestibule" prepare /srv/roots/b >"$W/out/stdout" 2>"$W/out/stderr"
status=$?
is "root without CAP_SYS_ADMIN there" $status 3
says "... is told, too" "^vestibule: prepare needs CAP_SYS_ADMIN, which is missing: the bounding set"

### With other rights than those

# surplus DESCRIPTION WORDS: what is at /opt/odd.
surplus() {
	P=/opt/odd
	user_refused "$1" 6 "more rights than its caller, uid 70001: $2" alice attach --pid "$TARGET" /srv/alice/b
	P=$installed
}
mkdir -p /opt/odd/bin
cp "$P/bin/vestibule" /opt/odd/bin/vestibule
odd=/opt/odd/bin/vestibule
chown root:vestibule $odd
chmod 2755 $odd
surplus "setgid" "it is setgid"
chmod 6755 $odd
surplus "setuid and setgid" "it is setgid"
chown bob:root $odd
chmod 4755 $odd
surplus "setuid of another user" "it is setuid"
chown root:root $odd
chmod 755 $odd
if command -v setcap >/dev/null && setcap cap_sys_admin=p $odd; then
	surplus "with file capabilities" "its file has capabilities"
	P=/opt/odd
	HOW=--no-new-privs
	absent "with file capabilities and no_new_privs" "it was started with no_new_privs"
	HOW=
	P=$installed
else
	skip "with file capabilities" "setcap is not installed"
fi

### What its caller has left in the process

# stand COMMAND...: $run, an attach of alice's, started by the command, that stands still when it begins its journal.
stand() {
	rm -f "$W/out/hold" "$W/out/hold.go"
	# shellcheck disable=SC2016
	"$TOOLS/at_call" "$W/out/hold" program:fallocate:1:hold -- /usr/bin/setpriv \
		--reuid alice --regid alice --init-groups sh -c '
			echo 999 >/proc/self/oom_score_adj
			echo 1000000000 >/proc/$$/timerslack_ns
			exec "$0" "$@"' "$@" "$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/b \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
	HELD=$!
	ours $HELD
	wait_until test -s "$W/out/hold"
	run=$(pgrep -P $HELD)
}
stands() {
	is "$1" "$(cat "/proc/$run/$2")" "$3"
}
if can_hold "what its caller has left in the process"; then
	cpus=$(taskset 0xffffffff sh -c 'taskset -p $$' | sed 's/.* //')
	stand chrt --idle 0 nice -n 19 taskset -c 0 setarch --uname-2.6 \
		prlimit --cpu=2: --as=64000000: --data=64000000: --fsize=4096: --nproc=1:
	stands "it is not ended first for want of memory" oom_score_adj 0
	stands "... its timers are as exact as others'" timerslack_ns 50000
	stands "... it sees the machine as it is" personality 00000000
	is "... it is scheduled like any other" "$(chrt -p "$run" | sed -n '/policy:\|priority:/s/.*: //p' | tr '\n' ' ')" "SCHED_OTHER 0 "
	is "... with as much time" "$(awk '{ sub(/.*\) /, ""); print $17 }' "/proc/$run/stat")" 0
	is "... on every processor" "$(taskset -p "$run" | sed 's/.* //')" "$cpus"
	is "... its limits are the hard ones" \
		"$(awk '/^Max (cpu time|file size|data size|address space|processes) / && $(NF - 2) != $(NF - 1)' "/proc/$run/limits")" ""
	go_on
	is "... and it ends well" $status 0
	user_does "... and back" 0 alice detach /srv/alice/b
fi

# too_low OPTION VALUE NAME: a hard limit that is too low is named.
too_low() {
	UNDER="prlimit --$1=$2:$2"
	user_refused "RLIMIT_$3 of $2" 3 "the hard limit RLIMIT_$3 is $2 and [0-9]* are needed: raise it" alice attach --pid "$TARGET" /srv/alice/b
	UNDER=
}
too_low cpu 5 CPU
too_low as 48000000 AS
too_low data 48000000 DATA
too_low stack 131072 STACK
too_low fsize 65536 FSIZE
too_low nofile 32 NOFILE
UNDER="prlimit --nproc=1:1"
if capsh --decode="$(awk '/CapBnd/ { print $2 }' /proc/self/status)" | grep -q cap_sys_resource; then
	user_does "RLIMIT_NPROC of 1: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	UNDER=
	user_does "... and back" 0 alice detach /srv/alice/b
else
	user_refused "RLIMIT_NPROC of 1, which nobody can raise here" 3 "the hard limit RLIMIT_NPROC" alice attach --pid "$TARGET" /srv/alice/b
	UNDER=
fi

if command -v strace >/dev/null; then
	strace -qq -u alice -o "$W/out/trace" setpriv --pdeathsig KILL "$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/b 2>"$W/out/stderr"
	is "traced by root: attach" $? 0
	# Of its own program: behind the last execve. What comes before main is said in SECURITY.md.
	sed '1,/^execve.*vestibule/d' "$W/out/trace" >"$W/out/calls"
	is "no call but those of libc and of libcap-ng comes before it is closed to tracers" \
		"$(sed '/PR_SET_DUMPABLE, SUID_DUMP_DISABLE/,$d' "$W/out/calls" |
			grep -vE '^(arch_prctl|set_tid_address|poll|prctl\(PR_(CAPBSET_READ|GET_|CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET)|(open|openat|access|fstatfs|read|close|getpid|gettid|capget|brk|mmap|mprotect)\(.*(cap_last_cap|[0-9]))')" ""
	is "... nor is it open to them behind a change of ids or capabilities" "$(awk '
		/^(setfsuid|setfsgid)\(-1\)|^(capget|getres[ug]id)\(/ { next }
		changed && /^prctl\(PR_SET_DUMPABLE, SUID_DUMP_DISABLE\)/ { changed = ""; n++; next }
		/^(setfs[ug]id|capset|setres[ug]id)\(/ { changed = $0; next }
		changed { print changed " and then " $0; changed = "" }
		END { if (n < 5) print n " changes" }' "$W/out/calls")" ""
	check "... and a parent that ends takes it along no more" grep -q '^prctl(PR_SET_PDEATHSIG, 0' "$W/out/calls"
	user_does "... and back" 0 alice detach /srv/alice/b
else
	skip "in what order" "strace is not installed"
fi

### What its standard error is

# meanwhile DESCRIPTION: while a run of alice's on /srv/alice/b stands in the writing of a line.
meanwhile() {
	user_does "$1: another user's attach" 0 bob attach --pid "$bobs" /srv/bob/b
	user_does "... and detach" 0 bob detach /srv/bob/b
	does "... root's gc" 0 gc
	is "... which has nothing to say of it" "$(cat "$W/out/stderr")" ""
	user_does "... another bundle of hers" 0 alice attach --pid "$TARGET" /srv/alice/other
	user_does "... and back" 0 alice detach /srv/alice/other
	user_does "... and the very same bundle" 0 alice detach /srv/alice/b
}
# Attached again, a run says so under the lock of the bundle.
again="attach --pid $TARGET /srv/alice/b"
mkdir -p /srv/alice/other/rootfs
echo '{"bindNS": {"net": "/srv/ci/ns/alice/other"}}' >/srv/alice/other/runtime.json
chown -R alice:alice /srv/alice
if [ -e /dev/fuse ]; then
	mkdir "$W/served"
	"$TOOLS/stallfs" "$W/served" write >"$W/out/served" &
	ours $!
	server=$!
	wait_until grep -q ready "$W/out/served"
	user_does "attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	# shellcheck disable=SC2086
	setpriv --reuid alice --regid alice --init-groups "$P/bin/vestibule" $again 2>>"$W/served/runtime.json" &
	ours $!
	wait_until grep -q "written to" "$W/out/served"
	meanwhile "a server that does not answer"
	kill -KILL $server
	wait $!
	is "... the run ends well when the server ends" $? 0
	umount -l "$W/served"
else
	skip "a server that does not answer" "kernel: no FUSE"
fi

# A pipe that is full: root's gc passes on what its child for her says, as far as there is room.
mkfifo "$W/full"
sleep infinity <>"$W/full" &
ours $!
user_does "attach" 0 alice attach --pid "$TARGET" /srv/alice/b
umount /srv/ci/ns/alice/net
dd if=/dev/zero of="$W/full" bs=1k oflag=nonblock 2>"$W/out/dd"
{
	"$P/bin/vestibule" gc 2>"$W/full"
	echo $? >"$W/out/gc"
} &
ours $!
wait_until test -s "$W/out/gc"
is "a pipe that is full: root's gc" "$(cat "$W/out/gc")" 0
is "... and does all that it has to" "$(held)" ""

# A pipe that her other process fills between the look whether there is room and the writing.
if can_hold "a pipe that is filled meanwhile"; then
	mkfifo "$W/fifo"
	sleep infinity <>"$W/fifo" &
	ours $!
	reader=$!
	user_does "attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	rm -f "$W/out/hold" "$W/out/hold.go"
	# The first write is of oom_score_adj.
	# shellcheck disable=SC2086
	"$TOOLS/at_call" "$W/out/hold" program:write:2:hold -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
		"$P/bin/vestibule" $again >"$W/out/stdout" 2>"$W/fifo" </dev/null &
	ours $!
	run=$!
	wait_until test -s "$W/out/hold"
	dd if=/dev/zero of="$W/fifo" bs=1k oflag=nonblock 2>"$W/out/dd"
	: >"$W/out/hold.go"
	meanwhile "a pipe that is filled meanwhile"
	check "... it is written to still" kill -0 $run
	head -c 4k "$W/fifo" >/dev/null
	wait $run
	is "... the run ends well when somebody reads" $? 0
	kill $reader
fi

finish
