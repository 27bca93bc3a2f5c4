#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The executor of links by itself (tests/system/link_driver.c): each kind of step, each way it can
# clash, taking back, and a kill around each of its netlink requests.
#
#   here (this shell)                        there ($TARGET)
#   vh0 ----------------- veth ------------- eth0
#                                            br0, if0 (created there)
#   e0 (addresses, routes) ---- moves ---->  e0
#   p0, its peer, stays

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=link_lib.sh
. "$(dirname "$0")/link_lib.sh"

# With the addresses that the kernel gives.
sysctl -qw net.ipv6.conf.default.addr_gen_mode=0 2>/dev/null

fresh() {
	layout private
	target
	mkdir "$W/out/journal"
	netns=
}

# The pair e0 - p0 here, with all that a move makes e0 lose.
with_e0() {
	ip link add e0 type veth peer name p0
	ip link set e0 mtu 1400 alias 'my link'
	ip link property add dev e0 altname a-long-alternative-name
	ip addr add 192.0.2.5/24 brd + dev e0
	ip addr add 192.0.2.6/24 dev e0
	ip addr add 10.9.9.9 peer 10.9.9.10/32 dev e0 noprefixroute label e0:1
	ip addr add 2001:db8::5/64 dev e0
	ip addr add 2001:db8:1::5/64 dev e0 nodad
	ip link set e0 up
	ip link set p0 up
	wait_until settled
	ip route add default via 192.0.2.1 dev e0
	ip route add 203.0.114.0/24 dev e0
	# Listed before the route that it needs.
	ip route add 203.0.113.0/24 via 203.0.114.1 metric 50
	ip route add 203.0.113.128/25 via 203.0.115.1 dev e0 onlink mtu 1300
	ip route add 203.0.116.0/24 via 192.0.2.77 table 100 src 192.0.2.6
	ip route add 198.51.100.0/24 dev p0
	ip -6 route add default via 2001:db8::1 dev e0 src 2001:db8::5
	ip -6 route add 2001:db8:5::/48 via fe80::1 dev e0 table 77
}

# IPv6 addresses appear a second after their link is up.
settled() {
	for settling in e0 p0; do
		[ -n "$(ip -6 addr show dev "$settling" scope link)" ] || return 1
		! ip -6 addr show dev "$settling" | grep -q tentative || return 1
	done
}

# taken_back DESCRIPTION: undo succeeds, and all is as it was at `before`, once IPv6 has settled.
taken_back() {
	drive undo
	if [ "$status" -ne 0 ]; then
		said | not_ok "$1"
		return
	fi
	if ip link show e0 up 2>&1 | grep -q UP; then
		wait_until settled
	fi
	unchanged "$1"
}

gone() {
	! ip link show "$1"
}

# The machine's /sys shows other interfaces than this network namespace has.
index_of() {
	ip -o link show "$1" | cut -d: -f1
}

mac_of() {
	ip link show "$1" | awk '/ether/ { print $2 }'
}

alias_here() {
	ip link show "$1" | awk '/^ *alias/ { print $2 }'
}

### What is made

fresh
before
drives "veth: made" 0 '^eth0 created moved$' do veth:eth0:vh0
check "veth: name is there" there ip link show eth0
check "veth: peer is here" ip link show vh0
is "veth: the peer's alias" "$(alias_here vh0 | sed 's/[0-9a-f]\{16\}$/N/')" "vestibule:N"
is "veth: name has no alias" "$(there ip -d link show eth0 | grep -c alias)" 0
is "veth: both are down" "$(ip link show vh0 | grep -c UP; there ip link show eth0 | grep -c UP)" "0
0"
is "veth: the kernel's queue length" "$(ip -o link show vh0 | sed 's/.*qlen \([0-9]*\).*/\1/')" 1000
check "veth: a drawn ifindex here" test "$(index_of vh0)" -ge 1000 -a "$(index_of vh0)" -le 32767
check "veth: and there" there sh -c 'i=$(ip -o link show eth0 | cut -d: -f1); test $i -ge 1000 -a $i -le 32767'
is "veth: a local unicast address" $((0x$(mac_of vh0 | cut -c1-2) & 3)) 2
drives "veth: seen again" 0 '^vh0 1$' present
taken_back "veth: taken back"
drive undo
is "veth: taking back twice is nothing" "$(said)" "status 0"

ip link add eth0 type veth peer name eth0p
before
drives "veth: a link of that name here is in nobody's way" 0 created do veth:eth0:vh0
taken_back "veth: and is still there"
ip link del eth0

