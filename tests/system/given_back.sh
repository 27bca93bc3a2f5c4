#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the container did to an interface that was moved to it does not come home with it: changed
# before, and while it is brought back. What would be lost is refused.
#
#   here                                      there ($TARGET)
#   vst-e (all that can be set) -- moves -->  vst-e
#   vst-f, its peer, stays

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

moved='{"interfaces": [{"name": "vst-e"}]}'

# An interface with something of everything.
device() {
	ip link add vst-e mtu 1400 txqueuelen 77 type veth peer name vst-f
	ip link property add dev vst-e altname vst-other-name
	ip link property add dev vst-e altname "$(printf 'a%0126d' 1)"
	ip link set vst-e alias "an alias" group 5 multicast off
	ip link set vst-f up
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
	ip -6 addr add 2001:db8::7/64 dev vst-e nodad
	ip route add default via 192.0.2.1 dev vst-e
	ip -6 route add 2001:db8:1::/48 via 2001:db8::1 dev vst-e table 77
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
}

# What is counted down, and what the kernel has yet to notice, aside.
links() {
	ip -d -j link | settled | jq -c '.[] | del(.qdisc)'
	ip -j addr | settled | jq -c '.[] | del(.qdisc) | del(.addr_info[]? | .valid_life_time, .preferred_life_time)'
	ip -j -4 route show table all | settled | jq -c '.[]' | sort
	ip -j -6 route show table all | settled | jq -c '.[] | del(.expires)' | sort
}

fresh() {
	layout private
	target
	device
	bundle b "$moved"
	before
	does "$1: attach" 0 attach --pid "$TARGET" "$W/b"
}

# home DESCRIPTION: detach succeeds, and all is as it was.
home() {
	does "$1: detach" 0 detach "$W/b"
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
	unchanged "... as it was"
	is "... and nothing is held" "$(find "$W/state" -type f)" ""
}

### One change each, and all together

changes='mtu 68
mtu 9000
address 02:00:00:00:00:99
broadcast 02:00:00:00:00:98
txqueuelen 1
group 9
alias else
alias
arp off
promisc on
allmulticast on
multicast on
mode dormant
gso_max_size 3000
gso_max_segs 3
gro_max_size 3000
up
name vst-g'

fresh "one change after the other"
# A request that this ip or kernel does not know changes nothing, and is told from one that does.
n=0
while IFS= read -r change; do
	was=$(there ip -d -o link show dev vst-e)
	# shellcheck disable=SC2086
	case $change in
	alias) there ip link set vst-e alias "" ;;
	*) there ip link set vst-e $change ;;
	esac 2>/dev/null
	[ "$change" != "name vst-g" ] || there ip link set vst-g name vst-e 2>/dev/null
	[ "$was" = "$(there ip -d -o link show dev vst-e)" ] || n=$((n + 1))
	vst detach "$W/b"
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
	unchanged "$change: as it was"
	vst attach --pid "$TARGET" "$W/b"
done <<EOF
$changes
EOF
check "... most of them did change something" test $n -ge 12
home "one change after the other"

everything() {
	there sh -c '
		ip link set vst-e mtu 68 txqueuelen 1 group 9 alias else arp off promisc on allmulticast on multicast on
		ip link set vst-e address 02:00:00:00:00:99 broadcast 02:00:00:00:00:98
		ip link set vst-e gso_max_size 3000 gso_max_segs 3
		ip link property del dev vst-e altname vst-other-name
		ip link property add dev vst-e altname vst-theirs
		ip link add br0 type bridge
		ip link set br0 up
		ip link set vst-e master br0
		ip link set vst-e up
		ip addr add 10.9.9.9/24 dev vst-e
		ip route add 10.10.0.0/16 via 10.9.9.1 dev vst-e
		ip link set vst-e name vst-g
		ip link add vst-e type ifb'
}

fresh "everything"
before
cp "$W/out/before" "$W/out/there-too"
everything
does "everything changed: attach again" 0 attach --pid "$TARGET" "$W/b"
says "... it is known for what it is" "attached to pid $TARGET already"
does "... status" 0 status "$W/b"
is "... too" "$(grep -c ': there$' "$W/out/stdout")" 1
does "... detach" 0 detach "$W/b"
there ip link del br0
there ip link del vst-e
wait_until sh -c "! ip -6 addr show | grep -q tentative"
check "... it is here" ip link show vst-e
does "... attach, where nothing was left behind" 0 attach --pid "$TARGET" "$W/b"
does "... and again home" 0 detach "$W/b"
check "... a name that the container gave it is free" ip link add vst-theirs type ifb
ip link del vst-theirs

