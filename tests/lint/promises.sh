#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is promised has its tests: each row of tests/threats.def, and each promise of SECURITY.md, names
# some, and each of them is there.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

text=$(mktemp) || exit 1
trap 'rm -f "$tap" "$text" "$text.have" "$text.want"' EXIT

# A test is FILE: DESCRIPTION, as tests/system/cli.sh: --help, or tests/unit/test_name.c: kind.

# missing: of tests on standard input, a line each, those that are none. What a script says of its tests
# stands in it, perhaps with what the shell puts in; a unit test is a function that cmocka is given.
missing() {
	while IFS= read -r test; do
		file=${test%%: *} what=${test#*: }
		case $file in
		tests/*.sh) grep -v '^[[:space:]]*#' "$file" 2>/dev/null | grep -qF -e "$what" ;;
		tests/*.c) grep -qE "(unit_test[a-z_]*|TEST)\(${what}[,)]|^int ${what}\(" "$file" 2>/dev/null ;;
		*) false ;;
		esac || echo "$test: there is no such test"
	done
}

ids() {
	for letter in A:8 B:5 C:3 D:7 E:3 F:6 G:5 H:3 I:2 J:2 K:1 L:4 M:3 N:2 O:2; do
		seq -f "${letter%:*}%g" "${letter#*:}"
	done
}

# rows FILE: what is wrong with the rows of a threats.def: a form that is none, one without an invariant,
# one without a test that waits for nothing.
rows() {
	awk '
	function row() { if (id != "" && !n) print id ": no test, and nothing that it waits for" }
	/^#/ || /^$/ { next }
	/^[A-Z][0-9] [A-Z].*\.$/ { row(); id = $1; n = 0; next }
	/^\t(tests\/[a-z_\/]*\.(sh|c)|later): ./ { n++; next }
	{ print FILENAME ":" FNR ": neither a row nor a test of one" }
	END { row() }' "$1"
}

# What a paragraph, a row of a table or an item of a list of SECURITY.md names: [FILE: DESCRIPTION].
# Lists and tables are taken apart first, and what is one text becomes one line.
texts() {
	awk '
	function text() { if (all != "") print all; all = "" }
	/^$/ || /^[|#]/ || /^[-*] / || /^[0-9]+\. / { text() }
	{ sub(/^ +/, ""); all = all == "" ? $0 : all " " $0 }
	END { text() }' "$1"
}

named() {
	texts "$1" | grep -oE '\[tests/[^]]*\]' | sed 's/^\[//; s/\]$//'
}

# unproved FILE: the promises that name no test: the rows of the boundaries, what a compromise of the parser
# buys, and the limits; one that promises nothing says so.
unproved() {
	texts "$1" | awk '
	/^## / { in_it = /boundaries|compromise|limits/; next }
	!in_it || /\[tests\// { next }
	/^\| *(boundary|---)/ || /^\|-/ { next }
	/\[no promise\]/ { next }
	{ print substr($0, 1, 100) }'
}

rows tests/threats.def | none "every row of threats.def has an invariant, and tests or what it waits for"
ids | sort >"$text.want"
sed -n 's/^\([A-Z][0-9]\) .*/\1/p' tests/threats.def | sort >"$text.have"
diff "$text.want" "$text.have" | none "threats.def has every row, once"
sed -n 's/^\t\(tests.*\)/\1/p' tests/threats.def | missing | none "every test of threats.def is there"

unproved SECURITY.md | none "every promise of SECURITY.md names a test"
named SECURITY.md | missing | none "every test of SECURITY.md is there"
{ [ "$(named SECURITY.md | wc -l)" -ge 20 ] || echo "no names were found"; } |
	none "SECURITY.md names tests at all"

# That this finds what it is for.
printf 'A1 It holds.\n\ttests/unit/test_name.c: kind\nA2 It holds.\nA3 no\n' >"$text.have"
rows "$text.have" >"$text"
for wrong in 'A2: no test' ':4: neither'; do
	grep -q -e "$wrong" "$text" || echo "not found: $wrong"
done | none "a row without a test, and what is no row, would be found"
printf '%s\n' 'tests/unit/test_name.c: kin' 'tests/unit/none.c: kind' 'tests/system/cli.sh: --no-such-test' \
	'tests/system/cli.sh: SIGCHLD ignored' | missing | grep -c 'no such test' | grep -vx 3 |
	none "a name that is no test would be found, and one that is would not"
printf '## The boundaries\n| it holds | never |\n| it holds | [tests/unit/test_name.c: kind] |\n' >"$text"
unproved "$text" | grep -c 'never' | grep -vx 1 | none "a promise without a test would be found"

finish
