#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# detach, cleanup --all: what attach did is taken back. A moved interface comes home with all that it
# had, from wherever its namespace can be reached.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

for propagation in private shared; do
	at="$propagation:"
	layout $propagation
	target
	ip link add vst-e type veth peer name vst-f
	ip link set vst-e up alias kept
	ip addr add 192.0.2.7/24 dev vst-e
	ip route add 198.51.100.0/24 via 192.0.2.1 dev vst-e
	bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"vst-e\"}],
		\"bindNS\": {\"net\": \"$W/ns/net\", \"uts\": \"$W/ns/uts\"}}"
	mkdir "$W/ns"
	before
	does "$at nothing to detach" 0 detach "$W/b"
	does "$at attach" 0 attach --pid "$TARGET" "$W/b"
	does "$at status" 0 status "$W/b"
	is "$at ... names each of four things as there" "$(grep -c ': there$' "$W/out/stdout")" 4
	does "$at status as objects" 0 --format json status
	check "$at ... each a line" jq -es 'length >= 4 and all(.state == "there")' "$W/out/stdout"
	does "$at detach" 0 detach "$W/b"
	unchanged "$at ... leaves everything as it was, addresses and routes included"
	does "$at detach again" 0 detach "$W/b"
	does "$at status of nothing" 0 status
	is "$at ... is nothing" "$(wc -c <"$W/out/stdout")" 0

	# What is not ours any more stays.
	does "$at attach again" 0 attach --pid "$TARGET" "$W/b"
	ip link del vst-a
	ip link add vst-a type bridge
	umount "$W/ns/uts"
	mount -t tmpfs theirs "$W/ns"
	vst detach "$W/b"
	check "$at a link in the place of ours is left" ip link show vst-a type bridge
	is "$at a mount on top is left" "$(findmnt -no SOURCE "$W/ns" | tail -1)" theirs
	umount "$W/ns"
	vst detach "$W/b"
	fails "$at ... and when it is gone, the bind goes" is_mount "$W/ns/net"

	# The process is gone, and all with it.
	layout $propagation
	target
	bundle gone '{"interfaces": [{"name": "eth0", "peer": "vst-a"}]}'
	does "$at attach" 0 attach --pid "$TARGET" "$W/gone"
	kill -KILL "$TARGET"
	wait_until sh -c '! ip link show vst-a'
	does "$at gc when the process is gone" 0 gc
	is "$at ... forgets" "$(find "$W/state" -type f)" ""

	layout $propagation
	target
	bundle all "{\"bindNS\": {\"net\": \"$W/net\"}}"
	before
	does "$at prepare" 0 prepare "$W/all"
	does "$at attach" 0 attach --pid "$TARGET" "$W/all"
	does "$at gc" 0 gc
	check "$at ... takes nothing that is alive" is_mount "$W/net" nsfs
	does "$at cleanup --all" 0 cleanup --all "$W/all"
	fails "$at ... unbinds too" is_mount "$W/net"
	fails "$at ... and unmounts" is_mount "$W/all/rootfs"
done

journals() {
	find "$W/state" -type f | wc -l
}

# A device with all that a move loses, and what it keeps.
device() {
	ip link add vst-e mtu 1400 txqueuelen 77 type veth peer name vst-f
	ip link property add dev vst-e altname vst-other-name
	ip link set vst-e alias "an alias"
	ip link set vst-f up
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
	ip addr add 192.0.2.8/24 dev vst-e
	ip -6 addr add 2001:db8::7/64 dev vst-e nodad
	ip route add default via 192.0.2.1 dev vst-e
	ip route add 198.51.100.0/24 via 192.0.2.1 dev vst-e table 100
	ip -6 route add 2001:db8:1::/48 via 2001:db8::1 dev vst-e table 77
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
}

# In an order that does not depend on which link came up first; a queue of a link that is down is not
# brought back (noop: it never had one).
links() {
	ip -d -j link | jq -c '.[]' | sed 's/"qdisc":"noop"/"qdisc":"noqueue"/'
	ip -j addr | jq -c '.[] | del(.qdisc)'
	ip -j -4 route show table all | jq -c '.[]' | sort
	ip -j -6 route show table all | jq -c '.[]' | sort
}

