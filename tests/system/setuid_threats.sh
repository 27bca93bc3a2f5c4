#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The rows of tests/threats.def that every start has to hold, for the program that is setuid and a user: how it
# is started, which process it is given and what that does meanwhile, what its files are, in which mount
# namespace they lie, and a parser that lies.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

binds='{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice "$binds"
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user beneath /srv/ci/ns"
target_of bob
bobs=$TARGET
target_of alice
attach="$P/bin/vestibule attach --pid $TARGET /srv/alice/b"
# The directory of her records is there from now on.
user_does "attach" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... and back" 0 alice detach /srv/alice/b

# starts DESCRIPTION SHELL-COMMAND: as alice; all is bound, and is taken back.
starts() {
	before
	as alice sh -c "$2" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	if [ $status -eq 0 ] && [ "$(held | grep -c '^/srv')" -eq 2 ]; then
		ok "$1"
	else
		said | not_ok "$1"
	fi
	au alice detach /srv/alice/b
	unchanged "... and back"
}

# is_refused DESCRIPTION STATUS PATTERN SHELL-COMMAND: as alice; nothing is changed.
is_refused() {
	before
	as alice sh -c "$4" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	if [ $status -eq "$2" ] && grep -Eq -e "$3" "$W/out/stderr"; then
		ok "$1"
	else
		{ echo "wanted status $2 and: $3"; said; } | not_ok "$1"
	fi
	unchanged "... and nothing is changed"
}

### Arguments

install -m 755 "$TOOLS/noargs" /opt/noargs
is_refused "no argv[0], of a user" 2 "a verb is missing" "/opt/noargs $P/bin/vestibule"
ln -s $P/bin/vestibule /srv/gc
starts "by another name, which is none" "/srv/gc attach --pid $TARGET /srv/alice/b"
while read -r arguments; do
	# shellcheck disable=SC2086
	user_refused "usage of a user: $arguments" 2 . alice $arguments
done <<END
attach --pid $TARGET --pid $TARGET /srv/alice/b
attach --pid $TARGET --pid-file /srv/alice/pid /srv/alice/b
attach --pi $TARGET /srv/alice/b
gc --ui 70001
detach /srv/alice/b /srv/bob/b
END

### The environment

# Words.
hostile="LD_PRELOAD=/srv/alice/x.so LD_LIBRARY_PATH=/srv/alice LD_AUDIT=/srv/alice/x.so GLIBC_TUNABLES=glibc.malloc.check=3
	GCONV_PATH=/srv/alice LOCPATH=/srv/alice LC_ALL=x TZ=/srv/alice/tz TMPDIR=/srv/alice PATH=/srv/alice HOME=/srv/alice
	MALLOC_ARENA_MAX=1 RESOLV_HOST_CONF=/etc/shadow IFS=/ VESTIBULE_ROOT=/srv/alice DBUS_SYSTEM_BUS_ADDRESS=unix:path=/x"
starts "a hostile environment, of a user" "env $(printf '%s' "$hostile" | tr '\n\t' '  ') $attach"
if strace=$(command -v strace); then
	# opens [ENVIRONMENT...]: the paths that a run of hers asks the kernel for.
	opens() {
		rm -f "$W/out/trace"
		env "$@" "$strace" -f -qq -u alice -s 256 -o "$W/out/trace" "$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/b \
			>"$W/out/stdout" 2>"$W/out/stderr"
		au alice detach /srv/alice/b
		sed -nE 's/^[0-9]+ +(open|openat|openat2|statx|newfstatat|readlinkat|mkdirat|connect)\(.*"([^"]*)".*/\1 \2/p' "$W/out/trace" | sort
	}
	opens >"$W/out/without"
	# shellcheck disable=SC2086
	opens $hostile >"$W/out/with"
	check "what is traced has paths" grep -q 'runtime.json' "$W/out/with"
	is "... by which no path of a user's run changes" "$(diff "$W/out/without" "$W/out/with")" ""
	check "... and of which its parser gets nothing" grep -q 'execveat(.*/\* 0 vars \*/' "$W/out/trace"
else
	skip "what an environment changes" "strace is not installed"
fi

### Descriptors

