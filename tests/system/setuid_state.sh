#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a user of the program that is setuid has: how root sees it and takes it back, whatever its owner moves or
# closes; that users see and take back what is theirs alone; and what root takes back by the policy.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

# bound USER: the names of the binds in this user's directory.
bound() {
	awk -v dir="/srv/ci/ns/$1/" '$9 == "nsfs" && index($5, dir) == 1 { print substr($5, length(dir) + 1) }' /proc/self/mountinfo | sort | paste -sd ' '
}

# bundle_of USER NAME DOCUMENT: /srv/USER/NAME
bundle_of() {
	mkdir -p "/srv/$1/$2/rootfs"
	printf '%s' "$3" >"/srv/$1/$2/runtime.json"
	chown -R "$1:$1" "/srv/$1"
}

mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
policy "permit group vestibule ns net,user,uts beneath /srv/ci/ns count 8"
target_of bob
bobs=$TARGET
target_of alice
bundle_of alice b '{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
bundle_of bob b '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'

### What root's status shows

user_does "alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "bob attaches" 0 bob attach --pid "$bobs" /srv/bob/b
does "root's status" 0 status
is "... shows what both have, and that it is there" \
	"$(sed -n 's/^\([^:]*\): namespace \([^ ]*\) (attach, [^,]*, uid \([0-9]*\), process [0-9]*): there$/\1 \2 \3/p' "$W/out/stdout" | sort)" \
	"/srv/alice/b /srv/ci/ns/alice/net 70001
/srv/alice/b /srv/ci/ns/alice/user 70001
/srv/bob/b /srv/ci/ns/bob/net 70002"
is "... and nothing else" "$(wc -l <"$W/out/stdout")" 3
does "... of a bundle" 0 status /srv/bob/b
is "... that alone" "$(cut -d: -f1 "$W/out/stdout")" /srv/bob/b
does "... of a user" 0 status --uid 70002
is "... that alone" "$(cut -d: -f1 "$W/out/stdout")" /srv/bob/b
does "... of a user who has nothing" 0 status --uid 70003
is "... nothing" "$(cat "$W/out/stdout")" ""
does "... as JSON" 0 status --format json
is "... the same" "$(jq -r '[.bundle, .object, .uid, .state] | join(" ")' "$W/out/stdout" | sort)" \
	"/srv/alice/b /srv/ci/ns/alice/net 70001 there
/srv/alice/b /srv/ci/ns/alice/user 70001 there
/srv/bob/b /srv/ci/ns/bob/net 70002 there"
does "root, of a state directory of its own" 0 status --root /run/vestibule/users/70002
cd /srv/bob || exit 1
chmod 700 /srv/bob
does "... of a bundle by a relative path, which alice may not enter" 0 status b
is "... bob's" "$(cut -d: -f1 "$W/out/stdout")" /srv/bob/b
cd "$top" || exit 1
does "root, --uid with --root" 3 status --uid 70001 --root /srv/state
"$P/bin/vestibule" status >/dev/full 2>"$W/out/stderr"
is "... to a full output" $? 1
says "... says so" "write to standard output"
user_refused "a user, --uid" 3 "for root of the machine" alice status --uid 70002
cp /run/vestibule/users/70002/*.journal "$W/out/journal"
his=$(echo /run/vestibule/users/70002/*.journal)
printf 'xxxxxxxx' | dd of="$his" bs=1 seek=$(($(stat -c %s "$his") - 60)) conv=notrunc 2>/dev/null
does "a journal of bob's that is damaged" 5 status
check "... is shown as his" grep -qE '^[0-9a-f-]+\.journal \(uid 70002\): damaged$' "$W/out/stdout"
is "... beside what alice has" "$(grep -c 'uid 70001.*there$' "$W/out/stdout")" 2
does "... as JSON" 5 status --format json
is "... with his uid" "$(jq -r 'select(.state == "damaged") | .uid' "$W/out/stdout")" 70002
cat "$W/out/journal" >"$his"
user_does "... mended: bob detaches" 0 bob detach /srv/bob/b
user_does "... alice, too" 0 alice detach /srv/alice/b
is "... nothing is held" "$(held)" ""

### Moved away, and closed

# killed_detach: a detach of alice's that is killed when both binds are gone, and one file is not.
killed_detach() {
	"$TOOLS/at_call" "$W/out/calls" "program:unlinkat:1:before" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
		"$P/bin/vestibule" detach /srv/alice/b >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	is "$1: she kills a detach" $? 137
}
if can_hold "what a killed run of hers has left"; then
	user_does "moved away: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	killed_detach "moved away"
	check "... a file is left" test -e /srv/ci/ns/alice/user
	mv /srv/ci/ns/alice /srv/ci/elsewhere
	does "... root's gc, the directory is not there" 0 gc
	says "... names what it lets go" "/srv/ci/ns/alice/[a-z]+: directory /srv/ci/ns/alice, .*is not there any more"
	is "... and has no record of it" "$(held)" ""
	does "... nor does it speak of it again" 0 gc
	is "... no word" "$(cat "$W/out/stderr")" ""
	rm -r /srv/ci/elsewhere
	mkdir /srv/ci/ns/alice
	chown alice:alice /srv/ci/ns/alice

	mkdir /srv/ci/ns/alice/in
	chown alice:alice /srv/ci/ns/alice/in
	bundle_of alice b '{"bindNS": {"net": "/srv/ci/ns/alice/in/net", "user": "/srv/ci/ns/alice/in/user"}}'
	user_does "closed: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	killed_detach "closed"
	as alice chmod 0 /srv/ci/ns/alice
	does "... root's gc, who looks as she may" 5 gc
	says "... names what it keeps" "not taken back: .*/alice/in/[a-z]+: it is kept: directory /srv/ci/ns/alice/in, .*Permission denied"
	as alice chmod 755 /srv/ci/ns/alice
	does "... open again" 0 gc
	is "... nothing is left" "$(held; ls /srv/ci/ns/alice/in)" ""
