#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What an overlay captures from its maker is enough, and none of it is too much: made with the
# set, root can do in it what root does; made without any one member, something fails, for root
# and for as long as it is mounted.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/exec_lib.sh"

if [ -n "$VST_USERNS" ]; then
	skip "the overlay's capabilities" "it takes root, for files of other users"
	finish
fi

LIMIT=

# Beneath: what belongs to others, setgid files, file capabilities.
made() {
	layout private
	bundle b
	rw b
	(
		cd "$W/b/lower" && mkdir dir theirs && touch dir/file mine &&
			echo text >others && echo text >setgid && echo text >capable &&
			chown 1000:1000 others setgid theirs && chmod 600 others && chmod 2755 setgid &&
			chmod 700 theirs && setcap cap_net_raw+p capable
	)
	# shellcheck disable=SC2086
	$LIMIT "$DRIVER" "$W/state" "$W/b" tmpfs overlay >"$W/out/said" 2>&1
}

# One act each, in the overlay.
try() {
	(
		cd "$W/b/rootfs" || exit 1
		case $1 in
		copy-up) echo more >>others && [ "$(stat -c %u:%a others)" = 1000:600 ] ;;
		setgid) echo more >new && chown 1000:1000 new && chmod 2755 new &&
			[ "$(stat -c %a new)" = 2755 ] ;;
		setcap) setcap cap_net_raw+p mine && getcap mine | grep -q cap_net_raw ;;
		keep-caps) touch -d @1 capable && getcap capable | grep -q cap_net_raw ;;
		chown) chown 1000:1000 mine && [ "$(stat -c %u mine)" = 1000 ] ;;
		chmod) chmod 640 others && [ "$(stat -c %a others)" = 640 ] ;;
		others-dir) echo new >theirs/new ;;
		whiteout) rm setgid && [ ! -e setgid ] ;;
		rename) mv mine moved && [ -e moved ] && [ ! -e mine ] ;;
		rmdir) rm dir/file && rmdir dir && mkdir dir && [ -z "$(ls dir)" ] ;;
		esac
	) 2>&1
}

acts='copy-up setgid setcap keep-caps chown chmod others-dir whiteout rename rmdir'

made
is "made with the set" $? 0
for act in $acts; do
	check "with the set: $act" try "$act"
done

# without NAME NUMBER ACT: that act is among those that fail.
without() {
	NO_CAP=$2
	export NO_CAP
	made
	is "made without $1" $? 0
	unset NO_CAP
	for act in $acts; do
		try "$act" >/dev/null || echo "$act"
	done | xargs >"$W/out/failing"
	check "without $1: $3 fails (of: $(cat "$W/out/failing"))" grep -qw -e "$3" "$W/out/failing"
}

without CHOWN 0 copy-up
without FOWNER 3 chmod
without FSETID 4 setgid
without SETFCAP 31 setcap

# Without these two it cannot be made.
for cap in dac_override sys_admin; do
	LIMIT="setpriv --inh-caps=-$cap --bounding-set=-$cap"
	made
	is "without $cap it cannot be made" $? 3
done
finish
