#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What one sitting can hold: 60 lines a function, 500 a file. Tables are .def files and free.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

files=$(find ipc parser policy privileged -name '*.[ch]')

for file in $files; do
	lines=$(wc -l <"$file")
	[ "$lines" -le 500 ] || echo "$file: $lines lines"
done | none "no file is longer than 500 lines"

# A function's body begins with a brace in the first column, and ends so.
# shellcheck disable=SC2086
awk '
/^[a-zA-Z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
/^\{/ { start = FNR }
/^\}/ && start {
	lines = FNR - start + 1
	if (lines > (name == "main" ? 80 : 60))
		print FILENAME ":" start ": " name ": " lines " lines"
	start = 0
}' $files | none "no function is longer than 60 lines, main no longer than 80"

# A definition begins in the first column and ends its list of parameters before a brace: commas are counted
# on the outermost level.
# shellcheck disable=SC2086
for file in $files; do
	sed -e 's|/\*.*\*/||' "$file" | awk -v file="$file" '
	/^[a-z_].*\(/ && !/;[[:space:]]*$/ { text = ""; depth = commas = 0; open = 1; name = $0
		sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
	open {
		for (i = 1; i <= length($0); i++) {
			c = substr($0, i, 1)
			if (c == "(") depth++
			else if (c == ")") depth--
			else if (c == "," && depth == 1) commas++
			else if (c == ";" || c == "=") open = 0
			else if (c == "{" && open) {
				if (commas > 5)
					print name
				open = 0
			}
		}
	}'
done | sort -u >"$tap.many"
awk '!/^#/ && NF > 1 { print $1 }' tests/lint/parameters.def | sort -u | diff - "$tap.many" |
	none "more than six parameters: those of parameters.def, and no others"
rm "$tap.many"

finish
