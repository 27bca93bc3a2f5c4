#!/bin/sh
# A parser that lies in place of the real one (hostile-parser.c): whatever it says or does, it is
# refused with one line, in time, and nothing is changed. Each case names what the line says.

top=$(cd "$(dirname "$0")/../.." && pwd)
B=$(cd "${B:-$top/build}" && pwd)
VST=$B/hostile/vestibule
export B VST
# shellcheck source=../system/lib.sh
. "$top/tests/system/lib.sh"

# parser MODE: the document that makes the parser do this.
parser() {
	printf '%s\n%s\n' "$1" "$W/made" >"$W/b/runtime.json"
}

# obeys MODE [PATTERN]: the parser behaves; its plan is done, and stderr has a line with the
# pattern.
obeys() {
	parser "$1"
	does "$1: a good plan is done" 0 prepare "$W/b"
	[ $# -lt 2 ] || says "$1: is said" "$2"
	check "$1: its directory is there" test -d "$W/made"
	rmdir "$W/made"
	does "$1: cleanup" 0 cleanup "$W/b"
}

# refused STATUS MODE PATTERN
refused() {
	parser "$2"
	refuses "$2" "$1" "$3" prepare "$W/b"
}

layout shared
bundle b

# That a refusal below means anything: the same parser with nothing wrong.
obeys honest
if [ -n "$VST_USERNS" ]; then
	skip "confined" "a plain user's parser keeps the user's groups"
else
	obeys confined
fi
obeys warn_good 'runtime\.json:7:3: .*interfaces\[1\]'

proto='the parser broke the protocol: '
refused 4 fail_good '^vestibule: runtime\.json:7:3: interfaces\[2\]\.name is not an interface name'

# The order of messages.
refused 4 bad_magic "${proto}a greeting"
refused 4 bad_version "${proto}a greeting of another version"
refused 4 bad_schema "${proto}a greeting of another version"
refused 4 no_hello "${proto}a greeting that is missing"
refused 4 hello_twice "${proto}a greeting that is missing or too many"
refused 4 end_twice "${proto}an end that is missing or too early"
refused 4 ops_after_end "${proto}an end that is missing or too early"
refused 4 fail_then_end "${proto}a message after its failure"
refused 4 no_end "${proto}an end that is missing"
refused 4 nothing "${proto}not a word"
refused 4 unknown_type "${proto}a message of an unknown type"

# Counts and lengths.
refused 4 count_of_end "${proto}the counts at its end"
refused 4 warnings_of_end "${proto}the counts at its end"
refused 4 count_of_ops "${proto}operation 1: cut short"
refused 4 no_ops "${proto}a message of no operations"
refused 4 truncated_op "${proto}operation 0: its path is not a string"
refused 4 trailing_bytes "${proto}bytes after the last operation"
refused 4 trailing_end "${proto}bytes after a message"
refused 4 too_many_ops "${proto}too many operations"
refused 4 giant_message "${proto}it sent too much"
refused 4 empty_message "${proto}it went on after the end"
refused 4 empty_message_first "${proto}it went on after the end"
refused 4 flood_messages "${proto}it sent too much"
refused 4 flood_bytes "${proto}it sent too much"

# What an operation says.
refused 4 unknown_kind "${proto}operation 0: its kind is unknown"
refused 4 unknown_argument "${proto}operation 0: its argument"
refused 4 unknown_flag "${proto}operation 0: its flags"
refused 6 relative_path "mkdir 'made': a path beneath rootfs is not supported"
refused 4 dotdot "${proto}operation 0: its path is not canonical"
refused 4 double_slash "${proto}operation 0: its path is not canonical"
refused 4 nul_in_string "${proto}operation 0: its path is not a string"
refused 4 control_in_path "${proto}operation 0: its path is not canonical"
refused 4 long_path "${proto}operation 0: its path is not a string"
refused 4 percent_name "${proto}operation 0: its name is not an interface name"
refused 4 veth_alone "${proto}operation 0: a veth without a peer"
refused 4 bridge_peer "${proto}operation 0: a peer of what is no veth"
refused 4 peer_is_name "${proto}operation 0: a peer with the interface's own name"
refused 4 name_twice "${proto}operation 1: a name twice"
refused 4 peer_twice "${proto}operation 1: a peer twice"
refused 4 ns_order "${proto}operation 1: its namespace is unknown or out of order"
refused 4 ns_twice "${proto}operation 1: its namespace is unknown or out of order"
refused 4 ns_unknown "${proto}operation 0: its namespace is unknown"
refused 4 ns_same_path "${proto}operation 1: a path twice"
refused 4 ns_relative "${proto}operation 0: its path is not absolute"

# Warnings and failures.
refused 4 warn_flood "${proto}too many warnings"
refused 4 warn_of_fail "${proto}a warning that means nothing"
refused 4 fail_code_0 "${proto}a failure that means nothing"
refused 4 fail_code_high "${proto}a failure that means nothing"
refused 4 fail_member "${proto}a failure that means nothing"
refused 4 fail_field "${proto}a failure that means nothing"

# How it ends, or does not.
refused 4 exit_1 'the parser ended with status 1'
refused 4 segfault 'the parser was killed by SIGSEGV'
refused 4 hang 'the parser did not end within'
refused 4 close_without_exit 'the parser did not end within'
refused 4 plan_without_exit 'the parser did not end within'
refused 4 stop 'the parser did not end within'
refused 4 grandchild "${proto}it ended and its socket is still open"
refused 4 pass_descriptor "${proto}it sent more than bytes"

# The parts of the confinement, by number; and the numbers around them.
number=64
while [ $number -le 75 ]; do
	refused 6 "exit $number" 'the parser cannot be confined: '
	number=$((number + 1))
done
refused 4 "exit 63" 'the parser ended with status 63'
refused 4 "exit 76" 'the parser ended with status 76'
refused 4 "exit 255" 'the parser ended with status 255'

finish
