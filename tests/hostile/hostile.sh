#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A parser that lies in place of the real one (hostile-parser.c): whatever it says or does, it is
# refused with one line, in time, and nothing is changed. Each case names what the line says.

top=$(cd "$(dirname "$0")/../.." && pwd)
B=$(cd "${B:-$top/build}" && pwd)
VST=$B/hostile/vestibule
TOOLS=$B/tests
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
parser relative_path
does "relative_path: a good plan is done" 0 prepare "$W/b"
check "relative_path: its directory is beneath rootfs" test -d "$W/b/rootfs/made"
does "relative_path: cleanup" 0 cleanup "$W/b"
rmdir "$W/b/rootfs/made"
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
refused 4 dotdot "${proto}operation 0: its path is not canonical"
refused 4 double_slash "${proto}operation 0: its path is not canonical"
refused 4 nul_in_string "${proto}operation 0: its path is not a string"
refused 4 control_in_path "${proto}operation 0: its path is not canonical"
refused 4 long_path "${proto}operation 0: its path is not a string"
refused 4 percent_name "${proto}operation 0: its name is not an interface name"
refused 4 bridge_peer "${proto}operation 0: a peer of what is no veth"
refused 4 peer_is_name "${proto}operation 0: a peer with the interface's own name"
refused 4 name_twice "${proto}operation 1: a name twice"
refused 4 peer_twice "${proto}operation 1: a peer twice"
refused 4 ns_order "${proto}operation 1: its namespace is unknown or out of order"
refused 4 ns_twice "${proto}operation 1: its namespace is unknown or out of order"
refused 4 ns_unknown "${proto}operation 0: its namespace is unknown"
refused 4 ns_same_path "${proto}operation 1: a path twice"
refused 4 ns_relative "${proto}operation 0: its path is not absolute"

# What an interface is given.
refused 4 link_nothing "${proto}operation 0: settings of nothing"
refused 4 link_flag "${proto}operation 0: a flag of its settings is unknown"
for mode in link_mtu link_mtu_high; do
	refused 4 $mode "${proto}operation 0: its MTU is none"
done
refused 4 link_vlan "${proto}operation 0: its VLAN is none"
for mode in link_mac_multicast link_mac_none link_mac_unsaid; do
	refused 4 $mode "${proto}operation 0: its MAC is none"
done
refused 4 link_bridge_slash "${proto}operation 0: its bridge is not an interface name"
refused 4 link_bridge_long "${proto}operation 0: its settings are none"
for mode in link_bridge_moved link_bridge_kind link_peer_up; do
	refused 4 $mode "${proto}operation 0: settings of a peer that it does not have"
done
refused 4 link_isolated "${proto}operation 0: settings of a port that is in no bridge"
for mode in link_keep_made link_mac_moved; do
	refused 4 $mode "${proto}operation 0: settings of a link that is moved, and made"
done
refused 4 link_keep_down "${proto}operation 0: routes that are kept of a link that stays down"
refused 4 link_routes_down "${proto}operation 0: routes of a link that stays down"
for mode in link_family link_family_swapped link_prefix_none link_prefix_long link_address_tail \
	link_address_multicast link_address_none; do
	refused 4 $mode "${proto}operation 0: one of its addresses is none"
done
refused 4 link_address_twice "${proto}operation 0: an address twice"
refused 4 link_many_addresses "${proto}operation 0: too many addresses"
refused 4 link_many_routes "${proto}operation 0: too many routes"
for mode in link_route_bits link_route_flag; do
	refused 4 $mode "${proto}operation 0: one of its routes is none"
done
for mode in link_route_unsaid link_route_family; do
	refused 4 $mode "${proto}operation 0: the gateway of one of its routes is none"
done
refused 4 link_route_twice "${proto}operation 0: a route twice"
for mode in link_cut link_counts; do
	refused 4 $mode "${proto}operation 0: its addresses and routes are cut short"
done

# What a mount says.
for mode in mount_action mount_action_high mount_recursive; do
	refused 4 $mode "${proto}operation 1: its action is"
done
refused 4 mount_attr "${proto}operation 1: its attributes are unknown"
refused 4 mount_rec_attr "${proto}operation 1: its attributes are unknown"
refused 4 mount_sb "${proto}operation 1: its flags of the file system are unknown"
refused 4 mount_atime "${proto}operation 1: its access time is unknown"
refused 4 mount_propagation "${proto}operation 1: its propagation is unknown"
refused 4 mount_propagation_nothing "${proto}operation 1: its propagation is unknown"
refused 4 mount_opposites "${proto}operation 1: it sets what it clears"
refused 4 mount_opposites_rec "${proto}operation 1: it sets what it clears"
refused 4 mount_clears "${proto}operation 1: a new mount with flags"
refused 4 bind_clears "${proto}operation 1: a bind with flags"
refused 4 propagation_sets "${proto}operation 1: a propagation with flags"
refused 7 mount_on_root "mount on /: it is the host's"
refused 4 mount_dotdot "${proto}operation 1: its destination is not canonical"
refused 4 mount_no_destination "${proto}operation 1: its destination is not canonical"
for mode in mount_no_type mount_type_bind mount_type_slash; do
	refused 4 $mode "${proto}operation 1: its type is no type"
