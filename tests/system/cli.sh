#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line, what is printed and where, and how the process may be started.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

layout private
target
bundle b '{"interfaces": [{"name": "eth0", "peer": "vst-a"}]}'
bundle warns '{"unknown": 1, "\u001b[31m": 2}'
bundle wrong '{"mkdir": [7]}'

# Usage.
does "--help" 0 --help
check "... on stdout" grep -q 'prepare' "$W/out/stdout"
fails "... and nothing on stderr" test -s "$W/out/stderr"
does "--version" 0 --version
check "... on stdout" grep -Eqx 'vestibule [0-9.]+' "$W/out/stdout"
# Not through vst, which adds --root: a line of words, split as a shell does.
while read -r line; do
	before
	# shellcheck disable=SC2086
	"$VST" $line >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	snapshot >"$W/out/after" 2>&1
	if [ $status -eq 2 ] && [ "$(wc -l <"$W/out/stderr")" -eq 1 ] && [ ! -s "$W/out/stdout" ] &&
		cmp -s "$W/out/before" "$W/out/after"; then
		ok "usage: $line"
	else
		said | not_ok "usage: $line"
	fi
done <<EOF

nonsense
nonsense $W/b
prepare
prepare $W/b $W/b
prepare --nonsense $W/b
prepare --str $W/b
prepare -s $W/b
prepare --strict --strict $W/b
prepare --strict=yes $W/b
prepare --root
prepare --root $W/state --root $W/state $W/b
prepare --log-format xml $W/b
prepare --log-format=
prepare --pid 1 $W/b
cleanup --strict $W/b
cleanup --pid $TARGET $W/b
attach $W/b
attach --pid
attach --pid $TARGET
attach --pid $TARGET --pid $TARGET $W/b
attach --pid $TARGET --pid-file $W/pid $W/b
attach --pid $TARGET --pidfd 0 $W/b
attach --pidfd x $W/b
attach --pidfd -1 $W/b
plan
plan --pid $TARGET --pid-file $W/pid $W/b
plan --expect $W/plan $W/b
prepare --expect
prepare --expect $W $W/b
cleanup --expect $W/plan $W/b
--root
--log-format
--
-
EOF
does "options behind the operand" 0 attach "$W/b" --pid="$TARGET"
does "-- ends options" 0 cleanup -- "$W/b"
ip link del vst-a
rm -f "$W"/state/*

# What is printed.
does "warnings in text" 0 prepare "$W/warns"
says "... are lines of vestibule's" '^vestibule: .*warning.*runtime\.json:1:'
fails "... without what the document says" grep -q "$(printf '\033')" "$W/out/stderr"
does "... and are quiet" 0 --quiet cleanup "$W/warns"
is "quiet writes nothing" "$(wc -c <"$W/out/stderr")" 0
does "quiet: a warning" 0 --quiet prepare "$W/warns"
is "... is not written" "$(wc -c <"$W/out/stderr")" 0
refuses "quiet: an error" 4 'mkdir\[0\]' --quiet prepare "$W/wrong"
does "json" 0 --log-format json prepare "$W/warns"
does "json, cleanup" 0 cleanup --log-format=json "$W/warns"
# json_is DESCRIPTION FILTER: each line is an object for which the filter is true.
json_is() {
	if jq -es "length > 0 and all($2)" "$W/out/stderr" >"$W/out/jq" 2>&1; then
		ok "$1"
	else
		{ cat "$W/out/jq"; said; } | not_ok "$1"
	fi
}
refuses "json: an error" 4 . --log-format json prepare "$W/wrong"
json_is "... is an object with its code" '.level == "error" and .code == 4 and (.msg | test("mkdir")) and (.time | sub("[.][0-9]+"; "") | fromdateiso8601 > 0)'
does "json: attach" 0 --log-format json attach --pid "$TARGET" "$W/b"
json_is "... has the stable lines with their interface" \
	'.level == "info" and .interface == "eth0" and (.msg | test("^(Created|Moved) interface eth0"))'
bundle missing '{"interfaces": [{"name": "missing"}]}'
refuses "json: an interface that is missing" 1 . --log-format json attach --pid "$TARGET" "$W/missing"
json_is "... has its code" '.code == 1'
ip link del vst-a
rm -f "$W"/state/*

# Hostile starts. Each runs prepare and must do what it does always.
# started DESCRIPTION SHELL-COMMAND: \$VST, \$W; then the bundle is prepared, and cleaned up.
started() {
	VST=$VST W=$W sh -c "$2" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	if [ $status -eq 0 ] && is_mount "$W/b/rootfs"; then
		ok "$1"
	else
		said | not_ok "$1"
	fi
	vst cleanup "$W/b"
}
started "descriptor 0 closed" '"$VST" --root "$W/state" prepare "$W/b" <&-'
started "descriptor 1 closed" '"$VST" --root "$W/state" prepare "$W/b" >&-'
started "descriptor 2 closed" '"$VST" --root "$W/state" prepare "$W/b" 2>&-'
started "all three closed" '"$VST" --root "$W/state" prepare "$W/b" <&- >&- 2>&-'
started "stderr full" '"$VST" --root "$W/state" prepare "$W/warns" 2>/dev/full && "$VST" --root "$W/state" prepare "$W/b" 2>/dev/full'
started "stderr a closed pipe" '{ "$VST" --root "$W/state" prepare "$W/b"; echo $? >"$W/out/rc"; } 2>&1 >/dev/null | true; exit "$(cat "$W/out/rc")"'
started "many descriptors open" 'exec 3</dev/null 4<&3 5<&3 6<&3 7<&3 8<&3 9<&3; "$VST" --root "$W/state" prepare "$W/b"'
started "SIGCHLD ignored" 'trap "" CHLD PIPE HUP; "$VST" --root "$W/state" prepare "$W/b"'
started "a hostile environment" 'export LD_PRELOAD=/nonexistent LD_LIBRARY_PATH=/nonexistent GCONV_PATH=. LC_ALL=x TMPDIR=/x PATH=.; "$VST" --root "$W/state" prepare "$W/b"'
started "an empty environment" '/usr/bin/env -i "$VST" --root "$W/state" prepare "$W/b"'
# One that is closed to the program matters only where something is named from there; plan has
# dropped every right by then.
mkdir -m 700 "$W/closed"
cp "$W/b/runtime.json" "$W/closed"
mkdir "$W/closed/rootfs"
chmod 0 "$W/closed"
(cd "$W/closed" && vst plan "$W/b"; echo $status >"$W/out/status")
is "a closed working directory, and absolute paths" "$(cat "$W/out/status")" 0
(cd "$W/closed" && vst plan .; echo $status >"$W/out/status")
is "... and a path from there" "$(cat "$W/out/status")" 1
says "... is refused, and says why" "open the working directory, from which a path is named: Permission denied"
started "a working directory that is gone" 'mkdir "$W/wd" && cd "$W/wd" && rmdir "$W/wd" && "$VST" --root "$W/state" prepare "$W/b"'
started "a small stack and few processes" 'ulimit -s 256; "$VST" --root "$W/state" prepare "$W/b"'
started "no /proc" 'mount -t tmpfs tmpfs /proc && "$VST" --root "$W/state" prepare "$W/b"; rc=$?; umount /proc; exit $rc'
refused_with() {
	before
	VST=$VST W=$W sh -c "$3" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	is "$1" $status "$2"
	unchanged "... and nothing done"
}
refused_with "too few descriptors" 3 'ulimit -n 8; "$VST" --root "$W/state" prepare "$W/b"'
says "... names the limit" 'RLIMIT_NOFILE|descriptors|open files'
refused_with "too small a stack" 3 'ulimit -s 64; "$VST" --root "$W/state" prepare "$W/b"'
says "... names the limit" 'RLIMIT_STACK'
refused_with "no file may be written" 3 'said=$(ulimit -f 0; "$VST" --root "$W/state" prepare "$W/b" 2>&1); rc=$?; echo "$said" >&2; exit $rc'
says "... names the limit" 'RLIMIT_FSIZE|file size'

# The state directory.
mkdir -m 777 "$W/open"
refused_with "a state directory that others can write" 7 '"$VST" --root "$W/open" prepare "$W/b"'
ln -s state "$W/statelink"
refused_with "a state directory that is a symbolic link" 7 '"$VST" --root "$W/statelink" prepare "$W/b"'
: >"$W/statefile"
refused_with "a state directory that is a file" 7 '"$VST" --root "$W/statefile" prepare "$W/b"'
started "a state directory that is missing is made" '"$VST" --root "$W/state2" prepare "$W/b" && "$VST" --root "$W/state2" cleanup "$W/b" && "$VST" --root "$W/state" prepare "$W/b"'
is "... 0700" "$(mode_of "$W/state2")" 700

# A call with no argument at all, not even a name.
"$TOOLS/noargs" "$VST" >"$W/out/stdout" 2>"$W/out/stderr"
status=$?
is "no argv[0]" $status 2

finish
