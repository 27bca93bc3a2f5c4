#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The parser of another machine, under qemu: of each document in the tree it says byte for byte what this
# machine's says. Both are linked as the ones that are installed, without the confinement, which
# qemu-user cannot have; that it refuses to go on there is tested, too.
#
#   HERE THERE     the two build directories
#   VST_TAP_UNDER  qemu

set -u
cd "$(dirname "$0")/../.." || exit 1
n=0
failed=0

says() {
	"$HERE/tests/wire_of" "$@" 1 0
}

# judge DESCRIPTION WRONG: WRONG is empty if all is well.
judge() {
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

good=0
for document in tests/golden/*.json tests/fuzz/corpus/json/*; do
	ours=$(says "$HERE/tests/unconfined-parser" <"$document")
	theirs=$(says "$VST_TAP_UNDER" "$THERE/tests/unconfined-parser" <"$document")
	wrong=
	[ "$ours" = "$theirs" ] || wrong=$(printf 'here:\n%s\nthere:\n%s\n' "$ours" "$theirs")
	# A beginning, and an end or a failure, whatever is between.
	case $ours in
	01*"
04"*"status 0") good=$((good + 1)) ;;
	01*"
05"*"status 0") ;;
	*) wrong="this machine's said: $ours" ;;
	esac
	judge "$document" "$wrong"
done
wrong=
[ $good -ge 20 ] || wrong="only $good"
judge "most of them are good" "$wrong"

# The one that is installed starts, and says nothing unconfined.
said=$(says "$VST_TAP_UNDER" "$THERE/vestibule-parser" <tests/golden/gen1-docker-mkdir.json)
wrong=
printf '%s\n' "$said" | grep -qx 'status [1-9][0-9]*' && [ "$(printf '%s\n' "$said" | wc -l)" -eq 1 ] || wrong=$said
judge "unconfined, it says nothing" "$wrong"
# And so does the other program.
wrong=
[ "$("$VST_TAP_UNDER" "$THERE/vestibule" --version)" = "$("$HERE/vestibule" --version)" ] || wrong="another version"
judge "vestibule starts" "$wrong"

echo "1..$n"
exit $failed
