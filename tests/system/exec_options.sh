#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The mounts of mounts[], one executor at a time: what every option does, seen in mountinfo; new
# file systems, binds, changes of what is there, propagation; all of it taken back by another
# process, also after a kill.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec_lib.sh"
. "$(dirname "$0")/mount_lib.sh"

fresh() {
	layout "$1"
	bundle b
	mkdir "$W/m" "$W/n" "$W/src" "$W/src/sub" "$W/src/sub/deep"
	echo text >"$W/src/file"
	touch "$W/f"
	look >"$W/out/before"
}

undone() {
	drive "$1: is taken back" 0 '^D undone$' undo
	same "$1: nothing is left"
}

# Every name of an attribute, and what mountinfo calls it. On a kernel's own file system each is
# the mount's, and not the file system's.
# DESCRIPTION and the words that mount it.
each_attribute() {
	each_what=$1
	shift
	for each in ro:ro,relatime nosuid:rw,nosuid,relatime nodev:rw,nodev,relatime \
		noexec:rw,noexec,relatime nodiratime:rw,nodiratime,relatime noatime:rw,noatime \
		strictatime:rw relatime:rw,relatime; do
		drive "$each_what: ${each%:*}" 0 '^done$' "$@" "${each%:*}" end
		is "$each_what: ${each%:*} is seen" "$(attributes "$W/m")" "${each#*:}"
		drive "$each_what: ${each%:*} is taken back" 0 '^D undone$' undo
	done
	drive "$each_what: all at once" 0 '^done$' "$@" ro nosuid nodev noexec nodiratime noatime end
	is "$each_what: all are seen" "$(attributes "$W/m")" ro,nosuid,nodev,noexec,noatime,nodiratime
	fails "$each_what: nothing can be written" touch "$W/m/new"
	undone "$each_what"
}

new_tmpfs() {
	drive "$1: a tmpfs" 0 '^done$' mount new "$W/m" tmpfs '' end
	is "$1: with no option has none" "$(attributes "$W/m")" rw,relatime
	is "$1: without a source has none" "$(sb "$W/m" | cut -d' ' -f1,2)" 'tmpfs none'
	undone "$1"
	drive "$1: a tmpfs with data" 0 '^done$' \
		mount new "$W/m" tmpfs some,where=1 size=64k mode=0710 nr_inodes=7 end
	sb=$(sb "$W/m")
	is "$1: its source is one text" "${sb% *}" 'tmpfs some,where=1'
	has "$1: size" "${sb##* }" size=64k
	has "$1: nr_inodes" "${sb##* }" nr_inodes=7
	is "$1: mode" "$(mode_of "$W/m")" 710
	is "$1: it is what it is for" "$(touch "$W/m/x" && ls "$W/m")" x
	undone "$1, with data"
	drive "$1: sync and dirsync" 0 '^done$' mount new "$W/m" tmpfs tmpfs sync dirsync end
	has "$1: sync is the file system's" "$(sb "$W/m" | sed 's/.* //')" sync
	has "$1: dirsync is the file system's" "$(sb "$W/m" | sed 's/.* //')" dirsync
	undone "$1, sync"
	drive "$1: read-only, on a device" 0 '^done$' mount new "$W/m" tmpfs /dev/some ro end
	has "$1: the file system knows that it is read-only" "$(sb "$W/m" | sed 's/.* //')" ro
	undone "$1, read-only, on a device"
	drive "$1: read-only" 0 '^done$' mount new "$W/m" tmpfs tmpfs ro end
	has "$1: one that may be the host's, too, is not told" "$(sb "$W/m" | sed 's/.* //')" rw
	undone "$1, read-only"
}

for parent in private shared; do
	fresh $parent
	each_attribute "$parent, tmpfs" mount new "$W/m" tmpfs tmpfs
	each_attribute "$parent, bind" mount bind "$W/m" "$W/src"
	new_tmpfs $parent
	OLD_MOUNT=1
	export OLD_MOUNT
	new_tmpfs "$parent, old kernel"
	unset OLD_MOUNT
done