done
refused 4 mount_no_source "${proto}operation 1: its source is no source"
refused 4 bind_relative "${proto}operation 1: its source is not an absolute path"
refused 4 bind_no_source "${proto}operation 1: its source is not an absolute path"
refused 4 bind_type "${proto}operation 1: a type that it does not have"
refused 4 bind_data "${proto}operation 1: data that it does not have"
refused 4 remount_source "${proto}operation 1: a source that it does not have"
refused 4 remount_layer "${proto}operation 1: a layer of what is no overlay"
refused 4 key_source "${proto}operation 1: a key that is not an option of a file system"
refused 4 key_ro "${proto}operation 1: a key that is not an option of a file system"
refused 4 key_empty "${proto}operation 1: a key that is empty or has control characters"
refused 4 key_control "${proto}operation 1: a key that is empty or has control characters"
refused 4 key_equals "${proto}operation 1: a key with a value in it"
refused 4 flag_value "${proto}operation 1: a flag with a value"
refused 4 item_kind "${proto}operation 1: an item of an unknown kind"
refused 4 layer_of_tmpfs "${proto}operation 1: a layer of what is no overlay"
refused 4 layer_none "${proto}operation 1: an overlay without a lower layer"
refused 4 layer_relative "${proto}operation 1: a layer that is not an absolute path"
refused 4 layer_key "${proto}operation 1: a layer with a key"
refused 4 layer_as_data "${proto}operation 1: a layer as data"
refused 4 upper_alone "${proto}operation 1: an upper without a work directory"
refused 4 work_twice "${proto}operation 1: an upper without a work directory"
refused 4 items_short "${proto}operation 0: one of its items is none"
refused 4 items_left "${proto}bytes after the last operation"
refused 4 too_many_items "${proto}operation 0: too many items"
refused 4 too_many_mounts "${proto}operation 512: too many mounts"
refused 4 too_many_layers "${proto}operation 0: too many layers"
refused 4 too_many_options "${proto}operation 0: too many options"
refused 4 too_many_sources "${proto}operation 2: too many sources and layers"
refused 4 long_mount "${proto}operation 0: it is too long"
refused 4 cgroup_file "${proto}operation 1: its path is of a control file"
refused 4 cgroup_absolute "${proto}operation 1: its path is not relative"
refused 4 cgroup_dotdot "${proto}operation 1: its path is not canonical"
refused 4 cgroup_argument "${proto}operation 1: its argument is unknown"
refused 4 containerd_empty "${proto}operation 1: its namespace is none"
refused 4 containerd_control "${proto}operation 1: its namespace is none"
refused 4 containerd_twice "${proto}operation 1: a namespace of containerd twice"

# Warnings and failures.
refused 4 note_no_option "${proto}a warning that means nothing"
refused 4 warn_flood "${proto}too many warnings"
refused 4 warn_of_fail "${proto}a warning that means nothing"
refused 4 fail_code_0 "${proto}a failure that means nothing"
refused 4 fail_code_high "${proto}a failure that means nothing"
refused 4 fail_member "${proto}a failure that means nothing"
refused 4 fail_field "${proto}a failure that means nothing"

# How it ends, or does not.
refused 4 exit_1 'the parser ended with status 1'
refused 4 segfault 'the parser was killed by signal 11 '
refused 4 hang 'the parser did not end within'
refused 4 close_without_exit 'the parser did not end within'
refused 4 plan_without_exit 'the parser did not end within'
refused 4 stop 'the parser did not end within'
# Stopped, it does not come to its own deadline, and the program may not kill another uid's: it is left, and
# ended here.
for exe in /proc/[0-9]*/exe; do
	if [ "$(readlink "$exe" 2>/dev/null)" = "$B/hostile/vestibule-parser" ]; then
		pid=${exe#/proc/}
		kill -KILL "${pid%/exe}" 2>/dev/null
	fi
done
refused 4 grandchild "${proto}it ended and its socket is still open"
refused 4 pass_descriptor "${proto}it sent more than bytes"

# Stopped and continued while it waits: the kernel goes on with the wait by a call of its own.
parser hang
before
"$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
waiting=$!
sleep 0.5
kill -STOP $waiting
sleep 0.2
kill -CONT $waiting
wait $waiting
is "hang, stopped and continued" $? 4
says "... is told" 'the parser did not end within'
unchanged "... and nothing is left over"

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
