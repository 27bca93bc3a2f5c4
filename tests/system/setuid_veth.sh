#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user's veth on a bridge, by the setuid program and a line of policy: what he gets, what he is
# refused, how many, and what is left when he, his container or his run ends.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

if ! mount -t sysfs sysfs /sys 2>/dev/null; then
	skip "a user's veth" "no sysfs of our own can be mounted here"
	finish
fi

# new_bridge NAME: one that may have ports of users.
new_bridge() {
	ip link add "$1" type bridge
	ip link set "$1" address 02:00:00:00:00:01 up
	sysctl -qw "net.ipv6.conf.$1.accept_ra=0"
}
sed -n '/^\.Sh PREPARING A BRIDGE/,/^\.Ed$/p' "$top/man/vestibule-network.7" | grep -v '^\.' >"$W/out/bridge.sh"
check "the commands of vestibule-network(7)" sh -e "$W/out/bridge.sh"

ports() {
	ip -o link show type veth | sed -n 's/^[0-9]*: \(vs[^@:]*\).*/\1/p' | sort | tr '\n' ' '
}
no_ports() {
	[ -z "$(ports)" ]
}
inside() {
	nsenter -t "$TARGET" -n "$@"
}
veth='{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br-users"}]}'

policy "permit group vestibule veth bridge br-users count 2"
user_bundle alice "$veth"
user_bundle bob "$veth"
target_of alice
hers=$TARGET
user_does "alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
is "her first slot" "$(ports)" "vs1i0h_0 "
inside ip addr add 10.9.0.2/24 dev eth0
inside ip link set eth0 up
check "her container reaches the host" inside ping -q -c 1 -W 5 10.9.0.1
is "in the bridge, and complete" "$(ip link show vs1i0h_0 | grep -Eo 'master br-users|group [0-9]*' | tr '\n' ' ')" \
	"master br-users group 30306 "
user_does "once more: it is attached already" 0 alice attach --pid "$TARGET" /srv/alice/b
is "... with the one that it has" "$(ports)" "vs1i0h_0 "
au alice status
is "status shows it" "$(grep -c 'interface vs1i0h_0 (attach.*: there$' "$W/out/stdout")" 1
user_does "detach" 0 alice detach /srv/alice/b
is "nothing is left" "$(ports)$(held)" ""

### How many

second() {
	mkdir -p "/srv/alice/$1/rootfs"
	printf '%s' "$2" >"/srv/alice/$1/runtime.json"
	chown -R alice:alice "/srv/alice/$1"
}
eth() {
	printf '{"interfaces": [{"name": "%s", "add": "veth", "bridge": "br-users"}]}' "$1"
}
second b2 "$(eth eth1)"
second b3 "$(eth eth2)"
user_does "the first" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "the second" 0 alice attach --pid "$TARGET" /srv/alice/b2
user_refused "the third" 3 "'eth2': 2 of 2 veths that the policy lets uid 70001 have are in use: detach some; nothing was changed" \
	alice attach --pid "$TARGET" /srv/alice/b3
target_of bob
user_does "bob has his own" 0 bob attach --pid "$TARGET" /srv/bob/b
is "three ports" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0i_0 "
his=$TARGET
TARGET=$hers
au alice status
is "alice sees hers alone" "$(grep -c vs1i0i "$W/out/stdout")" 0
does "root takes back bob's" 0 gc --uid 70002
is "... and no others" "$(ports)" "vs1i0h_0 vs1i0h_1 "
policy "permit user alice veth bridge br-users count 8" "permit user alice ns net,user,uts beneath /srv/ci/ns"
install -d -o alice -g alice /srv/ci/ns/alice
second binds '{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
user_does "namespaces beside veths: bound" 0 alice attach --pid "$TARGET" /srv/alice/binds
user_does "... and a veth more" 0 alice attach --pid "$TARGET" /srv/alice/b3
is "... each is counted by itself" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0h_2 "
user_does "... detach" 0 alice detach /srv/alice/b3
user_does "... both" 0 alice detach /srv/alice/binds
kill "$his"
user_does "her container ends: it is free without a gc" 0 alice detach /srv/alice/b2
ends_target
wait_until no_ports
target_of alice
hers=$TARGET
user_does "another one" 0 alice attach --pid "$TARGET" /srv/alice/b2
user_does "of the same bundle, of which nothing was left" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "detach both" 0 alice detach /srv/alice/b
user_does "... the other" 0 alice detach /srv/alice/b2
policy "permit user alice veth bridge br-users total 1 count 8" "permit user bob veth bridge br-users total 1"
user_does "a full bridge: the one" 0 alice attach --pid "$TARGET" /srv/alice/b
user_refused "... the other" 3 "has the 1 ports" alice attach --pid "$TARGET" /srv/alice/b2
user_does "... detach" 0 alice detach /srv/alice/b

