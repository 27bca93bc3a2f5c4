#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Each call by which the parser is confined fails in turn (EPERM), and then only claims to have
# succeeded: the run is refused both times, and nothing is done. First in whole runs, where a call
# is failed by its number among those of its name, and so perhaps one of vestibule's own too; then
# in the parser alone, whose exit status says which part could not be had.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

if ! command -v strace >/dev/null; then
	skip "confinement" "strace is not installed"
	finish
fi

layout private
bundle b '{"mkdir": []}'
# A group to be dropped: without one, pretending to drop it does no harm.
grouped=
[ -n "$VST_USERNS" ] || grouped='setpriv --groups 7'

# shellcheck disable=SC2086
traced() {
	timeout 15 $grouped strace -f -qq -o "$W/out/trace" "$@" \
		"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

traced
is "a traced run succeeds" $status 0
vst cleanup "$W/b"
cp "$W/out/trace" "$W/out/whole"

# The calls of the child that set something, as "NAME NUMBER WHAT", up to the start of the parser.
awk '
{ pid = $1; sub(/^[0-9]+ +/, "") }
NR == 1 { parent = pid }
/^(<|\+|-)/ || pid == parent { next }
{
	name = $0
	sub(/\(.*/, "", name)
	n[name]++
	what = ""
	if (match($0, /^prctl\(PR_SET_[A-Z_]*/))
		what = substr($0, 7, RLENGTH - 6)
	else if (name ~ /^(capset|setgroups|setresgid|setresuid|execveat)$/)
		what = name
	if (what != "")
		print name, n[name], what
	if (name == "execveat")
		exit
}' "$W/out/whole" >"$W/out/calls"

inject() {
	before
	traced -e "trace=$1" -e "inject=$1:$3:when=$2"
	snapshot >"$W/out/after" 2>&1
	{
		case $status in
		[1346]) ;;
		0) echo "it was accepted" ;;
		*) echo "wanted status 1, 3, 4 or 6" ;;
		esac
		[ "$(grep -cv '^+' "$W/out/stderr")" -eq 1 ] || echo "wanted one line"
		diff "$W/out/before" "$W/out/after"
	} >"$W/out/wrong"
	[ $status -ne 0 ] || vst cleanup "$W/b"
}

while read -r name number what; do
	inject "$name" "$number" error=EPERM
	if [ -s "$W/out/wrong" ]; then
		{ cat "$W/out/wrong"; said; } | not_ok "$what fails"
	else
		ok "$what fails: $(head -1 "$W/out/stderr" | cut -c1-100)"
	fi
	inject "$name" "$number" retval=0
	# vestibule is not dumpable before: there is nothing to claim.
	if [ -s "$W/out/wrong" ] && [ "$what" != PR_SET_DUMPABLE ]; then
		{ cat "$W/out/wrong"; said; } | not_ok "$what claims to have succeeded"
	else
		ok "$what claims to have succeeded: $(head -1 "$W/out/stderr" | cut -c1-100)"
	fi
done <"$W/out/calls"

# That this looked at something: every mandatory part is among the calls.
wanted="capset execveat PR_SET_DUMPABLE PR_SET_NO_NEW_PRIVS"
[ -n "$VST_USERNS" ] || wanted="$wanted setgroups setresgid setresuid"
for what in $wanted; do
	check "$what was among them" grep -q " $what\$" "$W/out/calls"
done

# The parser alone, as it is started: no descriptor but 0 and 3, no privilege.
cp "$(dirname "$VST")/vestibule-parser" "$W/parser" 2>/dev/null ||
	cp "$(dirname "$VST")/../libexec/vestibule/vestibule-parser" "$W/parser"
# Readable: otherwise it starts non-dumpable, and only claiming to make it so does no harm.
chmod 755 "$W/parser"
echo '{}' >"$W/doc"
if [ -n "$VST_USERNS" ]; then
	nobody=
else
	nobody='--reuid 65534 --regid 65534 --clear-groups'