for kind in bridge ifb dummy; do
	if ! has_kind $kind; then
		skip "there: $kind" "kernel: no $kind"
		skip "here: $kind" "kernel: no $kind"
		continue
	fi
	before
	drives "there: $kind made" 0 '^l0 created$' do there:l0:$kind
	check "there: $kind is there" there ip -d link show l0 type $kind
	drives "there: $kind seen again" 0 '^l0 1$' present
	there ip link set l0 name other
	drives "there: $kind renamed is still it" 0 '^l0 1$' present
	taken_back "there: $kind taken back"
	[ $kind = bridge ] && continue
	drives "here: $kind made and moved" 0 '^l0 created moved$' do here:l0:$kind
	check "here: $kind is there" there ip -d link show l0 type $kind
	fails "here: $kind is not here" ip link show l0
	is "here: $kind has an alias" "$(there ip -d link show l0 | grep -c 'alias vestibule:')" 1
	drives "here: $kind seen again" 0 '^l0 1$' present
	taken_back "here: $kind taken back"
done
if has_kind bridge; then
	drive do there:br0:bridge
	there ip link add bp type veth peer name bq
	there ip link set bp address 02:00:00:00:00:01 master br0
	is "there: a bridge's address is not made sticky" \
		"$(there ip link show br0 | awk '/ether/ { print $2 }')" 02:00:00:00:00:01
	drive undo
	there ip link del bp
	before
	drives "here: a bridge cannot move" 1 "^error 1: move interface 'br0': .*(mmutable|nvalid)" \
		do here:br0:bridge
	taken_back "here: and is taken back"
fi

before
drives "an unknown kind" 6 "^error 6: create interface 'x': this kernel knows no interface kind 'nosuch'" \
	do there:x:nosuch
taken_back "an unknown kind leaves nothing"
drives "a kind that wants more: the kernel's words" 1 "^error 1: create interface 'x' of kind 'vxlan': .*: Invalid argument" \
	do there:x:vxlan
taken_back "  nothing of it"

### Clashes

there ip link add x0 type veth peer name x1
there ip link property add dev x0 altname altx
ip link add y0 type veth peer name y1
ip link property add dev y0 altname alty
before
for step in veth:x0:n0 there:x0:ifb here:x0:ifb; do
	drives "$step: the name is taken there" 7 "^error 7: interface 'x0': the name is taken in the network namespace of process 4711" do $step
	taken_back "$step: nothing is left"
done
for step in veth:altx:n0 there:altx:ifb here:altx:ifb; do
	drives "$step: taken there by an alternative name" 7 "'altx': .* process 4711, as an alternative name of 'x0'" do $step
	taken_back "$step: nothing is left"
done
drives "veth: the peer's name is taken here" 7 "^error 7: interface 'y0': the name is taken here" do veth:n0:y0
taken_back "veth: nothing is left"
drives "veth: taken here by an alternative name" 7 "'alty': the name is taken here, as an alternative name of 'y0'" do veth:n0:alty
taken_back "veth: nothing is left"
drives "here: the name is taken here" 7 "^error 7: interface 'y0': the name is taken here" do here:y0:ifb
taken_back "here: nothing is left"
drives "a later step fails: the earlier are taken back" 7 "^error 7" do veth:a0:b0 there:a1:ifb here:a2:ifb veth:x0:n0
taken_back "  all of them"

# Both sides' ifindexes, whose draws give 2000 there, and 2001 here for a pair: the next that is free.
index_there() {
	there ip -o link show "$1" | cut -d: -f1
}
there ip link add i0 index 2000 type veth peer name i1
ip link add j0 index 2001 type veth peer name j1
ip link add k0 index 2002 type veth peer name k1
before
export LINK_DRIVER_IFINDEX=2000
drives "veth: its ifindex is taken there: another" 0 created do veth:n0:n1
is "veth: the next, on both sides" "$(index_there n0) $(index_of n1)" "2003 2004"
taken_back "veth: taken back"
drives "there: its ifindex is taken there: another" 0 created do there:n0:ifb
is "there: the next" "$(index_there n0)" 2003
taken_back "there: taken back"
drives "here: its ifindex is taken there: another" 0 '^n0 created moved$' do here:n0:ifb
is "here: the next that is free on both sides" "$(index_there n0)" 2003
taken_back "here: taken back, the other one is left alone"
export LINK_DRIVER_IFINDEX=2001
drives "veth: an ifindex taken here is free there" 0 created do veth:n0:n1
taken_back "veth: taken back"
drives "veth: the peer's ifindex is taken here: another" 0 created do veth:n2:n3
taken_back "veth: taken back"
drives "here: its ifindex is taken here: another" 0 created do here:n0:ifb
is "here: the next" "$(index_there n0)" 2003
taken_back "here: taken back"
export LINK_DRIVER_IFINDEX=32767
there ip link add l0 index 32767 type ifb
drives "there: the greatest is taken: the least" 0 created do there:n0:ifb
is "there: which is free" "$(index_there n0)" 1000
drive undo
there ip link del l0
unset LINK_DRIVER_IFINDEX