### What the policy says of it

# explains DESCRIPTION STATUS PATTERN USER
explains() {
	au "$4" policy explain --pid "$TARGET" "/srv/$4/b"
	if [ "$status" -eq "$2" ] && grep -Eq -e "$3" "$W/out/stdout"; then
		ok "$1"
	else
		{ echo "wanted $2, $3"; said; } | not_ok "$1"
	fi
}
policy "permit group vestibule veth bridge br-users count 3"
user_bundle alice "$veth"
explains "explain: none yet" 0 "create a pair of veth.*: allowed by /etc/vestibule/policy:1, count 3, 512 ports of the bridge in all; 0 of 3 in use, next vs1i0h_0$" alice
ip link add vs1i0h_1 type veth peer name q1
explains "explain: somebody's in between" 0 "; 1 of 3 in use, next vs1i0h_0$" alice
user_does "attach" 0 alice attach --pid "$TARGET" /srv/alice/b
explains "explain: the next" 0 "; 2 of 3 in use, next vs1i0h_2$" alice
ip link del vs1i0h_1
user_does "detach: explained" 0 alice detach /srv/alice/b
user_bundle alice '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br-users", "mtu": 1400}]}'
explains "explain: what is the host's" 3 "create a pair of veth.*: denied: leave out 'mtu'" alice
user_bundle alice "$veth"
policy "permit group vestibule veth bridge br-users count 1"
user_bundle alice '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br-users"}, {"name": "eth1", "add": "veth", "bridge": "br-users"}]}'
explains "explain: the first of two" 3 "^1\\. .*; 0 of 1 in use, next vs1i0h_0$" alice
explains "explain: ... and the second, for which there is no place" 3 "^3\\. .*; 0 of 1 in use, none is free for it$" alice
user_bundle alice "$veth"
policy "permit group vestibule veth bridge br-users count 3"

# checks DESCRIPTION PATTERN: `policy check` is 0, and warns so, or, without a pattern, not at all.
checks() {
	vst policy check
	if [ "$status" -eq 0 ] && if [ -n "$2" ]; then grep -Eq -e "$2" "$W/out/stderr"; else
		! grep -q warning "$W/out/stderr"
	fi; then
		ok "$1"
	else
		{ echo "wanted $2"; said; } | not_ok "$1"
	fi
}
checks "check: a host that does not forward" ""
sysctl -qw net.ipv4.conf.br-users.forwarding=1
checks "check: one that does" "warning: .*:1: this host forwards, so containers on bridge 'br-users' reach each other through it: ip rule add iif br-users to 10.9.0.0/24 prohibit$"
for rule in 'to 10.9.0.0/24 prohibit' 'iif br-users to 10.9.0.0/25 prohibit' 'iif br1 to 10.9.0.0/24 prohibit' \
	'iif br-users to 10.9.1.0/24 prohibit' 'iif br-users from 10.9.0.2 to 10.9.0.0/24 prohibit' \
	'iif br-users to 10.9.0.0/24 fwmark 1 prohibit' 'iif br-users to 10.9.0.0/24 priority 40000 prohibit' \
	'not iif br-users to 10.9.0.0/24 prohibit' 'iif br-users to 10.9.0.0/24 table main' \
	'iif br-users to 10.9.0.0/24 prohibit' 'iif br-users to 10.0.0.0/8 unreachable' 'iif br-users blackhole'; do
	# shellcheck disable=SC2086
	ip rule add $rule
	case $rule in
	'to 10.9.0.0/24 prohibit' | 'iif br-users to 10.9.0.0/24 prohibit' | *unreachable | *blackhole) checks "check: $rule" "" ;;
	*) checks "check: $rule: is not enough" "this host forwards" ;;
	esac
	# shellcheck disable=SC2086
	ip rule del $rule
