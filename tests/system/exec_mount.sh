#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mounts of prepare, one executor at a time: made, proved, taken back by another process, and
# left alone where somebody else's mount is in the way. Each on this kernel and as if it were
# one without unique mount ids (before 6.8), under a private and under a shared parent.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec_lib.sh"

fresh() {
	layout "$1"
	bundle b
	rw b
	mkdir "$W/elsewhere"
	look >"$W/out/before"
}

mountinfo_of() {
	awk -v at="$1" '$5 == at' /proc/self/mountinfo
}

makes_and_undoes() {
	fresh "$1"
	drive "$2: rootfs is bound" 0 '^done$' bind
	check "$2: it is a mount point" is_mount "$W/b/rootfs"
	drive "$2: it is recognised" 0 '^rootfs 1$' present
	drive "$2: it is unbound" 0 '^D undone$' undo
	same "$2: nothing is left of the bind"

	drive "$2: an overlay is made, and directories in it" 0 '^done$' \
		tmpfs overlay mkdir run/one/two mkdir "$W/elsewhere/a/b"
	check "$2: tmp is a tmpfs" is_mount "$W/b/tmp" tmpfs
	check "$2: rootfs is an overlay" is_mount "$W/b/rootfs" overlay
	is "$2: tmp is private" "$(mountinfo_of "$W/b/tmp" | grep -c 'shared:\|master:')" 0
	is "$2: tmp is 0755" "$(mode_of "$W/b/tmp")" 755
	is "$2: upper and work are 0755" "$(stat -c %a "$W/b/tmp/upper" "$W/b/tmp/work" | xargs)" \
		'755 755'
	is "$2: the layer takes what is written" \
		"$(echo new >"$W/b/rootfs/etc/file" && cat "$W/b/tmp/upper/etc/file")" new
	is "$2: the lower layer stays" "$(cat "$W/b/lower/etc/file")" lower
	is "$2: the directories are 0755" \
		"$(stat -c %a "$W/b/rootfs/run/one/two" "$W/elsewhere/a" | xargs)" '755 755'
	drive "$2: everything is taken back" 0 '^D undone$' undo
	same "$2: nothing is left of the overlay"
}

leaves_what_is_not_ours() {
	fresh "$1"
	# What is found on top, on this kernel and on one that cannot tell.
	drive "$2: made" 0 '^done$' bind
	mount -t tmpfs other "$W/b/rootfs"
	drive "$2: known as hidden beneath another mount" 0 '^rootfs 2$' present
	drive "$2: left beneath another mount" 1 'left .*another mount is on top' undo
	check "$2: the other mount stays" is_mount "$W/b/rootfs" tmpfs
	umount "$W/b/rootfs"
	drive "$2: undone when it is gone" 0 '^D undone$' undo
	same "$2: nothing is left after another mount on top"

	drive "$2: made again" 0 '^done$' bind
	mkdir "$W/b/rootfs/x"
	mount -t tmpfs other "$W/b/rootfs/x"
	drive "$2: not undone around another mount" 1 'left .*lies in it, at .*/x' undo
	check "$2: the mount inside stays" is_mount "$W/b/rootfs/x" tmpfs
	umount "$W/b/rootfs/x"
	rmdir "$W/b/rootfs/x"
	drive "$2: undone when the inside is free" 0 '^D undone$' undo

	drive "$2: made to be used" 0 '^done$' bind
	(cd "$W/b/rootfs" && exec sleep infinity) &
	user=$!
	ours $user
	wait_until sh -c "readlink /proc/$user/cwd | grep -q rootfs && grep -q sleep /proc/$user/comm"
	drive "$2: busy while it is used" 1 '^D busy .*busy' undo
	check "$2: what is busy stays mounted, not lazily gone" is_mount "$W/b/rootfs"
	kill $user
	wait $user 2>/dev/null
	drive "$2: undone when nobody uses it" 0 '^D undone$' undo

	drive "$2: made to be unmounted by others" 0 '^done$' bind
	umount "$W/b/rootfs"
	drive "$2: gone is undone" 0 '^D undone$' undo
	same "$2: nothing is left after that"

	# Its 32-bit id is given to the next mount, perhaps in a place that looks the same.
	drive "$2: made once more to be unmounted" 0 '^done$' bind
	umount "$W/b/rootfs"
	mkdir -p "$W/elsewhere/rootfs"
	mount -t tmpfs other "$W/elsewhere/rootfs"
	drive "$2: gone is undone, whatever has its id" 0 '^D undone$' undo
	umount "$W/elsewhere/rootfs"
	rmdir "$W/elsewhere/rootfs"
	same "$2: nothing is left after that, either"

	drive "$2: made to be replaced" 0 '^done$' bind
	umount "$W/b/rootfs"
	mount -t tmpfs other "$W/b/rootfs"
	drive "$2: what replaced it is not ours" "$3" "$4" undo
	check "$2: what replaced it stays" is_mount "$W/b/rootfs" tmpfs
	umount "$W/b/rootfs"
	drive "$2: and then nothing is left" 0 . present
}

