#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# plan, and --expect: what is shown, to whom, that nothing is done, and that a run is held to it.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

schema=$top/dist/vestibule-plan.schema.json

# shows DESCRIPTION ARGUMENTS: exit 0, a text on stdout, nothing changed. One test.
shows() {
	shows_what=$1
	shift
	before
	vst plan "$@"
	snapshot >"$W/out/after" 2>&1
	{
		[ $status -eq 0 ] || echo "wanted status 0"
		[ -s "$W/out/stdout" ] || echo "wanted a plan"
		! grep -q '[^[:print:]]' "$W/out/stdout" "$W/out/stderr" || echo "wanted printable text"
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong"
	if [ -s "$W/out/wrong" ]; then
		{ echo "of: $*"; cat "$W/out/wrong"; said; } | not_ok "$shows_what"
	else
		ok "$shows_what"
	fi
}

# line DESCRIPTION PATTERN: of the plan.
line() {
	if grep -Eqx -e "$2" "$W/out/stdout"; then
		ok "$1"
	else
		{ echo "wanted: $2"; said; } | not_ok "$1"
	fi
}

quiet() {
	is "$1" "$(cat "$W/out/stderr")" ""
}

# keep NAME: the plan that was shown last.
keep() {
	cp "$W/out/stdout" "$W/out/$1"
}

same() {
	if same_diff=$(diff "$W/out/$2" "$W/out/$3"); then
		ok "$1"
	else
		echo "$same_diff" | not_ok "$1"
	fi
}

# wrong FILE: what the schema says against it.
wrong() {
	jq -cn --slurpfile schema "$schema" --slurpfile document "$1" -f "$here/validate.jq" 2>&1
}

# A bundle with a bit of everything that prepare does.
layout private
bundle b
rw b
printf '{"mkdir": ["%s", "%s", "%s"]}' "$W/made/a/b" "$W/b/rootfs/etc/x" "$W/out" >"$W/b/runtime.json"
shows "a plan" "$W/b"
quiet "... says nothing else"
keep plan
line "... of this version" 'vestibule plan 2'
line "... has the bundle by device and inode" "prepare $W/b \([0-9]+:[0-9]+ $(stat -c %i "$W/b")\)"
line "... has mounts" '2\. mount a file system of type overlay, .* on rootfs in the bundle \(.*\)'
line "... what they need" '   needs: CAP_CHOWN, .*CAP_SYS_ADMIN, CAP_SETFCAP'
line "... directories, and where they stand" "3\. make directory made/a/b in $W \([0-9]+:[0-9]+ $(stat -c %i "$W")\)"
line "... those beneath mounts of the run" '4\. make directory etc/x in what step 2 mounts'
line "... what is there" "5\. make directory $W/out: there already, nothing to do"
line "... how it is taken back" '   undo: remove those that were made and are empty, if the run fails'
line "... the namespace of containerd" 'containerd namespace: none'

# Whoever makes it, and wherever the state is.
shows "without a state directory" --format text --strict "$W/b"
"$VST" --root "$W/nowhere/state" plan "$W/b" >"$W/out/other" 2>"$W/out/stderr"
is "a state directory that is missing is fine" $? 0
quiet "... not worth a word"
same "... and not in the text" plan other
fails "... and is not made" test -e "$W/nowhere"
"$VST" --root "$W/new" plan "$W/b" >"$W/out/other" 2>&1
fails "... not even in a directory that is there" test -e "$W/new"
"$VST" plan "$W/b" >"$W/out/other" 2>"$W/out/stderr"
is "no --root at all is fine" $? 0
same "... and not in the text" plan other
chmod 000 "$W/state"
"$VST" --root "$W/state" plan "$W/b" >"$W/out/other" 2>"$W/out/stderr"
is "a state directory that cannot be read is fine" $? 0
says "... is a note" 'warning: open state directory .*Permission denied'
is "... of one line" "$(wc -l <"$W/out/stderr")" 1
same "... and not in the text" plan other
chmod 700 "$W/state"
if [ -n "$VST_USERNS" ]; then
	skip "the plan of another user is the same" "kernel: one user in this namespace"
elif ! others_may_run; then
	skip "the plan of another user is the same" "the build tree is not open to others"
else
	other "$VST" plan "$W/b" \
		>"$W/out/other" 2>"$W/out/stderr"
	is "another user may look" $? 0
	same "... and sees the same plan" plan other
fi
setpriv --bounding-set=-all --inh-caps=-all "$VST" plan "$W/b" >"$W/out/other" 2>"$W/out/stderr"
is "without any capability" $? 0
same "... it is the same plan" plan other

# Privileges go first: before the bundle is looked at there is none left. The parser starts beside
# the parent, so a call of one may be told in two parts.
strace -f -o "$W/out/trace" -s 4096 "$VST" --root "$W/state" plan "$W/b" >"$W/out/stdout" 2>"$W/out/stderr"
is "a run that is traced" $? 0
awk -v name='"b"' '
/ capset\(/ { none = /effective=0, permitted=0, inheritable=0\}(\) = 0| <unfinished \.\.\.>)$/; if (!none) bad = 1 }
/ capset resumed>/ && !/ = 0$/ { bad = 1 }
/ (openat2?|statx|newfstatat|chdir|fchdir)\(/ && index($0, name) { seen = 1; if (!none) bad = 1 }
END { exit bad || !seen || !none }' "$W/out/trace"
is "every capability is gone before the bundle is opened" $? 0
awk '/ (mkdirat|unlinkat|fsopen|fsmount|move_mount|open_tree|umount2|setns|ftruncate|fallocate)\(/ ||
	/O_CREAT|O_WRONLY|O_RDWR|LOCK_EX/' "$W/out/trace" | grep -v /dev/null >"$W/out/acts"
is "... and nothing is called that acts" "$(cat "$W/out/acts")" ""

# What would be refused is shown, and is no failure of plan's.
: >"$W/file"
bundle refused "{\"mkdir\": [\"$W/file/x\", \"$W/made/y\"]}"
shows "steps that would be refused" "$W/refused"
line "... with why" '   would be refused \(conflict, exit status 7\): path .*: a component .*'
line "... and those behind them" "3\. make directory made/y in $W .*"
keep refused
refuses "... prepare refuses it, whatever is expected" 7 'component' prepare --expect "$W/out/refused" "$W/refused"
bundle mounted
rw mounted
mount --bind "$W/mounted/rootfs" "$W/mounted/rootfs"
shows "a run that would be refused" "$W/mounted"
line "... with why" 'all of it would be refused \(conflict, exit status 7\): rootfs in bundle .* mount point already, .*first'
bundle invalid '{"mkdir": [7]}'
refuses "an invalid document" 4 'mkdir\[0\]' plan "$W/invalid"
mkdir "$W/norootfs"
refuses "an invalid bundle" 4 rootfs plan "$W/norootfs"
bundle unknown '{"unknown": 1}'
shows "an unknown member" "$W/unknown"
says "... is a warning" 'warning.*runtime\.json:1:'
refuses "... and an error when strict" 4 'runtime\.json:1:' plan --strict "$W/unknown"

# A run is held to it.
does "prepare, as expected" 0 prepare --expect "$W/out/plan" "$W/b"
check "... it is done" is_mount "$W/b/rootfs" overlay
does "the same once more" 0 prepare --expect "$W/out/plan" "$W/b"
says "... is done already" 'prepared already; nothing was done'
sed '2s/$/ /' "$W/out/plan" >"$W/out/almost"
refuses "a text that is almost that" 7 "line 2 on.*'vestibule plan'.*nothing was changed" \
	prepare --expect "$W/out/almost" "$W/b"
shows "a bundle that is prepared" "$W/b"
line "... is said to be" 'prepared already: nothing would be done'
line "... needs nothing" 'needs in all: nothing'
line "... with all its steps" '3\. make directory .*: done by an earlier run'
keep prepared
does "... and as expected nothing is done" 0 prepare --expect "$W/out/prepared" "$W/b"
says "... which is said" 'prepared already'
does "... and the plan of before still is" 0 prepare --expect "$W/out/plan" "$W/b"
printf '{}' >"$W/b/runtime.json"
shows "another document since" "$W/b"
line "... would be refused" 'all of it would be refused \(conflict, exit status 7\): .*another document or layout.*'
keep changed
refuses "... as it is" 7 'another document.*nothing was changed' prepare --expect "$W/out/changed" "$W/b"
refuses "... and as it was" 7 'another document.*nothing was changed' prepare --expect "$W/out/plan" "$W/b"
does "cleanup" 0 cleanup "$W/b"
vst plan "$W/b"
cp "$W/out/stdout" "$W/out/before-plain"
does "prepare, held to nothing" 0 prepare "$W/b"
refuses "... and to no plan of before" 7 'nothing was changed' prepare --expect "$W/out/before-plain" "$W/b"
vst plan "$W/b"
cp "$W/out/stdout" "$W/out/prepared"
does "... but the plan of now does" 0 prepare --expect "$W/out/prepared" "$W/b"
does "... and cleanup" 0 cleanup "$W/b"
rm -r "$W/made"

# Whatever else it is, it is not done.
# another DESCRIPTION COMMAND: after it the plan that was kept is another one.
bundle c "{\"mkdir\": [\"$W/dir/x\"]}"
rw c
mkdir "$W/dir"
another() {
	vst plan "$W/c"
	keep c
	before
	sh -c "cd '$W' && $2" || echo "Bail out! $2"
	refuses "$1" 7 "not the plan in '.*/c'.*nothing was changed" prepare --expect "$W/out/c" "$W/c"
}
another "a directory that was replaced" 'mv dir dir2 && mkdir dir'
another "a directory that is there by now" 'mkdir dir/x'
another "a document that was changed" "printf '{\"mkdir\": [\"%s\"]}' $W/dir/z >c/runtime.json"
another "a document that was removed" 'rm c/runtime.json'
another "a bundle that was replaced" 'mv c c2 && cp -a c2 c'
another "a bundle that was moved" 'mv c c3 && mkdir c && mv c3/* c/ && rmdir c3'
another "a rootfs that was replaced" 'mv c/rootfs c/old && mkdir c/rootfs'
another "an image that was replaced" 'mv c/lower c/old2 && mkdir c/lower'
another "a layout that was changed" 'rm -r c/lower'
another "a rootfs that is a mount point by now" 'mount --bind c/rootfs c/rootfs'
umount "$W/c/rootfs"
vst plan "$W/c"
sed '$d' "$W/out/stdout" >"$W/out/c"
refuses "a plan that was cut short" 7 'nothing was changed' prepare --expect "$W/out/c" "$W/c"
: >"$W/out/c"
refuses "an empty plan" 7 'line 1 on' prepare --expect "$W/out/c" "$W/c"
vst plan --format json "$W/c"
keep c
refuses "a plan in JSON" 7 'line 1 on' prepare --expect "$W/out/c" "$W/c"
refuses "no plan" 1 'No such file' prepare --expect "$W/out/nothing" "$W/c"
refuses "a directory" 2 'not a regular file' prepare --expect "$W" "$W/c"
mkfifo "$W/fifo"
refuses "a FIFO" 2 'not a regular file' prepare --expect "$W/fifo" "$W/c"
refuses "a device" 2 'not a regular file' prepare --expect /dev/zero "$W/c"
(cd "$W/out" && vst plan "$W/c" && cp stdout relative && vst prepare --expect relative "$W/c" && echo $status >status)
is "a plan by a relative path" "$(cat "$W/out/status")" 0
does "cleanup of it" 0 cleanup "$W/c"

# Mounts of every kind, and what lies in them.
mkdir "$W/m" "$W/from" "$W/l1" "$W/l2"
: >"$W/m/file"
# mounts [WORD FOR WORD]: the document, with a word of it exchanged.
mounts() {
	sed "s|${1:-@}|${2:-@}|" >"$W/c/runtime.json" <<-EOF
		{"namespace": "services", "mounts": [
		{"destination": "$W/m/t", "type": "tmpfs", "options": ["nosuid", "size=1m", "noatime"]},
		{"destination": "$W/m/from", "source": "$W/from", "options": ["rbind", "ro"]},
		{"destination": "$W/m/file", "source": "$W/file", "options": ["bind"]},
		{"destination": "$W/m/o", "type": "overlay", "options": [
			"lowerdir=$W/l1:$W/l2", "upperdir=$W/m/t/u", "workdir=$W/m/t/w"$userxattr]},
		{"destination": "$W/m/t", "options": ["remount", "private"]},
		{"destination": "run", "type": "tmpfs"}],
		"mkdir": ["run/x", "etc/y", "$W/m/t/z"]}
	EOF
}
userxattr=
[ -z "$VST_USERNS" ] || userxattr=', "userxattr"'
mounts
shows "mounts" "$W/c"
keep mounts
line "... a new one" "1\. mount a file system of type tmpfs, source tmpfs, on t in $W/m \(.*\)"
line "... its options" '   options: nosuid, noatime'
line "... its data" '   data: size=1m'
line "... binds" "2\. bind $W/from \(.*\), and all mounts beneath it, onto from in $W/m \(.*\)"
line "... of files" "3\. bind $W/file \(.*\) onto the file file in $W/m \(.*\)"
line "... an overlay's layers" "   lower: $W/l2 \(.*\)"
line "... what an earlier step makes" "5\. change the mount on what step 1 mounts"
line "... within rootfs" '7\. mount a file system of type tmpfs, .* on run in what step 6 mounts, within rootfs'
line "... the namespace of containerd" 'containerd namespace: "services"'
vst plan --format json "$W/c"
is "... as JSON" "$(wrong "$W/out/stdout")" "[]"
while read -r from to; do
	mounts "$from" "$to"
	refuses "another plan: $from for $to" 7 'nothing was changed' \
		prepare --expect "$W/out/mounts" "$W/c"
done <<'EOF'
"services" "onboot"
nosuid nodev
size=1m size=2m
"noatime" "noswap"
rbind bind
"ro" "rw"
l1:.*l2 l2
private shared
"run" "tmp"
run/x run/z
EOF
mounts
mv "$W/l2" "$W/l3" && mkdir "$W/l2"
refuses "another plan: a layer that was replaced" 7 'nothing was changed' \
	prepare --expect "$W/out/mounts" "$W/c"
mv "$W/file" "$W/file2" && : >"$W/file"
vst plan "$W/c"
keep mounts
mv "$W/file2" "$W/file"
refuses "another plan: a file that was replaced" 7 'nothing was changed' \
	prepare --expect "$W/out/mounts" "$W/c"
vst plan "$W/c"
keep mounts
does "mounts, as expected" 0 prepare --expect "$W/out/mounts" "$W/c"
check "... are there" is_mount "$W/m/o" overlay
does "cleanup of the bundle" 0 cleanup "$W/c"
shows "mounts that an earlier run has left" "$W/c"
line "... are there" "1\. mount a file system .* on $W/m/t: there already, nothing to do"
keep kept
refuses "... which is another plan" 7 'line 4 on' prepare --expect "$W/out/mounts" "$W/c"
does "... that is done as expected" 0 prepare --expect "$W/out/kept" "$W/c"
does "... and is the one to expect then" 0 prepare --expect "$W/out/kept" "$W/c"
refuses "... not that of the run before" 7 'nothing was changed' prepare --expect "$W/out/mounts" "$W/c"
does "cleanup of all" 0 cleanup --all "$W/c"
printf '{}' >"$W/c/runtime.json"

# What an earlier run left.
strace -f -o /dev/null -e inject=move_mount:signal=KILL "$VST" --root "$W/state" prepare "$W/c" >/dev/null 2>&1
shows "after a run that was killed" "$W/c"
says "... that is a note" 'warning: an earlier run on this bundle was not finished'
does "gc" 0 gc
vst prepare "$W/c"
journal=$(find "$W/state" -name '*.journal')
printf damage | dd of="$journal" bs=1 seek=4180 conv=notrunc status=none
shows "a damaged journal" "$W/c"
line "... would be refused" 'all of it would be refused \(conflict, exit status 7\): .*damaged.*'
rm -f "$W"/state/*

# attach.
layout private
target
bundle a "{\"interfaces\": [{\"name\": \"eth0\", \"peer\": \"vst-a\"}, {\"name\": \"br0\", \"add\": \"bridge\"}], \"bindNS\": {\"net\": \"$W/ns/net\", \"uts\": \"$W/uts\"}}"
shows "a plan of attach" --pid "$TARGET" "$W/a"
quiet "... says nothing else"
keep attach
line "... names the process" "to process $TARGET .*"
line "... interfaces" '1\. create a pair of veth, eth0 there and vst-a here'
line "... binds" "3\. bind the process's net namespace onto ns/net in $W \(.*\)"
line "... what they need" 'needs in all: CAP_NET_ADMIN, CAP_SYS_ADMIN'
"$TOOLS/pidfd" "$TARGET" 9 "$VST" plan --pidfd 9 "$W/a" >"$W/out/other" 2>"$W/out/stderr"
same "the same by --pidfd" attach other
echo "$TARGET" >"$W/pid"
"$VST" plan --pid-file "$W/pid" "$W/a" >"$W/out/other" 2>"$W/out/stderr"
same "the same by --pid-file" attach other
rm "$W/pid"
if [ -z "$VST_USERNS" ] && others_may_run; then
	other "$VST" plan --pid "$TARGET" "$W/a" \
		>"$W/out/other" 2>"$W/out/stderr"
	is "another user may look at a process of root's" $? 0
	same "... and sees the same plan" attach other
fi
unshare -n "$VST" plan --pid "$TARGET" "$W/a" >"$W/out/elsewhere" 2>"$W/out/stderr"
refuses "a plan that was made in another network namespace" 7 'line 3 on' \
	attach --expect "$W/out/elsewhere" --pid "$TARGET" "$W/a"
vst plan "$W/a"
keep prepare
refuses "prepare's plan is not attach's" 7 'line 2 on' attach --expect "$W/out/prepare" --pid "$TARGET" "$W/a"
first=$TARGET
target
refuses "another process" 7 'line 3 on.*nothing was changed' attach --expect "$W/out/attach" --pid "$TARGET" "$W/a"
TARGET=$first
does "attach, as expected" 0 attach --expect "$W/out/attach" --pid "$TARGET" "$W/a"
check "... it is done" ip link show vst-a
does "the same attach once more" 0 attach --expect "$W/out/attach" --pid "$TARGET" "$W/a"
says "... is done already" 'attached to pid .* already; nothing was done'
refuses "... but a plan that is none of it is not" 7 'line 2 on' \
	attach --expect "$W/out/prepare" --pid "$TARGET" "$W/a"
shows "a bundle that is attached" --pid "$TARGET" "$W/a"
line "... is said to be" 'attached already: nothing would be done'
keep attached
does "... and as expected nothing is done" 0 attach --expect "$W/out/attached" --pid "$TARGET" "$W/a"
says "... which is said" 'attached to pid .* already'
target
shows "attached to another process" --pid "$TARGET" "$W/a"
says "... is a note: only attach can tell" 'warning: an earlier attach'
does "detach" 0 detach "$W/a"
ip link add vst-m type veth peer name vst-n
bundle m '{"interfaces": [{"name": "vst-m"}, {"name": "missing"}]}'
shows "a move" --pid "$TARGET" "$W/m"
line "... has the interface's number" "1\. move interface vst-m \(number $(cat /sys/class/net/vst-m/ifindex 2>/dev/null || ip -j link show vst-m | jq '.[0].ifindex')\) from here to there"
line "... and one that is missing" '   would be refused \(failed, exit status 1\): interface missing: .*'
printf '{"interfaces": [{"name": "vst-m"}]}' >"$W/m/runtime.json"
vst plan --pid "$TARGET" "$W/m"
keep m
ip link del vst-m
ip link add vst-m type veth peer name vst-n
refuses "another interface of the name" 7 'nothing was changed' attach --expect "$W/out/m" --pid "$TARGET" "$W/m"
refuses "no such process" 1 'process' plan --pid 4194304 "$W/m"
refuses "process 1" 3 'init' plan --pid 1 "$W/m"

# What interfaces are given; of one that is missing, nothing.
ip link add vst-br type bridge
bundle s '{"interfaces": [{"name": "e", "add": "veth", "bridge": "vst-br", "isolated": true, "mtu": 1400, "up": true, "peerUp": true,
	"mac": "02:00:00:00:00:01", "addresses": ["192.0.2.1/24", "2001:db8::1/64"], "peerAddresses": ["192.0.2.2/24"],
	"routes": [{"to": "default", "via": "192.0.2.2", "metric": 7}, {"to": "2001:db8:1::/48"}]},
	{"name": "vst-m", "keep": ["addresses", "routes", "up"]}, {"name": "missing", "up": true},
	{"name": "f", "add": "veth", "bridge": "vst-m"}]}'
shows "what is set" --pid "$TARGET" "$W/s"
line "... here" "   port of bridge: vst-br \\(number $(ip -j link show vst-br | jq '.[0].ifindex')\\), isolated"
line "... there" '   route: 0.0.0.0/0 via 192.0.2.2 metric 7'
line "... of one that is moved" '   keeps: addresses, routes, up, as it has them here'
line "... not of one that is missing" "   would be refused \\(failed, exit status 1\\): interface 'missing': what is set of it would come behind a step that is refused"
line "... not of what is no bridge" '   would be refused \(conflict, exit status 7\): bridge vst-m: .* is no bridge.*'

# JSON.
bundle b "{\"mkdir\": [\"$W/x \\\"y\", \"/dev/null/x\", \"$W\"], \"interfaces\": [{\"name\": \"vst-m\"}, {\"name\": \"w\", \"add\": \"wireguard\", \"createInRoot\": true}, {\"name\": \"e\", \"peer\": \"p\"}], \"bindNS\": {\"mnt\": \"$W/mnt\"}}"
rw b
for arguments in "$W/b" "$W/a" "--pid $TARGET $W/b" "--pid $TARGET $W/a" "--pid $TARGET $W/m" "--pid $TARGET $W/s"; do
	# shellcheck disable=SC2086
	shows "JSON: ${arguments##*/}" --format json $arguments
	is "... has its schema" "$(wrong "$W/out/stdout")" "[]"
	fails "... on no machine-given text but ours" grep -q '[^[:print:]]' "$W/out/stdout"
