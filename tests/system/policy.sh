#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The policy of callers: the file that it is read from, what is wrong with it, and what it says to the steps of
# a plan. Everything is in a root directory of the test's own, where /etc is its own, too.
#
#   $W/root      "/" for the program: root's, mode 0755
#   ├─ etc/      passwd, group, vestibule/policy
#   ├─ srv/ns    root's directory; srv/ci becomes ci's, srv/open is everybody's
#   └─ b, steps  bundles

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

layout private
chmod 755 "$W"
R=$W/root
P=$R/etc/vestibule/policy
FILE=/etc/vestibule/policy

parser=$(grep -ao '/[[:graph:]]*/vestibule-parser' "$VST" | head -n 1)
mkdir -p "$R/etc/vestibule" "$R/proc" "$R/dev" "$R/srv/ns/deep" "$R/srv/ci" "$R/srv/open/ns" \
	"$R/b/rootfs" "$R/steps/rootfs"
mount --rbind /proc "$R/proc"
mount --rbind /dev "$R/dev"
# For an instrumented program, and for at_call; the program itself is static.
for dir in usr lib lib64; do
	if [ -L "/$dir" ]; then
		cp -P "/$dir" "$R/$dir"
	elif [ -d "/$dir" ]; then
		mkdir "$R/$dir"
		mount --rbind "/$dir" "$R/$dir"
	fi
done
cp "$VST" "$R/vestibule"
if [ ! -e "$R$parser" ]; then
	mkdir -p "$R$(dirname "$parser")"
	# It cannot be copied: an installed one can be run and not read.
	: >"$R$parser"
	mount --bind "$parser" "$R$parser"
fi
chmod 777 "$R/srv/open"

cat >"$R/etc/passwd" <<'EOF'
root:x:0:0:root:/root:/bin/sh
+nis:x:0:0:::
ci:x:1001:100:Ci:/srv/ci:/bin/sh
bob:x:1002:100:Bob:/:/bin/sh
broken:x:-1:100:::
ci:x:0:0:second:/:/bin/sh
last:x:1003:1003
twin:x:1004:1001::/:/bin/sh
EOF
cat >"$R/etc/group" <<'EOF'
root:x:0:
users:x:100:
containers:x:101:cicada,ci
others:x:102:bob
EOF
printf '{"bindNS":{"net":"/srv/ns/deep/a","uts":"/srv/ns/b"}}' >"$R/b/runtime.json"

