#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A run waits for what is in use, or raced, for a bounded time in all and not for each of them; and a
# signal ends the waiting, not what has to be taken back. Counted are attempts, not time.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "waiting" "strace is not installed"
	finish
fi

# traced ARGUMENTS OF STRACE -- ARGUMENTS: the calls are in $W/out/trace.
traced() {
	traced_args=
	while [ "$1" != -- ]; do
		traced_args="$traced_args $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	strace -qq -o "$W/out/trace" $traced_args "$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

attempts() {
	grep -c "^$1(" "$W/out/trace"
}

# A killed run of eight mounts, each in use.
eight() {
	layout private
	mounts=
	for n in 1 2 3 4 5 6 7 8; do
		mounts="$mounts{\"destination\": \"$W/m$n\", \"type\": \"tmpfs\", \"options\": [\"mode=1777\"]},"
	done
	bundle b "{\"mounts\": [$mounts {\"destination\": \"$W/m9\", \"type\": \"tmpfs\"}]}"
	before
	traced -e trace=fsmount -e inject=fsmount:signal=KILL:when=9 -- prepare "$W/b"
	is "a run of eight mounts is killed" $status 137
	for n in 1 2 3 4 5 6 7 8; do
		(exec <"$W/m$n" && exec sleep 1000) &
		ours $!
	done
	wait_until sh -c "ls -l /proc/$!/fd | grep -q '$W/m8'"
}

# Twenty milliseconds between two attempts and two seconds for all: a hundred, and one of each.
eight
traced -e trace=umount2 -- prepare "$W/b"
is "repair of eight mounts that are in use fails" $status 1
n=$(attempts umount2)
if [ "$n" -ge 8 ] && [ "$n" -le 120 ]; then
	ok "... after one share of attempts for all of them"
else
	echo "$n attempts" | not_ok "... after one share of attempts for all of them"
fi
is "... and each of them is named" "$(grep -c 'not taken back: .*busy' "$W/out/stderr")" 8
end_holders() {
	for one in $OURS; do
		kill "${one%:*}" 2>/dev/null
		wait "${one%:*}" 2>/dev/null
	done
	OURS=
}
end_holders
does "... and when they are free" 0 cleanup "$W/b"
unchanged "... all is as it was"

for signal in TERM INT HUP QUIT; do
	eight
	traced -e trace=umount2 -e inject=umount2:signal=$signal:when=3 -- cleanup "$W/b"
	is "SIG$signal while repair waits: it fails" $status 1
	says "... says so" "signal [0-9]+ ended the waiting"
	n=$(attempts umount2)
	if [ "$n" -ge 8 ] && [ "$n" -le 14 ]; then
		ok "... at once, and each mount was tried"
	else
		echo "$n attempts" | not_ok "... at once, and each mount was tried"
	fi
	end_holders
	does "... then gc" 0 gc
	unchanged "... leaves all as it was"
done

# gc goes no further, either.
eight
traced -e trace=umount2 -e inject=umount2:signal=TERM:when=3 -- gc
is "SIGTERM while gc waits: it fails" $status 1
says "... says so" "ended by signal 15 while it waited"
end_holders

# A verb that takes back on request.
layout private
bundle b
does "prepare" 0 prepare "$W/b"
(exec <"$W/b/rootfs" && exec sleep 1000) &
ours $!
wait_until sh -c "ls -l /proc/$!/fd | grep -q '$W/b/rootfs'"
traced -e trace=umount2 -e inject=umount2:signal=INT:when=2 -- cleanup "$W/b"
is "SIGINT while cleanup waits: it fails" $status 1
check "... at once" test "$(attempts umount2)" -le 3
check "... and the mount is there" is_mount "$W/b/rootfs"
end_holders
does "... then cleanup" 0 cleanup "$W/b"

# A step that is raced, until the signal comes: the step fails, and what was before it is taken back.
layout private
bundle b '{"mkdir": ["made", "d/e/f"]}'
mkdir "$W/b/rootfs/d"
mount --bind "$W/b/rootfs" "$W/b/rootfs"
before
traced -e trace=openat2,mkdirat -- prepare "$W/b"
calls=$(awk '/^mkdirat/ { made = 1; next } !made { n++ } END { print n }' "$W/out/trace")
rm -r "$W/b/rootfs/made" "$W/b/rootfs/d/e"
vst cleanup "$W/b"
before
traced -e trace=openat2 -e "inject=openat2:error=EAGAIN:signal=TERM:when=$((calls + 1))..$((calls + 20000))" -- prepare "$W/b"
case $status in
1 | 5)
	says "SIGTERM while a lookup is raced: the run says so" "ended by signal 15 while it waited"
	;;
*) said | not_ok "SIGTERM while a lookup is raced" ;;
esac
vst gc
unchanged "... and after gc all is as it was"

finish
