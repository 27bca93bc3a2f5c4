#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[]: the same document gives the same, whether or not the mount points were there before the
# run: what lies on or beneath a mount whose mount point the run itself makes.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

tmpfs() {
	entry "$1" tmpfs "${2-tmpfs}"
}

bind() {
	entry "$2" '' "$1" bind
}

# What the run has mounted, and what is seen at these places of $W.
seen() {
	awk -v w="$W/" 'index($5, w) == 1 {
		for (i = 7; $i != "-"; i++) sub(/:.*/, "", $i)
		printf "%s %s %s %s %s\n", substr($5, length(w) + 1), $4, $6, $7, $(i + 2) }' /proc/self/mountinfo
	for place in $places; do
		[ -d "$W/$place" ] && echo "$place is a directory" || echo "$place: $(cat "$W/$place" 2>&1)"
	done
}

# same DESCRIPTION STATUS POINTS PLACES ENTRY...: with the points missing and there before; what is
# seen then is in $W/out/no and $W/out/yes.
same() {
	same_what=$1
	same_status=$2
	points=$3
	places=$4
	shift 4
	for there in no yes; do
		rm -rf "$W/dst" "$W/src" "$W/n" "$W/m"
		mkdir -p "$W/src/sub/deep" "$W/src/low" "$W/m"
		echo a >"$W/src/f"
		echo sub >"$W/src/sub/g"
		echo other >"$W/other"
		echo target >"$W/file"
		for point in $points; do
			[ $there = no ] || mkdir -p "$W/$point"
		done
		document b "$@"
		before
		vst prepare "$W/b"
		seen >"$W/out/$there"
		{
			[ $status -eq "$same_status" ] || { echo "wanted status $same_status"; said; }
			if [ $status -eq 0 ]; then
				vst prepare "$W/b"
				grep -q 'prepared already' "$W/out/stderr" || { echo "again:"; said; }
				vst plan "$W/b"
				grep 'refused' "$W/out/stdout"
				vst cleanup --all "$W/b"
				[ $status -eq 0 ] || { echo "cleanup:"; said; }
			else
				snapshot >"$W/out/after" 2>&1
				diff "$W/out/before" "$W/out/after"
			fi
			grep " $W/." /proc/self/mountinfo
			ls "$W/state"
		} >"$W/out/wrong"
		if [ -s "$W/out/wrong" ]; then
			not_ok "$same_what: there before: $there" <"$W/out/wrong"
		else
			ok "$same_what: there before: $there"
		fi
	done
	if diff "$W/out/no" "$W/out/yes" >"$W/out/wrong"; then
		ok "$same_what: it is the same"
	else
		not_ok "$same_what: it is the same" <"$W/out/wrong"
	fi
}

sees() {
	is "$1" "$(grep -c "^$2\$" "$W/out/no")" "${3-1}"
}

