#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A file system that stalls holds the process that asks it, and nobody else: no lock, no journal, no
# mount. Once the document is open, even that ends in a refusal.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# stalls CALL: $W/out/stall is a bundle whose document stalls there.
stalls() {
	layout private
	mkdir "$W/out/stall"
	"$TOOLS/stallfs" "$W/out/stall" "$1" >"$W/out/ready" 2>&1 &
	server=$!
	ours $server
	wait_until grep -q ready "$W/out/ready"
	bundle other
}

if ! sh -c ': <>/dev/fuse' 2>/dev/null; then
	skip "a document that stalls" "kernel: has no /dev/fuse, or none for this user"
	finish
fi

stalls read
before
vst prepare "$W/out/stall"
is "a document that stalls while it is read is refused" $status 4
says "... with a sentence" "the parser did not end within [0-9]+ ms"
is "... in one line" "$(wc -l <"$W/out/stderr")" 1
unchanged "... and nothing was changed, nor noted"
kill $server

# Nobody can end an open that waits for such a file system: the process that waits has no lock.
for call in open lookup; do
	stalls $call
	"$VST" --root "$W/state" prepare "$W/out/stall" >"$W/out/stuck" 2>&1 &
	stuck=$!
	ours $stuck
	sleep 0.5
	check "$call: the run that waits is there" kill -0 $stuck
	is "$call: ... it holds no journal" "$(find "$W/state" -type f)" ""
	does "$call: ... another bundle goes on" 0 prepare "$W/other"
	does "$call: ... and back" 0 cleanup "$W/other"
	kill $server
	umount -l "$W/out/stall"
	wait $stuck
	is "$call: ... and is refused when the file system is gone" $? 4
done

# A path of the document is looked up under the bundle's lock: that is held, and nothing else.
stalls lookup
bundle b "{\"mkdir\": [\"$W/out/stall/runtime.json/x\"]}"
"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stuck" 2>&1 &
stuck=$!
ours $stuck
wait_until sh -c 'ls "$0" | grep -q journal' "$W/state"
sleep 0.3
check "a path that stalls: the run that waits is there" kill -0 $stuck
does "... another bundle goes on" 0 prepare "$W/other"
does "... and back" 0 cleanup "$W/other"
before
does "... gc passes over it" 0 gc
unchanged "... and leaves it alone"
vst status
check "... status says why" grep -q ': another run is at work$' "$W/out/stdout"
for verb in prepare cleanup detach; do
	does "... $verb of the same bundle is busy" 8 $verb "$W/b"
	says "... and says so" "another run holds this bundle"
done
kill $server
umount -l "$W/out/stall"
wait $stuck
check "... the run ends when the file system is gone" test $? -ne 0
check "... says that nothing was changed" grep -q "nothing was changed" "$W/out/stuck"
is "... and leaves no journal" "$(ls "$W/state")" ""
does "... and the bundle is free" 0 cleanup "$W/b"

finish
