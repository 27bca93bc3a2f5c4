#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How much a document may ask for, up to each limit and one beyond, with the descriptors that takes;
# and the limits that the caller has: raised, or refused by name, and never a death by signal.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

layout private
mkdir -p "$W/b/rootfs"

# layers FIRST LAST: the value of lowerdir=, and the directories.
layers() {
	seq "$1" "$2" | sed "s|.*|$W/l/&|" | xargs mkdir -p
	seq -s : "$1" "$2" | sed "s|[0-9][0-9]*|$W/l/&|g"
}

userxattr=
[ -z "$VST_USERNS" ] || userxattr=userxattr

overlay() {
	overlay_on=$1
	shift
	# shellcheck disable=SC2086
	entry "$overlay_on" overlay overlay "$@" $userxattr
}

# under LIMIT DESCRIPTION STATUS: prepare, with such a limit.
under() {
	prlimit "$1" -- "$VST" --root "$W/state" prepare "$W/b" >"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	if [ $status -eq "$3" ]; then
		ok "$2"
	else
		said | not_ok "$2"
	fi
}

# Docker's 127, and the kernel's 500; since Linux 6.8 they are given one by one.
all=$(layers 1 500)
for n in 1 127 500; do
	touch "$W/l/$n/f$n"
done
if since 6.8 "many layers"; then
	for n in 127 500; do
		document b "$(overlay "$W/b/rootfs" "lowerdir=$(layers 1 $n)" "upperdir=$W/u" "workdir=$W/w")"
		does "$n layers, and an upper directory" 0 prepare "$W/b"
		is "... of which the last is there" "$(find "$W/b/rootfs" -name "f$n" | wc -l)" 1
		does "... and back" 0 cleanup "$W/b"
		rm -rf "$W/u" "$W/w"
	done
	document b "$(overlay "$W/m1" "lowerdir=$all")" "$(overlay "$W/m2" "lowerdir=$all")" \
		"$(overlay "$W/m3" "lowerdir=$(layers 1 24)")"
	# 1,024 layers; what the soft limit allows is not what the plan needs.
	under --nofile=256: "1024 layers in all, with a soft limit of 256 descriptors" 0
	is "... all three" "$(find "$W/m1" "$W/m2" "$W/m3" -name 'f*' | wc -l)" 7
	does "... and back" 0 cleanup --all "$W/b"
	rmdir "$W/m1" "$W/m2" "$W/m3"
	before
	under --nofile=300:300 "fewer descriptors than there are layers" 3
	says "... names the limit" 'the hard limit RLIMIT_NOFILE is too low for this document'
	unchanged "... before anything is done"
	before
	under --nofile=900:900 "fewer than the layers take while an overlay is made" 3
	says "... names the limit, and how many" 'the hard limit RLIMIT_NOFILE is 900 and [0-9]+ are needed'
	unchanged "... before anything is done"
fi
document b "$(overlay "$W/m" "lowerdir=$all:/one/more")"
refuses "501 layers" 4 'mounts\[0\]\.options\[0\] has more than the 500 lower layers' prepare "$W/b"
document b "$(overlay "$W/m1" "lowerdir=$all")" "$(overlay "$W/m2" "lowerdir=$all")" \
	"$(overlay "$W/m3" "lowerdir=$(layers 1 25)")"
refuses "1025 layers in all" 4 'more than the 1024 sources and layers' prepare "$W/b"
# shellcheck disable=SC2046
document b "$(entry "$W/m" tmpfs tmpfs $(seq -f x%g 65))"
refuses "65 options of a file system" 4 'options\[64\] is one more than the 64 options' prepare "$W/b"
document b "$(overlay "$W/m" "lowerdir=$(seq -s : 500 | sed "s|[0-9][0-9]*|/$(printf %0113d 0)&|g")")"
refuses "60000 bytes of layers and more" 4 'is longer than 60000 bytes' prepare "$W/b"

# The caller's limits. A soft one is nobody's business; a hard one that is too low is said.
more=', "mkdir": ["a/b"]'
document b "$(entry t tmpfs tmpfs)"
# limited OPTION STATUS...: every verb, under prlimit.
limited() {
	limited_option=$1
	limited_want=$2
	for verb in prepare cleanup gc plan; do
		[ $verb = gc ] && limited_bundle= || limited_bundle=$W/b
		# shellcheck disable=SC2086
		prlimit "$limited_option" -- "$VST" --root "$W/state" $verb $limited_bundle \
			>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
		status=$?
		case " $limited_want " in
		*" $status "*) ok "$limited_option: $verb" ;;
		*) { echo "wanted one of $limited_want"; said; } | not_ok "$limited_option: $verb" ;;
		esac
		[ $status -ne 3 ] || says "... names it" "the hard limit RLIMIT_"
	done
}
for option in --cpu=1: --rttime=1:1 --as=16000000: --data=12000000: --stack=131072: --memlock=0:0 --sigpending=0:0 \
	--locks=0:0 --msgqueue=0:0 --nice=0:0 --rtprio=0:0 --rss=0:0 --core=0:0 --fsize=0: --nofile=64:; do
	limited $option 0
done
for option in --cpu=1:1 --cpu=20:20 --as=16000000:16000000 --data=12000000:12000000 --fsize=4096:4096 --nofile=20:20 \
	--stack=65536:65536; do
	limited $option 3
done
# What is real-time has a limit of its own.
if chrt -f 1 true 2>/dev/null; then
	chrt -f 1 prlimit --rttime=1:1 -- "$VST" --root "$W/state" prepare "$W/b" \
		>"$W/out/stdout" 2>"$W/out/stderr" </dev/null
	status=$?
	is "a real-time process with --rttime=1:1" $status 3
	says "... names it" "the hard limit RLIMIT_RTTIME"
else
	skip "a real-time process" "kernel: this process may not be one"
fi
# Who may start no process gets no parser.
limited --nproc=0:0 "0 3 6"
does "and all is as it was: cleanup" 0 cleanup "$W/b"
is "... with no mount" "$(grep -c " $W/." /proc/self/mountinfo)" 0

finish
