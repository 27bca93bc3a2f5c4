#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What stands beside vestibule: a container's start, and the same job by hand. Rows for
# bench_row.c; what is not installed is left out, and said on stderr.
#
#   beside.sh BUILD

set -eu
top=$(cd "$(dirname "$0")" && pwd)
vst="$1/vestibule --quiet --root /mnt/state"
hand="sh $top/by_hand.sh"

# The smallest container there is: one static program that ends at once.
mkdir -p /mnt/container/rootfs/proc /mnt/container/rootfs/dev /mnt/container/rootfs/sys /mnt/runtimes
cp "$1/bench/true" /mnt/container/rootfs/true

have() {
	command -v "$1" >/dev/null || { echo "$1 is not installed: left out" >&2 && false; }
}

# A bundle of its own for each, with the configuration that it writes itself.
config() {
	mkdir "/mnt/$1"
	(cd "/mnt/$1" && "$1" spec)
	sed -i -e 's/"terminal": true/"terminal": false/' -e 's/^\([[:space:]]*\)"sh"$/\1"\/true"/' \
		-e 's|"path": "rootfs"|"path": "/mnt/container/rootfs"|' "/mnt/$1/config.json"
}

runs=
if have bwrap; then
	runs="run bwrap bwrap --ro-bind /mnt/container/rootfs / --proc /proc --dev /dev --unshare-all /true"
fi
for runtime in crun runc; do
	have $runtime || continue
	config $runtime
	runs="$runs
run $runtime $runtime --root /mnt/runtimes run --bundle /mnt/$runtime one"
done
if [ -n "$runs" ]; then
	printf 'row a container that ends at once\n%s\nend\n\n' "$runs"
fi

cat <<ROWS
row prepare, read-write, 10 mkdir
fresh /mnt/out
run vestibule $vst prepare /mnt/mkdir10
run by-hand $hand prepare /mnt/mkdir10
expect * mounts=2 dirs=10
after vestibule $vst cleanup /mnt/mkdir10
after by-hand $hand cleanup /mnt/mkdir10
end

row attach, 1 veth and its namespace
target keep
run vestibule $vst attach --pid %p /mnt/one
run by-hand $hand attach %p
expect * mounts=1 here=1 there=1
after vestibule $vst detach /mnt/one
after by-hand $hand detach
end

row cleanup
fresh /mnt/out
run vestibule $vst cleanup /mnt/mkdir10
run by-hand $hand cleanup /mnt/mkdir10
before vestibule $vst prepare /mnt/mkdir10
before by-hand $hand prepare /mnt/mkdir10
expect * mounts=-2
end

row detach
target keep
run vestibule $vst detach /mnt/one
run by-hand $hand detach
before vestibule $vst attach --pid %p /mnt/one
before by-hand $hand attach %p
expect * mounts=-1 here=-1 there=-1
end
ROWS
