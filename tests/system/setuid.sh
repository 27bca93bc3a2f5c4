#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A user binds his own namespaces by a program that is setuid root: what the policy permits and nothing else,
# with his rights, and what he gets is his.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

### The install

is "the program is setuid root, for the group vestibule" "$(stat -c '%U:%G %a' $P/bin/vestibule)" "root:vestibule 4750"
is "the parser is root's, and nobody reads it" "$(stat -c '%U:%G %a' $P/libexec/vestibule/vestibule-parser)" "root:root 711"
check "its user is there" getent passwd _vestibule
fails "... and is nobody's to be" grep -q '^_vestibule:[^!*]' /etc/shadow
fails "with LINK=shared there is none" installs LINK=shared install-setuid
fails "who is no member does not start it" as mallory $P/bin/vestibule --version
user_does "a member does" 0 alice --version

### With and without a line

binds='{"bindNS": {"net": "/srv/ci/ns/alice/net", "user": "/srv/ci/ns/alice/user"}}'
mkdir -p /srv/ci/ns/alice /srv/ci/nsX
chown alice:alice /srv/ci/ns/alice /srv/ci/nsX
user_bundle alice "$binds"
target_of alice
user_does "status, where nothing is" 0 alice status
user_refused "without a policy" 3 "there is no /etc/vestibule/policy" alice attach --pid "$TARGET" /srv/alice/b
policy "permit user bob ns net,user beneath /srv/ci/ns"
user_refused "with a line for somebody else" 3 "vestibule/policy:1" alice attach --pid "$TARGET" /srv/alice/b
policy "permit user alice ns net beneath /srv/ci/ns"
user_refused "with a line for another kind" 3 "vestibule/policy:1" alice attach --pid "$TARGET" /srv/alice/b
policy "permit user alice ns net,user beneath /srv/ci/nsX"
user_refused "with a line for a place whose name begins so" 3 "vestibule/policy:1" alice attach --pid "$TARGET" /srv/alice/b
policy "permit user alice ns net,user beneath /srv/ci/ns" "permit nonsense"
user_refused "with a defect in the file" 3 "policy:2:8" alice attach --pid "$TARGET" /srv/alice/b
policy "permit user alice ns net,user beneath /srv/ci/ns"
chmod 666 /etc/vestibule/policy
user_refused "with a file that others can write" 3 "/etc/vestibule/policy" alice attach --pid "$TARGET" /srv/alice/b
chmod 644 /etc/vestibule/policy
before
user_does "with the line: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
is "... both are bound" "$(held | grep -c '^/srv')" 2
is "... and are those of the process" \
	"$(stat -L -c %i /srv/ci/ns/alice/net /srv/ci/ns/alice/user)" \
	"$(stat -L -c %i "/proc/$TARGET/ns/net" "/proc/$TARGET/ns/user")"
is "... privately" "$(grep ' /srv/ci/ns' /proc/self/mountinfo | grep -c 'shared:')" 0
check "... she can use them" as alice nsenter --preserve-credentials --user=/srv/ci/ns/alice/user --net=/srv/ci/ns/alice/net true
is "... the record is root's" "$(find /run/vestibule -type f -exec stat -c '%u %a' {} +)" "0 600"
is "... in directories of root's alone" "$(find /run/vestibule -type d -exec stat -c '%u %a' {} + | sort -u)" "0 700"
user_does "... attach again changes nothing" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... status" 0 alice status
is "... shows both" "$(grep -c ': there$' "$W/out/stdout")" 2
user_does "... detach" 0 alice detach /srv/alice/b
unchanged "... and nothing is left"

