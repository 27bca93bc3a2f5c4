#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Mounts that hide something: what an earlier step of the run looked up, or made; the bundle; and
# links that a mount would hide from those who go there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

tmpfs() {
	printf '{"destination": "%s", "type": "tmpfs"}' "$1"
}

bind() {
	printf '{"destination": "%s", "source": "%s", "options": ["bind"]}' "$1" "$2"
}

# A step means what is there when its turn comes, whatever was looked up for those before it.
layout private
mkdir -p "$W/x/b/c"
bundle over "{\"mounts\": [$(tmpfs "$W/x/b/c"), $(tmpfs "$W/x")], \"mkdir\": [\"$W/x/b/c/d\"]}"
mount --bind "$W/over/rootfs" "$W/over/rootfs"
before
does "a mount over another one" 0 prepare "$W/over"
check "... a directory beneath both is made on the later one" test -d "$W/x/b/c/d"
is "... and nothing is mounted in between" "$(grep -c "$W/x[ /]" /proc/self/mountinfo)" 2
umount "$W/x"
is "... and not on the one that is hidden" "$(ls "$W/x/b/c")" ""
does "... and the rest is taken back" 0 cleanup --all "$W/over"
unchanged "... to the last"

bundle three "{\"mounts\": [$(tmpfs "$W/x/b"), $(tmpfs "$W/x"), $(tmpfs "$W/x/b/c")]}"
before
does "a mount beneath a mount over another one" 0 prepare "$W/three"
check "... is where it was asked for" is_mount "$W/x/b/c" tmpfs
does "... and is taken back" 0 cleanup --all "$W/three"
unchanged "... to the last"

bundle root "{\"mounts\": [$(bind "$W/new" "$W/root/rootfs/q")], \"mkdir\": [\"$W/root/rootfs/q/made\"]}"
rw root
mkdir -p "$W/root/rootfs/q" "$W/root/lower/q"
does "a directory beneath what was a source before rootfs was mounted" 0 prepare "$W/root"
check "... is made in the root file system" test -d "$W/root/rootfs/q/made"
does "... which is taken back" 0 cleanup --all "$W/root"
is "... and not beneath it" "$(ls "$W/root/rootfs/q")" ""

# A link of the image is no source: mounted, it would be followed wherever it stands then.
bundle link "{\"mounts\": [$(tmpfs in), $(bind "file" "$W/link/rootfs/evil")]}"
echo secret >"$W/secret"
: >"$W/link/rootfs/file"
ln -s "$W/secret" "$W/link/rootfs/evil"
does "a symbolic link of the image as a source" 7 prepare "$W/link"
says "... is named" "rootfs/evil: a symbolic link of the image is not followed by an absolute path"
is "... and nothing is mounted" "$(cat "$W/link/rootfs/file"; grep -c "$W/link" /proc/self/mountinfo)" 0

# Whoever takes a mount back has to find the bundle, and its journal.
layout shared
mkdir -p "$W/a/b" "$W/peer" "$W/x"
mount --bind "$W/a" "$W/peer"
bundle a/b "{\"mounts\": [$(tmpfs "$W/peer/b")]}"
leaves "a mount that reaches the bundle through a shared mount" 7 "hides the bundle or the state" prepare "$W/a/b"
bundle a/b "{\"mounts\": [$(bind "$W/x" "$W/a"), $(tmpfs "$W/x/b")]}"
leaves "... which an earlier step made" 7 "hides the bundle or the state" prepare "$W/a/b"
bundle a/b "{\"mounts\": [{\"destination\": \"$W/x\", \"source\": \"$W/a\", \"options\": [\"bind\", \"private\"]},
	$(tmpfs "$W/x/b")]}"
before
does "... which is private" 0 prepare "$W/a/b"
does "... is taken back" 0 cleanup --all "$W/a/b"
unchanged "... to the last"
bundle s
rw s
mkdir -m 700 "$W/s/rootfs/journals"
before
"$VST" --root "$W/s/rootfs/journals" prepare "$W/s" >"$W/out/stdout" 2>"$W/out/stderr"
is "a state directory beneath rootfs" $? 7
says "... is named" "hides the bundle or the state"
unchanged "... and nothing is mounted"

finish