# The name of a peer that has none: one that is taken is drawn again, and nothing of it is left or touched.
drawn_peer() {
	ip -br link show type veth | sed -n 's/^\(vsp[0-9a-f]*\)@.*/\1/p'
}
drives "veth: a name is drawn for its peer" 0 '^n0 created' do veth:n0
is "veth: of vsp and eight digits" "$(drawn_peer | grep -cE '^vsp[0-9a-f]{8}$')" 1
taken_back "veth: taken back"
export LINK_DRIVER_PEER=1
drives "veth: the name is drawn" 0 '^n0 created' do veth:n0
is "veth: that is drawn" "$(drawn_peer)" vsp12345678
taken_back "veth: taken back"
ip link add vsp12345678 type bridge
before
drives "veth: the name that is drawn is taken: another" 0 '^n0 created' do veth:n0
is "veth: drawn anew" "$(drawn_peer | grep -cE '^vsp[0-9a-f]{8}$')" 1
taken_back "veth: taken back, the other one is left alone"
export LINK_DRIVER_PEER=3
drives "veth: as often as that is tried" 7 "^error 7: interface 'vsp12345678': the name is taken here" do veth:n0
taken_back "veth: nothing is left"
export LINK_DRIVER_PEER=1 LINK_DRIVER_IFINDEX=2000
drives "veth: its ifindex is taken there, and the name here" 0 created do veth:n0
taken_back "veth: taken back"
unset LINK_DRIVER_PEER LINK_DRIVER_IFINDEX
ip link del vsp12345678

### Not ours

fresh
drive do veth:eth0:vh0
ip link set vh0 alias somebody
drives "another alias: not seen" 0 '^vh0 0$' present
drives "another alias: left alone" 5 "^left vh0: interface 'vh0' .* its alias is not" undo
check "another alias: still there" ip link show vh0
ip link del vh0
drives "gone: nothing to take back" 0 '^undone vh0$' undo
drive do veth:eth0:vh0
index=$(index_of vh0)
alias=$(alias_here vh0)
ip link del vh0
ip link add vh0 index "$index" type veth peer name vh1
drives "another with its name, kind and ifindex: left alone" 5 "its address is another" undo
ip link del vh0
ip link add vh0 index "$index" type bridge
ip link set vh0 alias "$alias"
drives "another kind under the same alias: left alone" 5 "its kind is another" undo
ip link del vh0
drive undo
drive do veth:eth0:vh0
ip link set vh0 name renamed
drives "renamed here: still it" 0 '^vh0 1$' present
drives "renamed here: taken back" 0 '^undone vh0$' undo
fails "renamed here: gone" ip link show renamed
drive do there:l0:ifb
index=$(there ip -o link show l0 | cut -d: -f1)
there ip link del l0
there ip link add l0 index "$index" type ifb
drives "another address there: left alone" 5 "its address is another" undo
there ip link del l0
drive undo
LINK_DRIVER_AFTER=1 drive do veth:eth0:vh0
is "killed after creation" "$status" 99
ip link set vh0 name renamed
drives "unconfirmed and renamed: left alone" 5 "its name is another" undo
ip link set renamed name vh0
ip link set vh0 alias somebody
drives "unconfirmed with another's alias: left alone" 5 "its alias is not" undo
ip link set vh0 alias ''
drives "unconfirmed, all else matches: taken back" 0 '^undone vh0$' undo
drive do there:l0:ifb veth:eth0:vh0
kill -KILL "$TARGET"
wait_until gone vh0
netns=gone
drives "the namespace is gone: nothing is left" 0 '^undone l0$' undo

### An existing link

