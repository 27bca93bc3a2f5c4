#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What interfaces are given beside their place: addresses, routes, up, MTU, MAC, a bridge, what a moved one
# keeps. They answer when attach returns, and all of it goes with them.
#
#   here                                      there ($TARGET)
#     br0 192.0.2.254, 2001:db8::fe             eth0   its peer is a port of br0
#     vst-e, vst-f   a pair with addresses      vst-e  when it is moved

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

link_of() {
	"$@" ip -d -j link show
}

# shows DESCRIPTION FILTER WANTED COMMAND...: what jq makes of the command's output, on one line.
shows() {
	shows_what=$1
	shows_filter=$2
	shows_want=$3
	shift 3
	is "$shows_what" "$("$@" 2>&1 | jq -rc "$shows_filter")" "$shows_want"
}

# pings DESCRIPTION [there] ADDRESS: one packet, and its answer: nothing is tried twice.
pings() {
	pings_what=$1
	shift
	if [ "$1" = there ]; then
		shift
		check "$pings_what" there busybox ping -c 1 -W 10 "$1"
	else
		check "$pings_what" busybox ping -c 1 -W 10 "$1"
	fi
}

# It has had a port before, which leaves it with other limits of what is segmented.
make_bridge() {
	ip link add br0 address 02:00:00:00:00:aa type bridge
	ip link set br0 addrgenmode none 2>/dev/null
	ip addr add 192.0.2.254/24 dev br0
	ip addr add 2001:db8::fe/64 dev br0 nodad 2>/dev/null
	ip link set br0 up
	ip link add vst-first type veth peer name vst-second
	ip link set vst-first master br0
	ip link del vst-first
}

# With the kernel's own duplicate address detection: what is said here of IPv6 holds in spite of it.
with_detection() {
	"$@" sysctl -qw net.ipv6.conf.all.accept_dad=1 net.ipv6.conf.default.accept_dad=1 \
		net.ipv6.conf.default.addr_gen_mode=0 2>/dev/null || true
}

has_ipv6() {
	[ -e /proc/sys/net/ipv6/conf/lo ]
}

# The README's example, its own words.
layout private
target
with_detection
with_detection there
bundle readme "{$(sed -n '/^        "interfaces": \[/,/^        "bindNS"/p' "$top/README.md" | sed '$ d' | sed '$ s/,$//')}"
does "README's interface" 0 attach --pid "$TARGET" "$W/readme"
pings "... answers when attach returns" 10.0.0.2
pings "... and reaches what is here" there 10.0.0.1
shows "... by a default route" '.[0] | "\(.gateway) \(.dev)"' "10.0.0.1 eth0" there ip -j route show default
does "... and goes" 0 detach "$W/readme"
shows "... with all of it" 'length' 0 ip -j route show 10.0.0.0/24

# Both families, at once, and on a bridge.
layout private
target
with_detection
with_detection there
make_bridge
bundle full '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br0", "isolated": true, "mtu": 1400,
	"mac": "02:00:00:00:00:01", "up": true, "peerUp": true,
	"addresses": ["192.0.2.1/24", "192.0.2.2/24", "2001:db8::1/64"],
	"routes": [{"to": "default", "via": "192.0.2.254"}, {"to": "198.51.100.0/24", "metric": 7},
		{"to": "default", "via": "2001:db8::fe", "metric": 5}, {"to": "2001:db8:1::/48"}]}]}'
