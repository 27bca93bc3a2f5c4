#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Bad input: each ends with a documented status and one line, in time, with nothing changed.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

layout shared
target

# doc DOCUMENT: the bundle $W/b with this document and nothing else.
doc() {
	rm -rf "$W/b"
	bundle b
	printf '%s' "$1" >"$W/b/runtime.json"
}

# The bundle.
refuses "no bundle" 4 none prepare "$W/none"
refuses "no bundle: attach" 4 none attach --pid "$TARGET" "$W/none"
refuses "no bundle: cleanup" 4 none cleanup "$W/none"
echo file >"$W/file"
refuses "a file for a bundle" 4 file prepare "$W/file"
refuses "a file for a bundle: cleanup" 4 file cleanup "$W/file"
refuses "an empty name for a bundle" '[24]' . prepare ""
mkdir "$W/empty"
refuses "rootfs missing" 4 rootfs prepare "$W/empty"
mkdir "$W/rootfile"
echo file >"$W/rootfile/rootfs"
refuses "rootfs a file" 4 rootfs prepare "$W/rootfile"
mkdir "$W/rootlink"
ln -s /etc "$W/rootlink/rootfs"
refuses "rootfs a symbolic link" 4 rootfs prepare "$W/rootlink"
bundle lowerfile
mkdir "$W/lowerfile/tmp"
echo file >"$W/lowerfile/lower"
refuses "lower a file" 4 lower prepare "$W/lowerfile"
bundle lowerlink
mkdir "$W/lowerlink/tmp"
ln -s /etc "$W/lowerlink/lower"
refuses "lower a symbolic link" 4 lower prepare "$W/lowerlink"
bundle notmp
mkdir "$W/notmp/lower"
refuses "lower without tmp" 4 tmp prepare "$W/notmp"
bundle tmpfile
mkdir "$W/tmpfile/lower"
echo file >"$W/tmpfile/tmp"
refuses "tmp a file" 4 tmp prepare "$W/tmpfile"

# runtime.json as an object.
doc ''
refuses "0 bytes" 4 runtime.json prepare "$W/b"
doc x
rm "$W/b/runtime.json"
mkfifo "$W/b/runtime.json"
refuses "a FIFO" 4 runtime.json prepare "$W/b"
refuses "a FIFO: attach" 4 runtime.json attach --pid "$TARGET" "$W/b"
rm "$W/b/runtime.json"
mkdir "$W/b/runtime.json"
refuses "a directory" 4 runtime.json prepare "$W/b"
rmdir "$W/b/runtime.json"
ln -s /etc/shadow "$W/b/runtime.json"
refuses "a symbolic link to /etc/shadow" 4 runtime.json prepare "$W/b"
fails "... of which nothing is shown" grep -q 'root:' "$W/out/stderr"
rm "$W/b/runtime.json"
ln -s missing "$W/b/runtime.json"
refuses "a symbolic link to nothing" 4 runtime.json prepare "$W/b"
rm "$W/b/runtime.json"
if can_hold "changed while it is read"; then
	# Written while it is read, and the time of modification put back.
	doc '{"mkdir": ["/vestibule-test-1"]}'
	touch -r "$W/b/runtime.json" "$W/out/time"
	holds before recvmsg 1 prepare "$W/b"
	printf '{"mkdir": ["/vestibule-test-2"]}' >"$W/b/runtime.json"
	touch -r "$W/out/time" "$W/b/runtime.json"
	go_on
	is "changed while it is read, and the time put back" $status 4
	says "... says so" 'was changed while it was read'
fi
rm "$W/b/runtime.json"
head -c 2097152 /dev/zero | tr '\0' ' ' >"$W/b/runtime.json"
refuses "2 MiB" 4 '1 MiB' prepare "$W/b"
truncate -s 8G "$W/b/runtime.json"
refuses "8 GiB of nothing" 4 '1 MiB' prepare "$W/b"
head -c 100000 /dev/urandom >"$W/b/runtime.json"
refuses "random bytes" 4 'runtime\.json:[0-9]+:[0-9]+: ' prepare "$W/b"
cp "$VST" "$W/b/runtime.json"
truncate -s 60000 "$W/b/runtime.json"
refuses "a program" 4 'runtime\.json:1:' prepare "$W/b"
# One who may read everything can read this too: only without that right.
if [ -z "$VST_USERNS" ]; then
	doc '{}'
	chmod 600 "$W/b/runtime.json"
	chown 12345 "$W/b/runtime.json"
	before
	setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all \
		"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
	is "unreadable" $status 4
	unchanged "... and nothing done"
fi

