#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# File systems that exist once, and devices that are mounted already: who mounts them again gets
# them as they are, or is refused. On an emulated kernel (make kernels) with cgroup2, debugfs,
# tracefs and a device of its own; here with message queues of a namespace of its own, which have
# no options that could change.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=mount_lib.sh
. "$(dirname "$0")/mount_lib.sh"

# Only there is it nobody's.
emulated() {
	[ -e /init ] && [ -d /vestibule ]
}

options_of() {
	awk -v at="$1" '$5 == at { for (i = 7; $i != "-"; i++); print $(i + 3) }' /proc/self/mountinfo
}

fresh() {
	layout private
	bundle b
	mkdir "$W/m" "$W/n"
}

# again TYPE SOURCE IN-FORCE OTHER: what is mounted on $W/m has IN-FORCE, whatever is mounted again.
again() {
	document b "$(entry "$W/n" "$1" "$2")"
	does "$1 without options" 0 prepare "$W/b"
	is "$1: it has the options in force" "$(options_of "$W/n")" "$3"
	is "$1: and so has what was there" "$(options_of "$W/m")" "$3"
	does "$1: taken back" 0 cleanup --all "$W/b"
	is "$1: and it is as it was" "$(options_of "$W/m")" "$3"
	document b "$(entry "$W/n" "$1" "$2" "$4")"
	leaves "$1 with other options" 7 "option ${4%%=*}: this file system '$1' is mounted already, with '$3'" \
		prepare "$W/b"
	is "$1: which changes nothing" "$(options_of "$W/m")" "$3"
	document b "$(entry "$W/n" "$1" "$2")" "$(entry "$W/n" '' '' remount "$4")"
	leaves "$1: nor does a remount" 7 "there before this mount, and others have it" prepare "$W/b"
	is "$1: ... which changes nothing either" "$(options_of "$W/m")" "$3"
}

if [ -z "${VST_ONCE-}" ]; then
	rm -f "$tap"
	VST_ONCE=1 exec unshare -i sh "$here/once.sh"
fi
fresh
if mount -t mqueue mqueue "$W/m" 2>/dev/null; then
	again mqueue mqueue "$(options_of "$W/m")" nosuchoption
else
	skip "message queues" "kernel: it has none"
fi

if ! emulated; then
	skip "cgroup2, debugfs, tracefs and a device" "kernel: it is not an emulated one, whose own these are"
	finish
fi
fresh
mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 "$W/m"
again cgroup2 cgroup2 rw,nsdelegate,memory_recursiveprot memory_localevents
document b "$(entry "$W/n" cgroup2 cgroup2 nsdelegate)"
does "cgroup2 with an option that is in force" 0 prepare "$W/b"
is "... keeps the others" "$(options_of "$W/m")" rw,nsdelegate,memory_recursiveprot
does "... taken back" 0 cleanup --all "$W/b"
for type in debugfs tracefs; do
	fresh
	if ! mount -t $type -o mode=0711 $type "$W/m"; then
		skip "$type" "kernel: it has none"
		continue
	fi
	mount -o remount,mode=0711 "$W/m"
	# debugfs mounts another file system in itself when somebody looks there.
	ls "$W/m/tracing/" >/dev/null 2>&1
	again $type $type "$(options_of "$W/m")" mode=0700
	is "$type: the root keeps its mode" "$(mode_of "$W/m")" 711
	umount -R "$W/m"
done
fresh
modprobe loop 2>/dev/null
modprobe ext4 2>/dev/null
dd if=/dev/zero of="$W/disk" bs=1M count=8 2>/dev/null
if mkfs.ext4 -q "$W/disk" && disk=$(losetup -f --show "$W/disk"); then
	document b "$(entry "$W/n" ext4 "$disk" noload)"
	mount -t ext4 -o errors=remount-ro,nodelalloc "$disk" "$W/m"
	document b "$(entry "$W/n" ext4 "$disk")"
	does "a device that is mounted, without options" 0 prepare "$W/b"
	is "... it has those in force" "$(options_of "$W/n")" "$(options_of "$W/m")"
	does "... taken back" 0 cleanup --all "$W/b"
	document b "$(entry "$W/n" ext4 "$disk" nodelalloc)"
	does "... with one that is in force" 0 prepare "$W/b"
	does "... taken back" 0 cleanup --all "$W/b"
	document b "$(entry "$W/n" ext4 "$disk" data=journal)"
	leaves "... with another" 7 "option data: this file system 'ext4' is mounted already" prepare "$W/b"
	document b "$(entry "$W/n" ext4 "$disk" ro)"
	leaves "... read-only" 7 "mounted already with other options" prepare "$W/b"
	umount "$W/m"
	losetup -d "$disk"
	disk=$(losetup -r -f --show "$W/disk")
	document b "$(entry "$W/n" ext4 "$disk")"
	leaves "a device that is write-protected" 1 "write-protected.*'ro'" prepare "$W/b"
	document b "$(entry "$W/n" ext4 "$disk" ro)"
	does "... with ro" 0 prepare "$W/b"
	does "... taken back" 0 cleanup --all "$W/b"
	losetup -d "$disk"
else
	skip "a device that is mounted" "kernel: no loop device, or no ext4"
fi
finish