done
does "prepare" 0 prepare "$W/a"
shows "JSON: prepared already" --format json "$W/a"
is "... has its schema" "$(wrong "$W/out/stdout")" "[]"
printf '{"mkdir": ["/x"]}' >"$W/a/runtime.json"
shows "JSON: refused as a whole" --format json "$W/a"
is "... has its schema" "$(wrong "$W/out/stdout")" "[]"
check "... says so" jq -e '.refused.exit == 7 and .refused.name == "conflict"' "$W/out/stdout"
vst plan --format json "$W/b"
keep json
check "it is what the text says" jq -e --arg at "$W" '
	.version == 2 and .verb == "prepare" and (.steps | length) == 5 and
	.steps[2].at.rest == "x \"y" and .steps[2].at.directory.path == $at and
	.steps[3].state == "refused" and .steps[3].refusal.exit == 7 and
	.steps[4].state == "there" and (.needs | index("CAP_SETFCAP"))' "$W/out/json"

# The validator: what is broken in each of these ways is not valid.
while read -r change; do
	jq -c "$change" "$W/out/json" >"$W/out/broken"
	said=$(wrong "$W/out/broken")
	if [ "$said" != "[]" ] && [ "${said#\[}" != "$said" ]; then
		ok "broken: $change"
	else
		echo "$said" | not_ok "broken: $change"
	fi
