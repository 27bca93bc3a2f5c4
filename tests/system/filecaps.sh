#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The program with file capabilities, which makes users interfaces and nothing else: how it is installed, whom and
# what it refuses, and what its caller and its parser can reach of it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
if ! command -v setcap >/dev/null; then
	skip "file capabilities" "setcap is not installed"
	finish
fi
INSTALL=install-caps
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"
PROGRAM=$P/libexec/vestibule/caps/vestibule

### The install

is "it is setgid to a group of its own" "$(stat -c '%U:%G %a' $PROGRAM)" "root:_vestibule 2755"
is "... with two capabilities, neither effective" "$(getcap $PROGRAM)" "$PROGRAM cap_net_admin,cap_sys_ptrace=p"
is "... in a directory for members" "$(stat -c '%U:%G %a' $P/libexec/vestibule/caps)" "root:vestibule 750"
is "the other program has no rights" "$(stat -c '%U:%G %a' $P/bin/vestibule) $(getcap $P/bin/vestibule)" "root:root 755 "
is "the parser is root's, and nobody reads it" "$(stat -c '%U:%G %a' $P/libexec/vestibule/vestibule-parser)" "root:root 711"
is "nobody is in that group" "$(getent group _vestibule | cut -d : -f 4)" ""
fails "who is no member does not start it" as mallory $PROGRAM --version
user_does "a member does" 0 alice --version
# again DESCRIPTION: another install fails, and leaves nothing with rights.
again() {
	fails "an install $1 fails" installs install-caps
	fails "... and leaves it to nobody" as alice $PROGRAM --version
	is "... nor with a right" "$(stat -c %a $PROGRAM 2>&1)" 700
}
usermod -a -G _vestibule bob
again "with a member of its group"
gpasswd -d bob _vestibule >/dev/null
useradd -K UID_MAX=80000 -M -u 70004 -g _vestibule eve
again "with a user whose own group it is"
userdel eve
chmod 775 $P
again "in a directory that a group can write"
chmod 755 $P
check "an install where all is well" installs install-caps
is "... is as before" "$(stat -c '%U:%G %a' $PROGRAM) $(getcap -n $PROGRAM | sed 's/.* //')" \
	"root:_vestibule 2755 cap_net_admin,cap_sys_ptrace=p"
fails "with LINK=shared there is none" installs LINK=shared install-caps

### What it is for, and what not

if ! mount -t sysfs sysfs /sys 2>/dev/null; then
	skip "a user's veth" "no sysfs of our own can be mounted here"
	finish
fi
ip link add br-users type bridge
ip link set br-users address 02:00:00:00:00:01 up
sysctl -qw net.ipv6.conf.br-users.accept_ra=0
ip addr add 10.9.0.1/24 dev br-users
ports() {
	ip -o link show type veth | sed -n 's/^[0-9]*: \(vs[^@:]*\).*/\1/p' | sort | tr '\n' ' '
}
inside() {
	nsenter -t "$TARGET" -n "$@"
}

mkdir -p /srv/ci/ns/alice
chown alice:alice /srv/ci/ns/alice
veth='{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br-users"}]}'
user_bundle alice "$veth"
target_of bob
bobs=$TARGET
target_of alice
policy "permit group vestibule ns net,user beneath /srv/ci/ns" "permit group vestibule veth bridge br-users count 3"
# refused_attach DESCRIPTION STATUS PATTERN
refused_attach() {
	user_refused "$1" "$2" "$3" alice attach --pid "$TARGET" /srv/alice/b
}
document() {
	user_bundle alice "$1"
}
for verb in prepare detach cleanup; do
	user_refused "$verb" 6 "^vestibule: $verb: installed by 'make install-caps' .* keeps no record" alice $verb /srv/alice/b
done
for verb in gc status; do
	user_refused "$verb" 6 "^vestibule: $verb: installed by 'make install-caps' .* keeps no record" alice $verb
done
user_does "plan" 0 alice plan --pid "$TARGET" /srv/alice/b
user_does "policy check" 0 alice policy check
document '{"bindNS": {"net": "/srv/ci/ns/alice/net"}}'
refused_attach "a namespace" 6 "keeps no record"
document '{"interfaces": [{"name": "lo"}]}'
refused_attach "an interface that is moved" 3 "moving"
document '{"interfaces": [{"name": "eth0", "add": "veth", "peer": "vst-a"}]}'
refused_attach "what of a veth is the host's" 3 "leave out 'peer'"
document '{"interfaces": [{"name": "eth0", "add": "veth", "bridge": "br1"}]}'
refused_attach "a veth on another bridge" 3 "policy:2.*permit uid 70001 veth bridge br1"
document '{}'
user_does "nothing at all" 0 alice attach --pid "$TARGET" /srv/alice/b
check "... no state directory is made" test ! -e /run/vestibule
document "$veth"
"$PROGRAM" prepare /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr"
is "root has the other program" $? 6

