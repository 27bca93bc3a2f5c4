# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Callers with less than the program: sourced behind lib.sh. /etc, /opt, /run and /srv are the test's own, and
# so are the users in them; nothing of it is left on the machine.
#
#   alice, bob   members of group vestibule, who may start the program; bob's uid is greater
#   mallory      who is no member
#   $P           where `make install-setuid` has put the program, or `make $INSTALL`
#   $PROGRAM     the program for users; empty: $P/bin/vestibule

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
INSTALL=${INSTALL:-install-setuid}
PROGRAM=
installs() {
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS make -s -C "$top" B="$(dirname "$VST")" STAGE="$W/stage" PREFIX=$P LINK="$linked" "$@"
}
linked=$(cat "$(dirname "$VST")/linked")
if [ "$linked" = shared ]; then
	fails "make $INSTALL of a program with a loader" installs "$INSTALL"
	fails "... nothing is installed" test -e $P/bin/vestibule
	finish
fi
if installs "$INSTALL" >"$W/out/install" 2>&1; then
	ok "make $INSTALL"
else
	sed 's/^/# /' "$W/out/install"
	echo "Bail out! make $INSTALL failed"
	exit 1
fi
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
# $HOW: more options of setpriv. $INTO: a command in front of it; $UNDER: one that starts the user's.
HOW=
INTO=
UNDER=
as() {
	as_user=$1
	shift
	# shellcheck disable=SC2086
	$INTO setpriv $HOW --reuid "$as_user" --regid "$as_user" --init-groups sh -c 'exec "$0" "$@"' $UNDER "$@"
}

# vst, and so does, refuses, leaves of lib.sh: the program that is setuid, as root, or as the user $WHO.
# shellcheck disable=SC2034
PLACES="/run /srv"
WHO=
# shellcheck disable=SC2034
vst() {
	if [ -n "$WHO" ]; then
		as "$WHO" "${PROGRAM:-$P/bin/vestibule}" "$@"
	else
		"$P/bin/vestibule" "$@"
	fi >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# au USER ARGUMENTS: vst as that user.
au() {
	WHO=$1
	shift
	vst "$@"
	WHO=
}

# user_does DESCRIPTION STATUS USER ARGUMENTS: does, as that user.
user_does() {
	user_what=$1
	user_want=$2
	WHO=$3
	shift 3
	does "$user_what" "$user_want" "$@"
	WHO=
}

# user_refused DESCRIPTION STATUS PATTERN USER ARGUMENTS: refuses, as that user.
user_refused() {
	user_what=$1
	user_want=$2
	user_says=$3
	WHO=$4
	shift 4
	refuses "$user_what" "$user_want" "$user_says" "$@"
	WHO=
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