# in_root [COMMAND...] -- ARGUMENTS: the program there, by that command if there is one.
in_root() {
	in_root_by=
	while [ "$1" != -- ]; do
		in_root_by="$in_root_by $1"
		shift
	done
	shift
	# shellcheck disable=SC2086
	${in_root_by:-chroot "$R"} /vestibule "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

vp() {
	in_root -- policy "$@"
}

# gives DESCRIPTION STATUS PATTERN: the last run's status, and one line of its messages.
gives() {
	if [ "$status" -eq "$2" ] && grep -Eq -e "$3" "$W/out/stderr"; then
		ok "$1"
	else
		{ echo "wanted status $2 and: $3"; said; } | not_ok "$1"
	fi
}

# line DESCRIPTION PATTERN: standard output has such a line.
line() {
	if grep -Eq -e "$2" "$W/out/stdout"; then
		ok "$1"
	else
		{ echo "wanted: $2"; said; } | not_ok "$1"
	fi
}

policy() {
	printf '%s\n' "$@" >"$P"
	chmod 644 "$P"
}

# No file, and none that permits anything.
vp check
gives "no policy is right" 0 "there is no $FILE: nobody but root is permitted anything"
vp explain --user ci --pid $$ /b
gives "no policy: explained" 3 "2 of 2 steps would be denied"
line "... every step is denied" "^1\. bind the process's net namespace onto .*: denied: there is no $FILE, so nobody but root"
mv "$R/etc/vestibule" "$R/etc/elsewhere"
vp check
gives "no directory for it either" 0 "there is no $FILE"
mv "$R/etc/elsewhere" "$R/etc/vestibule"
: >"$P"
vp check
gives "an empty policy is right" 0 "$FILE: 0 rules"

sed -n '/^\.Bd -literal$/,/^\.Ed$/p' "$top/man/vestibule-policy.5" | grep -v '^\.' >"$P"
vp check
gives "the examples of the manual are right" 0 "$FILE: 2 rules"
says "... and a bridge that is not there" "warning: $FILE:1: bridge 'br-users': there is no such interface"
says "... and what is not there" "warning: $FILE:2: open /srv/ci/ns: No such file"
policy '# A CI runner' '' 'permit user ci ns net,uts beneath /srv/ns count 64' \
	'permit group containers ns ipc beneath /srv/ns/deep count 8	# a comment'
vp check
gives "a policy that is right" 0 "$FILE: 2 rules"
is "... and nothing else is said" "$(wc -l <"$W/out/stderr")" 1

# The file: only root can have written it. The good one is $W/good, put in place anew each time.
cp "$P" "$W/good"
again() {
	rm -rf "$P"
	cp "$W/good" "$P"
	chmod 644 "$P"
}

# untrusted DESCRIPTION PATTERN UNDO...: refused by check, and everything denied by explain; then it is undone.
# Where a directory of /etc/passwd is concerned, --user does not know anybody: $dir_of_accounts.
dir_of_accounts=
untrusted() {
	untrusted_what=$1
	untrusted_pattern=$2
	shift 2
	vp check
	gives "$untrusted_what is refused" 4 "^vestibule: $untrusted_pattern"
	vp explain --user ci --pid $$ /b
	if [ -n "$dir_of_accounts" ]; then
		gives "... and explains nothing" 4 "^vestibule: $untrusted_pattern"
	else
		gives "... and nobody gets anything" 3 "2 of 2 steps would be denied"
		line "... for that reason" ": denied: $untrusted_pattern.*; until that is mended nobody but root is permitted anything"
	fi
	"$@"
}

for dir in / /etc /etc/vestibule; do
	dir_of_accounts=1
	[ $dir != /etc/vestibule ] || dir_of_accounts=
	for mode in 775 757 1777; do
		chmod $mode "$R$dir"
		untrusted "$dir, mode $mode" "directory $dir can be written by others than its owner: chmod go-w" \
			chmod 755 "$R$dir"
	done
done
for mode in 664 646; do
	chmod $mode "$P"
	untrusted "a file, mode $mode" "$FILE can be written by others than its owner: chmod go-w" again
done
ln "$P" "$R/etc/other-name"
untrusted "a file with two names" "$FILE has 2 names and has to have one" rm "$R/etc/other-name"
mv "$P" "$R/etc/target"
ln -s ../target "$P"
untrusted "a symbolic link" "$FILE is a symbolic link, not a regular file" again
rm -rf "$P"
mkdir "$P"
untrusted "a directory" "$FILE is a directory, not a regular file" again
rm "$P"
mkfifo "$P"
untrusted "a FIFO" "$FILE is a special file, not a regular file" again
mv "$R/etc/vestibule" "$R/etc/real"
ln -s real "$R/etc/vestibule"
untrusted "a directory that is a symbolic link" "/etc/vestibule is a symbolic link, which is not followed" \
	rm "$R/etc/vestibule"
echo >"$R/etc/vestibule"
untrusted "a file in place of the directory" "/etc/vestibule is no directory" rm "$R/etc/vestibule"
mv "$R/etc/real" "$R/etc/vestibule"
head -c 65537 /dev/zero | tr '\0' '\n' >"$P"
untrusted "a file that is too large" "$FILE has more than 65536 bytes" again
if [ -z "$VST_USERNS" ]; then
	chown 1001 "$P"
	untrusted "a file of another user" "$FILE is of uid 1001 and has to be root's: chown it" again
	chown 1001 "$R/etc/vestibule"
	untrusted "a directory of another user" "directory /etc/vestibule is of uid 1001 and has to be root's" \
		chown 0 "$R/etc/vestibule"
fi

# The files of accounts, if their names are wanted.
chmod 666 "$R/etc/passwd"
vp check
gives "/etc/passwd that others can write is refused" 4 "/etc/passwd can be written by others"
chmod 644 "$R/etc/passwd"
chmod 666 "$R/etc/group"
vp check
gives "... and /etc/group" 4 "/etc/group can be written by others"
chmod 666 "$R/etc/passwd"
policy 'permit uid 1001 ns net beneath /srv/ns'
vp check
gives "... but not where no name is wanted" 0 "$FILE: 1 rules"
chmod 644 "$R/etc/passwd" "$R/etc/group"
again

# changes WHEN HOW...: the program ($verb) stands still where it reads the policy, the first that it reads after
# it has begun to walk; and the file is changed.
changes() {
	changes_when=$1
	shift
	# shellcheck disable=SC2086
	chroot "$R" /at_call /calls -- /vestibule policy $verb >/dev/null 2>&1 </dev/null
	policy_read=$(awk '$2 == "openat2" { walks = 1 } walks && $2 == "read" { print $3; exit }' "$R/calls")
	rm -f "$R/hold" "$R/hold.go"
	# shellcheck disable=SC2086
	chroot "$R" /at_call /hold "program:read:$policy_read:$changes_when" -- /vestibule policy $verb \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
	HELD=$!
	ours $HELD
	wait_until test -s "$R/hold"
	"$@"
	: >"$R/hold.go"
	wait $HELD
	status=$?
}
replace() {
	cp "$P" "$P.new"
	mv "$P.new" "$P"
}
append() {
	echo 'permit uid 1 veth bridge b' >>"$P"
}
shed() {
	held=$(cat "/proc/$HELD/task/$HELD/children")
	is "$verb: without any capability" "$(sed -n 's/^Cap\(Prm\|Eff\):[[:space:]]*//p' "/proc/${held% }/status" | tr -d '0\n')" ""
}
if can_hold "the file changes while it is read"; then
	cp "$TOOLS/at_call" "$R/at_call"
	verb=check
	changes hold true
	gives "the file stays as it is while it is read" 0 "$FILE: 2 rules"
	changes hold shed
	verb="explain --pid $$ /b"
	changes hold shed
	verb=check
	for when in hold held; do
		changes $when replace
		gives "replaced, $when: is refused" 4 "$FILE was changed while it was read; try again"
		again
		changes $when append
		gives "written to, $when: is refused" 4 "$FILE was changed while it was read; try again"
		again
	done
fi

# What is wrong is told by its place, and nothing of the text is shown.
wrong() {
	policy '# 1' "$2"
	vp check
	gives "$1" 4 "^vestibule: $FILE:2:$3: $4"
}
wrong "no verb" "allow user ci veth bridge b" 1 "a rule begins with 'permit'"
wrong "nobody" "permit" 7 "write who: user NAME, group NAME, uid NUMBER or gid NUMBER"
wrong "no name" "permit user 1001 veth bridge b" 13 "a name has letters"
wrong "no number" "permit uid ci veth bridge b" 12 "an id is a decimal number from 0 to 4294967294"
wrong "the id -1" "permit uid 4294967295 veth bridge b" 12 "an id is a decimal number"
wrong "nothing that is permitted" "permit user ci" 15 "write what is permitted: ns KINDS beneath PATH, or veth bridge NAME"
wrong "a mount" "permit user ci tmpfs beneath /srv" 16 "write what is permitted"
wrong "a kind that is none" "permit user ci ns net,nt beneath /srv" 23 "write kinds of namespaces"
wrong "a mount namespace" "permit user ci ns net,mnt beneath /srv" 23 "mount namespaces are never granted"
wrong "a kind twice" "permit user ci ns net,net beneath /srv" 23 "this kind is there already"
wrong "no directory" "permit user ci ns net" 22 "write 'beneath' and a directory"
wrong "a relative directory" "permit user ci ns net beneath srv" 31 "write an absolute path"
wrong "a directory with .." "permit user ci ns net beneath /srv/../etc" 31 "write the path without"
wrong "a directory with a pattern" "permit user ci ns net beneath /srv/*" 36 "a path has only letters"
wrong "no bridge" "permit user ci veth br0" 21 "write 'bridge' and its name"
wrong "a name that is no interface's" "permit user ci veth bridge a/b" 28 "write the bridge's name"
wrong "no count" "permit user ci veth bridge b count" 35 "write a decimal number from 1 to 999"
wrong "a count that is too high" "permit user ci veth bridge b count 1000" 36 "write a decimal number from 1 to 999"
wrong "a total that is too high" "permit user ci veth bridge b total 1024" 36 "write a decimal number from 1 to 1023"
wrong "an option twice" "permit user ci veth bridge b count 1 count 1" 38 "this is given twice"
wrong "options in another order" "permit user ci veth bridge b count 1 shared" 38 "the order is: shared"
wrong "a bridge's option" "permit user ci ns net beneath /srv shared" 36 "'shared' and 'total' belong to bridges"
wrong "another word" "permit user ci ns net beneath /srv always" 36 "only 'count NUMBER' may follow"
wrong "a comment without a blank" "permit user ci veth bridge b#c" 29 "a comment begins after a blank"
wrong "a carriage return" "$(printf 'permit user ci veth bridge b\r')" 29 "a carriage return"
wrong "a byte that is not ASCII" "$(printf '# caf\303\251')" 6 "a byte that is not ASCII"
wrong "a control character" "$(printf '# \033[2J')" 3 "a control character"
printf '# 1\npermit user ci \0' >"$P"
vp check
gives "a NUL byte" 4 "^vestibule: $FILE:2:16: a NUL byte"
printf '# 1\npermit user ci veth bridge b' >"$P"
vp check
gives "a line that does not end" 4 "^vestibule: $FILE:2:29: the last line does not end"
policy 'permit user ci veth bridge b shared' 'permit user bob veth bridge b'
vp check
gives "lines of a bridge that disagree" 4 "^vestibule: $FILE:2:29: 'shared' is of the bridge, and line 1"
policy 'permit user ci secret veth bridge b'
vp check
gives "what stands in the file" 4 "^vestibule: $FILE:1:16"
fails "... is not shown" grep -q secret "$W/out/stderr"
vp explain --user ci --pid $$ /b
line "a policy that is wrong permits nothing" ": denied: $FILE:1:16: write what is permitted.*; until that is mended nobody but root"
{
	yes '# a line' | head -n 1024
	echo
} >"$P"
vp check
gives "a line too many" 4 "^vestibule: $FILE:1025:1: a policy has at most 1024 lines"

# Warnings.
policy 'permit user cicada ns net beneath /srv/ns' 'permit user broken ns net beneath /srv/ns' \
	'permit group ci ns net beneath /srv/ns' 'permit user nis ns net beneath /srv/ns' \
	'permit user bob ns net beneath /srv/none' 'permit user bob ns net beneath /srv/open/ns' \
	'permit user last ns net beneath /srv/ns'
vp check
gives "what permits nothing is told" 0 "$FILE: 7 rules"
says "... a user that is unknown" "warning: $FILE:1: there is no user 'cicada' in /etc/passwd: the line permits nothing"
says "... a number that is none" "warning: $FILE:2: there is no usable number for user 'broken'"
says "... a group that is unknown" "warning: $FILE:3: there is no group 'ci' in /etc/group"
says "... a name of NIS" "warning: $FILE:4: there is no user 'nis'"
says "... a directory that is missing" "warning: $FILE:5: open /srv/none: No such file or directory: the line permits nothing"
says "... a directory beneath one that others can write" "warning: $FILE:6: directory /srv/open can be written by others"
is "... and no more" "$(grep -c warning "$W/out/stderr")" 6

# A draft is judged by its text alone.
printf 'permit user ci ns net beneath /srv/ns\n' >"$R/draft"
chmod 666 "$R/draft"
vp check /draft
gives "a draft" 0 "/draft: 1 rules"
in_root chroot "$R" -- policy check draft
gives "... by a relative path" 0 "draft: 1 rules"
echo 'permit' >>"$R/draft"
vp check /draft
gives "... that is wrong" 4 "^vestibule: /draft:2:7: write who"
vp check /none
gives "... that is missing" 1 "open /none: No such file"
mkfifo "$R/fifo"
vp check /fifo
gives "... that is a FIFO" 4 "/fifo is a special file"
vp check /draft /draft
gives "... and one too many" 2 "policy check takes one file"

# What it says to each step.
policy 'permit user bob ns net,uts beneath /srv/ns count 99' 'permit user ci ns net beneath /srv/ns count 3' \
	'permit group containers ns net,uts beneath /srv/ns/deep count 5' \
	'permit user ci ns pid beneath /srv/none count 90' 'permit group users ns ipc beneath /srv/open/ns count 91'
vp explain --user ci --pid $$ /b
gives "explained for a user" 3 "1 of 2 steps would be denied"
line "... by his line, and the highest count of his" "^1\. bind the process's net namespace onto a in /srv/ns/deep .*: allowed by $FILE:2, count 5 \(line 3\)$"
line "... the nearest line" "^2\. .*: denied: $FILE:3 permits it beneath its directory, where this path is not$"
vp explain --user 1001 --pid $$ /b
gives "... by his uid" 3 "1 of 2 steps would be denied"
line "... as by his name" ": allowed by $FILE:2, count 5"
vp explain --user bob --pid $$ /b
is "everything is allowed" $status 0
line "... and says so" "^2\. .*: allowed by $FILE:1, count 99$"
vp explain --user last --pid $$ /b
line "nothing is for him" "^1\. .*: denied: $FILE:1 permits such a step to others only$"
printf '{"bindNS":{"ipc":"/srv/open/ns/a","pid":"/srv/ns/x","cgroup":"/srv/ns/y"}}' >"$R/steps/runtime.json"
vp explain --user ci --pid $$ /steps
line "a directory that others can change" "ipc namespace onto .*: denied: $FILE:5 names a directory that others can change, so it permits nothing$"
line "a directory that is not there" "pid namespace onto .*: denied: $FILE:4 names a directory that is not there, so it permits nothing$"
line "another kind of namespace" "cgroup namespace onto .*: denied: $FILE:2 permits other kinds of namespaces$"
printf '{"bindNS":{"mnt":"/srv/ns/m"}}' >"$R/steps/runtime.json"
vp explain --user ci --pid $$ /steps
line "a mount namespace is never permitted" "mnt namespace onto .*: denied: $FILE:2 permits other kinds"

# Beneath is beneath the directory itself, not beneath a name that begins alike, nor what a link leads to.
mkdir "$R/srv/ns2"
ln -s ../ns2 "$R/srv/ns/link"
printf '{"bindNS":{"net":"/srv/ns2/a","uts":"/srv/ns/link/b"}}' >"$R/steps/runtime.json"
policy 'permit user ci ns net,uts beneath /srv/ns'
vp explain --user ci --pid $$ /steps
line "a name that begins alike is not beneath" "net namespace onto a in /srv/ns2 .*: denied: $FILE:1 permits it beneath its directory"
line "what a link leads to is not beneath" "uts namespace onto b in /srv/(ns/link|ns2) .*: denied: $FILE:1 permits it beneath its directory"
mount --bind "$R/srv/ns2" "$R/srv/ns/deep"
printf '{"bindNS":{"net":"/srv/ns/deep/a"}}' >"$R/steps/runtime.json"
vp explain --user ci --pid $$ /steps
line "a mount beneath it is beneath" "net namespace onto .*: allowed by $FILE:1, count 4$"
printf '{"bindNS":{"net":"/srv/ns2/a"}}' >"$R/steps/runtime.json"
policy 'permit user ci ns net beneath /srv/ns/deep'
vp explain --user ci --pid $$ /steps
line "the same directory on another mount is another one" ": denied: $FILE:1 permits it beneath its directory"
umount "$R/srv/ns/deep"

# A user's own directory counts in his line, not in a group's.
if [ -z "$VST_USERNS" ]; then
	mkdir "$R/srv/ci/ns"
	chown -R 1001 "$R/srv/ci"
	printf '{"bindNS":{"net":"/srv/ci/ns/a"}}' >"$R/steps/runtime.json"
	for who in 'user ci' 'uid 1001'; do
		policy "permit $who ns net beneath /srv/ci/ns"
		vp explain --user ci --pid $$ /steps
		line "$who: his own directory" ": allowed by $FILE:1, count 4$"
	done
	for who in 'group containers' 'gid 100'; do
		policy "permit $who ns net beneath /srv/ci/ns"
		vp explain --user ci --pid $$ /steps
		line "$who: a member's directory" ": denied: $FILE:1 names a directory that others can change"
	done
	policy 'permit gid 1001 ns net beneath /srv/ci/ns'
	vp explain --user twin --pid $$ /steps
	line "a gid that is a number like the owner's" ": denied: $FILE:1 names a directory that others can change"
	policy 'permit user bob ns net beneath /srv/ci/ns'
	vp explain --user bob --pid $$ /steps
	line "another user's directory" ": denied: $FILE:1 names a directory that others can change"
fi

# A file that is there has to be his.
printf '{"bindNS":{"net":"/srv/ns/theirs"}}' >"$R/steps/runtime.json"
policy 'permit uid 1001 ns net beneath /srv/ns' 'permit uid 0 ns net beneath /srv/ns'
: >"$R/srv/ns/theirs"
vp explain --user ci --pid $$ /steps
line "a file that is somebody else's" ": denied: $FILE:1 would permit it, but the file that is there is not the caller's$"
vp explain --user root --pid $$ /steps
line "... and its owner's" ": allowed by $FILE:2, count 4$"
rm "$R/srv/ns/theirs"

# Steps of other kinds.
printf '{"interfaces":[{"name":"v0","peer":"h0"},{"name":"d0","add":"dummy"},{"name":"w0","add":"wireguard","createInRoot":true},{"name":"m0"}],
"mkdir":["/srv/x","y"],"cgroups":["c"],
"mounts":[{"destination":"/srv/t","type":"tmpfs"},{"destination":"/srv/b","source":"/srv/ns","options":["bind"]},
{"destination":"/srv/b","options":["remount","ro"]},{"destination":"/srv/b","options":["private"]}]}' >"$R/steps/runtime.json"
policy 'permit user ci veth bridge br-users'
vp explain --user ci --pid $$ /steps
line "a pair" "^1\. create a pair of veth, v0 there and h0 here: denied: $FILE:1 permits a veth on its bridge, and the document names another one, or none"
line "another kind of interface" "^2\. .*: denied: of interfaces only veth is granted$"
line "an interface that keeps a socket here" "^3\. .*: denied: createInRoot is never granted"
line "an interface that is there" "^4\. .*: denied: moving an existing interface is never granted"
policy 'permit user bob veth bridge br-users'
vp explain --user ci --pid $$ /steps
line "a pair for others" "^1\. .*: denied: $FILE:1 permits such a step to others only$"
vp explain --user ci /steps
gives "prepare" 3 "5 of 8 steps would be denied"
for n in 1 2 3 4 5; do
	line "mount $n is never granted" "^$n\. .*: denied: mounts are never granted; in a user namespace of your own mounts need no privilege: unshare -Urm"
