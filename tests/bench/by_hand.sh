#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same job as a shell script would do it, with mount(8) and ip(8): to be seen beside it.
#
#   by_hand.sh prepare BUNDLE | cleanup BUNDLE | attach PID | detach

set -eu
case $1 in
prepare)
	cd "$2"
	mount -t tmpfs -o size=10%,mode=0755 tmpfs tmp
	mount --make-private tmp
	mkdir tmp/upper tmp/work
	mount -t overlay -o lowerdir=lower,upperdir=tmp/upper,workdir=tmp/work overlay rootfs
	cd /mnt/out
	mkdir -p d00000 d00001 d00002 d00003 d00004 d00005 d00006 d00007 d00008 d00009
	;;
cleanup)
	umount "$2/rootfs" "$2/tmp"
	;;
attach)
	ip link add eth0 netns "$2" type veth peer name vth0
	mkdir -p /mnt/ns
	: >/mnt/ns/net
	mount --bind "/proc/$2/ns/net" /mnt/ns/net
	;;
detach)
	umount /mnt/ns/net
	rm /mnt/ns/net
	ip link del vth0
	;;
esac
