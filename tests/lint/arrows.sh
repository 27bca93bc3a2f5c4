#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Which part may know which: by what the sources include, by what the objects call, and by what
# the programs were linked with. Wants both programs built.

# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

V=$B/vestibule
P=$B/vestibule-parser

sources() {
	find ipc parser policy privileged -name '*.[ch]'
}

# includes PATTERN [FILE...]: the include lines that match (ERE), among all sources by default.
includes() {
	pattern=$1
	shift
	# shellcheck disable=SC2046
	[ $# -gt 0 ] || set -- $(sources)
	grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$pattern" "$@"
}

# The files but for those whose name matches.
but() {
	sources | grep -Ev "$1"
}

# calls PATTERN OBJECT...: undefined symbols that match the whole name, each with its object.
calls() {
	pattern=$1
	shift
	nm -A -u "$@" | sed 's/@.*//' | grep -E " (__)?($pattern)(64)?(_chk)?\$"
}

# needs OBJECT...: what was included on the way, from the compiler's own list.
needs() {
	for object; do
		sed 's/ /\n/g' "${object%.o}.d" | grep '\.h$' |
			sed -e "s|^|${object#"$O"/}: |" -e ':up; s|[a-z_]*/\.\./||; t up'
	done
}

# The objects that are linked into vestibule, by the Makefile's own list.
objects=$(make -s B="$B" print-privileged | tr ' ' '\n')
O=$(echo "$objects" | sed -n 's|/privileged/main\.o$||p')

# The rooms of privileged/, and which of them each may include, beside itself, ipc/ and policy/. What lies
# in privileged/ itself may include all of them, and nothing includes that.
rooms='
kernel
rights
ns		rights kernel
journal		rights ns kernel
self		ns kernel
seam		rights kernel
act		journal rights ns kernel
link		act journal rights ns kernel
mount		act journal rights self kernel
exec		act journal rights ns kernel
resolve		link kernel
show		rights self kernel
trust		kernel
undo		exec mount link act resolve journal rights self ns kernel
execute		undo exec mount link act resolve journal kernel
'
execs=$(echo "$objects" | grep '/exec_[a-z_]*\.o$')
taking=$(echo "$objects" | grep -E '/(execute|undo)\.o$')
rules="$O/policy/plan.o $O/policy/capabilities.o $O/policy/admit.o $O/policy/confirm.o $O/policy/steps.o $O/policy/verbs.o $O/policy/rules.o $O/policy/accounts.o $O/policy/grant.o $O/policy/slot.o"
acting=$(echo "$objects" | grep privileged/)

for file in $V $P $objects; do
	[ -e "$file" ] || echo "$file is missing: make first"
done | none "everything that is looked at is there"

# shellcheck disable=SC2046
{
	includes '([.a-z/]*/)?parser/' $(but '^parser/')
} | none "nothing outside parser/ includes anything of parser/"
includes '(\.\./)?(privileged|policy)/' parser/*.[ch] |
	none "parser/ includes nothing of privileged/ and policy/"
includes '\.\./(parser|policy|privileged)/' ipc/*.[ch] | none "ipc/ includes nothing above it"
includes '\.\./privileged/' policy/*.[ch] | grep -v '^policy/filter_gen\.c:.*/kernel_[a-z]*\.h' |
	none "policy/ includes nothing of privileged/, but the build tool the numbers of new system calls"
includes '([a-z./]*/)?main\.h' | none "nothing includes main"
includes '[^>"]*\.c[>"]' | none "nothing includes a .c file"

# Each include as "FILE ROOM", the room of what is included: "-" what is outside of privileged/, "." what
# lies in it.
into() {
	find privileged -name '*.[ch]' -exec grep -HoE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"[^"]+"' {} + |
		awk -F'"' '{
			file = $1
			sub(/:.*/, "", file)
			own = file
			sub(/^privileged\//, "", own)
			own = own ~ /\// ? substr(own, 1, index(own, "/") - 1) : "."
			up = gsub(/\.\.\//, "", $2)
			depth = own == "." ? 0 : 1
			if (up > depth || $2 ~ /^gen\//)
				room = "-"
			else if ($2 ~ /\//)
				room = substr($2, 1, index($2, "/") - 1)
			else
				room = up == depth ? "." : own
			print file, room
		}'
}
{
	find privileged -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort >"$tap.rooms"
	echo "$rooms" | awk 'NF { print $1 }' | sort | diff "$tap.rooms" -
	rm "$tap.rooms"
} | none "the rooms are those of the table"
into | awk -v table="$rooms" '
	BEGIN {
		n = split(table, rows, "\n")
		for (i = 1; i <= n; i++) {
			m = split(rows[i], words, /[ \t]+/)
			for (j = 2; j <= m; j++)
				may[words[1], words[j]] = 1
		}
	}
	{
		own = $1
		sub(/^privileged\//, "", own)
		if (own !~ /\// || $2 == "-")
			next
		sub(/\/.*/, "", own)
		if ($2 != own && !((own, $2) in may))
			print $1 " includes what is in " ($2 == "." ? "privileged/ itself" : $2)
	}' | none "no room includes what the table does not allow"

# shellcheck disable=SC2046
{
	includes 'yajl' $(but '^parser/json\.c$') | none "yajl is included only by parser/json.c"
	includes 'libmnl' $(but '^privileged/link/nl_attr\.c$') |
		none "libmnl is included only by privileged/link/nl_attr.c"
	includes 'cap-ng' $(but '^privileged/rights/caps\.c$') |
		none "libcap-ng is included only by privileged/rights/caps.c"
	includes 'seccomp\.h' $(but '^policy/filter_gen\.c$') |
		none "libseccomp is included only by policy/filter_gen.c"
}

# The rules: data in, verdict out.
includes '' policy/plan.[ch] policy/capabilities.[ch] policy/admit.[ch] policy/confirm.[ch] policy/allowed.h \
	policy/caller.h policy/step.h policy/steps.c policy/verbs.[ch] policy/rules.[ch] policy/accounts.[ch] \
	policy/grant.[ch] |
	grep -vE '<(stddef|stdint|string|limits|errno|sys/stat|linux/capability)\.h>' |
	grep -vE '"((\.\./ipc/)?(err|op|limits|set|name|wire|wire_get|exit)|accounts|admit|allowed|caller|capabilities|confirm|grant|plan|rules|step|verbs)\.h"' |
	grep -vE '"(capabilities|steps|verbs)\.def"' |
	none "the rules include data and nothing that acts or looks"
# shellcheck disable=SC2086
nm -A -u $rules | sed 's/@.*//' |
	grep -vE ' (vst_[a-z_]*|wire_get_[a-z0-9_]*|plan_[a-z_]*|request_[a-z_]*|step_[a-z_]*|verb_[a-z_]*|rules_[a-z_]*|accounts_[a-z_]*|grant[a-z_]*|mem[a-z]*|str[a-z]*|__(mem|str)[a-z]*_chk|__stack_chk_fail|_GLOBAL_OFFSET_TABLE_|__errno_location)$' |
	none "the rules call nothing that acts or looks"

# The executors: only what was judged, and not each other.
# shellcheck disable=SC2086
{
	needs $execs | grep -E ' policy/(plan|admit|confirm)\.h$' |
		none "executors never see a plan that was not judged, nor the rules"
	needs $execs | awk -F': ' '{
			own = $1
			sub(/.*\//, "", own)
			sub(/\.o$/, ".h", own)
			other = $2
			sub(/.*\//, "", other)
		}
		other ~ /^exec_/ && other != own' | none "no executor includes another"
	for object in $execs; do
		own=$(basename "$object" .o)
		calls 'exec_(dir|file|link|mount|netns|new|bind|change|ns|cgroup)_[a-z_]*' "$object" | grep -v " ${own}_"
	done | none "no executor calls another"
	calls 'admit|confirm|confirm_deferred|plan_build' $execs | none "executors call no rule"
	calls 'open|creat|mkdir|mknod|rmdir|unlink|link|symlink|rename|l?stat|chmod|l?chown|access|readlink|truncate|mount|umount|realpath|opendir|chroot|pivot_root' \
		$execs $taking |
		none "past resolve, nothing is reached by a path alone"
}
find privileged -regextype posix-extended -regex '.*/(exec_[a-z]*|execute|undo)\.c' -exec grep -Hn AT_FDCWD {} + |
	none "... and nothing from the working directory"
# shellcheck disable=SC2086
calls 'confirm' $objects | grep -vE "/(run_execute|main)\.o:" | none "only the run has a plan confirmed"

# Naming a process's network namespace by its number asks no question that a descriptor answered.
grep -rnE 'IFLA_NET_NS_PID' privileged |
	none "a network namespace is named by descriptor alone"

# What a privileged program must not reach: static as it is, it holds all that it reaches.
banned='(secure_)?getenv|setenv|putenv|system|popen|dlopen|dlsym|wordexp|glob|(get|set|end)(pw|gr(ent|gid|nam)|host|net|proto|serv|addrinfo)[a-z_]*|initgroups|getgrouplist|iconv_open|(set|new)locale|syslog|openlog|tmpnam|tempnam|mktemp'
# glibc has a loader inside, which reads the environment, even where it is linked statically.
if [ "$(cat "$B/linked")" != shared ]; then
	if nm "$V" | grep -q ' gnu_get_libc_version$\| __libc_start_call_main$'; then
		skip "vestibule holds no environment, shell, loader, name service or locale" "built without musl"
	else
		{
			nm "$V" | grep -q ' T verb_prepare$' || echo "$V has no symbols"
			nm "$V" | grep -E " (__)?($banned)\$"
		} | none "vestibule holds no environment, shell, loader, name service or locale"
	fi
fi
# shellcheck disable=SC2086
calls "$banned" $objects | none "... and its own objects ask for none"
# shellcheck disable=SC2086
calls 'usleep|sleep|nanosleep' $objects |
	none "waiting is poll or clock_nanosleep: the filter lets no other call through in each libc"
# shellcheck disable=SC2086
{
	calls 'environ|clearenv' $objects | grep -v '/startup\.o:' |
		none "only startup.c knows that there is an environment"
	calls 'v?f?printf|v?dprintf|f?puts|f?putc|putchar|fwrite|perror|psignal|stderr|stdout' $objects |
		grep -vE '/(main|report)\.o:' | none "only main.c and report.c print"
	calls '_?exit|_Exit|quick_exit|abort' $objects | grep -vE '/(main|spawn|run_users|rights)\.o:' |
		none "only main.c, forked children, and who cannot give rights up exit"
	calls 'execve?[a-z]*|fexecve|posix_spawnp?|v?fork|clone' $objects | grep -v '/spawn\.o:' |
		none "only spawn.c forks and executes"
	calls 'malloc|calloc|realloc|reallocarray|strn?dup|v?asprintf|alloca|opendir|fopen|open_memstream' $acting |
		none "privileged/ allocates nothing"
}

# The programs. What vestibule may need where the shared libraries were asked for: they, and libc.
if [ "$(cat "$B/linked")" = shared ]; then
	static=$P
	readelf -d "$V" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE 'lib(mnl|cap-ng|c)\.so\.[0-9]+' |
		none "vestibule needs no library but libmnl, libcap-ng and libc"
else
	static="$V $P"
fi
for program in $static; do
	readelf -d "$program" | grep NEEDED
	readelf -l "$program" | grep -w INTERP
done | none "both are static: no library, no loader"
nm "$V" | grep -iE ' (yajl_|seccomp_(init|load|rule|export)|scmp_|wire_put_|mnl_(socket|cb)_)' |
	none "vestibule holds no other library, no socket of libmnl's, and no writer of the wire"
nm "$P" | grep -E ' (mnl_|capng_|seccomp_(init|load|rule|export)|wire_get_|exec_|undo_|journal_|resolve|admit|confirm|plan_)' |
	none "the parser holds nothing of the other half"
for program in "$V" "$P"; do
	readelf -h "$program" | grep -q 'Type:.*DYN' || echo "$program is no PIE"
	readelf -lW "$program" | grep -q GNU_RELRO || echo "$program has no RELRO"
	readelf -lW "$program" | grep -w GNU_STACK | grep -w RWE
done | none "both are PIE, with RELRO and no executable stack"
for program in "$V" "$P"; do
	readelf -d "$program" | grep -q BIND_NOW || echo "$program has no BIND_NOW"
done | none "both have full RELRO"

# shellcheck disable=SC2046
grep -nwE 'goto|alloca' $(sources) | grep -vE ':[0-9]+:[[:space:]]*(/?\*|//)' |
	none "no goto, no alloca"

finish
