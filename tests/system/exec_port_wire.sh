#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What passes a user's port of a bridge, frame by frame, and what its container's root cannot do
# through it. The ports are made by tests/system/link_driver.c.
#
#   10.9.0.1                       there ($TARGET)
#   br0 --- vsrs_0 ------ veth --- eth0  10.9.0.2
#    |  --- vsrs_1 ------ veth --- eth0  10.9.0.3   another container ($OTHER)
#   up0 --- up1                           the world behind the bridge
#
# Whatever may not arrive is sent before something that may, from one processor: the order of a
# veth's frames is that.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

driver=$TOOLS/link_driver
frame=$TOOLS/frame

# port NETNS_PID SLOT...: a veth whose other end is eth0 of that process.
port() {
	mkdir -p "$W/out/journal$1"
	"$driver" "$W/out/journal$1" "/proc/$1/ns/net" do port:eth0:br0 >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	[ "$status" -eq 0 ] || said | not_ok "made a port"
}

unport() {
	"$driver" "$W/out/journal$1" "/proc/$1/ns/net" undo >/dev/null
}

in_ns() {
	in_pid=$1
	shift
	taskset -c 0 nsenter -t "$in_pid" -n "$@"
}

inside() {
	in_ns "$1" ip addr add "$2" dev eth0
	in_ns "$1" ip link set eth0 up
}

mac_in() {
	in_ns "$1" ip link show eth0 | awk '/ether/ { print $2 }'
}

