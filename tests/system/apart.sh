#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Mounts in a bundle are kept apart: nothing that is mounted in one is copied anywhere, whatever is
# shared around it, and after cleanup, or after a run that failed, no mount is left in it. Whoever
# then removes the bundle removes nothing else.
#
#   $W            shared with $PEER, as a machine's / is where systemd or LinuxKit runs
#   ├─ src        the source, with a mount in it: a peer of the peer's
#   ├─ twin       $W once more, its peer in this very namespace
#   └─ b, c       bundles

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=mount_lib.sh
. "$(dirname "$0")/mount_lib.sh"

# Before 6.8 nobody tells the mounts that came along from somebody else's: they are left, and named.
recursive=
if since 6.8 "sources with mounts in them"; then
	recursive=1
fi

scene() {
	layout shared
	mkdir -p "$W/src/sub" "$W/src/later" "$W/twin"
	echo precious >"$W/src/file"
	[ -z "$recursive" ] || mount -t tmpfs sub "$W/src/sub"
	mkdir "$W/src/sub/in"
	bundle b
	mkdir "$W/b/rootfs/data"
	touch "$W/b/rootfs/file"
}

# Mounts in the bundle, here, in the twin and in the peer.
left() {
	cat /proc/self/mountinfo "/proc/$PEER/mountinfo" | grep -c " [^ ]*/b/rootfs[ /]"
}

scene
for options in rbind rbind,rprivate rbind,private rbind,rslave rbind,slave rbind,rshared rbind,shared \
	rbind,runbindable rbind,unbindable rbind,ro rbind,rro bind bind,slave bind,shared; do
	# shellcheck disable=SC2046
	document b "$(entry data '' "$W/src" $(echo $options | tr , ' '))"
	before
	does "$options: prepared" 0 prepare "$W/b"
	check "$options: it is there" test -e "$W/b/rootfs/data/file"
	does "$options: cleaned up" 0 cleanup "$W/b"
	is "$options: mounts that are left" "$(left)" 0
	unchanged "$options: nothing is left anywhere"
done
for options in bind rbind rbind,rslave rbind,rshared; do
	# shellcheck disable=SC2046
	document b "$(entry file '' "$W/src/file" $(echo $options | tr , ' '))"
	before
	does "a file, $options: prepared" 0 prepare "$W/b"
	is "a file, $options: it is there" "$(cat "$W/b/rootfs/file")" precious
	does "a file, $options: cleaned up" 0 cleanup "$W/b"
	unchanged "a file, $options: nothing is left anywhere"
done

# What no propagation is named for is in no peer group, and follows none.
scene
document b "$(entry data '' "$W/src" rbind)" "$(entry run tmpfs '')" "$(entry run/lock tmpfs '')"
does "no propagation: prepared" 0 prepare "$W/b"
is "no propagation: nothing in it has peers or a master" \
	"$(grep " $W/b/rootfs" /proc/self/mountinfo | grep -c 'shared:\|master:')" 0
mount -t tmpfs later "$W/src/later"
fails "no propagation: what is mounted at the source later does not follow" is_mount "$W/b/rootfs/data/later"
mount -t tmpfs inside "$W/b/rootfs/data/sub/in"
fails "no propagation: what is mounted in it is not mounted at the source" is_mount "$W/src/sub/in"
umount "$W/b/rootfs/data/sub/in"
does "no propagation: cleaned up" 0 cleanup "$W/b"
is "no propagation: mounts that are left" "$(left)" 0
check "no propagation: the source's are there" is_mount "$W/src/later"

