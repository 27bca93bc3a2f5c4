#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Namespaces bound onto files by the executor alone: proved, recognised, taken back by another
# process; what is in the way is left; the refusals of a mount namespace are told apart; and
# all of it without /proc.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec_lib.sh"

fresh() {
	layout "$1"
	bundle b
	mkdir "$W/ns"
	shift
	target "$@"
	look >"$W/out/before"
}

# The inode of the namespace that is bound on a path.
bound() {
	stat -L -c %i "$1"
}

inode_of() {
	ns_of "$TARGET" "$1" | tr -dc 0-9
}

binds_and_unbinds() {
	for ns in $2; do
		drive "$1: $ns is bound" 0 '^done$' ns "$TARGET" "$ns" "$W/ns/$ns"
		is "$1: $ns is the process's" "$(bound "$W/ns/$ns")" "$(inode_of "$ns")"
		drive "$1: $ns is unbound, its file goes" 0 '^D undone$' undo
		same "$1: nothing is left of $ns"
	done
}

for parent in private shared; do
	unset OLD_PIDFD OLD_MOUNT
	fresh $parent -niu
	binds_and_unbinds $parent 'net ipc uts pid user cgroup'
	export OLD_PIDFD=1 OLD_MOUNT=1
	binds_and_unbinds "$parent, old kernel" 'net ipc uts'
done
unset OLD_PIDFD OLD_MOUNT

# The proof is of the namespace that was judged, not of the mount alone.
fresh private
for OTHER_NS in 1 2; do
	export OTHER_NS
	[ $OTHER_NS = 1 ] || export OLD_MOUNT=1
	drive "another one than was judged" 7 "'.*ns/net' leads elsewhere" ns "$TARGET" net "$W/ns/net"
	drive "... is taken back" 0 '^D undone$' undo
	same "... and nothing is left of it"
done
unset OTHER_NS OLD_MOUNT

fresh private
drive "bound" 0 '^done$' ns "$TARGET" net "$W/ns/net"
drive "bound to the same again" 0 '^already$' ns "$TARGET" net "$W/ns/net"
first=$TARGET
target
drive "bound to another is a conflict" 7 "another namespace is bound on '$W/ns/net'" \
	ns "$TARGET" net "$W/ns/net"
is "and stays" "$(bound "$W/ns/net")" "$(ns_of "$first" net | tr -dc 0-9)"
umount "$W/ns/net"
drive "unmounted by others: the rest is undone" 0 '^D undone$' undo
same "nothing is left of it"

# What is in the way.
touch "$W/ns/empty"
echo content >"$W/ns/full"
mkdir "$W/ns/dir"
ln -s empty "$W/ns/link"
mkfifo "$W/ns/fifo"
look >"$W/out/before"
drive "an empty file is used" 0 '^done$' ns "$TARGET" net "$W/ns/empty"
drive "and is not removed" 0 '^D undone$' undo
same "and is as before"
drive "a file with content" 7 "/ns/full' is a file that is not empty" ns "$TARGET" net "$W/ns/full"
drive "a directory" 7 "/ns/dir' is a directory" ns "$TARGET" net "$W/ns/dir"
drive "a symbolic link" 7 "/ns/link' is a symbolic link" ns "$TARGET" net "$W/ns/link"
drive "a fifo" 7 "/ns/fifo' is not a regular file" ns "$TARGET" net "$W/ns/fifo"
same "all are as before"
drive "bound once more" 0 '^done$' ns "$TARGET" net "$W/ns/net"
umount "$W/ns/net"
echo theirs >"$W/ns/net"
drive "a file that somebody filled is left" 1 'left .*ns/net. is left' undo
is "with its content" "$(cat "$W/ns/net")" theirs
rm "$W/ns/net"
drive "and then it is missing" 0 '^D missing .*ns/net. is not where it was made' undo
# On this kernel, and on one where only /proc tells that a mount is hidden.
for old in '' 'old kernel: '; do
	[ -z "$old" ] || export OLD_MOUNT=1
	drive "${old}bound under another mount" 0 '^done$' ns "$TARGET" net "$W/ns/net"
	mount -t tmpfs other "$W/ns"
	drive "${old}what is hidden is left, and said" 1 'left .*hidden by another mount' undo
	umount "$W/ns"
	drive "${old}and undone when it is seen again" 0 '^D undone$' undo
	# Its file was not there to be seen, and an empty file harms nobody.
	rm "$W/ns/net"
	same "${old}nothing but the file is left"