fresh "everything, down"
everything
does "everything changed: detach" 0 detach "$W/b"
there ip link del br0
there ip link del vst-e
wait_until sh -c "! ip -6 addr show | grep -q tentative"
unchanged "... as it was"

# A kind with settings of its own.
layout private
target
ip link add vst-l type veth peer name vst-m
if ip link add vst-e link vst-l type macvlan mode bridge 2>/dev/null; then
	bundle b "$moved"
	before
	does "a macvlan: attach" 0 attach --pid "$TARGET" "$W/b"
	there ip link set vst-e type macvlan mode private
	there ip link set vst-e address 02:00:00:00:00:99
	home "a macvlan whose mode was changed"

	# One that takes what certain addresses send: addresses are added one by one, and nothing takes off
	# just those.
	ip link set vst-e type macvlan mode source macaddr add 02:00:00:00:00:11
	before
	does "a macvlan with a list: attach" 0 attach --pid "$TARGET" "$W/b"
	there ip link set vst-e type macvlan macaddr add 02:00:00:00:00:12
	does "a macvlan with a list that is longer: detach" 1 detach "$W/b"
	says "... tells it" "interface 'vst[0-9a-f]*' is here and stays down: settings of its kind were changed"
	fails "... and keeps it down" sh -c 'ip -o link show up | grep -q ": vst[0-9a-f]*@"'
	does "... status" 0 status "$W/b"
	is "... keeps it in mind" "$(grep -c ': unknown$' "$W/out/stdout")" 1
	ip link set "$(ip -o link | grep -oE 'vst[0-9a-f]{8}')" type macvlan macaddr del 02:00:00:00:00:12
	home "... set as it was by hand"

	# So many that the kernel cuts the length of what holds them to 16 bits.
	ip link set vst-e type macvlan macaddr flush
	before
	does "a macvlan with a list that is too long: attach" 0 attach --pid "$TARGET" "$W/b"
	awk 'BEGIN { for (i = 0; i < 5600; i++)
		printf "link set vst-e type macvlan macaddr add 02:00:00:01:%02x:%02x\n", i / 256, i % 256 }' >"$W/out/many"
	there ip -batch "$W/out/many"
	does "a macvlan with a list that is too long: detach" 1 detach "$W/b"
	says "... tells it" "bring interface 'vst-e' back: .*the kernel's answer is too long to be believed"
	check "... it stays there" there test -d /proc/sys/net/ipv4/conf/vst-e
	there ip link set vst-e type macvlan macaddr flush
	home "a macvlan with a list that was too long"
else
	skip "a macvlan whose mode was changed" "kernel: no macvlan"
fi

# The operational state, which going down and up does not change on links without a carrier of their
# own; while a link is down it is not to be seen.
# state KIND COMMAND...: the command makes vst-e.
state() {
	state_kind=$1
	shift
	layout private
	target
	ip link add vst-l up type veth peer name vst-m
	ip link set vst-m up
	if ! "$@" 2>/dev/null; then
		skip "$state_kind: a state that was set there" "kernel: no such kind"
		return
	fi
	ip link set vst-e up
	bundle b "$moved"
	for state_set in testing dormant; do
		for state_down in "" down; do
			before
			vst attach --pid "$TARGET" "$W/b"
			there ip link set vst-e up
			wait_until there sh -c "ip -o link show vst-e | grep -q 'state U'"
			there ip link set vst-e state $state_set
			check "$state_kind, $state_set: it is set" there sh -c "ip -o link show vst-e | grep -qi 'state $state_set'"
			[ -z "$state_down" ] || there ip link set vst-e down
			does "$state_kind, $state_set $state_down: detach" 0 detach "$W/b"
			check "... up" sh -c "ip -o link show vst-e | grep -q 'state U'"
		done
	done
	ip link set vst-e down
	vst attach --pid "$TARGET" "$W/b"
	there ip link set vst-e up
	wait_until there sh -c "ip -o link show vst-e | grep -q 'state U'"
	there ip link set vst-e state testing
	does "$state_kind, down: detach" 0 detach "$W/b"
	check "... is down" sh -c "ip -o link show vst-e | grep -q 'state DOWN'"
	ip link set vst-e up
	check "... and is not testing when it is set up" sh -c "ip -o link show vst-e | grep -q 'state U'"
}
state ifb ip link add vst-e type ifb
state macvlan ip link add vst-e link vst-l type macvlan mode bridge