### A veth

attaches() {
	user_does "$1" "$2" alice attach --pid "$TARGET" "/srv/alice/$3"
}
# other NAME: another bundle of hers, with an interface of that name.
other() {
	mkdir -p "/srv/alice/$1/rootfs"
	echo "{\"interfaces\": [{\"name\": \"$1\", \"add\": \"veth\", \"bridge\": \"br-users\"}]}" >"/srv/alice/$1/runtime.json"
	chown -R alice:alice "/srv/alice/$1"
}
for name in e1 e2 e3; do
	other $name
done
attaches "a veth" 0 b
is "... in her first slot" "$(ports)" "vs1i0h_0 "
is "... in the bridge, and complete" "$(ip link show vs1i0h_0 | grep -Eo 'master br-users|group [0-9]*' | tr '\n' ' ')" \
	"master br-users group 30306 "
inside ip addr add 10.9.0.2/24 dev eth0
inside ip link set eth0 up
check "... her container reaches the host" inside ping -q -c 1 -W 5 10.9.0.1
user_refused "once more: its name is taken" 7 "'eth0'" alice attach --pid "$TARGET" /srv/alice/b
attaches "another one" 0 e1
attaches "the third" 0 e2
user_refused "one more than the policy lets her have" 3 "3 of 3 veths that the policy lets uid 70001 have are in use" \
	alice attach --pid "$TARGET" /srv/alice/e3
is "... three slots" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0h_2 "
inside ip link del e1
attaches "one is deleted in the container: it is free" 0 e3
is "... with its slot" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0h_2 "
does "root's status" 0 status
is "... shows nothing to be wrong" "$(cat "$W/out/stderr")" ""
check "... there are no records" test ! -e /run/vestibule/users
# Several at once never get more.
inside ip link del eth0
inside ip link del e2
inside ip link del e3
no_ports() {
	[ -z "$(ports)" ]
}
wait_until no_ports
for n in 1 2 3 4 5 6 7 8; do
	other "m$n"
done
for n in 1 2 3 4 5 6 7 8; do
	{
		as alice $PROGRAM attach --pid "$TARGET" "/srv/alice/m$n" 2>"$W/out/stderr.$n"
		echo $? >"$W/out/status.$n"
	} &
	ours $!
done
wait_until sh -c "[ \$(cat $W/out/status.* | wc -l) -eq 8 ]"
is "eight at once: three succeed" "$(cat "$W"/out/status.* | grep -c '^0$')" 3
is "... the others are told that none is free, or that others took it" "$(cat "$W"/out/status.* | grep -vc '^[038]$')" 0
is "... of her slots" "$(ports)" "vs1i0h_0 vs1i0h_1 vs1i0h_2 "
ends_target
wait_until sh -c "! ip -o link show type veth | grep -q vs1i0h"
target_of alice
# A call that fails: all is taken back by the journal in memory. A kill: what is left is no port of hers yet, and is
# deleted a minute later, when no run can be about it.
if can_hold "calls that fail"; then
	# at FAULT: an attach of hers with that.
	at() {
		"$TOOLS/at_call" "$W/out/calls" "$1" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
			"$PROGRAM" attach --pid "$TARGET" /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		status=$?
	}
	: >"$W/out/left"
	n=0
	status=1
	while [ $status -ne 0 ]; do
		n=$((n + 1))
		at "program:sendto:$n:ENOMEM"
		if [ $status -eq 0 ]; then
			inside ip link del eth0
		elif [ -n "$(ports)" ]; then
			{ echo "sendto $n: $(ports)"; said; } >>"$W/out/left"
		fi
	done
	check "each of its requests failed" test $n -gt 10
	is "... and nothing was left" "$(cat "$W/out/left")" ""
	n=0
	status=137
	while [ $status -ne 0 ]; do
		n=$((n + 1))
		at "program:sendto:$n:after"
		if [ $status -eq 137 ]; then
			# As when its deadline is over.
			ip -o link show type veth | sed -n 's/^[0-9]*: \(vs[^@:]*\).*/\1/p' >"$W/out/names"
			while read -r left; do
				ip link show "$left" | grep -q 'group 30306 ' || ip link set "$left" group $((0x76000000))
			done <"$W/out/names"
			"$P/bin/vestibule" gc 2>>"$W/out/gc" || echo "$n: gc: $?" >>"$W/out/left"
			[ -z "$(ports)" ] || inside ip link del eth0
		fi
	done
	check "killed behind each of its requests" test $n -gt 10
	inside ip link del eth0
	is "... and root's gc deletes what is left" "$(ports)$(cat "$W/out/left")" ""