# all_back DESCRIPTION: as at `before`, once the kernel has its addresses sorted out.
all_back() {
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
	unchanged "$1"
}

# The kernel gives a numbered namespace a number in ip's output once somebody looked.
moved='{"interfaces": [{"name": "vst-e"}]}'

# A device is moved there while its name is free, and the bind is made by vestibule or not at all;
# the process that it was moved for is gone.
layout private
target
device
bundle b "$moved"
before
does "a device: attach" 0 attach --pid "$TARGET" "$W/b"
fails "... moves it" ip link show vst-e
does "a device: detach" 0 detach "$W/b"
all_back "... brings it home with all it had"
ip link set vst-e down
ip addr flush dev vst-e
before
does "a device that is down: attach" 0 attach --pid "$TARGET" "$W/b"
there ip link set vst-e up
does "a device that is down, and up there: detach" 0 detach "$W/b"
unchanged "... is down again"

layout private
target
device
bundle b "$moved"
before
does "its name is taken meanwhile: attach" 0 attach --pid "$TARGET" "$W/b"
ip link add vst-e type bridge
does "its name is taken meanwhile: detach" 0 detach "$W/b"
says "... says how it is called now" "interface 'vst-e' is back, but as 'vst[0-9a-f]*', for its name is taken"
says "... as a warning" "warning"
way=$(sed -n "s/.*but as '\(vst[0-9a-f]*\)'.*/\1/p" "$W/out/stderr")
check "... and it has its addresses" sh -c "ip addr show $way | grep -q 192.0.2.8/24"
check "... and its routes" sh -c "ip route show table 100 | grep -q $way"
check "... and is up" sh -c "ip link show $way up | grep -q ."
check "... and the other one stays" ip link show vst-e type bridge
is "... and nothing is held" "$(journals)" 0
does "... detach again" 0 detach "$W/b"

# The process is dead. What it leaves alive: a bind, another process, nothing.
layout private
target
device
bundle b "{\"interfaces\": [{\"name\": \"vst-e\"}, {\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/ns/net\"}}"
mkdir "$W/ns"
before
sed -i '/^links there/,/^files/{/^files/!d}' "$W/out/before"
cp "$W/out/before" "$W/out/home"
does "dead, but bound: attach" 0 attach --pid "$TARGET" "$W/b"
kill -KILL "$TARGET"
wait_until sh -c "! kill -0 $TARGET"
does "dead, but bound: gc" 0 gc
check "... leaves the bind" is_mount "$W/ns/net" nsfs
check "... and the link" ip link show vst-a
does "dead, but bound: status" 0 status "$W/b"
is "... says that all is there" "$(grep -c ': there$' "$W/out/stdout")" 3
does "dead, but bound: detach" 0 detach "$W/b"
wait_until sh -c "! ip -6 addr show | grep -q tentative"
cp "$W/out/home" "$W/out/before"
unchanged "... brings it home through the bind"

layout private
target
device
bundle b "$moved"
before
sed -i '/^links there/,/^files/{/^files/!d}' "$W/out/before"
cp "$W/out/before" "$W/out/home"
does "dead, another lives there: attach" 0 attach --pid "$TARGET" "$W/b"
nsenter -t "$TARGET" -n sleep infinity &
second=$!
ours $second
wait_until sh -c "[ \"\$(readlink /proc/$second/ns/net)\" = \"$(ns_of "$TARGET" net)\" ]"
kill -KILL "$TARGET"
wait_until sh -c "! kill -0 $TARGET"
does "dead, another lives there: detach" 0 detach "$W/b"
wait_until sh -c "! ip -6 addr show | grep -q tentative"
cp "$W/out/home" "$W/out/before"
unchanged "... finds it through /proc"

