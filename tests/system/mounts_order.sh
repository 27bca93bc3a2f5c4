#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: steps that lie on what earlier steps made, the implied root file system among them, and
# what becomes of it all: prepare again, cleanup, status, gc.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

fresh() {
	layout "$1"
	more=
	mkdir -p "$W/b/rootfs" "$W/m" "$W/n" "$W/src/sub"
	echo text >"$W/src/file"
	touch "$W/f"
	R=$W/b/rootfs
}

# In place of mount_lib.sh's: nothing is left mounted, either.
back() {
	does "$1: taken back" 0 cleanup --all "$W/b"
	is "$1: nothing is mounted" "$(grep " $W/." /proc/self/mountinfo)" ''
}

tmpfs() {
	entry "$1" tmpfs "${2-tmpfs}"
}

bind() {
	entry "$2" '' "$1" bind
}

# stack PATH: the sources of what is mounted there, from below.
stack() {
	awk -v at="$1" '$5 == at { for (i = 7; $i != "-"; i++); printf "%s ", $(i + 2) }' /proc/self/mountinfo
}

# The mount points in the order in which something was mounted there. A root that is bound onto itself
# beneath a shared mount is a peer of what is beneath it, and so are the mounts on both.
in_order() {
	awk -v w="$W/" 'index($5, w) == 1 && !seen[$5]++ { printf "%s ", substr($5, length(w) + 1) }' \
		/proc/self/mountinfo
}

