#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Somebody exchanges what is on the way while vestibule walks: prepare and cleanup again and again,
# while a process swaps two names (RENAME_EXCHANGE) as fast as it can. Nothing outside of rootfs
# changes, every run ends as documented, and cleanup leaves nothing.
#
#   VST_LONG=1   a hundred times as many runs (make long)

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

runs=50
[ -z "${VST_LONG-}" ] || runs=5000

# All that is not the image: $1 is what is swapped in from outside, if anything is.
outside() {
	find "$W" -path "$W/out" -prune -o -path "$W/state" -prune -o -path "$W/b/rootfs" -prune -o -path "$1" -prune -o \
		-printf '%P %y %m %n %U:%G %i %s %T@ %C@ %l\n'
	mounts_of self
}

image() {
	end_swap
	layout private
	mkdir -p "$W/b/rootfs/d/in" "$W/b/rootfs/e" "$W/outside/in" "$W/shared" "$W/source"
	: >"$W/source-file"
	: >"$W/b/rootfs/file"
	echo outside >"$W/outside/file"
}

SWAP=
end_swap() {
	[ -z "$SWAP" ] || { kill -KILL "$SWAP" && wait "$SWAP"; } 2>/dev/null
	SWAP=
}

# swap A B...: until end_swap. swap_elsewhere: in a mount namespace of its own, where what vestibule
# mounts is not: there a mount point can be exchanged, too.
swap() {
	in=$1
	out=$2
	"$TOOLS/swap" "$@" >"$W/out/swap" &
	started
}

swap_elsewhere() {
	in=$1
	out=$2
	unshare -m --propagation private "$TOOLS/swap" "$@" >"$W/out/swap" &
	started
}

started() {
	SWAP=$!
	ours $SWAP
	wait_until grep -q swapping "$W/out/swap"
}

