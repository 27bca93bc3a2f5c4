#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What LinuxKit's build writes, word for word: each document of tests/golden in a bundle laid out as
# the build lays it out, at the very paths that it names; beneath a private and a shared root, with a
# peer. prepare, a container of runc's in it, attach, cleanup; what it mounts, what the container
# sees, where it lands what the container writes, and that nothing is left.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# /containers, /run and /var/lib/docker are the test's own; so is what it changes in /etc.
if [ -z "${VST_OWN_ROOT-}" ]; then
	rm -f "$tap"
	exec "$top/examples/onboot/own-root" env VST_OWN_ROOT=1 sh "$here/today.sh"
fi
mkdir /own-etc
mount -t tmpfs -o mode=755 tmpfs /own-etc
cp -a /etc/. /own-etc 2>/dev/null
echo "from the host" >/own-etc/mark
mount --move /own-etc /etc
if ! command -v runc >/dev/null || ! "$top/examples/onboot/image" /image 2>/dev/null; then
	skip "LinuxKit's documents" "runc or busybox-static is not installed"
	finish
fi
PLACES="/containers /run /var/lib/docker /var/lib/cni"

# machine private|shared: these places anew, mounted so.
machine() {
	end_ours
	umount -R /containers /run 2>/dev/null
	rm -rf /var/lib/docker /var/lib/cni
	mkdir -p /var/lib/docker /var/lib/cni
	mount "--make-$1" /
	for place in /containers /run; do
		mount -t tmpfs -o mode=755 tmpfs $place
		mount "--make-$1" $place
	done
	layout "$1"
	propagation=$1
}

# image_of DIR: the image, with the name of its bundle in it.
image_of() {
	mkdir -p "$1"
	cp -a /image/. "$1"
	echo "$1" >"$1/etc/motd"
}

# lay_out BUNDLE ro|rw|ro-shared|rw-shared [IMAGE]: as LinuxKit's build does. Where the image is
# shared, it is in IMAGE.
lay_out() {
	mkdir -p "$1/rootfs"
	case $2 in
	rw*) mkdir "$1/tmp" ;;
	esac
	case $2 in
	rw) image_of "$1/lower" ;;
	ro) image_of "$1/rootfs" ;;
	*) image_of "$3" ;;
	esac
}

# What the container looks at and writes, a line of its log each.
container='
awk "\$5 == \"/\" { split(\$6, o, \",\"); sub(/.* - /, \"\"); print \"root \" \$1 \" \" o[1] }" /proc/self/mountinfo
echo "image $(cat /etc/motd)"
if echo container 2>/dev/null >/etc/motd && echo container >/new; then echo wrote; else echo wrote nothing; fi
echo net $(ls /sys/class/net)
cd /writeable-host-etc 2>/dev/null || exit 0
echo "etc $(cat mark) $(ls passwd)"
echo container >mark && echo container >new && rm passwd && echo "etc changed"
'

# config BUNDLE ro|rw own|here: a config.json like LinuxKit's; a network namespace of its own or ours.
# In a user namespace proc can be mounted only where the pid namespace is its own, too.
config() {
	jq -n --arg script "$container" --arg kind "$2" --arg net "$3" --arg user "$VST_USERNS" '
	["nosuid", "noexec", "nodev"] as $no |
	{ociVersion: "1.0.0",
	 process: {user: {uid: 0, gid: 0}, args: ["/bin/sh", "-c", $script], env: ["PATH=/bin"], cwd: "/",
		capabilities: {}},
	 root: {path: "rootfs", readonly: ($kind | startswith("ro"))},
	 mounts: [
		{destination: "/proc", type: "proc", source: "proc", options: $no},
		{destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "mode=755", "size=65536k"]},
		{destination: "/sys", type: "sysfs", source: "sysfs", options: ($no + ["ro"])}],
	 linux: {namespaces: ([{type: "mount"}] + if $net == "own" then [{type: "network"}] else [] end +
		if $user == "1" then [{type: "pid"}] else [] end)}}
	' >"$1/config.json"
}

# mounts_here PID: what is mounted at the places of the test: where, type, source, its root there,
# options, propagation.
mounts_here() {
	awk '{
		for (i = 7; $i != "-"; i++)
			;
		if ($5 ~ /^\/(containers|run|var\/lib\/(docker|cni))(\/|$)/)
			print $5, $(i + 1), $(i + 2), $4, $6, (i > 7 ? "shared" : "private")
	}' "/proc/$1/mountinfo" | sort
}