fi

# The bind of an attach that was not finished, behind what she closed: where it is, root is told.
if can_hold "a bind behind what she closed"; then
	bundle_of alice in '{"bindNS": {"net": "/srv/ci/ns/alice/in/net"}}'
	"$TOOLS/at_call" "$W/out/calls" "program:move_mount:1:after" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
		"$P/bin/vestibule" attach --pid "$TARGET" /srv/alice/in >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	is "a bind behind what she closed: she kills an attach" $? 137
	as alice mv /srv/ci/ns/alice/in /srv/ci/ns/alice/moved
	as alice chmod 0 /srv/ci/ns/alice/moved
	does "... root's gc" 5 gc
	says "... says where it is" "'net' is kept: it is mounted at '/srv/ci/ns/alice/moved/net', which cannot be looked at .*Permission denied"
	is "... and leaves it" "$(bound alice)" "moved/net"
	umount /srv/ci/ns/alice/moved/net
	does "... unmounted there by root: gc" 0 gc
	is "... has nothing to keep" "$(held)" ""
	rm -r /srv/ci/ns/alice/moved
	mkdir /srv/ci/ns/alice/in
	touch /srv/ci/ns/alice/in/net
	chown -R alice:alice /srv/ci/ns/alice/in
	user_does "on a file of hers: attach" 0 alice attach --pid "$TARGET" /srv/alice/in
	as alice chmod 0 /srv/ci/ns/alice/in
	does "... closed: gc of all that she has" 5 gc --uid 70001
	says "... says where it is" "it is mounted at '/srv/ci/ns/alice/in/net', which cannot be looked at"
	umount /srv/ci/ns/alice/in/net
	does "... unmounted there by root: gc of all that she has" 0 gc --uid 70001
	is "... has nothing to keep" "$(held)" ""
	as alice chmod 755 /srv/ci/ns/alice/in
	user_does "a bind that is moved: attach" 0 alice attach --pid "$TARGET" /srv/alice/in
	as alice mv /srv/ci/ns/alice/in /srv/ci/ns/alice/moved
	does "... gc of all that she has finds it" 0 gc --uid 70001
	is "... nothing is held" "$(held)" ""
	as alice mv /srv/ci/ns/alice/moved /srv/ci/ns/alice/in
	rm -f /srv/ci/ns/alice/in/net
	user_does "... again: attach" 0 alice attach --pid "$TARGET" /srv/alice/in
	as alice mv /srv/ci/ns/alice/in /srv/ci/ns/alice/moved
	user_does "... her own detach finds it" 0 alice detach /srv/alice/in
	says "... and names the file that it lets go" "/srv/ci/ns/alice/in/net: directory /srv/ci/ns/alice/in, .*is not there any more"
	is "... nothing is held" "$(held)" ""
	rm -r /srv/ci/ns/alice/moved
fi

### Users' own alone

