#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user of the program that is setuid, against it: what he can reach of it, with whose rights it looks, how
# much he gets when he tries at once, and what the log says.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"
# shellcheck source=less_calls_lib.sh
. "$here/less_calls_lib.sh"

binds='{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice "$binds"
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user,uts beneath /srv/ci/ns count 4"
target_of bob
bobs=$TARGET
target_of alice

### With whose rights

# Each call that takes a path: with alice's filesystem uid and no capability, but for the state directory, the
# policy and the accounts, which are opened with root's uid; still without a capability. With one, only
# calls that take a descriptor, and the unmount of a descriptor's own mount.
if command -v strace >/dev/null; then
	# traced DESCRIPTION LEAST ARGUMENTS: so many calls with a path there are.
	traced() {
		traced_what=$1
		traced_least=$2
		shift 2
		strace -f -qq -u alice -o "$W/out/trace" "$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		is "$traced_what, traced" $status 0
		awk -v least="$traced_least" '
		{ pid = $1; sub(/^[0-9]+ +/, "") }
		/^execve\(/ { main = main ? main : pid }
		pid != main { next }
		/^setfsuid\([0-9]+\)/ { sub(/^setfsuid\(/, ""); uid = $0 + 0; begun += uid == 70001 }
		# Verbs that want no rights are hers for good.
		/^setresuid\(70001, 70001, 70001\)/ { uid = 70001; shed = 1 }
		/^capset\(/ {
			raised = $0
			sub(/.*effective=/, "", raised)
			sub(/, permitted.*/, "", raised)
			raised = raised == "0" ? "" : raised
		}
		shed && raised == "" { begun = 1 }
		!begun { next }
		/^(open|openat|openat2|statx|newfstatat|stat|lstat|mkdirat|unlinkat|readlinkat|readlink|faccessat2?|chdir|getxattr)\(/ {
			path = $0
			if (path !~ /"/ || path ~ /^[a-z0-9]+\([0-9]+, ""/) next
			n++
			sub(/^[^"]*"/, "", path)
			sub(/".*/, "", path)
			if (raised) print "with " raised ": " $0
			else if (uid != 70001 && path !~ /^(\/run\/vestibule|users|70001|\.|[0-9a-f-]+\.journal|\/|etc|vestibule|policy|passwd|group)$/)
				print "as uid " uid ": " $0
		}
		/^(open_tree|move_mount|mount_setattr|mount|rename[a-z0-9]*|link[a-z]*|symlink[a-z]*|f?chmod[a-z]*|f?chown[a-z]*)\(.*"[\/a-z0-9._]/ { print }
		/^umount2\(/ && !/^umount2\("[0-9]+", MNT_DETACH\)/ { print }
		END { if (n < least) print n " calls with a path" }' "$W/out/trace" >"$W/out/wrong"
		is "... no path is looked up with borrowed rights" "$(cat "$W/out/wrong")" ""
	}
	traced "plan" 10 plan --pid "$TARGET" /srv/alice/b
	traced "policy check" 3 policy check
	traced "policy explain" 10 policy explain --pid "$TARGET" /srv/alice/b
	traced "attach" 20 attach --pid "$TARGET" /srv/alice/b
	traced "attach again" 20 attach --pid "$TARGET" /srv/alice/b
	traced "status" 10 status
	traced "gc" 10 gc
	traced "cleanup" 10 cleanup /srv/alice/b
	traced "detach" 10 detach /srv/alice/b
	if can_hold "gc of a run that was killed"; then
		by_call alice program:move_mount:2:before attach --pid "$TARGET" /srv/alice/b
		traced "gc of a run that was killed" 10 gc
	fi
else
	skip "with whose rights" "strace is not installed"
fi

### What she can reach of it

# A run that stands still when it is about to begin; what is of it is not hers.
if can_hold "what she can reach of it"; then
	holds_by alice program:fallocate:1:hold attach --pid "$TARGET" /srv/alice/b
	for file in mem environ maps fd/3 cwd root exe syscall stack; do
		fails "/proc/PID/$file is closed to her" as alice cat "/proc/$run/$file"
	done
	fails "so is its limit" as alice prlimit --pid "$run" --nofile=7:7
	is "it has no capability" "$(grep CapEff "/proc/$run/status")" "CapEff:	0000000000000000"
	is "... and three in reserve, of which two were the parser's" \
		"$(capsh --decode="$(awk '/CapPrm/ { print $2 }' "/proc/$run/status")" | sed 's/.*=//')" "cap_sys_ptrace,cap_sys_admin"
	# It holds her bundle's lock, and nobody else's.
	user_does "another user's run meanwhile" 0 bob attach --pid "$bobs" /srv/bob/b
	user_does "... and back" 0 bob detach /srv/bob/b
	"$P/bin/vestibule" gc >"$W/out/stdout" 2>"$W/out/stderr"
	is "root's gc meanwhile" $? 0
	user_does "her own bundle is busy" 8 alice attach --pid "$TARGET" /srv/alice/b
	mkdir -p /srv/alice/other/rootfs
	echo '{"bindNS": {"net": "/srv/ci/ns/alice/other"}}' >/srv/alice/other/runtime.json
	chown -R alice:alice /srv/alice/other
	user_does "what it is about to begin is being counted: another bundle of hers" 8 alice \
		attach --pid "$TARGET" /srv/alice/other
	says "... is told" "another run holds the count of what you have"
	go_on
	is "the run goes on to its end" $status 0
	user_does "... and back" 0 alice detach /srv/alice/b
fi

### At once

# One bundle each; four namespaces may be bound in all.
rm -f "$W/out/status.*"
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	mkdir -p "/srv/alice/$n/rootfs"
	echo "{\"bindNS\": {\"net\": \"/srv/ci/ns/alice/net$n\"}}" >"/srv/alice/$n/runtime.json"
done
chown -R alice:alice /srv/alice
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	{
		as alice "$P/bin/vestibule" attach --pid "$TARGET" "/srv/alice/$n" 2>"$W/out/stderr.$n"
		echo $? >"$W/out/status.$n"
	} &
done
wait_until sh -c "[ \$(cat $W/out/status.* | wc -l) -eq 12 ]"
is "twelve at once: as many as the policy lets her have" "$(held | grep -c '^/srv')" 4
is "... the others are refused, or found her own count held" "$(cat "$W"/out/status.* | grep -vc '^[038]$')" 0
is "... four succeeded" "$(cat "$W"/out/status.* | grep -c '^0$')" 4
check "... with the numbers" grep -q "4 of 4 namespaces" "$W"/out/stderr.*
for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
	au alice detach "/srv/alice/$n"
done
is "... all are taken back" "$(held)" ""
user_does "... and there is room again" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... and back" 0 alice detach /srv/alice/b

### Another mount in its place

# In a mount namespace that is older than root's mount neither is a mount point, and names of her directory
# are hers to exchange.
setpriv --reuid alice --regid alice --init-groups unshare -Urm sleep infinity &
early=$!
ours $early
wait_until ns_differs $early user
mkdir /srv/ci/ns/alice/disk
touch /srv/ci/ns/alice/disk/file
mount -t tmpfs roots /srv/ci/ns/alice/disk
user_does "a mount of root's beside hers: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
nsenter -t $early -U -m -S 0 -G 0 --preserve-credentials "$TOOLS/swap" /srv/ci/ns/alice/net /srv/ci/ns/alice/disk >/dev/null 2>&1 &
ours $!
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	au alice detach /srv/alice/b
	au alice attach --pid "$TARGET" /srv/alice/b
done
kill $! 2>/dev/null
check "exchanged all the time: root's mount is not unmounted" grep -q ' /srv/ci/ns/alice/[a-z]* .* - tmpfs roots' /proc/self/mountinfo

### The log

for place in net user disk; do
	umount -l "/srv/ci/ns/alice/$place" 2>/dev/null
done
"$P/bin/vestibule" gc 2>/dev/null
rm -rf /srv/ci/ns/alice /run/vestibule
mkdir /srv/ci/ns/alice
chown alice:alice /srv/ci/ns/alice
mkdir -p /run/systemd/journal
# logs DESCRIPTION PATTERN ARGUMENTS: the last run adds these lines to the log, each with the uid of root.
logs() {
	logs_what=$1
	logs_says=$2
	shift 2
	logs_before=$(wc -l <"$W/out/log")
	au alice "$@"
	logs_n=$(echo "$logs_says" | wc -l)
	wait_until sh -c "[ \$(wc -l <$W/out/log) -ge $((logs_before + logs_n)) ]"
	is "$logs_what" "$(tail -n +$((logs_before + 1)) "$W/out/log" | sed -e 's/.*MESSAGE=//' -e 's/|$//' -e 's/^uid 0: <85>vestibule: //')" "$logs_says"
}
"$TOOLS/listen" /run/systemd/journal/socket "$W/out/log" &
ours $!
journal=$!
wait_until test -e "$W/out/log"
logs "the journal has two lines of an attach" "uid 70001: attach begins, by line 1 of the policy; bundle: /srv/alice/b
uid 70001: attach done, by line 1 of the policy; bundle: /srv/alice/b" attach --pid "$TARGET" /srv/alice/b
is "... from root, as it says to the kernel" "$(grep -vc '^uid 0: ' "$W/out/log")" 0
logs "... one of a detach" "uid 70001: detach done; bundle: /srv/alice/b" detach /srv/alice/b
mkdir -p "/srv/alice/two
lines/rootfs"
logs "... one of what is refused, whatever is in it" "uid 70001: attach failed; because: there is no such process in a user namespace of yours: name one that you started with unshare(1) or as a rootless container; bundle: /srv/alice/two\x0alines" \
	attach --pid 1 "/srv/alice/two
lines"
kill $journal
rm /run/systemd/journal/socket
mount -t tmpfs dev /dev
"$TOOLS/listen" /dev/log "$W/out/log" &
ours $!
wait_until test -S /dev/log
logs "without it, /dev/log has" "uid 70001: detach done; bundle: /srv/alice/b" detach /srv/alice/b
kill -STOP $!
# It is full, and nobody reads: the run goes on.
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	au alice detach /srv/alice/b
done
is "a log that nobody reads stops no run" $status 0

finish