done
ip addr add 2001:db8::1/64 dev br-users
sysctl -qw net.ipv6.conf.br-users.forwarding=1
ip rule add iif br-users to 10.9.0.0/24 prohibit
checks "check: the other family" "ip -6 rule add iif br-users to 2001:db8::/64 prohibit$"
eval "$(sed -n 's/.*through it: //p' "$W/out/stderr")"
checks "check: both" ""
ip rule del iif br-users to 10.9.0.0/24 prohibit
policy "permit group vestibule veth bridge br-users shared"
checks "check: ports that may reach each other" ""
policy "permit group vestibule veth bridge br9"
checks "check: no such bridge" "warning: .*:1: bridge 'br9': there is no such interface"
sysctl -qw net.ipv4.conf.br-users.forwarding=0 net.ipv6.conf.br-users.forwarding=0

### What the policy does not permit any more

user_bundle alice "$veth"
policy "permit group vestibule veth bridge br-users count 3"
user_does "three: one" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... two" 0 alice attach --pid "$TARGET" /srv/alice/b2
user_does "... three" 0 alice attach --pid "$TARGET" /srv/alice/b3
does "gc --policy, all permitted" 0 gc --policy
is "... all stay" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0h_2 "
policy "permit group vestibule veth bridge br-users count 1"
does "gc --policy, fewer" 0 gc --policy
says "... it says so" "interface vs1i0h_2: /etc/vestibule/policy permits uid 70001 to have 1, and its slot is 2; taken back"
is "... the first stays" "$(ports)" "vs1i0h_0 "
echo 'broken:x:x:70001::/:/bin/sh' >>/etc/passwd
policy "permit user broken veth bridge br-users" "permit user bob veth bridge br-users"
does "gc --policy, a name whose number is not to be had" 5 gc --policy
says "... it is kept" "interface vs1i0h_0: it is kept: /etc/vestibule/policy:1 may permit it"
is "... it stays" "$(ports)" "vs1i0h_0 "
policy "permit group vestibule veth bridge br-other" "permit user bob veth bridge br-users"
does "gc --policy, another bridge" 0 gc --policy
says "... it says so" "interface vs1i0h_0: no line of /etc/vestibule/policy permits uid 70001 to have it any more; taken back"
does "... once more, for the records" 0 gc
is "... nothing is left" "$(ports)$(held)" ""

### Ports that are not as they were made

policy "permit group vestibule veth bridge br-users count 8"
user_bundle bob "$veth"
# looks DESCRIPTION VERB STATUS PATTERN: root's; a line of either output.
looks() {
	vst "$2"
	if [ "$status" -eq "$3" ] && cat "$W/out/stdout" "$W/out/stderr" | grep -Eq -e "$4"; then
		ok "$1"
	else
		{ echo "wanted $3, $4"; said; } | not_ok "$1"
	fi
}
is_up() {
	ip link show "$1" | grep -q ',UP'
}
for how in 'nomaster' 'master br-users type bridge_slave locked off' 'arp on'; do
	for verb in status gc; do
		user_does "attach: a port with $how" 0 alice attach --pid "$TARGET" /srv/alice/b
		# shellcheck disable=SC2086
		ip link set vs1i0h_0 $how
		if [ $verb = gc ]; then
			looks "$how: $verb says so" gc 7 "vs1i0h_0: .*, so it was set down"
		else
			looks "$how: $verb says so" status 0 "vs1i0h_0 \(uid 70001\): .*, so it was set down"
		fi
		fails "$how: $verb sets it down" is_up vs1i0h_0
		user_does "$how, $verb: detach takes it back" 0 alice detach /srv/alice/b
	done