# What a move loses, it loses on the way back, too.
fresh "what a move loses"
there sh -c '
	ip neigh add 192.0.2.99 lladdr 02:00:00:00:00:99 nud permanent dev vst-e
	ip maddr add 33:33:00:00:00:99 dev vst-e
	ip link set vst-e addrgenmode none
	echo 0 >/proc/sys/net/ipv6/conf/vst-e/accept_ra
	tc qdisc add dev vst-e ingress
	tc filter add dev vst-e parent ffff: protocol all u32 match u32 0 0 flowid 1:1' 2>/dev/null
check "... all of it is there" there sh -ec '
	ip neigh show dev vst-e | grep -q 192.0.2.99
	ip maddr show dev vst-e | grep -q 33:33:00:00:00:99
	[ "$(cat /proc/sys/net/ipv6/conf/vst-e/accept_ra)" = 0 ]
	tc filter show dev vst-e ingress | grep -q u32'
home "what a move loses"
is "... no neighbour comes back" "$(ip neigh show nud permanent dev vst-e)" ""
is "... no address" "$(ip maddr show dev vst-e | grep -c 33:33:00:00:00:99)" 0
is "... no setting" "$(cat /proc/sys/net/ipv6/conf/vst-e/accept_ra)" "$(cat /proc/sys/net/ipv6/conf/default/accept_ra)"
is "... no queueing discipline" "$(tc qdisc show dev vst-e ingress; tc filter show dev vst-e ingress)" ""

# An address for the hardware to listen to makes a veth promiscuous until it is up again: that looks as
# if another one lay on it.
fresh "an address there"
there ip link set vst-e up
if there bridge fdb add 02:00:00:00:00:99 dev vst-e self 2>/dev/null; then
	does "an address there: detach" 1 detach "$W/b"
	says "... says what to do" "stays down: .*or it was given addresses there, which end when it is set up and down: then run detach again"
	way=$(ip -o link | grep -oE "vst[0-9a-f]{8}" | head -1)
	ip link set "$way" up
	ip link set "$way" down
	home "an address there, and set up and down"
else
	skip "an address there" "bridge is not installed"
fi

### While it is brought back

# flap NAME COMMANDS: in a loop, there, until the file goes.
flap() {
	: >"$W/out/flap"
	there sh -c "while [ -e '$W/out/flap' ]; do $1; done" >/dev/null 2>&1 &
	flapping=$!
	ours $flapping
}

unflap() {
	rm "$W/out/flap"
	wait $flapping
}

n=0
for commands in \
	'ip link set vst-e mtu 68; ip link set vst-e mtu 9000' \
	'ip link property add dev vst-e altname vst-f; ip link property add dev vst-e altname vst-theirs; ip link property del dev vst-e altname vst-theirs' \
	'ip link set vst-e name lo1; ip link set lo1 name vst-e; ip link set vst-e up; ip link set vst-e address 02:00:00:00:00:99 promisc on'; do
	fresh "changed all the time"
	flap "$commands"
	vst detach "$W/b"
	case $status in
	0) ok "changed all the time: brought back" ;;
	1 | 5)
		says "changed all the time: named" "interface 'vst-e'"
		check "... and kept" test -n "$(find "$W/state" -type f)"
		check "... there" there sh -c 'ip -o link | grep -q vst-f'
		;;
	*) said | not_ok "changed all the time: neither brought back nor kept" ;;
	esac
	unflap
	home "changed all the time, and no more"
	n=$((n + 1))
done

### Names that are taken here

