#!/bin/sh
# detach, cleanup --all, status, gc: what attach did is taken back, shown, and forgotten.

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

finish