# Two bundles of one image.
scene
bundle c
document b "$(entry "$W/b/rootfs" '' "$W/src" rbind)" "$(entry later tmpfs of-b)"
document c "$(entry "$W/c/rootfs" '' "$W/src" rbind)" "$(entry sub/in tmpfs of-c)"
before
does "one image: the first" 0 prepare "$W/b"
does "one image: the second" 0 prepare "$W/c"
check "one image: the first has its mount" is_mount "$W/b/rootfs/later"
fails "one image: ... and not the other's" is_mount "$W/b/rootfs/sub/in"
check "one image: the second has its mount" is_mount "$W/c/rootfs/sub/in"
fails "one image: ... and not the other's" is_mount "$W/c/rootfs/later"
is "one image: nor has the source" "$(grep -c " $W/src/" /proc/self/mountinfo)" "${recursive:-0}"
does "one image: the first goes" 0 cleanup "$W/b"
does "one image: the second goes" 0 cleanup "$W/c"
unchanged "one image: nothing is left anywhere"

# A run that fails.
for options in rbind rbind,rslave rbind,rshared; do
	# shellcheck disable=SC2046
	document b "$(entry data '' "$W/src" $(echo $options | tr , ' '))" "$(entry x tmpfs '' size=no)"
	before
	does "$options, and then a step that fails" 1 prepare "$W/b"
	is "$options, a run that failed: mounts that are left" "$(left)" 0
	unchanged "$options, a run that failed: nothing is left anywhere"
done

# Round after round of the whole tree, with the bundle in it and a peer of it beside.
if [ -n "$recursive" ]; then
	mount --bind "$W" "$W/twin"
	document b "$(entry data '' "$W" rbind)"
	mounts_of self >"$W/out/mounts"
	for round in 1 2 3 4; do
		does "the whole tree, round $round: prepared" 0 prepare "$W/b"
		does "the whole tree, round $round: cleaned up" 0 cleanup "$W/b"
	done
	mounts_of self >"$W/out/now"
	check "the whole tree: as many mounts as before" diff "$W/out/mounts" "$W/out/now"
fi

# The layouts with a layer, and mounts in mounts.
for layer in ro rw; do
	scene
	[ $layer = ro ] || rw b
	mkdir "$W/b/rootfs/run"
	document b "$(entry run tmpfs '')" "$(entry run/lock tmpfs '')" "$(entry run '' '' private)" \
		"$(entry data '' "$W/src" rbind ro)" "$(entry data/later tmpfs '')"
	before
	does "$layer, mounts in mounts: prepared" 0 prepare "$W/b"
	check "$layer, mounts in mounts: they are there" is_mount "$W/b/rootfs/data/later"
	does "$layer, mounts in mounts: cleaned up" 0 cleanup "$W/b"
	is "$layer, mounts in mounts: what is left" "$(left)" 0
	unchanged "$layer, mounts in mounts: nothing is left anywhere"
done
check "the source is whole" test -e "$W/src/file"

# Outside of the bundle a tree on a shared mount is copied to the peers of that, and what may stay of it
# there is told.
scene
mkdir "$W/aside"
document b "$(entry "$W/aside" '' "$W/src" rbind)"
does "outside of the bundle: prepared" 0 prepare "$W/b"
check "outside of the bundle: it is there" test -e "$W/aside/file"
does "outside of the bundle: cleaned up" 0 cleanup --all "$W/b"
[ -z "$recursive" ] || says "outside of the bundle: copies may stay, and it says so" \
	"warning: .*/aside' is unmounted here; .* copies of it .* may stay in other mount namespaces"
fails "outside of the bundle: here it is gone" is_mount "$W/aside"