done
for n in 6 7 8; do
	line "step $n needs no line" "^$n\. make (directory|cgroup) .*: needs no line: it is done with the caller's own rights$"
done
rm "$P"
vp explain --user ci /steps
line "... without a policy either" "^6\. make directory /srv/x: needs no line: it is done with the caller's own rights$"
line "... and a mount is not a matter of lines" "^1\. .*: denied: mounts are never granted"
mkdir "$R/b/none"
: >"$R/b/none/runtime.json.not"
mkdir -p "$R/nothing/rootfs"
vp explain --user ci --pid $$ /nothing
is "nothing to do" $status 0
line "... is said" "^no steps: there is nothing to do$"

# Who asks.
again
vp explain --pid $$ /b
is "root himself" $status 0
if [ -z "$VST_USERNS" ]; then
	line "... needs no line" "^1\. .*: needs no line: root is not judged by the policy$"
	in_root unshare -Ur chroot "$R" -- policy explain --pid $$ /b
	is "root of a user namespace" $status 0
fi
line "... is judged by the kernel" "^1\. .*: needs no line: in a user namespace the kernel alone decides"
vp explain --user cicada --pid $$ /b
gives "a user that is unknown" 2 "--user: there is no user 'cicada' in /etc/passwd"
vp explain --user broken --pid $$ /b
gives "a user with no usable number" 2 "--user: the line of user 'broken' in /etc/passwd is malformed"
vp explain --user 4711 --pid $$ /b
gives "a uid without a user" 2 "--user: /etc/passwd has no user with uid 4711"
vp explain --user ci --pid $$ /none
gives "a bundle that is missing" 4 "bundle /none"
in_root setpriv --securebits +noroot,+noroot_locked --inh-caps +sys_chroot --ambient-caps +sys_chroot chroot "$R" \
	-- policy explain --user ci --pid $$ /b
