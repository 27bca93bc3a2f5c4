# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the tests of mounts share, behind lib.sh: how to ask for one, and what is seen of it.

# A field of the topmost mount at PATH: attributes PATH, sb PATH (type, source and options of the
# file system), propagation PATH (shared, master, unbindable, without their numbers).
field() {
	awk -v at="$2" -v what="$1" '
	$5 == at {
		for (i = 7; $i != "-"; i++) { sub(/:.*/, "", $i); tags = tags (i > 7 ? "," : "") $i }
		said = what == "attributes" ? $6 : what == "propagation" ? tags : $(i + 1) " " $(i + 2) " " $(i + 3)
		tags = ""
	}
	END { print said }' "/proc/${3:-self}/mountinfo"
}

attributes() {
	field attributes "$@"
}

sb() {
	field sb "$@"
}

propagation() {
	field propagation "$@"
}

# has DESCRIPTION LIST WORD
has() {
	case ,$2, in
	*,$3,*) ok "$1" ;;
	*) printf 'got    %s\nwanted %s among them\n' "$2" "$3" | not_ok "$1" ;;
	esac
}

# entry DESTINATION TYPE SOURCE OPTION...: one of mounts[]; what is empty is absent.
entry() {
	jq -cn '$ARGS.positional | {destination: .[0], type: .[1], source: .[2], options: .[3:]}' --args -- "$@"
}

# document BUNDLE ENTRY...: the bundle asks for these mounts, in this order; $more: for what else.
more=
document() {
	document_of=$1
	shift
	mkdir -p "$W/$document_of/rootfs"
	{
		printf '{"mounts": ['
		document_comma=
		for document_entry; do
			printf '%s%s' "$document_comma" "$document_entry"
			document_comma=', '
		done
		printf ']%s}' "$more"
	} >"$W/$document_of/runtime.json"
}

# refused DESCRIPTION STATUS PATTERN ENTRY...: prepare refuses bundle b that asks for these mounts.
refused() {
	refused_what=$1
	refused_status=$2
	refused_pattern=$3
	shift 3
	document b "$@"
	refuses "$refused_what" "$refused_status" "$refused_pattern" prepare "$W/b"
}

# mounted DESCRIPTION ENTRY...: prepare mounts it in bundle b. back DESCRIPTION: cleanup --all
# takes it back.
mounted() {
	mounted_what=$1
	shift
	document b "$@"
	does "$mounted_what" 0 prepare "$W/b"
}

back() {
	does "$1: taken back" 0 cleanup --all "$W/b"
}