policy "permit group builders ns net,user beneath /srv/ci/ns"
user_does "by a group: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
rm /etc/vestibule/policy
user_does "... detach needs no line" 0 alice detach /srv/alice/b
is "... nothing is held" "$(held)" ""
policy "permit user alice ns net,user beneath /srv/ci/ns"
before
user_does "what is made is hers: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
umount /srv/ci/ns/alice/net
is "... the file, and its mode" "$(stat -c '%U:%G %a' /srv/ci/ns/alice/net)" "alice:alice 644"
user_does "... gc" 0 alice gc
user_does "... detach" 0 alice detach /srv/alice/b
is "... nothing is held" "$(held)" ""

### Where

# place DESCRIPTION STATUS PATTERN PATH
place() {
	user_bundle alice "{\"bindNS\": {\"net\": \"$4\"}}"
	user_refused "$1" "$2" "$3" alice attach --pid "$TARGET" /srv/alice/b
}
place "beside the directory" 3 "vestibule/policy:1" /srv/ci/nsX/net
place "in a directory of root's beneath it" 3 "Permission denied" /srv/ci/ns/net
touch /srv/ci/ns/alice/roots
place "on a file of root's" 3 "the file that is there is not the caller's$" /srv/ci/ns/alice/roots
rm /srv/ci/ns/alice/roots
as alice ln -s /srv/ci/nsX /srv/ci/ns/alice/link
place "through a link of hers" 3 "symbolic link" /srv/ci/ns/alice/link/net
rm /srv/ci/ns/alice/link
ln -s ../nsX /srv/ci/ns/up
place "through a link of root's with .." 3 "symbolic link" /srv/ci/ns/up/net
rm /srv/ci/ns/up
chmod 775 /srv/ci/ns
place "with a directory that a group can write" 3 "vestibule/policy:1" /srv/ci/ns/alice/net
chmod 755 /srv/ci/ns
# A mount that another place follows.
mkdir /srv/ci/elsewhere
mount -t tmpfs -o mode=755 point /srv/ci/ns/alice
chown alice:alice /srv/ci/ns/alice
mount --make-shared /srv/ci/ns/alice
mount --bind /srv/ci/ns/alice /srv/ci/elsewhere
place "on a mount with a peer elsewhere" 3 "shared mount" /srv/ci/ns/alice/net
umount /srv/ci/elsewhere
user_does "... without the peer: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
is "... privately" "$(grep ' /srv/ci/ns/alice/net' /proc/self/mountinfo | grep -c 'shared:')" 0
user_does "... detach" 0 alice detach /srv/alice/b
umount /srv/ci/ns/alice

### Of which process

user_bundle alice "$binds"
nobody="there is no such process in a user namespace of yours"
user_refused "a process that does not exist" 3 "$nobody" alice attach --pid 4194300 /srv/alice/b
cp "$W/out/stderr" "$W/out/none"
# whose DESCRIPTION PID: refused in the very same words.
whose() {
	user_refused "$1" 3 "$nobody" alice attach --pid "$2" /srv/alice/b
	is "... in the same words" "$(cat "$W/out/stderr")" "$(cat "$W/out/none")"
}
hers=$TARGET
target_of bob
whose "another user's" "$TARGET"
target -n
whose "root's, in a namespace of its own" "$TARGET"
setpriv --reuid alice --regid alice --init-groups sleep infinity &
ours $!
wait_until grep -q sleep /proc/$!/comm
whose "her own, in the machine's namespaces" $!
whose "init" 1
# Root's container, with a user namespace of hers inside.
unshare -U sleep infinity &
ours $!
wait_until ns_differs $! user
echo "0 0 80000" >/proc/$!/uid_map
echo "0 0 80000" >/proc/$!/gid_map
nsenter -t $! -U -S 70001 -G 70001 unshare -Urn sleep infinity &
ours $!
inner=$!
wait_until grep -q sleep "/proc/$inner/comm"
whose "in root's container, in a namespace of hers" $inner
# A process that shares the machine's network.
target_of alice -Ur
user_refused "her own, whose network is the machine's" 3 "net namespace was not made in a user namespace of yours" \
	alice attach --pid "$TARGET" /srv/alice/b
