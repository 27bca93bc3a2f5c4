#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same source linked otherwise, beside vestibule as it is: rows for bench_row.c.
#
#   linked.sh BUILD    what is not built is left out

set -eu
build=$1

# sides KEYWORD COMMAND...: a line for each; @ is the program.
sides() {
	sides_word=$1
	shift
	echo "$sides_word vestibule $*" | sed "s|@|$build/vestibule --quiet --root /mnt/state|"
	for sides_how in shared glibc; do
		[ ! -e "$build/bench/$sides_how/vestibule" ] ||
			echo "$sides_word $sides_how $*" |
			sed "s|@|$build/bench/$sides_how/vestibule --quiet --root /mnt/state|"
	done
}

echo "row prepare, read-write, 10 mkdir"
echo "fresh /mnt/out"
sides run @ prepare /mnt/mkdir10
echo "expect * mounts=2 dirs=10"
sides after @ cleanup /mnt/mkdir10
echo "end"

echo "row cleanup"
echo "fresh /mnt/out"
sides run @ cleanup /mnt/mkdir10
sides before @ prepare /mnt/mkdir10
echo "expect * mounts=-2"
echo "end"

echo "row attach, 1 veth"
echo "target keep"
sides run @ attach --pid %p /mnt/veth1
echo "expect * here=1 there=1"
sides after @ detach /mnt/veth1
echo "end"