# The text.
depth() {
	head -c "$1" /dev/zero | tr '\0' '['
}
doc "$(depth 100000)"
refuses "100,000 deep" 4 'must be an object' prepare "$W/b"
doc "{\"x\": $(depth 100000)"
refuses "100,000 deep in an unknown member" 4 'nested' prepare "$W/b"
doc '{"mkdir": [], "mkdir": []}'
refuses "a repeated member" 4 'runtime\.json:1:[0-9]+: .*mkdir.*repeats' prepare "$W/b"
doc '{"x": 1, "x": 1}'
refuses "a repeated unknown member" 4 'repeats' --quiet prepare "$W/b"
doc '{"interfaces": [{"name": "a", "name": "b"}]}'
refuses "a repeated member of an interface" 4 'interfaces\[0\]\.name' prepare "$W/b"
for name in Mkdir:mkdir MKDIR:mkdir bindns:bindNS INTERFACES:interfaces nameſpace:namespace \
	"m$(printf '\342\204\252')dir:mkdir"; do
	doc "{\"${name%:*}\": []}"
	refuses "member ${name%:*}" 4 "letter case.*write it '${name#*:}'\$" prepare "$W/b"
done
doc '{"interfaces": [{"name": "a", "createinroot": true}]}'
refuses "a member of an interface in another letter case" 4 \
	"a member of interfaces\[0\] .*write it 'createInRoot'\$" prepare "$W/b"
doc '{"namespaces": []}'
refuses "member namespaces, strictly" 4 "not a member.*'namespace'\$" --strict prepare "$W/b"
doc '{"process": {}}'
refuses "member process, strictly" 4 'not a member that is known$' --strict prepare "$W/b"
doc "$(printf '\357\273\277{}')"
refuses "a byte order mark" 4 'runtime\.json:1:1: .*byte order mark' prepare "$W/b"
doc '/* */ {}'
refuses "a comment" 4 'has a comment' prepare "$W/b"
doc '{"mkdir": []} // none'
refuses "a comment behind it" 4 'runtime\.json:1:15: .*has a comment' prepare "$W/b"
doc '{"mkdir": ["/x",]}'
refuses "a comma before a bracket" 4 "1:17: the document has a comma before ']'" prepare "$W/b"
doc '{"mkdir": ["/x"],}'
refuses "a comma before a brace" 4 "1:18: the document has a comma before '}'" prepare "$W/b"
doc '{"mkdir": ["/x" "/y"]}'
refuses "no comma" 4 '1:17: the document has no comma' prepare "$W/b"
doc "{'mkdir': []}"
refuses "single quotation marks" 4 '1:2: .*single quotation marks' prepare "$W/b"
doc '{mkdir: []}'
refuses "a bare name" 4 '1:2: .*without quotation marks' prepare "$W/b"
doc 'mkdir: [/x]'
refuses "YAML" 4 '1:1: .*is no JSON.*YAML' prepare "$W/b"
doc '{"x": NaN}'
refuses "NaN" 4 '1:7: .*a word here that is no value' prepare "$W/b"

# Another document than this one.
doc '{"ociVersion": "1.0.2", "process": {}, "mounts": [{"destination": "/proc", "type": "proc"}]}'
refuses "a config.json" 4 'OCI config\.json, not a runtime\.json' prepare "$W/b"
refuses "a config.json, to attach" 4 'OCI config\.json' attach --pid "$TARGET" "$W/b"
doc '{"hooks": {}, "mounts": [{"destination": "/x", "type": "bind", "source": "/y"}], "ociVersion": "1"}'
refuses "a config.json, sorted" 4 'OCI config\.json' --strict prepare "$W/b"
if command -v runc >/dev/null; then
	(cd "$W/b" && rm -f runtime.json && runc spec && mv config.json runtime.json)
	refuses "a config.json of runc's" 4 'OCI config\.json' prepare "$W/b"
else
	skip "a config.json of runc's" "no runc"
	skip "..." "no runc"