done
user_does "a port and a journal that need attention: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
ip link set vs1i0h_0 nomaster
echo damaged >/run/vestibule/1-2-3.journal
does "... gc" 7 gc
says "... says it of the journal" "1 journals need attention"
says "... and of the port" "1 ports of bridges need attention"
rm /run/vestibule/1-2-3.journal
user_does "... detach" 0 alice detach /srv/alice/b
user_does "a bridge that is deleted: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
ip link del br-users
looks "... gc says so" gc 7 "vs1i0h_0: is no port of a bridge, so it was set down"
user_does "... detach" 0 alice detach /srv/alice/b
is "nothing is left of all this" "$(ports)$(held)" ""
new_bridge br-users
user_does "attach: a port that takes packets without its bridge" 0 alice attach --pid "$TARGET" /srv/alice/b
sysctl -qw net.ipv4.conf.vs1i0h_0.rp_filter=0
looks "rp_filter off: gc says so" gc 7 "vs1i0h_0: takes IPv4 here .*, so it was set down"
user_does "... detach" 0 alice detach /srv/alice/b
ip link add vs1i0h_0 group 1979711489 type veth peer name q0
looks "one that was left behind: status" status 0 "vs1i0h_0 \(uid 70001\): (left behind|being made)"
ip link add vs1i0h_1 type veth peer name q1
looks "somebody else's of such a name" status 0 "vs1i0h_1 \(uid 70001\): somebody else's"
ip link del vs1i0h_0
ip link del vs1i0h_1

### Killed and failed at each request

# What is left is taken back by root's gc, or by the next run of the same bundle.
if can_hold "killed and failed at each request"; then
	policy "permit user alice veth bridge br-users count 1"
	: >"$W/out/left"
	harmed=0
	for verb in attach detach; do
		n=1
		while :; do
			for how in before after ENOMEM; do
				[ $verb = attach ] || au alice attach --pid "$TARGET" /srv/alice/b
				# shellcheck disable=SC2046
				"$TOOLS/at_call" "$W/out/calls" "program:sendto:$n:$how" -- /usr/bin/setpriv --reuid alice \
					--regid alice --init-groups "$P/bin/vestibule" $verb \
					$([ $verb = detach ] || echo --pid "$TARGET") /srv/alice/b \
					>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
				harmed_status=$?
				if [ $how = before ]; then
					vst gc
				else
					au alice attach --pid "$TARGET" /srv/alice/b
				fi
				[ $status -eq 0 ] || { echo "$verb $n $how: behind it"; said; } >>"$W/out/left"
				au alice detach /srv/alice/b
				[ -z "$(ports)$(held)" ] || { echo "$verb $n $how"; ports; held; } >>"$W/out/left"
			done
			[ -s "$W/out/calls" ] || break
			harmed=$((harmed + 3))
			n=$((n + 1))
		done
		[ "$harmed_status" -eq 0 ] || echo "unharmed $verb: $harmed_status" >>"$W/out/left"
	done
	check "killed and failed at each request, $harmed in all" test $harmed -gt 50
	is "... nothing is left over" "$(cat "$W/out/left")" ""
fi

### The container's root meanwhile

policy "permit group vestibule veth bridge br-users count 4"
# Not by a function, whose shell would be what is ended.
nsenter -t "$TARGET" -n sh -c 'while :; do
	ip link set eth0 name other; ip link set eth0 up; ip link set other name eth0; ip link set eth0 address 02:66:66:66:66:66
	ip link set eth0 mtu 1000; ip link del eth0; ip link add eth0 type veth peer name eth9; ip link del eth0
	ip link set eth0 netns 1; ip link add link eth0 name mv0 type macvlan; ip link del other
done' >/dev/null 2>&1 &
ours $!
disturber=$!
: >"$W/out/left"
n=0
made=0
while [ $n -lt 40 ]; do
	au alice attach --pid "$TARGET" /srv/alice/b
	[ "$status" -ne 0 ] || made=$((made + 1))
	case $status in
	0 | 1 | 7) ;;
	*) said >>"$W/out/left" ;;
	esac
	au alice detach /srv/alice/b
	[ "$status" -eq 0 ] || said >>"$W/out/left"
	[ -z "$(ports)$(held)" ] || { ports; held; } >>"$W/out/left"
	n=$((n + 1))
