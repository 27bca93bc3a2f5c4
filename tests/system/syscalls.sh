#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a run costs, in what can be counted: system calls of a run and of each operation more, and
# peak memory. Not time: that is what `make bench` is for.
#
# Counted is what vestibule itself calls from main() on: what libc does before is not the
# program's. Left out are the calls whose number is a matter of timing: how often it waits for the
# parser, or looks whether there is a message; and what is done about the two signals that glibc keeps
# to itself, which make leaves ignored, and env cannot reset.
#
# The numbers are what it takes today, and a few more where a run begins for kernels that want another
# way; whoever makes it less lowers them.

# With LINK=shared a loader and what it maps of the libraries is in the memory of vestibule.
#
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "system calls and memory" "strace is not installed"
	finish
fi

# counted ARGUMENTS: a run under strace; how many calls in $calls, how many of the parser in $parser_calls.
counted() {
	# What is ignored where the tests run (a background job, nohup) costs two calls for each signal.
	env --default-signal strace -f -o "$W/out/trace" "$VST" --quiet --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	if [ $status -ne 0 ]; then
		{ echo "of: $*"; said; } | not_ok "a run is counted"
	fi
	# shellcheck disable=SC2046
	set -- $(awk '
		/resumed>/ || /[+-][+-][+-]/ { next }
		!main && $2 == "fcntl(0," { main = $1 }
		!main { next }
		$1 != main { parser++; next }
		/ rt_sigaction\(SIGRT(MIN|_1),/ { next }
		$2 !~ /^(poll|recvmsg|waitid|restart_syscall)\(/ { n++ }
		END { print n + 0, parser + 0 }' "$W/out/trace")
	calls=$1
	parser_calls=$2
}

# at_most DESCRIPTION GOT LIMIT
at_most() {
	if [ "$2" -gt 0 ] && [ "$2" -le "$3" ]; then
		ok "$1: $2, of at most $3"
	else
		echo "got $2, wanted 1 to $3" | not_ok "$1"
	fi
}

# per DESCRIPTION MORE BASE N LIMIT: so many calls for each of N operations more, no more than LIMIT.
per() {
	per_all=$(($2 - $3))
	if [ $per_all -gt 0 ] && [ $per_all -le $(($4 * $5)) ]; then
		ok "$1: $((per_all * 100 / $4)) hundredths of a call, of at most $5 calls"
	else
		echo "$4 operations took $per_all calls more, wanted at most $(($4 * $5))" | not_ok "$1"
	fi
}

# list N FORMAT: N elements, each with its number where the format has a %d (once or twice).
list() {
	awk -v n="$1" -v format="$2" 'BEGIN {
		for (i = 0; i < n; i++)
			printf "%s" format, (i ? "," : ""), i, i
	}'
}

# documents BUNDLE FORMAT-OF-THE-DOCUMENT ELEMENT: $W/BUNDLE-1, with one element, and $W/BUNDLE-11.
documents() {
	for documents_n in 1 11; do
		# shellcheck disable=SC2059
		bundle "$1-$documents_n" "$(printf "$2" "$(list $documents_n "$3")")"
	done
}

# All paths are as long wherever the tests run: what is walked is counted too.
layout private
target -n -i -u -C
mount --bind "$W" /mnt
M=/mnt

# A run without a document: everything that is not about an operation.
bundle none
counted prepare "$M/none"
at_most "prepare without a document, its calls" "$calls" 209
is "... and it starts no parser" "$parser_calls" 0
counted cleanup "$M/none"
at_most "cleanup of that" "$calls" 180
counted cleanup "$M/none"
at_most "cleanup of nothing" "$calls" 156
counted detach "$M/none"
at_most "detach of nothing" "$calls" 154

# The parser: its start and confinement, and then nothing but reading and sending.
bundle few "{\"mkdir\": [$(list 10 "\"$M/few/rootfs/d%d\"")]}"
rw few
bundle many "{\"mkdir\": [$(list 1010 "\"$M/many/rootfs/d%d\"")]}"
rw many
counted prepare "$M/few"
few=$calls
few_parser=$parser_calls
at_most "prepare, read-write, 10 mkdir" "$few" 314
at_most "... the parser's" "$few_parser" 68
counted prepare "$M/many"
per "each directory more in the root file system" "$calls" "$few" 1000 3
at_most "... and the parser's calls are as many for a hundred times the operations" "$((parser_calls))" "$((few_parser + 2))"
counted cleanup "$M/many"
many=$calls
counted cleanup "$M/few"
at_most "cleanup of a thousand directories is cleanup of ten" "$many" "$calls"

documents dir '{"mkdir": [%s]}' "\"$M/out/host%d\""
counted prepare "$M/dir-1"
one=$calls
counted prepare "$M/dir-11"
per "each directory more on the host" "$calls" "$one" 10 4

# Many of them in an empty one, which is listed once.
mkdir "$M/empty"
for n in 100 200; do
	mount -t tmpfs tmpfs "$M/empty"
	bundle "empty-$n" "{\"mkdir\": [$(list $n "\"$M/empty/d%d\"")]}"
	counted prepare "$M/empty-$n"
	[ $n -ne 100 ] || one=$calls
	umount "$M/empty"
done
per "each directory more in an empty one" "$calls" "$one" 100 2

