#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make bench: what a run costs, beside the same operations done by a program that does nothing
# else. In mount and network namespaces of its own, on a tmpfs; nothing is left behind. As root,
# on a machine that does nothing else meanwhile. Writes results.txt, results.json and growth.svg.
#
#   BENCH_ROUNDS    runs of each side of a row (200)
#   BENCH_SECONDS   at most so many for a row (12)
#   BENCH_ONLY      of: rows linked beside user where journal (all)
#   BENCH_GATES=1   fails if a gate is missed; else it is only said

set -eu
cd "$(dirname "$0")/../.."
if [ "$(id -u)" -ne 0 ]; then
	echo "bench: as root, please: in a user namespace other things are measured" >&2
	exit 2
fi
if [ -z "${BENCH_INSIDE-}" ]; then
	BENCH_INSIDE=$(taskset -pc $$ | sed 's/.* //')
	export BENCH_INSIDE
	# Made on one processor: bench_run.c says why.
	exec taskset -c 0 unshare -mn --propagation private sh tests/bench/bench.sh
fi
taskset -pc "$BENCH_INSIDE" $$ >/dev/null

B=$(cd "${B:-build}" && pwd)
results=$B/bench
rounds=${BENCH_ROUNDS:-200}
seconds=${BENCH_SECONDS:-12}
only=${BENCH_ONLY:-rows linked beside user where journal}
journal_percent=
mount -t tmpfs -o mode=755,nr_inodes=0 tmpfs /mnt
# crun refuses a machine that has both versions of cgroups.
umount /sys/fs/cgroup/unified 2>/dev/null || true
ip link set lo up
# shellcheck source=lib.sh
. tests/bench/lib.sh
bundles
parts=/mnt/parts
mkdir $parts