# new_mounts: those that were not there when $W/out/mounts was written.
new_mounts() {
	mounts_here self | comm -13 "$W/out/mounts" -
}

id() {
	echo "vestibule-today-$$-${1##*/}"
}

is_stopped() {
	runc --root /run/runc state "$(id "$1")" | grep -q '"status": "stopped"'
}

# The container's life. Its log is in $W/out/log.
create() {
	runc --root /run/runc create --bundle "$1" --pid-file "$W/out/pid" "$(id "$1")" \
		</dev/null >"$W/out/log" 2>&1
}

run_to_end() {
	runc --root /run/runc start "$(id "$1")" </dev/null >>"$W/out/log" 2>&1
	wait_until is_stopped "$1"
	runc --root /run/runc delete "$(id "$1")" </dev/null >>"$W/out/log" 2>&1
}

# can_attach DOCUMENT: whether this kernel has the kinds that it asks for.
can_attach() {
	for kind in $(jq -r '.interfaces[]?.add // empty' "$1"); do
		has_kind "$kind" || return
	done
}

# wanted_mounts BUNDLE KIND [IMAGE]: what prepare is to mount, as mounts_here has it. What lies in a
# bundle is private, whatever holds it.
wanted_mounts() {
	case $2 in
	ro) echo "$1/rootfs tmpfs tmpfs ${1#/containers}/rootfs rw,relatime private" ;;
	ro-shared) echo "$1/rootfs tmpfs tmpfs ${3#/containers} rw,relatime private" ;;
	rw*)
		echo "$1/rootfs overlay overlay / rw,relatime private"
		echo "$1/tmp tmpfs tmpfs / rw,relatime private"
		;;
	esac
	case $1 in
	*/getty) echo "$1/rootfs/writeable-host-etc overlay overlay / rw,relatime private" ;;
	*/kubelet) echo "$1/rootfs/opt/cni tmpfs tmpfs /var/lib/cni/opt rw,relatime private" ;;
	esac
}

# same_in_peer DESCRIPTION: the peer has at these places what is there here, whatever its propagation,
# but for what is mounted in a rootfs, which is private.
same_in_peer() {
	[ "$propagation" = shared ] || return 0
	is "$1" "$(mounts_here $PEER | cut -d' ' -f1-5)" \
		"$(mounts_here self | cut -d' ' -f1-5 | grep -v '^[^ ]*/rootfs/')"
}

# made_dirs DOCUMENT BUNDLE: what it makes, and where what is made in its container lands.
made_dirs() {
	for dir in $(jq -r '.mkdir[]?' "$1"); do
		case $dir in
		/*) check "$at $dir is made" test -d "$dir" ;;
		*) check "$at $dir is made beneath rootfs" test -d "$2/rootfs/$dir" ;;
		esac
	done
}

prepared() {
	mounts_here self >"$W/out/mounts"
	does "$at prepare" 0 prepare "$1"
	is "$at ... says nothing" "$(cat "$W/out/stdout" "$W/out/stderr")" ""
	is "$at ... mounts this" "$(new_mounts)" "$(wanted_mounts "$@" | sort)"
	same_in_peer "$at ... for the peer too"
	made_dirs "$1/runtime.json" "$1"
	leaves "$at a second prepare does nothing" 0 "prepared already" prepare "$1"
}

# ran BUNDLE KIND IMAGE: a container in it, from its creation to its end.
ran() {
	net=here
	if jq -e '.bindNS.net // "" != ""' "$1/runtime.json" >/dev/null; then
		net=own
	fi
	config "$1" "$2" $net
	check "$at runc creates the container" create "$1"
	bound=
	if can_attach "$1/runtime.json"; then
		does "$at attach" 0 attach --pid-file "$W/out/pid" "$1"
		bound=$(jq -r '.bindNS.net // ""' "$1/runtime.json")
		for name in $(jq -r '.interfaces[]?.name' "$1/runtime.json"); do
			says "$at ... moves $name" "^Moved interface $name to pid $(cat "$W/out/pid")\$"
		done
	else
		leaves "$at attach: a kind that this kernel has not" 6 \
			"$(jq -r '.interfaces[].add' "$1/runtime.json")" attach --pid-file "$W/out/pid" "$1"
	fi
	is "$at ... binds" "$(new_mounts | sed -n 's/ nsfs .*//p')" "$bound"
	run_to_end "$1"
	case $2 in
	ro*) wanted="root tmpfs ro|image $3|wrote nothing" ;;
	rw*) wanted="root overlay rw|image $3|wrote" ;;
	esac
	is "$at runc runs it: its root, its image, writing" "$(sed -n 1,3p "$W/out/log" | paste -sd'|')" "$wanted"
	if [ -n "$bound" ]; then
		is "$at ... its interfaces" "$(sed -n 's/^net //p' "$W/out/log" | tr ' ' '\n' |
			grep -Fx "$(jq -r '.interfaces[].name' "$1/runtime.json" | sort)")" \
			"$(jq -r '.interfaces[].name' "$1/runtime.json" | sort)"
	fi
}

