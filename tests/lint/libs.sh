#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The libraries in the programs: what their archives ask of libc is there, on purpose, and what must not be
# reached ends the program (libs/asked.c). Wants both programs built.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# With shared libraries, only the parser is static.
archives=3
[ "$(cat "$B/linked")" != shared ] || archives=1
t=$(mktemp -d) || exit 1
trap 'rm -rf "$tap" "$t"' EXIT

# Which libc, and where the libraries are: a word and its value, a line each.
make -s B="$B" print-libs >"$t/libs"
lib() {
	sed -n "s/^$1 //p" "$t/libs"
}

# defined FILE..., undefined FILE...: the symbols that are outward, sorted, but for two that the linker replaces.
defined() {
	nm "$@" 2>/dev/null | awk 'NF == 3 && $2 ~ /[A-Zi]/ { print $3 }' | sort -u
}
undefined() {
	nm "$@" 2>/dev/null | awk 'NF == 2 && $1 ~ /[Uw]/ { print $2 }' | grep -vxE '_GLOBAL_OFFSET_TABLE_|__tls_get_addr' | sort -u
}

# What returns: libs/asked.c says why.
returns='__isoc23_strtoul
absent_pthread_atfork'

asked=$(lib asked)
{
	[ "$(lib archives | wc -w)" -eq $archives ] || echo "the Makefile names other archives than $archives: $(lib archives)"
	for file in "$B/vestibule" "$B/vestibule-parser" $asked $(lib libc) $(lib archives); do
		nm "$file" 2>/dev/null | grep -q " T " || echo "$file: no symbols"
	done
} | none "everything that is looked at is there"
defined "$asked" >"$t/asked"
# shellcheck disable=SC2046
defined $(lib libc) >"$t/libc"
for archive in $(lib archives); do
	defined "$archive" | sort -mu - "$t/libc" "$t/asked" >"$t/there"
	undefined "$archive" | tee -a "$t/wanted" | comm -23 - "$t/there" | sed "s|^|$archive: |"
done >"$t/lacking"
none "all that the archives ask for is there: of libc, or libs/asked.c" <"$t/lacking"
# Of these an archive of one version asks for one, and of another for the other.
[ $archives -eq 1 ] || sort -u "$t/wanted" | comm -13 - "$t/asked" | grep -vxE '__isoc23_.*|absent_(__)?syslog(_chk)?' |
	none "libs/asked.c has nothing that no archive asks for"
{
	echo "$returns"
	sed -n 's/^ENDS(\(.*\))$/\1/p' libs/asked.c
} | sort | {
	if [ "$(lib musl)" = yes ]; then
		diff - "$t/asked"
	else
		comm -13 - "$t/asked"
	fi
} | none "all of it ends the program, but for the two functions that are called"
defined "$B/vestibule-parser" | comm -12 - "$t/asked" | none "the parser holds none of it"
# shellcheck disable=SC2046
[ $archives -eq 1 ] || undefined $(make -s B="$B" print-privileged) | comm -12 - "$t/asked" |
	none "vestibule's own objects ask for none of it"

finish