starts "all three closed, by a user" "$attach <&- >&- 2>&-"
# Full, and nobody reads it.
printf '{"unknown": 1, %s' "${binds#\{}" >/srv/alice/b/runtime.json
mkfifo "$W/out/full"
chmod 666 "$W/out/full"
starts "standard error is full, and nobody reads it" "exec 9<>$W/out/full; { while :; do echo; done >&9; } & sleep 0.3; kill \$!; $attach 2>&9"
printf '%s' "$binds" >/srv/alice/b/runtime.json

### Modes, limits, the working directory

printf '{"bindNS": {"net": "/srv/ci/ns/alice/made/net", "user": "/srv/ci/ns/alice/made/user"}}' >/srv/alice/b/runtime.json
as alice sh -c "umask 777; $attach"
umount /srv/ci/ns/alice/made/net
is "modes of what is made for a user, whatever the umask" \
	"$(stat -c '%U:%G %a' /srv/ci/ns/alice/made /srv/ci/ns/alice/made/net)" "alice:alice 755
alice:alice 644"
user_does "... gc" 0 alice gc
user_does "... detach" 0 alice detach /srv/alice/b
is "... nothing is held" "$(held)" ""
rmdir /srv/ci/ns/alice/made
printf '%s' "$binds" >/srv/alice/b/runtime.json
is_refused "a user may write no file" 3 RLIMIT_FSIZE "said=\$(ulimit -f 0; $attach 2>&1); rc=\$?; echo \"\$said\" >&2; exit \$rc"
is_refused "a user has too few descriptors" 3 'RLIMIT_NOFILE' "ulimit -n 8; $attach"
is_refused "a user has too small a stack" 3 RLIMIT_STACK "ulimit -s 64; $attach"
# Hers by name, but reached through a directory that only root opens.
mkdir -p /srv/closed/b/rootfs
chmod 700 /srv/closed
printf '%s' "$binds" >/srv/closed/b/runtime.json
cd /srv/closed || exit 1
user_refused "a working directory of root's, and a bundle in it" 1 "open the working directory.*Permission denied" alice attach --pid "$TARGET" b
is_refused "... and a bundle elsewhere: only that counts" 4 "No such file" "$P/bin/vestibule attach --pid $TARGET /srv/alice/none"
cd "$top" || exit 1
mount -t tmpfs -o size=256k,mode=755 small /run
user_does "a small file system for records" 0 alice gc
head -c 200k /dev/zero >/run/fill
user_refused "no room for a record" 3 "less than a quarter of the state directory's file system is free" \
	alice attach --pid "$TARGET" /srv/alice/b
umount /run

### Signals and timers

printf '#!/usr/bin/perl\nalarm 1;\nexec @ARGV;\n' >/opt/alarmed
chmod 755 /opt/alarmed
starts "signals ignored and blocked, by a user" "exec env --ignore-signal=CHLD,PIPE,TERM --block-signal $attach"
# shellcheck source=less_calls_lib.sh
if can_hold "a timer that runs out" && . "$here/less_calls_lib.sh"; then
	UNDER=/opt/alarmed
	holds_by alice program:clone:1:hold attach --pid "$TARGET" /srv/alice/b
	UNDER=
	sleep 1.5
	: >"$W/out/hold.go"
	ends_held
	is "a timer of a user's that runs out in the middle" $status 0
	user_does "... and back" 0 alice detach /srv/alice/b
fi

### Which process

nobody="there is no such process in a user namespace of yours"
for pid in 0 -1 "+$TARGET" "0$TARGET" " $TARGET" "${TARGET}x" "$((TARGET + 4294967296))" "0x1" "$TARGET $TARGET"; do
	user_refused "process '$pid'" 2 -- alice attach --pid "$pid" /srv/alice/b
done
setpriv --reuid alice --regid alice --init-groups unshare -Urn sh -c 'true & exec sleep infinity' &
ours $!
zombies=$!
wait_until pgrep -P $zombies
wait_until grep -q zombie "/proc/$(pgrep -P $zombies)/status"
user_refused "a zombie of a user's" 3 "$nobody" alice attach --pid "$(pgrep -P $zombies)" /srv/alice/b
is_refused "vestibule itself, by a user" 3 "$nobody" "exec $P/bin/vestibule attach --pid \$\$ /srv/alice/b"
kthread=$(pgrep -x kthreadd)
[ -z "$kthread" ] || user_refused "a kernel thread, of a user" 3 "$nobody" alice attach --pid "$kthread" /srv/alice/b