if has_ipv6; then
	there ip link set lo up
	before
	does "a port of a bridge" 0 attach --pid "$TARGET" "$W/full"
	pings "... answers" 192.0.2.1
	pings "... by its other address" 192.0.2.2
	pings "... by IPv6" 2001:db8::1
	pings "... and reaches the bridge" there 192.0.2.254
	pings "... by IPv6" there 2001:db8::fe
	shows "... its MTU, MAC and state are those" \
		'.[] | select(.ifname == "eth0") | [.mtu, .address, (.flags | contains(["UP"]))]' \
		'[1400,"02:00:00:00:00:01",true]' link_of there
	shows "... its addresses, in the order of the document" \
		'[.[] | select(.ifname == "eth0") | .addr_info[] | select(.scope == "global") | "\(.local)/\(.prefixlen)"]' \
		'["192.0.2.1/24","192.0.2.2/24","2001:db8::1/64"]' there ip -j addr
	shows "... usable, and with no flag that stays" \
		'[.[] | select(.ifname == "eth0") | .addr_info[] | select(.scope == "global" and .family == "inet6") | .tentative, .nodad, .dadfailed]' \
		'[null,null,null]' there ip -j addr
	shows "... its routes of IPv4" '[.[] | [.dst, .gateway, .metric]] | sort' \
		'[["192.0.2.0/24",null,null],["198.51.100.0/24",null,7],["default","192.0.2.254",null]]' there ip -j route
	shows "... of IPv6" '[.[] | select(.dst != "fe80::/64") | [.dst, .gateway, .metric]] | sort' \
		'[["2001:db8:1::/48",null,1024],["2001:db8::/64",null,256],["default","2001:db8::fe",5]]' there ip -j -6 route
	shows "... its peer is an isolated port, with its MTU, and with an address that no bridge takes" \
		'.[] | select(.ifname | startswith("vsp")) | [.master, .linkinfo.info_slave_data.isolated, .mtu, .address[0:2], (.flags | contains(["UP"]))]' \
		'["br0",true,1400,"fe",true]' link_of
	peer=$(ip -j link | jq -r '.[] | select(.ifname | startswith("vsp")) | .ifname')
	is "... whose name is drawn" "$(echo "$peer" | grep -cE '^vsp[0-9a-f]{8}$')" 1
	vst status "$W/full"
	is "... which status tells" "$(grep -c " interface $peer " "$W/out/stdout")" 1
	does "... a second attach" 0 attach --pid "$TARGET" "$W/full"
	says "... says so" 'already'
	does "... detach" 0 detach "$W/full"
	unchanged "... and all is as it was"
else
	skip "a port of a bridge" "kernel: no IPv6"
fi

plain_addresses
# Two containers on a bridge: isolated ports reach the host, and not each other.
layout private
make_bridge
for isolated in false true; do
	for n in 1 2; do
		target
		eval "target_$n=$TARGET"
		bundle "c$n" "{\"interfaces\": [{\"name\": \"eth0\", \"add\": \"veth\", \"bridge\": \"br0\",
			\"isolated\": $isolated, \"up\": true, \"peerUp\": true, \"addresses\": [\"192.0.2.$n/24\"]}]}"
		does "container $n on the bridge, isolated: $isolated" 0 attach --pid "$TARGET" "$W/c$n"
		pings "... is reached" "192.0.2.$n"
		pings "... and reaches the host" there 192.0.2.254
	done
	# shellcheck disable=SC2154
	TARGET=$target_1
	if [ $isolated = false ]; then
		pings "... the one reaches the other" there 192.0.2.2
	else
		fails "... the one does not reach the other" there busybox ping -c 2 -W 1 192.0.2.2
	fi
	does "... detach" 0 detach "$W/c1"
	does "... and the other" 0 detach "$W/c2"
done
shows "... the bridge is as it was" '.[] | select(.ifname == "br0") | [.address, .mtu]' \
	'["02:00:00:00:00:aa",1500]' link_of

# Other kinds, and a pair's end here alone.
layout private
target
bundle peer '{"interfaces": [{"name": "eth0", "peer": "vst-p", "mtu": 9000, "peerAddresses": ["192.0.2.1/32", "2001:db8::1/128"],
	"peerUp": true}, {"name": "eth1", "add": "veth"}]}'