# storm DESCRIPTION DOCUMENT [SWAPPED]: the runs. SWAPPED: a directory outside that is swapped in.
storm() {
	printf '%s' "$2" >"$W/b/runtime.json"
	# A directory that things are renamed in and out of changes its times.
	outside "${3:-$W/none}" | sed '/^ d\|^b d/d' >"$W/out/before"
	done_runs=0
	n0=0 n1=0 n3=0 n5=0 n7=0
	: >"$W/out/wrong"
	while [ $done_runs -lt $runs ]; do
		done_runs=$((done_runs + 1))
		"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		status=$?
		case $status in
		0) n0=$((n0 + 1)) ;;
		# What it made went elsewhere while it was taken back: the next cleanup finds it.
		5) n5=$((n5 + 1)) ;;
		1) n1=$((n1 + 1)) ;;
		3) n3=$((n3 + 1)) ;;
		7) n7=$((n7 + 1)) ;;
		*)
			{ echo "run $done_runs, prepare:"; said; } >>"$W/out/wrong"
			break
			;;
		esac
		if [ $status -eq 0 ] || [ $status -eq 5 ]; then
			cleanups=0
			while :; do
				"$VST" --root "$W/state" cleanup "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
				status=$?
				# What is elsewhere just now, with another one in its place, is met sooner
				# or later.
				cleanups=$((cleanups + 1))
				if [ $status -ne 7 ] || [ $cleanups -ge 50 ]; then
					break
				fi
			done
			if [ $status -ne 0 ]; then
				{ echo "run $done_runs, cleanup:"; said; } >>"$W/out/wrong"
				break
			fi
			# For the next run to make it again.
			rm -rf "$W"/b/rootfs/*/made "$W/shared/made" 2>/dev/null
		fi
	done
	end_swap
	outside "${3:-$W/none}" | sed '/^ d\|^b d/d' | diff "$W/out/before" - >>"$W/out/wrong"
	# What could not be taken back meanwhile can be now; a directory that another one is in the place
	# of when it is brought back.
	vst cleanup "$W/b"
	if [ $status -eq 7 ]; then
		unshare -m --propagation private sh -c 'umount -lR "$1" 2>/dev/null; exec "$2" -1 "$3" "$4"' - \
			"$W/b/rootfs" "$TOOLS/swap" "$in" "$out" 2>>"$W/out/wrong"
		vst cleanup "$W/b"
	fi
	[ $status -eq 0 ] || { echo "the last cleanup:"; said; } >>"$W/out/wrong"
	ls "$W/state" >>"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		not_ok "$1" <"$W/out/wrong"
	else
		ok "$1"
	fi
	echo "# $done_runs runs: $n0 done, $n1 failed, $n3 denied, $n5 incomplete, $n7 conflicts"
}

tmpfs='"type": "tmpfs", "options": ["size=64k"]'
document='{"mounts": [{"destination": "d/point", '$tmpfs'}], "mkdir": ["d/made/deep"]}'

image
ln -s "$W/outside" "$W/b/rootfs/l"
swap "$W/b/rootfs/d" "$W/b/rootfs/l"
storm "a directory and a link to outside" "$document"

image
ln -s ../../../outside "$W/b/rootfs/l"
swap_elsewhere "$W/b/rootfs/d" "$W/b/rootfs/l"
storm "a directory and a link by .., mount point or not" \
	"{\"mounts\": [{\"destination\": \"d\", $tmpfs}], \"mkdir\": [\"d/made\"]}"

image
ln -s "$W/outside" "$W/b/rootfs/l"
swap_elsewhere "$W/b/rootfs/d" "$W/b/rootfs/l"
storm "a directory and a link to outside, by an absolute path" \
	"{\"mounts\": [{\"destination\": \"$W/b/rootfs/d/point\", $tmpfs}], \"mkdir\": [\"$W/b/rootfs/d/made/deep\"]}"

image
swap "$W/b/rootfs/d" "$W/b/rootfs/file"
storm "a directory and a file" \
	"{\"mounts\": [{\"destination\": \"d\", $tmpfs}, {\"destination\": \"d/in/new\", $tmpfs}], \"mkdir\": [\"d/made\"]}"

image
ln -s "$W/outside/file" "$W/b/rootfs/l"
swap_elsewhere "$W/b/rootfs/file" "$W/b/rootfs/l" "$W/b/rootfs/file" "$W/b/rootfs/d"
storm "a file, a link to one outside and a directory" \
	"{\"mounts\": [{\"destination\": \"file\", \"type\": \"bind\", \"source\": \"$W/source-file\", \"options\": [\"bind\", \"ro\"]}]}"

image
swap "$W/b/rootfs/d" "$W/b/rootfs/e"
storm "two directories of the image" "$document"

image
swap_elsewhere "$W/b/rootfs/d" "$W/shared"
storm "a directory and one outside" "$document" "$W/shared"

# Here, rootfs and what is outside are two mounts as soon as it is bound, and nothing is renamed from
# one to the other.
image
swap_elsewhere "$W/b/rootfs/d/in" "$W/shared"
storm "a directory and one outside, deeper" \
	"{\"mounts\": [{\"destination\": \"d/in/point\", $tmpfs}, {\"destination\": \"d/in/new/point\", \"type\": \"bind\", \"source\": \"$W/source\", \"options\": [\"bind\"]}], \"mkdir\": [\"d/in/made/b/c\"]}" \
	"$W/shared"

image
mkdir "$W/b/rootfs/proc"
ln -s /proc/self/fd "$W/b/rootfs/l"
swap "$W/b/rootfs/d" "$W/b/rootfs/l"
proc='"type": "proc"'
[ -z "$VST_USERNS" ] || proc='"type": "bind", "source": "/proc", "options": ["bind"]'
storm "a directory and a link to descriptors" \
	"{\"mounts\": [{\"destination\": \"proc\", $proc}, {\"destination\": \"d/3\", $tmpfs}], \"mkdir\": [\"d/4/made\"]}"

# The same, standing still: where a mount is by now.
image
printf '%s' "$document" >"$W/b/runtime.json"
does "a mount in a directory" 0 prepare "$W/b"
mv "$W/b/rootfs/d" "$W/b/rootfs/e/d"
leaves "... that was renamed: prepare" 7 'not all of it is left' prepare "$W/b"
does "... that was renamed: cleanup" 0 cleanup "$W/b"
fails "... leaves nothing" grep -q " $W/b/" /proc/self/mountinfo
image
printf '%s' "$document" >"$W/b/runtime.json"
unshare -m --propagation private sleep infinity &
other=$!
ours $other
wait_until ns_differs $other mnt
does "a mount in a directory" 0 prepare "$W/b"
nsenter -t $other -m mv "$W/b/rootfs/d" "$W/taken"
leaves "... that was taken out of rootfs: cleanup" 7 "'rootfs/d/point' is left: it was moved" cleanup "$W/b"
nsenter -t $other -m mv "$W/taken" "$W/b/rootfs/f"
does "... and brought back: cleanup" 0 cleanup "$W/b"
fails "... leaves nothing" grep -q " $W/b/" /proc/self/mountinfo
is "... nor in the journal" "$(ls "$W/state")" ""
image
printf '%s' "$document" >"$W/b/runtime.json"
does "a mount in a directory" 0 prepare "$W/b"
mv "$W/b/rootfs/d" "$W/b/rootfs/f"
mount -t tmpfs theirs "$W/b/rootfs/f/point"
leaves "... that was renamed and covered: cleanup" 7 "'rootfs/d/point' is left" cleanup "$W/b"
umount "$W/b/rootfs/f/point"
does "... and without that: cleanup" 0 cleanup "$W/b"

# Renamed just before the mount is attached: the proof finds it elsewhere, and it is gone again.
# renamed DESCRIPTION TO: the path beneath $W.
renamed() {
	image
	to=$W/$2
	printf '%s' "$document" >"$W/b/runtime.json"
	mkdir -p "$W/b/rootfs/d/point" "$W/b/rootfs/d/made/deep"
	unshare -m --propagation private sleep infinity &
	other=$!
	ours $other
	wait_until ns_differs $other mnt
	holds before move_mount 2 prepare "$W/b"
	check "$1: rootfs is there" is_mount "$W/b/rootfs"
	fails "$1: before it is attached" is_mount "$W/b/rootfs/d/point"
	nsenter -t $other -m mv "$W/b/rootfs/d" "$to"
	go_on
	is "$1: a conflict" $status 7
	says "... says so" "mount d/point: the mount was mounted, but 'rootfs/d/point' leads elsewhere"
	fails "... no mount is left" grep -q " $W/b/" /proc/self/mountinfo
	is "... nor a journal" "$(ls "$W/state")" ""
	check "... what was there is" test -d "$to/point" -a -d "$to/made/deep"
}
if can_hold "renamed before it is attached"; then
	renamed "renamed in rootfs" b/rootfs/e/d
	renamed "taken out of rootfs" taken
fi

end_swap
finish
