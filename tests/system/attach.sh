#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# attach: every way to give a process an interface, and every namespace bound.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# links_are DESCRIPTION WANTED [there]: the names of all interfaces but lo, in order.
links_are() {
	links_what=$1
	links_want=$2
	shift 2
	is "$links_what" "$("$@" ip -j link | jq -r '[.[].ifname] - ["lo"] | sort | join(" ")')" \
		"$links_want"
}

index_of() {
	ip -j link show dev "$1" | jq '.[0].ifindex'
}

layout private
target
bundle veth '{"interfaces": [{"name": "eth0", "add": "veth", "peer": "vst-a"},
	{"name": "eth1", "peer": "vst-b"}]}'
does "two veth pairs" 0 attach --pid "$TARGET" "$W/veth"
links_are "... have their names there" "eth0 eth1" there
links_are "... and their peers here" "vst-a vst-b"
is "... both ends are down" \
	"$( (ip -j link; there ip -j link) | jq -r '.[] | select(.ifname != "lo") | .operstate' | sort -u)" DOWN
is "... with the kernel's queue length" \
	"$(there ip -j link show eth0 | jq '.[0].txqlen')" 1000
is "... the lines are these" "$(cat "$W/out/stderr")" \
"Created interface eth0 type veth
Moved interface eth0 to pid $TARGET
Created interface eth1 type veth
Moved interface eth1 to pid $TARGET"
ip link set vst-a up && there ip link set eth0 up
check "... the ends are one pair" wait_until sh -c "ip -br link show vst-a | grep -q LOWER_UP"
before
does "a second attach" 0 attach --pid "$TARGET" "$W/veth"
says "... says so" 'attached.*already'
unchanged "... does nothing"
ip link del vst-b
refuses "a second attach where a part is gone" 7 'attached' attach --pid "$TARGET" "$W/veth"
first=$TARGET
target
refuses "attach for another process" 7 'another process' attach --pid "$TARGET" "$W/veth"
kill -KILL "$first"
wait_until sh -c '! ip link show vst-a'
does "a new process when all is gone" 0 attach --pid "$TARGET" "$W/veth"
links_are "... gets its links" "eth0 eth1" there

# Kinds.
layout private
target
bundle there '{"interfaces": [{"name": "br0", "add": "bridge"}]}'
does "a bridge made there" 0 attach --pid "$TARGET" "$W/there"
links_are "... is there" br0 there
links_are "... and not here" ""
is "... said in one line" "$(cat "$W/out/stderr")" "Created interface br0 type bridge"
bundle immovable '{"interfaces": [{"name": "eth9", "add": "veth", "peer": "vst-z"},
	{"name": "br1", "add": "bridge", "createInRoot": true}]}'
refuses "a bridge cannot be moved, and all is taken back" 1 br1 \
	attach --pid "$TARGET" "$W/immovable"
bundle unknown '{"interfaces": [{"name": "eth9", "add": "veth", "peer": "vst-z"},
	{"name": "x0", "add": "no_such_kind"}]}'
refuses "an unknown kind, and all is taken back" 6 'no_such_kind|x0' attach --pid "$TARGET" "$W/unknown"
for kind in ifb dummy wireguard; do
	if ! has_kind $kind; then
		skip "$kind made here and moved" "kernel: has no $kind"
		continue
	fi
	layout private
	target
	bundle moved "{\"interfaces\": [{\"name\": \"k0\", \"add\": \"$kind\", \"createInRoot\": true}]}"
	does "$kind made here and moved" 0 attach --pid "$TARGET" "$W/moved"
	links_are "... is there" k0 there
	links_are "... and not here" ""
	is "... said in two lines" "$(cat "$W/out/stderr")" \
"Created interface k0 type $kind
Moved interface k0 to pid $TARGET"
done