fi
doc '{} {}'
refuses "two documents" 4 'after the end|runtime\.json:1:4' prepare "$W/b"
doc "$(printf '{"mkdir": ["/a\377"]}')"
refuses "invalid UTF-8" 4 'UTF-8' prepare "$W/b"
doc '{"mkdir": ["/a\ud800b"]}'
refuses "half of a surrogate pair" 4 'surrogate' prepare "$W/b"
doc '{"mkdir": ["/a\udc00b"]}'
refuses "the other half" 4 'surrogate' prepare "$W/b"
doc '{"mkdir": ["/a\ud800\u0041"]}'
refuses "half of a pair and something else" 4 'surrogate' prepare "$W/b"
doc '{"mkdir": ["/a\u0000b"]}'
refuses "a NUL" 4 'control' prepare "$W/b"
doc '{"mkdir": ["/a\u001b[31m"]}'
refuses "an escape sequence" 4 'control' prepare "$W/b"
doc '{"mkdir": ["/a\u007f"]}'
refuses "DEL" 4 'control' prepare "$W/b"
doc '{"mkdir": ['
refuses "cut short" 4 'runtime\.json:1:12: .*ends too early' prepare "$W/b"
doc '{"mkdir": "/x"}'
refuses "a string for a list" 4 '1:11: mkdir must be a list of strings$' prepare "$W/b"
doc '{"mounts": "/x"}'
refuses "a string for a list of objects" 4 'mounts must be a list of objects$' prepare "$W/b"
doc '{"bindNS": ["/x"]}'
refuses "a list for an object" 4 'bindNS must be an object$' prepare "$W/b"
doc "$(printf '{\n\n  "mkdir": [ "/x",\n    7 ]\n}')"
refuses "line, column and place" 4 'runtime\.json:4:5: mkdir\[1\] ' prepare "$W/b"

# Every wrong type at every place.
for place in '%s' '{"mounts": %s}' '{"mkdir": %s}' '{"cgroups": %s}' '{"interfaces": %s}' \
	'{"bindNS": %s}' '{"namespace": %s}' '{"mkdir": [%s]}' '{"interfaces": [%s]}' \
	'{"mounts": [%s]}' '{"cgroups": [%s]}' \
	'{"interfaces": [{"name": %s}]}' '{"interfaces": [{"name": "a", "add": %s}]}' \
	'{"interfaces": [{"name": "a", "peer": %s}]}' \
	'{"interfaces": [{"name": "a", "createInRoot": %s}]}' '{"bindNS": {"cgroup": %s}}' \
	'{"bindNS": {"ipc": %s}}' '{"bindNS": {"mnt": %s}}' '{"bindNS": {"net": %s}}' \
	'{"bindNS": {"pid": %s}}' '{"bindNS": {"user": %s}}' '{"bindNS": {"uts": %s}}'; do
	case $place in
	'%s') wrong='1 "x" true [] 1e400 99999999999999999999' ;;
	*'mounts": %s'* | *'mkdir": %s'* | *'cgroups": %s'* | *'interfaces": %s'*) wrong='1 "x" true {}' ;;
	*'bindNS": %s'*) wrong='1 "x" true []' ;;
	*'mounts": [%s]'* | *'interfaces": [%s]'*) wrong='1 "x" true [] null' ;;
	*'[%s]'*) wrong='1 true [] {} null' ;;
	*createInRoot*) wrong='1 "x" [] {}' ;;
	*) wrong='1 true [] {} 1.5' ;;
	esac
	for value in $wrong; do
		# shellcheck disable=SC2059
		doc "$(printf "$place" "$value")"
		refuses "$value at $place" 4 'runtime\.json:1:[0-9]+: .* (must be|is null)' prepare "$W/b"
	done
done

# What is not there yet; an empty list is nothing to refuse.
for name in uidMappings gidMappings; do
	doc "{\"mounts\": [{\"destination\": \"x\", \"type\": \"tmpfs\", \"$name\": [{\"hostID\": 0}]}]}"
	refuses "$name of a mount" 6 'not supported' prepare "$W/b"
done

# Directories.
doc "{\"mkdir\": [\"$W/file\"]}"
refuses "mkdir onto a file" 7 file prepare "$W/b"
doc "{\"mkdir\": [\"$W/file/x\"]}"
refuses "mkdir beneath a file" 7 file prepare "$W/b"
ln -s nowhere "$W/dangling"
doc "{\"mkdir\": [\"$W/dangling/x\"]}"
refuses "mkdir through a dangling link" 7 dangling prepare "$W/b"
doc "{\"mkdir\": [\"$W/a/../../etc/x\"]}"
refuses "mkdir with .." 4 '\.\.' prepare "$W/b"
doc '{"mkdir": [""]}'
refuses "mkdir of nothing" 4 'empty' prepare "$W/b"
doc "{\"mkdir\": [\"/$(head -c 4200 /dev/zero | tr '\0' a)\"]}"
refuses "a path of 4200 bytes" 4 '4095|255' prepare "$W/b"
doc "{\"mkdir\": [\"/$(head -c 256 /dev/zero | tr '\0' a)\"]}"
refuses "a component of 256 bytes" 4 '255' prepare "$W/b"
mkdir -m 1777 "$W/sticky"
mkdir "$W/secret"
ln -s "$W/secret" "$W/sticky/link"
doc "{\"mkdir\": [\"$W/sticky/link/x\"]}"
refuses "a symbolic link in a directory that others can write" '[37]' link prepare "$W/b"
bundle through "{\"mkdir\": [\"$W/etclink/x\"]}"
rw through
mkdir "$W/through/rootfs/etc"
ln -s "$W/through/rootfs/etc" "$W/etclink"
refuses "a symbolic link beneath what is mounted first" 7 etclink prepare "$W/through"
doc "{\"mkdir\": [\"/proc/self/root/$W/x\"]}"
refuses "a magic link" '[1-7]' . prepare "$W/b"