# As "ip netns" and CNI do it; the blank and the backslash are escaped in mountinfo.
layout private
target
device
bundle b "$moved"
touch "$W/kept by \\others"
before
sed -i '/^links there/,/^files/{/^files/!d}' "$W/out/before"
cp "$W/out/before" "$W/out/home"
mount --bind "/proc/$TARGET/ns/net" "$W/kept by \\others"
does "dead, somebody else bound it: attach" 0 attach --pid "$TARGET" "$W/b"
kill -KILL "$TARGET"
wait_until sh -c "! kill -0 $TARGET"
does "dead, somebody else bound it: detach" 0 detach "$W/b"
wait_until sh -c "! ip -6 addr show | grep -q tentative"
check "... whose bind is not kept busy" umount "$W/kept by \\others"
cp "$W/out/home" "$W/out/before"
unchanged "... finds it through that bind"

layout private
target
device
bundle b "{\"interfaces\": [{\"name\": \"vst-e\"}, {\"name\": \"eth0\", \"peer\": \"vst-a\"}]}"
does "dead, and all with it: attach" 0 attach --pid "$TARGET" "$W/b"
kill -KILL "$TARGET"
wait_until sh -c "! ip link show vst-a && ! ip link show vst-f"
does "dead, and all with it: detach" 0 detach "$W/b"
is "... nothing is held" "$(journals)" 0
does "... detach again" 0 detach "$W/b"

# Nothing shows the namespace but a descriptor of somebody's: it lives, so nothing is
# forgotten, and where the kernel opens it by its id (6.18) the link comes home.
by_id() {
	[ "$(printf '%s\n' 6.18 "$(uname -r)" | sort -V | head -n 1)" = 6.18 ]
}
at="dead, a descriptor holds it:"
layout private
target
device
bundle b "{\"interfaces\": [{\"name\": \"vst-e\"}, {\"name\": \"br0\", \"add\": \"bridge\"}]}"
before
sed -i '/^links there/,/^files/{/^files/!d}' "$W/out/before"
cp "$W/out/before" "$W/out/home"
does "$at attach" 0 attach --pid "$TARGET" "$W/b"
sh -c "exec sleep 1000" <"/proc/$TARGET/ns/net" &
holder_pid=$!
ours $holder_pid
wait_until grep -q sleep "/proc/$holder_pid/comm"
kill -KILL "$TARGET"
wait_until sh -c "! kill -0 $TARGET"
does "$at gc" "$(if by_id; then echo 0; else echo 5; fi)" gc
does "$at status" 0 status
is "$at ... forgets nothing" "$(grep -c ': gone$' "$W/out/stdout") $(journals)" "0 1"
if by_id; then
	# As a kernel does that does not open it by its id: it is alive by its number here.
	if command -v strace >/dev/null; then
		strace -qq -o "$W/out/trace" -e trace=open_by_handle_at -e inject=open_by_handle_at:error=ESTALE \
			"$VST" --root "$W/state" detach "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		is "$at not opened by its id: detach" $? 5
		check "$at ... had tried to" grep -q INJECTED "$W/out/trace"
		says "$at ... says that it lives" "'vst-e' is kept: its network namespace lives"
		is "$at ... and names one only: what was made there is deleted" "$(grep -c 'not taken back' "$W/out/stderr")" 1
		is "$at ... and forgets nothing" "$(journals)" 1
	else
		skip "$at not opened by its id" "strace is not installed"
	fi
	does "$at detach" 0 detach "$W/b"
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
	cp "$W/out/home" "$W/out/before"
	unchanged "$at ... brings it home by its id"
else
	does "$at detach" 5 detach "$W/b"
	says "$at ... says that it lives" "'vst-e' is kept: its network namespace lives"
	is "$at ... and names one only" "$(grep -c 'not taken back' "$W/out/stderr")" 1
	kill -KILL $holder_pid
	wait_until sh -c "! ip link show vst-f"
	does "$at when that has ended: detach" 0 detach "$W/b"
fi
is "$at ... and nothing is held" "$(journals)" 0

# A process that may not be looked at. What is made there can be deleted all the same.
layout private
if [ -z "$VST_USERNS" ]; then
	# Another user's, or root may look at it by its owner alone.
	setpriv --reuid 65533 --clear-groups --inh-caps=-all unshare -Un sleep infinity &
	TARGET=$!
	ours $TARGET
	wait_until grep -q sleep "/proc/$TARGET/comm"
	plain_addresses there
else
	target -Un
