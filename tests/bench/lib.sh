# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# The bundles that are measured, beneath /mnt: sourced, in a mount namespace of one's own.

# bundle NAME [rw]: its document comes on stdin; none if that is empty.
bundle() {
	mkdir -p "/mnt/$1/rootfs"
	[ "${2-}" != rw ] || mkdir -p "/mnt/$1/lower" "/mnt/$1/tmp"
	cat >"/mnt/$1/runtime.json"
	[ -s "/mnt/$1/runtime.json" ] || rm "/mnt/$1/runtime.json"
}

# N names of directories in /mnt/out, as the bare program has them.
mkdirs() {
	awk -v n="$1" 'BEGIN {
		printf "{\"mkdir\":["
		for (i = 0; i < n; i++)
			printf "%s\"/mnt/out/d%05d\"", i ? "," : "", i
		printf "]}"
	}'
}

# As many as fit into so many bytes; blanks fill it up.
document_of() {
	mkdirs $((($1 - 12) / 18)) | awk -v size="$1" '{ printf "%-*s", size, $0 }'
}

# N pairs of interfaces.
veths() {
	awk -v n="$1" 'BEGIN {
		printf "{\"interfaces\":["
		for (i = 0; i < n; i++)
			printf "%s{\"name\":\"eth%d\",\"add\":\"veth\",\"peer\":\"vth%d\"}",
				i ? "," : "", i, i
		printf "]}"
	}'
}

# All namespaces, in /mnt/ns.
seven_binds() {
	awk 'BEGIN {
		n = split("cgroup ipc mnt net pid user uts", name)
		printf "\"bindNS\":{"
		for (i = 1; i <= n; i++)
			printf "%s\"%s\":\"/mnt/ns/%s\"", (i > 1) ? "," : "", name[i], name[i]
		printf "}"
	}'
}

# What the generator writes for a writable container, and ten mounts more.
ten_mounts() {
	awk -v b="/mnt/$1" 'BEGIN {
		printf "{\"mounts\":["
		printf "{\"destination\":\"%s/tmp\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},", b
		printf "{\"destination\":\"%s/tmp\",\"options\":[\"remount\",\"private\"]},", b
		printf "{\"destination\":\"%s/rootfs\",\"type\":\"overlay\",\"source\":\"overlay\",", b
		printf "\"options\":[\"lowerdir=%s/lower\",\"upperdir=%s/tmp/upper\",\"workdir=%s/tmp/work\"]}", b, b, b
		for (i = 0; i < 5; i++) {
			printf ",{\"destination\":\"%s/rootfs/tmpfs%d\",\"type\":\"tmpfs\",", b, i
			printf "\"source\":\"tmpfs\",\"options\":[\"nosuid\",\"nodev\",\"size=1m\"]}"
			printf ",{\"destination\":\"%s/rootfs/bind%d\",\"source\":\"/mnt/src\",", b, i
			printf "\"options\":[\"bind\",\"ro\"]}"
		}
		printf "],\"mkdir\":[],\"cgroups\":[],\"interfaces\":[],\"bindNS\":{},\"namespace\":\"\"}"
	}'
}

bundles() {
	mkdir -p /mnt/out /mnt/src
	mkdir -m 700 /mnt/state
	for n in 0 1 10 1000 10000; do
		mkdirs $n | bundle mkdir$n rw
	done
	mkdirs 10 | sed 's|/mnt/out|/mnt/made/rootfs|g' | bundle made rw
	mkdirs 10 | sed 's|/mnt/out/||g' | bundle relative rw
	echo '{"cgroups":["vestibule-bench"]}' | bundle cgroup
	bundle ro </dev/null
	ten_mounts ten | bundle ten rw
	for n in 1 10 100 1000; do
		veths $n | bundle veth$n
	done
	echo '{"interfaces":[{"name":"br0","add":"bridge"}]}' | bundle bridge
	echo "{$(seven_binds)}" | bundle binds
	echo "{\"interfaces\":[{\"name\":\"eth0\",\"peer\":\"vth0\"}],$(seven_binds)}" | bundle both
	echo "{\"interfaces\":[{\"name\":\"eth0\",\"peer\":\"vth0\"}],\"bindNS\":{\"net\":\"/mnt/ns/net\"}}" |
		bundle one
	document_of 1024 | bundle kb rw
	document_of 1048576 | bundle mb rw
}