# A bundle that all three have attached something of; to bob, who has nothing there, it is as one that nobody has.
mkdir -p /srv/all/rootfs /srv/none/rootfs
echo '{"bindNS": {"net": "/srv/ci/ns/alice/net"}}' >/srv/all/runtime.json
user_does "a bundle of root's that alice attaches" 0 alice attach --pid "$TARGET" /srv/all
echo '{"bindNS": {"uts": "/srv/ci/uts"}}' >/srv/all/runtime.json
hers=$TARGET
target -u
does "... and root" 0 attach --pid "$TARGET" /srv/all
TARGET=$hers
before
for verb in status detach cleanup gc "policy check"; do
	bundle=/srv/all
	other=/srv/none
	case $verb in gc | policy*) bundle='' other='' ;; esac
	# shellcheck disable=SC2086
	au bob $verb $other
	cp "$W/out/stdout" "$W/out/stdout.none"
	cp "$W/out/stderr" "$W/out/stderr.none"
	none=$status
	# shellcheck disable=SC2086
	user_does "to bob: $verb" $none bob $verb $bundle
	is "... says what it says of a bundle that nobody has" "$(sed 's,/srv/all,/srv/none,' "$W/out/stdout" "$W/out/stderr")" \
		"$(cat "$W/out/stdout.none" "$W/out/stderr.none")"
done
user_does "... status of all" 0 bob status
is "... is empty" "$(cat "$W/out/stdout")" ""
unchanged "... and nothing of theirs is touched"
for file in users users/70001 users/70002; do
	fails "... nor seen: /run/vestibule/$file" as bob ls "/run/vestibule/$file"
done
if can_hold "... while root's run holds the bundle"; then
	rm -f "$W/out/hold" "$W/out/hold.go"
	"$TOOLS/at_call" "$W/out/hold" "program:umount2:1:hold" -- "$P/bin/vestibule" detach /srv/all >"$W/out/roots" 2>&1 &
	HELD=$!
	ours $HELD
	wait_until test -s "$W/out/hold"
	for verb in status detach cleanup; do
		user_does "... while root's run holds the bundle: $verb" 0 bob $verb /srv/all
		is "... no word" "$(cat "$W/out/stdout" "$W/out/stderr")" ""
	done
	go_on
	is "... root's run ends" $status 0
else
	does "... root detaches" 0 detach /srv/all
fi
user_does "... alice detaches" 0 alice detach /srv/all
is "... nothing is held" "$(held)" ""

### What the policy does not permit any more

bundle_of alice b '{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
touch /srv/ci/ns/alice/user
chown alice:alice /srv/ci/ns/alice/user
attached() {
	user_does "$1: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
	user_does "... bob attaches" 0 bob attach --pid "$bobs" /srv/bob/b
}
attached "all permitted"
before
does "... gc --policy" 0 gc --policy
is "... no word" "$(cat "$W/out/stderr")" ""
unchanged "... nothing is changed"
# not_known DESCRIPTION PATTERN: nothing is taken back, nor forgotten, and the status is 4.
not_known() {
	before
	does "$1: gc --policy" 4 gc --policy
	says "... says why" "$2"
	unchanged "... nothing is changed"
	mkdir -p /etc/vestibule
	policy "permit group vestibule ns net,user,uts beneath /srv/ci/ns count 8"
	chmod 644 /etc/vestibule/policy
}
mv /etc/vestibule "$W/out/vestibule"
not_known "without a directory for the policy" "policy is not there, which may be an accident"
rm /etc/vestibule/policy
not_known "without a policy" "policy is not there, which may be an accident"
: >/etc/vestibule/policy
not_known "an empty one" "policy is empty, which may be an accident"
printf 'permit user bob ns net beneath /srv/ci/ns' >/etc/vestibule/policy
not_known "one that was cut off" "policy:1:"
policy "permit user bob ns net beneath /srv/ci/ns" "permit nonsense"
not_known "one with a defect" "policy:2:8"
policy "permit user bob ns net beneath /srv/ci/ns"
chmod 666 /etc/vestibule/policy
not_known "one that others can write" "/etc/vestibule/policy"
for file in passwd group; do
	cp -p /etc/$file "$W/out/$file"
	rm /etc/$file
	not_known "without /etc/$file" "/etc/$file is missing or empty"
	: >/etc/$file
	not_known "with an empty one" "/etc/$file is missing or empty"
	cp -p "$W/out/$file" /etc/$file
done
user_refused "a user, --policy" 3 "for root of the machine" alice gc --policy
does "with --root" 3 gc --policy --root /run/vestibule/users/70001
does "with --uid" 2 gc --policy --uid 70001

