#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs of prepare, attach, cleanup and detach, several at a time, on one bundle and on fifty,
# of which one in three is killed after a moment. Whatever was left half done is repaired by whoever comes
# next; nobody waits for ever; and when all is taken back in the end, nothing is left over.
#
#   VST_SEED=N     which verbs, bundles and moments
#   VST_RUNS=200   in all; with VST_LONG=1 (make long), 4,000
#
# Each worker draws from its own seed; what meets what is the machine's.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

seed=${VST_SEED:-$(date +%s)}
runs=${VST_RUNS:-${VST_LONG:+4000}}
runs=${runs:-200}
workers=4
echo "# VST_SEED=$seed"

snap() {
	"$TOOLS/snapshot" "$W" "$PEER" "$TARGET" 2>&1
}

# worker NUMBER BUNDLES: its share of the runs, "STATUS VERB" a line.
worker() {
	me=$1
	awk -v seed="$((seed * 64 + me))" -v n="$((runs / 2 / workers))" -v bundles="$2" '
	function random() {
		x = x * 16807 % 2147483647
		return x / 2147483647
	}
	BEGIN {
		x = seed % 2147483646 + 1
		for (i = 0; i < 20; i++)
			random()
		split("prepare attach cleanup detach", verbs)
		for (; n > 0; n--)
			print verbs[1 + int(random() * 4)], 1 + int(random() * bundles), random() < 0.35 ? random() * 0.003 : "no"
	}' | while read -r verb number moment; do
		process=
		[ "$verb" != attach ] || process="--pid $TARGET"
		# shellcheck disable=SC2086
		set -- "$VST" --root "$W/state" "$verb" $process "$W/many/$number"
		if [ "$moment" = no ]; then
			timeout -s KILL 600 "$@" >"$W/out/said.$me" 2>&1 </dev/null
			ended=$?
			[ $ended -ne 137 ] || ended=hangs
		else
			"$@" >"$W/out/said.$me" 2>&1 </dev/null &
			sleep "$moment"
			kill -KILL $! 2>/dev/null
			wait $! 2>/dev/null
			ended=$?
		fi
		echo "$ended $verb"
		case $ended in
		0 | 8 | 137) ;;
		*) sed "s/^/# $verb $number: $ended: /" "$W/out/said.$me" >>"$W/out/odd" ;;
		esac
	done
}

for bundles in 1 50; do
	layout shared
	target
	mkdir "$W/many" "$W/made" "$W/ns"
	sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
	ip link add vst-e type veth peer name vst-f
	ip addr add 192.0.2.7/24 dev vst-e
	ip link set vst-f up
	ip link set vst-e up
	ip route add default via 192.0.2.1 dev vst-e
	for i in $(seq $bundles); do
		moved=
		[ "$i" -gt 1 ] || moved=', {"name": "vst-e"}'
		bundle "many/$i" "{\"mkdir\": [\"$W/made/$i/x\"],
			\"interfaces\": [{\"name\": \"eth$i\", \"peer\": \"vst-p$i\"}$moved],
			\"bindNS\": {\"net\": \"$W/ns/$i\"}}"
		[ $((i % 2)) -eq 0 ] || rw "many/$i"
	done
	sleep 0.1
	snap >"$W/out/before"
	running=
	for me in $(seq $workers); do
		worker "$me" $bundles >"$W/out/worker.$me" &
		ours $!
		running="$running $!"
	done
	# shellcheck disable=SC2086
	wait $running
	sort "$W/out"/worker.* | awk '{ n[$2 " " $1]++ } END { for (i in n) print "# " i ": " n[i] }' | sort
	[ ! -s "$W/out/odd" ] || sort "$W/out/odd" | uniq -c | sort -rn | head -20 | sed 's/^/# /'
	is "$bundles: all runs ended" "$(cat "$W/out"/worker.* | wc -l)" $((runs / 2 / workers * workers))
	is "$bundles: each with done, a conflict, busy or its death" \
		"$(cut -d' ' -f1 "$W/out"/worker.* | grep -vxE '0|7|8|137' | sort | uniq -c)" ""
	check "$bundles: some were killed" grep -q '^137' "$W/out"/worker.*
	for i in $(seq $bundles); do
		for verb in detach cleanup; do
			vst $verb "$W/many/$i"
			[ "$status" -eq 0 ] || { echo "$verb $i"; said; }
		done
		[ ! -d "$W/made/$i" ] || rmdir "$W/made/$i/x" "$W/made/$i"
	done >"$W/out/wrong" 2>&1
	is "$bundles: detach and cleanup take back whatever there is" "$(cat "$W/out/wrong")" ""
	is "$bundles: no journal is left" "$(find "$W/state" -type f)" ""
	# The kernel takes a link away a little later.
	for _ in $(seq 250); do
		snap >"$W/out/after"
		! cmp -s "$W/out/before" "$W/out/after" || break
		sleep 0.02
	done
	is "$bundles: nothing is left over" "$(diff "$W/out/before" "$W/out/after")" ""
done

finish