# It leaves the namespaces that were judged.
if can_hold "a process that changes its namespaces"; then
	hers=$TARGET
	mkfifo -m 666 /srv/go
	setpriv --reuid alice --regid alice --init-groups unshare -Urn sh -c 'read _ </srv/go; exec unshare -n sleep infinity' &
	TARGET=$!
	ours $TARGET
	wait_until ns_differs $TARGET net
	judged=$(ns_of $TARGET net)
	holds_by alice program:open_tree:1:hold attach --pid $TARGET /srv/alice/b
	echo >/srv/go
	wait_until sh -c "[ \$(readlink /proc/$TARGET/ns/net) != '$judged' ]"
	: >"$W/out/hold.go"
	ends_held
	is "a user's process changes its namespace in between" $status 0
	is "... what was judged is bound" "net:[$(stat -L -c %i /srv/ci/ns/alice/net)]" "$judged"
	user_does "... and back" 0 alice detach /srv/alice/b
	TARGET=$hers
fi

### Files that are none

document=/srv/alice/b/runtime.json
# odd DESCRIPTION PATTERN: what is in the place of her document is refused.
odd() {
	user_refused "a user's document: $1" 4 "$2" alice attach --pid "$TARGET" /srv/alice/b
	rm -r $document
}
rm $document
as alice mkfifo $document
odd "a FIFO" "not a regular file"
as alice mkdir $document
odd "a directory" "not a regular file|Is a directory"
as alice truncate -s 8G $document
odd "8 GiB of nothing" "larger|too large|bytes"
mknod -m 666 $document c 1 5
odd "a device" "not a regular file"
install -m 600 /dev/null /srv/secret
as alice ln -s /srv/secret $document
odd "a link to a file of root's" "symbolic link"
printf '%s' "$binds" >$document
chown alice:alice $document
as alice mkfifo /srv/alice/fifo
user_refused "a user's --pid-file: a FIFO" 2 "not a regular file" alice attach --pid-file /srv/alice/fifo /srv/alice/b
user_refused "a user's --expect: a FIFO" 2 "not a regular file" alice attach --expect /srv/alice/fifo --pid "$TARGET" /srv/alice/b

# A file system of hers that does not answer.
others() {
	user_does "$1: another user's run" 0 bob attach --pid "$bobs" /srv/bob/b
	user_does "... and back" 0 bob detach /srv/bob/b
	does "... root's gc" 0 gc
}
if sh -c ': <>/dev/fuse' 2>/dev/null; then
	mkdir /srv/alice/dead
	for call in read open lookup; do
		"$TOOLS/stallfs" /srv/alice/dead $call 70001 >"$W/out/ready" 2>&1 &
		server=$!
		ours $server
		wait_until grep -q ready "$W/out/ready"
		as alice "$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/dead >"$W/out/stuck" 2>&1 &
		stuck=$!
		ours $stuck
		sleep 0.3
		others "a document of a user's that stalls, $call"
		user_does "... another bundle of hers" 0 alice attach --pid "$TARGET" /srv/alice/b
		user_does "... and back" 0 alice detach /srv/alice/b
		[ $call = read ] || kill $server
		[ $call = read ] || umount -l /srv/alice/dead
		wait $stuck
		is "... it is refused in the end" $? 4
		[ $call != read ] || kill $server
		[ $call != read ] || umount -l /srv/alice/dead
	done
	rmdir /srv/alice/dead
else
	skip "a document of a user's that stalls" "kernel: has no /dev/fuse, or none for this user"
fi

### Other mount namespaces

unshare -m --propagation private sleep infinity &
ours $!
elsewhere=$!
wait_until ns_differs $elsewhere mnt
INTO="nsenter -t $elsewhere -m"
user_does "in another mount namespace of root's: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
INTO=
is "... here is nothing" "$(held | grep -c '^/srv')" 0
user_does "... detach here" 5 alice detach /srv/alice/b
says "... names what is there" "mount namespace"
user_does "... gc here" 0 alice gc
is "... there it is left" "$(grep -c ' /srv/ci/ns/alice/.* nsfs ' /proc/$elsewhere/mountinfo)" 2
INTO="nsenter -t $elsewhere -m"
user_does "... detach there" 0 alice detach /srv/alice/b
INTO=
is "... takes it back" "$(grep -c ' nsfs ' /proc/$elsewhere/mountinfo)" 0
is "... and no record is left" "$(held)" ""