# landed BUNDLE KIND IMAGE: where what it wrote is.
landed() {
	is "$at the image is untouched" "$(cat "$3/etc/motd") $(ls "$3/new" 2>/dev/null)" "$3 "
	case $2 in
	rw*) is "$at what it wrote is in the tmpfs" "$(cat "$1/tmp/upper/etc/motd" "$1/tmp/upper/new")" \
		"$(printf 'container\ncontainer')" ;;
	esac
	case $1 in
	*/getty)
		is "$at the relative overlay shows the host's /etc" "$(sed -n 's/^etc //p' "$W/out/log")" \
			"$(printf 'from the host passwd\nchanged')"
		is "$at ... what it wrote is in upperdir" \
			"$(cd /run/hostetc/upper && cat mark new && stat -c '%n %F %t:%T' passwd)" \
			"$(printf 'container\ncontainer\npasswd character special file 0:0')"
		is "$at ... and the host's is untouched" "$(cat /etc/mark; ls /etc/passwd /etc/new 2>/dev/null)" \
			"$(printf 'from the host\n/etc/passwd')"
		;;
	esac
}

# cleaned BUNDLE: what cleanup leaves, and a second life.
cleaned() {
	does "$at cleanup" 0 cleanup "$1"
	# The directory that namespaces are bound in is a mount as long as one is.
	held=$bound
	[ "${bound%/*}" != /run/netns ] || held=$(printf '%s\n' /run/netns "$bound")
	is "$at ... leaves no mount but a bound namespace" "$(new_mounts | cut -d' ' -f1)" "$held"
	same_in_peer "$at ... for the peer too"
	leaves "$at ... a second one does nothing" 0 '' cleanup "$1"
	does "$at prepare again" 0 prepare "$1"
	is "$at ... mounts the same" "$(new_mounts | grep -v -e ' nsfs ' -e '^/run/netns ')" \
		"$(wanted_mounts "$@" | sort)"
	if [ -d "$1/tmp" ]; then
		is "$at ... with a fresh layer" "$(cat "$1/rootfs/etc/motd")" "$3"
	fi
	case $1 in
	*/002-net)
		does "$at detach" 0 detach "$1"
		check "$at ... brings back what was moved" ip link show eth1
		;;
	esac
	does "$at cleanup --all" 0 cleanup --all "$1"
	is "$at ... leaves no mount" "$(new_mounts)" ""
	same_in_peer "$at ... for the peer too"
	does "$at detach" 0 detach "$1"
	vst status "$1"
	is "$at nothing is held" "$(cat "$W/out/stdout")" ""
}

# word_for_word DOCUMENT BUNDLE KIND [IMAGE]
word_for_word() {
	at="$propagation: $1:"
	bundle=/containers/$2
	image=$bundle/lower
	[ "$3" != ro ] || image=$bundle/rootfs
	image=${4:-$image}
	lay_out "$bundle" "$3" "$image"
	cp "$top/tests/golden/$1.json" "$bundle/runtime.json"
	case $1 in
	synthetic-existing-and-veth | synthetic-interfaces-set) ip link add eth1 type veth peer name eth1-far ;;
	synthetic-ro-with-relative-bind) mkdir -p /var/lib/cni/opt ;;
	esac
	prepared "$bundle" "$3" "$image"
	ran "$bundle" "$3" "$image"
	landed "$bundle" "$3" "$image"
	cleaned "$bundle" "$3" "$image"
}