fi
device
bundle b "{\"interfaces\": [{\"name\": \"vst-e\"}, {\"name\": \"br0\", \"add\": \"bridge\"}]}"
before
does "not to be looked at: attach" 0 attach --pid "$TARGET" "$W/b"
without() {
	setpriv --bounding-set=-sys_ptrace --inh-caps=-all "$VST" --root "$W/state" "$@" \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}
if [ -z "$VST_USERNS" ] && ! setpriv --bounding-set=-sys_ptrace --inh-caps=-all readlink "/proc/$TARGET/ns/net" >/dev/null; then
	without status
	# With CAP_NET_ADMIN it is seen by the namespace's number.
	is "not to be looked at: status" "$status $(grep -c ': there$' "$W/out/stdout")" "0 2"
	without gc
	is "not to be looked at: gc" "$status $(journals)" "0 1"
	without attach --pid "$TARGET" "$W/b"
	is "not to be looked at: attach" $status 3
	without detach "$W/b"
	is "not to be looked at: detach" $status 5
	says "... names it" "'vst-e' is kept: its network namespace lives, .*CAP_SYS_PTRACE"
	is "... and nothing else" "$(grep -c 'not taken back' "$W/out/stderr")" 1
	fails "... what was made there is deleted" there ip link show br0
else
	skip "not to be looked at" "kernel: a user may look at what his own namespaces hold"
fi
does "not to be looked at, with all rights: detach" 0 detach "$W/b"
all_back "... brings it home with all it had"

# A move together with a rename that clashes: the kernel says EEXIST and has moved the device. Its
# name is taken there, as a name or as an alternative one; or an alternative name of its own is.
for clash in "vst-e" "vst-g altname vst-e" "vst-other-name" "vst-g altname vst-other-name"; do
	layout private
	target
	device
	# shellcheck disable=SC2086
	set -- $clash
	there ip link add "$1" type bridge
	[ $# -eq 1 ] || there ip link property add dev "$1" altname "$3"
	bundle b "$moved"
	before
	does "taken there ($clash): attach" 7 attach --pid "$TARGET" "$W/b"
	says "... names it" "interface 'vst-e'"
	all_back "... and it is at home, with all it had"
	is "... and nothing is held" "$(journals)" 0
	# On the way back: taken here.
	there ip link del "$1"
	does "taken here ($clash): attach" 0 attach --pid "$TARGET" "$W/b"
	ip link add "$1" type bridge
	[ $# -eq 1 ] || ip link property add dev "$1" altname "$3"
	case $clash in
	*vst-other-name)
		does "taken here ($clash): detach" 0 detach "$W/b"
		says "... names it" "interface 'vst-e' is back, but 1 of its alternative names is taken, 'vst-other-name'"
		;;
	*) does "taken here ($clash): detach" 0 detach "$W/b" ;;
	esac
	is "... nothing is held" "$(journals)" 0
	check "... it is here" sh -c "ip -o addr | grep -q 192.0.2.7/24"
	fails "... and not there" there ip link show vst-e
done

# The name is taken between the look and the move.
if command -v strace >/dev/null && can_hold "a name that is taken just before the move"; then
	layout private
	target
	device
	bundle b "$moved"
	strace -o "$W/out/trace" -e trace=sendto "$VST" --root "$W/state" attach --pid "$TARGET" "$W/b" 2>"$W/out/stderr"
	does "detach" 0 detach "$W/b"
	# The one that moves it.
	number=$(grep '^sendto' "$W/out/trace" | grep -n 'RTM_NEWLINK\|RTM_SETLINK' | head -1 | cut -d: -f1)
	check "the move's call is known" test "${number:-0}" -gt 0
	wait_until sh -c "! ip -6 addr show | grep -q tentative"
	there ip link add vst-g type bridge
	before
	sed -i 's/vst-g/vst-e/g' "$W/out/before"
	holds before sendto "${number:-1}" attach --pid "$TARGET" "$W/b"
	there ip link set vst-g name vst-e
	go_on
	is "taken there just before the move: attach" $status 7
	all_back "... and it is at home, with all it had"
	is "... and nothing is held" "$(journals)" 0
fi

