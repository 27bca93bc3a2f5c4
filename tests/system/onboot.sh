#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# examples/onboot, with each runtime: bundles one after another, in LinuxKit's own sequence. What
# each of them says, that a failure is logged and the next one goes on, and that nothing is left.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if [ -n "$VST_USERNS" ]; then
	skip "examples/onboot" "it wants root"
	finish
fi

# What a run could leave, as seen from outside of its namespaces. /run is the test's own, and its
# processes are those with the test's TMPDIR: others come and go meanwhile.
mount -t tmpfs run /run
machine_now() {
	mounts_of self
	links
	cat /proc/sys/net/ipv4/ip_forward
	ls -dA /containers /run/* "$W/tmp"/* 2>&1
	find /sys/fs/cgroup -name '00[0-9]-*' -o -name crun 2>&1
	grep -lsz -e "^TMPDIR=$W/tmp\$" /proc/[0-9]*/environ | while read -r environ; do
		tr '\0' ' ' <"${environ%environ}cmdline" 2>/dev/null | grep 'httpd -f -p 80'
	done
}

# what BUNDLE: what was logged between its heading and the next.
what() {
	awk -v heading="== $1" '/^== / { on = $0 == heading } on' "$W/out/stdout"
}

# logs DESCRIPTION BUNDLE PATTERN: a line of it has the pattern (ERE).
logs() {
	if what "$2" | grep -Eq -e "$3"; then
		ok "$1"
	else
		{ echo "wanted: $3"; what "$2"; } | not_ok "$1"
	fi
}

for runtime in runc crun; do
	if ! command -v "$runtime" >/dev/null; then
		skip "$runtime" "$runtime is not installed"
		continue
	fi
	layout private
	mkdir "$W/tmp"
	machine_now >"$W/out/before"
	TMPDIR=$W/tmp B=$(dirname "$VST") RUNTIME=$runtime "$top/examples/onboot/run" >"$W/out/stdout" 2>&1
	status=$?
	machine_now >"$W/out/after"

	is "$runtime: it ends well" $status 0
	logs "$runtime: sysctl: read-only" 000-sysctl '^    net.ipv4.ip_forward = 1$'
	logs "$runtime: net: a pair is made" 001-net '^    Created interface eth0 type veth$'
	logs "$runtime: net: ... for the container" 001-net '^    Moved interface eth0 to pid [0-9]+$'
	logs "$runtime: net: the container has its end" 001-net ' inet 10.0.0.2/24 .* eth0$'
	logs "$runtime: host: the other end is here" 002-host ' inet 10.0.0.1/24 .* veth-net$'
	logs "$runtime: missing: the failure is logged" 003-missing '^    vestibule: interface eth9: '
	logs "$runtime: missing: ... with its status" 003-missing '^    that was status 1$'
	is "$runtime: missing: the container was not started" \
		"$(grep -c -e 'never printed' -e "$runtime start 003-missing" "$W/out/stdout")" 0
	is "$runtime: nothing else fails" "$(grep -c 'that was status' "$W/out/stdout")" 1
	logs "$runtime: fetch: the page of the server" 004-fetch '^    a page of the server$'
	for bundle in 000-sysctl 001-net 002-host 004-fetch; do
		is "$runtime: $bundle: every step, in order" "$(what $bundle | sed -n 's/^\$ //p' | cut -d' ' -f1-2)" \
			"$(printf '%s\n' "vestibule prepare" "$runtime create" "vestibule attach" "$runtime start" \
				"wait_for $bundle" "cat /run/$bundle.log" "$runtime delete" "vestibule cleanup")"
	done
	is "$runtime: what is held until detach" \
		"$(what "What is left: the namespace that 001-net bound, and the other end of the pair." |
			sed -n 's/^    \(.*\) (attach,.*): /\1: /p')" \
		"$(printf '%s\n' "/containers/onboot/001-net: interface veth-net: there" \
			"/containers/onboot/001-net: mount /run/netns: there" \
			"/containers/onboot/001-net: namespace /run/netns/net: there")"
	is "$runtime: the end" "$(tail -1 "$W/out/stdout" | cut -d. -f1)" "4 of 5 bundles went through"
	if left=$(diff "$W/out/before" "$W/out/after"); then
		ok "$runtime: the machine is as it was"
	else
		{ echo "$left"; cat "$W/out/stdout"; } | not_ok "$runtime: the machine is as it was"
	fi
done

fails "a runtime that is not there is named" \
	env B="$(dirname "$VST")" RUNTIME=no-such-runtime "$top/examples/onboot/run"
finish