does "the end here" 0 attach --pid "$TARGET" "$W/peer"
shows "... has its addresses, MTU and state" \
	'.[] | select(.ifname == "vst-p") | [.mtu, (.flags | contains(["UP"])), [.addr_info[] | select(.scope == "global") | .local]]' \
	'[9000,true,["192.0.2.1","2001:db8::1"]]' ip -j addr
shows "... the one there has the same MTU, and is down" \
	'.[] | select(.ifname == "eth0") | [.mtu, (.flags | contains(["UP"])), .addr_info]' '[9000,false,[]]' there ip -j addr
does "... detach" 0 detach "$W/peer"
for kind in ifb dummy macvlan bridge; do
	if ! ip link add vstprobe0 type $kind 2>/dev/null && [ $kind != macvlan ]; then
		skip "a $kind with an address" "kernel: has no $kind"
		continue
	fi
	ip link del vstprobe0 2>/dev/null
	[ $kind != macvlan ] || continue # it would want a device to lie on, which no document names
	for here in false true; do
		[ "$kind $here" != "bridge true" ] || continue # a bridge is not moved
		target
		bundle "k-$kind" "{\"interfaces\": [{\"name\": \"k0\", \"add\": \"$kind\", \"createInRoot\": $here, \"mtu\": 1400,
			\"mac\": \"02:00:00:00:00:02\", \"up\": true, \"addresses\": [\"198.51.100.1/24\"]}]}"
		does "a $kind with an address, made here: $here" 0 attach --pid "$TARGET" "$W/k-$kind"
		shows "... has all of it" \
			'.[] | select(.ifname == "k0") | [.mtu, .address, (.flags | contains(["UP"])), [.addr_info[] | select(.family == "inet") | .local]]' \
			'[1400,"02:00:00:00:00:02",true,["198.51.100.1"]]' there ip -j addr
		does "... and goes" 0 detach "$W/k-$kind"
		shows "... wholly" '[.[].ifname] - ["lo"] | length' 0 there ip -j link
	done
done

# As many as there may be, in the longest form.
layout private
target
if has_ipv6; then
	list() {
		seq -f "$2" "$1" | paste -sd,
	}
	bundle many "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-p\", \"up\": true, \"peerUp\": true,
		\"addresses\": [$(list 64 '"2001:db8::%g/64"')], \"peerAddresses\": [$(list 64 '"2001:db8::1:%g/64"')],
		\"routes\": [$(list 128 '{"to": "2001:db8:1:%g::/64", "via": "2001:db8::1:1", "metric": 4294967295}')]}]}"
	does "64 addresses at each end, 128 routes" 0 attach --pid "$TARGET" "$W/many"
	shows "... are there" '[.[].addr_info[] | select(.scope == "global")] | length' 64 there ip -j -6 addr show dev eth0
	shows "... and here" '[.[].addr_info[] | select(.scope == "global")] | length' 64 ip -j -6 addr show dev vst-p
	shows "... with their metric" '[.[] | select(.metric == 4294967295)] | length' 128 there ip -j -6 route show dev eth0
	does "... detach" 0 detach "$W/many"
else
	skip "64 addresses at each end, 128 routes" "kernel: no IPv6"
fi

# What a moved interface keeps.
moved() {
	layout private
	target
	ip link add vst-e mtu 1450 type veth peer name vst-f
	ip link set vst-f up
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
	ip addr add 192.0.2.8/24 dev vst-e
	ip addr add 2001:db8::7/64 dev vst-e nodad 2>/dev/null
	ip route add default via 192.0.2.9 dev vst-e metric 3
	ip route add 198.51.100.0/24 via 192.0.2.9 dev vst-e table 100
	ip -6 route add 2001:db8:9::/48 via 2001:db8::9 dev vst-e 2>/dev/null
}
# The addresses, routes and state there: "7,8|default,...|up".
kept() {
	there ip -j addr show dev vst-e | jq -r '.[0] | [.addr_info[] | select(.scope == "global") | .local] | sort | join(",")' | tr '\n' '|'
	(
		there ip -j -4 route show table all dev vst-e
		there ip -j -6 route show table all dev vst-e
	) | jq -r '.[] | select(.protocol != "kernel" and .type != "multicast") | .dst' | sort | paste -sd, | tr '\n' '|'
	there ip -j link show dev vst-e | jq -r '.[0].flags | if contains(["UP"]) then "up" else "down" end'
}
v6=
v6_route=
has_ipv6 && v6=,2001:db8::7 && v6_route=,2001:db8:9::/48
while IFS=';' read -r what members wanted; do
	moved
	bundle m "{\"interfaces\": [{\"name\": \"vst-e\"$members}]}"
	before
	does "moved, keeps $what" 0 attach --pid "$TARGET" "$W/m"
	is "... that, and no more" "$(kept)" "$wanted"
	does "... detach" 0 detach "$W/m"
	unchanged "... and it is at home with all it had"