done <<'EOF'
.version = 1
.version = "1"
del(.version)
del(.steps)
.more = 1
.verb = "cleanup"
.already = null
.process = 1
.process = {}
.process = {"pid": 1.5, "identity": "1", "here": "2"}
.containerd_namespace = 1
.refused = {"exit": 7, "name": "conflict"}
.refused = {"exit": 7, "name": "other", "reason": "x"}
.bundle.inode = 7
.bundle.more = "x"
del(.bundle.device)
.steps = {}
.steps[1] = null
.steps[4].kind = "other"
.steps[4].state = "here"
.steps[2].number = "3"
.steps[2].needs = "CAP_SYS_ADMIN"
.steps[2].needs = [1]
.steps[0].also = ["x"]
.steps[2].at.directory = []
.steps[2].at.in_bundle = false
.steps[0].mount.data[0].value = 1
.steps[0].mount.data[0].more = 1
.steps[0].mount.sources = [{"role": "x", "at": {"path": "y"}}]
.steps[1].mount.sources[0].at.path = null
.needs = [[]]
[.]
null
EOF
cat "$W/out/json" "$W/out/json" >"$W/out/broken"
is "two documents are not one" "$(wrong "$W/out/broken")" '["not one document"]'
jq '.properties.version.minimum = 1' "$schema" >"$W/out/schema"
schema=$W/out/schema
fails "a schema that the validator does not know is not passed over" \
	test "$(wrong "$W/out/json")" = "[]"