# Existing interfaces, and the way back with all that a move loses.
layout private
target
# With an address that the kernel gives.
sysctl -qw net.ipv6.conf.default.addr_gen_mode=0 2>/dev/null
ip link add vst-e type veth peer name vst-f
ip link set vst-e alias "kept alias" up
ip link set vst-f up
ip addr add 192.0.2.7/24 dev vst-e
ip addr add 2001:db8::7/64 dev vst-e nodad
ip route add 198.51.100.0/24 via 192.0.2.1 dev vst-e metric 7
bundle move '{"interfaces": [{"name": "vst-e"}]}'
bundle back '{"interfaces": [{"name": "vst-e"}, {"name": "x", "add": "no_such_kind"}]}'
index=$(index_of vst-e)
wait_until sh -c "ip -6 addr show dev vst-e | grep -q fe80 && ! ip -6 addr | grep -q tentative"
refuses "a move is taken back with addresses, routes, up and alias" 6 no_such_kind \
	attach --pid "$TARGET" "$W/back"
is "... the same interface" "$(index_of vst-e)" "$index"
does "a move" 0 attach --pid "$TARGET" "$W/move"
is "... said in one line" "$(cat "$W/out/stderr")" "Moved interface vst-e to pid $TARGET"
links_are "... it is there" vst-e there
links_are "... and not here" vst-f
ip link add vst-g type veth peer name vst-h
ip link property add dev vst-g altname vst-alternative
bundle alt '{"interfaces": [{"name": "vst-alternative"}]}'
refuses "an alternative name is none" 1 vst-alternative attach --pid "$TARGET" "$W/alt"
there ip link add vst-g type bridge
bundle taken '{"interfaces": [{"name": "vst-g"}]}'
refuses "a name that exists there" 7 vst-g attach --pid "$TARGET" "$W/taken"

# The same namespace.
layout private
target -m
ip link add vst-s type veth peer name vst-t
bundle same '{"interfaces": [{"name": "eth0", "add": "veth", "peer": "vst-a"}, {"name": "vst-s"},
	{"name": "br0", "add": "bridge"}]}'
does "a process in our own network namespace" 0 attach --pid "$TARGET" "$W/same"
links_are "... gets its interfaces here" "br0 eth0 vst-a vst-s vst-t"
is "... with the same lines" "$(grep -c '^Created\|^Moved' "$W/out/stderr")" 4

says "... and a word that they stay" "warning: process $TARGET shares vestibule's network namespace: its interfaces stay here"
does "... which plan says, too" 0 plan --pid "$TARGET" "$W/same"
says "... of that process" "warning: process $TARGET shares vestibule's network namespace"

# What an earlier entry makes here, a later one moves.
layout private
target
bundle both '{"interfaces": [{"name": "eth0", "peer": "vst-a"}, {"name": "vst-a"}]}'
before
does "an end that an earlier entry makes: plan" 0 plan --pid "$TARGET" "$W/both"
check "... shows it" grep -q 'move interface vst-a, which an earlier step makes,' "$W/out/stdout"
fails "... and warns of nothing" grep -q shares "$W/out/stderr"
does "... attach" 0 attach --pid "$TARGET" "$W/both"
links_are "... both ends are there" "eth0 vst-a" there
links_are "... and none is here" ""
is "... the lines are these" "$(cat "$W/out/stderr")" "Created interface eth0 type veth
Moved interface eth0 to pid $TARGET
Moved interface vst-a to pid $TARGET"
does "... attach again" 0 attach --pid "$TARGET" "$W/both"
says "... is attached already" "attached to pid $TARGET already"
does "... status" 0 status "$W/both"
is "... both are there" "$(grep -c ': there$' "$W/out/stdout")" 2
does "... detach" 0 detach "$W/both"
unchanged "... leaves nothing"
# It comes back under another number, for its own is taken here by then.
does "... attach" 0 attach --pid "$TARGET" "$W/both"
ip link add vst-n index "$(there ip -o link show vst-a | cut -d: -f1)" type bridge
does "... detach, its number being taken here" 0 detach "$W/both"
links_are "... leaves what has it" "vst-n"
links_are "... and nothing there" "" there
ip link del vst-n
bundle fail '{"interfaces": [{"name": "eth0", "peer": "vst-a"}, {"name": "vst-a"}, {"name": "vst-none"}]}'
refuses "... with one that does not exist" 1 'vst-none: there is none' attach --pid "$TARGET" "$W/fail"
bundle fail '{"interfaces": [{"name": "eth0", "peer": "vst-a"}, {"name": "vst-a"}, {"name": "eth1", "add": "vxlan"}]}'
refuses "... with one that fails" 1 "create interface 'eth1'" attach --pid "$TARGET" "$W/fail"
bundle early '{"interfaces": [{"name": "vst-a"}, {"name": "eth0", "peer": "vst-a"}]}'
refuses "... but not one that a later entry makes" 1 'vst-a: there is none' attach --pid "$TARGET" "$W/early"
does "... attach" 0 attach --pid "$TARGET" "$W/both"
ends_target
does "... and the process is gone: detach" 0 detach "$W/both"
is "... nothing is held" "$(find "$W/state" -type f)" ""