done <<END
nothing;;||down
its addresses;, "keep": ["addresses"];192.0.2.7,192.0.2.8$v6||down
up;, "keep": ["up"];||up
addresses and up;, "keep": ["addresses", "up"];192.0.2.7,192.0.2.8$v6||up
all of it;, "keep": ["addresses", "routes", "up"];192.0.2.7,192.0.2.8$v6|198.51.100.0/24$v6_route,default|up
all of it, and is given more;, "keep": ["addresses", "routes", "up"], "mtu": 1300, "up": true, "addresses": ["203.0.113.1/32"], "routes": [{"to": "203.0.113.0/24"}];192.0.2.7,192.0.2.8$v6,203.0.113.1|198.51.100.0/24$v6_route,203.0.113.0/24,default|up
nothing, and is given some;, "up": true, "addresses": ["203.0.113.1/24"];203.0.113.1||up
END
# One that is down here is down there.
moved
ip link set vst-e down
ip addr flush dev vst-e
ip addr add 192.0.2.7/24 dev vst-e
bundle m '{"interfaces": [{"name": "vst-e", "keep": ["up", "addresses", "routes"]}]}'
does "what is down and is to keep 'up'" 0 attach --pid "$TARGET" "$W/m"
is "... is down there" "$(kept)" "192.0.2.7||down"
does "... detach" 0 detach "$W/m"
# A container that changed all of it.
moved
bundle m '{"interfaces": [{"name": "vst-e", "keep": ["addresses", "routes", "up"], "mtu": 1300}]}'
before
does "a container changes what was kept" 0 attach --pid "$TARGET" "$W/m"
there ip addr flush dev vst-e
there ip link set vst-e down mtu 1200
does "... detach" 0 detach "$W/m"
unchanged "... and it is at home with all it had"

# What cannot be done is found out, and all is taken back.
layout private
target
make_bridge
ip link add vst-e type veth peer name vst-f
ip link set vst-e up
ip addr add 192.0.2.9/24 dev vst-f
# cannot DESCRIPTION STATUS PATTERN MEMBERS: of a veth, after one that is good.
cannot() {
	bundle x "{\"interfaces\": [{\"name\": \"eth1\", \"add\": \"veth\", \"bridge\": \"br0\", \"up\": true, \"peerUp\": true,
		\"addresses\": [\"203.0.113.1/24\"]}, $4]}"
	refuses "$1" "$2" "$3" attach --pid "$TARGET" "$W/x"
}
cannot "a gateway that is not reached" 1 "interface 'eth0' 1 of its routes: the route to 198.51.100.0/24.*taken back" \
	'{"name": "eth0", "add": "veth", "up": true, "addresses": ["198.51.101.1/24"], "routes": [{"to": "198.51.100.0/24", "via": "10.9.9.9"}]}'
cannot "no such bridge" 1 "bridge br9: there is none of this name here; make it first" \
	'{"name": "eth0", "add": "veth", "bridge": "br9"}'
