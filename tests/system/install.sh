#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# make install: modes, no privilege, and the programs work from where they are.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
unset MAKEFLAGS MAKELEVEL MFLAGS

build=$(dirname "$VST")
layout private
check "make install" make -s -C "$top" B="$build" STAGE="$W/stage" PREFIX="$W/prefix" install
P=$W/prefix
is "vestibule is 0755" "$(mode_of "$P/bin/vestibule")" 755
is "vestibule-parser is 0711" "$(mode_of "$P/libexec/vestibule/vestibule-parser")" 711
is "both belong to root" "$(stat -c %u "$P/bin/vestibule" "$P/libexec/vestibule/vestibule-parser" | sort -u)" 0
is "the manual is there" "$(cd "$P/share/man" && find . -type f | sort | tr '\n' ' ')" \
	"./man5/vestibule-policy.5 ./man5/vestibule-runtime.json.5 ./man7/vestibule-network.7 ./man8/vestibule.8 "
is "nothing is setuid or setgid" "$(find "$P" -perm /6000)" ""
is "nothing has capabilities" "$(getcap -r "$P" 2>&1)" ""
check "the schema is there" test -r "$P/share/vestibule/vestibule-plan.schema.json"
is "nothing else is installed" "$(find "$P" -type f | wc -l)" 10

# The build tree is hidden here, and nowhere else: other tests use it meanwhile. What this test looks
# with is taken out of it first.
cp "$VST" "$W/program"
cp -R "$TOOLS" "$W/tools"
TOOLS=$W/tools
program=$VST
mount -t tmpfs hidden "$build"
VST=$P/bin/vestibule
bundle b '{"mkdir": []}'
does "it works without the build tree" 0 prepare "$W/b"
does "... cleanup too" 0 cleanup "$W/b"
VST=$W/program
refuses "the tree's program wants the tree's parser" 6 'parser' prepare "$W/b"
umount "$build"
rm "$P/libexec/vestibule/vestibule-parser"
VST=$P/bin/vestibule
refuses "without the parser it is refused" 6 'parser' prepare "$W/b"
ln -s "$build/vestibule-parser" "$W/vestibule-parser"
refuses "a parser elsewhere is not looked for" 6 'parser' prepare "$W/b"
VST=$program

check "make install with DESTDIR" make -s -C "$top" B="$build" STAGE="$W/stage" PREFIX=/usr DESTDIR="$W/dest" install
check "... goes there" test -x "$W/dest/usr/bin/vestibule"
check "... knows where it will be" grep -q /usr/libexec/vestibule/vestibule-parser "$W/dest/usr/bin/vestibule"
fails "... and not where it is" grep -q "$W" "$W/dest/usr/bin/vestibule"
check "make uninstall" make -s -C "$top" B="$build" PREFIX=/usr DESTDIR="$W/dest" uninstall
is "... leaves no file" "$(find "$W/dest" -type f)" ""

finish