fresh "an alternative name taken here"
ip link add vst-t type ifb
ip link property add dev vst-t altname vst-other-name
does "an alternative name of its own is taken here: detach" 0 detach "$W/b"
says "... tells it" "warning: .*interface 'vst-e' is back, but 1 of its alternative names is taken, 'vst-other-name'"
check "... it is up, and has its address" sh -c "ip addr show vst-e up | grep -q 192.0.2.7"
check "... and its other alternative name" ip link show "$(printf 'a%0126d' 1)"
is "... and nothing is held" "$(find "$W/state" -type f)" ""
ip link add vst-e2 type ifb
ip link del vst-t
ip link del vst-e2

fresh "the container gives it a name that is taken here"
there ip link property add dev vst-e altname vst-f
there ip link property add dev vst-e altname lo
home "the container gives it a name that is taken here"

### What the container puts on top of it

if there ip link add vst-probe type macvlan 2>/dev/null || there ip link add vst-probe link lo type macvlan 2>/dev/null || [ -n "$(there ip link help macvlan 2>&1)" ]; then
	there ip link del vst-probe 2>/dev/null
	fresh "on top"
	if there ip link add vst-top link vst-e type macvlan mode bridge; then
		there ip link add vst-top2 link vst-e type macvlan mode bridge
		there ip link set vst-e up
		there ip link set vst-top up
		does "others on top of it: detach" 0 detach "$W/b"
		fails "... they are gone, and the way here with them" there ip link show vst-top
		fails "... both" there ip link show vst-top2
		wait_until sh -c "! ip -6 addr show | grep -q tentative"
		unchanged "... as it was"
		# Work is counted, too: what is not done in an attempt waits for the next, and a run that is
		# told to end makes none.
		if can_hold "more on top of it than are removed in an attempt"; then
			does "others on top of it: attach" 0 attach --pid "$TARGET" "$W/b"
			for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
				there ip link add "vst-top$n" link vst-e type macvlan mode bridge
			done
			holds before sendto 1 detach "$W/b"
			kill -TERM "$(pgrep -P "$HELD")"
			go_on
			says "more on top of it than are removed in an attempt: detach" "bring interface 'vst-e' back: more lie on top of it than could be removed in the time, or others are made all the time: run detach again"
			is "... and some are gone" "$(there ip -o link show type macvlan | wc -l)" 4
			does "... detach again" 0 detach "$W/b"
		fi
		does "others on top of it: attach" 0 attach --pid "$TARGET" "$W/b"
		nsenter -t "$TARGET" -n unshare -n sleep 1000 &
		third=$!
		ours $third
		wait_until grep -q sleep "/proc/$third/comm"
		there ip link add vst-top link vst-e type macvlan mode bridge
		there ip link set vst-e up
		there ip link set vst-top netns $third
		nsenter -t $third -n ip link set vst-top up
		does "one in a third namespace: detach" 1 detach "$W/b"
		says "... tells that it is there" "interface 'vst[0-9a-f]*' is here and stays down: another one lies on it"
		fails "... and keeps it down" sh -c 'ip -o link show up | grep -q ": vst[0-9a-f]*@"'
	else
		skip "what the container puts on top" "kernel: no macvlan"
	fi
fi

# One that was moved as well is nobody's to remove.
layout private
target
ip link add vst-e type veth peer name vst-f
if ip link add vst-v link vst-e type macvlan 2>/dev/null; then
	bundle b '{"interfaces": [{"name": "vst-e"}, {"name": "vst-v"}]}'
	before
	does "two on each other: attach" 0 attach --pid "$TARGET" "$W/b"
	home "two on each other"
fi

### Another one in its place

