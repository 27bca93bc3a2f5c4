#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Everything again as a plain user in a user namespace, with the installed programs. Run by a plain
# user, there is nothing to repeat: the other files have done so already.

set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
build=$(cd "${B:-$top/build}" && pwd)
user=12345
unset MAKEFLAGS MAKELEVEL MFLAGS

if [ "$(id -u)" -ne 0 ]; then
	echo "ok - a plain user again # SKIP the other files ran as one"
	echo "1..1"
	exit
fi
as_user() {
	setpriv --reuid $user --regid $user --clear-groups --inh-caps=-all "$@"
}
if ! as_user unshare -Urmn true 2>/dev/null; then
	echo "ok - a plain user # SKIP kernel: does not allow user namespaces"
	echo "1..1"
	exit
fi

# A copy, because the tree may be where only root can go.
copy=$(mktemp -d) || exit 1
trap 'rm -rf "$copy"' EXIT
chmod 755 "$copy"
make -s -C "$top" B="$build" STAGE="$copy/stage" PREFIX="$copy/prefix" install >/dev/null || exit 1
mkdir "$copy/tests"
cp -r "$top/tests/system" "$top/tests/golden" "$copy/tests/"
cp -r "$build/tests" "$copy/tools"
cp -r "$top/examples" "$top/man" "$top/policy" "$top/dist" "$top/README.md" "$copy/"
chmod -R go+rX "$copy/tests" "$copy/examples" "$copy/dist" "$copy/man" "$copy/policy" "$copy/tools" "$copy/README.md"

n=0
# What is not here wants root to begin with, or is about the build or about how often.
for file in prepare attach detach identity status cleanup refusals cli capabilities plan today \
	mounts_kinds mounts_options mounts_refused mounts_order mounts_beneath mounts_links mounts_host \
	apart rbind hidden image repair moved given_back netns scope waiting limits caller policy full \
	exec_link exec_mount exec_options exec_ns; do
	as_user env VST="$copy/prefix/bin/vestibule" TOOLS="$copy/tools" \
		sh "$copy/tests/system/$file.sh" </dev/null >"$copy/out" 2>&1
	# A file that died has no plan, or another one.
	awk -v file=$file '
		/^(not )?ok / { n++; sub(/ok - /, "ok - user: " file ": "); print; next }
		/^1\.\.[0-9]+$/ { plan = substr($0, 4); next }
		{ print }
		END {
			print (plan == n && n > 0 ? "ok" : "not ok") " - user: " file ": all of it ran"
		}' "$copy/out" >"$copy/judged"
	cat "$copy/judged"
	n=$((n + $(grep -cE '^(not )?ok ' "$copy/judged")))
	! grep -q '^not ok' "$copy/judged" || failed=1
done
echo "1..$n"
exit "${failed:-0}"