fi
alone() {
	: >"$W/out/trace"
	chmod 666 "$W/out/trace"
	# shellcheck disable=SC2086
	timeout 15 "$TOOLS/pair" /usr/bin/setpriv --no-new-privs --bounding-set=-all --inh-caps=-all \
		$nobody "$strace" -qq -o "$W/out/trace" "$@" "$W/parser" 1 0 \
		<"$W/doc" >"$W/out/stdout" 2>"$W/out/stderr"
	status=$?
}
strace=$(command -v strace)
alone
is "the parser alone succeeds" $status 0
cp "$W/out/trace" "$W/out/whole.alone"
awk '
/^sendto/ { exit }
{
	name = $0
	sub(/\(.*/, "", name)
	n[name]++
	part = ""
	if (/^prctl\(PR_SET_DUMPABLE/) part = "DUMPABLE"
	else if (/^prctl\(PR_GET_DUMPABLE/) part = "DUMPABLE"
	else if (/^prctl\(PR_GET_NO_NEW_PRIVS/) part = "NNP"
	else if (name == "capget") part = "CAPS"
	else if (name == "prlimit64") part = "RLIMIT"
	else if (name ~ /^[gs]etitimer$/) part = "TIMER"
	else if (name ~ /^landlock/) part = "LANDLOCK"
	else if (name == "seccomp") part = "FILTER"
	if (part != "")
		print name, n[name], part, (/PR_SET|, \{rlim|^setitimer|^landlock_restrict|^seccomp/ ? "sets" : "looks")
}' "$W/out/whole.alone" >"$W/out/calls.alone"
number_of() {
	sed -n "s/^VST_CONFINE($1, *\([0-9]*\),.*/\1/p" "$top/ipc/confine_parts.def"
}
while read -r name number part does; do
	alone -e "trace=$name" -e "inject=$name:error=EPERM:when=$number"
	is "alone: $name $number fails: $part" "$status" "$(number_of "$part")"
	# What only looks cannot claim anything; the core limit is 0 before as well.
	[ "$does" = sets ] || continue
	alone -e "trace=$name" -e "inject=$name:retval=0:when=$number"
	if [ $status -eq 0 ] && grep -q 'RLIMIT_CORE.*INJECTED' "$W/out/trace"; then
		continue
	fi
	is "alone: $name $number claims to have succeeded: $part" "$status" "$(number_of "$part")"
done <"$W/out/calls.alone"
for part in DUMPABLE NNP CAPS RLIMIT TIMER FILTER; do
	check "alone: $part was among them" grep -qw "$part" "$W/out/calls.alone"
done

if grep -q 'landlock_create_ruleset.* = [1-9]' "$W/out/whole.alone"; then
	check "alone: LANDLOCK was among them" grep -q landlock_restrict_self "$W/out/calls.alone"
else
	skip "landlock" "kernel: has no Landlock"
fi

# The order: everything is there before the first byte is read.
awk '
{ pid = $1; sub(/^[0-9]+ +/, "") }
NR == 1 { parent = pid }
pid == parent { next }
/^seccomp\(/ { filtered = 1 }
/^read\(0/ && !filtered { early = 1 }
/^(open|openat|socket|execve|clone|fork|mmap)\(/ && filtered { wide = 1 }
END { exit !(filtered && !early && !wide) }' "$W/out/whole"
is "nothing is read before the filter, and nothing but reading and sending comes after it" $? 0

# The parent, too: what the parser says is looked at without the right to become somebody else, and
# behind the filter.
awk '
{ pid = $1; sub(/^[0-9]+ +/, "") }
NR == 1 { parent = pid }
pid != parent { next }
/^clone\(/ { started = 1 }
/^capset\(/ { able = /SETUID|SETGID/ }
/^seccomp\(/ && started { filtered = 1 }
/recvmsg\(/ { if (!filtered || able) early = 1; took = 1 }
END { exit !(took && !early) }' "$W/out/whole"
is "the parent takes no message before its own filter, nor with the parser's capabilities" $? 0

# Without a document there is nothing to wait for.
bundle nothing
for verb in plan prepare cleanup; do
	root="--root $W/state"
	[ $verb != plan ] || root=
	# shellcheck disable=SC2086
	strace -f -o "$W/out/trace" "$VST" $root $verb "$W/nothing" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	is "$verb without a document" $? 0
	check "... is behind the filter" grep -q ' seccomp(SECCOMP_SET_MODE_FILTER.* = 0$' "$W/out/trace"
	awk '
	/ capset\(/ { able = /SETUID|SETGID/ }
	/ openat\(/ && /state|journal/ && (able || !filtered) { early = 1 }
	/ seccomp\(/ { filtered = 1 }
	END { exit early }' "$W/out/trace"
	is "... before it looks at the state directory" $? 0
done

finish