# What is set on a link says nothing of which it is; the kernel's own number of it in sysfs does.
# in_place KIND COMMAND...: the command makes another vst-e there, with its number.
in_place() {
	in_place_kind=$1
	shift
	bundle b "$moved"
	before
	does "$in_place_kind: attach" 0 attach --pid "$TARGET" "$W/b"
	number=$(there ip -o link show vst-e | cut -d: -f1)
	address=$(there ip -j link show vst-e | jq -r '.[0].address')
	there "$@" "$number" "$address"
	does "$in_place_kind, another in its place: detach" 1 detach "$W/b"
	says "... tells it" "bring interface 'vst-e' back: another one was put in its place: it was made there"
	is "... which is not here" "$(ip -o link | grep -c 'vst[0-9a-f]\{8\}\|vst-e')" 0
	is "... and what is known of it is kept" "$(find "$W/state" -type f | wc -l)" 1
}
if mount -t sysfs sysfs /sys 2>/dev/null; then
	layout private
	target
	ip link add vst-e type ifb
	bundle b "$moved"
	before
	does "known by its node: attach" 0 attach --pid "$TARGET" "$W/b"
	there ip link set vst-e name vst-g
	# Hidden, not unmounted: mounted again it could have another device number.
	mount -t tmpfs hides /sys
	does "whether it is it cannot be told: detach" 5 detach "$W/b"
	says "... tells it" "bring interface 'vst-e' back: whether what came is it cannot be told: its inode in sysfs cannot be read: mount a sysfs"
	is "... it is not here" "$(ip -o link | grep -c 'vst[0-9a-f]\{8\}\|vst-[eg]')" 0
	umount /sys
	home "known by its node"
	# shellcheck disable=SC2016
	in_place ifb sh -c 'ip link del vst-e; ip link add vst-e index "$0" address "$1" type ifb'

	layout private
	target
	ip link add vst-l type veth peer name vst-m
	if ip link add vst-e link vst-l type macvlan mode bridge 2>/dev/null; then
		# shellcheck disable=SC2016
		in_place macvlan sh -c 'ip link add vst-g link vst-e type macvlan mode bridge
			ip link del vst-e
			ip link add vst-e link vst-g index "$0" address "$1" type macvlan mode bridge'
	else
		skip "macvlan, another in its place: detach" "kernel: no macvlan"
	fi

	# Killed when it has come, and nothing of it was looked at.
	layout private
	target
	ip link add vst-e type ifb
	number=$(ip -o link show vst-e | cut -d: -f1)
	address=$(ip -j link show vst-e | jq -r '.[0].address')
	bundle b "$moved"
	if command -v strace >/dev/null; then
		n=3
		until ip -o link show | grep -q ' vst[0-9a-f]\{8\}:' || [ $n -gt 60 ]; do
			vst attach --pid "$TARGET" "$W/b"
			there ip link del vst-e
			there ip link add vst-e index "$number" address "$address" type ifb
			strace -qq -o "$W/out/trace" -e trace=sendto -e "inject=sendto:signal=KILL:when=$n" \
				"$VST" --root "$W/state" detach "$W/b" 2>/dev/null
			n=$((n + 1))
		done
		check "killed when another one has come: it is here" sh -c "ip -o link show | grep -q ' vst[0-9a-f]\{8\}:'"
		does "killed when another one has come: detach" 1 detach "$W/b"
		says "... tells it" "bring interface 'vst-e' back: 'vst[0-9a-f]{8}' is not it, and was put in its place where it had been moved to: it was made there: remove that one"
	else
		skip "killed when another one has come: detach" "strace is not installed"
	fi
	umount /sys
else
	skip "another one in its place" "kernel: no sysfs may be mounted here"
fi

### A program

fresh "a program"
there "$TOOLS/xdp" vst-e
case $? in
0)
	check "a program of the container's is attached" there sh -c "ip -d link show vst-e | grep -q xdp"
	home "a program of the container's"
	"$TOOLS/xdp" vst-e
	refuses "one of ours" 6 "interface 'vst-e': an XDP program is attached to it" attach --pid "$TARGET" "$W/b"
	;;
77) skip "a program of the container's" "kernel: no XDP" ;;
*) echo "it is not attached" | not_ok "a program of the container's" ;;
esac

### Lifetimes

layout private
target
device
ip addr add 192.0.2.8/24 dev vst-e valid_lft 600 preferred_lft 300
ip addr add 192.0.2.9/24 dev vst-e valid_lft 5 preferred_lft 5
ip -6 addr add 2001:db8::8/64 dev vst-e nodad valid_lft 600 preferred_lft 300
ip -6 addr add 2001:db8::9/64 dev vst-e nodad valid_lft 5 preferred_lft 5
ip -6 addr add 2001:db8::a/64 dev vst-e nodad valid_lft 600 preferred_lft 5
ip -6 route add 2001:db8:2::/48 via 2001:db8::1 dev vst-e expires 600
ip -6 route add 2001:db8:3::/48 via 2001:db8::1 dev vst-e expires 5
bundle b "$moved"
does "lifetimes: attach" 0 attach --pid "$TARGET" "$W/b"
sleep 7
does "lifetimes: detach" 0 detach "$W/b"
# life ADDRESS FIELD
life() {
	ip -j addr show dev vst-e | jq ".[0].addr_info[] | select(.local == \"$1\") | .$2"
}
for address in 192.0.2.8 2001:db8::8; do
	check "... $address: what is left is less than it was" test "$(life $address valid_life_time)" -le 593
	check "... and most of it" test "$(life $address valid_life_time)" -gt 300
	check "... of its being preferred, too" test "$(life $address preferred_life_time)" -le 293
