#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Paths beneath rootfs, of an image that is hostile: whatever its symbolic links, its files and its
# mounts are, nothing outside of rootfs is made, mounted over or changed. Every case in each way that
# a rootfs comes to be, as directory, as mount point of a tmpfs, of a bind and of an overlay.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

made=vst-made.$$

# All that is not the image, with the times of every change: files and mounts.
outside() {
	find "$W" -path "$W/out" -prune -o -path "$W/state" -prune -o -path "$W/b/rootfs" -prune -o \
		-printf '%P %y %m %n %U:%G %i %s %T@ %C@ %l\n'
	awk -v root="$W/b/rootfs" -v tmp="$W/b/tmp" \
		'index(ENVIRON["VST_MACHINE"], " " $3 " ") { $NF = "-" }
		$5 != root && $5 != tmp && index($5, root "/") != 1' /proc/self/mountinfo
	# The names that links of an image lead to on the host.
	for dir in '' /etc /tmp /dev "$W" "$W/outside" "$W/b"; do
		[ ! -e "$dir/$made" ] || echo "$dir/$made"
	done
}

# While a bundle is prepared, what lies in its tmp is a mount.
without_tmp() {
	sed '/^b\/tmp[ \/]/d' "$W/out/$1"
}

# fresh LAYOUT: an empty bundle of that layout; $image is where the image's files are put, and
# $root_mounts what a document has to say to get it.
fresh() {
	umount -R "$W/b/rootfs" 2>/dev/null
	rm -rf "$W/b"
	mkdir -p "$W/b/rootfs"
	root_mounts=
	image=$W/b/rootfs
	case $1 in
	ro) ;;
	rw)
		mkdir "$W/b/lower" "$W/b/tmp"
		image=$W/b/lower
		;;
	asked)
		mkdir "$W/b/lower" "$W/b/tmp"
		image=$W/b/lower
		root_mounts="{\"destination\": \"$W/b/tmp\", \"type\": \"tmpfs\", \"options\": [\"size=1m\"]},"
		root_mounts="$root_mounts {\"options\": [\"remount\", \"private\"], \"destination\": \"$W/b/tmp\"},"
		root_mounts="$root_mounts {\"destination\": \"$W/b/rootfs\", \"type\": \"overlay\", \"options\":"
		root_mounts="$root_mounts [\"lowerdir=$W/b/lower\", \"upperdir=$W/b/tmp/upper\", \"workdir=$W/b/tmp/work\"$userxattr]},"
		;;
	mounted)
		mount -t tmpfs image "$W/b/rootfs"
		;;
	esac
}

# An image that knows every trick, in $W/template.
make_template() (
	mkdir "$W/template"
	cd "$W/template" || exit 1
	mkdir -p d/sub run x usr/lib ".$W/outside/sub" ".$W/inside-only"
	mkdir -m 0 closed
	ln -s / etc
	ln -s ../../.. a
	ln -s d/../../../../../d up
	ln -s . dot
	ln -s .. d/back
	ln -s /d last
	ln -s /run var-run
	ln -s "$W/outside" there
	ln -s "$W/only-outside" gone
	ln -s nowhere dangling
	ln -s dangling dangling2
	ln -s loop2 loop1
	ln -s loop1 loop2
	ln -s self self
	ln -s /proc/self/fd dev
	ln -s /proc/self/root host
	ln -s /proc/1/root host1
	ln -s proc/self/cwd cwd
	ln -s d l0
	i=0
	while [ $i -lt 45 ]; do
		ln -s l$i l$((i + 1))
		i=$((i + 1))
	done
	echo file >file
	echo file >d/file
	ln -s file to-file
	ln -s ../file d/to-file
	mkfifo fifo
	perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) and bind(S, sockaddr_un("sock")) or die'
	mknod device c 1 3 2>/dev/null
	mkdir -p "with blank/%s" "d/quo\"te"
	ln -s "no%nwhere " "bad link"
	mkdir proc
)

populate() {
	cp -a "$W/template/." "$image"
}

json() {
	printf '%s' "$1" | jq -Rs .
}