wanted() {
	case " $only " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# measure NAME: rows from stdin; 3 is a gate that was missed, and everything else is an error.
measure() {
	measure_status=0
	"$B/bench/bench" "$parts/$1.json" "$rounds" "$seconds" || measure_status=$?
	[ $measure_status -eq 0 ] || [ $measure_status -eq 3 ] || exit $measure_status
	# The name of a row stands before its first side alone.
	awk -F'"' '
	/"row":/ { name = $4; gate = $7 }
	/"ratio":/ && second { ratio = $0; sub(/.*"ratio": /, "", ratio); sub(/,.*/, "", ratio); second = 0 }
	/"row":/ { second = 1 }
	/"holds": false/ { print name ": " ratio " of " gate }
	' "$parts/$1.json" | sed 's/: \([0-9.]*\) of : \([0-9.]*\),.*/: \1 of \2/' >>"$parts/missed"
}

# Whatever is running beside it is in the figures.
system=$(uname -sr)
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
version=$("$B/vestibule" --version | cut -d' ' -f2)
load=$(cut -d' ' -f1-3 /proc/loadavg)

all() {
	echo "vestibule $version; $system, $(nproc) x $processor; load before: $load"
	if wanted rows; then
		printf '\nRUNS, by turns with the bare program (bare.c): the same operations, and nothing else.\n'
		echo "Ratio: of the times of a pair of runs, its median (p10-p90), and what it is to be. User and"
		echo "system time are means, with the parser's, as this kernel accounts them (where it does so by"
		echo "the tick only their sum is exact); CPU is the ratio of the sums, which says more where others"
		printf 'use the machine. Peak memory is what wait4 tells, which newer kernels count roughly.\n\n'
		sh tests/bench/rows.sh "$B" >"$parts/rows"
		measure rows <"$parts/rows"
		awk -f tests/bench/growth.awk "$parts/rows.json" >"$results/growth.svg"
		memory
	fi
	if wanted journal; then
		journal
	fi
	if wanted linked; then
		printf '\nLINKED OTHERWISE: as it is, with shared libraries (LINK=shared), statically with glibc\n\n'
		sh tests/bench/linked.sh "$B" >"$parts/linked"
		measure linked <"$parts/linked"
	fi
	if wanted beside; then
		printf '\nBESIDE IT: a container that ends at once, and the same job by hand (by_hand.sh)\n\n'
		sh tests/bench/beside.sh "$B" >"$parts/beside" 2>"$parts/absent"
		cat "$parts/absent"
		measure beside <"$parts/beside"
	fi
	if wanted user; then
		printf '\nA USER, by the setuid program and a line of policy; and Gbit/s of TCP\n\n'
		sh tests/bench/user.sh "$B" rows >"$parts/user"
		measure user <"$parts/user"
		if command -v iperf3 >/dev/null; then
			sh tests/bench/user.sh "$B" throughput
		else
			echo "iperf3 is not installed: throughput is left out"
		fi
		kill "$(cat /mnt/user.pid)"
	fi
	if wanted where; then
		echo
		sh tests/bench/where.sh "$B" "$parts" "$((rounds < 100 ? rounds : 100))"
	fi
}

# VmHWM of each program when it ends (peak.c), of one run each.
memory() {
	printf '\nPEAK MEMORY, in KiB, and what it is to be at most\n\n  %-34s %17s %17s\n' "" vestibule parser
	memory_of "prepare, read-write, 10 mkdir" 2048 1024 mkdir10
	memory_of "prepare, document of 1 MB" 6144 2048 mb
}

# memory_of NAME LIMIT LIMIT-OF-PARSER BUNDLE
memory_of() {
	mount -t tmpfs -o mode=755,nr_inodes=0 tmpfs /mnt/out
	"$B/tests/peak" "$B/vestibule" --quiet --root /mnt/state prepare "/mnt/$4" >"$parts/peak"
	"$B/vestibule" --quiet --root /mnt/state cleanup "/mnt/$4"
	umount /mnt/out
	read -r memory_peak memory_parser <"$parts/peak"
	printf '  %-34s %8d of %5d %8d of %5d\n' "$1" "$memory_peak" "$2" "$memory_parser" "$3"
	if [ "$memory_peak" -gt "$2" ] || [ "$memory_parser" -gt "$3" ]; then
		echo "$1: peak memory $memory_peak of $2 KiB, the parser $memory_parser of $3" >>"$parts/missed"
	fi
	printf '%s{"run": "%s", "vestibule_kib": %d, "parser_kib": %d}' \
		"$([ -s "$parts/memory.json" ] && echo , || echo '[')" "$1" "$memory_peak" "$memory_parser" \
		>>"$parts/memory.json"
}

journal() {
	printf '\nTHE JOURNAL of a run, and its share, which is to be 5 %% at most\n\n'
	"$B/tests/journal_share" "$B/vestibule" /mnt/state /mnt/made "$rounds" >"$parts/journal"
	sed 's/^/  /' "$parts/journal"
	journal_percent=$(sed 's/.* \([0-9.]*\) %$/\1/' "$parts/journal")
	if awk -v got="$journal_percent" 'BEGIN { exit !(got > 5) }'; then
		echo "the journal: $journal_percent % of 5 %" >>"$parts/missed"
	fi
}

# One object: what was measured where, and whatever was measured.
json() {
	printf '{"vestibule": "%s", "system": "%s", "processors": %d, "processor": "%s", "load": "%s"' \
		"$version" "$system" "$(nproc)" "$processor" "$load"
	[ ! -s "$parts/memory.json" ] || echo "]" >>"$parts/memory.json"
	for part in rows memory linked beside user where calls; do
		[ ! -s "$parts/$part.json" ] || printf ',\n"%s": %s' $part "$(cat "$parts/$part.json")"
	done
	[ -z "$journal_percent" ] || printf ',\n"journal_percent": %s' "$journal_percent"
	echo '}'
}

# Into a file, and shown as it comes: the status is ours, not that of a pipe's other end.
: >"$results/results.txt"
tail -f -n +1 "$results/results.txt" &
shown=$!
# What follows the file looks once a second.
trap 'sleep 1.2; kill $shown 2>/dev/null' EXIT
all >"$results/results.txt" 2>&1
json >"$results/results.json"
if [ -s "$parts/missed" ]; then
	printf '\nMISSED\n\n'
	sed 's/^/  /' "$parts/missed"
else
	printf '\nEVERY GATE HOLDS\n'
fi >>"$results/results.txt"
sleep 1.2
kill $shown 2>/dev/null || true
trap - EXIT
echo
echo "Written: $results/results.txt, results.json, growth.svg"
[ ! -s "$parts/missed" ] || [ -z "${BENCH_GATES-}" ]
