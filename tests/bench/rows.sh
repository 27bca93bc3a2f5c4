#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is measured, for bench_row.c; the gates are those that the program was designed for.
#
#   rows.sh BUILD   the bundles are those of lib.sh

set -eu
bare=$1/bench/bare
static=$1/bench/bare-static
vst="$1/vestibule --quiet --root /mnt/state"

# prepare NAME GATE BUNDLE DIRECTORIES [OTHER]: the read-write layout, and directories in /mnt/out,
# where nothing is yet, or a directory OTHER.
prepare() {
	cat <<-ROW
	row $1
	gate $2
	fresh /mnt/out
	run bare $bare prepare /mnt/$3 /mnt/out $4
	run vestibule $vst prepare /mnt/$3
	run static $static prepare /mnt/$3 /mnt/out $4
	expect * mounts=2 dirs=$4
	${5:+before * mkdir /mnt/out/$5}
	after bare $bare cleanup /mnt/$3
	after static $bare cleanup /mnt/$3
	after vestibule $vst cleanup /mnt/$3
	end
	ROW
}

# veths N GATE keep|fresh
veths() {
	cat <<-ROW
	row attach, $1 veth
	gate $2
	target $3
	run bare $bare attach-veths %p $1
	run vestibule $vst attach --pid %p /mnt/veth$1
	ROW
	if [ "$1" -eq 1 ]; then
		echo "run static $static attach-veths %p $1"
		echo "run made+moved $bare attach-veth-move %p"
	fi
	echo "expect * here=$1 there=$1"
	# With the process its end of each pair is gone, and so is the other.
	if [ "$3" = keep ]; then
		echo "after bare $bare detach-veths $1"
		[ "$1" -ne 1 ] || printf 'after %s '"$bare detach-veths 1\n" static made+moved
	fi
	echo "after vestibule $vst detach /mnt/veth$1"
	echo end
}

prepare "prepare, read-write, 10 mkdir" 1.8 mkdir10 10

cat <<ROWS
row prepare, no runtime.json
gate 1.5
run bare $bare prepare-ro /mnt/ro
run vestibule $vst prepare /mnt/ro
run static $static prepare-ro /mnt/ro
expect * mounts=1
after bare $bare cleanup-ro /mnt/ro
after static $bare cleanup-ro /mnt/ro
after vestibule $vst cleanup /mnt/ro
end

row cleanup, read-write
gate 1.5
run bare $bare cleanup /mnt/mkdir0
run vestibule $vst cleanup /mnt/mkdir0
run static $static cleanup /mnt/mkdir0
before bare $bare prepare /mnt/mkdir0
before static $bare prepare /mnt/mkdir0
before vestibule $vst prepare /mnt/mkdir0
expect * mounts=-2
end

row cleanup, no runtime.json
gate 1.5
run bare $bare cleanup-ro /mnt/ro
run vestibule $vst cleanup /mnt/ro
run static $static cleanup-ro /mnt/ro
before bare $bare prepare-ro /mnt/ro
before static $bare prepare-ro /mnt/ro
before vestibule $vst prepare /mnt/ro
expect * mounts=-1
end
ROWS

veths 1 1.5 keep

cat <<ROWS
row attach, 1 bridge
gate 1.5
target keep
run bare $bare attach-bridge %p
run vestibule $vst attach --pid %p /mnt/bridge
run static $static attach-bridge %p
expect * there=1
after bare $bare detach-bridge %p
after static $bare detach-bridge %p
after vestibule $vst detach /mnt/bridge
end

row attach, 7 namespace binds
gate 1.5
target keep all
run bare $bare attach-ns %p /mnt/ns
run vestibule $vst attach --pid %p /mnt/binds
run static $static attach-ns %p /mnt/ns
expect * mounts=7
after bare $bare detach-ns /mnt/ns
after static $bare detach-ns /mnt/ns
after vestibule $vst detach /mnt/binds
after vestibule rmdir /mnt/ns
end

row detach, 1 veth and 7 binds
target keep all
run bare $bare detach 1 /mnt/ns
run vestibule $vst detach /mnt/both
before bare $bare attach-ns %p /mnt/ns
before bare $bare attach-veths %p 1
before vestibule $vst attach --pid %p /mnt/both
after vestibule rmdir /mnt/ns
expect * mounts=-7 here=-1 there=-1
end

row plan, 10 mkdir
run bare $bare plan /mnt/mkdir10
run vestibule $1/vestibule plan /mnt/mkdir10
end

row prepare, overlay and 10 mounts
run bare $bare prepare-ten /mnt/ten
run vestibule $vst prepare /mnt/ten
expect * mounts=12
after bare $bare cleanup-ten /mnt/ten
after vestibule $vst cleanup /mnt/ten
end

row prepare, 10 mkdir in the overlay
run bare $bare prepare /mnt/made /mnt/made/rootfs 10
run vestibule $vst prepare /mnt/made
expect * mounts=2
after bare $bare cleanup /mnt/made
after vestibule $vst cleanup /mnt/made
end

row prepare, 10 mkdir, relative
run bare $bare prepare /mnt/relative /mnt/relative/rootfs 10
run vestibule $vst prepare /mnt/relative
expect * mounts=2
after bare $bare cleanup /mnt/relative
after vestibule $vst cleanup /mnt/relative
end

row prepare, 1 cgroup
run bare $bare prepare-cgroup /mnt/cgroup vestibule-bench
run vestibule $vst prepare /mnt/cgroup
expect * mounts=1
after * $bare remove-cgroup vestibule-bench
after bare $bare cleanup-ro /mnt/cgroup
after vestibule $vst cleanup /mnt/cgroup
end
ROWS

prepare "prepare, read-write, 1000 mkdir" 0 mkdir1000 1000
prepare "prepare, read-write, 10000 mkdir" 1.8 mkdir10000 10000
# Where something is already, each name is looked for.
prepare "prepare, 10000 mkdir, not empty" 0 mkdir10000 10000 other
prepare "prepare, document of 1 KB" 0 kb $(((1024 - 12) / 18))
prepare "prepare, document of 1 MB" 0 mb $(((1048576 - 12) / 18))
veths 10 0 fresh
veths 100 1.2 fresh
veths 1000 0 fresh

cat <<ROWS
row plan, document of 1 KB
run bare $bare plan /mnt/kb
run vestibule $1/vestibule plan /mnt/kb
end

row plan, document of 1 MB
run bare $bare plan /mnt/mb
run vestibule $1/vestibule plan /mnt/mb
end
ROWS