# run_case STATUS DOCUMENT [PATH KIND]: prepares, looks, cleans up, looks; PATH of rootfs has to be a
# directory, or a mount of that KIND. Complaints on stdout.
run_case() {
	case_status=$1
	printf '%s' "$2" >"$W/b/runtime.json"
	outside >"$W/out/before"
	vst prepare "$W/b"
	outside >"$W/out/after"
	# shellcheck disable=SC2254
	case $status in
	$case_status) ;;
	*) echo "wanted status $case_status:"; said ;;
	esac
	! grep '[^[:print:]]' "$W/out/stderr" || echo "... is no printable text"
	if [ $status -ne 0 ]; then
		[ "$(wc -l <"$W/out/stderr")" -le 2 ] || { echo "wanted one line:"; said; }
		diff "$W/out/before" "$W/out/after" || echo "... of what was refused"
		[ -z "$(ls "$W/state")" ] || { echo "a journal is left:"; said; }
	else
		without_tmp before >"$W/out/before-now"
		without_tmp after | diff "$W/out/before-now" - || echo "... of prepare"
		case ${4-} in
		'') ;;
		dir) [ -d "$W/b/rootfs$3" ] && [ ! -L "$W/b/rootfs$3" ] || echo "no directory $3" ;;
		*) [ "$(findmnt -no FSTYPE -M "$W/b/rootfs$3")" = "$4" ] || echo "no $4 is mounted on $3" ;;
		esac
		vst cleanup "$W/b"
		[ $status -eq 0 ] || { echo "cleanup:"; said; }
		outside | diff "$W/out/before" - || echo "... of cleanup"
	fi
	! grep " $W/b/rootfs/" /proc/self/mountinfo || echo "... is left"
}

# verdict DESCRIPTION: complaints are on stdin.
verdict() {
	cat >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		cat "$W/b/runtime.json" "$W/out/wrong" | not_ok "$1"
	else
		ok "$1"
	fi
}

proc_mount='{"destination": "proc", "type": "proc"},'
# Only who has a process namespace may mount another one.
[ -z "$VST_USERNS" ] || proc_mount='{"destination": "proc", "type": "bind", "source": "/proc", "options": ["bind"]},'

# each PATH: the document of mkdir, and of each kind of mount that a directory takes.
mkdir_of() {
	mkdir_mounts="$root_mounts${2-}"
	printf '{"mounts": [%s], "mkdir": [%s]}' "${mkdir_mounts%,}" "$(json "$1")"
}

mount_of() {
	printf '{"mounts": [%s {"destination": %s, %s}]}' "$root_mounts ${3-}" "$(json "$1")" "$2"
}

tmpfs='"type": "tmpfs", "options": ["size=1m"]'

# lands DESCRIPTION PATH WHERE: is contained, and lands WHERE beneath rootfs.
lands() {
	for how in $layouts; do
		fresh "$how"
		populate
		{
			run_case 0 "$(mkdir_of "$2")" "$3" dir
			fresh "$how"
			populate
			run_case 0 "$(mount_of "$2" "$tmpfs")" "$3" tmpfs
			run_case 0 "$(mount_of "$2" "\"type\": \"bind\", \"source\": \"$W/source\", \"options\": [\"bind\", \"ro\"]")" \
				"$3" tmpfs
			run_case 0 "$(mount_of "$2" "\"type\": \"overlay\", \"options\": [\"lowerdir=$W/source:$W/source2\"$userxattr]")" \
				"$3" overlay
		} | verdict "$how: $1"
	done
}

# refused DESCRIPTION PATH [STATUS [PATTERN [MOUNTS BEFORE]]]: whatever is to be there.
refused() {
	for how in $layouts; do
		fresh "$how"
		populate
		{
			run_case "${3-7}" "$(mkdir_of "$2" "${5-}")"
			run_case "${3-7}" "$(mount_of "$2" "$tmpfs" "${5-}")"
			run_case "${3-7}" "$(mount_of "$2" "\"type\": \"bind\", \"source\": \"$W/source\", \"options\": [\"bind\"]" "${5-}")"
		} | verdict "$how: $1"
	done
}

layout private
mkdir -p "$W/outside/sub" "$W/only-outside" "$W/source" "$W/source2"
echo outside >"$W/outside/file"
echo source >"$W/source-file"
layouts="ro rw asked mounted"
make_template
userxattr=
[ -z "$VST_USERNS" ] || userxattr=', "userxattr"'