# Interfaces. The name of 16 bytes and the like are the document's fault, the rest the kernel's state.
for name in abcdefghijklmnop a/b %d .. . all default -x 'a b' 'a\u001b[1m' 'a\nb' "$(printf 'ü')"; do
	doc "{\"interfaces\": [{\"name\": \"$name\", \"add\": \"veth\", \"peer\": \"ok0\"}]}"
	refuses "interface name $name" 4 'interfaces\[0\]\.name' attach --pid "$TARGET" "$W/b"
	doc "{\"interfaces\": [{\"name\": \"ok0\", \"add\": \"veth\", \"peer\": \"$name\"}]}"
	refuses "peer name $name" 4 'interfaces\[0\]\.peer' attach --pid "$TARGET" "$W/b"
done
doc '{"interfaces": [{"name": ""}]}'
refuses "an empty interface name" 4 'empty' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"add": "veth", "peer": "x"}]}'
refuses "no interface name" 4 'missing' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "add": "veth", "routes": [{"to": "default"}]}]}'
refuses "a default route of no family" 4 'runtime.json:1:64: interfaces\[0\]\.routes\[0\]\.to .*via' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "add": "veth", "mtu": 1500.0}]}'
refuses "a number with a fraction" 4 'runtime.json:1:53: interfaces\[0\]\.mtu .*write a whole number' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "mac": "02:00:00:00:00:01"}]}'
refuses "the MAC of one that is moved" 4 'interfaces\[0\]\.mac is for interfaces that are made' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "add": "bridge", "peer": "b"}]}'
refuses "a bridge with a peer" 4 'peer' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "add": "veth", "peer": "a"}]}'
refuses "a peer equal to its name" 4 'peer' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "peer": "x"}, {"name": "a", "peer": "y"}]}'
refuses "a name twice" 4 'interfaces\[1\]\.name' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "peer": "x"}, {"name": "b", "peer": "x"}]}'
refuses "a peer twice" 4 'interfaces\[1\]\.peer' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "a", "add": "Veth", "peer": "x"}]}'
refuses "a kind with capitals" 4 'interfaces\[0\]\.add' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "a", "add": "nonsense"}]}'
refuses "an unknown kind" 6 'nonsense' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "a", "peer": "lo"}]}'
refuses "a peer name that exists here" 7 'lo' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "lo", "peer": "vst-2"}]}'
refuses "a name that exists there" 7 'lo' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "missing"}]}'
refuses "an interface that does not exist" 1 'missing' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "lo"}]}'
refuses "lo cannot be moved" '[17]' 'lo' attach --pid "$TARGET" "$W/b"
doc '{"interfaces": [{"name": "first", "peer": "vst-1"}, {"name": "v0", "add": "vxlan"}]}'
refuses "a kind that wants attributes" '[16]' 'v0' attach --pid "$TARGET" "$W/b"

# The process.
doc '{"interfaces": [{"name": "a", "peer": "vst-1"}]}'
for pid in 0 -1 1x 4294967301 '' ' 1' +1 01 0x10 99999999999999999999; do
	refuses "pid '$pid'" 2 'pid' attach --pid "$pid" "$W/b"
	printf '%s\n' "$pid" >"$W/pid"
	refuses "pid file '$pid'" 2 'pid' attach --pid-file "$W/pid" "$W/b"
done
refuses "pid 1" 3 'process 1|pid 1|init' attach --pid 1 "$W/b"
sleep 0 &
dead=$!
wait $dead
refuses "a dead process" 1 "$dead" attach --pid $dead "$W/b"
sh -c 'sleep 0 & exec sleep infinity' &
ours $!
parent=$!
zombie() {
	ps -o stat=,pid= --ppid $parent | awk '/^Z/ { print $2; found = 1 } END { exit !found }'
}
wait_until zombie
refuses "a zombie" 3 'zombie' attach --pid "$(zombie)" "$W/b"
# The shell's number is the program's once it has become it.
printf '#!/bin/sh\nexec "%s" "$@" attach --pid $$ "%s/b"\n' "$VST" "$W" >"$W/self"
chmod +x "$W/self"
program=$VST
VST=$W/self
refuses "its own pid" 3 'itself'
VST=$program
if [ -z "$VST_USERNS" ] && grep -q '^Name:.*kthreadd' /proc/2/status; then
	refuses "a kernel thread" 3 'kernel thread' attach --pid 2 "$W/b"
