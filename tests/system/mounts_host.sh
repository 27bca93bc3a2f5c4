#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: absolute destinations are the host's. Its own directories are refused, whatever leads to
# them; another mount point of it is mounted on, and named.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

tmpfs() {
	entry "$1" tmpfs tmpfs
}

for propagation in private shared; do
	at="$propagation:"
	# Where nothing is mounted, propagation makes no difference.
	names=/run dirs=/
	[ $propagation = shared ] || names="/ /proc /sys /dev /run //run/ /./proc" dirs="/ /proc /sys /dev /run"
	layout $propagation
	mkdir -p "$W/b/rootfs" "$W/m" "$W/n" "$W/src"
	touch "$W/f" "$W/g" "$W/b/runtime.json"
	good=$(tmpfs "$W/n")
	for each in $names; do
		[ "$each" = / ] && name=proc || name=$(basename "$each")
		for kind in tmpfs bind remount; do
			case $kind in
			tmpfs) set -- "$(tmpfs "$each")" ;;
			bind) set -- "$(entry "$each" '' "$W/src" rbind)" ;;
			remount) set -- "$(entry "$each" '' '' remount nodev)" ;;
			esac
			refused "$at $each, $kind" 7 \
				"absolute destinations are the host's; for the container write '$name'" "$good" "$1"
		done
	done
	# By another name, as a directory: a link, a link of a link.
	for each in $dirs; do
		ln -sfn "$each" "$W/host"
		ln -sfn host "$W/host2"
		refused "$at a link to $each" 7 "that is a link to $each, .*absolute destinations are the host's" "$good" "$(tmpfs "$W/host")"
		refused "$at a link to a link to $each" 7 "that is a link to $each, " "$good" "$(tmpfs "$W/host2")"
	done
	document b "$(tmpfs /proc)" "$good"
	vst plan "$W/b"
	is "$at a plan of that" $status 0
	check "$at ... shows that it is refused" grep -q "would be refused (conflict, exit status 7): mount on /proc" \
		"$W/out/stdout"
	# What only looks like one of them is done.
	for each in "$W/proc" "$W/run" "$W/dev/sys"; do
		document b "$(tmpfs "$each")"
		does "$at on $each" 0 prepare "$W/b"
		is "$at ... without a word" "$(cat "$W/out/stderr")" ''
		does "$at ... and back" 0 cleanup --all "$W/b"
	done
	rm -r "$W/host" "$W/host2"

	# Another mount point of the host is mounted on, and named.
	mount -t tmpfs theirs "$W/m"
	mount --bind "$W/f" "$W/f"
	for each in "$W/m" "$W/f"; do
		set -- "$(tmpfs "$W/m")"
		[ "$each" = "$W/m" ] || set -- "$(entry "$W/f" '' "$W/g" bind)"
		document b "$1"
		vst plan "$W/b"
		says "$at a plan to mount on a mount point of the host" "warning: $each is a mount point of the host"
		does "$at on a mount point of the host" 0 prepare "$W/b"
		says "$at ... with a warning" "warning: $each is a mount point of the host, outside of the bundle: what is mounted"
		does "$at ... again" 0 prepare "$W/b"
		fails "$at ... without one" grep -q warning "$W/out/stderr"
		does "$at ... and back" 0 cleanup --all "$W/b"
	done
	document b "$(entry "$W/m" '' '' remount noexec)"
	if since 6.8 "$at a mount of the host is changed"; then
		does "$at a mount of the host is changed" 0 prepare "$W/b"
		says "$at ... with a warning" "warning: $W/m is a mount point of the host.* is changed, and stays so after cleanup"
		does "$at ... cleanup" 0 cleanup --all "$W/b"
		has "$at ... leaves it changed" "$(attributes "$W/m")" noexec
		vst plan "$W/b"
		check "$at ... as plan says" grep -q "^   undo: set what it was before, if the run fails" "$W/out/stdout"
		umount "$W/m"
		mount -t tmpfs theirs "$W/m"
		document b "$(entry "$W/m" '' '' remount noexec)" "$(entry x tmpfs '' size=no)"
		does "$at ... a run that fails" 1 prepare "$W/b"
		fails "$at ... sets what it was" sh -c "findmnt -no OPTIONS '$W/m' | grep -q noexec"
	fi
	umount "$W/m" "$W/f"
	# One of the bundle, or of this run, is nobody else's.
	mkdir -p "$W/b/own"
	mount -t tmpfs own "$W/b/own"
	document b "$(tmpfs "$W/b/own")" "$(tmpfs "$W/m")" "$(tmpfs "$W/m")" "$(entry "$W/m" '' '' remount nodev)"
	does "$at mount points of the bundle and of the run" 0 prepare "$W/b"
	is "$at ... without a word" "$(cat "$W/out/stderr")" ''
	does "$at ... and back" 0 cleanup --all "$W/b"
	umount "$W/b/own"
done

# What is bound shared reaches the host again by what is mounted in it.
if [ -n "$VST_USERNS" ]; then
	skip "through a shared mount" "kernel: what comes from outside of the user namespace is no bind of its own"
elif since 6.8 "through a shared mount"; then
	layout shared
	mount --make-shared /
	bundle b
	mkdir "$W/b/rootfs/host"
	for each in run proc; do
		for options in bind,shared rbind,rshared; do
			# A recursive one brings the host's own /proc along.
			[ $each$options != procrbind,rshared ] || continue
			# The host's /run, too, where that is a mount: here it is none then.
			while [ $each$options = runrbind,rshared ] && is_mount /run; do
				umount -l /run || break
			done
			# shellcheck disable=SC2046
			document b "$(entry host '' / $(echo $options | tr , ' '))" "$(entry host/$each tmpfs '')"
			before
			vst prepare "$W/b"
			is "$options: on the host's /$each: a conflict" $status 7
			says "$options: ... says so" "it covers /$each of the host, too, through a mount that is shared with it"
			unchanged "$options: ... and nothing is left"
			is "$options: ... nor a journal" "$(ls "$W/state")" ""
		done
	done
	document b "$(entry host '' / bind)" "$(entry host/run tmpfs '')"
	before
	does "on the host's /run in a private bind" 0 prepare "$W/b"
	does "... and back" 0 cleanup "$W/b"
	unchanged "... and nothing is left"
	mount --make-private /
fi

finish