cannot "what is no bridge" 7 "bridge vst-e: .* is no bridge" '{"name": "eth0", "add": "veth", "bridge": "vst-e"}'
has_ipv6 && cannot "an MTU that is too small for IPv6" 1 "interface 'eth0' 1 of its addresses: the address 2001:db8::1/64" \
	'{"name": "eth0", "add": "veth", "mtu": 1279, "addresses": ["192.0.2.1/24", "2001:db8::1/64"]}'
cannot "a route that is there already, by another gateway" 1 "the route to default/0 is not what was set" \
	'{"name": "eth0", "add": "veth", "up": true, "addresses": ["198.51.100.1/24"], "routes": [{"to": "default", "via": "198.51.100.2"}]},
	{"name": "eth2", "add": "veth", "up": true, "addresses": ["198.51.101.1/24"], "routes": [{"to": "default", "via": "198.51.101.2"}]}'
ip link set vst-e down
cannot "a moved one whose route cannot be set there" 1 "interface 'vst-e' 1 of its routes" \
	'{"name": "vst-e", "up": true, "mtu": 1300, "addresses": ["198.51.100.1/24"], "routes": [{"to": "203.0.114.0/24", "via": "10.9.9.9"}]}'
if has_ipv6; then
	there sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1
	cannot "IPv6 that is switched off there" '[16]' "interface 'eth0' 1 of its addresses: the address 2001:db8::1/64" \
		'{"name": "eth0", "add": "veth", "addresses": ["2001:db8::1/64"]}'
	there sysctl -qw net.ipv6.conf.default.disable_ipv6=0 net.ipv6.conf.all.disable_ipv6=0
fi

# The container's root does something at each request: what says that it is done is taken back, and nothing is
# left in any case.
meanwhile() {
	layout private
	target
	make_bridge
	target_first=$TARGET
	target
	other=$TARGET
	TARGET=$target_first
	bundle m '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br0", "isolated": true, "mtu": 1400, "up": true,
		"peerUp": true, "addresses": ["192.0.2.1/24"], "routes": [{"to": "default", "via": "192.0.2.254"}]}]}'
	before
	strace -o "$W/out/trace" -e trace=sendto "$VST" --root "$W/state" attach --pid "$TARGET" "$W/m" 2>"$W/out/stderr"
	requests=$(grep -c '^sendto' "$W/out/trace")
	vst detach "$W/m"
}
if can_hold "what the container's root does meanwhile"; then
	meanwhile
	while read -r action; do
		: >"$W/out/wrongs"
		succeeded=0
		for n in $(seq 2 "$requests"); do
			holds before sendto "$n" attach --pid "$TARGET" "$W/m"
			words=$(echo "$action" | sed "s/OTHER/$other/")
			# shellcheck disable=SC2086
			there ip $words 2>/dev/null
			go_on
			[ "$status" -ne 0 ] || succeeded=$((succeeded + 1))
			case $status in
			0 | 1) ;;
			*) echo "at $n: status $status: $(cat "$W/out/stderr")" >>"$W/out/wrongs" ;;
			esac
			[ "$status" -ne 0 ] || vst detach "$W/m"
			[ "$(nsenter -t "$other" -n ip -br link show type veth)" = "" ] || echo "at $n: left in the other" >>"$W/out/wrongs"
		done
		is "$requests requests, and meanwhile $action: done, or taken back" "$(cat "$W/out/wrongs")" ""
		unchanged "... and nothing is left"
		check "... and it was done at least once" test $succeeded -gt 0
	done <<END
link set eth0 name other0
link del eth0
link set eth0 netns OTHER
addr flush dev eth0
link set eth0 down
link set eth0 mtu 1300
link set eth0 address 02:00:00:00:00:77
END
fi

# In our own network namespace what is made is as asked for; what is not moved is not changed.
layout private
target -m
ip link add vst-e type veth peer name vst-f
bundle same '{"interfaces": [{"name": "eth0", "peer": "vst-p", "up": true, "peerUp": true, "addresses": ["198.51.100.1/32"],
	"peerAddresses": ["198.51.101.1/32"], "routes": [{"to": "198.51.101.0/24"}]}, {"name": "vst-e", "keep": ["addresses", "up"]}]}'
