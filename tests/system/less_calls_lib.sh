# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What happens to a user's run at a call of its choice: sourced behind less_lib.sh. Only where can_hold.
#
#   $REACH   a copy of $TOOLS/reach that users may start
#   $UNDER   a command that starts the program, as in less_lib.sh

REACH=/opt/reach
install -m 755 "$TOOLS/reach" $REACH

# by_call USER FAULT ARGUMENTS: au, with that fault of at_call ("" for none: then $W/out/hit has every call).
by_call() {
	call_user=$1
	call_fault=$2
	shift 2
	# shellcheck disable=SC2086
	timeout -s KILL 600 "$TOOLS/at_call" "$W/out/hit" $call_fault -- /usr/bin/setpriv --reuid "$call_user" \
		--regid "$call_user" --init-groups $UNDER "$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
}

# calls_of USER ARGUMENTS: the calls of a run that nothing happens to, "ROLE NAME NUMBER" a line; not setpriv's.
calls_of() {
	calls_user=$1
	shift
	by_call "$calls_user" "" "$@"
	[ $status -eq 0 ] || {
		echo "Bail out! traced: $*: status $status"
		cat "$W/out/stderr"
		exit 1
	}
	awk '{ line[NR] = $0 } $1 == "program" && $2 == "execve" { last = NR } END { while (last++ < NR) print line[last] }' "$W/out/hit"
}

# holds_by USER FAULT ARGUMENTS: by_call in the background, until the fault has happened: $run is the process of
# it that stands still, $program the one that was started. 1: it ended without.
holds_by() {
	holds_user=$1
	holds_fault=$2
	shift 2
	rm -f "$W/out/hold" "$W/out/hold.go"
	# shellcheck disable=SC2086
	"$TOOLS/at_call" "$W/out/hold" "$holds_fault" -- /usr/bin/setpriv --reuid "$holds_user" \
		--regid "$holds_user" --init-groups $UNDER "$P/bin/vestibule" "$@" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null &
	HELD=$!
	ours $HELD
	until [ -s "$W/out/hold" ]; do
		kill -0 $HELD 2>/dev/null || return 1
		sleep 0.005
	done
	program=$(pgrep -P $HELD) || return 1
	ours "$program"
	run=$program
	case $holds_fault in
	child:*)
		run=$(pgrep -P "$program") || return 1
		ours "$run"
		;;
	esac
	case $holds_fault in
	*:stop) wait_until grep -q '^State:.T (stopped)' "/proc/$run/status" ;;
	esac
}

# ends_held: waits for the end of what holds_by started; its status is in $status.
ends_held() {
	wait "$HELD"
	status=$?
}

# reached USER PID: what the user may do to that process, and not to any of root's.
sleep infinity &
ours $!
roots=$!
wait_until grep -q sleep "/proc/$roots/comm"
reached() {
	as "$1" $REACH $roots | sort >"$W/out/roots"
	as "$1" $REACH "$2" | sort | comm -13 "$W/out/roots" -
}