# Namespaces.
for propagation in private shared; do
	layout $propagation
	target -n -u -i -C
	for type in cgroup ipc net uts; do
		at="$propagation: bindNS.$type:"
		bundle "$type" "{\"bindNS\": {\"$type\": \"$W/ns/deep/$type\"}}"
		does "$at done" 0 attach --pid "$TARGET" "$W/$type"
		is "$at it is that namespace" "$(stat -Lc %i "$W/ns/deep/$type")" \
			"$(stat -Lc %i "/proc/$TARGET/ns/$type")"
		is "$at directories 0755" "$(stat -c %a "$W/ns" "$W/ns/deep" | tr '\n' ' ')" "755 755 "
		before
		does "$at again" 0 attach --pid "$TARGET" "$W/$type"
		unchanged "$at ... does nothing"
		umount "$W/ns/deep/$type"
		is "$at the file is empty and 0644" "$(stat -c '%a %s' "$W/ns/deep/$type")" "644 0"
	done
	bundle empty "{\"bindNS\": {\"net\": \"$W/ns/deep/net\", \"uts\": \"$W/ns/deep/uts\"}}"
	does "$propagation: bindNS on empty files" 0 attach --pid "$TARGET" "$W/empty"
	first=$TARGET
	target
	bundle other "{\"bindNS\": {\"net\": \"$W/ns/deep/net\"}}"
	refuses "$propagation: a path that is bound to another namespace" 7 'umount|another' \
		attach --pid "$TARGET" "$W/other"
	TARGET=$first
	bundle third "{\"bindNS\": {\"net\": \"$W/ns/deep/net\"}}"
	does "$propagation: a path that is bound to the same namespace" 0 \
		attach --pid "$TARGET" "$W/third"
	bundle undo "{\"interfaces\": [{\"name\": \"eth5\", \"peer\": \"vst-u\"}],
		\"bindNS\": {\"ipc\": \"$W/undo/a/ipc\", \"net\": \"$W/undo/b/net\", \"uts\": \"$W/ns/full\"}}"
	echo full >"$W/ns/full"
	refuses "$propagation: a file with something in it" 7 full attach --pid "$TARGET" "$W/undo"
done

# mnt, pid and user ask for a process made for it, and a mount namespace for a mount that is private.
layout private
unshare -n -p --fork sleep infinity &
ours $!
wait_until pgrep -P $!
TARGET=$(pgrep -P $!)
ours "$TARGET"
bundle pid "{\"bindNS\": {\"pid\": \"$W/ns/pid\"}}"
does "bindNS.pid" 0 attach --pid "$TARGET" "$W/pid"
is "... is that namespace" "$(stat -Lc %i "$W/ns/pid")" "$(stat -Lc %i "/proc/$TARGET/ns/pid")"
target -U -n
bundle user "{\"bindNS\": {\"user\": \"$W/ns/user\"}}"
does "bindNS.user" 0 attach --pid "$TARGET" "$W/user"
is "... is that namespace" "$(stat -Lc %i "$W/ns/user")" "$(stat -Lc %i "/proc/$TARGET/ns/user")"
target -m -n
bundle mnt "{\"bindNS\": {\"mnt\": \"$W/ns/mnt\"}}"
before
vst attach --pid "$TARGET" "$W/mnt"
if [ "$status" -eq 0 ]; then
	is "bindNS.mnt is that namespace" "$(stat -Lc %i "$W/ns/mnt")" "$(stat -Lc %i "/proc/$TARGET/ns/mnt")"
