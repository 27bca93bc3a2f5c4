#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: what is refused, each with its status and one line, and nothing changed.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

fresh() {
	layout "$1"
	more=
	mkdir -p "$W/b/rootfs" "$W/m" "$W/n" "$W/src" "$W/l"
	touch "$W/f" "$W/b/runtime.json"
}

tmpfs() {
	entry "$1" tmpfs tmpfs
}

# shown DESCRIPTION STATUS PATTERN: what plan shows of the document.
shown() {
	vst plan "$W/b"
	if grep -Eq "would be refused .*exit status $2\): .*$3" "$W/out/stdout"; then
		ok "$1"
	else
		said | not_ok "$1"
	fi
}

for propagation in private shared; do
	at="$propagation:"
	fresh $propagation
	# A document that contradicts itself; the good mount before it is not made.
	good=$(tmpfs "$W/n")
	for each in ro,rw suid,nosuid dev,nodev exec,noexec diratime,nodiratime sync,async atime,noatime \
		relatime,norelatime strictatime,nostrictatime noatime,strictatime rro,rrw ro,rrw rro,rw \
		mand,nomand rnoatime,atime; do
		# shellcheck disable=SC2086
		refused "$at $each" 4 'mounts\[1\]\.options\[1\].*contradicts' "$good" \
			"$(entry "$W/m" tmpfs tmpfs ${each%,*} ${each#*,})"
	done
	for each in private,shared private,rprivate rslave,slave unbindable,rshared; do
		refused "$at $each" 4 'mounts\[1\]\.options\[1\].*second propagation' "$good" \
			"$(entry "$W/m" tmpfs tmpfs "${each%,*}" "${each#*,}")"
	done
	refused "$at data on a bind" 4 'mounts\[1\]\.options\[1\].*bind cannot take' "$good" \
		"$(entry "$W/m" '' "$W/src" bind size=1m)"
	refused "$at type bind without the option" 4 "mounts\[1\]\.type.*write 'bind'" "$good" \
		"$(entry "$W/m" bind "$W/src" ro)"
	refused "$at type none without the option" 4 "mounts\[1\]\.type.*write 'bind'" "$good" \
		"$(entry "$W/m" none "$W/src")"
	refused "$at no type" 4 'mounts\[1\]\.type is missing' "$good" "$(entry "$W/m" '' "$W/src" ro)"
	refused "$at rootfs/.." 4 "mounts\[1\]\.destination.*'\.\.'" "$good" "$(tmpfs "$W/b/rootfs/..")"
	refused "$at ../m" 4 "mounts\[1\]\.destination.*'\.\.'" "$good" "$(tmpfs ../m)"
	refused "$at a relative source" 4 'mounts\[1\]\.source' "$good" "$(entry "$W/m" '' src bind)"
	refused "$at no source" 4 'mounts\[1\]\.source is missing' "$good" "$(entry "$W/m" '' '' bind)"
	refused "$at no destination" 4 'mounts\[1\]\.destination' "$good" \
		'{"type": "tmpfs", "source": "tmpfs"}'
	refused "$at an empty option" 4 'mounts\[1\]\.options\[0\]' "$good" "$(entry "$W/m" tmpfs tmpfs '')"
	refused "$at no lowerdir" 4 "no 'lowerdir='" "$good" \
		"$(entry "$W/m" overlay overlay "upperdir=$W/u" "workdir=$W/w")"
	refused "$at upperdir alone" 4 "'workdir='" "$good" \
		"$(entry "$W/m" overlay overlay "lowerdir=$W/l" "upperdir=$W/u")"
	refused "$at a relative layer" 4 'mounts\[1\]\.options\[0\]' "$good" \
		"$(entry "$W/m" overlay overlay lowerdir=l:k)"
	refused "$at uidMappings" 6 'mounts\[1\]\.uidMappings' "$good" \
		"{\"destination\": \"$W/m\", \"type\": \"tmpfs\", \"uidMappings\": [{\"a\": 1}]}"
	refused "$at gidMappings" 6 'mounts\[1\]\.gidMappings' "$good" \
		"{\"destination\": \"$W/m\", \"type\": \"tmpfs\", \"gidMappings\": [{\"a\": 1}]}"

	# What is there, or is not. Directories that earlier mounts made are gone again.
	good=$(tmpfs "$W/made/for/it")
	refused "$at a source that is not there" 1 "$W/nothing" "$good" "$(entry "$W/m" '' "$W/nothing" bind)"
	refused "$at a layer that is not there" 1 "$W/nothing" "$good" \
		"$(entry "$W/m" overlay overlay "lowerdir=$W/l:$W/nothing")"
	refused "$at a layer that is a file" 7 'file' "$good" \
		"$(entry "$W/m" overlay overlay "lowerdir=$W/l:$W/f")"
	refused "$at a file system on a file" 7 'is a file' "$good" "$(tmpfs "$W/f")"
	refused "$at a directory on a file" 7 'destination is a file' "$good" "$(entry "$W/f" '' "$W/src" bind)"
	refused "$at a file on a directory" 7 'destination is a directory' "$good" \
		"$(entry "$W/m" '' "$W/f" bind)"
	refused "$at a file on nothing" 7 'a file is never made' "$good" "$(entry "$W/g" '' "$W/f" bind)"
	refused "$at a mount beneath a file" 7 'not a directory' "$good" "$(tmpfs "$W/f/below")"
	ln -s nowhere "$W/dangling"
	refused "$at a dangling link" 7 dangling "$good" "$(tmpfs "$W/dangling/below")"
	refused "$at a type that nobody has" 6 "no file system 'nosuchfs'" "$good" \
		"$(entry "$W/m" nosuchfs x)"
	refused "$at a remount of what is not mounted" 7 'is not a mount point' "$good" \
		"$(entry "$W/m" '' '' remount ro)"
	refused "$at a propagation of what is not mounted" 7 'is not a mount point' "$good" \
		"$(entry "$W/m" '' '' private)"
	shown "$at ... plan shows that" 7 'is not a mount point'
	for each in "remount ro" private; do
		# shellcheck disable=SC2086
		refused "$at $each of what is not there" 1 "$W/nothing is not there: remount, or a propagation alone" \
			"$good" "$(entry "$W/nothing" '' '' $each)"
		shown "$at ... plan shows that" 1 "$W/nothing is not there: remount"
		# shellcheck disable=SC2086
		refused "$at $each of what is not there in rootfs" 1 "nothing is not there: remount" \
			"$good" "$(entry nothing '' '' $each)"
	done
	mount -t tmpfs theirs "$W/m"
	mkdir "$W/m/sub"
	mount -t tmpfs sub "$W/m/sub"
	for each in "remount size=2m" "remount sync" rprivate "remount rro"; do
		# shellcheck disable=SC2086
		document b "$good" "$(entry "$W/m" '' '' $each)"
		if since 6.8 "$at $each of a mount of others"; then
			leaves "$at $each of a mount of others" 6 'cannot be put back' prepare "$W/b"
			shown "$at ... plan shows that" 6 'cannot be put back'
		fi
	done
	umount "$W/m/sub" "$W/m"
	if [ $propagation = private ]; then
		mount --make-unbindable "$W"
		refused "$at an unbindable source" 1 unbindable "$good" "$(entry "$W/m" '' "$W/src" bind)"
		mount --make-private "$W"
	fi

	# In the middle: what came before goes, with its directories, an overlay's and all.
	refused "$at a mount that fails behind many" 1 nosuchkey "$(tmpfs "$W/x/y/z")" \
		"$(tmpfs "$W/x/y/z/inside/it")" "$(entry "$W/v/w" '' "$W/src" bind ro private)" \
		"$(entry "$W/o" overlay overlay "lowerdir=$W/l" "upperdir=$W/ov/up" "workdir=$W/ov/work")" \
		"$(entry "$W/o" '' '' remount nodev)" "$(entry in/rootfs tmpfs tmpfs)" \
		"$(entry "$W/m" tmpfs tmpfs nosuchkey)" "$(tmpfs "$W/not/reached")"
	more=", \"mkdir\": [\"$W/f/below\"]"
	refused "$at a directory that cannot be made behind mounts" 7 "$W/f" "$(tmpfs "$W/x/y")" \
		"$(entry "$W/x/y/z" '' "$W/src" rbind rro)"
	more=', "mkdir": ["in/../../out"]'
	refused "$at a directory out of rootfs" 4 'mkdir\[0\]' "$(tmpfs "$W/x/y")"
	more=

	# What would hide what is needed to take it back.
	refused "$at on the bundle" 7 'would hide the bundle' "$good" "$(tmpfs "$W/b")"
	refused "$at on what holds the bundle" 7 'would hide the bundle' "$good" "$(tmpfs "$W")"
	refused "$at on the state directory" 7 'would hide the bundle or the state' "$good" "$(tmpfs "$W/state")"
	ln -s "$W/b" "$W/alias"
	refused "$at on the bundle by a link" 7 'would hide the bundle' "$good" "$(tmpfs "$W/alias")"
	refused "$at a bind on the bundle" 7 'would hide the bundle' "$good" "$(entry "$W/b" '' "$W/src" bind)"

	# Many.
	set --
	for n in $(seq 1000); do
		set -- "$@" "{\"destination\": \"$W/many/$n\", \"type\": \"tmpfs\"}"
	done
	refused "$at a thousand mounts" 4 'mounts\[512\] is one mount more' "$@"
	set --
	for n in $(seq 511); do
		set -- "$@" "{\"destination\": \"$W/many/$n\", \"type\": \"tmpfs\"}"
	done
	refused "$at the last of 512 fails" 1 nosuchkey "$@" "$(entry "$W/m" tmpfs tmpfs nosuchkey)"
	document b "$@" "$(tmpfs "$W/m")"
	does "$at 512 mounts" 0 prepare "$W/b"
	is "$at ... all of them" "$(grep -c " $W/many/" /proc/self/mountinfo)" 511
	does "$at ... and back" 0 cleanup --all "$W/b"
	is "$at ... all of them" "$(grep -c " $W/many/" /proc/self/mountinfo)" 0

	# cleanup: somebody else's mount inside, and busy.
	document b "$(tmpfs "$W/m")" "$(entry in/rootfs tmpfs tmpfs)"
	does "$at prepare" 0 prepare "$W/b"
	mkdir "$W/m/x" "$W/b/rootfs/in/rootfs/x"
	mount -t tmpfs theirs "$W/b/rootfs/in/rootfs/x"
	does "$at somebody else's mount inside" 7 cleanup "$W/b"
	says "$at ... is named" "somebody else's mount lies in it, at '$W/b/rootfs/in/rootfs/x'"
	check "$at ... and left" is_mount "$W/b/rootfs/in/rootfs/x"
	check "$at ... with what it lies in" is_mount "$W/b/rootfs"
	umount "$W/b/rootfs/in/rootfs/x"
	(cd "$W/b/rootfs/in/rootfs/x" && exec sleep infinity) &
	holder=$!
	ours $holder
	wait_until sh -c "readlink /proc/$holder/cwd | grep -q rootfs/x"
	does "$at busy" 1 cleanup "$W/b"
	says "$at ... is named" "$W/b/rootfs/in/rootfs"
	kill -KILL $holder
	mount -t tmpfs theirs "$W/m/x"
	does "$at somebody else's mount inside one elsewhere" 7 cleanup --all "$W/b"
	umount "$W/m/x"
	does "$at when all that is gone" 0 cleanup --all "$W/b"
	fails "$at ... nothing is mounted" grep -q " $W/." /proc/self/mountinfo
done

finish
