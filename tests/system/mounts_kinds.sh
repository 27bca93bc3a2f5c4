#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: types of file systems, overlays, names that hold anything; and what is read-only was
# never seen to be anything else.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

fresh() {
	layout "$1"
	more=
	mkdir -p "$W/b/rootfs" "$W/m" "$W/n" "$W/src"
	echo text >"$W/src/file"
}

# Types. Outside of the initial user namespace the kernel decides, in namespaces of its own: what
# mount(8) may, vestibule may, and nothing else.
# in_namespaces COMMAND: some file systems are of a namespace.
in_namespaces() {
	unshare -ipC --fork "$@"
}
REAL=$VST
cat >"${TMPDIR:-/tmp}/vst-$$" <<END
#!/bin/sh
exec unshare -ipC --fork "$REAL" "\$@"
END
chmod 700 "${TMPDIR:-/tmp}/vst-$$"

# type_of TYPE DATA...
type_of() {
	type=$1
	shift
	type_data=$(echo "$*" | tr ' ' ,)
	type_may=
	if in_namespaces mount -t "$type" ${type_data:+-o "$type_data"} probe "$W/n" 2>/dev/null; then
		umount "$W/n"
		type_may=1
	fi
	document b "$(entry "$W/m" "$type" '' nosuid nodev noexec "$@")"
	VST=${TMPDIR:-/tmp}/vst-$$
	if [ -n "$type_may" ]; then
		does "$type" 0 prepare "$W/b"
		check "$type is mounted" is_mount "$W/m" "$type"
		is "$type has its attributes" "$(attributes "$W/m")" rw,nosuid,nodev,noexec,relatime
		# It takes none.
		[ "$type" = pstore ] ||
			is "$type has its name as source" "$(sb "$W/m" | cut -d' ' -f2)" "$type"
		VST=$REAL
		back "$type"
		fails "$type is not mounted any more" is_mount "$W/m"
	elif grep -qE "[[:space:]]$type\$" /proc/filesystems; then
		refuses "$type, which the kernel does not allow" '[13]' "$type" prepare "$W/b"
		VST=$REAL
	else
		refuses "$type, which this kernel does not have" 6 "no file system '$type'" prepare "$W/b"
		VST=$REAL
	fi
}
fresh private
for type in tmpfs ramfs proc sysfs mqueue cgroup2 bpf debugfs tracefs securityfs configfs hugetlbfs \
	binfmt_misc pstore efivarfs nosuchfs; do
	type_of $type
done
type_of devpts newinstance ptmxmode=0666 mode=0620
type_of cgroup none name="vst-${W##*.}"
type_of tmpfs size=64k nr_inodes=7 mode=0711
rm -f "${TMPDIR:-/tmp}/vst-$$"
truncate -s 8M "$W/image"
# Devices are the machine's, and a user's namespace has none.
if [ -n "$VST_USERNS" ]; then
	:
elif ! mkfs.ext4 -q "$W/image" 2>/dev/null; then
	skip "ext4, of a device" "mkfs.ext4 is not installed"
elif ! loop=$(losetup -f 2>/dev/null) || ! losetup "$loop" "$W/image" 2>/dev/null; then
	skip "ext4, of a device" "kernel: no loop device"
else
	mounted "ext4, of a device" "$(entry "$W/m" ext4 "$loop" ro noatime)"
	is "... is mounted" "$(sb "$W/m" | cut -d' ' -f1,2)" "ext4 $loop"
	is "... with its attributes" "$(attributes "$W/m")" ro,noatime
	back "ext4"
	losetup -d "$loop"
fi

# Overlays.
fresh private
mkdir "$W/l1" "$W/l2" "$W/l3"
for layer in l1 l2 l3; do
	echo $layer >"$W/$layer/$layer"
	echo $layer >"$W/$layer/first"
done
before
mounted "an overlay with upper and work to make" \
	"$(entry "$W/m" overlay '' "lowerdir=$W/l1" "upperdir=$W/new/up" "workdir=$W/new/work" nodev)"
is "... makes them 0755" "$(cd "$W/new" && stat -c '%n %a' . up work | tr '\n' ' ')" '. 755 up 755 work 755 '
echo changed >"$W/m/first"
is "... what is written lands in upper" "$(cat "$W/new/up/first" "$W/l1/first" | tr '\n' ' ')" 'changed l1 '
check "... directories are made, renamed, removed" \
	sh -c 'mkdir "$0/d" && touch "$0/d/x" && mv "$0/d" "$0/e" && rm -r "$0/e"' "$W/m"
