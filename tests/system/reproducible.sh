#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The programs that are installed are the same, byte for byte, wherever the tree and the build folder
# lie. Both trees are built here, because the one that is tested may have been built with other flags.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MAKELEVEL MFLAGS B STAGE
build=$(dirname "$VST")

layout private
# It may be in the build folder of the tree that is tested.
libmnl=$(make -s -C "$top" B="$build" print-libs | sed -n 's/^archives \([^ ]*libmnl\.a\) .*/\1/p')
libmnl=${libmnl:+$(cd "$top" && realpath "$libmnl")}

# tree NAME [VARIABLE...]: a copy of what is built from, and what it installs, in $W/NAME.root.
tree() {
	tree_name=$1
	shift
	mkdir -p "$W/$tree_name"
	(
		cd "$top" || exit
		cp -R Makefile static.mk ipc libs parser policy privileged man dist "$W/$tree_name"
		cp --parents tests/*.mk tests/*/*.mk "$W/$tree_name"
	)
	make -s -C "$W/$tree_name" LIBMNL_A="$libmnl" PREFIX=/usr DESTDIR="$W/$tree_name.root" "$@" install
}

tree a >"$W/out/a.log" 2>&1 &
a=$!
check "a tree is built" tree somewhere/else B="$W/built/elsewhere"
if wait $a; then
	ok "... and another"
else
	not_ok "... and another" <"$W/out/a.log"
fi
for program in bin/vestibule libexec/vestibule/vestibule-parser; do
	check "$program is the same" cmp "$W/a.root/usr/$program" "$W/somewhere/else.root/usr/$program"
	fails "... and says nothing of where it was built" \
		grep -qF -e "$W" -e "$top" "$W/somewhere/else.root/usr/$program"
done

finish