# What is bound shared, as was asked for, has what is mounted in it copied to its source, here and in the
# peer. A copy goes with its original, but for one that somebody mounted in: that is found by its id,
# named and kept, and goes when it can.
copied() {
	scene
	bundle c
	mkdir -p "$W/src/x/y" "$W/c/rootfs/x/y"
	document b "$(entry data '' "$W/$1" bind shared)" "$(entry data/x tmpfs '')"
	document c "$(entry "$W/$1/x/y" tmpfs '')"
	[ "$1" = src ] || mount --bind "$W/$1" "$W/$1"
	before
	does "copied to $1: prepared" 0 prepare "$W/b"
	check "copied to $1: it is there" is_mount "$W/$1/x" tmpfs
}
for source in src c/rootfs; do
	if since 6.8 "copies"; then
		copied $source
		does "copied to $source: status" 0 status "$W/b"
		fails "copied to $source: ... tells of the original alone" grep -q "$W/$source/x" "$W/out/stdout"
		does "copied to $source: cleaned up" 0 cleanup "$W/b"
		unchanged "copied to $source: nothing is left anywhere"

		copied $source
		does "in a copy: another bundle's mount" 0 prepare "$W/c"
		vst cleanup "$W/b"
		is "in a copy: the first goes" $status 7
		says "in a copy: ... and names it" "a copy of it, at '$W/$source/x': .*somebody else's mount lies in it, at '$W/$source/x/y'"
		fails "in a copy: ... the original is gone" is_mount "$W/b/rootfs/data"
		check "in a copy: ... the other's is not touched" is_mount "$W/$source/x/y" tmpfs
		cp "$W/out/before" "$W/out/scene"
		leaves "in a copy: ... again" 7 "a copy of it, at '$W/$source/x'" cleanup "$W/b"
		cp "$W/out/scene" "$W/out/before"
		does "in a copy: the second goes" 0 cleanup --all "$W/c"
		does "in a copy: and what is left of the first" 0 cleanup "$W/b"
		unchanged "in a copy: nothing is left anywhere"
		is "in a copy: nor in a journal" "$(ls "$W/state")" ""

		copied $source
		umount "$W/b/rootfs/data/x"
		umount "$W/b/rootfs/data"
		umount "$W/b/rootfs"
		does "unmounted by others: gc" 0 gc
		unchanged "unmounted by others: nothing is left anywhere"
		is "unmounted by others: gc forgets the copies, too" "$(ls "$W/state")" ""

		copied $source
		mkdir -p "$W/$source/x/y"
		mount --make-private "$W/$source/x"
		mount -t tmpfs other "$W/$source/x/y"
		umount "$W/b/rootfs/data/x"
		umount "$W/b/rootfs/data"
		umount "$W/b/rootfs"
		for try in once twice; do
			vst gc
			is "a copy alone is left: gc, $try" "$status" 7
			says "a copy alone is left: it is named, $try" "a copy of it is left, at '$W/$source/x'; unmount what lies in that"
			fails "a copy alone is left: nothing is forgotten, $try" grep -q forgotten "$W/out/stderr"
		done
		check "a copy alone is left: it is not touched" is_mount "$W/$source/x" tmpfs
		vst cleanup "$W/b"
		is "a copy alone is left: cleanup" "$status" 7
		umount "$W/$source/x/y"
		does "a copy alone is left: it goes with the next cleanup" 0 cleanup "$W/b"
		fails "a copy alone is left: it is gone" is_mount "$W/$source/x"
		is "a copy alone is left: and the journal goes" "$(ls "$W/state")" ""
	fi
done
document b "$(entry data '' "$W/src" bind shared)" "$(entry data/x tmpfs '')" "$(entry y tmpfs '' size=no)"
before
does "copied, and then a step that fails" 1 prepare "$W/b"
unchanged "copied, and then a step that fails: nothing is left anywhere"

