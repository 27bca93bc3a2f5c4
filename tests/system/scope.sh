#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Links belong to network namespaces: they are seen, taken back and repaired from every mount namespace.
# Mounts and files of another mount namespace are neither touched nor forgotten.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

journals() {
	find "$W/state" -type f | wc -l
}

has_link() {
	ip link show "$1" >/dev/null 2>&1
}

# outside ARGUMENTS: the program in the other mount namespace, which shares the network namespace.
outside() {
	nsenter -t "$OUTSIDE" -m "$VST" --root "$W/state" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

world() {
	layout private
	target
	mkdir "$W/ns"
	unshare -m --propagation private sleep 1000 &
	OUTSIDE=$!
	ours $OUTSIDE
	wait_until ns_differs $OUTSIDE mnt
}

bound_outside() {
	grep -c " $W/$1 " "/proc/$OUTSIDE/mountinfo"
}

# A hook with a mount namespace of its own attaches, and is gone.
world
bundle b '{"interfaces": [{"name": "eth0", "peer": "vst-a"}, {"name": "vst-e"}]}'
ip link add vst-e type veth peer name vst-f
before
unshare -m --propagation private "$VST" --root "$W/state" attach --pid "$TARGET" "$W/b" 2>"$W/out/stderr"
is "attach from a mount namespace that is gone" $? 0
does "... status" 0 status
is "... sees both interfaces" "$(grep -c ': there$' "$W/out/stdout")" 2
unshare -m --propagation private "$VST" --root "$W/state" gc 2>"$W/out/stderr"
is "... gc from a third" "$? $(journals)" "0 1"
does "... attach again" 0 attach --pid "$TARGET" "$W/b"
says "... knows that it is attached" "is attached to pid $TARGET already"
unshare -m --propagation private "$VST" --root "$W/state" detach "$W/b" 2>"$W/out/stderr"
is "... detach from a fourth" "$? $(journals)" "0 0"
unchanged "... takes both back"

# With a namespace that is bound there.
world
bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/ns/net\"}}"
outside attach --pid "$TARGET" "$W/b"
is "attach in another mount namespace" "$status $(bound_outside ns/net)" "0 1"
does "... status" 0 status "$W/b"
check "... names the interface as there" grep -q 'interface vst-a .*: there$' "$W/out/stdout"
check "... and what is bound there" grep -q "namespace $W/ns/net .*: of another mount namespace$" "$W/out/stdout"
leaves "... gc" 0 "" gc
refuses "... attach" 7 "ns/net is of another mount namespace" attach --pid "$TARGET" "$W/b"
does "... detach" 5 detach "$W/b"
says "... names what it keeps" "not taken back: $W/ns/net: it is of another mount namespace, $(ns_of $OUTSIDE mnt | tr '[]' '..'), and kept: run vestibule there"
fails "... deletes the interface" has_link vst-a
is "... and touches nothing else" "$(bound_outside ns/net) $(journals) $(ls "$W/ns")" "1 1 net"
does "... then gc" 0 gc
is "... forgets nothing" "$(journals)" 1
does "... then attach, here" 0 attach --pid "$TARGET" "$W/b"
check "... binds here" is_mount "$W/ns/net" nsfs
does "... detach, here" 5 detach "$W/b"
fails "... takes this one back" is_mount "$W/ns/net"
is "... and keeps the other" "$(bound_outside ns/net) $(journals)" "1 1"
outside detach "$W/b"
is "... detach, there" "$status $(bound_outside ns/net) $(journals) $(ls "$W/ns")" "0 0 0 "

# Two mount namespaces prepare the same bundle.
world
bundle b
outside prepare "$W/b"
is "prepare in another mount namespace" "$status $(bound_outside b/rootfs)" "0 1"
does "... prepare, here" 0 prepare "$W/b"
check "... mounts here" is_mount "$W/b/rootfs"
does "... prepare, here again" 0 prepare "$W/b"
says "... knows it" "is prepared already"
does "... cleanup, here" 5 cleanup "$W/b"
says "... names what it keeps" "not taken back: $W/b/rootfs: it is of another mount namespace"
fails "... takes this one back" is_mount "$W/b/rootfs"
is "... and keeps the other" "$(bound_outside b/rootfs) $(journals)" "1 1"
outside cleanup "$W/b"
is "... cleanup, there" "$status $(bound_outside b/rootfs) $(journals)" "0 0 0"

# One that is gone has taken its mounts along; who cannot prove that it is gone keeps what is noted.
if since 6.11 "prepare in a mount namespace that is gone"; then
	world
	bundle b
	for verb in "cleanup $W/b" gc; do
		unshare -m --propagation private "$VST" --root "$W/state" prepare "$W/b" 2>"$W/out/stderr"
		is "prepare in a mount namespace that is gone" $? 0
		setpriv --bounding-set=-sys_admin --inh-caps=-all "$VST" --root "$W/state" gc 2>"$W/out/stderr"
		is "... gc without rights keeps it" "$? $(journals)" "0 1"
		if [ -z "$VST_USERNS" ]; then
			# shellcheck disable=SC2086
			does "... ${verb% *}" 0 $verb
			is "... forgets it" "$(journals)" 0
		fi
		rm -f "$W"/state/*
	done
fi

# The inode of a mount namespace that is gone, given to ours: nothing is erased.
world
bundle b "{\"interfaces\": [{\"name\": \"vst-e\"}]}"
ip link add vst-e type veth peer name vst-f
before
does "attach" 0 attach --pid "$TARGET" "$W/b"
"$TOOLS/rejournal" mntns "$W"/state/*.journal
does "an inode that comes again: status" 0 status "$W/b"
check "... has the record" grep -q 'moved interface vst-e .*: there$' "$W/out/stdout"
does "... detach" 0 detach "$W/b"
unchanged "... takes it back"

# Cut short there: the interfaces are taken back by the next verb, wherever it runs.
if command -v strace >/dev/null; then
	world
	bundle b "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}], \"bindNS\": {\"net\": \"$W/ns/net\", \"uts\": \"$W/ns/uts\"}}"
	nsenter -t $OUTSIDE -m strace -qq -o "$W/out/trace" -e trace=move_mount -e inject=move_mount:signal=KILL:when=2 \
		"$VST" --root "$W/state" attach --pid "$TARGET" "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
	check "attach, killed in another mount namespace, leaves an interface" has_link vst-a
	does "... prepare, here" 0 prepare "$W/b"
	says "... says so" "in another mount namespace was cut short; its interfaces were taken back first"
	fails "... and it is so" has_link vst-a
	does "... cleanup, here" 0 cleanup "$W/b"
	is "... keeps the rest" "$(bound_outside ns/net) $(journals)" "1 1"
	outside gc
	is "... which is taken back there" "$status $(bound_outside ns/net) $(journals) $(ls "$W/ns")" "0 0 0 "
else
	skip "attach, killed in another mount namespace" "strace is not installed"
fi

finish