for propagation in private shared; do
	at="$propagation:"
	fresh $propagation

	# Beneath a mount of the run, outside of the bundle; its point is there, or made.
	for point in m made/for/it; do
		more=", \"mkdir\": [\"$W/$point/d/e\", \"$W/$point/mnt/inside\"]"
		mounted "$at $point: on a tmpfs of the run" "$(tmpfs "$W/$point" outer)" \
			"$(tmpfs "$W/$point/mnt" inner)" "$(bind "$W/src" "$W/$point/mnt/deep/bind")"
		check "$at $point: mkdir lands in it" test -d "$W/$point/d/e"
		check "$at $point: a mount lands in it" is_mount "$W/$point/mnt" tmpfs
		check "$at $point: mkdir in the inner one" test -d "$W/$point/mnt/inside"
		is "$at $point: a bind in the inner one" "$(cat "$W/$point/mnt/deep/bind/file")" text
		does "$at $point: again" 0 prepare "$W/b"
		says "$at $point: ... is there already" 'prepared already'
		back "$at $point"
		fails "$at $point: nothing landed beneath them" test -e "$W/$point/d"
	done
	more=

	mounted "$at a bind of what an earlier entry made" "$(tmpfs "$W/x/y" made)" \
		"$(bind "$W/x/y" "$W/m")" "$(bind "$W/x" "$W/n")"
	touch "$W/x/y/seen"
	check "$at ... is of that" test -e "$W/m/seen"
	fails "$at ... and not of what is mounted in it, without rbind" test -e "$W/n/y/seen"
	back "$at a bind of what an earlier entry made"
	mounted "$at a bind of a file beneath a mount of the run" "$(bind "$W/src" "$W/m")" \
		"$(bind "$W/m/file" "$W/f")"
	is "$at ... is of that" "$(cat "$W/f")" text
	back "$at a bind of a file beneath a mount"
	mounted "$at layers on a mount of the run" "$(tmpfs "$W/m")" "$(bind "$W/src" "$W/m/low")" \
		"$(entry "$W/n" overlay overlay "lowerdir=$W/m/low" "upperdir=$W/m/up" "workdir=$W/m/work")"
	is "$at ... are read" "$(cat "$W/n/file")" text
	touch "$W/n/new"
	check "$at ... and written" test -e "$W/m/up/new"
	back "$at layers on a mount of the run"

	mounted "$at three on the same place" "$(tmpfs "$W/m" one)" "$(tmpfs "$W/m" two)" "$(tmpfs "$W/m" three)"
	is "$at ... in their order" "$(stack "$W/m")" 'one two three '
	does "$at ... again" 0 prepare "$W/b"
	is "$at ... are there already" "$(stack "$W/m")" 'one two three '
	mount -t tmpfs theirs "$W/m"
	does "$at ... and somebody else's on top" 7 prepare "$W/b"
	umount "$W/m"
	back "$at three on the same place"
	mounted "$at one that hides an earlier one" "$(tmpfs "$W/m/in" one)" "$(tmpfs "$W/m" two)"
	does "$at ... again" 0 prepare "$W/b"
	back "$at one that hides an earlier one"

	# The implied root: before the first relative mount, else last.
	mounted "$at relative mounts" "$(tmpfs "$W/m" first)" "$(tmpfs run/one rel)" \
		"$(tmpfs run/one/two inner)" "$(bind "$W/src" run/one/two/three)"
	is "$at ... the root is made before them" \
		"$(in_order)" \
		'm b/rootfs b/rootfs/run/one b/rootfs/run/one/two b/rootfs/run/one/two/three '
	is "$at ... one in the other" "$(cat "$R/run/one/two/three/file")" text
	back "$at relative mounts"
	check "$at ... their directories stay" test -d "$R/run/one"
	rm -r "${R:?}/run"
	mounted "$at no relative mount" "$(tmpfs "$W/m" first)" "$(tmpfs "$R/usr" abs)"
	is "$at ... the root is made last, and hides what is beneath it" \
		"$(in_order)" \
		'm b/rootfs/usr b/rootfs '
	back "$at no relative mount"
	rm -r "${R:?}/usr"
	rw b
	more=', "mkdir": ["etc/made", "run/made"]'
	mounted "$at a layer that is implied" "$(tmpfs run)" "$(entry /etc/x '' "$W/src" bind | sed "s#/etc#$R/etc#")"
	check "$at ... lies beneath" is_mount "$R" overlay
	check "$at ... mkdir lands in the layer" test -d "$W/b/tmp/upper/etc/made"
	check "$at ... and in the mount" test -d "$R/run/made"
	fails "$at ... that is in it" test -d "$W/b/tmp/upper/run/made"
	is "$at ... an absolute path into rootfs lands in the layer, too" "$(cat "$R/etc/x/file")" text
	fails "$at ... and not in the image" test -e "$W/b/lower/etc/x"
	back "$at a layer that is implied"
	more=
	rm -r "$W/b/lower" "$W/b/tmp"

	# The root by another name: compared as directories.
	ln -s "$W/b" "$W/alias"
	for name in "$R" "$W/alias/rootfs" "$W/./b//rootfs/"; do
		rw b
		mounted "$at the root as ${name#"$W"}" "$(entry "$name" tmpfs own)" "$(tmpfs run/one rel)"
		is "$at ... is not implied again" "$(stack "$R")" 'own '
		fails "$at ... nor is its tmpfs made" is_mount "$W/b/tmp"
		check "$at ... a relative path lands on it" is_mount "$R/run/one"
		does "$at ... cleanup" 0 cleanup "$W/b"
		is "$at ... takes it back" "$(grep " $W/." /proc/self/mountinfo)" ''
		rm -r "$W/b/lower" "$W/b/tmp"
	done

	# Symbolic links of an image stay in it.
	mkdir "$R/real"
	ln -s / "$R/up"
	ln -s ../../../../../../.. "$R/out"
	ln -s /real "$R/abs"
	ln -s /nowhere "$R/dangling"
	before
	mounted "$at through links of the image" "$(tmpfs "up/one")" "$(tmpfs out/two)" "$(tmpfs abs/three)"
	is "$at ... all of it is in rootfs" \
		"$(is_mount "$R/one" && is_mount "$R/two" && is_mount "$R/real/three" && echo yes)" yes
	fails "$at ... nothing is out of it" sh -c "test -e /one || test -e /two || test -e /real"
	back "$at through links of the image"
	rmdir "$R/one" "$R/two" "$R/real/three"
	document b "$(tmpfs dangling/x)"
	refuses "$at a dangling link of the image" 7 'symbolic link' prepare "$W/b"
	document b "$(tmpfs dangling)"
	refuses "$at a dangling link itself" 7 'symbolic link' prepare "$W/b"
	rm -r "$R/real" "$R/up" "$R/out" "$R/abs" "$R/dangling"

	# cleanup: what is in the bundle, in reverse; what is elsewhere stays, and is used again.
	fresh $propagation
	before
	mounted "$at in the bundle and elsewhere" "$(tmpfs "$W/m" elsewhere)" "$(tmpfs in/it)" \
		"$(bind "$W/src" "$W/b/own")" "$(entry "$W/m" '' '' remount nodev)" "$(bind "$W/src" "$W/m/in/bind")"
	is "$at status shows all" "$("$VST" --root "$W/state" status "$W/b" | grep -c mount)" 5
	check "$at ... there" sh -c "'$VST' --root '$W/state' status '$W/b' | grep -q '$W/m/in/bind.*there'"
	echo kept >"$W/m/kept"
	vst cleanup "$W/b"
	is "$at cleanup" $status 0
	is "$at ... leaves what is elsewhere" "$(grep " $W/." /proc/self/mountinfo | cut -d' ' -f5 | xargs)" \
		"$W/m $W/m/in/bind"
	is "$at status shows those" "$("$VST" --root "$W/state" status "$W/b" | grep -c mount)" 2
	does "$at gc" 0 gc
	check "$at ... leaves them" is_mount "$W/m/in/bind"
	does "$at prepare after cleanup" 0 prepare "$W/b"
	is "$at ... uses what is there" "$(stack "$W/m")$(cat "$W/m/kept") $(attributes "$W/m")" \
		'elsewhere kept rw,nodev,relatime'
	is "$at ... and makes the rest" "$(is_mount "$R/in/it" && is_mount "$W/b/own" && is_mount "$R" && echo yes)" yes
	does "$at prepare once more" 0 prepare "$W/b"
	says "$at ... is there already" 'prepared already'
	does "$at cleanup again" 0 cleanup "$W/b"
	cp "$W/b/runtime.json" "$W/out/runtime.json"
	document b "$(tmpfs "$W/n")"
	refuses "$at another document" 7 'cleanup --all' prepare "$W/b"
	cp "$W/out/runtime.json" "$W/b/runtime.json"
	does "$at the same one" 0 prepare "$W/b"
	document b "$(tmpfs "$W/n")"
	refuses "$at another document while it is prepared" 7 cleanup prepare "$W/b"
	umount "$W/m/in/bind"
	cp "$W/out/runtime.json" "$W/b/runtime.json"
	refuses "$at one of those is gone" 7 'cleanup --all' prepare "$W/b"
	does "$at cleanup --all" 0 cleanup --all "$W/b"
	is "$at ... takes all of it" "$(grep " $W/." /proc/self/mountinfo)" ''
	is "$at ... and the journal" "$(find "$W/state" -type f | wc -l)" 0
	document b "$(tmpfs "$W/n")"
	does "$at another document then" 0 prepare "$W/b"
	back "$at another document then"

	# Elsewhere alone, stacked, kept.
	mounted "$at two on the same place" "$(tmpfs "$W/m" one)" "$(tmpfs "$W/m" two)"
	does "$at ... cleanup" 0 cleanup "$W/b"
	does "$at ... again" 0 prepare "$W/b"
	is "$at ... and no more" "$(stack "$W/m")" 'one two '
	back "$at two on the same place"
	mounted "$at two bundles" "$(tmpfs "$W/m" one)"
	document c "$(tmpfs "$W/m" two)"
	does "$at ... on the same place" 0 prepare "$W/c"
	does "$at ... the lower one cannot go" 7 cleanup --all "$W/b"
	does "$at ... the upper one can" 0 cleanup --all "$W/c"
	does "$at ... and then the lower one" 0 cleanup --all "$W/b"
	mounted "$at a bundle that goes away" "$(tmpfs "$W/m" one)"
	does "$at ... cleanup" 0 cleanup "$W/b"
	umount "$W/m"
	does "$at gc of what is gone" 0 gc
	is "$at ... forgets it" "$(find "$W/state" -type f | wc -l)" 0
done

finish