policy "permit group vestibule ns net beneath /srv/ci/ns"
does "a kind less: gc --policy" 0 gc --policy
says "... says what" "bundle /srv/alice/b: namespace /srv/ci/ns/alice/user: no line of /etc/vestibule/policy permits uid 70001"
is "... alice's goes" "$(bound alice)" "net"
check "... the file was hers" test -e /srv/ci/ns/alice/user
is "... bob's stays" "$(bound bob)" "net"
policy "permit user bob ns net beneath /srv/ci/ns"
does "a user less: gc --policy" 0 gc --policy
is "... hers goes" "$(bound alice)" ""
is "... with the file that was made for it, and her record" "$(ls /srv/ci/ns/alice /run/vestibule/users/70001)" "/run/vestibule/users/70001:

/srv/ci/ns/alice:
user"
is "... his stays" "$(bound bob)" "net"
user_does "... she detaches what is not there" 0 alice detach /srv/alice/b
policy "permit group vestibule ns net,user beneath /srv/ci/ns"
user_does "in a group: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
gpasswd -d alice vestibule >/dev/null
does "... out of the group: gc --policy" 0 gc --policy
is "... hers go" "$(bound alice)" ""
is "... his stays" "$(bound bob)" "net"
gpasswd -a alice vestibule >/dev/null
policy "permit user alice ns net,user beneath /srv/ci/ns" "permit uid 70002 ns net beneath /srv/ci/ns"
user_does "by her name: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
sed -i '/^alice:/d' /etc/passwd
does "... the name is gone: gc --policy" 0 gc --policy
is "... hers go" "$(bound alice)" ""
is "... his stays" "$(bound bob)" "net"
cp -p "$W/out/passwd" /etc/passwd
policy "# Nobody."
does "a policy with a comment alone: gc --policy" 0 gc --policy
is "... all is taken back" "$(held)" ""

### What cannot be judged now is kept

policy "permit user alice ns net,user beneath /srv/ci/ns/alice"
user_does "whose directory is moved: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
# kept DESCRIPTION PATTERN
kept() {
	does "$1: gc --policy" 5 gc --policy
	says "... is named" "$2"
	is "... and kept" "$(bound alice)" "net user"
}
mv /srv/ci /srv/ci2
does "... gc --policy" 5 gc --policy
says "... is named" "namespace /srv/ci/ns/alice/net: it is kept: /etc/vestibule/policy:1 may permit it, and counts for nothing now"
mv /srv/ci2 /srv/ci
is "... and kept" "$(bound alice)" "net user"
chmod 777 /srv/ci/ns
kept "whose directory others can write" "/srv/ci/ns/alice/user: it is kept: /etc/vestibule/policy:1"
chmod 755 /srv/ci/ns
chmod 700 /srv/ci
kept "whose directory she may not look at" "Permission denied"
chmod 755 /srv/ci
sed -i 's/^alice:x:70001:/alice:x:7000l:/' /etc/passwd
kept "whose name has no number" "policy:1 may permit it"
cp -p "$W/out/passwd" /etc/passwd
policy "permit uid 70001 ns uts beneath /srv/nowhere" "permit uid 70001 ns net beneath /srv/ci/ns"
does "a line that is void, for other kinds: gc --policy" 0 gc --policy
is "... keeps nothing" "$(bound alice)" "net"
policy "permit uid 70001 ns net,user beneath /srv/ci/nsX"
mkdir /srv/ci/nsX
does "another directory, whose name begins so: gc --policy" 0 gc --policy
is "... takes it back" "$(held)" ""
policy "permit user alice ns net,user beneath /srv/ci/ns"
user_does "moved out of the directory: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
mkdir /srv/ci/out
mv /srv/ci/ns/alice /srv/ci/out/alice
does "... gc --policy" 0 gc --policy
is "... finds it, and takes it back" "$(grep -c ' - nsfs ' /proc/self/mountinfo)" 0
says "... but for the file, which is let go" "/srv/ci/ns/alice/net: directory /srv/ci/ns/alice, .*is not there any more"
mv /srv/ci/out/alice /srv/ci/ns/alice
rm /srv/ci/ns/alice/net
is "... nothing is held" "$(held)" ""
user_does "held open: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
setpriv --reuid alice --regid alice --init-groups sleep infinity </srv/ci/ns/alice/net &
ours $!
wait_until grep -q sleep /proc/$!/comm
policy "# Nobody."
does "... gc --policy" 0 gc --policy
is "... it goes all the same" "$(held)" ""
if can_hold "what a run of hers holds"; then
	policy "permit user alice ns net,user beneath /srv/ci/ns"
	user_does "a run that she has stopped: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
	rm -f "$W/out/hold" "$W/out/hold.go"
	"$TOOLS/at_call" "$W/out/hold" "program:umount2:1:hold" -- /usr/bin/setpriv --reuid alice --regid alice --init-groups \
		"$P/bin/vestibule" detach /srv/alice/b >"$W/out/hers" 2>&1 &
	HELD=$!
	ours $HELD
	wait_until test -s "$W/out/hold"
	policy "# Nobody."
	kept "... has a bundle" "a run of uid 70001 holds it, at work or stopped"
	does "... gc --uid" 5 gc --uid 70001
	says "... names it as well" "a run of uid 70001 holds it, at work or stopped"
	go_on
	is "... it ends" $status 0
