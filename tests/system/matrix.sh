#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The proof that a failed run leaves the machine as it was, and that a run that was killed anywhere is
# repaired by the next one: for prepare, cleanup, attach and detach of documents that use every
# operation, at every system call of the whole run,
#
#   the call fails; the program is killed at it, before it, after it and some instructions later; the
#   parser's call fails; the parser is killed
#
# and then the next verb: the same again, which has to do all of it, or its inverse. Some of those are
# killed too, and then there is a third one. In the end detach and cleanup, and nothing is left: mounts
# here and in a peer, links, addresses and routes here and there, files, modes, journals.
#
# prepare-today and cleanup-today (--all) are of a document of today's generation: mounts of every kind,
# in the bundle and elsewhere, changes of mounts that are there, paths beneath rootfs, a cgroup.
#
# attach-set and detach-set are of interfaces that are given addresses, routes, a bridge and more, and of one
# that keeps what it has here.
#
# What libc does before main() is left out: it is not the program's. Main begins where it looks at
# descriptor 0.
#
#   VST_LONG=1     every call with every errno, and killed in every way (make matrix); else every call
#                  with one errno, and those that act with another one and killed
#   VST_WORKERS=N  side by side, each in namespaces of its own; two for each processor, because
#                  half of the time the kernel waits
#   VST_SEED=N     of what is chosen at random
#   VST_SHARE=30   of the short form, so many of a hundred; which, says the seed
#
# How many were tried is printed as it goes.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

scenarios=${VST_SCENARIOS:-"prepare prepare-ro cleanup attach detach cleanup-all prepare-today cleanup-today attach-set detach-set"}
workers=${VST_WORKERS:-$((2 * $(nproc)))}
VST_SEED=${VST_SEED:-$(date +%s)}
VST_SHARE=${VST_SHARE:-30}
export VST_SEED VST_SHARE

if [ ! -x "$TOOLS/at_call" ]; then
	skip "the matrix" "kernel: its registers are known for x86-64 only"
	finish
fi

# All workers' tallies: "SCENARIO FAULT RESULT" a line.
matrix() {
	awk '
	{
		if (!(($1, $2) in row)) {
			row[$1, $2] = ++n
			name[n] = sprintf("%-12s %-14s", $1, $2)
		}
		i = row[$1, $2]
		count[i, $3]++
		tried[i]++
	}
	END {
		printf "# %-27s %6s %7s %7s %7s %8s %5s\n", "", "tried", "missed", "no mark", "done", "repaired", "left"
		for (i = 1; i <= n; i++)
			printf "# %s %6d %7d %7d %7d %8d %5d\n", name[i], tried[i], count[i, "missed"],
				count[i, "asbefore"], count[i, "done"], count[i, "repaired"], count[i, "left"]
	}' "$@"
}

# What is compared has to show what a run could have changed of a mount, here and in a peer.
shows() {
	layout shared
	mkdir "$W/m"
	mount -t tmpfs -o size=1m shown "$W/m"
	mount --make-private "$W/m"
	for change in remount,bind,ro remount,bind,noatime remount,size=2m; do
		"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/before"
		mount -o "$change" "$W/m"
		"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/after"
		fails "what is compared shows $change" cmp -s "$W/out/before" "$W/out/after"
	done
	for change in shared unbindable; do
		"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/before"
		mount "--make-$change" "$W/m"
		"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/after"
		fails "what is compared shows $change" cmp -s "$W/out/before" "$W/out/after"
	done
	"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/before"
	nsenter -t "$PEER" -m mount -o remount,bind,nodev "$W/m"
	"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/after"
	fails "what is compared shows a peer's attributes" cmp -s "$W/out/before" "$W/out/after"
	# What is the machine's is compared but for the options that everybody has.
	machine=$VST_MACHINE
	VST_MACHINE="$VST_MACHINE$(mountpoint -d "$W/m") "
	"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/before"
	mounts_of self >"$W/out/mounts"
	mount -o remount,size=3m "$W/m"
	"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/after"
	check "what is compared has no options of the machine's file systems" cmp -s "$W/out/before" "$W/out/after"
	is "... anywhere" "$(mounts_of self | diff "$W/out/mounts" -)" ""
	mount -o remount,bind,nosuid "$W/m"
	"$TOOLS/snapshot" "$W" "$PEER" 0 >"$W/out/after"
	fails "... but those of mounts" cmp -s "$W/out/before" "$W/out/after"
	mounts_of self >"$W/out/now"
	fails "... anywhere" cmp -s "$W/out/mounts" "$W/out/now"
	VST_MACHINE=$machine
	end_ours
}

