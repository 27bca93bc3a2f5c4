#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# cleanup: takes back what prepare mounted, that and nothing else.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for propagation in private shared; do
	at="$propagation:"
	layout $propagation
	bundle none
	before
	does "$at nothing to do" 0 cleanup "$W/none"
	unchanged "$at ... and nothing done"

	rw none
	before
	does "$at prepare" 0 prepare "$W/none"
	is "$at the journal is there" "$(find "$W/state" -type f | wc -l)" 1
	does "$at cleanup" 0 cleanup "$W/none"
	unchanged "$at ... leaves everything as it was, and no journal"
	does "$at cleanup again" 0 cleanup "$W/none"
	does "$at prepare once more" 0 prepare "$W/none"
	rm -f "$W/none/runtime.json"
	echo '{ this is no JSON' >"$W/none/runtime.json"
	does "$at cleanup does not read the document" 0 cleanup "$W/none"

	# A cleanup that was killed between two mounts is completed by the next verb, whichever it is.
	rm -f "$W/none/runtime.json"
	before
	does "$at prepare of what will be half cleaned up" 0 prepare "$W/none"
	strace -f -o /dev/null -e inject=umount2:signal=KILL:when=2 \
		"$VST" --root "$W/state" cleanup "$W/none" >/dev/null 2>&1
	check "$at ... half of it is there" mountpoint -q "$W/none/tmp"
	fails "$at ... and half is not" mountpoint -q "$W/none/rootfs"
	does "$at ... prepare" 0 prepare "$W/none"
	says "$at ... completes it first" "an earlier cleanup of this bundle was cut short; it was completed first"
	check "$at ... and is done" mountpoint -q "$W/none/rootfs"
	is "$at ... once" "$(grep -c " $W/none/" /proc/self/mountinfo)" 2
	does "$at ... cleanup of that" 0 cleanup "$W/none"
	unchanged "$at ... leaves everything as it was"

	# One that others have unmounted half of is not a prepared bundle, and what it holds is kept.
	does "$at prepare of what others will unmount" 0 prepare "$W/none"
	echo precious >"$W/none/rootfs/file"
	umount "$W/none/rootfs"
	does "$at ... prepare does not take it for prepared" 7 prepare "$W/none"
	says "$at ... but names cleanup" "cleanup.*is not there any more"
	is "$at ... and keeps what is there" "$(cat "$W/none/tmp/upper/file")" precious
	does "$at ... nor after others have looked" 0 status "$W/none"
	does "$at ... at all" 7 prepare "$W/none"
	does "$at ... cleanup ends it" 0 cleanup "$W/none"
	unchanged "$at ... and leaves everything as it was"

	# One that could not do it all has said so, and is over.
	layout $propagation
	bundle over
	rw over
	does "$at prepare of what will be busy" 0 prepare "$W/over"
	exec 8<"$W/over/tmp"
	does "$at cleanup of what is in use in part" 1 cleanup "$W/over"
	exec 8<&-
	does "$at ... another verb does not go on with it" 0 detach "$W/over"
	check "$at ... what was left is left" mountpoint -q "$W/over/tmp"
	does "$at ... but cleanup does" 0 cleanup "$W/over"

	# In use.
	layout $propagation
	bundle busy
	rw busy
	does "$at prepare of what will be busy" 0 prepare "$W/busy"
	sh -c "cd '$W/busy/rootfs' && exec sleep infinity" &
	ours $!
	holder=$!
	wait_until sh -c "readlink /proc/$holder/cwd | grep -q rootfs"
	before
	does "$at cleanup of what is in use" 1 cleanup "$W/busy"
	says "$at ... names the path" rootfs
	unchanged "$at ... and leaves all of it"
	kill -KILL $holder
	does "$at cleanup when it is free" 0 cleanup "$W/busy"
	fails "$at ... unmounts rootfs" is_mount "$W/busy/rootfs"
	fails "$at ... and tmp" is_mount "$W/busy/tmp"

	# Somebody else's mounts.
	layout $propagation
	bundle theirs
	rw theirs
	does "$at prepare" 0 prepare "$W/theirs"
	mkdir "$W/theirs/rootfs/mnt"
	mount -t tmpfs theirs "$W/theirs/rootfs/mnt"
	does "$at a mount of others beneath ours" 7 cleanup "$W/theirs"
	check "$at ... is left" is_mount "$W/theirs/rootfs/mnt" tmpfs
	umount "$W/theirs/rootfs/mnt"
	mount -t tmpfs theirs "$W/theirs/rootfs"
	does "$at a mount of others on top of ours" 7 cleanup "$W/theirs"
	is "$at ... is left" "$(findmnt -no SOURCE "$W/theirs/rootfs" | tail -1)" theirs
	umount "$W/theirs/rootfs"
	does "$at when they are gone" 0 cleanup "$W/theirs"

	# Unmounted by others, and something else mounted in the place.
	layout $propagation
	bundle gone
	does "$at prepare" 0 prepare "$W/gone"
	umount "$W/gone/rootfs"
	mount -t tmpfs theirs "$W/gone/rootfs"
	vst cleanup "$W/gone"
	is "$at a mount in the place of ours is left" "$(findmnt -no SOURCE "$W/gone/rootfs")" theirs
	umount "$W/gone/rootfs"
	does "$at ours unmounted by others" 0 cleanup "$W/gone"
	before
	does "$at prepare after that" 0 prepare "$W/gone"
	does "$at cleanup after that" 0 cleanup "$W/gone"
	unchanged "$at ... and all is as it was"

	# Mounts elsewhere, directories and binds stay.
	layout $propagation
	target
	bundle all "{\"mkdir\": [\"$W/stays\"], \"bindNS\": {\"net\": \"$W/net\"},
		\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}]}"
	does "$at prepare of everything" 0 prepare "$W/all"
	does "$at attach of everything" 0 attach --pid "$TARGET" "$W/all"
	does "$at cleanup of everything" 0 cleanup "$W/all"
	fails "$at ... unmounts rootfs" is_mount "$W/all/rootfs"
	check "$at ... the directory stays" test -d "$W/stays"
	check "$at ... the bind stays" is_mount "$W/net" nsfs
	check "$at ... the interface stays" ip link show vst-a
	does "$at attach still knows that it was" 0 attach --pid "$TARGET" "$W/all"
	says "$at ... and says so" already
	umount "$W/net"
done

# A damaged journal is refused by every verb; one cut short is none.
layout private
target
bundle damaged
does "prepare before damage" 0 prepare "$W/damaged"
journal=$(find "$W/state" -type f | head -1)
cp -a "$journal" "$W/out/journal"
# In the header, in the bundle's path there, and in the record of the mount.
in_path=$(grep -abo "$W/damaged" "$journal" | head -1 | cut -d: -f1)
in_record=$(grep -abo rootfs "$journal" | tail -1 | cut -d: -f1)
for offset in 0 9 "$in_path" "$in_record"; do
	byte=$(od -An -tu1 -j "$offset" -N 1 "$journal")
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((255 - byte)))" | dd of="$journal" bs=1 seek="$offset" conv=notrunc status=none
	refuses "a journal damaged at $offset: prepare" 7 "${journal##*/}" prepare "$W/damaged"
	refuses "a journal damaged at $offset: cleanup" 7 "${journal##*/}" cleanup "$W/damaged"
	cat "$W/out/journal" >"$journal"
done
does "the journal as it was" 0 cleanup "$W/damaged"

finish