else
	# The kernel wants the bound namespace's id to be the greater one; ids come per CPU.
	says "bindNS.mnt is refused for the reason it has" 'mnt|mount namespace'
	unchanged "... and all is taken back"
fi
target -n
bundle ownmnt "{\"bindNS\": {\"mnt\": \"$W/ns/own\"}}"
refuses "our own mount namespace cannot be bound" 1 'mount namespace|mnt' \
	attach --pid "$TARGET" "$W/ownmnt"

# Of the others it is allowed, and perhaps not what was meant.
bundle own "{\"bindNS\": {\"ipc\": \"$W/ns/ipc\", \"net\": \"$W/ns/net\", \"uts\": \"$W/ns/uts\"}}"
does "our own namespaces can be bound" 0 attach --pid "$TARGET" "$W/own"
is "... and each of ours is told, the process's is not" \
	"$(sed -n "s|.*bound onto $W/ns/\(.*\) is vestibule's own.*|\1|p" "$W/out/stderr" | xargs)" "ipc uts"
does "... detach" 0 detach "$W/own"

# Somebody is faster: what has the name is looked at once more when the namespace is on it.
# slow_attach before|after: attach, which stands still before, or behind, the call that attaches.
slow_attach() {
	layout private
	target -n -u
	bundle net "{\"bindNS\": {\"net\": \"$W/ns/net\"}}"
	mkdir "$W/ns"
	holds "$1" move_mount 1 attach --pid "$TARGET" "$W/net"
}
if can_hold "a file that is exchanged before the bind"; then
	slow_attach before
	mv "$W/ns/net" "$W/ns/old"
	: >"$W/ns/net"
	go_on
	is "a file that is exchanged before the bind" $status 5
	says "... is told" "the net namespace was mounted, but 'net' leads elsewhere"
	if [ "$(printf '6.8\n%s\n' "$(uname -r)" | sort -V | head -n 1)" = 6.8 ]; then
		fails "... nothing is bound" grep -q " $W/ns/" /proc/self/mountinfo
	else
		skip "... nothing is bound" "kernel: without unique ids it is not found again"
		umount "$W/ns/old"
	fi
	rm "$W/ns/net"
	does "... without it: detach" 0 detach "$W/net"
	slow_attach after
	mount --bind "/proc/$TARGET/ns/net" "$W/ns/net"
	go_on
	is "the same namespace that somebody binds on top" $status 5
	says "... is told" "the net namespace was mounted, but 'net' leads elsewhere"
	umount "$W/ns/net"
	does "... without it: detach" 0 detach "$W/net"
	fails "... nothing is left" test -e "$W/ns/net"
fi

# The other ways to name the process.
layout private
target
bundle pidfile '{"interfaces": [{"name": "eth0", "peer": "vst-a"}]}'
echo "$TARGET" >"$W/pid"
does "--pid-file" 0 attach --pid-file "$W/pid" "$W/pidfile"
links_are "... is that process" eth0 there
bundle pidfd '{"interfaces": [{"name": "eth1", "peer": "vst-b"}]}'
"$TOOLS/pidfd" "$TARGET" 9 "$VST" --root "$W/state" attach --pidfd 9 "$W/pidfd" \
	>"$W/out/stdout" 2>"$W/out/stderr"
is "--pidfd" $? 0
links_are "... is that process" "eth0 eth1" there
is "... with its number in the lines" "$(tail -1 "$W/out/stderr")" "Moved interface eth1 to pid $TARGET"
refuses "--pidfd that is none" 2 pidfd attach --pidfd 0 "$W/pidfd"
refuses "--pidfd that is not open" 2 'inherited' attach --pidfd 77 "$W/pidfd"

finish
