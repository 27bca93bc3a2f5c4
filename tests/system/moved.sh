#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Who owns a directory on the way moves it while something is made in it: that is found out, what was
# made is removed from where it is now, and the run is a conflict.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "directories that are moved" "strace is not installed"
	finish
fi

# moves DESCRIPTION CALL PATTERN FROM TO ARGUMENTS: the call of this name with the pattern in it is
# held up, FROM is renamed to TO by somebody in another mount namespace, and the run goes on.
moves() {
	moves_what=$1
	moves_call=${2%:*}
	moves_number=${2#*:}
	moves_pattern=$3
	moves_from=$4
	moves_to=$5
	shift 5
	unshare -m --propagation private sleep 1000 &
	mover=$!
	ours $mover
	wait_until ns_differs $mover mnt
	: >"$W/out/trace"
	strace -qq -o "$W/out/trace" -e trace="$moves_call" -e "inject=$moves_call:delay_enter=6000000:when=$moves_number" \
		"$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
	slow=$!
	ours $slow
	moves_tries=0
	until grep -q "$moves_pattern" "$W/out/trace" || [ $moves_tries -ge 1500 ]; do
		moves_tries=$((moves_tries + 1))
		sleep 0.05
	done
	nsenter -t $mover -m mv "$moves_from" "$moves_to"
	wait $slow
	status=$?
	is "$moves_what: a conflict" $status $want
	says "... says so" "somebody (move[sd]|else changes)"
	is "... nothing is left where it went" "$(find "$moves_to" -mindepth 1 2>/dev/null)" ""
	fails "... no mount, either" grep -q " $W/[a-z]*/" /proc/self/mountinfo
	if [ $want -eq 7 ]; then
		is "... nor a journal" "$(ls "$W/state")" ""
	fi
}
want=7

place() {
	layout private
	mkdir -p "$W/b/rootfs/a/b" "$W/host/p"
	printf '%s' "$1" >"$W/b/runtime.json"
}

# What is there already is not made, and the first step has the pin's record before it.
place '{"mkdir": ["a/b", "a"]}'
for layout in plain mounted; do
	[ $layout = plain ] || mount -t tmpfs tmpfs "$W/b/rootfs"
	mkdir -p "$W/b/rootfs/a/b"
	does "directories that are there: $layout" 0 prepare "$W/b"
	does "... and back" 0 cleanup "$W/b"
done

place '{"mkdir": ["a/b/made"]}'
moves "a directory beneath rootfs" mkdirat:1 '"made"' "$W/b/rootfs/a/b" "$W/taken" prepare "$W/b"
place '{"mkdir": ["a/b/made/and/more"]}'
moves "three of them" mkdirat:2 '"and"' "$W/b/rootfs/a/b" "$W/taken" prepare "$W/b"
place '{"mkdir": ["a/b/made/and/more"]}'
# Out of the bind of rootfs there is no way up from it, and nobody knows its name: it is named.
want=5
moves "a new one" mkdirat:3 '"more"' "$W/b/rootfs/a/b/made/and" "$W/taken" prepare "$W/b"
says "... and names what stays" "not taken back: $W/b/rootfs/a/b/made/and/more: .* is not where it was made any more"
is "... which is empty" "$(find "$W/taken")" "$W/taken"
does "... then gc" 0 gc
says "... names it once more, and lets go" "warning: .*$W/b/rootfs/a/b/made/and/more: .*what was moved is not searched for"
is "... and keeps nothing" "$(ls "$W/state")" ""
want=7
place '{"mounts": [{"destination": "a/b/made/point", "type": "tmpfs"}]}'
moves "a mount point" mkdirat:2 '"point"' "$W/b/rootfs/a/b" "$W/taken" prepare "$W/b"
place '{}'
printf '{"mkdir": ["%s/host/p/made"]}' "$W" >"$W/b/runtime.json"
moves "a directory of the host" mkdirat:1 '"made"' "$W/host/p" "$W/taken" prepare "$W/b"
place '{}'
printf '{"mkdir": ["%s/host/p/in/one", "%s/host/p/in/two"]}' "$W" "$W" >"$W/b/runtime.json"
moves "the first of two in a new one" mkdirat:2 '"one"' "$W/host/p/in" "$W/taken" prepare "$W/b"
place '{}'
printf '{"mkdir": ["%s/host/p/in/one", "%s/host/p/in/two"]}' "$W" "$W" >"$W/b/runtime.json"
moves "the second" mkdirat:3 '"two"' "$W/host/p/in" "$W/taken" prepare "$W/b"
place '{}'
target
printf '{"bindNS": {"net": "%s/host/p/ns/net"}}' "$W" >"$W/b/runtime.json"
moves "the directory of a namespace" mkdirat:1 '"ns"' "$W/host/p" "$W/taken" attach --pid "$TARGET" "$W/b"
place '{}'
target
mkdir "$W/host/p/ns"
printf '{"bindNS": {"net": "%s/host/p/ns/net"}}' "$W" >"$W/b/runtime.json"
moves "the file of a namespace" move_mount:1 move_mount "$W/host/p/ns" "$W/taken" attach --pid "$TARGET" "$W/b"
place '{}'
target
mkdir "$W/host/p/ns"
printf '{"bindNS": {"net": "%s/host/p/ns/net"}}' "$W" >"$W/b/runtime.json"
want=5
moves "the file itself" move_mount:1 move_mount "$W/host/p/ns/net" "$W/host/p/ns/other" attach --pid "$TARGET" "$W/b"
says "... and names it" "not taken back: $W/host/p/ns/net: .* is not where it was made any more"
does "... then gc" 0 gc
says "... names it once more" "warning: .*$W/host/p/ns/net: "
is "... and keeps nothing" "$(ls "$W/state")" ""

# What was made is its owner's to move or to remove while the run goes on and fails: the two look alike
# afterwards, so neither is taken for gone. Whoever comes next looks once more, and lets go.
# fails_by MOUNT COMMAND...: on "p" the mount ("none", "tmpfs" or "bind") is made and "p/made" in it,
# COMMAND runs in $W/host, and the next step fails.
fails_by() {
	place '{}'
	mkdir "$W/host/q" "$W/host/source"
	mount=
	case $1 in
	tmpfs) mount='{"destination": "'$W'/host/p", "type": "tmpfs"}' ;;
	bind) mount='{"destination": "'$W'/host/p", "source": "'$W'/host/source", "options": ["bind"]}' ;;
	esac
	shift
	printf '{"mounts": [%s], "mkdir": ["%s/host/p/made", "%s/host/q/two"]}' "$mount" "$W" "$W" >"$W/b/runtime.json"
	holds before mkdirat 2 prepare "$W/b"
	(cd "$W/host" && "$@" && : >q/two && find . | sort >"$W/out/host")
	go_on
}
fails_here() {
	(cd "$W/host" && find . | sort | diff "$W/out/host" -)
}
if can_hold "what is moved while the run fails"; then
	for how in "mv p/made p/other" "mv p/made q/other" "rmdir p/made"; do
		# shellcheck disable=SC2086
		fails_by none $how
		is "$how: incomplete" $status 5
		says "... and named" "not taken back: $W/host/p/made: .* is not where it was made any more"
		check "... nothing of others' is touched" fails_here
		is "... the journal is kept" "$(find "$W/state" -type f | wc -l)" 1
		does "... the next verb" 0 cleanup "$W/b"
		says "... names it once more" "warning: $W/host/p/made: .*what was moved is not searched for"
		is "... and lets go" "$(ls "$W/state")" ""
	done
	fails_by none mv p/made q/other
	(cd "$W/host" && mv q/other p/made)
	does "moved back before the next verb" 0 gc
	fails "... it is taken back" test -e "$W/host/p/made"
	fails "... without a warning" grep -q warning: "$W/out/stderr"

	# In a mount of this run: with a file system in memory it goes; what is only bound is where it was.
	fails_by tmpfs mkdir p/made/theirs
	is "filled in a tmpfs of the run: a conflict" $status 7
	fails "... that is gone, with all in it" is_mount "$W/host/p"
	is "... and nothing is kept" "$(ls "$W/state")" ""
	fails_by bind mkdir p/made/theirs
	is "filled in a bind: incomplete" $status 5
	says "... and named" "not taken back: $W/host/p/made: .* is left: somebody filled it"
	check "... it is at the source" test -d "$W/host/source/made/theirs"
	fails_by bind mv p/made p/other
	is "renamed in a bind: incomplete" $status 5
	says "... and named once" "not taken back: $W/host/p/made: .* is not where it was made any more"
	is "... and only once" "$(grep -c 'not taken back' "$W/out/stderr")" 1
fi

finish