# Taken back only from where it was attached.
layout private
target
bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/net\"}}"
does "attach" 0 attach --pid "$TARGET" "$W/b"
before
unshare -n "$VST" --root "$W/state" detach "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
status=$?
is "detach from another network namespace" $status 7
says "... names the right one" "from another network namespace, $(ns_of self net | tr '[]' '..')"
unchanged "... and touches nothing"

# In use: what can go goes, the rest is listed and stays in the journal.
sh -c "exec sleep infinity" <"$W/net" &
holder=$!
ours $holder
wait_until sh -c "readlink /proc/$holder/fd/0 | grep -q net"
does "a bind that is in use: detach" 1 detach "$W/b"
says "... names it" "not taken back: $W/net: "
check "... leaves it" is_mount "$W/net" nsfs
fails "... the link goes" ip link show vst-a
does "a bind that is in use: cleanup --all" 1 cleanup --all "$W/b"
kill -KILL $holder
wait $holder 2>/dev/null
does "a bind that is free again: detach" 0 detach "$W/b"
fails "... goes, file and all" test -e "$W/net"
is "... nothing is held" "$(journals)" 0

# cleanup --all: last mounted, first unmounted; the namespaces too; links stay.
layout private
target
bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/ns/net\", \"ipc\": \"$W/ns/ipc\"}}"
rw b
does "prepare" 0 prepare "$W/b"
does "attach" 0 attach --pid "$TARGET" "$W/b"
if command -v strace >/dev/null; then
	strace -o "$W/out/trace" -e trace=umount2 "$VST" --root "$W/state" cleanup --all "$W/b" 2>"$W/out/stderr"
	is "cleanup --all" $? 0
	is "... in the reverse order" "$(grep -o '"[a-z]*"' "$W/out/trace" | tr -d '"\n')" "netipcrootfstmp"
else
	does "cleanup --all" 0 cleanup --all "$W/b"
fi
fails "... the root file system goes" is_mount "$W/b/rootfs"
is "... the binds go, and their files" "$(find "$W/ns" -type f)" ""
check "... the link stays" ip link show vst-a
does "... for detach" 0 detach "$W/b"
fails "... which deletes it" ip link show vst-a
is "... and nothing is held" "$(journals)" 0

# The directory of the binds is moved away between two of them, and another put in its place: what was
# proved to be the one is what is acted in.
if can_hold "detach, whose directory is moved meanwhile"; then
	layout private
	target -n -u -i
	mkdir "$W/ns"
	bundle b "{\"bindNS\": {\"net\": \"$W/ns/net\", \"ipc\": \"$W/ns/ipc\", \"uts\": \"$W/ns/uts\"}}"
	does "attach" 0 attach --pid "$TARGET" "$W/b"
	holds after umount2 1 detach "$W/b"
	mv "$W/ns" "$W/was"
	mkdir "$W/ns"
	touch "$W/ns/net" "$W/ns/ipc" "$W/ns/uts"
	go_on
	is "detach, whose directory is moved meanwhile" $status 0
	is "... takes back what it made" "$(ls "$W/was") $(grep -c " $W/was/" /proc/self/mountinfo)" " 0"
	is "... and leaves what is there now" "$(cd "$W/ns" && echo *)" "ipc net uts"
	is "... and nothing is held" "$(journals)" 0
fi

# A detach that is killed when the interface is here again, under the name of the way: it is not there
# any more, and not gone. gc, status and attach keep what is known of it, and the next detach goes on.
layout private
target
device
as_it_is() {
	ip -o link show vst-e | grep -oE 'mtu [0-9]+|qlen [0-9]+|alias .*'
	ip -o addr show vst-e scope global | grep -oE 'inet6? [^ ]*'
	ip route show table all dev vst-e | sort
}
# The kernel has it a little later than the address.
wait_until sh -c "ip -6 route show table local dev vst-e | grep -q '^local 2001:db8::7'"
was=$(as_it_is)
bundle b '{"interfaces": [{"name": "vst-e"}]}'
n=3
until ip -o link show | grep -q ' vst[0-9a-f]\{8\}@' || [ $n -gt 60 ]; do
	vst attach --pid "$TARGET" "$W/b"
	strace -qq -o "$W/out/trace" -e trace=sendto -e "inject=sendto:signal=KILL:when=$n" \
		"$VST" --root "$W/state" detach "$W/b" 2>/dev/null
	n=$((n + 1))
	ip -o link show | grep -q ' vst[0-9a-f]\{8\}@' || vst detach "$W/b"
