#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Where the time goes, and how many system calls it takes. To be run by bench.sh, in its
# namespaces.
#
#   where.sh BUILD RESULTS ROUNDS     writes where.json and calls.json there, text to stdout

set -eu
B=$1
results=$2
rounds=$3
top=$(cd "$(dirname "$0")" && pwd)
work=/mnt/where
mkdir -p $work

scenarios='prepare10 prepare-ten prepare-ro cleanup attach-veth attach-binds detach'

# row SCENARIO PROGRAM...: for bench_row.c.
row() {
	row_scenario=$1
	shift
	echo "row $row_scenario"
	case $row_scenario in
	prepare10) echo "fresh /mnt/out" ;;
	attach-veth) echo "target keep" ;;
	attach-binds | detach) echo "target keep all" ;;
	esac
	for row_program; do
		row_one "${row_program##*/}" "$row_program --quiet --root /mnt/state"
	done
	echo end
}

row_one() {
	one_vst="$B/vestibule --quiet --root /mnt/state"
	case $row_scenario in
	prepare10)
		echo "run $1 $2 prepare /mnt/mkdir10"
		echo "expect $1 mounts=2 dirs=10"
		echo "after $1 $one_vst cleanup /mnt/mkdir10"
		;;
	prepare-ten)
		echo "run $1 $2 prepare /mnt/ten"
		echo "expect $1 mounts=12"
		echo "after $1 $one_vst cleanup /mnt/ten"
		;;
	prepare-ro)
		echo "run $1 $2 prepare /mnt/ro"
		echo "expect $1 mounts=1"
		echo "after $1 $one_vst cleanup /mnt/ro"
		;;
	cleanup)
		echo "run $1 $2 cleanup /mnt/mkdir0"
		echo "before $1 $one_vst prepare /mnt/mkdir0"
		echo "expect $1 mounts=-2"
		;;
	attach-veth)
		echo "run $1 $2 attach --pid %p /mnt/veth1"
		echo "expect $1 here=1 there=1"
		echo "after $1 $one_vst detach /mnt/veth1"
		;;
	attach-binds)
		echo "run $1 $2 attach --pid %p /mnt/binds"
		echo "expect $1 mounts=7"
		echo "after $1 $one_vst detach /mnt/binds"
		echo "after $1 rmdir /mnt/ns"
		;;
	detach)
		echo "run $1 $2 detach /mnt/both"
		echo "before $1 $one_vst attach --pid %p /mnt/both"
		echo "expect $1 mounts=-7 here=-1 there=-1"
		echo "after $1 rmdir /mnt/ns"
		;;
	esac
}

# The program with clocks in it, by turns with the one without: what the clocks cost is said.
time_one() {
	rm -f /mnt/marks
	row "$1" "$B/vestibule" "$B/bench/vestibule-marks" |
		"$B/bench/bench" "$work/$1.json" "$rounds" 20 >"$work/$1.table"
	if grep -q left_out "$work/$1.json"; then
		grep 'left out' "$work/$1.table" >>"$work/left-out"
		return
	fi
	if ! [ -s /mnt/marks ]; then
		echo "bench: the program with clocks has written nothing" >&2
		exit 1
	fi
	wall=$(sed -n 's/.*"vestibule-marks".*"median_us": \([0-9.]*\).*/\1/p' "$work/$1.json")
	ratio=$(sed -n 's/.*"vestibule-marks".*"ratio": \([0-9.]*\).*/\1/p' "$work/$1.json")
	awk -v scenario="$1" -v wall="$wall" -v ratio="$ratio" -f "$top/where.awk" \
		"$B/bench/marks.map" /mnt/marks
}