fi

### Of which process, and where from

nobody="there is no such process in a user namespace of yours"
user_refused "a process that does not exist" 3 "$nobody" alice attach --pid 4194300 /srv/alice/b
cp "$W/out/stderr" "$W/out/none"
for pid in "$bobs" 1; do
	user_refused "a process that is not hers" 3 "$nobody" alice attach --pid "$pid" /srv/alice/b
	is "... in the same words" "$(cat "$W/out/stderr")" "$(cat "$W/out/none")"
done
UNDER="unshare -U"
refused_attach "in a user namespace" 3 "in a user namespace that a user made"
UNDER=
HOW=--no-new-privs
refused_attach "with no_new_privs" 3 "rights that vestibule is installed with are missing: it was started with no_new_privs"
HOW=
if command -v strace >/dev/null; then
	UNDER="strace -qq -o /dev/null"
	refused_attach "traced by her" 3 "rights that vestibule is installed with are missing: it was started under a tracer"
	UNDER=
fi
for lacks in net_admin sys_ptrace; do
	HOW="--bounding-set -$lacks"
	cap=CAP_$(echo $lacks | tr '[:lower:]' '[:upper:]')
	refused_attach "without $cap in the bounding set" 3 "^vestibule: attach needs $cap, which is missing: the bounding set"
done
HOW=
HOW="--groups $(getent group vestibule | cut -d : -f 3),$(getent group _vestibule | cut -d : -f 3)"
as_member() {
	# shellcheck disable=SC2086
	setpriv --reuid alice --regid alice $HOW sh -c 'exec "$0" "$@"' "$PROGRAM" "$@"
}
before
as_member attach --pid "$TARGET" /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
status=$?
HOW=
is "a caller who is in its group" $status 3
says "... is told so" "uid 70001 is in group [0-9]*, which this program has for itself alone"
unchanged "... and nothing is changed"

# It is the directory that lets members alone in, and who has it open already does not need that.
exec 7<$PROGRAM
as mallory sh -c 'exec /proc/self/fd/7 "$@"' - attach --pid "$TARGET" /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
status=$?
exec 7<&-
is "who is no member and has a descriptor of it" $status 3
unchanged "... is served nothing that is not his"
mkdir -p /srv/mallory/b/rootfs
echo "$veth" >/srv/mallory/b/runtime.json
chown -R mallory:mallory /srv/mallory
hers=$TARGET
target_of mallory
exec 7<$PROGRAM
as mallory sh -c 'exec /proc/self/fd/7 "$@"' - attach --pid "$TARGET" /srv/mallory/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
status=$?
exec 7<&-
is "... nor what the policy does not permit him" $status 3
says "... and is told so" "interface 'eth0': .*uid 70003"
TARGET=$hers

chmod 600 /etc/vestibule/policy
refused_attach "a policy that she may not read" 3 "'eth0': .*/etc/vestibule/policy: Permission denied"
chmod 644 /etc/vestibule/policy

### Other rights than those

odd() {
	PROGRAM=/opt/odd
	refused_attach "$1" 6 "more rights than its caller, uid 70001: $2"
	PROGRAM=$P/libexec/vestibule/caps/vestibule
}
install -m 755 $PROGRAM /opt/odd
setcap cap_net_admin,cap_sys_ptrace=p /opt/odd
odd "the capabilities without the group" "its file has capabilities"
chown root:_vestibule /opt/odd
chmod 2755 /opt/odd
odd "the group without the capabilities" "it is setgid"
setcap cap_net_admin,cap_sys_ptrace,cap_sys_admin=p /opt/odd
odd "one capability more" "it is setgid"

# lacking CAPABILITY OTHER: the file has the other one alone.
lacking() {
	setcap "$2=p" /opt/odd
	PROGRAM=/opt/odd
	refused_attach "one less than those: $1" 3 \
		"^vestibule: attach needs $(echo "$1" | tr '[:lower:]' '[:upper:]'), which is missing: its file does not give it"
	PROGRAM=$P/libexec/vestibule/caps/vestibule
}
lacking cap_net_admin cap_sys_ptrace
lacking cap_sys_ptrace cap_net_admin