fresh private
drive "a key that tmpfs does not know" 1 "option colour: the kernel says 'tmpfs: Unknown parameter" \
	mount new "$W/m" tmpfs tmpfs colour=red end
drive "a value that tmpfs does not take" 1 'the kernel says .*(Bad value|size)' \
	mount new "$W/m" tmpfs tmpfs size=much end
drive "a type that nobody has" 6 "no file system 'nosuchfs'" mount new "$W/m" nosuchfs x end
drive "an empty value is a value" 1 'the kernel says .*(Bad value|size)' \
	mount new "$W/m" tmpfs tmpfs size= end
drive "a flag is no value" 1 "the kernel says .*(Bad value|size|parameter)" \
	mount new "$W/m" tmpfs tmpfs size end
same "refused: nothing is left"

# Types: in namespaces that own what they show, which root has anyway.
in_namespaces() {
	unshare -ipC --fork "$REAL" "$@"
}
REAL=$DRIVER
for type in proc sysfs devpts mqueue cgroup2 ramfs; do
	fresh private
	DRIVER=in_namespaces
	drive "$type" 0 '^done$' mount new "$W/m" $type '' nosuid nodev noexec end
	DRIVER=$REAL
	check "$type is mounted" is_mount "$W/m" $type
	is "$type has its attributes" "$(attributes "$W/m")" rw,nosuid,nodev,noexec,relatime
	undone $type
done
drive "devpts with data" 0 '^done$' \
	mount new "$W/m" devpts devpts newinstance ptmxmode=0666 mode=0620 nosuid noexec end
has "ptmxmode" "$(sb "$W/m" | sed 's/.* //')" ptmxmode=666
check "ptmx is there" test -e "$W/m/ptmx"
undone "devpts with data"
if [ -n "$VST_USERNS" ]; then
	drive "what a user namespace may not mount is denied" 3 'initial user namespace' \
		mount new "$W/m" ext4 "$W/f" end
	same "denied: nothing is left"
fi

# Overlays. Names hold what used to separate names.
odd='l,1 a:b\c"=	d'
overlays() {
	fresh private
	mkdir "$W/$odd" "$W/l2" "$W/l3" "$W/up" "$W/wo,rk:1"
	for layer in "$odd" l2 l3; do
		printf '%s\n' "$layer" >"$W/$layer/first"
	done
	echo two >"$W/l2/second" && echo three >"$W/l3/second" && echo three >"$W/l3/third"
	look >"$W/out/before"
	drive "$1: one layer to read, one to write" 0 '^done$' mount new "$W/m" overlay '' \
		lower="$W/$odd" upper="$W/up" work="$W/wo,rk:1" nodev end
	is "$1: reads the lower" "$(cat "$W/m/first")" "$odd"
	has "$1: has its attribute" "$(attributes "$W/m")" nodev
	case $(sb "$W/m") in
	*userxattr*) is "$1: userxattr only in a user namespace" "$VST_USERNS" 1 ;;
	*) is "$1: userxattr in a user namespace" "$VST_USERNS" '' ;;
	esac
	check "$1: a directory can be made, filled and renamed" sh -c \
		'mkdir "$0/d" && touch "$0/d/x" && mv "$0/d" "$0/e" && rm -r "$0/e"' "$W/m"
	rm -rf "$W/wo,rk:1" "$W/up/first"
	by_text=$(sb "$W/m" | grep -c proc/self)
	drive "$1: is taken back" 0 '^D undone$' undo
	rm -rf "$W/up" "$W/wo,rk:1"
	look >"$W/out/before"
	drive "$1: three layers, nothing to write" 0 '^done$' mount new "$W/m" overlay over \
		lower="$W/$odd" lower="$W/l2" lower="$W/l3" end
	is "$1: the topmost is the first" "$(cat "$W/m/first" "$W/m/second" "$W/m/third" | xargs -d '\n')" \
		"$odd two three"
	fails "$1: it cannot be written" touch "$W/m/new"
	is "$1: its layers are given as those before" "$(sb "$W/m" | grep -c proc/self)" "$by_text"
	is "$1: its source" "$(sb "$W/m" | cut -d' ' -f2)" over
	undone "$1, three layers"
	drive "$1: userxattr named" 0 '^done$' mount new "$W/m" overlay over \
		lower="$W/l2" lower="$W/l3" userxattr end
	has "$1: userxattr is there" "$(sb "$W/m" | sed 's/.* //')" userxattr
	undone "$1, userxattr"
	drive "$1: one layer alone" 1 'nothing to write to wants two layers.*Invalid' mount new "$W/m" overlay over \
		lower="$W/l2" end
	drive "$1: a layer that is a file" 1 'overlay' mount new "$W/m" overlay over \
		lower="$W/f" lower="$W/l2" end
	same "$1: refused, nothing is left"
}
overlays "overlay"
export OLD_LAYERS=9
overlays "overlay, layers by text"
unset OLD_LAYERS