fresh
with_e0
e0_index=$(index_of e0)
before
drives "move: moved" 0 '^e0 moved$' do move:e0
drives "move: seen again" 0 '^e0 1$' present
check "move: it is there" there ip link show e0
fails "move: it is not here" ip link show e0
is "move: it keeps its ifindex, MTU and alias" \
	"$(there ip -d -o link show e0 | grep "^$e0_index:" | grep -c 'mtu 1400 .*alias my link')" 1
is "move: it is down" "$(there ip link show e0 up)" ""
taken_back "move: taken back with addresses, routes, up, everything"
drive do move:e0
there ip link set e0 name hostile
there ip link add e0 type veth peer name e1
there ip link set hostile up
drives "move: renamed there, the name given to another" 0 '^e0 1$' present
drives "move: brought back all the same" 0 '^undone e0$' undo
there ip link del e0
taken_back "move: under its own name"
drive do move:e0
ip link add e0 type veth peer name taken
drives "move: its name is taken here meanwhile" 0 "^otherwise e0: interface 'e0' is back, but as 'vst[0-9a-f]*'" undo
back=$(ip -o link | sed -n 's/.*\(vst[0-9a-f]*\)@.*/\1/p')
check "move: it is back with its addresses" sh -c "ip addr show $back | grep -q 192.0.2.5/24"
ip link del e0
# Labels of addresses follow the kernel's own rules where a link is renamed.
sed 's/ label=[^ ]*//' "$W/out/before" | sort >"$W/out/was"
snapshot | sed "s/ label=[^ ]*//; s/$back/e0/g" | sort >"$W/out/after"
is "move: and all else is as it was" "$(diff "$W/out/was" "$W/out/after")" ""
fresh
with_e0
e0_index=$(index_of e0)
drive do move:e0
ip link add s0 index "$e0_index" type veth peer name s1
drives "move: its ifindex is taken here meanwhile: another" 0 '^undone e0$' undo
fails "move: so its ifindex is another" test "$(index_of e0)" = "$e0_index"
check "move: its routes follow" sh -c 'ip route show table 100 | grep -q "dev e0"'
is "move: the default route too" "$(ip route show default)" "default via 192.0.2.1 dev e0 "
ip link del s0
ip link del e0

fresh
with_e0
e0_index=$(index_of e0)
there ip link add q0 index "$e0_index" type veth peer name q1
before
drives "move: its ifindex is taken there: another" 0 '^e0 moved$' do move:e0
check "move: one of those that are drawn" there sh -c 'i=$(ip -o link show e0 | cut -d: -f1); test $i -ge 1000 -a $i -le 32767'
drives "move: seen under it" 0 '^e0 1$' present
taken_back "move: taken back under its own"
there ip link set q0 name e0
before
drives "move: its name is taken there" 7 "^error 7: interface 'e0': the name is taken in the network namespace of process 4711" do move:e0
taken_back "move: nothing has moved"
there ip link set e0 name q0
there ip link property add dev q0 altname e0
before
drives "move: its name is an alternative one there" 7 "'e0': .* as an alternative name of 'q0'" do move:e0
taken_back "move: nothing has moved"
there ip link property del dev q0 altname e0
there ip link property add dev q0 altname a-long-alternative-name
before
drives "move: its alternative name is taken there" 7 "^error 7: interface 'e0': an alternative name of it is taken" do move:e0
taken_back "move: nothing has moved"
there ip link property del dev q0 altname a-long-alternative-name
before
drives "move: lo does not move" 1 "^error 1: move interface 'lo': " do move:lo
taken_back "move: lo is as before"
drive do move:e0
there ip link set e0 address 02:00:00:00:00:07
drives "move: another address there: still it, by its other end" 0 '^e0 1$' present
taken_back "move: taken back with the address that it had"
drive do move:e0
there ip link del e0
drives "move: deleted there: nothing is left, and it is said" 0 '^otherwise e0: ' undo

fresh
ip link add d0 type veth peer name d1
ip addr add 192.0.2.205/24 dev d0
ip addr add 2001:db8:9::5/64 dev d0
before
drives "move: one that is down" 0 '^d0 moved$' do move:d0
taken_back "move: taken back, and still down"
with_e0
ip route add 203.0.120.0/24 nexthop via 192.0.2.3 dev e0 nexthop via 198.51.100.9 dev p0 onlink
before
drives "move: a route with several nexthops is refused" 6 "^error 6: move interface 'e0': a route with several" do move:e0
taken_back "move: nothing has moved"
drives "move: but in the way of no other link" 0 '^d0 moved$' do move:d0
taken_back "move: taken back"
ip route del 203.0.120.0/24
ip link del e0
ip link add e0 type veth peer name p0
ip link set e0 up
ip link set p0 up
wait_until settled
i=0
while [ $i -lt 1000 ]; do
	echo "route add 10.$((i / 250)).$((i % 250)).0/24 dev e0"
	i=$((i + 1))