if [ $# -eq 0 ]; then
	dir=$(mktemp -d) || exit 1
	shows
	echo "# VST_SEED=$VST_SEED"
	start=$(date +%s)
	for worker in $(seq 0 $((workers - 1))); do
		: >"$dir/tally.$worker"
		VST_INSIDE='' sh "$0" "$worker" "$dir/tally.$worker" >"$dir/said.$worker" 2>&1 &
		ours $!
		eval "worker_$worker=$!"
	done
	while sleep 30; do
		cat "$dir"/tally.* | awk -v after=$(($(date +%s) - start)) '
			{ left += $3 == "left"; at = $1 }
			END { print "# after " after " s: " NR " faults tried, " left + 0 " left something; at " at }'
	done &
	ours $!
	teller=$!
	for worker in $(seq 0 $((workers - 1))); do
		eval "wait \$worker_$worker"
		is "worker $worker came to its end, and found nothing" $? 0
		grep -v -e '^1\.\.' -e '^ok' -e '^not ok' "$dir/said.$worker"
		grep -A40 '^not ok' "$dir/said.$worker" | sed 's/^not ok -/# not ok:/'
	done
	kill $teller
	wait $teller 2>/dev/null
	sort "$dir"/tally.* >"$dir/all"
	matrix "$dir/all"
	for scenario in $scenarios; do
		of="$(grep -c "^$scenario " "$dir/all") faults in $scenario"
		if grep -q "^$scenario .* left" "$dir/all"; then
			grep "^$scenario .* left" "$dir/all" | not_ok "$of: something is left over"
		# Chance gives the least of them 27 at a share of 30, and less than this once in fifty thousand.
		elif [ "$(grep -c "^$scenario " "$dir/all")" -lt $((30 * VST_SHARE / 100)) ]; then
			echo "that is too few" | not_ok "$of"
		else
			ok "$of: nothing is left over"
		fi
	done
	echo "# $(($(date +%s) - start)) s"
	rm -rf "$dir"
	finish
fi
me=$1
tally=$2

# The document: directories deep and beneath rootfs; a pair, a bridge there, a kind that is made here and
# moved, a device that is there already and has addresses and routes; namespaces in a new directory.
machine() {
	layout shared
	target -n -u -i
	mkdir "$W/host"
	has_kind ifb && made_here=', {"name": "ifb-b", "add": "ifb", "createInRoot": true}' || made_here=
	bundle b "{\"mkdir\": [\"$W/host/a/b/c\", \"$W/host/a/b/e\", \"$W/host/a/d\", \"$W/b/rootfs/var/x\"],
	\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"br0\", \"add\": \"bridge\"}$made_here,
		{\"name\": \"vst-e\"}],
	\"bindNS\": {\"net\": \"$W/host/ns/net\", \"uts\": \"$W/host/ns/uts\", \"ipc\": \"$W/host/ns/deep/ipc\"}}"
	rw b
	bundle ro "{\"mkdir\": [\"$W/ro/rootfs/var/x\", \"$W/host/a/b\"]}"
	plain_addresses
	ip link add vst-e mtu 1400 txqueuelen 77 type veth peer name vst-f
	ip link property add dev vst-e altname vst-other-name
	ip link set vst-e alias kept
	ip link set vst-f up
	ip link set vst-e up
	ip addr add 192.0.2.7/24 dev vst-e
	ip addr add 192.0.2.8/24 dev vst-e
	ip -6 addr add 2001:db8::7/64 dev vst-e nodad 2>/dev/null
	ip route add default via 192.0.2.1 dev vst-e
	ip route add 198.51.100.0/24 via 192.0.2.1 dev vst-e table 100
	case $scenarios in
	*today*) machine_today ;;
	esac
	case $scenarios in
	*set*) machine_set ;;
	esac
	snap >"$W/out/pristine"
}

# Mounts of others, one of them of a file, which a run can only change as they were if they have no
# peers; a tree to bind; a hierarchy of cgroups, where it can be had, in place of the real ones.
theirs() {
	mount -t tmpfs -o nosuid theirs "$W/theirs"
	mount --bind "$W/file" "$W/file"
	mount --make-private "$W/theirs"
	mount --make-private "$W/file"
}