for parent in private shared; do
	unset OLD_MOUNT OLD_LAYERS
	makes_and_undoes $parent $parent
	if since 6.8 "$parent: what is told by ids that are never given twice"; then
		leaves_what_is_not_ours $parent $parent 0 '^D undone$'
	fi
	export OLD_MOUNT=1 OLD_LAYERS=9
	makes_and_undoes $parent "$parent, old kernel"
	leaves_what_is_not_ours $parent "$parent, old kernel" 0 '^D undone$'
done
unset OLD_MOUNT OLD_LAYERS

# A mount that was moved away is found by its id.
if since 6.8 "a mount that was moved"; then
	fresh private
	drive "made to be moved" 0 '^done$' tmpfs
	mount --move "$W/b/tmp" "$W/elsewhere"
	drive "what was moved is taken back" 0 '^D undone$' undo
	fails "... where it is" is_mount "$W/elsewhere"
	drive "made to be moved and covered" 0 '^done$' tmpfs
	mount --move "$W/b/tmp" "$W/elsewhere"
	mount -t tmpfs theirs "$W/elsewhere"
	drive "what was moved and covered is left, and said" 1 'left .*on top of it' undo
	umount "$W/elsewhere"
	check "... and stays" is_mount "$W/elsewhere" tmpfs
	drive "... until it is seen" 0 '^D undone$' undo
	fails "... nothing is left of it" is_mount "$W/elsewhere"
fi

# Every way in which a kernel refuses layers by descriptor: EBADF, EOPNOTSUPP, EINVAL.
for errno in 9 95 22; do
	export OLD_LAYERS=$errno
	fresh private
	drive "layers by text after errno $errno" 0 '^done$' tmpfs overlay
	check "with /proc/self/fd" sh -c "grep ' overlay ' /proc/self/mountinfo | grep -q lowerdir=/proc/self/fd/"
	drive "and taken back" 0 '^D undone$' undo
done
unset OLD_LAYERS

# Refusals.
fresh private
mount -t tmpfs other "$W/b/rootfs"
look >"$W/out/before"
drive "an overlay on a mount point is a conflict" 7 'mount point already' tmpfs overlay
drive "the tmpfs before it is taken back" 0 '^D undone$' undo
same "the mount point is as before"
umount "$W/b/rootfs"
rmdir "$W/b/rootfs"
ln -s /etc "$W/b/rootfs"
drive "a symbolic link for rootfs is a conflict" 7 "'rootfs' is no directory" bind
rm "$W/b/rootfs"
mkdir "$W/b/rootfs"
touch "$W/afile"
ln -s elsewhere "$W/alink"
drive "a file among the directories is a conflict" 7 "'afile' .*is not a directory" \
	mkdir "$W/afile/x"
drive "a link among the directories is a conflict" 7 "'alink' .*is a symbolic link" \
	mkdir "$W/alink/x"
drive "a file for a directory is a conflict" 7 "'afile' .*is not a directory" mkdir "$W/afile"

# A parent that gives its group and its set-group-id bit to what is made in it.
fresh private
chmod 2775 "$W/elsewhere"
drive "directories in a setgid directory" 0 '^done$' mkdir "$W/elsewhere/x/y"
is "are exactly 0755" "$(stat -c %a "$W/elsewhere/x" "$W/elsewhere/x/y" | xargs)" '755 755'
drive "and go again" 0 '^D undone$' undo

# Directories that somebody filled or replaced.
drive "directories" 0 '^done$' mkdir "$W/elsewhere/x/y"
touch "$W/elsewhere/x/theirs"
drive "filled ones are left, the empty one in them goes" 1 "left .*/x' is left: somebody filled" \
	undo
is "what is in them stays" "$(ls "$W/elsewhere/x")" theirs
rm "$W/elsewhere/x/theirs"
drive "emptied, they go" 0 '^D missing .*/x/y. is not where' undo
drive "directories again" 0 '^done$' mkdir "$W/elsewhere/x/y"
rmdir "$W/elsewhere/x/y"
touch "$W/hold" && mkdir "$W/elsewhere/x/other" "$W/elsewhere/x/y"
drive "a replaced one is left" 1 'not the directory any more' undo
check "and is there" test -d "$W/elsewhere/x/y"

# A full file system in the middle of a path: what was made before it goes.
fresh private
# mount(8) looks once more afterwards, which a full one does not like in a user namespace.
mount -t tmpfs -o nr_inodes=4,mode=755 full "$W/elsewhere" 2>/dev/null
check "a file system with four inodes" is_mount "$W/elsewhere" tmpfs
look >"$W/out/before"
drive "no room in the middle of a path" 1 'make directory .*No space' mkdir "$W/elsewhere/1/2/3/4/5"
drive "what was made goes" 0 '^D undone$' undo
same "nothing is left of it"
umount "$W/elsewhere"

# Killed at every call that matters: another process finds and takes back what is there.
if command -v strace >/dev/null; then
	for parent in private shared; do
		fresh $parent
		for call in openat statx move_mount mount_setattr fsmount fsconfig mkdirat; do
			# Beneath a private mount nothing has to be made private.
			[ $parent$call = privatemount_setattr ] || killed_at_each $call $parent \
				tmpfs overlay mkdir in/side mkdir "$W/elsewhere/a/b"
		done
	done
else
	skip "killed at every call" "strace is not installed"
fi
finish
