#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The host's end of a user's veth by itself (tests/system/link_driver.c): what is set and read back,
# which bridges are refused, slots, what was left behind, and a kill around each netlink request.
#
#   here (this shell)                 there ($TARGET)
#   br0 --- vsrs_0 ------ veth ------ eth0

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=link_lib.sh
. "$(dirname "$0")/link_lib.sh"

# The sysfs of the machine shows its own interfaces.
own_sysfs() {
	mount -t sysfs sysfs /sys 2>/dev/null
}

# new_bridge NAME: one that may have ports.
new_bridge() {
	ip link add "$1" type bridge
	ip link set "$1" address 02:00:00:00:00:01 up
	sysctl -qw "net.ipv6.conf.$1.accept_ra=0" 2>/dev/null || true
}

fresh() {
	layout private
	target
	mkdir "$W/out/journal"
	new_bridge br0
}

slave() {
	ip -d link show "$1" | tr ' ' '\n' | grep -A1 -x -e "$2" | tail -n 1
}

mac_of() {
	"$@" | awk '/ether/ { print $2 }'
}

if ! own_sysfs; then
	skip "ports" "no sysfs of our own can be mounted here"
	finish
	exit
fi
fresh
if ! ip link add p0 type veth peer name p1 || ! ip link set p0 master br0 ||
	! bridge link set dev p0 locked on isolated on; then
	skip "ports" "kernel: a port of a bridge cannot be locked"
	finish
	exit
fi
ip link del p0

### What is made

before
drives "made" 0 '^eth0 created moved$' do port:eth0:br0
is "its name is the user's first" "$(ip -o link show master br0 | cut -d: -f2 | cut -d@ -f1)" " vsrs_0"
is "isolated" "$(slave vsrs_0 isolated)" on
is "locked" "$(slave vsrs_0 locked)" on
is "learns nothing" "$(slave vsrs_0 learning)" off
is "no frames to unknown addresses" "$(slave vsrs_0 flood)" off
is "no messages of bridges" "$(slave vsrs_0 guard) $(slave vsrs_0 root_block)" "on on"
is "no multicast router" "$(slave vsrs_0 mcast_router)" 0
is "no IPv6 on the host's end" "$(cat /proc/sys/net/ipv6/conf/vsrs_0/disable_ipv6)" 1
is "no IPv4 without its bridge" "$(cat /proc/sys/net/ipv4/conf/vsrs_0/rp_filter)" 1
is "no ARP on the host's end, and up" "$(ip link show vsrs_0 | grep -Eo 'NOARP|,UP' | sort | tr '\n' ' ')" ",UP NOARP "
is "the group of what is complete" "$(ip link show vsrs_0 | grep -o 'group [0-9]*')" "group 30306"
is "no bridge takes its address" "$(mac_of ip link show vsrs_0 | cut -c1-2)" fe
is "pinned to the other end's address" "$(bridge fdb show dev vsrs_0 | grep static)" \
	"$(mac_of there ip link show eth0) sticky master br0 static"
is "the other end is down" "$(there ip link show eth0 | grep -c ',UP')" 0
is "the bridge's address is what it was" "$(mac_of ip link show br0)" 02:00:00:00:00:01
drives "a second one has the next slot" 0 created do port:eth1:br0
check "which is" ip link show vsrs_1
LINK_DRIVER_UID=4294967294 drives "the longest name" 0 created do port:eth2:br0
check "which is " ip link show vs1z141z2_0
drives "a name that is taken there" 7 "name is taken in the network namespace" do port:eth1:br0
fails "and no slot with it" ip link show vsrs_2
drive undo
unchanged "all taken back"

drives "one whose alias somebody changes" 0 created do port:eth0:br0
ip link set vsrs_0 alias mine
drives "... is left alone" 5 "left vsrs_0: .* its alias is not the one that was set" undo
ip link del vsrs_0
drives "... and is forgotten when it is gone" 0 "undone vsrs_0" undo
SHARED=1 drives "shared" 0 created do port:eth0:br0
is "so not isolated" "$(slave vsrs_0 isolated)" off
drive undo

