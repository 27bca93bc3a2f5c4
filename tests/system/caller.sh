#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who has fewer rights than the program, and is refused: uid 0 with SECBIT_NOROOT among them. And who
# has as many: refused or not, nobody gets more than what he brought along.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

layout private
bundle b
chmod 711 "$W"

# as COMMAND...: the program by that command, which ends with its path.
as() {
	"$@" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# less DESCRIPTION COMMAND...: refused for having fewer rights than the program, and nothing changed.
less() {
	less_what=$1
	shift
	before
	as "$@"
	if [ -n "$VST_USERNS" ]; then
		is "$less_what is refused" $status 3
		says "... for having less than the program" "its caller's own rights alone, and this program has more"
	else
		is "$less_what is refused" $status 6
		says "... for having less than the program" "more rights than its caller"
	fi
	unchanged "... and nothing was changed"
}

noroot="setpriv --securebits +noroot,+noroot_locked"

if ! command -v setcap >/dev/null; then
	skip "file capabilities" "setcap is not installed"
elif ! install -m 755 "$VST" "$W/capable" || ! setcap cap_sys_admin,cap_dac_override=p "$W/capable" 2>/dev/null; then
	skip "file capabilities" "kernel: this user namespace cannot set file capabilities"
else
	# shellcheck disable=SC2086
	less "uid 0 with SECBIT_NOROOT, and file capabilities" $noroot "$W/capable"
	if [ -z "$VST_USERNS" ]; then
		less "another user, and file capabilities" other "$W/capable"
	fi
	as "$W/capable"
	is "root, who has what the file has, goes on" $status 0
	does "... and back" 0 cleanup "$W/b"
	# Beyond its ambient set: what the file adds is not the caller's.
	# shellcheck disable=SC2086
	less "... whose ambient set is gone with file capabilities" $noroot \
		--inh-caps +sys_admin --ambient-caps +sys_admin "$W/capable"
fi

# What it has without any help of the file, or has not.
before
# shellcheck disable=SC2086
as $noroot --inh-caps -all "$VST"
is "uid 0 with SECBIT_NOROOT and nothing else is denied" $status 3
says "... for what it has not, and why" "CAP_SYS_ADMIN, which is missing: uid 0 has no rights of its own with SECBIT_NOROOT"
unchanged "... and nothing was changed"
# shellcheck disable=SC2086
as $noroot --inh-caps +sys_admin --ambient-caps +sys_admin "$VST"
is "with ambient capabilities of its own it goes on" $status 0
does "... and back" 0 cleanup "$W/b"

if [ -z "$VST_USERNS" ]; then
	install -m 4755 "$VST" "$W/setuid"
	# Whether the machine has the parser's user does not matter.
	{
		grep -v '^_vestibule:' /etc/passwd
		echo "_vestibule:x:70099:70099::/nonexistent:/usr/sbin/nologin"
	} >"$W/passwd"
	mount --bind "$W/passwd" /etc/passwd
	before
	as other "$W/setuid"
	is "another user, and a setuid program: what no policy grants is refused" $status 3
	says "... for having less than the program" "mounts are never granted"
	unchanged "... and nothing was changed"
	umount /etc/passwd
	# Root of the machine's user namespace makes the default state directory; this one does not.
	mount -t tmpfs tmpfs /run
	# shellcheck disable=SC2086
	$noroot --inh-caps +sys_admin --ambient-caps +sys_admin "$VST" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
	is "SECBIT_NOROOT: without --root" $? 2
	says "... it names the option" "name another one with --root DIR"
	check "... and no directory is made" test ! -e /run/vestibule
fi

# Root's own rights are not for whoever can change the bundle.
if [ -z "$VST_USERNS" ]; then
	theirs() {
		refuses "$1" 3 "$2" prepare "$W/b"
		does "... cleanup goes by the journal" 0 cleanup "$W/b"
	}
	chown 12345 "$W/b"
	theirs "root, a bundle of another user's" "is uid 12345's, and what root does"
	chown 0 "$W/b"
	mkdir "$W/up"
	mv "$W/b" "$W/up/b"
	chown 12345 "$W/up"
	refuses "root, in a directory of another user's" 3 "is uid 12345's, and what root does" prepare "$W/up/b"
	cd "$W/up/b" || exit 1
	refuses "... by a relative path" 3 "is uid 12345's, and what root does" prepare .
	cd "$top" || exit 1
	chown 0 "$W/up"
	chmod 777 "$W/up"
	refuses "root, in a directory that others can write" 3 "others than root can write" prepare "$W/up/b"
	chmod 1777 "$W/up"
	does "root, in one like /tmp" 0 prepare "$W/up/b"
	does "... and back" 0 cleanup "$W/up/b"
	echo '{}' >"$W/up/b/runtime.json"
	chown 12345 "$W/up/b/runtime.json"
	refuses "root, a document of another user's" 3 "runtime.json is uid 12345's" prepare "$W/up/b"
	chown 0 "$W/up/b/runtime.json"
	chmod 666 "$W/up/b/runtime.json"
	refuses "root, a document that others can write" 3 "runtime.json is uid 0's, mode 0666" prepare "$W/up/b"
	# A server of somebody's says whatever it likes of what it serves.
	if [ -e /dev/fuse ]; then
		mkdir "$W/served"
		"$TOOLS/stallfs" "$W/served" open 12345 >"$W/out/served" &
		ours $!
		wait_until grep -q ready "$W/out/served"
		refuses "root, a bundle that another user serves" 3 "or serve its file system" prepare "$W/served"
		umount -l "$W/served"
	else
		skip "root, a bundle that another user serves" "kernel: no FUSE"
	fi
fi

finish
