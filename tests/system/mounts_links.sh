#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: a destination, or a source, that is a symbolic link to a file is what it leads to, inside
# rootfs for paths of the image, by the host's rules for others. The mount lies on that file, and is
# found there by status, undo and cleanup, whatever the link does meanwhile.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

bind() {
	entry "$2" '' "$1" bind
}

fresh() {
	layout "$1"
	R=$W/b/rootfs
	mkdir -p "$R/etc" "$R/run/r" "$R/d/sub" "$W/outside" "$W/h/sub" "$W/m"
	echo host >"$W/host"
	for file in "$R/run/r/stub" "$R/etc/plain" "$W/outside/stub" "$W/h/real" "$W/h/sub/real" "$W/alone"; do
		: >"$file"
	done
}

# lands DESCRIPTION DESTINATION FILE: a bind there lies on that file of $W, and comes off.
lands() {
	document b "$(bind "$W/host" "$2")"
	before
	vst prepare "$W/b"
	{
		[ $status -eq 0 ] || said
		[ "$(cat "$W/$3")" = host ] || echo "$3: '$(cat "$W/$3")'"
		is_mount "$W/$3" || echo "$3 is no mount point"
		[ ! -s "$W/outside/stub" ] || [ "$3" = outside/stub ] || echo "something outside was bound"
		"$VST" --root "$W/state" status "$W/b" | grep -q "mount .*$W/$3 .*there" ||
			"$VST" --root "$W/state" status "$W/b"
		vst prepare "$W/b"
		grep -q 'prepared already' "$W/out/stderr" || said
		vst cleanup --all "$W/b"
		[ $status -eq 0 ] || said
		snapshot >"$W/out/after" 2>&1
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		not_ok "$1" <"$W/out/wrong"
	else
		ok "$1"
	fi
}

for propagation in private shared; do
	at="$propagation:"
	fresh $propagation
	# An image's, from the container's point of view.
	for to in ../run/r/stub /run/r/stub ../../../../run/r/stub ../etc/./../run//r/stub; do
		ln -sfn "$to" "$R/etc/resolv.conf"
		lands "$at etc/resolv.conf -> $to" etc/resolv.conf b/rootfs/run/r/stub
	done
	ln -s resolv.conf "$R/etc/second"
	ln -s /etc/second "$R/third"
	lands "$at a link to a link to a link" third b/rootfs/run/r/stub
	ln -s ../etc "$R/d/e"
	ln -s e/../etc/plain "$R/d/through"
	lands "$at a link with a link in it" d/through b/rootfs/etc/plain
	lands "$at a link on the way to a link" d/e/second b/rootfs/run/r/stub
	ln -s plain "$R/etc/name"
	lands "$at a link by name alone" etc/name b/rootfs/etc/plain
	ln -sfn "$W/outside/stub" "$R/etc/out"
	refused "$at a link to what is outside alone" 7 'symbolic link' "$(bind "$W/host" etc/out)"
	ln -sfn "../../../../../../../../../../$W/outside/stub" "$R/etc/out"
	refused "$at ... by its parents" 7 'symbolic link' "$(bind "$W/host" etc/out)"
	mkdir -p "$R/$W/outside"
	: >"$R/$W/outside/stub"
	lands "$at ... what has that name inside" etc/out "b/rootfs$W/outside/stub"
	ln -s nowhere "$R/etc/dangling"
	ln -s dangling "$R/etc/dangling2"
	refused "$at a dangling link" 7 'symbolic link' "$(bind "$W/host" etc/dangling)"
	refused "$at a link to a dangling link" 7 'symbolic link' "$(bind "$W/host" etc/dangling2)"
	ln -s loop "$R/etc/loop"
	refused "$at a loop" 7 'symbolic links' "$(bind "$W/host" etc/loop)"
	ln -s /d "$R/etc/dir"
	refused "$at a file on a link to a directory" 7 'is a directory' "$(bind "$W/host" etc/dir)"
	refused "$at a directory on a link to a file" 7 'no directory' "$(bind "$W/m" etc/resolv.conf)"
	refused "$at a file system on a link to a file" 7 'no directory' "$(entry etc/resolv.conf tmpfs tmpfs)"
	lands "$at a file beneath a link to a directory" etc/dir/through b/rootfs/etc/plain

	# A chain as long as the kernel's, and one more.
	ln -s /run/r/stub "$R/l0"
	for n in $(seq 40); do
		ln -s "l$((n - 1))" "$R/l$n"
	done
	lands "$at as many links as the kernel follows" l39 b/rootfs/run/r/stub
	refused "$at one link more" 7 'symbolic links' "$(bind "$W/host" l40)"

	# Changed by the link's name; by another name of the same file; of what was mounted meanwhile.
	document b "$(bind "$W/host" etc/resolv.conf)" "$(entry etc/second '' '' remount ro)" \
		"$(entry third '' '' remount noexec)"
	does "$at a remount through links" 0 prepare "$W/b"
	has "$at ... is of the mount on the file" "$(attributes "$R/run/r/stub")" ro
	has "$at ... each" "$(attributes "$R/run/r/stub")" noexec
	# The link leads elsewhere by then.
	ln -sfn plain "$R/etc/resolv.conf"
	does "$at cleanup when the link leads elsewhere" 0 cleanup "$W/b"
	is "$at ... leaves no mount" "$(grep -c " $W/." /proc/self/mountinfo)" 0
	ln -sfn ../run/r/stub "$R/etc/resolv.conf"
	refused "$at a run that fails behind it" 1 nosuchkey "$(bind "$W/host" etc/resolv.conf)" \
		"$(entry "$W/m" tmpfs tmpfs nosuchkey)"
	# In what an earlier entry brings.
	ln -s real "$W/h/l"
	ln -s sub/real "$W/h/l2"
	document b "$(entry in '' "$W/h" bind)" "$(bind "$W/host" in/l)" "$(bind "$W/host" in/l2)"
	does "$at links that an earlier mount brings" 0 prepare "$W/b"
	is "$at ... are followed" "$(cat "$R/in/real" "$R/in/sub/real")" "$(echo host; echo host)"
	is "$at ... where they lead alone" "$(cat "$W/h/real" "$W/h/sub/real")" ''
	does "$at ... and back" 0 cleanup "$W/b"

	# The host's: trusted ones are followed, and none of an image.
	lands "$at a link of the host" "$W/h/l" h/real
	lands "$at ... to another directory" "$W/h/l2" h/sub/real
	ln -s "$W/h/l2" "$W/abs"
	lands "$at ... absolute, to a link" "$W/abs" h/sub/real
	ln -s h "$W/way"
	lands "$at ... on the way to one" "$W/way/l" h/real
	document b "$(bind "$W/host" "$W/abs")"
	vst plan "$W/b"
	check "$at ... a plan shows the file" grep -q \
		"onto what $W/abs leads to, the file real in $W/h/sub ([0-9: ]*)" "$W/out/stdout"
	vst plan --format json "$W/b"
	is "$at ... and as JSON" "$(jq -c '.steps[0].at | [.rest, .is_file, .directory.path]' "$W/out/stdout")" \
		"[\"real\",true,\"$W/h/sub\"]"
	document b "$(bind "$W/host" "$W/abs")" "$(entry "$W/h/l2" '' '' remount ro)"
	does "$at ... changed by another name" 0 prepare "$W/b"
	has "$at ... is read-only" "$(attributes "$W/h/sub/real")" ro
	does "$at ... and back" 0 cleanup --all "$W/b"
	ln -s host "$W/to-host"
	document b "$(bind "$W/to-host" "$W/alone")"
	does "$at a source that is a link" 0 prepare "$W/b"
	is "$at ... is what it leads to" "$(cat "$W/alone")" host
	does "$at ... and back" 0 cleanup --all "$W/b"
	refused "$at a source that is a link of an image" 7 'of the image is not followed' \
		"$(bind "$R/etc/resolv.conf" "$W/alone")"
	ln -s nowhere "$W/h/dangling"
	refused "$at a dangling link of the host" 7 'does not exist' "$(bind "$W/host" "$W/h/dangling")"
	refused "$at a directory on a link of the host to a file" 7 'is a file' "$(bind "$W/m" "$W/h/l")"
	mkdir -m 1777 "$W/open"
	ln -s ../h/real "$W/open/l"
	refused "$at a link where others can write" 3 'not followed' "$(bind "$W/host" "$W/open/l")"
	if [ -z "$VST_USERNS" ]; then
		ln -s h/real "$W/theirs"
		chown -h 65534 "$W/theirs"
		refused "$at a link of somebody else" 3 'not followed' "$(bind "$W/host" "$W/theirs")"
	fi
	# Beneath a mount of the run by an absolute path: the same rules.
	for there in no yes; do
		[ $there = yes ] && mkdir "$W/dst"
		document b "$(bind "$W/h" "$W/dst")" "$(bind "$W/host" "$W/dst/l2")" "$(bind "$W/dst/l2" "$W/alone")"
		vst prepare "$W/b"
		is "$at a link beneath a mount of the run, there before: $there" \
			"$status $(cat "$W/dst/sub/real") $(cat "$W/alone")" '0 host host'
		does "$at ... and back" 0 cleanup --all "$W/b"
		rmdir "$W/dst"
		[ $there = yes ] && mkdir "$W/dst"
		refused "$at a dangling one, there before: $there" 7 'does not exist' "$(bind "$W/h" "$W/dst")" \
			"$(bind "$W/host" "$W/dst/dangling")"
		document b "$(bind "$W/open" "$W/dst")" "$(bind "$W/host" "$W/dst/l")"
		refuses "$at one where others can write, there before: $there" 3 'not followed' prepare "$W/b"
	done
	refused "$at one of the image by an absolute path" 7 'of the image is not followed' "$(entry in tmpfs tmpfs)" \
		"$(bind "$W/host" "$R/etc/resolv.conf")"
done

finish
