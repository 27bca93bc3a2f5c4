#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the journal costs: see journal_share.c. In namespaces and on a tmpfs of its own.

set -eu
cd "$(dirname "$0")/../.."
if [ -z "${BENCH_INSIDE-}" ]; then
	BENCH_INSIDE=1
	export BENCH_INSIDE
	exec unshare -m --propagation private sh tests/bench/journal.sh
fi
B=$(cd "${B:-build}" && pwd)
mount -t tmpfs -o mode=755 tmpfs /mnt
mkdir -p /mnt/bundle/rootfs /mnt/bundle/lower /mnt/bundle/tmp
mkdir -m 700 /mnt/state
# Directories that are beneath the overlay are new each time.
jq -n '{mkdir: [range(10) | "/mnt/bundle/rootfs/made\(.)"]}' >/mnt/bundle/runtime.json
"$B/tests/journal_share" "$B/vestibule" /mnt/state /mnt/bundle "${BENCH_ROUNDS:-300}"
