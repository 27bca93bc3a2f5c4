#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A container that exchanges the interface that was moved to it while detach is at work there does not
# get its own one here in that one's place: neither at once, nor by taking the name for the way, nor by
# a kill.
#
#   here                              there ($TARGET)          third
#   vst-f -------------------- vst-e -- exchanged with -->  vst-e
#                                   vst-e -- evil

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

moved='{"interfaces": [{"name": "vst-e"}]}'
on_way='vst[0-9a-f]\{8\}'

third() {
	unshare -n sleep infinity &
	third=$!
	ours $third
	wait_until ns_differs $third net
}

attached() {
	layout private
	target
	third
	ip link add vst-e type veth peer name vst-f
	ip addr add 192.0.2.7/24 dev vst-e
	bundle b "$moved"
	vst attach --pid "$TARGET" "$W/b"
	number=$(there ip -o link show vst-e | cut -d: -f1)
}

exchange() {
	there ip link set vst-e netns $third
	there ip link add vst-e index "$number" type veth peer name evil
}

change_back() {
	there ip link del evil
	nsenter -t $third -n ip link set vst-e netns "/proc/$TARGET/ns/net"
}

# What is here on the way.
strange() {
	ip -o link show | grep -o " ${on_way}[@:]" | tr -d ' @:'
}

if can_hold "another one in its place" && command -v strace >/dev/null; then
	attached
	strace -o "$W/out/trace" -e trace=sendto "$VST" --root "$W/state" detach "$W/b" 2>"$W/out/stderr"
	move=$(grep '^sendto' "$W/out/trace" | grep -n 'nlmsg_type=0x13\|RTM_SETLINK' | head -1 | cut -d: -f1)
	check "the move's call is known" test "${move:-0}" -gt 0

	attached
	holds before sendto "$move" detach "$W/b"
	exchange
	go_on
	is "another one in its place: detach" $status 1
	says "... tells it" "bring interface 'vst-e' back: another one was put in its place: what it is connected to is another one"
	is "... it is not here" "$(strange)" ""
	back=$(there ip -o link show | grep -o " $on_way@" | tr -d ' @')
	check "... but there, under a drawn name" test -n "$back"
	check "... which is not the one for the way" sh -c "! grep -aq '$back' '$W'/state/*"
	change_back
	does "... and detach, when it is right again" 0 detach "$W/b"
	check "... gives it what it had" sh -c "ip -o addr show vst-e | grep -q 192.0.2.7/24"

	# The name for the way is known there all the same, from the kernel's log; and what it is sent back
	# under. The kernel refuses it there.
	attached
	way=$(grep -aoh "$on_way" "$W"/state/* | head -1)
	check "the name for the way is noted" test -n "$way"
	holds before sendto "$move" detach "$W/b"
	exchange
	there ip link add vst-t type ifb
	there ip link property add dev vst-t altname "$way"
	go_on
	is "the name for the way is taken there: detach" $status 1
	is "... it is not here" "$(strange)" ""
	change_back
	there ip link del vst-t

	# It cannot be sent back.
	holds_too=program:sendto:$((move + 3)):EPERM
	holds before sendto "$move" detach "$W/b"
	exchange
	go_on
	holds_too=
	is "it cannot be sent back: detach" $status 1
	says "... tells it" "another one was put in its place: .*; it could not be sent back, and is kept down here, as '$way': remove that one"
	is "... it is here, as it says" "$(strange)" "$way"
	does "... the next detach" 1 detach "$W/b"
	is "... leaves it down, without what is another's" "$(ip -o link show up | grep -c "$way") $(ip -o addr | grep -c 192.0.2.7)" "0 0"
	ip link del "$way"
	nsenter -t $third -n ip link set vst-e netns "/proc/$TARGET/ns/net"

	# Killed between its arrival and the way back.
	holds_too=program:sendto:$((move + 1)):before
	holds before sendto "$move" detach "$W/b"
	exchange
	go_on
	holds_too=
	is "killed when another one has come: it is here" "$(strange)" "$way"
	for verb in "status" "detach" "gc" "detach"; do
		if [ $verb = gc ]; then vst gc; else vst $verb "$W/b"; fi
		case $verb in
		detach)
			is "killed when another one has come: detach" $status 1
			says "... tells it" "bring interface 'vst-e' back: '$way' is not it, .*: what it is connected to is another one: remove that one"
			;;
		status) is "... status: not known" "$(grep -c ': unknown$' "$W/out/stdout")" 1 ;;
		esac
		is "... $verb leaves it down" "$(ip -o link show up | grep -c "$way")" 0
		is "... and gives it nothing" "$(ip -o addr | grep -c 192.0.2.7)" 0
	done
	is "... what is known is kept" "$(find "$W/state" -type f | wc -l)" 1
	# The real one is there again: the name that it needs on its way is taken.
	nsenter -t $third -n ip link set vst-e netns "/proc/$TARGET/ns/net"
	does "... the right one is there again: detach" 1 detach "$W/b"
	check "... it stays there" there ip link show vst-e
	ip link del "$way"
	does "... and comes home when that one is removed" 0 detach "$W/b"
	check "... with what it had" sh -c "ip -o addr show vst-e | grep -q 192.0.2.7/24"
fi

finish