lands "what is missing" "n/e/w/$made" "/n/e/w/$made"
lands "etc -> /" "etc/$made" "/$made"
lands "etc -> /, deeper" "etc/etc/d/back/etc/$made/deep" "/$made/deep"
lands "a -> ../../.." "a/tmp/$made" "/tmp/$made"
lands "a -> ../../.., twice" "a/a/$made" "/$made"
lands "a link with .. behind a directory" "up/$made" "/d/$made"
lands "a link to ." "dot/dot/$made" "/$made"
lands "a link to .." "d/back/$made" "/$made"
lands "the last component is a link to a directory" "last" "/d"
lands "a link to / as the last component but one" "etc/x" "/x"
lands "an absolute link to what is there" "var-run/$made" "/run/$made"
lands "an absolute link to what is inside and outside" "there/$made" "$W/outside/$made"
lands "... an existing directory of it" "there/sub" "$W/outside/sub"
lands "links as many as the kernel follows" "l39/$made" "/d/$made"
lands "a directory that nobody may enter" "closed/$made" "/closed/$made"
lands "blanks and percent signs" "with blank/%s/$made %n" "/with blank/%s/$made %n"
lands "a quote and a backslash" "d/quo\"te/$made\\" "/d/quo\"te/$made\\"
lands "UTF-8" "d/ä/$made" "/d/ä/$made"

refused "a loop" "loop1/$made"
refused "a link to itself" "self/$made"
refused "links more than the kernel follows" "l44/$made"
refused "a dangling link on the way" "dangling/$made"
refused "a dangling link behind a link" "dangling2/$made"
refused "a dangling link as the last component" "dangling"
refused "an absolute link to what is outside alone" "gone/$made"
refused "... as the last component" "gone"
refused "a link to nowhere with a strange name" "bad link/$made"
refused "a file on the way" "file/$made"
refused "a file as the last component" "d/file"
refused "a link to a file on the way" "d/to-file/$made"
refused "a link to a file as the last component" "to-file"
refused "a FIFO on the way" "fifo/$made"
refused "a FIFO as the last component" "fifo"
refused "a socket on the way" "sock/$made"
refused "a socket as the last component" "sock"
if [ -z "$VST_USERNS" ]; then
	refused "a device on the way" "device/$made"
	refused "a device as the last component" "device"
fi
refused "dev -> /proc/self/fd, with no proc" "dev/3/$made"
refused "dev -> /proc/self/fd" "dev/3/$made" 7 . "$proc_mount"
refused "... as the last component" "dev/4" 7 . "$proc_mount"
refused "a link to /proc/self/root" "host/$made" 7 . "$proc_mount"
refused "... itself" "host" 7 . "$proc_mount"
refused "a link to /proc/1/root" "host1/tmp/$made" '[37]' . "$proc_mount"
refused "a relative link to /proc/self/cwd" "cwd/$made" 7 . "$proc_mount"
refused "proc/self/root" "proc/self/root/$made" 7 . "$proc_mount"
refused "proc/1/root, itself" "proc/1/root" '[37]' . "$proc_mount"
refused "proc/thread-self/cwd" "proc/thread-self/cwd/$made" 7 . "$proc_mount"
refused "proc/self/fd/0" "proc/self/fd/0/$made" 7 . "$proc_mount"
refused "proc/self/exe" "proc/self/exe/$made" 7 . "$proc_mount"


# one DESCRIPTION LAYOUT STATUS DOCUMENT [PATH KIND]: a case of its own; fresh and populate come before.
one() {
	one_what=$1
	shift
	run_case "$@" | verdict "$one_what"
}

bind_file() {
	mount_of "$1" "\"type\": \"bind\", \"source\": \"$W/source-file\", \"options\": [\"bind\"]" "${2-}"
}

# A file bound onto what is there, whatever it is, or what a link leads to in rootfs.
for how in $layouts; do
	for case in "etc/file 0" "d/back/file 0" "a/d/file 0" "fifo 0" "sock 0" "to-file 0" "d/to-file 0" "dangling 7" \
		"gone 7" "file/$made 7" "$made 7" "d 7" "last 7" "loop1 7" "device 0"; do
		path=${case% *}
		[ -z "$VST_USERNS" ] || [ "$path" != device ] || continue
		fresh "$how"
		populate
		one "$how: a file bound onto $path" "${case#* }" "$(bind_file "$path")"
	done
	fresh "$how"
	populate
	one "$how: a file bound onto /proc/self/exe" 7 "$(bind_file proc/self/exe "$proc_mount")"
	one "$how: a file bound onto a descriptor of a proc" 7 "$(bind_file dev/0 "$proc_mount")"
done

