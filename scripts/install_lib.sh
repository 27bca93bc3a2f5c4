# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154
# What install-setuid and install-caps share: sourced by them. $program is what gets the rights, $destdir what is in
# front of it.

# What is refused is left without any right.
fail() {
	chmod 0700 "$program" 2>/dev/null || true
	echo "${0##*/}: $*" >&2
	exit 1
}

wants_root() {
	[ "$(id -u)" -eq 0 ] || {
		echo "${0##*/}: only root can give a program rights" >&2
		exit 1
	}
}

# takes_rights: before `make install` puts a new one there, because the old one may have other names, and would
# keep its rights by them.
takes_rights() {
	[ ! -e "$program" ] || chmod 0700 "$program"
}

# accounts: the group vestibule, and the system user _vestibule with its own group, where they are missing. With
# DESTDIR none, because they belong to the system that is installed.
accounts() {
	[ -z "$destdir" ] || return 0
	getent group vestibule >/dev/null || groupadd --system vestibule
	getent group _vestibule >/dev/null || groupadd --system _vestibule
	getent passwd _vestibule >/dev/null ||
		useradd --system --gid _vestibule --home-dir /nonexistent --no-create-home \
			--shell /usr/sbin/nologin _vestibule
}

# looks FILE WANTED: owner, group and mode.
looks() {
	found=$(stat -c '%U:%G %a' "$1")
	[ "$found" = "$2" ] || fail "$1 is $found and has to be $2"
}

# safe FILE: what nobody but root can exchange, where rights of files count.
safe() {
	dir=$(dirname "$(realpath "$1")")
	if [ -z "$destdir" ]; then
		options=$(findmnt -n -o OPTIONS --target "$dir")
		case ,$options, in
		*,nosuid,*) fail "$dir lies on a mount with nosuid, where no file gives rights: choose another PREFIX" ;;
		esac
	fi
	while :; do
		# Whoever can write a directory on the way can put another program there.
		[ "$(stat -c '%u' "$dir")" -eq 0 ] || fail "$dir is not root's"
		[ "$((0$(stat -c '%a' "$dir") & 022))" -eq 0 ] || fail "others than root can write $dir"
		[ "$dir" != / ] || break
		[ "$dir" != "${destdir:-/}" ] || break
		dir=$(dirname "$dir")
	done
}
