#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is not ours, or not any more, is never touched and always named: by cleanup, detach, gc, and
# by a run that takes itself back.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

mounts_at() {
	awk -v at="$1" '$5 == at { n++ } END { print n + 0 }' /proc/self/mountinfo
}

journals() {
	find "$W/state" -type f | wc -l
}

# shown STATE [NUMBER]: status says this of so many objects.
shown() {
	vst status
	is "$at ... status says $1" "$(grep -c ": $1\$" "$W/out/stdout")" "${2:-1}"
}

for propagation in private shared; do
	at="$propagation:"

	# A mount on top of ours, inside ours, and over the way to ours.
	layout $propagation
	bundle b
	rw b
	does "$at prepare" 0 prepare "$W/b"
	mount -t tmpfs theirs "$W/b/rootfs"
	leaves "$at a mount on top: cleanup" 7 "on top of it" cleanup "$W/b"
	leaves "$at a mount on top: cleanup --all" 7 "on top of it" cleanup --all "$W/b"
	leaves "$at a mount on top: prepare" 7 "rootfs is covered by another mount" prepare "$W/b"
	leaves "$at a mount on top: gc" 0 "" gc
	shown hidden
	umount "$W/b/rootfs"
	mkdir "$W/b/rootfs/mnt"
	mount -t tmpfs theirs "$W/b/rootfs/mnt"
	leaves "$at a mount inside: cleanup" 7 "rootfs/mnt" cleanup "$W/b"
	umount "$W/b/rootfs/mnt"
	mount -t tmpfs theirs "$W/b/tmp"
	vst cleanup "$W/b"
	is "$at a mount on top of the first of two: conflict" $status 7
	says "$at ... names it" "'tmp' is left: another mount is on top"
	is "$at ... and both are left" "$(mounts_at "$W/b/tmp")" 2
	umount "$W/b/tmp"
	does "$at and without it" 0 cleanup "$W/b"
	is "$at ... all goes" "$(mounts_at "$W/b/tmp") $(mounts_at "$W/b/rootfs") $(journals)" "0 0 0"

	layout $propagation
	mkdir "$W/way"
	bundle way/b
	does "$at prepare" 0 prepare "$W/way/b"
	mount -t tmpfs theirs "$W/way"
	leaves "$at a mount over the way: gc" 0 "" gc
	shown hidden
	umount "$W/way"
	shown there
	does "$at and without it" 0 cleanup "$W/way/b"
	is "$at ... ours goes" "$(mounts_at "$W/way/b/rootfs")" 0

	# Ours, moved away, with and without another in its place. A mount on a shared one cannot be moved;
	# before 6.8 one that was moved is not known again.
	if [ $propagation = private ] && since 6.8 "$at ours was moved"; then
		layout $propagation
		bundle b
		mkdir "$W/elsewhere"
		does "$at prepare" 0 prepare "$W/b"
		mount --move "$W/b/rootfs" "$W/elsewhere"
		leaves "$at ours was moved: prepare" 7 "was moved" prepare "$W/b"
		leaves "$at ours was moved: gc" 0 "" gc
		does "$at ours was moved: cleanup" 0 cleanup "$W/b"
		is "$at ... takes it off where it is, and holds nothing" "$(mounts_at "$W/elsewhere") $(journals)" "0 0"
		does "$at prepare" 0 prepare "$W/b"
		mount --move "$W/b/rootfs" "$W/elsewhere"
		mount --bind "$W/b/rootfs" "$W/b/rootfs"
		does "$at ours was moved, and one like it in its place: cleanup" 7 cleanup "$W/b"
		is "$at ... takes off ours, and leaves the other, which it names" \
			"$(mounts_at "$W/elsewhere") $(mounts_at "$W/b/rootfs") $(grep -c "$W/b/rootfs" "$W/out/stderr")" "0 1 1"
		umount "$W/b/rootfs"
		does "$at ... and without that" 0 cleanup "$W/b"
		is "$at ... holds nothing" "$(journals)" 0

		# The directory that it was made in, renamed: the pin of the journal is not found any more.
		layout $propagation
		bundle b "{\"mounts\": [{\"destination\": \"$W/dir/in/m\", \"type\": \"tmpfs\"}]}"
		mkdir -p "$W/dir/in"
		does "$at prepare" 0 prepare "$W/b"
		mv "$W/dir" "$W/renamed"
		mkdir -p "$W/dir/in/m"
		does "$at its directory was renamed: cleanup --all" 0 cleanup --all "$W/b"
		is "$at ... takes it off where it is, and holds nothing" "$(mounts_at "$W/renamed/in/m") $(journals)" "0 0"
	fi

	# A bundle that was renamed, and another one made in its place.
	layout $propagation
	target
	bundle b "{\"bindNS\": {\"net\": \"$W/ns/net\"}, \"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}]}"
	mkdir "$W/ns"
	does "$at prepare" 0 prepare "$W/b"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	mv "$W/b" "$W/renamed"
	for verb in prepare cleanup "cleanup --all" detach "attach --pid $TARGET"; do
		# shellcheck disable=SC2086
		refuses "$at a renamed bundle: $verb" 7 "of the bundle at '$W/b', which is now at '$W/renamed', or was removed and this one was given its inode: move it back, or take back by hand" \
			$verb "$W/renamed"
	done
	leaves "$at a renamed bundle: gc" 0 "" gc
	bundle b
	leaves "$at another in its place: cleanup" 0 "" cleanup "$W/b"
	leaves "$at another in its place: detach" 0 "" detach "$W/b"
	does "$at another in its place: prepare" 0 prepare "$W/b"
	does "$at another in its place: cleanup" 0 cleanup "$W/b"
	check "$at ... which is not the first's" is_mount "$W/renamed/rootfs"
	rm -r "$W/b"
	mv "$W/renamed" "$W/b"
	does "$at moved back: detach" 0 detach "$W/b"
	does "$at moved back: cleanup" 0 cleanup "$W/b"
	is "$at ... and all is gone" "$(mounts_at "$W/b/rootfs") $(journals) $(ls "$W/ns")" "0 0 "

	# Links and binds that others made anew.
	layout $propagation
	target
	bundle b "{\"bindNS\": {\"net\": \"$W/ns/net\"}, \"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"},
		{\"name\": \"br0\", \"add\": \"bridge\"}]}"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	index=$(cat /sys/class/net/vst-a/ifindex 2>/dev/null || ip -j link show vst-a | jq '.[].ifindex')
	alias=$(ip -j link show vst-a | jq -r '.[].ifalias // ""')
	ip link del vst-a
	ip link add vst-a index "$index" type veth peer name vst-b
	ip link set vst-a alias "$alias"
	there ip link del br0
	there ip link add br0 type bridge
	does "$at status of a link that was made anew" 0 status
	is "$at ... is gone, twice" "$(grep -c ': gone$' "$W/out/stdout")" 2
	does "$at a link with our name and index: detach" 7 detach "$W/b"
	says "$at ... names it" "interface 'vst-a' .* is not the one that was made: .*; left alone"
	check "$at ... leaves it" ip link show vst-a type veth
	check "$at ... leaves the bridge too" there ip link show br0
	fails "$at ... unbinds all the same" is_mount "$W/ns/net"
	ip link del vst-a
	does "$at and without it" 0 detach "$W/b"
	is "$at ... nothing is held" "$(journals)" 0

	layout $propagation
	target
	ip link add vst-e type veth peer name vst-f
	bundle b '{"interfaces": [{"name": "vst-e"}]}'
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	index=$(there ip -j link show vst-e | jq '.[].ifindex')
	there ip link del vst-e
	there ip link add vst-e index "$index" type veth peer name vst-g
	before_there=$(there ip -j link show vst-e)
	does "$at another link in the place of the one that was moved: detach" 0 detach "$W/b"
	says "$at ... says that ours was removed" "'vst-e'.*(gone|removed)"
	is "$at ... leaves the other" "$(there ip -j link show vst-e)" "$before_there"
	is "$at ... nothing is held" "$(journals)" 0

	layout $propagation
	target
	bundle b "{\"bindNS\": {\"uts\": \"$W/ns/uts\"}}"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	umount "$W/ns/uts"
	mount --bind "/proc/$TARGET/ns/uts" "$W/ns/uts"
	inode=$(stat -c %i "$W/ns/uts")
	vst detach "$W/b"
	# Given the id of ours, it agrees with it in all that can be known before.
	if since 6.8 "$at somebody else's bind of the same namespace is left"; then
		is "$at somebody else's bind of the same namespace is left" "$(stat -c %i "$W/ns/uts")" "$inode"
		check "$at ... as a mount" is_mount "$W/ns/uts" nsfs
		umount "$W/ns/uts"
	fi

	# A file that somebody filled meanwhile, from where the bind is not seen.
	layout private
	target
	unshare -m --propagation private sleep infinity &
	outside=$!
	ours $outside
	wait_until ns_differs $outside mnt
	bundle b "{\"bindNS\": {\"net\": \"$W/ns/net\", \"uts\": \"$W/ns/uts\"}}"
	mkdir "$W/ns"
	: >"$W/ns/uts"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	nsenter -t $outside -m sh -c "echo precious >'$W/ns/net'"
	does "$at a file that was filled: detach" 7 detach "$W/b"
	says "$at ... names it" "ns/net"
	is "$at ... leaves it" "$(cat "$W/ns/net")" precious
	check "$at a file that was there before is left too" test -f "$W/ns/uts"
	fails "$at ... but not bound" is_mount "$W/ns/uts"
	rm "$W/ns/net"
	does "$at and without it" 0 detach "$W/b"
	is "$at ... nothing is held" "$(journals)" 0

	# Another boot's, another mount namespace's (scope.sh has more).
	layout $propagation
	target
	bundle b "{\"bindNS\": {\"net\": \"$W/ns/net\"}, \"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}]}"
	does "$at prepare" 0 prepare "$W/b"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	journal=$(echo "$W"/state/*)
	cp -a "$journal" "$W/out/journal"
	"$TOOLS/rejournal" boot "$journal"
	shown "of another boot"
	for verb in cleanup detach gc; do
		cat "$W/out/journal" >"$journal"
		"$TOOLS/rejournal" boot "$journal"
		case $verb in
		gc) does "$at of another boot: gc" 0 gc ;;
		*) does "$at of another boot: $verb" 0 $verb "$W/b" ;;
		esac
		is "$at ... forgets it" "$(journals)" 0
		is "$at ... and touches nothing" "$(mounts_at "$W/b/rootfs") $(mounts_at "$W/ns/net") $(ip -o link show vst-a | wc -l)" "1 1 1"
		: >"$journal"
		chmod 600 "$journal"
	done
	cat "$W/out/journal" >"$journal"
	unshare -m --propagation unchanged sh -c '
		"$1" --root "$2/state" status && "$1" --root "$2/state" gc' sh "$VST" "$W" >"$W/out/stdout" 2>"$W/out/stderr"
	is "$at in another mount namespace, a copy: nothing fails" $? 0
	is "$at ... status names a mount and a bind" "$(grep -c ": of another mount namespace$" "$W/out/stdout")" 2
	for verb in cleanup detach; do
		unshare -m --propagation unchanged "$VST" --root "$W/state" $verb "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
		is "$at in another mount namespace: $verb is incomplete" $? 5
		says "$at ... names what it keeps" "not taken back: .*: it is of another mount namespace"
	done
	is "$at ... nothing is forgotten" "$(journals)" 1
	is "$at ... nothing but the interface is touched" "$(mounts_at "$W/b/rootfs") $(mounts_at "$W/ns/net") $(ip -o link show vst-a 2>/dev/null | wc -l)" "1 1 0"
	does "$at at home: detach" 0 detach "$W/b"
	does "$at at home: cleanup" 0 cleanup "$W/b"
	is "$at ... all is gone" "$(mounts_at "$W/b/rootfs") $(mounts_at "$W/ns/net") $(journals)" "0 0 0"
done

# A directory that somebody filled, or replaced, while the run that made it goes wrong: the second
# mkdir waits long enough for that, and then fails.
if can_hold "a directory that was filled"; then
	for by in filled replaced; do
		at="$by:"
		layout private
		bundle b "{\"mkdir\": [\"$W/made/a\", \"$W/other\"]}"
		holds_too=program:mkdirat:3:ENOSPC
		holds before mkdirat 3 prepare "$W/b"
		holds_too=
		case $by in
		filled) : >"$W/made/a/precious" ;;
		replaced) mv "$W/made/a" "$W/away" && mkdir "$W/made/a" && : >"$W/made/a/precious" ;;
		esac
		go_on
		is "$at a directory, in a run that fails: incomplete" $status 5
		says "$at ... names it" "not taken back: .*made/a"
		check "$at ... leaves it" test -f "$W/made/a/precious"
		fails "$at ... and nothing else" is_mount "$W/b/rootfs"
		leaves "$at the next run" 7 "made/a" prepare "$W/b"
		rm "$W/made/a/precious"
		[ $by = filled ] || { rmdir "$W/made/a" && mv "$W/away" "$W/made/a"; }
		does "$at when it is as it was made: cleanup" 0 cleanup "$W/b"
		fails "$at ... takes the directory back" test -e "$W/made"
		is "$at ... nothing is held" "$(journals)" 0
	done

	# Between two steps in one directory, somebody moves that away and puts something of his in its
	# place. Nothing is made in what he brought, and nothing of ours is left in what he took away.
	for by in directory link; do
		at="a $by between two steps:"
		layout private
		bundle b "{\"mkdir\": [\"$W/made/a\", \"$W/made/b\", \"$W/made/c/d\"]}"
		mkdir "$W/his"
		holds after mkdirat 2 prepare "$W/b"
		mv "$W/made" "$W/away"
		if [ $by = link ]; then
			ln -s his "$W/made"
		else
			mkdir -m 700 "$W/made"
		fi
		go_on
		is "$at a conflict" $status 7
		says "$at ... says so" "mkdir .*'made'.* (while it was made|is a symbolic link).*; everything was taken back"
		fails "$at ... which is true" test -e "$W/away"
		is "$at ... nothing in his" "$(find "$W/his" "$W/made/" -mindepth 1)" ""
		is "$at ... and nothing is held" "$(journals)" 0
	done
fi

finish