else
	skip "a kernel thread" "kernel: shows none here"
fi
refuses "no such pid file" '[124]' nofile attach --pid-file "$W/nofile" "$W/b"
mkfifo "$W/pidfifo"
refuses "a FIFO for a pid file" 2 pidfifo attach --pid-file "$W/pidfifo" "$W/b"
printf '%s\n\n' "$TARGET" >"$W/pid"
refuses "a pid file with two newlines" 2 pid attach --pid-file "$W/pid" "$W/b"

# Binds.
mkdir "$W/dir"
doc "{\"bindNS\": {\"net\": \"$W/dir\"}}"
refuses "a bind onto a directory" 7 dir attach --pid "$TARGET" "$W/b"
doc "{\"bindNS\": {\"net\": \"$W/file\"}}"
refuses "a bind onto a file that is not empty" 7 file attach --pid "$TARGET" "$W/b"
: >"$W/zero"
ln -s zero "$W/link"
doc "{\"bindNS\": {\"net\": \"$W/link\"}}"
refuses "a bind onto a symbolic link" 7 link attach --pid "$TARGET" "$W/b"
mkfifo "$W/fifo"
doc "{\"bindNS\": {\"net\": \"$W/fifo\"}}"
refuses "a bind onto a FIFO" 7 fifo attach --pid "$TARGET" "$W/b"
: >"$W/taken"
unshare -n sh -c "mount --bind /proc/self/ns/net '$W/taken'"
doc "{\"bindNS\": {\"net\": \"$W/taken\"}}"
refuses "a bind onto another namespace" 7 taken attach --pid "$TARGET" "$W/b"
doc "{\"bindNS\": {\"net\": \"$W/n\", \"uts\": \"$W/./n\"}}"
refuses "a path bound twice" 4 'bindNS' attach --pid "$TARGET" "$W/b"
doc '{"bindNS": {"net": "relative"}}'
refuses "a relative path to bind" 4 'absolute' attach --pid "$TARGET" "$W/b"
doc '{"bindNS": {"net": "/"}}'
refuses "a bind onto /" '[47]' . attach --pid "$TARGET" "$W/b"

# Space, and two at once.
layout private
target
mkdir "$W/small"
mount -t tmpfs -o nr_inodes=4,mode=755 tmpfs "$W/small"
bundle full "{\"mkdir\": [\"$W/small/a/b/c/d/e/f/g/h\"]}"
refuses "no room for directories" 1 'No space' prepare "$W/full"
mkdir "$W/tiny"
mount -t tmpfs -o size=4k,nr_inodes=10,mode=700 tmpfs "$W/tiny"
head -c 4096 /dev/zero >"$W/tiny/filler"
bundle nojournal
before
"$VST" --root "$W/tiny" prepare "$W/nojournal" 2>"$W/out/stderr" </dev/null
status=$?
is "no room for the journal" $status 1
is "... one line" "$(wc -l <"$W/out/stderr")" 1
unchanged "... and nothing done"

bundle twice '{"interfaces": [{"name": "a", "peer": "vst-1"}]}'
many='{"mkdir": ['
i=0
while [ $i -lt 2000 ]; do
	many="$many\"$W/many/$i/x\", "
	i=$((i + 1))
done
bundle locked "$many \"$W/last\"]}"
for i in 1 2 3 4; do
	"$VST" --root "$W/state" prepare "$W/locked" 2>"$W/out/locked.$i"
	echo $? >"$W/out/status.$i"
done &
for i in 5 6 7 8; do
	"$VST" --root "$W/state" prepare "$W/locked" 2>"$W/out/locked.$i"
	echo $? >"$W/out/status.$i"
done
wait $!
is "two at once: each is done, or done already" "$(cat "$W"/out/status.* | sort -u)" 0
is "... and it was done once" "$(grep -c " $W/locked/rootfs " /proc/self/mountinfo)" 1

# Somebody holds the bundle.
journal=$(find "$W/state" -type f | head -1)
flock --no-fork "$journal" sleep infinity &
ours $!
wait_until grep -q sleep "/proc/$!/comm"
refuses "a bundle that another run holds" 8 'another run|busy|held' prepare "$W/locked"

finish