TARGET=$hers

### What no line grants

policy "permit user alice ns net,user,uts beneath /srv/ci/ns" "permit user alice veth bridge br0"
user_refused "prepare" 3 "mounts" alice prepare /srv/alice/b
user_bundle alice '{"bindNS": {"mnt": "/srv/ci/ns/alice/mnt"}}'
user_refused "a mount namespace" 3 "mount namespace" alice attach --pid "$TARGET" /srv/alice/b
user_bundle alice '{"interfaces": [{"name": "vst-a", "add": "veth", "bridge": "br1"}]}'
user_refused "a veth on another bridge" 3 "'permit uid 70001 veth bridge br1'" alice attach --pid "$TARGET" /srv/alice/b
user_bundle alice '{"interfaces": [{"name": "lo"}]}'
user_refused "an interface that is moved" 3 "moving" alice attach --pid "$TARGET" /srv/alice/b
user_bundle alice "$binds"
user_refused "a state directory of her own" 3 "root" alice attach --root /srv/alice/state --pid "$TARGET" /srv/alice/b

### With whose rights

install -m 600 /dev/null /srv/secret
echo "$TARGET" >/srv/secret
user_refused "--pid-file of root's" 1 "Permission denied" alice attach --pid-file /srv/secret /srv/alice/b
user_refused "--expect of root's" 1 "Permission denied" alice attach --expect /srv/secret --pid "$TARGET" /srv/alice/b
mkdir -m 700 /srv/roots
mkdir -p /srv/roots/b/rootfs
user_refused "a bundle of root's" 4 "Permission denied" alice attach --pid "$TARGET" /srv/roots/b
chmod 755 /srv/roots
install -m 600 /dev/null /srv/roots/b/runtime.json
echo '{' >/srv/roots/b/runtime.json
user_refused "a document of root's" 4 "Permission denied" alice attach --pid "$TARGET" /srv/roots/b
rm -r /srv/roots /srv/secret

### Root, for users

policy "permit user alice ns net,user beneath /srv/ci/ns"
user_bundle alice "$binds"
does "root on a bundle of hers" 3 attach --pid "$TARGET" /srv/alice/b
says "... is told how" "uid 70001's.*--allow-owner 70001"
before
does "root as her" 0 attach --allow-owner 70001 --pid "$TARGET" /srv/alice/b
is "... both are bound" "$(held | grep -c '^/srv')" 2
user_does "... she takes them back" 0 alice detach /srv/alice/b
unchanged "... and nothing is left"
does "root as bob, whom no line permits" 3 attach --allow-owner 70002 --pid "$TARGET" /srv/alice/b
does "root as her, plan" 0 plan --allow-owner 70001 --pid "$TARGET" /srv/alice/b
user_refused "another user as her" 3 "for root of the machine" bob attach --allow-owner 70001 --pid "$TARGET" /srv/alice/b
user_does "gc: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
does "... root's gc leaves what is there" 0 gc
is "... both are bound" "$(held | grep -c '^/srv')" 2
does "... root's gc for another user" 0 gc --uid 70002
is "... both are bound" "$(held | grep -c '^/srv')" 2
user_refused "... she does not take back others'" 3 "for root of the machine" alice gc --uid 70002
does "... root's gc for her takes them back" 0 gc --uid 70001
is "... nothing is held" "$(held)" ""
user_does "what is gone: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
umount /srv/ci/ns/alice/net /srv/ci/ns/alice/user
does "... root's gc forgets it" 0 gc
is "... nothing is held" "$(held; ls /srv/ci/ns/alice)" ""
# An attach, when the files and binds of an earlier one are there and not there.
for round in 1 2; do
	user_does "another process, $round: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
	umount /srv/ci/ns/alice/net /srv/ci/ns/alice/user
	kill -KILL "$TARGET"
	target_of alice
done
does "... gc" 0 gc
is "... leaves neither files nor journal" "$(held; ls /srv/ci/ns/alice)" ""