does "in our own network namespace" 0 attach --pid "$TARGET" "$W/same"
shows "... it is as asked for" \
	'[.[] | select(.ifname == "eth0" or .ifname == "vst-p") | .addr_info[] | select(.family == "inet") | .local] | sort' \
	'["198.51.100.1","198.51.101.1"]' ip -j addr
does "... detach" 0 detach "$W/same"
for member in '"up": true' '"mtu": 1400' '"addresses": ["192.0.2.1/24"]'; do
	bundle same "{\"interfaces\": [{\"name\": \"vst-e\", $member}]}"
	refuses "... an existing interface is not given $member" 7 "'vst-e': it is not moved" attach --pid "$TARGET" "$W/same"
done

# VLANs, where the kernel's bridges have them.
layout private
target
make_bridge
bundle vlan '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br0", "vlan": 7, "up": true, "peerUp": true,
	"addresses": ["198.51.100.1/24"]}]}'
if ip link set br0 type bridge vlan_filtering 1 2>/dev/null; then
	ip link set br0 type bridge vlan_filtering 0
	refuses "a VLAN on a bridge that does not filter" 7 "it does not filter VLANs" attach --pid "$TARGET" "$W/vlan"
	ip link set br0 type bridge vlan_filtering 1
	does "a VLAN" 0 attach --pid "$TARGET" "$W/vlan"
	shows "... is the port's only one, untagged" '[.[] | select(.ifname | startswith("vsp")) | .vlans]' \
		'[[{"vlan":7,"flags":["PVID","Egress Untagged"]}]]' bridge -j vlan show
	# The bridge's own end of that VLAN.
	bridge vlan add dev br0 vid 7 self
	ip link add link br0 name br0.7 type vlan id 7 2>/dev/null && {
		ip addr add 198.51.100.254/24 dev br0.7
		ip link set br0.7 up
		pings "... it is reached there" 198.51.100.1
	}
	# A tagged frame, of the bridge's default VLAN, does not pass.
	there ip link add link eth0 name eth0.1 type vlan id 1 2>/dev/null && {
		there ip addr add 192.0.2.1/24 dev eth0.1
		there ip link set eth0.1 up
		fails "... a frame that is tagged for another VLAN does not pass" there busybox ping -c 2 -W 1 192.0.2.254
	}
	does "... detach" 0 detach "$W/vlan"
else
	refuses "a VLAN where the kernel has none" 6 "bridge br0: this kernel's bridges know no VLANs" \
		attach --pid "$TARGET" "$W/vlan"
	skip "a VLAN" "kernel: its bridges know no VLANs"
fi

# The plan tells it, and holds attach to it.
layout private
target
make_bridge
bundle p '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br0", "up": true, "addresses": ["192.0.2.1/24"]}]}'
vst plan --pid "$TARGET" "$W/p"
cp "$W/out/stdout" "$W/out/plan"
is "the plan has what is set" "$(grep -cE '^   (port of bridge: br0 \(number [0-9]+\)|address: 192.0.2.1/24|up)$' "$W/out/plan")" 3
sed -i 's|192.0.2.1/24|192.0.2.2/24|' "$W/p/runtime.json"
refuses "attach of another address than was expected" 7 "not the plan" attach --expect "$W/out/plan" --pid "$TARGET" "$W/p"
sed -i 's|192.0.2.2/24|192.0.2.1/24|' "$W/p/runtime.json"
does "attach of what was expected" 0 attach --expect "$W/out/plan" --pid "$TARGET" "$W/p"
does "... and again" 0 attach --expect "$W/out/plan" --pid "$TARGET" "$W/p"
sed -i 's|192.0.2.1/24|192.0.2.3/24|' "$W/p/runtime.json"
refuses "another address, attached already" 7 "from another document" attach --pid "$TARGET" "$W/p"

finish