# More layers than one value holds: by descriptor, or one by one.
fresh private
set --
for n in $(seq 30); do
	mkdir "$W/layer$n"
	set -- "$@" "lower=$W/layer$n"
done
echo last >"$W/layer30/last"
for old in '' 9; do
	[ -z "$old" ] || export OLD_LAYERS=$old
	drive "thirty layers ${old:+by text}" 0 '^done$' mount new "$W/m" overlay over "$@" end
	is "the last is read" "$(cat "$W/m/last")" last
	drive "and taken back" 0 '^D undone$' undo
done
unset OLD_LAYERS

# Binds.
for parent in private shared; do
	fresh $parent
	mount -t tmpfs below "$W/src/sub"
	mkdir "$W/src/sub/deep"
	look >"$W/out/before"
	drive "$parent: a bind" 0 '^done$' mount bind "$W/m" "$W/src" end
	is "$parent: shows its source" "$(cat "$W/m/file")" text
	fails "$parent: and not what is mounted in it" is_mount "$W/m/sub"
	if [ $parent = shared ]; then
		check "$parent: and the peer sees it" mounted_in_peer "$W/m"
	fi
	undone "$parent, bind"
	drive "$parent: of a file" 0 '^done$' mount bind "$W/f" "$W/src/file" ro end
	is "$parent: shows the file" "$(cat "$W/f")" text
	fails "$parent: read-only" sh -c 'echo x >"$0"' "$W/f"
	check "$parent: its source stays as it is" sh -c 'echo text >"$0"' "$W/src/file"
	undone "$parent, file"
	umount "$W/src/sub"
done