machine_today() {
	mkdir "$W/theirs" "$W/tree" "$W/l1" "$W/l2" "$W/src"
	echo text >"$W/file"
	theirs
	mount -t tmpfs tree "$W/tree"
	mkdir "$W/tree/sub"
	mount -t tmpfs sub "$W/tree/sub"
	mkdir "$W/tree/sub/deep"
	mount --make-rprivate "$W/tree"
	bundle t
	rw t
	cgroups=
	mkdir "$W/cg"
	mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup
	mkdir /sys/fs/cgroup/one
	# A hierarchy with cgroups in it outlives its mounts, and everybody finds it by its name: one of
	# a run that was killed must not be this one's.
	if mount -t cgroup -o "none,name=vst-${W##*.}" cgroup "$W/cg" 2>/dev/null; then
		mount --bind "$W/cg" /sys/fs/cgroup/one
		cgroups='"a/b", "a/c"'
	fi
	cat >"$W/t/runtime.json" <<END
	{"mounts": [
		{"destination": "$W/host/m/a", "type": "tmpfs", "options": ["nosuid", "size=1m", "mode=0711"]},
		{"destination": "$W/host/m/a/in/it", "type": "tmpfs", "options": ["ro", "unbindable"]},
		{"destination": "$W/host/o", "type": "overlay", "options": ["nodev", "private",
			"lowerdir=$W/l1:$W/l2", "upperdir=$W/host/o-up", "workdir=$W/host/o-wk"]},
		{"destination": "$W/host/lo", "type": "overlay", "options": ["lowerdir=$W/l1:$W/l2"]},
		{"destination": "$W/host/b", "source": "$W/src", "options": ["bind", "ro", "slave"]},
		{"destination": "$W/host/b", "source": "$W/l1", "options": ["bind", "noexec"]},
		{"destination": "$W/host/r", "source": "$W/tree", "options": ["rbind", "rro", "nodev", "rshared"]},
		{"destination": "$W/host/r", "options": ["remount", "nosuid"]},
		{"destination": "$W/host/m/a", "options": ["remount", "rprivate"]},
		{"destination": "$W/theirs", "options": ["remount", "ro", "noexec", "noatime", "shared"]},
		{"destination": "$W/file", "options": ["remount", "nodev", "unbindable"]},
		{"destination": "var/rel", "type": "tmpfs", "options": ["nodev"]},
		{"destination": "var/rel/deep", "source": "$W/src", "options": ["bind", "ro"]}],
	"mkdir": ["etc/made/x", "var/rel/dir", "$W/host/m/a/dir", "$W/host/d/e"],
	"cgroups": [$cgroups]}
END
}

# A bridge that has had a port before, and what is to be one.
machine_set() {
	ip link add vst-br address 02:00:00:00:00:aa type bridge
	ip link set vst-br addrgenmode none 2>/dev/null
	ip link set vst-br up
	ip link add vst-first type veth peer name vst-second
	ip link set vst-first master vst-br
	ip link del vst-first
	bundle s '{"interfaces": [
		{"name": "eth0", "peer": "vst-p", "bridge": "vst-br", "isolated": true, "mtu": 1400, "up": true, "peerUp": true,
			"addresses": ["192.0.2.20/24", "2001:db8:2::20/64"],
			"routes": [{"to": "203.0.113.0/24", "via": "192.0.2.1"}, {"to": "2001:db8:3::/48", "via": "2001:db8:2::1"}]},
		{"name": "eth1", "peer": "vst-q", "mac": "02:00:00:00:00:01", "up": true, "peerUp": true,
			"peerAddresses": ["198.51.101.1/24"]},
		{"name": "vst-e", "keep": ["addresses", "routes", "up"], "mtu": 1300, "addresses": ["203.0.114.1/32"]}]}'
}

# What verbs leave: mounts of others as they were asked to be, directories with what is in them.
back_today() {
	run -- cleanup-today
	[ $status -eq 0 ] || return 1
	umount "$W/theirs" "$W/file"
	theirs
	rm -rf "$W/host/o-up" "$W/host/o-wk"
	remove cg/a/b cg/a/c cg/a host/m/a host/m host/o host/lo host/b host/r host/d/e host/d
}

# remove DIRECTORY...: those that there are; none that has something in it.
remove() {
	removed=
	for one; do
		[ ! -e "$W/$one" ] || removed="$removed $W/$one"
	done
	# shellcheck disable=SC2086
	[ -z "$removed" ] || rmdir $removed 2>"$W/out/said"
}

snap() {
	"$TOOLS/snapshot" "$@" "$W" "$PEER" "$TARGET" 2>&1
}

