#!/bin/sh
# Every system call of a whole prepare, attach and cleanup fails in turn, in the program and in its
# parser. Whatever happens then: a documented exit status within its time; mounts, links and
# directories as before the run unless it says that it succeeded or what it could not take back;
# and the next run on the bundle works.
#
# A system call is failed by its name and its number among those of its name, counted for each
# process: one injection may hit a call of the program and one of the parser.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "injection" "strace is not installed"
	finish
fi

# The verbs side by side, each in namespaces of its own.
if [ $# -eq 0 ]; then
	dir=$(mktemp -d) || exit 1
	for verb in prepare attach cleanup; do
		VST_INSIDE='' sh "$0" $verb >"$dir/$verb" 2>&1 &
	done
	wait
	cat "$dir/prepare" "$dir/attach" "$dir/cleanup"
	! grep -q '^not ok' "$dir"/* && rm -rf "$dir"
	exit
fi
verb=$1

layout shared
target
bundle b "{\"mkdir\": [\"$W/made/a\", \"$W/b/rootfs/var/x\"],
	\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"vst-e\"}, {\"name\": \"br0\", \"add\": \"bridge\"}],
	\"bindNS\": {\"net\": \"$W/ns/net\"}}"
rw b
ip link add vst-e type veth peer name vst-f
sysctl -qw net.ipv6.conf.vst-e.disable_ipv6=1 2>/dev/null
ip link set vst-e up alias kept
ip addr add 192.0.2.7/24 dev vst-e

# What can be compared after something was made anew: without numbers that are given anew.
mounts_again() {
	mounts_of "$1" | sed -E 's/^[0-9]+:[0-9]+ //; s/(shared|master):[0-9]+/\1/' | sort
}
addresses() {
	jq -c '.[] | [.ifname, .flags, .operstate, (select(.ifname == "vst-e") | .ifalias),
		(.addr_info[]? | [.local, .prefixlen])]' | sort
}
state_of() {
	mounts_again self
	mounts_again "$PEER"
	ip -j -d addr | addresses
	ip -j route show table all
	there ip -j -d addr | addresses
	find "$W/b" "$W/made" "$W/ns" -printf '%h/%f %y %m %U:%G %l\n' 2>/dev/null | sort
}

# Takes back by hand what an attach or a prepare that succeeded has done.
by_hand_prepare() {
	umount "$W/b/rootfs" "$W/b/tmp" 2>/dev/null
	rm -rf "$W/made" "$W"/state/*
}
by_hand_attach() {
	umount "$W/ns/net" 2>/dev/null
	rm -rf "$W/ns" "$W"/state/*
	ip link del vst-a 2>/dev/null
	there ip link del br0 2>/dev/null
	if there ip link show vst-e >/dev/null 2>&1; then
		there ip link set vst-e netns $$ 2>/dev/null
		ip link set vst-e up
		ip addr replace 192.0.2.7/24 dev vst-e
	fi
}
by_hand_cleanup() {
	by_hand_prepare
}

run_prepare() {
	"$@" "$VST" --root "$W/state" prepare "$W/b"
}
run_attach() {
	"$@" "$VST" --root "$W/state" attach --pid "$TARGET" "$W/b"
}
run_cleanup() {
	"$@" "$VST" --root "$W/state" cleanup "$W/b"
}

# The calls of a traced run as "NAME NUMBER", from the first act of main() on and none that the
# dynamic loader makes before it; of the many rt_sigaction the first and the last few will do.
calls_of() {
	awk '
	{ pid = $1; sub(/^[0-9]+ +/, "") }
	NR == 1 { parent = pid }
	/^(<|\+|-)/ { next }
	{
		name = $0
		sub(/\(.*/, "", name)
		n[pid, name]++
		if (pid == parent && !begun)
			loader[name, n[pid, name]] = 1
		if (pid == parent && /^fcntl\(0, F_GETFD/)
			begun = 1
		if (name == "exit_group" || name == "execve" || (pid == parent && !begun) || ((name, n[pid, name]) in loader))
			next
		if (name == "rt_sigaction" && n[pid, name] > 3 && n[pid, name] < 128)
			next
		if (!((name, n[pid, name]) in seen)) {
			seen[name, n[pid, name]] = 1
			print name, n[pid, name]
		}
	}' "$1"
}