# Nobody takes it.
"$VST" plan "$W/b" >/dev/full 2>"$W/out/stderr"
status=$?
is "stdout is full" $status 1
says "... and says so" 'standard output: No space left'
"$VST" plan --format json "$W/b" >/dev/full 2>"$W/out/stderr"
is "stdout is full, JSON" $? 1
"$VST" plan "$W/b" >&- 2>"$W/out/stderr"
is "stdout is closed" $? 1

# Who cannot read the journals cannot say that nobody of vestibule's mounted it.
bundle seen
rw seen
does "prepare" 0 prepare "$W/seen"
if [ -n "$VST_USERNS" ]; then
	skip "a plan by who cannot read the journals" "kernel: one user in this namespace"
elif ! others_may_run; then
	skip "a plan by who cannot read the journals" "the build tree is not open to others"
else
	other "$VST" --root "$W/state" plan "$W/seen" >"$W/out/stdout" 2>"$W/out/stderr"
	is "a plan by who cannot read the journals" $? 0
	check "... says what it cannot see" grep -q "whether vestibule made it cannot be seen from here" "$W/out/stdout"
	fails "... and claims nothing" grep -q "not of vestibule" "$W/out/stdout" "$W/out/stderr"
fi
does "cleanup" 0 cleanup "$W/seen"