ip link set br0 mtu 1400
before
drives "the bridge's MTU" 0 created do port:eth0:br0
is "is that of both ends" "$(ip link show vsrs_0 | grep -o 'mtu 1400') $(there ip link show eth0 | grep -o 'mtu 1400')" "mtu 1400 mtu 1400"
drive undo
unchanged "taken back, and the bridge's MTU is what it was"
ip link set br0 mtu 1500

### Which bridge

drives "no such bridge" 7 "'br9': there is no such interface" do port:eth0:br9
ip link add p0 type veth peer name p1
drives "no bridge" 7 "'p0': the interface of that name is no bridge" do port:eth0:p0
ip link property add dev br0 altname other0
drives "by an alternative name" 7 "'other0': the interface of that name is no bridge" do port:eth0:other0
ip link property del dev br0 altname other0
ip link set br0 type bridge stp_state 1
drives "with the spanning tree protocol" 7 "'br0' runs the spanning tree protocol" do port:eth0:br0
ip link set br0 type bridge stp_state 0
ip link add br1 type bridge
ip link set br1 up
sysctl -qw net.ipv6.conf.br1.accept_ra=0
drives "without an address of its own" 7 "'br1' has no address of its own" do port:eth0:br1
for ra in '1 0 0 refused' '1 1 0 taken' '2 1 0 refused' '2 1 1 taken' '0 0 0 taken'; do
	# shellcheck disable=SC2086
	set -- $ra
	sysctl -qw "net.ipv6.conf.br0.forwarding=$2" "net.ipv6.conf.br0.disable_ipv6=$3" "net.ipv6.conf.br0.accept_ra=$1"
	if [ "$4" = taken ]; then
		drives "accept_ra $1, forwarding $2, disable_ipv6 $3" 0 created do port:eth0:br0
		drive undo
	else
		drives "accept_ra $1, forwarding $2, disable_ipv6 $3" 7 "takes router advertisements" do port:eth0:br0
	fi
done
sysctl -qw net.ipv6.conf.br0.disable_ipv6=0 net.ipv6.conf.br0.forwarding=0 net.ipv6.conf.br0.accept_ra=0
umount /sys
drives "what the sysfs of another namespace says is not believed" 7 "cannot be read from /sys/class/net" do port:eth0:br0
own_sysfs

### Slots

# The group of one that was begun so many seconds ago.
making() {
	awk -v ago="$1" '{ printf "%d", 1979711488 + (int($1) - ago + 16777216) % 16777216 }' /proc/uptime
}

COUNT=2 drives "as many as are granted" 0 created do port:a0:br0 port:a1:br0
COUNT=2 drives "and no more" 3 "2 of 2 veths" do port:a2:br0
LINK_DRIVER_UID=1001 COUNT=2 drives "another user has his own" 0 created do port:a3:br0
LINK_DRIVER_UID=1002 TOTAL=3 drives "a full bridge" 3 "has the 3 ports" do port:a4:br0
drive undo
unset COUNT TOTAL
ip link add vsrs_0 group "$(making 30)" type veth peer name q0
drives "one that somebody is making keeps its slot" 0 created do port:eth0:br0
check "and stays" ip link show vsrs_0
check "the next was taken" ip link show vsrs_1
drive undo
ip link set vsrs_0 group "$(making 3600)"
drives "one that was left for an hour is taken back" 0 created do port:eth0:br0
is "and its slot is free" "$(ip link show vsrs_0 | grep -o 'group [0-9]*')" "group 30306"
fails "with its other end" ip link show q0
drive undo
ip link add vsrs_0 group 5 type veth peer name q0
drives "another's of that name keeps it" 0 created do port:eth0:br0
check "and stays " ip link show q0
drive undo
ip link del q0

### Killed, failed, changed meanwhile