### How much she may leave behind

refused_attach() {
	user_refused "$1" "$2" "$3" alice attach --pid "$TARGET" /srv/alice/b
}
records=/run/vestibule/users/70001
check "the directory of her journals is there" test -d $records
for n in $(seq 64); do
	install -m 600 /dev/null "$records/1-$n.journal"
done
refused_attach "64 journals of hers" 3 "64 bundles of yours have records, and 64 is the most"
rm $records/*
install -m 600 /dev/null $records/1-1.journal
truncate -s 1M $records/1-1.journal
refused_attach "a mebibyte of journals" 3 "your bundles have 1048576 bytes of records, this would be [1-9][0-9]* more, and 1048576"
rm $records/*
mount -t tmpfs -o mode=700,size=1m state /run/vestibule
user_does "a state directory of a mebibyte: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... detach" 0 alice detach /srv/alice/b
head -c 800K /dev/zero >/run/vestibule/fill
refused_attach "... of which less than a quarter is free" 3 "less than a quarter of the state directory's file system is free"
umount /run/vestibule

### What it does not start with

HOW="--securebits +no_setuid_fixup"
refused_attach "with securebits" 3 "securebits are set"
HOW=
sed -i.there /^_vestibule:/d /etc/passwd
refused_attach "without the user of the parser" 6 "no system user _vestibule"
user_refused "... prepare" 6 "no system user _vestibule" alice prepare /srv/alice/b
mv /etc/passwd.there /etc/passwd
user_does "with all of it: attach" 0 alice attach --pid "$TARGET" /srv/alice/b
user_does "... detach" 0 alice detach /srv/alice/b

### The README

# commands PROMPT: those of its section for users, each behind this prompt.
commands() {
	sed -n '/^### For users/,/^What libraries/p' "$top/README.md" | sed -n "s/^    $1 //p"
}
rm -r /srv/* /etc/vestibule
gpasswd -d alice vestibule >/dev/null
fails "alice is no member" as alice $P/bin/vestibule --version
for end in install uninstall; do
	installs install-setuid >"$W/out/install" 2>&1
	exec 7<$P/bin/vestibule
	is "what was setuid is open" "$(stat -L -c %a /proc/self/fd/7)" 4750
	check "make $end" installs $end
	is "... takes the rights from it" "$(stat -L -c %a /proc/self/fd/7)" 700
	exec 7<&-
done
# The one of this network namespace.
mount -t sysfs sysfs /sys
# Where it goes if nothing else is said; the machine's own is hidden here.
mount -t tmpfs -o mode=755 own /usr/local
mkdir -m 755 /srv/alice
chown alice:alice /srv/alice
cd "$top" || exit 1
check "README.md, the administrator" env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS B="$(dirname "$VST")" STAGE="$W/stage-local" \
	sh -ec "$(commands '#')"
cd /srv/alice || exit 1
# A second may be too short for a process to start: it is waited for.
{
	echo "trap 'kill \$!' EXIT"
	echo 'sleep() { until grep -q sleep "/proc/$!/comm"; do command sleep 0.02; done; }'
	commands '\$'
} >"$W/out/user.sh"
check "... and a user" as alice sh -e "$W/out/user.sh"
printf '%s\n' "$check_said" >"$W/out/readme"
is "... who is told the line that permits each step" \
	"$(grep -c 'allowed by /etc/vestibule/policy:1' "$W/out/readme")" 2
is "... and what is held" "$(grep -c ': there$' "$W/out/readme")" 2
is "... the veth that comes next" "$(grep -c 'allowed by /etc/vestibule/policy:2.*; 0 of 8 in use, next vs1i0h_0$' "$W/out/readme")" 1
is "... and that the host answers" "$(grep -c '1 received' "$W/out/readme")" 1
cd "$top" || exit 1
is "... nothing of it is left" "$(held)" ""

finish
