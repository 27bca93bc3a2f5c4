#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each capability set of policy/capabilities.def is sufficient, and minimal: the set alone does the
# work, and without any one of its members the work is refused before anything is touched.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# with CAPABILITIES COMMAND...: root with these in its bounding set, and no other.
with() {
	with_set=-all
	for cap in $1; do
		with_set="$with_set,+$cap"
	done
	shift
	setpriv --bounding-set="$with_set" --inh-caps=-all "$@"
}

# minimal DESCRIPTION CAPABILITIES TAKE-BACK ARGUMENTS: root of the initial user namespace or of
# another makes no difference to the sets.
minimal() {
	min_what=$1
	min_set=$2
	min_back=$3
	shift 3
	for without in $min_set; do
		rest=
		for cap in $min_set; do
			[ "$cap" = "$without" ] || rest="$rest $cap"
		done
		before
		with "$rest" "$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		status=$?
		is "$min_what without $without is denied" $status 3
		says "... names it" "CAP_$(echo "$without" | tr '[:lower:]' '[:upper:]')"
		unchanged "... and nothing is done"
	done
	with "$min_set" "$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	is "$min_what with ${min_set:-no capability} alone" $status 0
	[ $status -eq 0 ] || said | sed 's/^/#   /'
	sh -c "$min_back"
	rm -f "$W"/state/*
}

layout private
# A process with more capabilities than ours could not be looked at.
unshare -n setpriv --bounding-set=-all --inh-caps=-all sleep infinity &
TARGET=$!
ours $TARGET
wait_until grep -q sleep "/proc/$TARGET/comm"

bundle ro
minimal "prepare, read-only" sys_admin "umount '$W/ro/rootfs'" prepare "$W/ro"
# What it has from the start is as wanted there, so that the first change comes after the filter.
with "sys_admin net_admin" "$VST" --root "$W/state" prepare "$W/ro" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
status=$?
is "prepare that drops only what a repair needs" $status 0
[ $status -eq 0 ] || said | sed 's/^/#   /'
umount "$W/ro/rootfs"
rm -f "$W"/state/*
# libcap-ng reads this before main, and tries the numbers where it is not the kernel's own.
echo 1 >"$W/out/last"
if mount --bind "$W/out/last" /proc/sys/kernel/cap_last_cap; then
	with "sys_admin net_admin" "$VST" --root "$W/state" prepare "$W/ro" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	umount /proc/sys/kernel/cap_last_cap
	is "... where another file is in the place of cap_last_cap" $status 0
	[ $status -eq 0 ] || said | sed 's/^/#   /'
	umount "$W/ro/rootfs"
	rm -f "$W"/state/*
else
	skip "... where another file is in the place of cap_last_cap" "it cannot be covered here"
fi
bundle rw
rw rw
minimal "prepare, read-write" "sys_admin dac_override chown fowner fsetid setfcap" \
	"umount '$W/rw/rootfs' '$W/rw/tmp'" prepare "$W/rw"
with "sys_admin dac_override chown fowner fsetid setfcap" \
	"$VST" --root "$W/state" prepare "$W/rw" 2>"$W/out/stderr"
check "the overlay can copy up, chown, chmod and whiteout" \
	sh -c "cd '$W/rw/rootfs/etc' && { [ -n '$VST_USERNS' ] || chown 1:1 file; } && chmod 4755 file && chown 0:0 file && rm file"
with sys_admin "$VST" --root "$W/state" cleanup "$W/rw" 2>"$W/out/stderr"
is "cleanup with sys_admin alone" $? 0
bundle mounted
mount --bind "$W/mounted/rootfs" "$W/mounted/rootfs"
printf '{"mkdir": ["%s"]}' "$W/dir" >"$W/mounted/runtime.json"
minimal "prepare, directories" "" "rmdir '$W/dir'" prepare "$W/mounted"

# mounts[] and cgroups[], each kind of step alone: rootfs is a mount point already, so that nothing is
# implied.
mkdir "$W/m" "$W/src" "$W/l1" "$W/l2"
# alone NAME MEMBERS
alone() {
	bundle "$1" "{$2}"
	mount --bind "$W/$1/rootfs" "$W/$1/rootfs"
}
overlay_set="sys_admin dac_override chown fowner fsetid setfcap"
alone new "\"mounts\": [{\"destination\": \"$W/m\", \"type\": \"tmpfs\", \"options\": [\"nodev\"]}]"
minimal "prepare, a new file system" sys_admin "umount '$W/m'" prepare "$W/new"
alone mbind "\"mounts\": [{\"destination\": \"$W/m\", \"source\": \"$W/src\", \"options\": [\"rbind\", \"ro\", \"private\"]}]"
minimal "prepare, a bind" sys_admin "umount '$W/m'" prepare "$W/mbind"
alone remount "\"mounts\": [{\"destination\": \"$W/m\", \"options\": [\"remount\", \"ro\", \"shared\"]}]"
mount -t tmpfs theirs "$W/m"
minimal "prepare, a remount" sys_admin "mount -o remount,bind,rw '$W/m'; mount --make-private '$W/m'" \
	prepare "$W/remount"
alone propagation "\"mounts\": [{\"destination\": \"$W/m\", \"options\": [\"rshared\"]}]"
minimal "prepare, a propagation" sys_admin "mount --make-private '$W/m'" prepare "$W/propagation"
umount "$W/m"
alone layers "\"mounts\": [{\"destination\": \"$W/m\", \"type\": \"overlay\", \"options\": [
	\"lowerdir=$W/l1\", \"upperdir=$W/up\", \"workdir=$W/work\"]}]"
minimal "prepare, an overlay of the document's" "$overlay_set" "umount '$W/m'; rm -r '$W/up' '$W/work'" \
	prepare "$W/layers"
echo text >"$W/l1/file"
with "$overlay_set" "$VST" --root "$W/state" prepare "$W/layers" 2>"$W/out/stderr"
check "... it can copy up, chown, chmod and whiteout" \
	sh -c "cd '$W/m' && { [ -n '$VST_USERNS' ] || chown 1:1 file; } && chmod 4755 file && chown 0:0 file && rm file"
with sys_admin "$VST" --root "$W/state" cleanup --all "$W/layers" 2>"$W/out/stderr"
is "... cleanup --all with sys_admin alone" $? 0
alone relative '"mkdir": ["in/rootfs"]'
minimal "prepare, directories beneath rootfs" "" "rm -r '$W/relative/rootfs/in'" prepare "$W/relative"
mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup 2>/dev/null && mkdir /sys/fs/cgroup/one
if [ -z "$VST_USERNS" ] && mount -t cgroup -o "none,name=vst-${W##*.}" cgroup /sys/fs/cgroup/one 2>/dev/null; then
	alone cgroup '"cgroups": ["a/b"]'
	# The topmost directory of a hierarchy is 0555 for everybody, root included.
	before
	with "" "$VST" --root "$W/state" prepare "$W/cgroup" 2>"$W/out/stderr"
	status=$?
	is "prepare, a cgroup without dac_override" $status 3
	unchanged "... and nothing is done"
	mkdir /sys/fs/cgroup/one/a
	minimal "prepare, a cgroup in another" "" "rmdir /sys/fs/cgroup/one/a/b" prepare "$W/cgroup"
	rmdir /sys/fs/cgroup/one/a
	with dac_override "$VST" --root "$W/state" prepare "$W/cgroup" 2>"$W/out/stderr"
	is "prepare, a cgroup with dac_override" $? 0
	rmdir /sys/fs/cgroup/one/a/b /sys/fs/cgroup/one/a
	umount /sys/fs/cgroup/one
else
	skip "prepare, a cgroup" "kernel: no hierarchy of its own can be mounted here"
fi

bundle veth '{"interfaces": [{"name": "eth0", "peer": "vst-a"}]}'
minimal "attach, a veth pair" net_admin "ip link del vst-a" attach --pid "$TARGET" "$W/veth"
bundle there '{"interfaces": [{"name": "br0", "add": "bridge"}]}'
minimal "attach, a bridge" net_admin "nsenter -t $TARGET -n ip link del br0" \
	attach --pid "$TARGET" "$W/there"
bundle move '{"interfaces": [{"name": "vst-m"}]}'
ip link add vst-m type veth peer name vst-n
minimal "attach, a move" "net_admin sys_admin" "ip link del vst-n" attach --pid "$TARGET" "$W/move"
# What is set of them: of the end here without the capability that a socket there takes.
bundle set_here '{"interfaces": [{"name": "eth0", "peer": "vst-a", "peerUp": true, "peerAddresses": ["192.0.2.1/24"]}]}'
minimal "attach, a veth pair with an address here" net_admin "ip link del vst-a" attach --pid "$TARGET" "$W/set_here"
bundle set_there '{"interfaces": [{"name": "eth0", "peer": "vst-a", "up": true, "addresses": ["192.0.2.1/24"]}]}'
minimal "attach, a veth pair with an address there" "net_admin sys_admin" "ip link del vst-a" \
	attach --pid "$TARGET" "$W/set_there"
bundle bind "{\"bindNS\": {\"net\": \"$W/net\"}}"
minimal "attach, a bind" sys_admin "umount '$W/net'" attach --pid "$TARGET" "$W/bind"

# What is kept matters for objects of others only.
if [ -z "$VST_USERNS" ]; then
	target
	bundle ptrace '{"interfaces": [{"name": "eth0", "peer": "vst-a"}]}'
	before
	with net_admin "$VST" --root "$W/state" attach --pid "$TARGET" "$W/ptrace" 2>"$W/out/stderr"
	status=$?
	is "a process with more capabilities, without sys_ptrace" $status 3
	says "... names it" CAP_SYS_PTRACE
	unchanged "... and nothing is done"
	with "net_admin sys_ptrace" "$VST" --root "$W/state" attach --pid "$TARGET" "$W/ptrace" \
		2>"$W/out/stderr"
	status=$?
	is "... and with it" $status 0
	bundle foreign '{"mkdir": ["theirs/dir"]}'
	mkdir -m 700 "$W/foreign/rootfs/theirs"
	chown 12345 "$W/foreign/rootfs/theirs"
	with sys_admin "$VST" --root "$W/state" prepare "$W/foreign" 2>"$W/out/stderr"
	status=$?
	is "a directory of others in an image, without dac_override" $status 3
	with "sys_admin dac_override" "$VST" --root "$W/state" prepare "$W/foreign" 2>"$W/out/stderr"
	status=$?
	is "... and with it" $status 0
fi

# Every line of the table was tried.
grep -oE '^STEP_CAP\([A-Z_]+' "$top/policy/capabilities.def" | sort -u | wc -l >"$W/out/kinds"
is "the steps of capabilities.def are those that this file knows" "$(cat "$W/out/kinds")" 14

finish