### What a namespace is bound on

# on DESCRIPTION PATTERN COMMAND...: made by her at the place of a bind.
on() {
	on_what=$1
	on_says=$2
	shift 2
	as alice "$@"
	user_refused "a user's bind onto $on_what" 7 "$on_says" alice attach --pid "$TARGET" /srv/alice/b
	rm -r /srv/ci/ns/alice/net
}
on "a file that is not empty" "not empty" sh -c 'echo text >/srv/ci/ns/alice/net'
on "a FIFO" "not a regular file" mkfifo /srv/ci/ns/alice/net
on "a directory" "is a directory" mkdir /srv/ci/ns/alice/net
as alice ln -s /srv/alice/b/runtime.json /srv/ci/ns/alice/net
user_refused "a user's bind onto a symbolic link" '[37]' "symbolic link" alice attach --pid "$TARGET" /srv/alice/b
rm /srv/ci/ns/alice/net
touch /srv/ci/ns/alice/net
mount --bind "/proc/$bobs/ns/net" /srv/ci/ns/alice/net
user_refused "a user's bind onto another namespace" 3 "the file that is there is not the caller's" alice attach --pid "$TARGET" /srv/alice/b
umount /srv/ci/ns/alice/net
rm /srv/ci/ns/alice/net

### A parser that lies

hostile=$(dirname "$VST")/hostile/vestibule-parser
if [ -x "$hostile" ]; then
	install -m 711 "$hostile" "$P/libexec/vestibule/vestibule-parser"
	# parser MODE PATH: her document lets it say that.
	parser() {
		printf '%s\n%s\n' "$1" "$2" >/srv/alice/b/runtime.json
	}
	lies() {
		parser "$2" "$3"
		user_refused "a parser that lies to a user's run: $2 $3" "$1" "$4" alice attach --pid "$TARGET" /srv/alice/b
	}
	proto='the parser broke the protocol: '
	# It says what she could have written, and gets what she would have got.
	parser ns /srv/ci/ns/alice/net
	user_does "a parser of a user's that tells no lie" 0 alice attach --pid "$TARGET" /srv/alice/b
	is "... its bind is there" "$(held | grep -c '^/srv')" 1
	user_does "... and back" 0 alice detach /srv/alice/b
	lies 3 ns /srv/ci/ns/bob/net "Permission denied"
	lies 3 ns /etc/vestibule/net "vestibule/policy:1|Permission denied"
	lies 3 ns_mnt /srv/ci/ns/alice/mnt "mount namespace"
	lies 3 link_moved lo "moving"
	lies 3 link_veth vst-a "leave out .peer."
	# The first of both would be permitted: nothing is done of a plan of which a part is not.
	lies 3 ns_both /srv/ci/ns/alice/net "vestibule/policy:1|Permission denied"
	lies 4 unknown_kind /srv/x "${proto}operation 0: its kind is unknown"
	lies 4 ns_order /srv/x "${proto}operation 1: its namespace is unknown or out of order"
	lies 4 dotdot /srv/x "${proto}operation 0: its path is not canonical"
	lies 4 truncated_op /srv/x "${proto}operation 0: its path is not a string"
	lies 4 trailing_bytes /srv/x "${proto}bytes after the last operation"
	lies 4 giant_message /srv/x "${proto}it sent too much"
	lies 4 flood_bytes /srv/x "${proto}it sent too much"
	lies 4 pass_descriptor /srv/x "${proto}it sent more than bytes"
	lies 4 plan_without_exit /srv/x "the parser did not end within"
	lies 4 no_end /srv/x "${proto}an end that is missing"
	lies 4 exit_1 /srv/x "the parser ended with status 1"
	lies 4 segfault /srv/x "the parser was killed by signal"
	# It is gone before anything is done.
	if can_hold "the parser, when the first step is done"; then
		parser ns /srv/ci/ns/alice/net
		holds_by alice program:open_tree:1:hold attach --pid "$TARGET" /srv/alice/b
		is "the parser is gone when a user's first step is done" "$(pgrep -P "$program")" ""
		: >"$W/out/hold.go"
		ends_held
		is "... which is done" $status 0
		user_does "... and back" 0 alice detach /srv/alice/b
	fi
else
	skip "a parser that lies" "it is not built: make check-programs"
fi
is "in the end nothing is held" "$(held)" ""

finish