is "... is called overlay" "$(sb "$W/m" | cut -d' ' -f1,2)" 'overlay overlay'
has "... has its attribute" "$(attributes "$W/m")" nodev
before
does "... done again" 0 prepare "$W/b"
unchanged "... is there already"
back "an overlay with upper and work"
check "... keeps what was written" grep -q changed "$W/new/up/first"
mounted "an overlay with upper and work that are there" \
	"$(entry "$W/m" overlay over "lowerdir=$W/l1:$W/l2" "upperdir=$W/new/up" "workdir=$W/new/work")"
is "... shows what was written" "$(cat "$W/m/first" "$W/m/l2" | tr '\n' ' ')" 'changed l2 '
back "an overlay with upper and work"
rm -rf "$W/new"
mounted "three layers, read-only" "$(entry "$W/m" overlay over "lowerdir=$W/l2:$W/l1:$W/l3")"
is "... in their order" "$(cat "$W/m/first" "$W/m/l1" "$W/m/l3" | tr '\n' ' ')" 'l2 l1 l3 '
fails "... cannot be written" touch "$W/m/new"
back "three layers"
document b "$(entry "$W/m" overlay over "lowerdir=$W/l2")"
refuses "one layer alone" 1 'two layers' prepare "$W/b"
document b "$(entry "$W/m" overlay over "lowerdir=$W/l2" "upperdir=$W/new/up" "workdir=$W/new/work" colour=red)"
refuses "an overlay that fails has made no directories" 1 colour prepare "$W/b"
# What the overlay copied up is its own: the upper directory that the run made holds it, is left, and named.
mkdir -p "$W/l4/etc"
touch "$W/l4/file"
document b "$(entry "$W/m" overlay over "lowerdir=$W/l4" "upperdir=$W/new/up" "workdir=$W/new/work")"
jq --arg m "$W/m" '.mkdir = [$m + "/etc/new", $m + "/file/x"]' "$W/b/runtime.json" >"$W/out/copied"
cp "$W/out/copied" "$W/b/runtime.json"
does "what an overlay copied up, in a run that fails" 5 prepare "$W/b"
says "... is named" "not taken back: .*/up: directory '.*up' is left"
check "... is left" test -d "$W/new/up/etc"
fails "... but not what the run made in it" test -e "$W/new/up/etc/new"
rm -rf "$W/new"
does "... and holds the bundle until it is gone" 0 cleanup "$W/b"
# The bundle's own tmpfs by hand, as the generator writes it.
mkdir "$W/b/tmp" "$W/b/lower"
echo lower >"$W/b/lower/file"
mounted "the root file system as ordinary mounts" \
	"$(entry "$W/b/tmp" tmpfs tmpfs size=10% mode=0755)" "$(entry "$W/b/tmp" '' '' remount private)" \
	"$(entry "$W/b/rootfs" overlay overlay "lowerdir=$W/b/lower" "upperdir=$W/b/tmp/upper" "workdir=$W/b/tmp/work")"
is "... an overlay, once" "$(grep -c " $W/b/rootfs " /proc/self/mountinfo) $(cat "$W/b/rootfs/file")" '1 lower'
does "... taken back by cleanup alone" 0 cleanup "$W/b"
fails "... all of it" grep -q " $W/b/" /proc/self/mountinfo
rmdir "$W/b/tmp"
rm -r "$W/b/lower"