for propagation in private shared; do
	at="$propagation:"
	layout $propagation
	mkdir -p "$W/b/rootfs"

	same "$at a file in a bind" 0 dst "dst/f dst/sub/g" "$(bind "$W/src" "$W/dst")" "$(bind "$W/other" "$W/dst/f")"
	sees "$at ... is bound" 'dst/f: other'
	same "$at a file deeper in it" 0 x/y/dst "x/y/dst/sub/g" "$(bind "$W/src" "$W/x/y/dst")" \
		"$(bind "$W/other" "$W/x/y/dst/sub/g")"
	sees "$at ... is bound" 'x/y/dst/sub/g: other'
	rm -r "$W/x"
	same "$at a file and a directory as sources" 0 dst "file m/deep" "$(bind "$W/src" "$W/dst")" \
		"$(bind "$W/dst/f" "$W/file")" "$(bind "$W/dst/sub" "$W/m")"
	sees "$at ... are seen" 'file: a'
	sees "$at ... both" 'm/deep is a directory'
	same "$at layers in a bind" 0 dst "m/g" "$(bind "$W/src" "$W/dst")" \
		"$(entry "$W/m" overlay overlay "lowerdir=$W/dst/sub:$W/dst/low" "upperdir=$W/dst/up" "workdir=$W/dst/work")"
	sees "$at ... are seen" 'm/g: sub'
	same "$at changes of and in what was mounted" 0 dst "" "$(tmpfs "$W/dst")" "$(tmpfs "$W/dst/in")" \
		"$(entry "$W/dst/in" '' '' remount ro)" "$(entry "$W/dst" '' '' remount noexec)" \
		"$(entry "$W/dst/in" '' '' shared)"
	sees "$at ... are made" 'dst/in / ro,relatime shared tmpfs'
	sees "$at ... each" 'dst / rw,noexec,relatime .*'
	same "$at five deep" 0 "dst dst/a dst/a/b" "dst/a/b/c/d/e/f" "$(tmpfs "$W/dst/a/b")" "$(tmpfs "$W/dst/a/b/c/d")" \
		"$(bind "$W/src" "$W/dst/a/b/c/d/e")" "$(bind "$W/other" "$W/dst/a/b/c/d/e/f")" \
		"$(bind "$W/dst/a/b/c/d/e/f" "$W/file")"
	sees "$at ... the file" 'dst/a/b/c/d/e/f: other'
	same "$at three on one place" 0 dst "dst/f" "$(tmpfs "$W/dst" one)" "$(tmpfs "$W/dst" two)" \
		"$(bind "$W/src" "$W/dst")" "$(bind "$W/other" "$W/dst/f")"
	sees "$at ... the last counts" 'dst/f: other'
	# Cleaned up from above: what was covered is found again.
	same "$at one that covers another" 0 "dst dst/a dst/a/b" "dst/a/f dst/a/b" "$(tmpfs "$W/dst/a/b" covered)" \
		"$(bind "$W/src" "$W/dst/a")" "$(bind "$W/other" "$W/dst/a/f")"
	sees "$at ... what lies there now" 'dst/a/f: other'
	more=", \"mkdir\": [\"$W/dst/made/x\", \"$W/dst\", \"$W/n/o/p\"]"
	same "$at directories" 0 "dst n/o" "dst/made/x n/o/p" "$(bind "$W/src" "$W/dst")" "$(tmpfs "$W/n/o")"
	sees "$at ... are made in them" 'n/o/p is a directory'
	more=

	# What is refused is refused alike, and nothing is left.
	same "$at a file on what is not in it" 7 dst "" "$(bind "$W/src" "$W/dst")" "$(bind "$W/other" "$W/dst/none")"
	same "$at a file on a directory in it" 7 dst "" "$(bind "$W/src" "$W/dst")" "$(bind "$W/other" "$W/dst/sub")"
	same "$at a directory on a file in it" 7 dst "" "$(bind "$W/src" "$W/dst")" "$(bind "$W/m" "$W/dst/f")"
	same "$at a source that is not in it" 1 dst "" "$(bind "$W/src" "$W/dst")" "$(bind "$W/dst/none" "$W/m")"
	same "$at a layer that is a file in it" 7 dst "" "$(bind "$W/src" "$W/dst")" \
		"$(entry "$W/m" overlay overlay "lowerdir=$W/dst/f:$W/dst/sub")"
	same "$at a remount of what is no mount in it" 7 dst "" "$(bind "$W/src" "$W/dst")" \
		"$(entry "$W/dst/sub" '' '' remount ro)"

	# A rootfs that is a mount already: by a relative path, and then by an absolute one.
	mount -t tmpfs image "$W/b/rootfs"
	mkdir "$W/src" 2>/dev/null
	for there in no yes; do
		[ $there = no ] || mkdir -p "$W/b/rootfs/x/sub"
		rm -rf "$W/src/new"
		document b "$(bind "$W/src" x)" "$(tmpfs "$W/b/rootfs/x/sub")" "$(bind "$W/other" "$W/b/rootfs/x/f")" \
			"$(bind "$W/b/rootfs/x/f" "$W/file")"
		more=
		vst prepare "$W/b"
		is "$at in a rootfs that is mounted, there before: $there" \
			"$status $(cat "$W/file") $(findmnt -no SOURCE "$W/b/rootfs/x/sub")" '0 other tmpfs'
		does "$at ... and back" 0 cleanup --all "$W/b"
		is "$at ... all of it" "$(grep -c " $W/b/rootfs/" /proc/self/mountinfo)" 0
	done
	umount "$W/b/rootfs"
done

finish