done
unset OLD_MOUNT

# The unmount of one goes through the other: its working directory must not keep that busy.
touch "$W/b/rootfs/file"
look >"$W/out/before"
drive "a namespace inside the bind of rootfs" 0 '^done$' bind ns "$TARGET" net "$W/b/rootfs/file"
drive "both are undone" 0 '^D undone$' undo
same "nothing is left of both"

# Mount namespaces: three refusals. Their ids are handed out per CPU, so all stay on one.
if [ -z "$VST_USERNS" ]; then
	fresh private
	drive "our own mount namespace" 1 "vestibule's own mount namespace" ns own mnt "$W/ns/mnt"
	drive "leaves nothing" 0 '^D undone$' undo
	same "nothing is left of our own"
fi

# A mount namespace inside two that follow each other on one CPU; "shared" and "older" need it.
inside() {
	taskset -c 0 unshare -m --propagation "$1" sh -c "$2"
}
export DRIVER W TARGET
# shellcheck disable=SC2016
inside private '
	unshare -m sleep infinity & p=$!
	until [ "$(readlink /proc/$p/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.02; done
	"$DRIVER" "$W/state" "$W/b" ns $p mnt "$W/ns/mnt" && umount "$W/ns/mnt" && rm "$W/ns/mnt"
	kill $p' >"$W/out/said" 2>&1
is "a later mount namespace is bound" "$(cat "$W/out/said")" done
rm -f "$W/state"/*
# shellcheck disable=SC2016
inside private '
	sleep infinity & p=$!
	unshare -m "$DRIVER" "$W/state" "$W/b" ns $p mnt "$W/ns/mnt"
	kill $p' >"$W/out/said" 2>&1
since 6.11 "an earlier one is told" && check "an earlier one is told" grep -q 'lower id than vestibule' "$W/out/said"
rm -f "$W/state"/* "$W/ns/mnt"
# shellcheck disable=SC2016
inside unchanged '
	mount --bind "$W/ns" "$W/ns" && mount --make-shared "$W/ns"
	unshare -m --propagation unchanged sleep infinity & p=$!
	until [ "$(readlink /proc/$p/ns/mnt)" != "$(readlink /proc/self/ns/mnt)" ]; do sleep 0.02; done
	"$DRIVER" "$W/state" "$W/b" ns $p mnt "$W/ns/mnt"
	kill $p' >"$W/out/said" 2>&1
since 6.8 "a shared path is told" && check "a shared path is told" grep -q "lies on a shared mount" "$W/out/said"
rm -f "$W/state"/* "$W/ns/mnt"

# Without /proc: everything on this kernel; on an older one a refusal that says so.
fresh private -niu
inode=$(inode_of net)
export inode
# shellcheck disable=SC2016
no_proc() {
	unshare -m sh -c 'mount -t tmpfs none /proc && "$@"' sh "$@"
}
# shellcheck disable=SC2016
since 6.11 "bound without /proc" && check "bound without /proc" no_proc sh -c '"$DRIVER" "$W/state" "$W/b" ns "$TARGET" net "$W/ns/net" &&
	[ "$(stat -L -c %i "$W/ns/net")" = "$inode" ] && "$DRIVER" "$W/state" "$W/b" undo'
same "nothing is left without /proc"
# shellcheck disable=SC2016
since 6.11 "an overlay without /proc" && check "an overlay without /proc" no_proc sh -c 'mkdir -p "$W/b/lower" "$W/b/tmp" &&
	"$DRIVER" "$W/state" "$W/b" tmpfs overlay mkdir x && "$DRIVER" "$W/state" "$W/b" undo'
rm -rf "$W/b/lower" "$W/b/tmp"
same "nothing is left of that"
OLD_PIDFD=1 no_proc "$DRIVER" target pid "$TARGET" >"$W/out/said" 2>&1
is "an old kernel without /proc is unsupported" $? 6
check "and says so" grep -q 'wants /proc' "$W/out/said"
finish
