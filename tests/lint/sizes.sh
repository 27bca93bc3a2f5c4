#!/bin/sh
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

finish