# Names.
fresh private
n=0
for name in 'a,b' 'a:b' 'a\b' 'a b' ' a' 'a"b' "a'b" 'a=b' '(deleted)' 'ä€😀' '*' '$(x)' '%s%n' '\040' '...' '-o' '#'; do
	n=$((n + 1))
	mkdir -p "$W/s/$name/sub" "$W/d"
	echo "$n" >"$W/s/$name/file"
	mounted "bind of '$name' onto the same" "$(entry "$W/d/$name/x" '' "$W/s/$name" bind ro)"
	is "... shows it" "$(cat "$W/d/$name/x/file")" $n
	fails "... read-only" touch "$W/d/$name/x/new"
	back "'$name'"
	rmdir "$W/d/$name/x" "$W/d/$name"
	mounted "rbind of '$name' and of what is in it" \
		"$(entry "$W/s/$name/sub" tmpfs "$name")" "$(entry "$W/d/$name" '' "$W/s/$name" rbind rro)"
	fails "... read-only" touch "$W/d/$name/sub/new"
	back "rbind of '$name'"
	rmdir "$W/d/$name"
	layer=$(printf '%s' "$W/s/$name" | sed 's/[\\:,]/\\&/g')
	mounted "layers called '$name'" "$(entry "$W/m" overlay "$name" "lowerdir=$layer:$W/src" \
		"upperdir=$(printf '%s' "$W/u/$name" | sed 's/[\\:,]/\\&/g')" \
		"workdir=$(printf '%s' "$W/k/$name" | sed 's/[\\:,]/\\&/g')")"
	is "... are read" "$(cat "$W/m/file")" $n
	check "... and written" sh -c 'echo x >"$0/file" && test -e "$1/file"' "$W/m" "$W/u/$name"
	back "layers called '$name'"
	rm -rf "$W/u" "$W/k"
done
is "names left no mount" "$(grep -c " $W/" /proc/self/mountinfo)" 0

# Read-only from the first instant on: a program looks at full speed while a hundred binds are made,
# here and in a peer of a shared parent.
points=100
# polled HOW PID COMMAND...: whether all was read-only in that process's mount namespace while the
# command ran.
polled() {
	polled_how=$1
	polled_in=$2
	shift 2
	nsenter -t "$polled_in" -m "$TOOLS/poll_mounts" "$polled_how" "$W/p" $points >"$W/out/polled" 2>&1 &
	poller=$!
	ours $poller
	wait_until grep -q looking "$W/out/polled"
	"$@" >"$W/out/said" 2>&1
	kill -TERM $poller 2>/dev/null
	wait $poller
	polled_status=$?
	sed -n 's/^looks/# looks/p' "$W/out/polled"
	return $polled_status
}
many() {
	set --
	for n in $(seq 0 $((points - 1))); do
		set -- "$@" "$(entry "$W/p/$n" '' "$other" bind ro)"
	done
	document b "$@"
}
# Each prepare and cleanup makes one mount after the other visible.
again_and_again() {
	for _ in $(seq "$1"); do
		"$VST" --root "$W/state" prepare "$W/b" && "$VST" --root "$W/state" cleanup --all "$W/b" || return
	done
}
late() {
	for n in $(seq 0 $((points - 1))); do
		mount --bind "$other" "$W/p/$n"
		mount -o remount,bind,ro "$W/p/$n"
	done
}
none_left() {
	for n in $(seq 0 $((points - 1))); do
		umount "$W/p/$n"
	done
}
mkdir_points() {
	fresh "$1"
	for n in $(seq 0 $((points - 1))); do
		mkdir -p "$W/p/$n"
	done
	other=$W/other
	mkdir "$other"
	mount -t tmpfs other "$other"
	mount --make-private "$other"
	many
}
# On a busy machine all can be over before anybody looked: then it is done again.
polled_prepare() {
	for _ in 1 2 3 4 5 6 7 8; do
		polled "$1" "$2" "$VST" --root "$W/state" prepare "$W/b"
		grep -q 'seen 0,' "$W/out/polled" || break
		"$VST" --root "$W/state" cleanup --all "$W/b"
	done
	return "$polled_status"
}
mkdir_points private
for how in path table; do
	polled_prepare $how $$
	is "a hundred binds, by $how: none was seen writable" $? 0
	does "a hundred binds, by $how: taken back" 0 cleanup --all "$W/b"
	polled $how $$ late
	is "bind and remount, by $how: is caught" $? 1
	check "... as it is meant" grep -q 'writable [1-9]' "$W/out/polled"
	none_left
done
document b "$(entry "$W/p/0" '' "$other" bind ro)"
polled table $$ again_and_again 40
is "a bind again and again: never seen writable" $? 0

mkdir_points shared
for how in path table; do
	polled_prepare $how $PEER
	is "in a peer, by $how: none was seen writable" $? 0
	does "in a peer, by $how: taken back" 0 cleanup --all "$W/b"
done
polled path $PEER late
is "in a peer: bind and remount is caught" $? 1
none_left

finish