done >"$W/out/batch"
ip -batch "$W/out/batch"
before
drives "move: too many routes are refused" 6 "^error 6: move interface 'e0': it has too many" do move:e0
taken_back "move: nothing has moved"
ip link del e0
ip link add e0 type veth peer name p0
ip link set e0 up
ip link set p0 up
wait_until settled
head -n 200 "$W/out/batch" | ip -batch -
before
drives "move: two hundred routes" 0 '^e0 moved$' do move:e0
taken_back "move: all of them are back"

### A hostile root there

fresh
with_e0
e0_index=$(index_of e0)
e0_mac=$(mac_of e0)
drive do move:e0
there ip link del e0
there ip link add e0 index "$e0_index" address "$e0_mac" type veth peer name tap
drives "hostile: a forged pair, its other end there, is not brought here" 0 \
	"^otherwise e0: .*it was removed where it had been moved to" undo
fails "hostile: nothing came" ip link show e0
there ip link del e0

fresh
ip link add e0 type veth peer name p0
e0_index=$(index_of e0)
p0_index=$(index_of p0)
e0_mac=$(mac_of e0)
drive do move:e0
there ip link del e0
# The kernel counts on: until the peer's turn is the right one.
last=0
while [ "$last" -lt $((p0_index - 1)) ]; do
	there ip link add z type ifb
	last=$(there ip -j link show z | jq '.[0].ifindex')
	there ip link del z
done
there ip link add e0 index "$e0_index" address "$e0_mac" type veth peer name tap
is "hostile: forged to its peer's ifindex" "$(there ip -j link show tap | jq '.[0].ifindex')" "$p0_index"
# Here its peer's number is given again, or it would be known that both are gone.
ip link add p9 index "$p0_index" type veth peer name p8
drives "hostile: nor where that end has the right ifindex" 5 \
	"^left e0: .*what it is connected to is not here" undo
nsenter -t "$TARGET" -n unshare -n sleep infinity &
third=$!
ours $third
wait_until grep -q sleep "/proc/$third/comm"
there ip link set tap netns $third
drives "hostile: nor from a third namespace" 5 \
	"^left e0: .*what it is connected to is not here" undo

fresh
with_e0
drive do move:e0
there ip link del e0
drives "hostile: one that was removed there is not passed over in silence" 0 \
	"^otherwise e0: .*it was removed where it had been moved to" undo

fresh
with_e0
e0_index=$(index_of e0)
drive do move:e0
there ip link set e0 name hostile
there ip link add "$(printf 'vst%08x' "$e0_index")" type veth peer name v1
drives "hostile: the name for the way back is taken there" 0 '^undone e0$' undo
check "hostile: it is back under its own" ip link show e0

fresh
with_e0
drive do move:e0
seq -f 'link property add dev e0 altname a%0120.0f' 400 | there ip -batch -
drives "hostile: four hundred alternative names" 0 '^undone e0$' undo

fresh
ip link add e0 mtu 1400 type veth peer name p0
ip addr add 192.0.2.5/24 dev e0
before
drive do move:e0
LINK_DRIVER_BEFORE="nsenter -t $TARGET -n ip link set e0 mtu 1300 2>/dev/null; :" drive undo
is "hostile: changed before each request, it is not brought back" "$status" 5
check "hostile: it is named" grep -q "^left e0: .*'e0' back: the MTU differs each time that it was set right" "$W/out/stdout"
check "hostile: it is there" there ip link show e0
taken_back "hostile: brought back as it was, once that ends"

# Exchanged at any time, for one whose other end is there.
n=1
while :; do
	fresh
	ip link add e0 type veth peer name p0
	drive do move:e0
	e0_index=$(index_there e0)
	LINK_DRIVER_BEFORE="nsenter -t $TARGET -n sh -c 'ip link del e0 && ip link add e0 index $e0_index type veth peer name tap' 2>/dev/null; :" \
		LINK_DRIVER_WHEN=$n drive undo
	# Too late: it is here, and was not exchanged.
	there ip link show tap >/dev/null 2>&1 || break
	is "hostile: exchanged before request $n, what came is not here" "$(ip -j link | jq -r '[.[].ifname] - ["lo"] | join(" ")')" ""
	n=$((n + 1))
	[ $n -lt 40 ] || break