# listens IFACE TEXT [PID]: what comes in there, into $heard, until a frame with the text.
listens() {
	: >"$W/out/heard"
	if [ $# -gt 2 ]; then
		nsenter -t "$3" -n "$frame" "$1" until "$2" >"$W/out/heard" 2>&1 &
	else
		"$frame" "$1" until "$2" >"$W/out/heard" 2>&1 &
	fi
	LISTENER=$!
	ours "$LISTENER"
	wait_until grep -q ready "$W/out/heard"
}

hears() {
	if ! wait "$LISTENER"; then
		not_ok "$1" <"$W/out/heard"
		return
	fi
	heard=$(grep -v ready "$W/out/heard" | sed 's/^[^ ]* //' | tr '\n' ' ')
	is "$1" "$heard" "$2"
}

pings() {
	in_ns "$1" ping -q -c 1 -W 5 "$2" >/dev/null 2>&1
}

# Datagrams that this host took, for nobody.
taken() {
	awk '/^Udp:/ { if (seen++) print $3 }' /proc/net/snmp
}

# datagrams FROM TO DEST: of our container, from an address of IPv4 that is not its own.
datagrams() {
	in_ns "$TARGET" "$frame" eth0 datagram "$1" "$2" 10.9.0.77 "$3"
}

group_count() {
	bridge mdb show dev br0 | grep -c 'port vsrs_0'
}

if ! mount -t sysfs sysfs /sys 2>/dev/null; then
	skip "what passes a port" "no sysfs of our own can be mounted here"
	finish
fi
layout private
target
unshare -n sleep infinity &
OTHER=$!
ours $OTHER
wait_until ns_differs $OTHER net
plain_addresses nsenter -t "$OTHER" -n
ip link add br0 type bridge
ip link set br0 address 02:00:00:00:00:01 up
sysctl -qw net.ipv6.conf.br0.accept_ra=0
ip addr add 10.9.0.1/24 dev br0
ip link add up0 type veth peer name up1
ip link set up0 master br0 up
sysctl -qw net.ipv6.conf.up1.disable_ipv6=1
ip link set up1 up
if ! bridge link set dev up0 isolated off locked off; then
	skip "what passes a port" "kernel: a port of a bridge cannot be locked"
	finish
fi
port "$TARGET"
port_of_other() {
	LINK_DRIVER_UID=1000 port "$OTHER"
}
port_of_other
inside "$TARGET" 10.9.0.2/24
inside "$OTHER" 10.9.0.3/24
ours_mac=$(mac_in "$TARGET")
everybody=ff:ff:ff:ff:ff:ff

check "a container reaches the host" pings "$TARGET" 10.9.0.1
check "so does the other" pings "$OTHER" 10.9.0.1
fails "they do not reach each other" in_ns "$TARGET" ping -q -c 1 -W 1 10.9.0.3

### What a container sends

listens up1 last
in_ns "$TARGET" "$frame" eth0 send 02:66:66:66:66:66 $everybody spoofed 20
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody own
in_ns "$TARGET" "$frame" eth0 send "$(mac_in "$OTHER")" $everybody neighbour
in_ns "$TARGET" "$frame" eth0 send 02:00:00:00:00:01 $everybody bridge
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody last
hears "only its own address sends" "own last "

listens eth0 last "$OTHER"
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody isolated
taskset -c 0 "$frame" up1 send 02:77:77:77:77:77 02:88:88:88:88:88 unknown
taskset -c 0 "$frame" up1 send 02:77:77:77:77:77 $everybody last
hears "nothing of an isolated port, nothing to unknown addresses" "last "

in_ns "$TARGET" ip link set eth0 address 02:66:66:66:66:66
listens up1 last
in_ns "$TARGET" "$frame" eth0 send 02:66:66:66:66:66 $everybody changed
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody last
hears "nor does it send with one that it gave itself" "last "
in_ns "$TARGET" ip link set eth0 address "$ours_mac"

# A bridge hands frames to these addresses to the host as the port's, before it asks for the source.
before_taken=$(taken)
for last in 0 1 2 3 4 5 6 7 8 9 a b c d e f; do
	datagrams 02:66:66:66:66:66 "01:80:c2:00:00:0$last" 10.9.0.1
done
datagrams "$ours_mac" 02:00:00:00:00:01 10.9.0.1
is "to the addresses of bridges themselves: the host takes nothing from the port" "$(($(taken) - before_taken))" 1

### Its address, taken by another port

taskset -c 0 "$frame" up1 send "$ours_mac" $everybody thief 5
is "the address stays at its port" "$(bridge fdb show br br0 | grep "^$ours_mac" | grep -v self)" \
	"$ours_mac dev vsrs_0 sticky master br0 static"
check "and the host still reaches it" ping -q -c 1 -W 5 10.9.0.2

### VLANs

# tagged DESCRIPTION WANTED: of a tagged frame and one without.
tagged() {
	listens up1 last
	in_ns "$TARGET" "$frame" eth0 tagged "$ours_mac" $everybody tagged 7
	in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody last
	hears "$1" "$2"
}
tagged "a tag passes a bridge that does not filter VLANs" "tagged last "
if ip link set br0 type bridge vlan_filtering 1 2>/dev/null; then
	tagged "... and none that does" "last "
	ip link set br0 type bridge vlan_filtering 0
else
	skip "... and none that does" "kernel: bridges do not filter VLANs"
fi

### ARP, and a host that forwards: what layer 2 does not keep apart, and what does

mac_at() {
	ip neigh show 10.9.0.3 dev br0 | grep -o 'lladdr [0-9a-f:]*'
}
pings "$OTHER" 10.9.0.1
is "the host knows the neighbour" "$(mac_at)" "lladdr $(mac_in "$OTHER")"
# As if it had known him for long: what is new is not changed at once.
ip neigh replace 10.9.0.3 lladdr "$(mac_in "$OTHER")" nud stale dev br0
sysctl -qw net.ipv4.neigh.br0.locktime=0
# More than once: the kernel takes none in the tick in which the entry was changed before.
says_it_is_there() {
	in_ns "$TARGET" "$frame" eth0 arp "$ours_mac" 10.9.0.3
	[ "$(mac_at)" = "lladdr $ours_mac" ]
}
wait_until says_it_is_there
ok "the host believes who says that he has the neighbour's address"
ip neigh replace 10.9.0.3 lladdr "$(mac_in "$OTHER")" nud permanent dev br0
for _ in 1 2 3; do
	says_it_is_there
	check "(and has heard him)" pings "$TARGET" 10.9.0.1
	sleep 0.1
done
is "... but not against a permanent entry" "$(mac_at)" "lladdr $(mac_in "$OTHER")"

sysctl -qw net.ipv4.conf.br0.forwarding=1 net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.br0.send_redirects=0
in_ns "$TARGET" ip route add 10.9.0.3/32 via 10.9.0.1
in_ns "$OTHER" ip route add 10.9.0.2/32 via 10.9.0.1
check "a host that forwards connects isolated ports" pings "$TARGET" 10.9.0.3
ip rule add iif br0 to 10.9.0.0/24 prohibit
fails "... but not with the rule that policy check demands" pings "$TARGET" 10.9.0.3
check "... and the host itself is still there" pings "$TARGET" 10.9.0.1
ip rule del iif br0 to 10.9.0.0/24 prohibit
sysctl -qw net.ipv4.conf.br0.forwarding=0
ip neigh del 10.9.0.3 dev br0

### Groups, advertisements, bridges

in_ns "$TARGET" "$frame" eth0 igmp "$ours_mac" 5000
# The kernel keeps an entry of the bridge for a group that the port may not join, and with 4,096 of them
# switches snooping off for all of the bridge: SECURITY.md.
if [ "$(printf '%s\n' 6.3 "$(uname -r)" | sort -V | head -n 1)" = 6.3 ]; then
	is "5,000 reports: it is in 64 groups" "$(group_count)" 64
else
	skip "5,000 reports: it is in 64 groups" "kernel: no limit of groups before 6.3"
fi

in_ns "$TARGET" "$frame" eth0 advertise "$ours_mac"
check "meanwhile it is still there" pings "$TARGET" 10.9.0.1
is "a router advertisement gives the host no route" "$(ip -6 route show default)" ""

ip link set br0 type bridge stp_state 1 forward_delay 0
wait_until grep -qx 3 /sys/class/net/up0/brport/state
in_ns "$TARGET" "$frame" eth0 bpdu "$ours_mac"
wait_until grep -qx 0 /sys/class/net/vsrs_0/brport/state
ok "if the spanning tree protocol is switched on: a BPDU takes the port down"
is "and the bridge is its own root" "$(cat /sys/class/net/br0/bridge/root_id)" "$(cat /sys/class/net/br0/bridge/bridge_id)"
ip link set br0 type bridge stp_state 0
unport "$TARGET"
unport "$OTHER"
fails "both are taken back" ip link show vsrs_1

### Shared

SHARED=1
export SHARED
port "$TARGET"
port_of_other
inside "$TARGET" 10.9.0.2/24
inside "$OTHER" 10.9.0.3/24
ours_mac=$(mac_in "$TARGET")
check "ports of a shared bridge reach each other" pings "$TARGET" 10.9.0.3
listens eth0 last "$OTHER"
in_ns "$TARGET" "$frame" eth0 send 02:66:66:66:66:66 $everybody spoofed 20
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody last
hears "... with no other address" "last "
unport "$TARGET"
unport "$OTHER"
unset SHARED

### The bridge is deleted, and made again

port "$TARGET"
inside "$TARGET" 10.9.0.2/24
ours_mac=$(mac_in "$TARGET")
ip link del br0
is "a port that outlives its bridge has no address here" "$(ip addr show dev vsrs_0 | grep -c inet)" 0
in_ns "$TARGET" "$frame" eth0 advertise "$ours_mac"
in_ns "$TARGET" "$frame" eth0 send "$ours_mac" $everybody more 100
is "and takes no advertisement" "$(ip -6 route show default; ip -6 addr show dev vsrs_0)" ""
ip addr add 10.9.0.1/24 dev up0
before_taken=$(taken)
datagrams "$ours_mac" "$(ip link show vsrs_0 | awk '/ether/ { print $2 }')" 10.9.0.1
is "nor a packet to an address of the host's" "$(($(taken) - before_taken))" 0
ip addr del 10.9.0.1/24 dev up0
fails "nor does the host answer there" in_ns "$TARGET" ping -q -c 1 -W 1 10.9.0.1
unport "$TARGET"
ip link add br0 type bridge
ip link set br0 address 02:00:00:00:00:01 up
sysctl -qw net.ipv6.conf.br0.accept_ra=0
ip link set up0 master br0

### A spoofed source before the port is locked

# As many as VST_LONG asks for, else a share.
rounds=50
[ -z "${VST_LONG-}" ] || rounds=1000
# Not by a function, whose shell would be what is ended.
taskset -c 0 nsenter -t "$TARGET" -n "$frame" eth0 flood 02:66:66:66:66:66 $everybody early &
ours $!
taskset -c 0 nsenter -t "$TARGET" -n sh -c 'while :; do ip link set eth0 up 2>/dev/null; done' &
ours $!
listens up1 last
round=0
while [ $round -lt $rounds ]; do
	port "$TARGET"
	unport "$TARGET"
	round=$((round + 1))
done
port "$TARGET"
wait_until sh -c "ip link show vsrs_0 | grep -q LOWER_UP"
in_ns "$TARGET" "$frame" eth0 send "$(mac_in "$TARGET")" $everybody last
hears "$rounds ports are made while their container sends: nothing of it passes before they are locked" "last "
finish
