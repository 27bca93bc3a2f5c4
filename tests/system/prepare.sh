#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# prepare: the root file system of each layout, directories, and doing it again; beneath a private
# and beneath a shared mount.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for propagation in private shared; do
	at="$propagation:"

	layout $propagation
	bundle ro
	does "$at a bundle with rootfs alone" 0 prepare "$W/ro"
	check "$at rootfs is a mount point" is_mount "$W/ro/rootfs" tmpfs
	before
	does "$at a second prepare" 0 prepare "$W/ro"
	says "$at ... says that it was prepared" 'prepared already|already prepared'
	unchanged "$at ... does nothing"
	does "$at cleanup" 0 cleanup "$W/ro"
	fails "$at ... and it is none" is_mount "$W/ro/rootfs"

	layout $propagation
	bundle rw '{"mkdir": []}'
	rw rw
	before
	does "$at a bundle with lower" 0 prepare "$W/rw"
	check "$at rootfs is an overlay" is_mount "$W/rw/rootfs" overlay
	check "$at tmp is a tmpfs" is_mount "$W/rw/tmp" tmpfs
	is "$at the tmpfs is 0755" "$(mode_of "$W/rw/tmp")" 755
	is "$at the tmpfs holds upper and work, 0755" \
		"$(cd "$W/rw/tmp" && stat -c '%n %a' upper work | tr '\n' ' ')" "upper 755 work 755 "
	check "$at the tmpfs has a tenth of the memory" awk -v blocks="$(stat -fc %b "$W/rw/tmp")" \
		'/^MemTotal/ { tenth = $2 / 40; exit !(blocks > tenth - 2 && blocks < tenth + 2) }' /proc/meminfo
	is "$at the tmpfs is called tmpfs" "$(findmnt -no SOURCE "$W/rw/tmp")" tmpfs
	is "$at the overlay is called overlay" "$(findmnt -no SOURCE "$W/rw/rootfs")" overlay
	is "$at the tmpfs is private" "$(findmnt -no PROPAGATION "$W/rw/tmp")" private
	is "$at the image is seen" "$(cat "$W/rw/rootfs/etc/file")" lower
	echo changed >"$W/rw/rootfs/etc/file"
	is "$at what is written stays out of the image" "$(cat "$W/rw/lower/etc/file")" lower
	is "$at ... and lands in upper" "$(cat "$W/rw/tmp/upper/etc/file")" changed
	check "$at chown and chmod copy up" \
		sh -c "cd '$W/rw/rootfs' && chmod 4711 etc/file && chown 0:0 etc/file && rm etc/file && mkdir a && mv a b && rmdir b"
	if [ $propagation = shared ]; then
		fails "$at the tmpfs does not reach ... as shared" \
			sh -c "findmnt -no PROPAGATION '$W/rw/tmp' | grep -q shared"
	fi
	echo kept >"$W/rw/rootfs/kept"
	does "$at a second prepare of it" 0 prepare "$W/rw"
	is "$at ... keeps the layer" "$(cat "$W/rw/rootfs/kept")" kept
	is "$at ... and stacks no other" "$(grep -c " $W/rw/rootfs " /proc/self/mountinfo)" 1
	does "$at cleanup of it" 0 cleanup "$W/rw"
	unchanged "$at ... leaves everything as it was"

	# Directories: where they land, their modes.
	layout $propagation
	bundle dirs
	rw dirs
	mkdir -m 700 "$W/kept"
	printf '{"mkdir": ["%s", "%s", "%s"]}' "$W/made/a/b" "$W/dirs/rootfs/var/x" "$W/kept/c" \
		>"$W/dirs/runtime.json"
	(
		umask 077
		vst prepare "$W/dirs"
		echo $status >"$W/out/status"
	)
	is "$at directories" "$(cat "$W/out/status")" 0
	is "$at ... are 0755, parents too, whatever the umask" \
		"$(stat -c %a "$W/made" "$W/made/a" "$W/made/a/b" "$W/kept/c" | tr '\n' ' ')" \
		"755 755 755 755 "
	is "$at ... existing ones keep their mode" "$(mode_of "$W/kept")" 700
	check "$at ... beneath rootfs they land in the overlay" test -d "$W/dirs/tmp/upper/var/x"
	fails "$at ... and not in the image" test -e "$W/dirs/lower/var"
	does "$at cleanup after directories" 0 cleanup "$W/dirs"
	check "$at ... leaves directories" test -d "$W/made/a/b"
	fails "$at ... but those that were in the layer" test -e "$W/dirs/rootfs/var"

	# Steps in a row in directories of one name, which is not one directory.
	layout $propagation
	bundle rows "{\"mkdir\": [\"$W/one/x/a\", \"$W/one/x/y/f\", \"$W/two/x/c\", \"$W/one/x/d\", \"one/x/a\",
		\"two/x/c\", \"one/x/b\", \"$W/rows/rootfs/x/e\", \"$W/one/x/g\", \"$W/one/z/h\"]}"
	rw rows
	mkdir "$W/one" "$W/two" "$W/rows/lower/one" "$W/rows/lower/two"
	does "$at directories in a row" 0 prepare "$W/rows"
	is "$at ... are where they should be" "$(cd "$W" && echo one/x/* one/x/y/* one/z/* two/x/*)" \
		"one/x/a one/x/d one/x/g one/x/y one/x/y/f one/z/h two/x/c"
	is "$at ... in the overlay, too" "$(cd "$W/rows/rootfs" && echo one/x/* two/x/* x/*)" \
		"one/x/a one/x/b two/x/c x/e"
	does "$at ... cleanup" 0 cleanup "$W/rows"

	# A changed document.
	layout $propagation
	bundle change '{"mkdir": []}'
	does "$at before a change" 0 prepare "$W/change"
	printf '{"mkdir": ["%s"]}' "$W/other" >"$W/change/runtime.json"
	refuses "$at a document that changed since" 7 cleanup prepare "$W/change"
	does "$at ... cleanup of it" 0 cleanup "$W/change"
	does "$at ... and then it goes" 0 prepare "$W/change"
	check "$at ... with the new directory" test -d "$W/other"

	# rootfs is a mount point already.
	layout $propagation
	bundle mounted
	mount --bind "$W/mounted/rootfs" "$W/mounted/rootfs"
	before
	does "$at rootfs a mount point already" 0 prepare "$W/mounted"
	says "$at ... is said" 'mount point'
	is "$at ... and nothing is put on top" "$(grep -c " $W/mounted/rootfs " /proc/self/mountinfo)" 1
	does "$at ... cleanup" 0 cleanup "$W/mounted"
	check "$at ... leaves it" is_mount "$W/mounted/rootfs"
	rw mounted
	refuses "$at rootfs a mount point where an overlay is wanted" 7 rootfs prepare "$W/mounted"

	# A step that fails takes back those before it.
	layout $propagation
	bundle fails
	rw fails
	echo file >"$W/file"
	printf '{"mkdir": ["%s", "%s"]}' "$W/first/second" "$W/file/below" >"$W/fails/runtime.json"
	refuses "$at mkdir beneath a file" 7 file prepare "$W/fails"
	printf '{"mkdir": ["%s", "%s"]}' "$W/first/second" "$W/fails/rootfs/etc/file/below" \
		>"$W/fails/runtime.json"
	refuses "$at mkdir beneath a file of the image takes back the mounts" 7 file \
		prepare "$W/fails"
	# What is held for steps in a row would keep the mount busy.
	printf '{"mkdir": ["%s", "%s", "%s"]}' "$W/fails/rootfs/first/a" "$W/fails/rootfs/first/b" \
		"$W/fails/rootfs/etc/file/below" >"$W/fails/runtime.json"
	refuses "$at ... and so after directories in them" 7 file prepare "$W/fails"
