#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How the program that is setuid starts: where the kernel gives it no right, it says why; what its caller has
# left in the process goes no further; and what its caller does with standard error holds nobody up.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=less_lib.sh
. "$(dirname "$0")/less_lib.sh"

mkdir -p /srv/ci/ns/alice /srv/ci/ns/bob
chown alice:alice /srv/ci/ns/alice
chown bob:bob /srv/ci/ns/bob
user_bundle alice '{"bindNS": {"net": "/srv/ci/ns/alice/net"}}'
user_bundle bob '{"bindNS": {"net": "/srv/ci/ns/bob/net"}}'
policy "permit group vestibule ns net,user,uts beneath /srv/ci/ns"
target_of bob
# shellcheck disable=SC2034
bobs=$TARGET
target_of alice

### Without the rights that it is installed with

user_does "a start with its rights" 0 alice status

# absent DESCRIPTION WHY: as `as` and $P are now, each verb that acts, and status, are refused with the reason; plan and
# policy want no rights.
absent() {
	for verb in "attach --pid $TARGET /srv/alice/b" "prepare /srv/alice/b" "detach /srv/alice/b" "cleanup /srv/alice/b" gc status; do
		# shellcheck disable=SC2086
		user_refused "$1: ${verb%% *}" 3 "^vestibule: ${verb%% *}: the rights that vestibule is installed with are missing: $2" alice $verb
	done
	user_does "... plan" 0 alice plan --pid "$TARGET" /srv/alice/b
	user_does "... policy check" 0 alice policy check
}

HOW=--no-new-privs
absent "with no_new_privs" "it was started with no_new_privs"
HOW=
installed=$P
mkdir /opt/nosuid
mount --bind /opt/vestibule /opt/nosuid
mount -o remount,bind,nosuid /opt/nosuid
P=/opt/nosuid
absent "on a mount with nosuid" "its file lies on a mount with nosuid"
umount /opt/nosuid
P=$installed
if command -v strace >/dev/null; then
	UNDER="strace -qq -o /dev/null"
	absent "traced by her" "it was started under a tracer without rights over it"
	UNDER=
else
	skip "traced by her" "strace is not installed"
fi
setpriv --reuid alice --regid alice --init-groups unshare -Urm sleep infinity &
hers=$!
ours $hers
wait_until ns_differs $hers mnt
P=/proc/$hers/root$installed
absent "by a path into a mount namespace of hers" "its file lies on a mount of another mount namespace"
P=$installed
UNDER="unshare -U"
user_refused "in a user namespace where root is not mapped" 3 \
	"attach needs CAP_SYS_ADMIN, which is missing: in a user namespace a file gives rights only of users" \
	alice attach --root /srv/alice/state --pid "$TARGET" /srv/alice/b
UNDER=
# Where root puts her there, it has its rights, and what it finds there is hers.
INTO="nsenter -t $hers -m"
user_refused "in a mount namespace of hers" 3 "in a mount namespace that a user made" alice attach --pid "$TARGET" /srv/alice/b
INTO=

# What the bounding set lacks: the verb, the capability and the cause.
for lacks in sys_admin sys_ptrace setuid setgid; do
	HOW="--bounding-set -$lacks"
	cap=CAP_$(echo $lacks | tr '[:lower:]' '[:upper:]')
	user_refused "without $cap in the bounding set: attach" 3 \
		"^vestibule: attach needs $cap, which is missing: the bounding set that vestibule was started with lacks it" \
		alice attach --pid "$TARGET" /srv/alice/b
	case $lacks in
	sys*)
		user_refused "... detach" 3 "^vestibule: detach needs $cap, .*bounding set" alice detach /srv/alice/b
		user_refused "... gc" 3 "^vestibule: gc needs $cap, .*bounding set" alice gc
		;;
	*)
		user_does "... detach" 0 alice detach /srv/alice/b
		user_does "... gc" 0 alice gc
		;;
	esac
	user_does "... status" 0 alice status
done
HOW=
mkdir -p /srv/roots/b/rootfs
setpriv --bounding-set -sys_admin "$P/bin/vestibule" prepare /srv/roots/b >"$W/out/stdout" 2>"$W/out/stderr"
status=$?
is "root without CAP_SYS_ADMIN there" $status 3
says "... is told, too" "^vestibule: prepare needs CAP_SYS_ADMIN, which is missing: the bounding set"

### With other rights than those

# surplus DESCRIPTION WORDS: what is at /opt/odd.
surplus() {
	P=/opt/odd
	user_refused "$1" 6 "more rights than its caller, uid 70001: $2" alice attach --pid "$TARGET" /srv/alice/b
	P=$installed
}
mkdir -p /opt/odd/bin
cp "$P/bin/vestibule" /opt/odd/bin/vestibule
odd=/opt/odd/bin/vestibule
chown root:vestibule $odd
chmod 2755 $odd
surplus "setgid" "it is setgid"
chmod 6755 $odd
surplus "setuid and setgid" "it is setgid"
chown bob:root $odd
chmod 4755 $odd
surplus "setuid of another user" "it is setuid"
chown root:root $odd
chmod 755 $odd
if command -v setcap >/dev/null && setcap cap_sys_admin=p $odd; then
	surplus "with file capabilities" "its file has capabilities"
	P=/opt/odd
	HOW=--no-new-privs
	absent "with file capabilities and no_new_privs" "it was started with no_new_privs"
	HOW=
	P=$installed
else
	skip "with file capabilities" "setcap is not installed"
fi

finish
