#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is said of steps and verbs outside of their tables is what the tables say.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

text=$(mktemp) || exit 1
trap 'rm -f "$tap" "$text"' EXIT

# The names of policy/steps.def, on one line; and the schema's.
sed -n 's/^STEP([^"]*"\([a-z-]*\)".*/"\1"/p' policy/steps.def | sort >"$text"
grep -q mkdir "$text" || echo "policy/steps.def has no mkdir" >>"$text"
tr -d '\n\t ' <dist/vestibule-plan.schema.json | sed 's/.*"kind":{"enum":\[\([^]]*\)\]}.*/\1/' | tr ',' '\n' | sort |
	diff "$text" - | none "the schema of a plan has every kind of step and no other"

# What a step needs is never forgotten by leaving out its lines.
sed -n 's/^STEP(\([A-Z_]*\),.*/\1/p' policy/steps.def | while read -r kind; do
	case $kind in
	MKDIR | CGROUP) ;; # a directory: nothing
	*) grep -q "^STEP_CAP($kind," policy/capabilities.def || echo "$kind" ;;
	esac
done | none "every kind of step but a directory's has its capabilities"

finish