done
check "hostile: there are such requests" test $n -gt 3 -a $n -lt 40

### One namespace

fresh
with_e0
netns=/proc/self/ns/net
before
drives "same: veth" 0 '^n0 created moved$' do veth:n0:n1
check "same: both ends are here" sh -c 'ip link show n0 && ip link show n1'
drives "same: veth seen again" 0 '^n1 1$' present
taken_back "same: veth taken back"
for step in there:l0:ifb here:l0:ifb; do
	drives "same: $step" 0 '^l0 created' do $step
	is "same: $step has an alias" "$(alias_here l0 | cut -c1-10)" vestibule:
	drives "same: $step seen again" 0 '^l0 1$' present
	taken_back "same: $step taken back"
done
drives "same: a move is done already" 0 '^e0 moved$' do move:e0
taken_back "same: and nothing is to be taken back"
drives "same: a name that is taken" 7 "^error 7: interface 'e0': the name is taken here" do there:e0:ifb
drive undo

### Killed around each request, or failing in it; and so again while taking back

# hit_everywhere DESCRIPTION "KILL AFTER FAIL" STEP...
hit_everywhere() {
	hit_what=$1
	hit_how=$2
	shift 2
	before
	for when in $hit_how; do
		n=1
		until eval "LINK_DRIVER_$when=$n drive do \"\$@\""; [ "$status" -eq 0 ] || [ $n -gt 60 ]; do
			taken_back "$hit_what: $when at request $n of doing"
			n=$((n + 1))
		done
		[ "$status" -eq 0 ] || said | not_ok "$hit_what: to its end"
		drive undo
		n=1
		until drive do "$@" && eval "LINK_DRIVER_$when=$n drive undo"
			[ "$status" -eq 0 ] || [ $n -gt 60 ]; do
			taken_back "$hit_what: $when at request $n of taking back"
			n=$((n + 1))
		done
		[ "$status" -eq 0 ] || said | not_ok "$hit_what: taken back to its end"
	done
}

fresh
hit_everywhere veth "KILL AFTER FAIL" veth:eth0:vh0
hit_everywhere there "KILL AFTER FAIL" there:l0:ifb
hit_everywhere here "KILL AFTER FAIL" here:l0:ifb
with_e0
hit_everywhere move "KILL AFTER" move:e0
# An address that fails does not keep the others from coming back, and so comes after them when it
# is tried again: one of a family.
ip route del 203.0.116.0/24 table 100
ip addr del 192.0.2.6/24 dev e0
ip addr del 10.9.9.9 peer 10.9.9.10/32 dev e0
ip addr del 2001:db8:1::5/64 dev e0
hit_everywhere move FAIL move:e0

### Rights

fresh
exec 9<"/proc/$TARGET/ns/net"
before
set -- setpriv --inh-caps=-all --bounding-set=-all,+net_admin
if [ -n "$VST_USERNS" ] || ! command -v setpriv >/dev/null; then
	skip "rights" "kernel: the tests of root do that, with setpriv"
else
	real_driver=$driver
	printf '#!/bin/sh\nexec %s "%s" "$@"\n' "$*" "$real_driver" >"$W/out/driver"
	chmod 755 "$W/out/driver"
	driver=$W/out/driver
	netns=/proc/self/fd/9
	export LINK_DRIVER_NO_SOCKET=1
	drives "rights: CAP_NET_ADMIN alone is enough" 0 '^l1 created moved$' do veth:eth0:vh0 there:l0:ifb here:l1:ifb
	taken_back "rights: and for taking back"
	there ip link add x0 type ifb
	drives "rights: and for saying what is taken there" 7 "'x0': the name is taken in the network" do veth:x0:n0
	drive undo
	there ip link del x0
	printf '#!/bin/sh\nexec %s "%s" "$@"\n' "setpriv --inh-caps=-all --bounding-set=-all" \
		"$real_driver" >"$W/out/driver"
	drives "rights: without it, it is named" 3 "^error 3: create interface 'eth0' .*CAP_NET_ADMIN" do veth:eth0:vh0
	driver=$real_driver
	unset LINK_DRIVER_NO_SOCKET
	drive undo
	unchanged "rights: nothing is left"
fi
exec 9<&-

finish