cat >/documents <<'END'
gen1-docker-mkdir services/docker rw
gen1-wireguard-onboot-002-wg0 onboot/002-wg0 rw
gen2-services-rngd-ro services/rngd ro
gen2-wireguard-onboot-002-wg0-rw onboot/002-wg0 rw
synthetic-existing-and-veth onboot/002-net rw
synthetic-interfaces-set onboot/002-net rw
synthetic-ro-with-relative-bind services/kubelet ro
today-dfm-services-docker-rw-mkdir services/docker-dfm rw
today-hostmount-onshutdown-000-shutdown-rw onshutdown/000-shutdown rw
today-hostmount-services-getty-rw services/getty rw
today-sshd-onboot-001-rngd1-ro onboot/001-rngd1 ro
today-sshd-services-rngd-ro-shared services/rngd ro-shared /containers/onboot/001-rngd1/rootfs
today-wireguard-onboot-000-sysctl-ro onboot/000-sysctl ro
today-wireguard-onboot-001-dhcpcd-rw onboot/001-dhcpcd rw
today-wireguard-onboot-002-wg0-rw onboot/002-wg0 rw
today-wireguard-onboot-003-wg1-rw-shared onboot/003-wg1 rw-shared /containers/onboot/002-wg0/lower
today-wireguard-services-nginx-rw services/nginx rw
today-wireguard-services-rngd-ro services/rngd ro
END
is "every document is tried" "$(cut -d' ' -f1 /documents)" \
	"$(cd "$top/tests/golden" && printf '%s\n' *.json | sed 's/\.json$//')"
for propagation in private shared; do
	while read -r doc bundle kind image <&3; do
		machine "$propagation"
		word_for_word "$doc" "$bundle" "$kind" "$image"
	done 3</documents
done

# Two bundles with one image at the same time.
both() {
	machine "$propagation"
	at="$propagation: one image, two bundles:"
	first=/containers/onboot/$1
	second=/containers/$2
	lay_out "$first" "$3" "$first/$4"
	lay_out "$second" "$3-shared" "$first/$4"
	cp "$top/tests/golden/$5.json" "$first/runtime.json"
	cp "$top/tests/golden/$6.json" "$second/runtime.json"
	mounts_here self >"$W/out/mounts"
	does "$at prepare of the first" 0 prepare "$first"
	does "$at prepare of the second" 0 prepare "$second"
	is "$at the second sees the image" "$(cat "$second/rootfs/etc/motd")" "$first/$4"
	if [ "$3" = rw ]; then
		echo first >"$first/rootfs/etc/motd"
		is "$at ... and not what the first writes" "$(cat "$second/rootfs/etc/motd")" "$first/$4"
	fi
	does "$at cleanup of the first" 0 cleanup "$first"
	is "$at ... leaves the second's mounts" "$(new_mounts)" \
		"$(wanted_mounts "$second" "$3-shared" "$first/$4" | sort)"
	is "$at ... and its image" "$(cat "$second/rootfs/etc/motd")" "$first/$4"
	does "$at cleanup of the second" 0 cleanup "$second"
	is "$at ... leaves nothing" "$(new_mounts)" ""
}

# blind BUNDLE: each look of prepare fails once. Whether it goes on or not: none is stacked on what
# is there.
blind() {
	strace -qq -o "$W/out/looks" -e trace=statx "$VST" --root "$W/state" prepare "$1"
	does "$at cleanup after counting looks" 0 cleanup "$1"
	stacked=
	for n in $(seq "$(wc -l <"$W/out/looks")"); do
		strace -qq -o /dev/null -e trace=statx -e "inject=statx:error=ENOMEM:when=$n" \
			"$VST" --root "$W/state" prepare "$1" >"$W/out/stdout" 2>&1
		case $(new_mounts) in
		"$data" | "$wanted") ;;
		*) stacked="$stacked $n" ;;
		esac
		vst cleanup "$1"
		[ "$(new_mounts)" = "$data" ] || break
	done
	is "$at no look that fails has another mount on top" "$stacked" ""
}