# In a directory that is not there, for either of them.
documents in '{"mkdir": [%s]}' "\"$M/out/in/d%d\""
counted prepare "$M/in-1"
one=$calls
rm -r "$M/out/in"
counted prepare "$M/in-11"
per "each directory more in one that is made" "$calls" "$one" 10 3

documents deep '{"mkdir": [%s]}' "\"$M/out/a%d/b/c/d\""
counted prepare "$M/deep-1"
one=$calls
counted prepare "$M/deep-11"
per "each directory more with three parents of its own" "$calls" "$one" 10 21

documents veth '{"interfaces": [%s]}' '{"name": "eth%d", "peer": "vst-%d"}'
counted attach --pid "$TARGET" "$M/veth-1"
one=$calls
# One looks whose file system the bundle lies on.
at_most "attach, one veth" "$one" 223
counted detach "$M/veth-1"
gone=$calls
# The namespace has its number by now, which is asked for.
counted attach --pid "$TARGET" "$M/veth-1"
one=$calls
counted detach "$M/veth-1"
counted attach --pid "$TARGET" "$M/veth-11"
per "each veth more" "$calls" "$one" 10 5
counted detach "$M/veth-11"
per "each veth more to detach" "$calls" "$gone" 10 4

documents bridge '{"interfaces": [%s]}' '{"name": "br%d", "add": "bridge"}'
counted attach --pid "$TARGET" "$M/bridge-1"
one=$calls
counted detach "$M/bridge-1"
gone=$calls
counted attach --pid "$TARGET" "$M/bridge-11"
per "each bridge more" "$calls" "$one" 10 3
counted detach "$M/bridge-11"
per "each bridge more to detach" "$calls" "$gone" 10 8

bundle ns-1 "{\"bindNS\": {\"net\": \"$M/out/ns/net\"}}"
bundle ns-4 "{\"bindNS\": {\"net\": \"$M/out/ns/net\", \"ipc\": \"$M/out/ns/ipc\", \"uts\": \"$M/out/ns/uts\", \"cgroup\": \"$M/out/ns/cgroup\"}}"
counted attach --pid "$TARGET" "$M/ns-1"
one=$calls
counted detach "$M/ns-1"
gone=$calls
counted attach --pid "$TARGET" "$M/ns-4"
per "each namespace more" "$calls" "$one" 3 13
# Whoever waits for the lock may unmount what the run held open.
is "the lock is given up when all else is closed" "$(awk '
	match($0, /flock\([0-9]+/) { lock = substr($0, RSTART + 6, RLENGTH - 6) }
	/ close\(| close_range\(/ { before = last; last = $2 }
	END { print before, last == "close_range(3," ? "all" : last }' "$W/out/trace" | sed "s/$(
		sed -n 's/.* flock(\([0-9]*\),.*/close(\1)/p' "$W/out/trace" | head -n 1)/lock/")" "lock all"
counted detach "$M/ns-4"
per "each namespace more to detach" "$calls" "$gone" 3 16

# One that is refused before it has the lock, and holds the process's namespace already.
: >"$W/out/no-directory"
strace -o "$W/out/trace" "$VST" --quiet --root "$W/out/no-directory" attach --pid "$TARGET" "$M/ns-1" \
	>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
is "a run that is refused before it has the lock" $? 7
check "... had opened the namespace" grep -q '^ioctl(.*\(0xff, 0x4,\|GET_NET_NAMESPACE\).* = [0-9]' "$W/out/trace"
is "... closes everything" "$(sed -n 's/^\(close[a-z_]*([^,)]*\).*/\1/p' "$W/out/trace" | tail -n 1)" "close_range(3"

# Memory. Small: read-write and ten directories. At the limits: a document of 1 MiB with as many
# operations as there may be; its paths are short to fit.
peak() {
	# shellcheck disable=SC2046
	set -- $("$TOOLS/peak" "$VST" --quiet --root "$W/state" "$@" 2>"$W/out/stderr") 0 0
	peak=$1
	parser_peak=$2
}

small=2048
[ "$(cat "$(dirname "$VST")/linked" 2>/dev/null)" != shared ] || small=3072
# How much of libc is mapped around what is used depends on where it was loaded: the median of
# five runs.
peaks=
for _ in 1 2 3 4 5; do
	peak prepare "$M/few"
	peaks="$peaks $peak"
	vst cleanup "$M/few"
done
# shellcheck disable=SC2086
at_most "peak memory, 10 mkdir: KiB" "$(printf '%s\n' $peaks | sort -n | sed -n 3p)" $small
at_most "... the parser's" "$parser_peak" 1024
mkdir "$M/o"
mount -t tmpfs -o mode=755,nr_inodes=0 tmpfs "$M/o"
bundle limits
{
	printf '{"mkdir":['
	list 65536 '"/mnt/o/%05d"'
	printf ']}'
} | awk '{ printf "%-1048576s", $0 }' >"$W/limits/runtime.json"
rw limits
is "a document of 1 MiB" "$(stat -c %s "$W/limits/runtime.json")" 1048576
peak prepare "$M/limits"
is "... with 65536 mkdir" "$(find "$M/o" -mindepth 1 | wc -l)" 65536
at_most "... its peak memory: KiB" "$peak" 6144
at_most "... the parser's" "$parser_peak" 2048
finish
