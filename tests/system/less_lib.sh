# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Callers with less than the program: sourced behind lib.sh. /etc, /opt, /run and /srv are the test's own, and
# so are the users in them; nothing of it is left on the machine.
#
#   alice, bob   members of group vestibule, who may start the program; bob's uid is greater
#   mallory      who is no member
#   $P           where `make install-setuid` has put the program

# shellcheck disable=SC2154
if [ -n "$VST_USERNS" ]; then
	skip "callers with less than the program" "kernel: a plain user makes no program setuid root"
	finish
fi

layout private
for own in /opt /run /srv; do
	mount -t tmpfs -o mode=755 own "$own" || exit 1
done
mkdir "$W/etc" "$W/etc-work"
mount -t overlay -o "lowerdir=/etc,upperdir=$W/etc,workdir=$W/etc-work" etc /etc || exit 1
chmod 755 "$W/out"

P=/opt/vestibule
installs() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top" B="$(dirname "$VST")" STAGE="$W/stage" PREFIX=$P LINK="$linked" "$@"
}
linked=$(cat "$(dirname "$VST")/linked")
if [ "$linked" = shared ]; then
	fails "make install-setuid of a program with a loader" installs install-setuid
	fails "... nothing is installed" test -e $P/bin/vestibule
	finish
fi
check "make install-setuid" installs install-setuid
groupadd -g 70009 builders
useradd -K UID_MAX=80000 -M -u 70001 -G vestibule,builders alice
useradd -K UID_MAX=80000 -M -u 70002 -G vestibule bob
useradd -K UID_MAX=80000 -M -u 70003 mallory

# policy LINE...: the policy is these lines.
policy() {
	mkdir -p /etc/vestibule
	printf '%s\n' "$@" >/etc/vestibule/policy
}

# as USER COMMAND...: through a shell, because setpriv itself still has root's capabilities when it executes.
as() {
	as_user=$1
	shift
	setpriv --reuid "$as_user" --regid "$as_user" --init-groups sh -c 'exec "$0" "$@"' "$@"
}

# au USER ARGUMENTS: as vst, by the program that is setuid, as that user.
au() {
	au_user=$1
	shift
	as "$au_user" "$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# user_does DESCRIPTION STATUS USER ARGUMENTS
user_does() {
	does_what=$1
	does_want=$2
	shift 2
	au "$@"
	if [ "$status" -eq "$does_want" ]; then
		ok "$does_what"
	else
		{ echo "wanted status $does_want of: $*"; said; } | not_ok "$does_what"
	fi
}

# user_refused DESCRIPTION STATUS PATTERN USER ARGUMENTS: one line, and nothing is changed.
# shellcheck disable=SC2034
PLACES="/run /srv"
user_refused() {
	refused_what=$1
	refused_want=$2
	refused_says=$3
	shift 3
	before
	au "$@"
	snapshot >"$W/out/after" 2>&1
	{
		[ "$status" -eq "$refused_want" ] || echo "wanted status $refused_want"
		[ "$(wc -l <"$W/out/stderr")" -eq 1 ] || echo "wanted one line on stderr"
		grep -Eq -e "$refused_says" "$W/out/stderr" || echo "wanted: $refused_says"
		[ ! -s "$W/out/stdout" ] || echo "wanted nothing on stdout"
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong" 2>&1
	if [ -s "$W/out/wrong" ]; then
		{ cat "$W/out/wrong"; said; } | not_ok "$refused_what"
	else
		ok "$refused_what"
	fi
}

# target_of USER [OPTIONS of unshare]: $TARGET, a process of the user's, in a user and a network namespace of
# his own if nothing else is said.
target_of() {
	target_user=$1
	shift
	[ $# -gt 0 ] || set -- -Urn
	setpriv --reuid "$target_user" --regid "$target_user" --init-groups unshare "$@" sleep infinity &
	TARGET=$!
	ours $TARGET
	wait_until grep -q sleep "/proc/$TARGET/comm"
	wait_until ns_differs $TARGET user
}

# user_bundle USER DOCUMENT: /srv/USER/b
user_bundle() {
	mkdir -p "/srv/$1/b/rootfs"
	printf '%s' "$2" >"/srv/$1/b/runtime.json"
	chown -R "$1:$1" "/srv/$1"
}

# held: binds, files of journals and of namespaces that are left anywhere.
held() {
	awk '$5 ~ "^/srv" && $9 == "nsfs" { print $5 }' /proc/self/mountinfo
	find /run/vestibule -type f 2>/dev/null
}