# Nothing is a copy but what came with the mount itself. Others who mount the same source while a run is
# at work, elsewhere or in what is shared with it, keep what they have.
sources() {
	layout shared
	mkdir -p "$W/src" "$W/other" "$W/admin" "$W/view"
	mount -t tmpfs src "$W/src" && mount -t tmpfs other "$W/other"
	mkdir "$W/src/x" "$W/src/admin"
	touch "$W/other/file"
	bundle b
	bundle c
	mkdir "$W/b/rootfs/data" "$W/c/rootfs/data"
	document c "$(entry data '' "$W/other" bind shared)"
}
if since 6.8 "copies and others' mounts of one source" && can_hold "others' mounts of one source"; then
	sources
	document b "$(entry data '' "$W/other" bind shared)"
	holds before move_mount 2 prepare "$W/b"
	does "one source, not copied: the other bundle, meanwhile" 0 prepare "$W/c"
	mount --bind "$W/other" "$W/admin"
	go_on
	is "one source, not copied: prepared" "$status" 0
	does "one source, not copied: cleaned up" 0 cleanup "$W/b"
	check "one source, not copied: the other bundle's is there" is_mount "$W/c/rootfs/data"
	check "one source, not copied: the administrator's is there" is_mount "$W/admin"

	sources
	document b "$(entry data '' "$W/src" bind shared)" "$(entry data/x '' "$W/other" bind shared)"
	holds before move_mount 3 prepare "$W/b"
	does "one source: the other bundle, meanwhile" 0 prepare "$W/c"
	mount --bind "$W/other" "$W/admin"
	mount --bind "$W/other" "$W/src/admin"
	go_on
	is "one source: prepared" "$status" 0
	check "one source: it has a copy" is_mount "$W/src/x"
	vst cleanup "$W/b"
	is "one source: the administrator's holds one of it" "$status" 7
	check "one source: the other bundle's is there" is_mount "$W/c/rootfs/data"
	check "one source: the administrator's is there" is_mount "$W/admin"
	check "one source: ... and the one beside the copy" is_mount "$W/src/admin"
	umount "$W/src/admin"
	does "one source: cleaned up" 0 cleanup "$W/b"
	fails "one source: the copy is gone" is_mount "$W/src/x"
	check "one source: the other bundle's is still there" is_mount "$W/c/rootfs/data"

	# A view of the source that is made in the instant after the mount has one just like it.
	sources
	document b "$(entry data '' "$W/src" bind shared)" "$(entry data/x '' "$W/other" bind shared)"
	holds after move_mount 3 prepare "$W/b"
	mount --rbind "$W/src" "$W/view"
	go_on
	is "not told apart: prepared" "$status" 0
	mount --make-rprivate "$W/view"
	vst cleanup "$W/b"
	is "not told apart: cleanup" "$status" 5
	says "not told apart: it is named" "a copy of it, at '$W/view/x': it is kept: somebody mounted the same"
	check "not told apart: it is left" is_mount "$W/view/x"
	fails "not told apart: the copy is gone" is_mount "$W/src/x"
	fails "not told apart: so is the original" is_mount "$W/b/rootfs/data"
	umount "$W/view/x"
	does "not told apart: and then no more" 0 cleanup "$W/b"
	is "not told apart: and the journal goes" "$(find "$W/state" -type f | wc -l)" 0
fi

# What is mounted elsewhere and has a copy in the bundle is the bundle's; and what was moved into the
# bundle is no success. Whoever removes the bundle removes nothing else.
# removed DESCRIPTION: nothing is mounted in the bundle, and the source outlives it.
removed() {
	is "$1: mounts in the bundle" "$(grep -c " $W/b/" /proc/self/mountinfo)" 0
	check "$1: the bundle goes" rm -rf "$W/b"
	check "$1: ... the source stays" test -e "$W/host/file"
}
outside() {
	layout "$1"
	mkdir -p "$W/host" "$W/alias" "$W/b/rootfs/data" "$W/b/rootfs/moved"
	echo precious >"$W/host/file"
}
if since 6.8 "copies in the bundle of what is mounted elsewhere"; then
	outside shared
	document b "$(entry "$W/alias" '' "$W" bind)" "$(entry "$W/alias/b/rootfs/data" '' "$W/host" bind)"
	does "elsewhere, copied into the bundle: prepared" 0 prepare "$W/b"
	does "elsewhere, copied into the bundle: cleaned up" 0 cleanup "$W/b"
	removed "elsewhere, copied into the bundle"
	outside shared
	mount --bind "$W" "$W/alias"
	document b "$(entry "$W/alias/b/rootfs/data" '' "$W/host" bind)"
	does "a twin, copied into the bundle: prepared" 0 prepare "$W/b"
	does "a twin, copied into the bundle: cleaned up" 0 cleanup "$W/b"
	removed "a twin, copied into the bundle"