### With whose rights

# From where it looks as her, from one change of capabilities to the next: what is called with one that is effective.
if command -v strace >/dev/null; then
	strace -qq -u alice -o "$W/out/trace" "$PROGRAM" attach --pid "$TARGET" /srv/alice/b 2>"$W/out/stderr"
	is "traced by root: a veth" $? 0
	inside ip link del eth0
	awk '
	/^setfsuid\([0-9]/ { begun = 1 }
	!begun { next }
	/^capset\(/ { raised = $0; sub(/.*effective=/, "", raised); sub(/, permitted.*/, "", raised); next }
	raised && raised != "0" && !/^(prctl\(PR_[SG]ET_DUMPABLE|capget\()/ { print raised ": " $0 }' \
		"$W/out/trace" >"$W/out/raised"
	is "with CAP_SYS_PTRACE it opens the namespaces of the process, with CAP_NET_ADMIN it speaks netlink, and nothing else" \
		"$(grep -vE -e '^1<<CAP_SYS_PTRACE: (ioctl\([0-9]+, (PIDFD_GET_|_IOC\(_IOC_NONE, 0xff, )|openat\([0-9]+, "ns/)' \
			-e '^1<<CAP_NET_ADMIN: (socket\(AF_NETLINK|sendto|recvfrom|openat\([0-9]+, "vs[0-9a-z_]*/(disable_ipv6|rp_filter)"|write\([0-9]+, "1", 1\))' "$W/out/raised")" ""
	check "... seven of them" test "$(wc -l <"$W/out/raised")" -ge 7
fi

### What its caller and its parser reach of it

if can_hold "what its caller reaches of it"; then
	# hold_as FAULT: $run, a run of hers that stands still.
	hold_as() {
		rm -f "$W/out/hold" "$W/out/hold.go"
		"$TOOLS/at_call" "$W/out/hold" "$1" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
			"$PROGRAM" attach --pid "$TARGET" /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
		HELD=$!
		ours $HELD
		wait_until test -s "$W/out/hold"
		run=$(pgrep -P $HELD)
	}
	ids() {
		awk -v what="$1:" '$1 == what { print $2, $3, $4, $5 }' "/proc/$2/status"
	}
	hold_as program:recvmsg:1:hold
	gid=$(getent group _vestibule | cut -d : -f 3)
	hers=$(id -g alice)
	is "it is its caller's" "$(ids Uid "$run")" "70001 70001 70001 70001"
	is "... but for the group" "$(ids Gid "$run")" "$hers $gid $gid $hers"
	is "... no capability is effective" "$(grep CapEff "/proc/$run/status")" "CapEff:	0000000000000000"
	is "... and two are permitted" \
		"$(capsh --decode="$(awk '/CapPrm/ { print $2 }' "/proc/$run/status")" | sed 's/.*=//')" "cap_net_admin,cap_sys_ptrace"
	for file in mem environ maps fd/3 cwd root exe syscall stack; do
		fails "/proc/PID/$file is closed to her" as alice cat "/proc/$run/$file"
	done
	fails "so is its limit" as alice prlimit --pid "$run" --nofile=7:7
	check "... which is hers of a process of her own" as alice prlimit --pid "$TARGET" --nofile=77:77
	go_on
	is "the run goes on to its end" $status 0
	inside ip link del eth0
	# The run ends by its own deadline if it stands longer.
	hold_as child:read:1:hold
	parser=$(pgrep -P "$run")
	is "the parser is hers" "$(ids Uid "$parser")" "70001 70001 70001 70001"
	is "... without the group" "$(ids Gid "$parser")" "$hers $hers $hers $hers"
	is "... and without a capability" "$(awk '/^Cap(Inh|Prm|Eff|Amb)/ { print $2 }' "/proc/$parser/status" | sort -u)" 0000000000000000
	for file in mem environ maps fd/0 cwd root exe; do
		fails "the parser's /proc/PID/$file is closed to her" as alice cat "/proc/$parser/$file"
	done
	go_on
fi

### The end of it

exec 7<$PROGRAM
check "make uninstall" installs uninstall
fails "... removes it" test -e $PROGRAM
is "... and takes the rights from what somebody has open" "$(stat -L -c %a /proc/self/fd/7)" 700
fails "... who does not start it" as alice sh -c 'exec /proc/self/fd/7 --version'
exec 7<&-

finish