fi
is "... nothing is held" "$(held)" ""

### Too many

policy "permit user alice ns uts,net,user beneath /srv/ci/ns count 6"
for n in 1 2 3 4 5; do
	bundle_of alice $n "{\"bindNS\": {\"net\": \"/srv/ci/ns/alice/net$n\"}}"
	user_does "too many, $n: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/$n
done
does "... as many as she may have: gc --policy" 0 gc --policy
policy "permit user alice ns net beneath /srv/ci/ns count 2" "permit user alice ns uts beneath /srv/nowhere count 5"
does "... a line that is void, with a higher count: gc --policy" 5 gc --policy
says "... is named" "uid 70001 has 5 namespaces bound and may have 2, but /etc/vestibule/policy:2, which counts for nothing now"
is "... all are kept" "$(bound alice)" "net1 net2 net3 net4 net5"
policy "permit user alice ns net beneath /srv/ci/ns count 2"
does "... two alone: gc --policy" 0 gc --policy
is "... the oldest are kept" "$(bound alice)" "net1 net2"
is "... the others are named" "$(grep -c 'permits uid 70001 to have 2, and this is one of the newest; taken back' "$W/out/stderr")" 3
is "... and nothing of them is left" "$(ls /srv/ci/ns/alice) $(find /run/vestibule -type f | wc -l)" "net1
net2
user 2"
user_does "... a third is refused" 3 alice attach --pid "$TARGET" /srv/alice/3
does "... and all of hers goes" 0 gc --uid 70001
is "... nothing is held" "$(held)" ""
rm /srv/ci/ns/alice/user

### With whose rights root looks