# like FILE [OPTION]: the machine is as in FILE; what the kernel does by and by has a moment.
like() {
	like_file=$1
	shift
	like_tries=0
	until snap "$@" >"$W/out/is" && cmp -s "$W/out/is" "$like_file"; do
		like_tries=$((like_tries + 1))
		[ $like_tries -lt 250 ] || return 1
		sleep 0.02
	done
}

# run FAULT... -- VERB: under at_call, with what the verb wants.
run() {
	run_faults=
	while [ "$1" != -- ]; do
		run_faults="$run_faults $1"
		shift
	done
	verb=$2
	case $verb in
	prepare | cleanup | detach) set -- "$2" "$W/b" ;;
	prepare-ro) set -- prepare "$W/ro" ;;
	prepare-today) set -- prepare "$W/t" ;;
	cleanup-today) set -- cleanup --all "$W/t" ;;
	cleanup-ro) set -- cleanup "$W/ro" ;;
	cleanup-all) set -- cleanup --all "$W/b" ;;
	attach) set -- attach --pid "$TARGET" "$W/b" ;;
	attach-set) set -- attach --pid "$TARGET" "$W/s" ;;
	detach-set) set -- detach "$W/s" ;;
	esac
	if [ -n "$run_faults" ]; then
		[ "$run_faults" != " trace" ] || run_faults=
		# shellcheck disable=SC2086
		timeout -s KILL 300 "$TOOLS/at_call" "$W/out/hit" $run_faults -- "$VST" --root "$W/state" "$@"
	else
		"$VST" --root "$W/state" "$@"
	fi >"$W/out/said" 2>&1 </dev/null
	status=$?
}

# Whatever a verb wants to find.
setup() {
	case $scenario in
	cleanup) run -- prepare ;;
	detach) run -- attach ;;
	detach-set) run -- attach-set ;;
	cleanup-today) run -- prepare-today ;;
	cleanup-all)
		run -- prepare
		[ $status -eq 0 ] && run -- attach
		;;
	*) status=0 ;;
	esac
	[ $status -eq 0 ] || return 1
	snap >"$W/out/pre"
}

# Everything back, by the verbs themselves; only directories stay, as promised: those that were asked for
# go by rmdir, which takes none that has something in it.
take_back() {
	backs=
	case $scenario in
	*today) back_today || return 1 ;;
	prepare-ro) backs=cleanup-ro ;;
	attach | detach) backs=detach ;;
	*set) backs=detach-set ;;
	prepare | cleanup) backs=cleanup ;;
	*) backs="detach cleanup" ;;
	esac
	for back in $backs; do
		run -- "$back"
		[ $status -eq 0 ] || return 1
	done
	remove host/a/b/c host/a/b/e host/a/d host/a/b host/a host/ns/deep host/ns ro/rootfs/var/x ro/rootfs/var \
		b/rootfs/var/x b/rootfs/var
	like "$W/out/pristine"
}

wrong() {
	wrongs=$((wrongs + 1))
	result=left
	{
		echo "$1"
		cat "$W/out/said"
		echo "status $status of $verb"
		shift
		[ $# -eq 0 ] || "$@"
	} | head -40 | not_ok "$scenario: $fault"
}

# shuffle N: $chosen is a number less than N, the same ones for the same seed.
shuffle() {
	random=$(((random * 1103515245 + 12345) % 2147483648))
	chosen=$((random / 65536 % $1))
}

# What failed says so, and has left nothing; what was killed says nothing; what says it is done has
# done all.
judge() {
	case $status in
	0) like "$W/out/done" -a || wrong "succeeded, and not all is done" diff "$W/out/done" "$W/out/is" ;;
	137)
		case $fault in
		program:*:before | program:*:after | program:*:+*) ;;
		*) wrong "was killed, and by nobody, or did not end" ;;
		esac
		;;
	5) grep -q 'not taken back' "$W/out/said" || wrong "says nothing of what is left" ;;
	[1234678])
		case $scenario in
		prepare* | attach*)
			grep -v '^/state' "$W/out/pre" >"$W/out/pre-state"
			grep -v '^/state' "$W/out/now" | diff "$W/out/pre-state" - >"$W/out/differs" ||
				wrong "failed, and not all is as before" cat "$W/out/differs"
			;;
		esac
		;;
	*) wrong "has no documented status" ;;
	esac
}

# The next verb.
next() {
	# Some of the repairs are killed, too.
	case $fault in
	*:before | *:after | *:+*)
		shuffle 3
		if [ $chosen -eq 0 ]; then
			shuffle 250
			run "program:any:$((chosen + 200)):after" -- "$scenario"
			second=" then killed at $(cat "$W/out/hit")"
		fi
		;;
	esac
	shuffle 2
	[ $chosen -eq 0 ] || return 0
	run -- "$scenario"
	if [ $status -ne 0 ]; then
		wrong "the next run does not work"
	elif ! like "$W/out/done" -a; then
		wrong "the next run has not done all$second" diff "$W/out/done" "$W/out/is"
	fi
}