# Later entries beneath earlier ones, through links of the image and through those that are on what
# was mounted.
mkdir "$W/source/in"
ln -s / "$W/source/top"
ln -s ../../../.. "$W/source/upwards"
ln -s "$W/outside" "$W/source/there"
ln -s "$W/only-outside" "$W/source/gone"
source="{\"destination\": \"x\", \"type\": \"bind\", \"source\": \"$W/source\", \"options\": [\"bind\"]},"
for how in $layouts; do
	for case in "x/top/$made /$made" "x/upwards/$made /$made" "x/there/$made $W/outside/$made" "a/x/top/d/$made /d/$made"; do
		fresh "$how"
		populate
		one "$how: beneath a bind of this run: ${case% *}" 0 "$(mkdir_of "${case% *}" "$source")" "${case#* }" dir
		fresh "$how"
		populate
		one "$how: a mount there" 0 "$(mount_of "${case% *}" "$tmpfs" "$source")" "${case#* }" tmpfs
	done
	fresh "$how"
	populate
	one "$how: ... what is outside alone" 7 "$(mkdir_of "x/gone/$made" "$source")"
	one "$how: ... a mount there" 7 "$(mount_of "x/gone/$made" "$tmpfs" "$source")"
	# In the order of the document: a tmpfs on what a link leads to, then on and beneath it.
	one "$how: a mount on a mount, by two names" 0 \
		"$(mount_of "etc/d/$made" "$tmpfs" "{\"destination\": \"last\", $tmpfs},")" "/d/$made" tmpfs
	one "$how: a mount over what is on the way to the next" 0 \
		"$(mount_of "var-run/$made" "$tmpfs" "{\"destination\": \"run\", $tmpfs}, {\"destination\": \"d\", $tmpfs},")" "/run/$made" tmpfs
	one "$how: a mount over all of the image" 0 \
		"$(mount_of "$made" "$tmpfs" "{\"destination\": \"$W/b/rootfs\", $tmpfs},")"
	# A change of what is mounted, through links.
	one "$how: a remount through a link" 0 \
		"$(mount_of "etc/d" '"options": ["remount", "ro"]' "{\"destination\": \"last\", $tmpfs},")" /d tmpfs
	one "$how: a propagation through a link" 0 \
		"$(mount_of "a/d" '"options": ["shared"]' "{\"destination\": \"last\", $tmpfs},")" /d tmpfs
	for to in gone dangling loop1 to-file; do
		one "$how: a remount through $to" '[17]' "$(mount_of "$to" '"options": ["remount", "ro"]')"
	done
	one "$how: a remount of /proc/self/root" 7 \
		"$(mount_of proc/self/root '"options": ["remount", "ro"]' "$proc_mount")"
	one "$how: a remount of the host's root by a link to /" '[07]' "$(mount_of etc '"options": ["remount", "noatime"]')"
done

# What proc has that is no magic link is inside, and nothing is made in it.
for how in $layouts; do
	fresh "$how"
	populate
	one "$how: a directory in proc" '[137]' "$(mkdir_of "proc/self/$made" "$proc_mount")"
	one "$how: a mount on a directory of proc" '[017]' "$(mount_of proc/self/fdinfo "$tmpfs" "$proc_mount")"
	one "$how: a mount on sys of proc" '[017]' "$(mount_of proc/sys "$tmpfs" "$proc_mount")"
done

# Somebody else's mounts in the image. A bind of rootfs onto itself hides them.
foreign() {
	mkdir -p "$W/b/rootfs/d/foreign/sub"
	mount -t tmpfs foreign "$W/b/rootfs/d/foreign"
	mkdir "$W/b/rootfs/d/foreign/sub"
	: >"$W/b/rootfs/d/foreign/file"
	ln -s d/foreign "$W/b/rootfs/to-foreign"
	mount --bind "$W/source-file" "$W/b/rootfs/file"
}
# As run_case, but mounts that were there before are to be there afterwards.
foreign_case() {
	foreign_what=$1
	shift
	grep " $W/b/rootfs/" /proc/self/mountinfo >"$W/out/foreign"
	find "$W/b/rootfs/d/foreign" -printf '%P %y %m %i %T@ %C@\n' >>"$W/out/foreign"
	{
		run_case "$@" | grep -v -e " $W/b/rootfs/d/foreign " -e " $W/b/rootfs/file " -e '^... is left$'
		{
			grep " $W/b/rootfs/" /proc/self/mountinfo
			find "$W/b/rootfs/d/foreign" -printf '%P %y %m %i %T@ %C@\n'
		} | diff "$W/out/foreign" -
	} | verdict "$foreign_what"
}
fresh mounted
populate
foreign
for path in "d/foreign/$made" "d/foreign/sub/$made" "to-foreign/$made" "d/foreign" "to-foreign"; do
	if [ "${path##*/}" = "$made" ]; then
		foreign_case "somebody else's mount: no directory at $path" 7 "$(mkdir_of "$path")"
	fi
	foreign_case "somebody else's mount: none at $path" 7 "$(mount_of "$path" "$tmpfs")"