done
kill "$disturber"
check "the container's root renames, deletes and moves meanwhile: $made of $n are made" test $made -gt 0
is "... nothing is left over" "$(cat "$W/out/left")" ""
inside sh -c 'for one in eth0 other eth9 mv0; do ip link del $one; done' 2>/dev/null
user_does "moved on to another namespace of hers: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
setpriv --reuid alice --regid alice --init-groups unshare -Urn sleep infinity &
ours $!
elsewhere=$!
wait_until ns_differs $elsewhere net
wait_until grep -q sleep "/proc/$elsewhere/comm"
inside ip link set eth0 netns $elsewhere
does "... gc finds nothing wrong" 0 gc
user_does "... detach" 0 alice detach /srv/alice/b
is "... nothing is left" "$(ports)$(held)" ""

### Many at a time

# Each a bundle and a process of hers; so many more than she may have.
runs=50
rounds=1
[ -z "${VST_LONG-}" ] || rounds=20
policy "permit user alice veth bridge br-users count 8"
n=0
while [ $n -lt $runs ]; do
	second "m$n" "$(eth "m$n")"
	n=$((n + 1))
done
cat >"$W/out/race" <<END
n=\$1
$P/bin/vestibule attach --pid $TARGET /srv/alice/m\$n >$W/out/race.\$n 2>&1
echo \$? >>$W/out/race.\$n
END
mkdir -m 777 "$W/out/races"
sed -i "s|$W/out/race\.|$W/out/races/|g" "$W/out/race"
round=0
while [ $round -lt $rounds ]; do
	as alice seq 0 $((runs - 1)) | as alice xargs -P $runs -n 1 sh "$W/out/race"
	is "50 at a time, round $round: 8 succeed" "$(grep -lx 0 "$W"/out/races/* | wc -l)" 8
	is "... the others are 3" "$(grep -Lx 0 "$W"/out/races/* | xargs cat | grep -vx 3 | grep -vc '8 of 8 veths')" 0
	is "... 8 ports" "$(ports | wc -w)" 8
	n=0
	while [ $n -lt $runs ]; do
		au alice detach "/srv/alice/m$n"
		n=$((n + 1))
	done
	is "... all are taken back" "$(ports)$(held)" ""
	round=$((round + 1))
done

### What is refused

policy "permit user alice veth bridge br-users"
# refused_document DESCRIPTION STATUS PATTERN MEMBERS
refused_document() {
	user_bundle alice "{\"interfaces\": [{\"name\": \"eth0\", \"add\": \"veth\"$4}]}"
	user_refused "$1" "$2" "$3" alice attach --pid "$TARGET" /srv/alice/b
}
refused_document "a name for the host's end" 3 "leave out 'peer'" ', "peer": "mine", "bridge": "br-users"'
refused_document "no bridge" 3 "name a 'bridge'" ''
refused_document "another bridge" 3 "veth bridge br0'" ', "bridge": "br0"'
refused_document "addresses of the host's end" 3 "leave out 'peerAddresses'" ', "bridge": "br-users", "peerAddresses": ["10.0.0.1/24"]'
refused_document "an MTU" 3 "leave out 'mtu'" ', "bridge": "br-users", "mtu": 9000'
refused_document "a VLAN" 3 "leave out 'vlan'" ', "bridge": "br-users", "vlan": 7'
refused_document "an address (MAC)" 3 "leave out 'mac'" ', "bridge": "br-users", "mac": "02:00:00:00:00:09"'
refused_document "what is inside" 6 "set them in the network namespace yourself" ', "bridge": "br-users", "up": true'
refused_document "addresses inside" 6 "set them in the network namespace yourself" ', "bridge": "br-users", "addresses": ["10.9.0.5/24"]'
user_bundle alice '{"interfaces": [{"name": "br7", "add": "bridge"}]}'
user_refused "another kind" 3 "only veth" alice attach --pid "$TARGET" /srv/alice/b
user_bundle alice "$veth"
target_of bob
his=$TARGET
user_refused "bob, whom no line permits" 3 "'eth0': .*; it would take a line such as 'permit uid 70002 veth bridge br-users'" \
	bob attach --pid "$his" /srv/bob/b
sysctl -qw net.ipv6.conf.br-users.accept_ra=1
user_refused "a bridge that takes router advertisements" 7 "takes router advertisements" alice attach --pid "$hers" /srv/alice/b
TARGET=$hers
finish
