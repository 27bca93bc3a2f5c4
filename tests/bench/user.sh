#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user's attach beside root's: the rows for bench_row.c, by a program that is installed setuid for this,
# beneath /mnt. Everything is in the mount and network namespace of bench.sh.
#
#   user.sh BUILD rows
#   user.sh BUILD throughput     how much passes that veth, beside a bare one and loopback

set -eu
B=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
P=/mnt/opt
user=70001

installed() {
	[ ! -x $P/bin/vestibule ] || return 0
	mount -t tmpfs -o mode=755 run /run
	mkdir -p /mnt/etc /mnt/etc-work
	mount -t overlay -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/etc-work etc /etc
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top" B="$B" STAGE=/mnt/stage PREFIX=$P install-setuid >/dev/null
	mount -t sysfs sysfs /sys
	ip link add br-users type bridge
	ip link set br-users address 02:00:00:00:00:01 up
	sysctl -qw net.ipv6.conf.br-users.accept_ra=0
	ip addr add 10.9.0.1/24 dev br-users
	mkdir -p /etc/vestibule
	echo "permit uid $user veth bridge br-users count 8" >/etc/vestibule/policy
	mkdir -p /mnt/user/rootfs /mnt/roots/rootfs
	echo '{"interfaces":[{"name":"eth0","add":"veth","bridge":"br-users"}]}' >/mnt/user/runtime.json
	echo '{"interfaces":[{"name":"eth0","add":"veth","bridge":"br-users","isolated":true}]}' >/mnt/roots/runtime.json
	chown -R $user /mnt/user
	setpriv --reuid $user --regid $user --clear-groups unshare -Urn sleep infinity >/dev/null 2>&1 &
	echo $! >/mnt/user.pid
	until [ "$(readlink "/proc/$!/ns/net")" != "$(readlink /proc/self/ns/net)" ] && grep -q sleep "/proc/$!/comm"; do
		sleep 0.02
	done
}
installed
pid=$(cat /mnt/user.pid)
group=$(stat -c %g $P/bin/vestibule)
root="$B/bench/as 0 0 $P/bin/vestibule --quiet"
user="$B/bench/as $user $group $P/bin/vestibule --quiet"

rows() {
	cat <<-ROWS
	row attach, a veth on a bridge: by root, by a user
	run root $root attach --pid $pid /mnt/roots
	run user $user attach --pid $pid /mnt/user
	expect * here=1
	after root $root detach /mnt/roots
	after user $user detach /mnt/user
	end

	row detach
	run root $root detach /mnt/roots
	run user $user detach /mnt/user
	before root $root attach --pid $pid /mnt/roots
	before user $user attach --pid $pid /mnt/user
	expect * here=-1
	end
	ROWS
}

# through NAME ADDRESS COMMAND...: Gbit/s of TCP from here to a server that the command starts, the median of
# five seconds.
through() {
	through_name=$1
	through_to=$2
	shift 2
	"$@" iperf3 -s -1 >/dev/null 2>&1 &
	until through_said=$(iperf3 -c "$through_to" -t 5 -i 1 -f g 2>/dev/null); do
		sleep 0.05
	done
	wait $!
	echo "$through_said" | awk -v name="$through_name" '
	$8 == "Gbits/sec" && !/sender|receiver/ { rate[++n] = $7 }
	END {
		for (i = 1; i <= n; i++)
			for (k = i + 1; k <= n; k++)
				if (rate[k] < rate[i]) { t = rate[i]; rate[i] = rate[k]; rate[k] = t }
		printf "  %-34s %6.1f\n", name, rate[int((n + 1) / 2)]
	}'
}

# shellcheck disable=SC2086
throughput() {
	inside="nsenter -t $pid -n"
	$user attach --pid "$pid" /mnt/user
	$inside ip link set lo up
	$inside ip addr add 10.9.0.2/24 dev eth0
	$inside ip link set eth0 up
	through "the user's veth on the bridge" 10.9.0.2 $inside
	$user detach /mnt/user
	ip link add bare0 type veth peer name eth0 netns "$pid"
	ip addr add 10.8.0.1/24 dev bare0
	ip link set bare0 up
	$inside ip addr add 10.8.0.2/24 dev eth0
	$inside ip link set eth0 up
	through "a bare veth" 10.8.0.2 $inside
	ip link del bare0
	through "loopback" 127.0.0.1 env
}

"$2"