# A mount elsewhere: it outlives cleanup, and the next prepare uses it as it is.
elsewhere() {
	machine "$propagation"
	at="$propagation: a mount elsewhere:"
	bundle=/containers/services/getty
	lay_out $bundle rw
	jq '.mounts = [{destination: "/run/data", type: "tmpfs", options: ["nodev", "size=1m"]}] + .mounts +
		[{destination: "data", source: "/run/data", options: ["bind", "ro"]}]' \
		"$top/tests/golden/today-hostmount-services-getty-rw.json" >$bundle/runtime.json
	mounts_here self >"$W/out/mounts"
	data="/run/data tmpfs tmpfs / rw,nodev,relatime $propagation"
	wanted=$({
		wanted_mounts $bundle rw
		echo "$data"
		echo "$bundle/rootfs/data tmpfs tmpfs / ro,nodev,relatime private"
	} | sort)
	does "$at prepare" 0 prepare $bundle
	is "$at ... mounts it, and what is bound from it" "$(new_mounts)" "$wanted"
	echo kept >/run/data/file
	fails "$at the bind is read-only" sh -c "echo changed 2>/dev/null >$bundle/rootfs/data/file"
	does "$at cleanup" 0 cleanup $bundle
	is "$at ... leaves it" "$(new_mounts)" "$data"
	same_in_peer "$at ... for the peer too"
	leaves "$at a second cleanup does nothing" 0 '' cleanup $bundle
	does "$at prepare again" 0 prepare $bundle
	is "$at ... stacks no other" "$(new_mounts)" "$wanted"
	is "$at ... and the container finds in it what it had" "$(cat $bundle/rootfs/data/file)" kept
	leaves "$at prepare once more does nothing" 0 'prepared already' prepare $bundle
	does "$at cleanup again" 0 cleanup $bundle
	is "$at ... leaves it again" "$(new_mounts)" "$data"
	blind $bundle
	cp $bundle/runtime.json "$W/out/runtime.json"
	jq '.mounts[0].options = ["nodev", "size=2m"]' "$W/out/runtime.json" >$bundle/runtime.json
	refuses "$at another document then" 7 "'vestibule cleanup --all'" prepare $bundle
	cp "$W/out/runtime.json" $bundle/runtime.json
	does "$at the old one again" 0 prepare $bundle
	does "$at cleanup --all" 0 cleanup --all $bundle
	is "$at ... takes it" "$(new_mounts)" ""
	same_in_peer "$at ... for the peer too"
	jq '.mounts[0].options = ["nodev", "size=2m"]' "$W/out/runtime.json" >$bundle/runtime.json
	does "$at the other document" 0 prepare $bundle
	is "$at ... with a new one" "$(findmnt -no OPTIONS /run/data | grep -o 'size=.*k') $(ls /run/data)" "size=2048k "
	does "$at cleanup, then cleanup --all" 0 cleanup $bundle
	does "$at ... in two steps" 0 cleanup --all $bundle
	is "$at ... leaves nothing" "$(new_mounts)" ""
	vst status
	is "$at ... and nothing is held" "$(cat "$W/out/stdout")" ""
}

# A run that fails, or is killed, behind the relative overlay: what the overlay left in its workdir,
# elsewhere, is taken back too.
taken_back() {
	machine "$propagation"
	at="$propagation: taken back:"
	bundle=/containers/services/getty
	lay_out $bundle rw
	jq '.mkdir = ["etc/motd/below"]' "$top/tests/golden/today-hostmount-services-getty-rw.json" \
		>$bundle/runtime.json
	refuses "$at a step that fails behind the overlay" 7 "everything was taken back" prepare $bundle
	jq '.mkdir = ["etc/made", "etc/motd/below"]' "$top/tests/golden/today-hostmount-services-getty-rw.json" \
		>$bundle/runtime.json
	refuses "$at ... and one that had copied up to the tmpfs" 7 "everything was taken back" prepare $bundle
	cp "$top/tests/golden/today-hostmount-services-getty-rw.json" $bundle/runtime.json
	before
	strace -qq -o /dev/null -e trace=move_mount -e inject=move_mount:signal=KILL:when=3 \
		"$VST" --root "$W/state" prepare $bundle 2>/dev/null
	is "$at a kill behind the overlay" $? 137
	check "$at ... leaves a workdir" test -d /run/hostetc/work/work
	does "$at ... cleanup" 0 cleanup $bundle
	unchanged "$at ... takes it back"
}

for propagation in private shared; do
	taken_back
	both 002-wg0 onboot/003-wg1 rw lower today-wireguard-onboot-002-wg0-rw today-wireguard-onboot-003-wg1-rw-shared
	both 001-rngd1 services/rngd ro rootfs today-sshd-onboot-001-rngd1-ro today-sshd-services-rngd-ro-shared
	elsewhere
done

finish