try() {
	result=
	second=
	run "$fault" -- "$scenario"
	snap >"$W/out/now"
	if ! [ -s "$W/out/hit" ]; then
		result=missed
	elif [ $status -eq 0 ]; then
		result=done
	elif cmp -s "$W/out/pre" "$W/out/now"; then
		result=asbefore
	fi
	judge
	# Nothing that the next run could see: what it does is known.
	if [ "$result" = asbefore ] && [ -z "${VST_LONG-}" ]; then
		return
	fi
	[ "$result" = left ] || next
	[ -n "$result" ] || result=repaired
	if ! take_back; then
		snap >"$W/out/is"
		[ "$result" = left ] || wrong "left over$second" diff "$W/out/pristine" "$W/out/is"
		machine
		again
		finished
	fi
	again
}

# A run of which nothing fails: its calls, what is there when all is done.
finished() {
	run trace -- "$scenario"
	[ $status -eq 0 ] || bail
	cp "$W/out/hit" "$W/out/calls"
	sleep 0.1
	snap -a >"$W/out/done"
	take_back || bail
	again
}

again() {
	setup || bail
}
bail() {
	echo "Bail out! $scenario: cannot be set up; $verb: status $status"
	cat "$W/out/said"
	diff "$W/out/pristine" "$W/out/is"
	exit 1
}

# "KIND FAULT" for each thing to try, from the calls of a traced run.
faults_of() {
	awk -v long="${VST_LONG:+1}" -v seed="$VST_SEED" -v scenario="$scenario" -v share="$VST_SHARE" '
	# Moving a link takes the kernel its time: in the short form, a share of what takes long.
	function try(kind, fault) {
		if (!long && rand() * 100 >= share)
			return
		if (long || $1 == "child" || rand() < (scenario ~ /tach|all/ ? (kind == "program-EIO" && !acting ? 0.1 : 0.3) : 0.7))
			print kind, $1 ":" $2 ":" $3 ":" fault
	}
	BEGIN {
		srand(seed)
		split("EIO ENOMEM ENOSPC EPERM EINVAL EMFILE", every)
		acts = "^(mkdirat|openat|open_tree|move_mount|mount_setattr|call_4..|fsopen|fsconfig|fsmount|umount2|mount" \
			"|unlinkat|fallocate|ftruncate|sendto|recvfrom|recvmsg|setns|flock|fchmod|fchown|fchdir|ioctl)$"
		denied = "^(open_tree|move_mount|mount_setattr|call_4..|fsopen|fsconfig|fsmount|umount2|mount|setns|ioctl)$"
		space = "^(mkdirat|openat|fallocate|ftruncate)$"
	}
	$1 == "program" && $2 == "fcntl" { begun = 1 }
	!begun || $2 == "execve" { next }
	$2 == "rt_sigaction" && $3 > 3 && $3 % 32 { next }
	# The parser knows no verb, and is the same in each.
	!long && $1 == "child" && scenario == "prepare-ro" { next }
	{ acting = $1 == "program" && $2 ~ acts }
	$2 != "exit_group" {
		if (long)
			for (i in every)
				try($1 "-" every[i], every[i])
		else
			try($1 "-EIO", "EIO")
		if (!long && acting)
			try("program-errno", $2 ~ denied ? "EPERM" : $2 ~ space ? "ENOSPC" : "ENOMEM")
	}
	$1 == "child" { try("child-killed", "before"); next }
	long || acting {
		try("killed-before", "before")
		try("killed-after", "after")
		for (i = 0; i < (long ? 4 : 1); i++)
			try("killed-later", "+" int(rand() * rand() * 1500))
	}' "$1"
}

wrongs=0
random=$((VST_SEED + me))
machine
for scenario in $scenarios; do
	fault=none
	again
	finished
	faults_of "$W/out/calls" | awk -v me="$me" -v n="$workers" 'NR % n == me' >"$W/out/faults"
	again
	while read -r kind fault; do
		try
		echo "$scenario $kind $result" >>"$tally"
		[ $wrongs -lt "${VST_LONG:+10}8" ] || exit 1
	done <"$W/out/faults"
	take_back || wrong "cannot be taken back" diff "$W/out/pristine" "$W/out/is"
done

finish
