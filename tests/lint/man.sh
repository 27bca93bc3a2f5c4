#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The manual: well formed, and saying what the program does.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v mandoc >/dev/null; then
	skip "the manual" "mandoc is not installed"
	finish
fi

text=$(mktemp) || exit 1
trap 'rm -f "$tap" "$text" "$text.have" "$text.want"' EXIT

for page in man/*; do
	mandoc -T lint -W warning "$page" 2>/dev/null
done | none "mandoc is content"

# Overstruck: each character twice, with a backspace between.
mandoc -T ascii -O width=500 man/vestibule.8 2>/dev/null | sed "s/.$(printf '\b')//g" >"$text"

"$B/vestibule" --help | grep -oE -- '--[a-z-]+' | sort -u | while read -r option; do
	grep -q -e "$option" "$text" || echo "$option"
done | none "vestibule(8) has every option of --help"
"$B/vestibule" --help | grep -q -e --pid || echo "no options found" |
	none "--help has options at all"

awk '/^EXIT STATUS/ { on = 1; next } /^[A-Z]/ { on = 0 } on && $1 ~ /^[0-9]+$/ { print $1 }' "$text" |
	sort >"$text.have"
sed -n 's/.*VST_EXIT_[A-Z]* = \([0-9]*\),/\1/p' ipc/exit.h | sort >"$text.want"
diff "$text.want" "$text.have" | none "vestibule(8) has every exit status and no other"

grep -oE '^\| [0-9] \|' README.md | tr -dc '0-9\n' | sort >"$text.have"
sed -n 's/.*VST_EXIT_[A-Z]* = \([0-9]*\),/\1/p' ipc/exit.h | sort >"$text.want"
diff "$text.want" "$text.have" | none "README.md has every exit status and no other"

mandoc -T ascii -O width=500 man/vestibule-runtime.json.5 2>/dev/null |
	sed "s/.$(printf '\b')//g" >"$text"
for limit in VST_DEPTH_MAX VST_PATH_MAX VST_COMPONENT_MAX VST_IFNAME_MAX VST_KIND_MAX VST_OPS_MAX \
	VST_MEMBERS_MAX VST_WARN_MAX; do
	number=$(sed -n "s/^#define $limit //p" ipc/limits.h)
	grep -qw "$number" "$text" || echo "$limit, $number"
done | none "vestibule-runtime.json(5) has the limits of limits.h"

mandoc -T ascii -O width=500 man/vestibule-policy.5 2>/dev/null | sed "s/.$(printf '\b')//g" >"$text"
for limit in VST_POLICY_MAX VST_POLICY_LINES_MAX VST_POLICY_COUNT_MAX VST_POLICY_COUNT \
	VST_POLICY_TOTAL_MAX VST_POLICY_TOTAL; do
	number=$(sed -n "s/^#define $limit //p" ipc/limits.h)
	grep -qw "${number:-none}" "$text" || echo "$limit, $number"
done | none "vestibule-policy(5) has the limits of limits.h"

finish