before
requests=1
while [ "$requests" -lt 60 ]; do
	for how in KILL AFTER FAIL; do
		eval "LINK_DRIVER_$how=\$requests; export LINK_DRIVER_$how"
		drive do port:eth0:br0
		unset "LINK_DRIVER_$how"
		last=$status
		drive undo
		if [ "$status" -ne 0 ] || ip -o link show type veth | grep -q vsrs; then
			{ echo "$how $requests"; said; ip link show type veth; } | not_ok "nothing is left"
		fi
	done
	[ "$last" -ne 0 ] || break
	requests=$((requests + 1))
done
if [ "$requests" -gt 10 ] && [ "$requests" -lt 60 ]; then
	ok "killed before and after each of $((requests - 1)) requests, and each failed: nothing is left"
else
	echo "$requests requests" | not_ok "killed before and after each request"
fi
unchanged "and all is as it was"

# changed DESCRIPTION COMMAND PATTERN: root of this machine changes something between two requests.
changed() {
	changed_seen=
	at=1
	while [ "$at" -lt "$requests" ]; do
		LINK_DRIVER_WHEN=$at LINK_DRIVER_BEFORE="$2 2>/dev/null" drive do port:eth0:br0
		if [ "$status" -eq 0 ] && eval "$4"; then
			{ echo "before request $at"; said; ip -d link show vsrs_0; } | not_ok "$1"
			return
		fi
		grep -Eq -e "$3" "$W/out/stdout" && changed_seen=yes
		drive undo
		at=$((at + 1))
	done
	if [ "$changed_seen" ]; then ok "$1"; else echo "never $3" | not_ok "$1"; fi
}
# The last look is at what was set up; what is changed behind it, is changed by root.
changed "unlocked meanwhile" "bridge link set dev vsrs_0 locked off" "is not locked" \
	'[ "$(slave vsrs_0 locked)" = off ] && [ "$at" -lt $((requests - 4)) ]'
changed "taken out and put back" "ip link set vsrs_0 nomaster; ip link set vsrs_0 master br0" \
	"is not|learns|gets|cannot" '[ "$(slave vsrs_0 locked)" = off ] && [ "$at" -lt $((requests - 4)) ]'
# Whoever holds both runs stops the one before a request, ends its pair from within, and has the other
# make a port, with the same ifindex if it can, that is not secured. What the first still sends is not for
# that port.
create=1
while [ "$create" -lt "$requests" ]; do
	LINK_DRIVER_AFTER=$create drive do port:eth0:br0
	ip link show vsrs_0 >/dev/null 2>&1 && break
	drive undo
	create=$((create + 1))
done
drive undo
mkdir "$W/out/journal2"
cat >"$W/out/exchange" <<END
nsenter -t $TARGET -n ip link del eth0 || exit
unset LINK_DRIVER_BEFORE LINK_DRIVER_WHEN
LINK_DRIVER_AFTER=$create "$driver" "$W/out/journal2" /proc/$TARGET/ns/net do port:eth1:br0
END
at=$((create + 1))
: >"$W/out/met"
while [ "$at" -lt "$requests" ]; do
	LINK_DRIVER_IFINDEX=5000 LINK_DRIVER_WHEN=$at LINK_DRIVER_BEFORE="sh $W/out/exchange >/dev/null" \
		drive do port:eth0:br0
	is_as_made="$(slave vsrs_0 locked) $(slave vsrs_0 alias) $(bridge fdb show dev vsrs_0 | grep -c static) $(ip link show vsrs_0 | grep -c ',UP')"
	[ "$is_as_made" = "off  0 0" ] || echo "request $at: $is_as_made" >>"$W/out/met"
	LINK_DRIVER_IFINDEX=5000 drive undo
	ip link show vsrs_0 >/dev/null 2>&1 || echo "request $at: undone" >>"$W/out/met"
	"$driver" "$W/out/journal2" "/proc/$TARGET/ns/net" undo >/dev/null
	at=$((at + 1))
done
is "another port in its place: nothing that was meant for the first is done to it" "$(cat "$W/out/met")" ""
changed "the other end's address changed in there" \
	"nsenter -t $TARGET -n ip link set eth0 address 02:66:66:66:66:66" "created" \
	'bridge fdb show dev vsrs_0 | grep -q 02:66'
finish