done

# What is not there, and what the document may look like.
layout private
bundle nodoc
does "no document" 0 prepare "$W/nodoc"
bundle nulls 'null'
does "a document of null" 0 prepare "$W/nulls"
bundle today '{"mounts": [], "mkdir": [], "cgroups": [], "interfaces": [], "bindNS":
	{"cgroup": "", "ipc": "", "mnt": "", "net": "", "pid": "", "user": "", "uts": ""}, "namespace": ""}'
does "a document of today with nothing in it" 0 prepare "$W/today"
bundle unknown '{"mkdri": ["/x"], "mkdir": []}'
does "an unknown member" 0 prepare "$W/unknown"
says "... is a warning with its place" 'warning.*runtime\.json:1:[0-9]+'
refuses "... and an error when strict" 4 'runtime\.json:1:[0-9]+' --strict prepare "$W/unknown"
(cd "$W" && bundle relative && vst prepare relative && echo $status >"$W/out/status")
is "a relative path to the bundle" "$(cat "$W/out/status")" 0
check "... is that bundle" is_mount "$W/relative/rootfs"

# The golden documents of the first generation, and the manual's, in a place of their own.
mount -t tmpfs tmpfs /var/lib
for document in "$top"/tests/golden/gen1-*.json; do
	[ -e "$document" ] || continue
	name=$(basename "$document" .json)
	bundle "$name"
	rw "$name"
	cp "$document" "$W/$name/runtime.json"
	does "$name" 0 prepare "$W/$name"
	does "$name, cleanup" 0 cleanup "$W/$name"
done
n=0
for page in "$top/man/vestibule-runtime.json.5" "$top/README.md"; do
	awk '/^\.Bd -literal/ || /^ *\$ cat bundle\/runtime\.json/ { on = 1; n++; next }
		/^\.Ed/ || /^ *\$ ls/ { on = 0 } on { print >(out n) }' out="$W/out/example-" "$page"
	for example in "$W"/out/example-*; do
		n=$((n + 1))
		bundle "example$n"
		mv "$example" "$W/example$n/runtime.json"
		does "${page##*/}: example" 0 --strict prepare "$W/example$n"
	done
done
is "there are examples" "$n" 5

# /run/vestibule, where there is no --root.
mount -t tmpfs -o mode=755 tmpfs /run
bundle run
if [ -z "$VST_USERNS" ]; then
	"$VST" prepare "$W/run" 2>"$W/out/stderr"
	is "root needs no --root" $? 0
	is "/run/vestibule is made 0700" "$(mode_of /run/vestibule)" 700
	"$VST" cleanup "$W/run" 2>"$W/out/stderr"
	is "... and found again" $? 0
	fails "... by cleanup" is_mount "$W/run/rootfs"
else
	before
	"$VST" prepare "$W/run" 2>"$W/out/stderr"
	is "root of a user namespace needs --root" $? 2
	status=2
	says "... which is named" '\-\-root'
	unchanged "... and nothing is done"
fi

finish