done
foreign_case "somebody else's mount: no file bound in it" 7 "$(bind_file d/foreign/file)"
foreign_case "somebody else's bind of a file: none on it" 7 "$(bind_file file)"
foreign_case "somebody else's bind of a file is not remounted" 7 "$(mount_of file '"options": ["remount", "ro"]')"
foreign_case "somebody else's mount is not remounted" 7 "$(mount_of to-foreign '"options": ["remount", "ro"]')"
foreign_case "beside somebody else's mounts" 0 "$(mount_of "etc/d/$made" "$tmpfs")"
umount "$W/b/rootfs/file" "$W/b/rootfs/d/foreign"
fresh ro
populate
foreign
foreign_case "a bind of rootfs hides somebody else's mount" 0 "$(mkdir_of "to-foreign/sub/$made")"
umount "$W/b/rootfs/file" "$W/b/rootfs/d/foreign"

# An rbind brings its mounts along: that is the document's own wish.
fresh ro
mkdir "$W/tree"
mount -t tmpfs tree "$W/tree"
cp -a "$W/template/." "$W/tree"
mount -t tmpfs brought "$W/tree/x"
ln -s x "$W/tree/to-brought"
root_mounts="{\"destination\": \"$W/b/rootfs\", \"type\": \"bind\", \"source\": \"$W/tree\", \"options\": [\"rbind\"]},"
mount_of "to-brought" "$tmpfs" >"$W/b/runtime.json"
does "what an rbind brought can be mounted on" 0 prepare "$W/b"
is "... inside" "$(findmnt -no SOURCE "$W/b/rootfs/x" | tr '\n' ' ')" "brought tmpfs "
is "... and there alone" "$(findmnt -no SOURCE "$W/tree/x")" brought
umount -R "$W/b/rootfs"
does "... what is gone is cleaned up" 0 cleanup "$W/b"
umount "$W/tree/x" "$W/tree"

# An absolute path follows no link of the image; it is a path of the host.
for how in ro mounted asked rw; do
	for path in "etc/$made" "a/$made" "there/$made" "last/$made" "d/back/$made"; do
		fresh "$how"
		populate
		one "$how: absolute, no link of the image is followed: $path" 7 \
			"$(mkdir_of "$W/b/rootfs/$path")"
		# With the layers of the layout rootfs is still empty by then, and covered later.
		[ "$how" = rw ] && wanted=0 || wanted=7
		one "$how: ... nor mounted through" "$wanted" "$(mount_of "$W/b/rootfs/$path" "$tmpfs")"
		one "$how: ... nor bound from" '[17]' "$(mount_of "x" \
			"\"type\": \"bind\", \"source\": \"$W/b/rootfs/${path%/*}\", \"options\": [\"bind\"]")"
	done
done

# Layers on a disk: what the overlay itself leaves in its workdir is taken back with it.
fresh asked
populate
root_mounts="{\"destination\": \"$W/b/rootfs\", \"type\": \"overlay\", \"options\":
	[\"lowerdir=$W/b/lower\", \"upperdir=$W/b/kept/upper\", \"workdir=$W/b/kept/work\"$userxattr]},"
mkdir_of "dangling/$made" >"$W/b/runtime.json"
refuses "a run that fails takes back an overlay's directories" 7 dangling prepare "$W/b"

# Whatever a name holds, a message is a printable line.
odd=$(printf 'b\n\033[1m %%s')
mkdir -p "$W/$odd/rootfs"
printf '{"mkdir": ["no/%s"], "mounts": [{"destination": "f", "type": "tmpfs"}]}' "$made" >"$W/$odd/runtime.json"
: >"$W/$odd/rootfs/f"
refuses "a bundle with a strange name" 7 'f' prepare "$W/$odd"
ln -s "$(printf 'a\nb')" "$W/$odd/rootfs/no"
rm "$W/$odd/rootfs/f"
refuses "... and a link in it" 7 'no' prepare "$W/$odd"

finish