done
check "a detach that was killed leaves it under another name" sh -c "ip -o link show | grep -q ' vst[0-9a-f]\{8\}@'"
does "... status" 0 status
is "... does not say that it is gone" "$(grep -c ': unknown$' "$W/out/stdout") $(grep -c ': gone$' "$W/out/stdout")" "1 0"
does "... gc completes it" 0 gc
says "... and says so" "an earlier detach of this bundle was cut short; it was completed first"
is "... gives all of it back, and nothing is held" "$(as_it_is) $(journals)" "$was 0"

# Moved on to a third namespace: gc says what detach says.
layout private
target
device
bundle b '{"interfaces": [{"name": "vst-e"}]}'
does "moved on: attach" 0 attach --pid "$TARGET" "$W/b"
unshare -n sleep infinity &
third=$!
ours $third
wait_until ns_differs $third net
there ip link set vst-e netns $third
does "moved on: gc keeps it" 5 gc
does "moved on: detach" 5 detach "$W/b"
ends_target
does "moved on, and where it was is gone: gc keeps it, too" 5 gc
vst detach "$W/b"
is "... so does detach" "$status $(journals)" "1 1"
ip link del vst-f
does "... until its other end is gone" 0 detach "$W/b"
is "... and then nothing is held" "$(journals)" 0

# The same of a link that shows nothing here: whether it went with the namespace, nobody can tell.
# alone: makes vst-e, of a kind that is alone.
alone() {
	ip link add vst-e address 02:00:00:00:00:07 type ifb
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
}
third() {
	unshare -n sleep infinity &
	third=$!
	ours $third
	wait_until ns_differs $third net
}
for where in there third; do
	layout private
	target
	alone
	bundle b "$moved"
	does "alone, $where: attach" 0 attach --pid "$TARGET" "$W/b"
	if [ $where = third ]; then
		third
		there ip link set vst-e netns $third
	fi
	ends_target
	does "alone, $where, and where it was is gone: detach" 5 detach "$W/b"
	says "... names it" "interface 'vst-e' is kept: .*is gone, and nobody can tell whether it had been moved on: .*'vst-e' with address 02:00:00:00:00:07"
	does "... gc" 5 gc
	does "... status" 0 status
	is "... does not call it gone" "$(grep -c ': unknown$' "$W/out/stdout") $(journals)" "1 1"
	ip link add vst-e address 02:00:00:00:00:07 type ifb
	does "... made again, as the line says: detach" 0 detach "$W/b"
	check "... gives it what it had" sh -c "ip addr show vst-e up | grep -q 192.0.2.7/24"
	is "... and nothing is held" "$(journals)" 0
done

# What it lies on is gone: so is it.
layout private
target
ip link add vst-g type veth peer name vst-f
if ip link add vst-e link vst-g type macvlan 2>/dev/null; then
	bundle b "$moved"
	does "on another one: attach" 0 attach --pid "$TARGET" "$W/b"
	ends_target
	does "on another one, that is here: detach" 5 detach "$W/b"
	ip link del vst-g
	does "on another one, that is gone: detach" 0 detach "$W/b"
	is "... and nothing is held" "$(journals)" 0
else
	skip "on another one" "kernel: no macvlan"
fi

# Both ends of a pair were moved, and moved on: that neither is here tells nothing.
layout private
target
ip link add vst-e type veth peer name vst-f
bundle b '{"interfaces": [{"name": "vst-e"}, {"name": "vst-f"}]}'
before
does "both ends: attach" 0 attach --pid "$TARGET" "$W/b"
does "both ends: detach" 0 detach "$W/b"
unchanged "... brings both home"
does "both ends: attach again" 0 attach --pid "$TARGET" "$W/b"
third
there ip link set vst-e netns $third
there ip link set vst-f netns $third
ends_target
does "both ends moved on: detach" 5 detach "$W/b"
is "... keeps both" "$(grep -c "interface 'vst-[ef]' is kept" "$W/out/stderr") $(journals)" "2 1"

finish