# The name as -e inject wants it: strace may know a new call by number only.
call_name() {
	case $1 in
	syscall_0x*) printf '%d\n' "${1#syscall_}" ;;
	*) echo "$1" ;;
	esac
}

wrong() {
	{ echo "$1"; cat "$W/out/injected"; echo "status $status"; shift; [ $# -eq 0 ] || "$@"; } |
		not_ok "$verb: $call $number fails with $error"
	wrongs=$((wrongs + 1))
}

# One injection. "$W/out/was" is the state before the run, "$W/out/done" after one that succeeds.
inject() {
	timeout 15 strace -f -qq -o "$W/out/trace" -e "trace=$(call_name "$call")" \
		-e "inject=$(call_name "$call"):error=$error:when=$number" \
		"$VST" --root "$W/state" "$@" >"$W/out/injected" 2>&1 </dev/null
	status=$?
	state_of >"$W/out/is"
	case $status in
	0) cmp -s "$W/out/is" "$W/out/done" || wrong "succeeded, but not all is done" diff "$W/out/done" "$W/out/is" ;;
	5) grep -q 'not taken back' "$W/out/injected" || wrong "says nothing of what is left" ;;
	[1234678])
		if [ "$verb" != cleanup ]; then
			cmp -s "$W/out/is" "$W/out/was" || wrong "not all is as before" diff "$W/out/was" "$W/out/is"
		fi
		;;
	*) wrong "no documented status" ;;
	esac
	n=$((n + 1))
	case $status in
	0) n_ok=$((n_ok + 1)) ;;
	5) n_incomplete=$((n_incomplete + 1)) ;;
	*) n_refused=$((n_refused + 1)) ;;
	esac
}

wrongs=0
n=0
n_ok=0
n_incomplete=0
n_refused=0
[ "$verb" != cleanup ] || run_prepare env 2>/dev/null
state_of >"$W/out/was"
run_"$verb" strace -f -qq -o "$W/out/trace" 2>"$W/out/stderr"
status=$?
is "$verb, traced, succeeds" $status 0
state_of >"$W/out/done"
calls_of "$W/out/trace" >"$W/out/calls"
by_hand_"$verb"
while read -r call number; do
	error=ENOMEM
	[ "$verb" != cleanup ] || run_prepare env 2>/dev/null
	case $verb in
	attach) inject attach --pid "$TARGET" "$W/b" ;;
	*) inject "$verb" "$W/b" ;;
	esac
	# The next run works: after a success it is done already, after a failure it is done now.
	if [ $status -ne 5 ] && [ $status -lt 124 ]; then
		if ! run_"$verb" env 2>"$W/out/next"; then
			wrong "the next run does not work" cat "$W/out/next"
		fi
	fi
	by_hand_"$verb"
	if [ "$verb" != cleanup ]; then
		state_of >"$W/out/is"
		if ! cmp -s "$W/out/is" "$W/out/was"; then
			wrong "what was before cannot be had again" diff "$W/out/was" "$W/out/is"
			break
		fi
	fi
done <"$W/out/calls"
if [ $wrongs -eq 0 ] && [ $n -gt 50 ]; then
	ok "$verb: $n calls failed in turn: $n_refused refused or taken back, $n_ok without effect, $n_incomplete incomplete"
else
	echo "of $n calls: $n_refused refused or taken back, $n_ok without effect, $n_incomplete incomplete" |
		not_ok "$verb: $wrongs wrong"
fi

finish