# Whatever of /srv root's verbs look up, a process does with her filesystem uid and no capability.
if command -v strace >/dev/null; then
	# looks_as_her DESCRIPTION ARGUMENTS
	looks_as_her() {
		looks_what=$1
		shift
		strace -f -qq -o "$W/out/trace" "$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		is "$looks_what, traced" $status 0
		awk '
		{ pid = $1; sub(/^[0-9]+ +/, "") }
		/^setfsuid\([0-9]+\)/ { sub(/^setfsuid\(/, ""); uid[pid] = $0 + 0 }
		/^capset\(/ { sub(/.*effective=/, ""); sub(/, permitted.*/, ""); raised[pid] = $0 }
		/^(open|openat|openat2|statx|newfstatat|stat|lstat|unlinkat|readlinkat|readlink|faccessat2?|chdir|umount2)\([^"]*"(\/srv|srv|ci|ns|alice|net|user)["\/]/ {
			n++
			if (uid[pid] != 70001 || raised[pid] != "0") print uid[pid] " " raised[pid] ": " $0
		}
		END { if (n < 5) print n + 0 " calls with a path of hers" }' "$W/out/trace" >"$W/out/wrong"
		is "... all that is hers is looked up as she may" "$(cat "$W/out/wrong")" ""
	}
	policy "permit user alice ns net,user beneath /srv/ci/ns"
	user_does "traced: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/b
	looks_as_her "root's status" status
	looks_as_her "root's gc" gc
	looks_as_her "root's gc --policy, which finds nothing" gc --policy
	policy "permit user alice ns net beneath /srv/ci/ns"
	looks_as_her "root's gc --policy" gc --policy
	is "... took one back" "$(bound alice)" "net"
	looks_as_her "root's gc --uid" gc --uid 70001
	is "... nothing is held" "$(held)" ""
else
	skip "with whose rights root looks" "strace is not installed"
fi

### Killed, and met by her own runs

# Every seventh call of what gc does as her; the next one takes back what is left.
if can_hold "gc --policy, killed at many calls"; then
	killed=0
	n=$((1 + $$ % 7))
	: >"$W/out/left"
	while :; do
		policy "permit user alice ns net,user beneath /srv/ci/ns"
		au alice attach --pid "$TARGET" /srv/alice/b
		[ $status -eq 0 ] || { echo "$n: attach"; said; } >>"$W/out/left"
		policy "# Nobody."
		rm -f "$W/out/calls"
		"$TOOLS/at_call" "$W/out/calls" "child:any:$n:before" -- "$P/bin/vestibule" gc --policy >"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		[ -s "$W/out/calls" ] || break
		[ $status -eq 5 ] || { echo "$n: killed"; said; } >>"$W/out/left"
		n=$((n + 7))
		killed=$((killed + 1))
		"$P/bin/vestibule" gc --policy >"$W/out/stdout" 2>"$W/out/stderr"
		status=$?
		[ $status -eq 0 ] || { echo "$n: the next"; said; } >>"$W/out/left"
		{ held; ls /srv/ci/ns/alice; } >>"$W/out/left"
	done
	check "gc --policy, killed at many calls" test $killed -gt 20
	is "... the next takes back all that is left" "$(cat "$W/out/left")" ""
fi
# In a mount namespace that is older than root's mounts she exchanges directories all the time, and they go along.
setpriv --reuid alice --regid alice --init-groups unshare -Urm sleep infinity &
early=$!
ours $early
wait_until ns_differs $early user
mkdir -p /srv/ci/ns/alice/in /srv/ci/ns/alice/roots
chown -R alice:alice /srv/ci/ns/alice
mount -t tmpfs roots /srv/ci/ns/alice/roots
touch /srv/ci/ns/alice/roots/net
mount --bind /proc/self/ns/uts /srv/ci/ns/alice/roots/net
bundle_of alice in '{"bindNS": {"net": "/srv/ci/ns/alice/in/net"}}'
nsenter -t $early -U -m -S 0 -G 0 --preserve-credentials "$TOOLS/swap" /srv/ci/ns/alice/in /srv/ci/ns/alice/roots >/dev/null 2>&1 &
swaps=$!
ours $swaps
: >"$W/out/gc"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
	policy "permit user alice ns net,user beneath /srv/ci/ns"
	au alice attach --pid "$TARGET" /srv/alice/in
	policy "# Nobody."
	"$P/bin/vestibule" gc --policy >>"$W/out/gc" 2>&1
done
check "directories that she exchanges all the time: they are" kill $swaps
wait $swaps 2>/dev/null
check "... what is hers is taken back" grep -q 'taken back$' "$W/out/gc"
is "... root's mounts are there" "$(grep -cE ' uts:\[[0-9]+\] /srv/ci/ns/alice/[a-z]+/net | - tmpfs roots ' /proc/self/mountinfo)" 2
does "... gc --policy, when she is done" 0 gc --policy
is "... nothing of hers is left" "$(held | grep -v '^/srv/ci/ns/alice/[a-z]*/net$')$(bound alice | wc -w)" 1
kill $early
umount -l "$(sed -n 's,.* \(/srv/ci/ns/alice/[a-z]*\) .* - tmpfs roots .*,\1,p' /proc/self/mountinfo)"
rm -rf /srv/ci/ns/alice/in /srv/ci/ns/alice/roots

### Out of reach of a path

# Directories in one another, until the path is longer than the kernel tells.
name=$(printf '%0250d' 0)
mkdir /srv/ci/ns/alice/in
chown alice:alice /srv/ci/ns/alice/in
policy "permit user alice ns net,user beneath /srv/ci/ns"
user_does "a path that is too long: alice attaches" 0 alice attach --pid "$TARGET" /srv/alice/in
# shellcheck disable=SC2016
as alice sh -ec 'cd /srv/ci/ns/alice; n=0; while [ $n -lt 17 ]; do mkdir $1; mv in $1/; cd -P $1; n=$((n + 1)); done' sh "$name" 2>"$W/out/deep"
does "... gc of all that she has" 5 gc --uid 70001
says "... names it" "/srv/ci/ns/alice/in/net: 'net' is left: it was moved, or hidden"
(
	n=0
	cd /srv/ci/ns/alice || exit 1
	while [ $n -lt 17 ]; do
		cd -P "$name" || exit 1
		n=$((n + 1))
	done
	cd -P in && umount ./net
)
does "... unmounted by root, who went there: gc of all that she has" 0 gc --uid 70001
is "... nothing is held" "$(held)" ""

finish