gives "--user by somebody else" 3 "--user: what the policy lets another user do is for root to ask"
is "... says nothing more" "$(cat "$W/out/stdout")" ""

if [ -z "$VST_USERNS" ]; then
	as_ci="chroot --userspec=1001:100 --groups=101 $R"
	policy 'permit user ci ns net beneath /srv/ns' 'permit group containers ns uts beneath /srv/ns'
	# shellcheck disable=SC2086
	in_root $as_ci -- policy explain --pid $$ /b
	is "a user himself, by his uid and his groups" $status 0
	line "... his uid" "net namespace .*: allowed by $FILE:1, count 4$"
	line "... his groups" "uts namespace .*: allowed by $FILE:2, count 4$"
	in_root chroot --userspec=1001:100 --groups= "$R" -- policy explain --pid $$ /b
	line "... without the group" "uts namespace .*: denied: $FILE:1 permits other kinds of namespaces$"
	# shellcheck disable=SC2086
	in_root $as_ci -- policy check
	gives "he may check it" 0 "$FILE: 2 rules"
	# shellcheck disable=SC2086
	in_root $as_ci -- policy explain --user bob --pid $$ /b
	gives "... but not ask about others" 3 "--user: what the policy lets another user do is for root to ask"
	chmod 600 "$P"
	# shellcheck disable=SC2086
	in_root $as_ci -- policy explain --pid $$ /b
	gives "a policy that he may not read" 3 "not for everybody to read.*open $FILE: Permission denied"
	chmod 700 "$R/srv/ns"
	chmod 644 "$P"
	policy 'permit user ci ns net beneath /srv/ns/deep'
	# shellcheck disable=SC2086
	in_root $as_ci -- policy explain --pid $$ /b
	line "a directory that he cannot look into" ": denied, whatever the policy says: .*Permission denied$"
	printf '{"bindNS":{"net":"/srv/ns2/a"}}' >"$R/steps/runtime.json"
	# shellcheck disable=SC2086
	in_root $as_ci -- policy explain --pid $$ /steps
	line "... nor the policy for him" ": denied: $FILE:1 names a directory that cannot be looked at from here$"
	chmod 755 "$R/srv/ns"
fi

# A line of somebody else's is not looked at: its directory may be on a server that is dead.
if ! command -v strace >/dev/null; then
	skip "directories of others' lines are not looked at" "strace is not installed"
else
	policy 'permit user bob ns net beneath /srv/open/bobs' 'permit user ci ns net beneath /srv/ns'
	strace -f -o "$W/out/trace" -e trace=openat,openat2 chroot "$R" /vestibule policy explain --user ci --pid $$ /b \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	check "his own line's directory is looked at" grep -q '"ns"' "$W/out/trace"
	fails "directories of others' lines are not looked at" grep -q '"open"' "$W/out/trace"
fi

vp
gives "no second word" 2 "'policy' is the first of two words"
vp chek
gives "another second word" 2 "there is no verb 'policy chek'"
vp explain --root /r /b
gives "an option that it does not take" 2 "policy explain takes no option --root"

finish