# As much as there can be: no more memory, and not for long.
mount -t tmpfs tmpfs /mnt
bundle big
awk 'BEGIN { printf "{\"mkdir\":["; for (i = 0; i < 65536; i++) printf "%s\"/mnt/%x\"", i ? "," : "", i; print "]}" }' \
	>"$W/big/runtime.json"
room=4000
# shellcheck disable=SC3045
until (ulimit -v $room && "$VST" plan "$W/m" >/dev/null 2>&1) || [ $room -gt 400000 ]; do
	room=$((room + 1000))
done
fails "there is a bound of the memory at all" test $room -eq 4000
# An instrumented build wants more than there is of it: then only what is shown counts.
bound=$((room + 1000))
[ $room -le 400000 ] || bound=unlimited
# shellcheck disable=SC3045
(ulimit -v $bound && exec "$VST" plan "$W/big" >"$W/out/big" 2>"$W/out/stderr")
status=$?
is "65,536 directories in the memory of none" $status 0
is "... are all shown" "$(grep -c '^[0-9]*\. make directory [0-9a-f]* in /mnt (' "$W/out/big")" 65536
does "... and made as expected" 0 prepare --expect "$W/out/big" "$W/big"
is "... all of them" "$(find /mnt -mindepth 1 | wc -l)" 65536

finish