done
is "... one whose lifetime has ended is not given back" "$(life 192.0.2.9 local)$(life 2001:db8::9 local)" ""
is "... one that is not preferred any more comes back so" "$(life 2001:db8::a preferred_life_time)" 0
is "... nor does the one that has none get any" "$(life 192.0.2.7 valid_life_time)" 4294967295
expires=$(ip -6 route show 2001:db8:2::/48 | grep -oE 'expires [0-9]+' | tr -dc 0-9)
check "... a route still ends" test "${expires:-0}" -gt 300 -a "${expires:-0}" -le 594
is "... and one that has ended is not given back" "$(ip -6 route show 2001:db8:3::/48)" ""
check "... one without an end has none" sh -c "ip -6 route show table 77 | grep -q 2001:db8:1::/48"
fails "... none at all" sh -c "ip -6 route show table 77 | grep -q expires"

### Refused

layout private
target
device
bundle b "$moved"
# Lost, or without its source, as soon as the address goes.
ip link set vst-f up
ip route add 10.9.0.0/16 dev vst-f src 192.0.2.7
before
refuses "a route of another one, from an address of its" 6 "interface 'vst-e': the route to 10.9.0.0/16 of another interface has an address of it as its source" attach --pid "$TARGET" "$W/b"
unchanged "... which is there still"
ip route del 10.9.0.0/16
ip -6 route add 2001:db8:9::/48 dev vst-f src 2001:db8::7
before
refuses "... of IPv6" 6 "interface 'vst-e': the route to 2001:db8:9::/48 of another" attach --pid "$TARGET" "$W/b"
unchanged "... too"
ip -6 route del 2001:db8:9::/48
ip route add 10.9.0.0/16 dev vst-e src 192.0.2.7
before
does "a route of its own, from an address of its: attach" 0 attach --pid "$TARGET" "$W/b"
home "a route of its own, from an address of its"
ip link add vst-br type bridge
ip link set vst-e master vst-br
refuses "a port of a bridge" 6 "interface 'vst-e': it is a port of another interface" attach --pid "$TARGET" "$W/b"
ip link set vst-e nomaster
if tc qdisc add dev vst-e root tbf rate 1mbit burst 10k latency 50ms 2>/dev/null; then
	refuses "a queueing discipline" 6 "interface 'vst-e': a queueing discipline of it" attach --pid "$TARGET" "$W/b"
	tc qdisc del dev vst-e root
	tc qdisc add dev vst-e ingress
	refuses "one for what comes in" 6 "interface 'vst-e': a queueing discipline of it" attach --pid "$TARGET" "$W/b"
	tc qdisc del dev vst-e ingress
else
	skip "a queueing discipline" "kernel: no tbf"
fi

# Kinds that can be given what nothing tells of them.
# kind KIND COMMAND...: the command makes vst-k.
kind() {
	kind_is=$1
	shift
	if ! "$@" 2>/dev/null; then
		skip "of kind $kind_is, which is not told all" "kernel: no such kind"
		return
	fi
	refuses "of kind $kind_is, which is not told all" 6 "move interface 'vst-k': one of kind '$kind_is'" attach --pid "$TARGET" "$W/k"
	ip link del vst-k
}
bundle k '{"interfaces": [{"name": "vst-k"}]}'
kind tun ip tuntap add vst-k mode tap user 65534
kind vxlan ip link add vst-k type vxlan id 5 dstport 4789 local 127.0.0.1
kind macvtap ip link add vst-k link vst-f type macvtap
kind bridge ip link add vst-k type bridge
kind wireguard ip link add vst-k type wireguard
before
does "none of them: attach" 0 attach --pid "$TARGET" "$W/b"
home "none of them"

finish