# Recursive forms, over a tree: what has no r is of the topmost mount alone.
fresh private
mount -t tmpfs below "$W/src/sub"
mkdir "$W/src/sub/deep"
mount -t tmpfs deeper "$W/src/sub/deep"
for each in rro:ro,relatime rnosuid:rw,nosuid,relatime rnodev:rw,nodev,relatime \
	rnoexec:rw,noexec,relatime rnodiratime:rw,nodiratime,relatime rnoatime:rw,noatime \
	rstrictatime:rw; do
	drive "rbind ${each%:*}" 0 '^done$' mount rbind "$W/m" "$W/src" "${each%:*}" end
	is "${each%:*} is of all" "$(attributes "$W/m") $(attributes "$W/m/sub") $(attributes "$W/m/sub/deep")" \
		"${each#*:} ${each#*:} ${each#*:}"
	is "${each%:*} is not of the source" "$(attributes "$W/src/sub")" rw,relatime
	umount -R "$W/m"
	rm "$W"/state/*
done
drive "rbind ro rnodev" 0 '^done$' mount rbind "$W/m" "$W/src" ro rnodev end
is "ro is of the topmost, rnodev of all" "$(attributes "$W/m") $(attributes "$W/m/sub")" \
	'ro,nodev,relatime rw,nodev,relatime'
umount -R "$W/m"
rm "$W"/state/*
drive "changed afterwards: rrw, rdev" 0 '^done$' mount rbind "$W/m" "$W/src" rro rnodev end \
	mount change "$W/m" rrw rdev rnosuid end
is "rrw and rdev are of all" "$(attributes "$W/m") $(attributes "$W/m/sub")" \
	'rw,nosuid,relatime rw,nosuid,relatime'
umount -R "$W/m"
rm "$W"/state/*

# What cannot be bound.
fresh private
mount -t tmpfs other "$W/n"
mount --make-unbindable "$W/n"
look >"$W/out/before"
drive "an unbindable source" 1 "bind '$W/n': its mount is unbindable" mount bind "$W/m" "$W/n" end
same "refused: nothing is left of that"
umount "$W/n"

# What a user namespace gets from outside of it stays as it was there.
in_userns() {
	unshare -Urm "$REAL" "$@"
}
fresh private
mount -t tmpfs -o nosuid,noatime outside "$W/src"
mkdir "$W/src/sub" && mount -t tmpfs inner "$W/src/sub"
look >"$W/out/before"
DRIVER=in_userns
drive "a part of what came from outside" 1 'beneath it that only rbind may take along' \
	mount bind "$W/m" "$W/src" end
drive "all of it, with more" 0 '^done$' mount rbind "$W/m" "$W/src" rnodev end
drive "but not with less" 3 'keeps what a mount brought from outside' \
	mount rbind "$W/m" "$W/src" end mount change "$W/m" suid end
drive "nor with another access time" 3 'keeps what a mount brought from outside' \
	mount rbind "$W/m" "$W/src" relatime end
drive "nor what is there" 3 'keeps what a mount brought from outside' mount change "$W/src" suid end
DRIVER=$REAL
same "nothing of it is seen outside"
umount -R "$W/src"

# Propagation: what is asked for is what it has, under either parent, and only then.
for parent in private shared; do
	fresh $parent
	kept=
	[ $parent = private ] || kept=shared
	drive "$parent: none named" 0 '^done$' mount new "$W/m" tmpfs t end
	is "$parent: it has what its parent gave it" "$(propagation "$W/m")" "$kept"
	undone "$parent, none named"
	for each in private: shared:shared "slave:${kept:+master}" unbindable:unbindable \
		rprivate: rshared:shared "rslave:${kept:+master}" runbindable:unbindable; do
		drive "$parent: ${each%:*}" 0 '^done$' mount new "$W/m" tmpfs t "${each%:*}" end
		is "$parent: ${each%:*} is seen" "$(propagation "$W/m")" "${each#*:}"
		drive "$parent: ${each%:*} is taken back" 0 '^D undone$' undo
	done
	same "$parent: nothing is left of all these"
	drive "$parent: set afterwards" 0 '^done$' mount new "$W/m" tmpfs t end \
		mount change "$W/m" private end
	is "$parent: private afterwards" "$(propagation "$W/m")" ""
	if [ -n "$kept" ]; then
		mkdir "$W/m/x" && mount -t tmpfs other "$W/m/x"
		fails "$parent: what is mounted in it stays here" mounted_in_peer "$W/m/x"
		umount "$W/m/x"
	fi
	undone "$parent, afterwards"
done
fresh private
for each in shared unbindable; do
	NO_PROPAGATION=1 drive "$each, which the kernel only says" 1 "made $each and is not" \
		mount new "$W/m" tmpfs t $each end
	drive "$each: taken back" 0 '^D undone$' undo
done
fresh shared
for each in private slave; do
	NO_PROPAGATION=1 drive "$each, which the kernel only says" 1 "made $each and is not" \
		mount new "$W/m" tmpfs t $each end
	drive "$each: taken back" 0 '^D undone$' undo
done
fresh private
mount -t tmpfs below "$W/src/sub"
for each in rshared:shared:shared shared:shared:; do
	drive "a tree, ${each%%:*}" 0 '^done$' mount rbind "$W/m" "$W/src" "${each%%:*}" end
	is "${each%%:*}: its mounts" "$(propagation "$W/m"):$(propagation "$W/m/sub")" "${each#*:}"
	umount -R "$W/m"
	rm "$W"/state/*
done

# Changes of the run's own.
fresh shared
drive "remounted" 0 '^done$' mount new "$W/m" tmpfs t nosuid nodev noatime size=64k end \
	mount change "$W/m" noexec private end
is "only what is listed changes" "$(attributes "$W/m")" rw,nosuid,nodev,noexec,noatime
is "and the propagation with it" "$(propagation "$W/m")" ""
has "data stays" "$(sb "$W/m" | sed 's/.* //')" size=64k
undone "remounted"
drive "remounted with data" 0 '^done$' mount new "$W/m" tmpfs t size=64k nr_inodes=7 noexec end \
	mount change "$W/m" size=128k sync end
has "the size is the new one" "$(sb "$W/m" | sed 's/.* //')" size=128k
has "sync is set" "$(sb "$W/m" | sed 's/.* //')" sync
has "the rest stays" "$(sb "$W/m" | sed 's/.* //')" nr_inodes=7
has "attributes stay" "$(attributes "$W/m")" noexec
undone "remounted with data"
drive "cleared again" 0 '^done$' \
	mount new "$W/m" tmpfs t ro nosuid nodev noexec nodiratime noatime sync end \
	mount change "$W/m" rw suid dev exec diratime relatime async end
is "the attributes are gone" "$(attributes "$W/m")" rw,relatime
is "the file system's flags too" "$(sb "$W/m" | sed 's/.* //' | cut -d, -f1-2 | grep -cw 'ro\|sync')" 0
check "it can be written" touch "$W/m/new"
undone "cleared again"
drive "dirsync cannot be cleared, and nobody asks" 0 '^done$' mount new "$W/m" tmpfs t dirsync end \
	mount change "$W/m" nodev end
has "so it stays" "$(sb "$W/m" | sed 's/.* //')" dirsync
undone "dirsync"
drive "bad data of a remount" 1 'the kernel says .*Unknown parameter' \
	mount new "$W/m" tmpfs t end mount change "$W/m" colour end
undone "bad data"
drive "data through a bind of its own" 6 'others use it' \
	mount bind "$W/m" "$W/src" end mount change "$W/m" size=1m end
undone "data through a bind"

# Changes of what is not its own.
theirs() {
	fresh "$1"
	mount -t tmpfs -o nosuid,nodev,noatime,size=1m theirs "$W/m"
	look >"$W/out/before"
}
theirs shared
drive "somebody else's is remounted" 0 '^done$' mount change "$W/m" ro noexec nodev relatime end
is "only what is listed changes there" "$(attributes "$W/m")" ro,nosuid,nodev,noexec,relatime
is "its peer keeps what it has" "$(awk -v at="$W/m" '$5 == at { print $6 }' /proc/$PEER/mountinfo)" \
	rw,nosuid,nodev,noatime
undone "somebody else's"
is "it has what it had" "$(attributes "$W/m")" rw,nosuid,nodev,noatime
drive "what is set is cleared" 0 '^done$' mount change "$W/m" suid rdev strictatime end
is "suid, dev, strictatime" "$(attributes "$W/m")" rw
undone "what was set"
drive "recursive, with nothing beneath" 0 '^done$' mount change "$W/m" rro rsuid rrelatime rprivate end
is "is of the one there is" "$(attributes "$W/m")" ro,nodev,relatime
drive "recursive, with nothing beneath: taken back" 0 '^D otherwise .*shared again' undo
is "recursive, with nothing beneath: as it was" "$(attributes "$W/m")" rw,nosuid,nodev,noatime
theirs shared
drive "again and again" 0 '^done$' mount change "$W/m" ro end mount change "$W/m" rw noexec end \
	mount change "$W/m" exec ro strictatime nodiratime end
undone "again and again"
drive "a change of nothing" 0 '^done$' mount change "$W/m" end
is "has nothing to take back" "$("$DRIVER" "$W/state" "$W/b" undo)" ""
same "a change of nothing changes nothing"

# propagation_of BEFORE ASKED AFTER HOW UNDONE: a mount of somebody else's, taken from one propagation
# to another, and what it is when that is taken back.
propagation_of() {
	theirs private
	case $1 in
	slave) mount --make-shared "$W/m" && mkdir "$W/m/own" &&
		mount --bind "$W/m" "$W/n" && mount --make-slave "$W/m" ;;
	*) mount "--make-$1" "$W/m" ;;
	esac
	drive "$1 to $2" 0 '^done$' mount change "$W/m" "$2" nodiratime end
	is "$1 to $2: it is" "$(propagation "$W/m")" "$3"
	has "$1 to $2: and nodiratime" "$(attributes "$W/m")" nodiratime
	drive "$1 to $2: taken back" 0 "$4" undo
	is "$1 to $2: it is again" "$(propagation "$W/m")" "$5"
	is "$1 to $2: as are the attributes" "$(attributes "$W/m")" rw,nosuid,nodev,noatime
	umount "$W/m"
	! is_mount "$W/n" || umount "$W/n"
}
propagation_of private shared shared '^D undone$' ""
propagation_of private unbindable unbindable '^D undone$' ""
propagation_of private slave "" '^D undone$' ""
propagation_of unbindable private "" '^D undone$' unbindable
propagation_of unbindable rshared shared '^D undone$' unbindable
propagation_of shared shared shared '^D undone$' shared
propagation_of shared private "" '^D otherwise .*shared again, but with other peers' shared
propagation_of shared slave "" '^D otherwise .*shared again' shared
propagation_of slave shared shared,master '^D undone$' master
propagation_of slave private "" '^D otherwise .*private, and no slave any more' ""
propagation_of slave unbindable unbindable '^D otherwise .*private, and no slave any more' ""

# What could not be taken back is not done.
theirs private
drive "data of somebody else's" 6 'cannot be put back: this run did not mount it' \
	mount change "$W/m" size=2m end
drive "flags of somebody else's file system" 6 'cannot be put back' mount change "$W/m" sync end
mkdir "$W/m/x" && mount -t tmpfs inner "$W/m/x"
look >"$W/out/before"
for each in rro rrw rnoatime rprivate; do
	drive "$each of somebody else's tree" 6 'others lie beneath' mount change "$W/m" $each end
done
same "refused: nothing is changed"
drive "without r it can be changed" 0 '^done$' mount change "$W/m" ro private end
is "and what is beneath is not" "$(attributes "$W/m/x")" rw,relatime
undone "without r"
umount "$W/m/x"
OLD_MOUNT=1 drive "a kernel without unique ids" 6 '6.8 or newer' mount change "$W/m" ro end
drive "what is no mount point" 7 "src' is not a mount point: remount, or a propagation alone, changes what is mounted there" \
	mount change "$W/src" ro end
drive "what is no mount point is not made private either" 7 'is not a mount point' \
	mount change "$W/src" private end
umount "$W/m"

# Taken back where somebody else was at work meanwhile.
theirs private
drive "changed, then hidden" 0 '^done$' mount change "$W/m" ro end
mount -t tmpfs top "$W/m"
drive "what is hidden stays changed, and said" 1 'left .*stays changed: another mount is on top' undo
umount "$W/m"
drive "and is taken back when it is seen" 0 '^D undone$' undo
same "nothing is left of that"
drive "changed, then moved" 0 '^done$' mount change "$W/m" ro end
mount --move "$W/m" "$W/n"
drive "what was moved is put back where it is" 0 '^D undone$' undo
check "... writable again" touch "$W/n/file"
mount --move "$W/n" "$W/m"
rm "$W/m/file"
drive "changed, then unmounted" 0 '^done$' mount change "$W/m" ro end
umount "$W/m"
drive "what is gone is undone" 0 '^D undone$' undo
mount -t tmpfs -o noexec other "$W/m"
rm "$W"/state/*
look >"$W/out/before"
umount "$W/m"
theirs private
drive "changed, then replaced" 0 '^done$' mount change "$W/m" ro end
umount "$W/m"
mount -t tmpfs -o noexec other "$W/m"
look >"$W/out/before"
drive "the other one" 0 '^D undone$' undo
same "is not touched"
umount "$W/m"

# Killed at every call that matters.
theirs shared
if command -v strace >/dev/null; then
	for call in mount_setattr move_mount open_tree statx; do
		killed_at_each $call changes mount change "$W/m" ro noexec relatime shared end \
			mount rbind "$W/n" "$W/src" rro nodev private end \
			mount change "$W/m" rw suid end
	done
else
	skip "killed at every call" "strace is not installed"
fi
finish