fi
outside private
document b "$(entry "$W/alias" '' "$W/host" bind)"
does "moved into the bundle: prepared" 0 prepare "$W/b"
umount "$W/b/rootfs"
mount --move "$W/alias" "$W/b/rootfs/moved"
vst cleanup "$W/b"
is "moved into the bundle: cleanup" "$status" 7
if [ -n "$recursive" ]; then
	says "moved into the bundle: it is named" "lies in the bundle now, at '$W/b/rootfs/moved'"
	check "moved into the bundle: it is left" is_mount "$W/b/rootfs/moved"
else
	says "moved into the bundle: it is named" "mount that is later than it is left at '$W/b/rootfs/moved'"
	# Nobody tells that it is the one that was mounted elsewhere.
	leaves "moved into the bundle: it is named and left with all" 5 \
		"/alias' is kept: .* whether it is hidden, moved or gone cannot be told" cleanup --all "$W/b"
	check "moved into the bundle: it is left" is_mount "$W/b/rootfs/moved"
	umount "$W/b/rootfs/moved"
fi
does "moved into the bundle: it goes with all" 0 cleanup --all "$W/b"
removed "moved into the bundle"

# Taking back is proved. What was mounted beneath a mount meanwhile, where nobody saw it, shows when
# that is gone: it is named and kept, until it is unmounted. What was there before is not.
hide() {
	# With the dot mount(8) of util-linux 2.39 and later follows it as well: move_mount(2) follows no link at the end.
	mount --no-canonicalize -t tmpfs "$1" /proc/self/fd/9/.
}
beneath() {
	layout private
	bundle b
	mkdir "$W/b/rootfs/data"
	document b "$(entry run tmpfs '')" "$@"
	exec 9<"$W/b/rootfs/data"
}
# told DESCRIPTION STATUS: what the last run said, and that nothing of it is forgotten.
told() {
	is "$1: status" "$status" "$2"
	says "$1: it is named" "left at '$W/b/rootfs/data'"
	is "$1: the journal is kept" "$(find "$W/state" -type f | wc -l)" 1
	check "$1: it is left" is_mount "$W/b/rootfs/data" tmpfs
	leaves "$1: named again by the next" 7 "left at '$W/b/rootfs/data'" cleanup "$W/b"
	umount "$W/b/rootfs/data"
	does "$1: and then no more" 0 cleanup "$W/b"
	is "$1: and the journal goes" "$(find "$W/state" -type f | wc -l)" 0
}
beneath
hide before
does "what was there before: prepared" 0 prepare "$W/b"
does "what was there before: cleaned up" 0 cleanup "$W/b"
check "what was there before: it is there" is_mount "$W/b/rootfs/data" tmpfs
does "what was there before: prepared again" 0 prepare "$W/b"
hide later
vst cleanup "$W/b"
told "what came later on what was there before" 7
check "what was there before: it is there" is_mount "$W/b/rootfs/data" tmpfs
beneath
does "a mount that was not seen: prepared" 0 prepare "$W/b"
hide later
vst cleanup "$W/b"
told "a mount that was not seen" 7
beneath
if [ -x "$TOOLS/at_call" ]; then
	"$TOOLS/at_call" "$W/out/hit" program:move_mount:2:after -- \
		"$VST" --root "$W/state" prepare "$W/b" >"$W/out/said" 2>&1
	check "a run that was killed: it is in place" is_mount "$W/b/rootfs"
	hide later
	vst gc
	told "a run that was killed" 7
else
	skip "a run that was killed" "kernel: its registers are known for x86-64 only"
fi
beneath "$(entry x tmpfs '' size=no)"
if command -v strace >/dev/null; then
	strace -f -o "$W/out/trace" -e trace=fsconfig -e inject=fsconfig:delay_enter=3000000:when=3 \
		"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" &
	failing=$!
	wait_until is_mount "$W/b/rootfs"
	hide later
	wait $failing
	status=$?
	told "a run that failed" 5
else
	skip "a run that failed" "strace is not installed"
fi
exec 9<&-

finish