# One run under strace, counted: what is between the begin of main and the end, by name.
calls_of() {
	awk '
	/resumed>/ { next }
	!main && /fcntl\(0, F_GETFD/ { main = $1 }
	!main { before++; next }
	{
		name = $2
		sub(/\(.*/, "", name)
		if (name !~ /^[a-z_0-9]+$/)
			next
		if ($1 == main) {
			vestibule[name]++
			n++
		} else {
			parser[name]++
			m++
		}
	}
	END {
		printf "total %d %d %d\n", before, n, m
		for (name in vestibule)
			print "vestibule", name, vestibule[name]
		for (name in parser)
			print "parser", name, parser[name]
	}' "$1"
}

count_one() {
	row "$1" "strace -f -o $work/$1.trace $B/vestibule" | sed 's/^\(run\|expect\|after\|before\) vestibule/\1 strace/' |
		"$B/bench/bench" "$work/counted.json" 1 1 >/dev/null
	: >"$work/$1.calls"
	! grep -q left_out "$work/counted.json" || return 0
	calls_of "$work/$1.trace" >"$work/$1.calls"
	awk -v scenario="$1" '$1 == "total" { printf "  %-14s %12d %10d %8d\n", scenario, $2, $3, $4 }' "$work/$1.calls"
}

echo "WHERE THE TIME GOES, in microseconds: medians"
echo
echo "In vestibule. Each figure is the time in the functions of those files, without what they call"
echo "elsewhere; of a build of the same sources with a clock at the begin and the end of each"
echo "function. Start: from the spawn to the first constructor. End: from the end of main to the"
echo "reaped process. Ratio: what these clocks cost, against the program itself, by turns."
for scenario in $scenarios; do
	time_one "$scenario"
done >"$work/times"
awk -f "$top/table.awk" "$work/times"
[ ! -s "$work/left-out" ] || sed 's/^/  /; s/  */ /g' "$work/left-out"
echo
echo "Of the parser. The parts: the sources of spawn.c and confine.c, each part between two looks at"
echo "the clock in a child of its own. The whole: from clone to reaped, its messages taken, with a"
echo "small static program as parent. What a longer document adds to the first is its parsing."
echo
for n in 0 1000; do
	ln -sfn "/mnt/mkdir$n/runtime.json" "/mnt/$n-mkdir"
done
ln -sfn /mnt/kb/runtime.json /mnt/1-KB
ln -sfn /mnt/mb/runtime.json /mnt/1-MB
(cd /mnt && "$B/bench/parts" "$rounds" "$B/vestibule-parser" 0-mkdir 1-KB 1000-mkdir 1-MB) >"$work/parts"
awk -F'\t' '{ printf "  %-64s %9.1f\n", $1, $2 }' "$work/parts"
echo
echo "SYSTEM CALLS of a run, by strace"
echo
printf '  %-14s %12s %10s %8s\n' "" "libc before" vestibule parser
for scenario in $scenarios; do
	count_one "$scenario"
done
echo
for scenario in $scenarios; do
	[ -s "$work/$scenario.calls" ] || continue
	for who in vestibule parser; do
		printf '  %s, %s:' "$scenario" $who
		awk -v who=$who '$1 == who { print $3, $2 }' "$work/$scenario.calls" | sort -k1,1nr -k2 |
			awk '{ printf " %s %d", $2, $1 } END { print NR ? "" : " -" }'
	done
done | fold -s -w 100 | sed 's/^\([^ ]\)/    \1/'

awk -v q='"' '
BEGIN { printf "{\"scenarios\": {" }
{
	scenario = $1
	what = $2
	value = $NF
	$1 = $2 = $NF = ""
	gsub(/^ +| +$/, "")
	if (scenario != last)
		printf "%s\n  \"%s\": {", (last == "" ? "" : "},"), scenario
	else
		printf ", "
	last = scenario
	printf "\"%s\": %s", what ($0 == "" ? "" : " " $0), value
}
END { printf "}}" }' "$work/times" >"$results/where.json"
awk -F'\t' '
BEGIN { printf ",\n \"parser\": {" }
/^\.\.\./ { sub(/^\.\.\. of this/, before ", of this") }
{ printf "%s\n  \"%s\": %s", (NR > 1 ? "," : ""), $1, $2; before = $1 }
END { print "}}" }' "$work/parts" >>"$results/where.json"
for scenario in $scenarios; do
	sed "s/^/$scenario /" "$work/$scenario.calls"
done | awk '
BEGIN { printf "{" }
$1 != last { printf "%s\n  \"%s\": {", (last == "" ? "" : "},"), $1; last = $1; n = 0 }
$2 == "total" { printf "\"before main\": %d, \"vestibule\": %d, \"parser\": %d", $3, $4, $5 }
$2 != "total" { printf ", \"%s %s\": %d", $2, $3, $4 }
END { print "}}" }' >"$results/calls.json"
