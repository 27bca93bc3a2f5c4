#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# mounts[] with the programs themselves: every option by its effect, every action, file systems,
# names; beneath a private and a shared mount, and taken back.
# shellcheck disable=SC1091
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/mount_lib.sh"

fresh() {
	layout "$1"
	more=
	mkdir -p "$W/b/rootfs" "$W/m" "$W/n" "$W/src/sub/deep"
	echo text >"$W/src/file"
	touch "$W/f" "$W/b/runtime.json"
}

# A table: options, and the attributes that they are seen as in mountinfo.
attribute_table='ro:ro,relatime nosuid:rw,nosuid,relatime nodev:rw,nodev,relatime
	noexec:rw,noexec,relatime nodiratime:rw,nodiratime,relatime
	noatime:rw,noatime strictatime:rw relatime:rw,relatime
	rw:rw,relatime suid:rw,relatime dev:rw,relatime exec:rw,relatime diratime:rw,relatime
	atime:rw,relatime norelatime:rw,relatime nostrictatime:rw,relatime
	rro:ro,relatime rnosuid:rw,nosuid,relatime rnodev:rw,nodev,relatime
	rnoexec:rw,noexec,relatime rnodiratime:rw,nodiratime,relatime
	rnoatime:rw,noatime rstrictatime:rw rrelatime:rw,relatime
	rrw:rw,relatime rsuid:rw,relatime rdev:rw,relatime rexec:rw,relatime rdiratime:rw,relatime
	ratime:rw,relatime rnorelatime:rw,relatime rnostrictatime:rw,relatime
	mand:rw,relatime nomand:rw,relatime defaults:rw,relatime async:rw,relatime
	ro,nosuid,nodev,noexec,noatime,nodiratime:ro,nosuid,nodev,noexec,noatime,nodiratime
	noatime,ro,noatime,ro,defaults:ro,noatime
	rro,rw:none atime,norelatime:rw,relatime'

# What each does to a mount that has everything, or nothing of it.
remount_table='ro:rw,nosuid,nodev,relatime:ro,nosuid,nodev,relatime
	noexec:rw,nosuid,nodev,relatime:rw,nosuid,nodev,noexec,relatime
	nodiratime:rw,nosuid,nodev,relatime:rw,nosuid,nodev,nodiratime,relatime
	noatime:rw,nosuid,nodev,relatime:rw,nosuid,nodev,noatime
	strictatime:rw,nosuid,nodev,relatime:rw,nosuid,nodev
	nosuid:rw,relatime:rw,nosuid,relatime nodev:rw,relatime:rw,nodev,relatime
	suid:rw,nosuid,nodev,relatime:rw,nodev,relatime
	dev:rw,nosuid,nodev,relatime:rw,nosuid,relatime
	rw:ro,noexec,relatime:rw,noexec,relatime
	exec:ro,noexec,relatime:ro,relatime
	diratime:rw,noatime,nodiratime:rw,noatime
	atime:rw,noatime,nodiratime:rw,nodiratime,relatime
	nostrictatime:rw,nodev:rw,nodev,relatime
	norelatime:rw,nodev,relatime:rw,nodev,relatime
	relatime:rw,nodev,noatime:rw,nodev,relatime
	rro:rw,nosuid:ro,nosuid rrw:ro,nosuid:rw,nosuid
	rnosuid:rw,nodev:rw,nosuid,nodev rsuid:rw,nosuid,nodev:rw,nodev
	rnodev:rw,nosuid:rw,nosuid,nodev rdev:rw,nosuid,nodev:rw,nosuid
	rnoexec:rw,nosuid:rw,nosuid,noexec rexec:rw,nosuid,noexec:rw,nosuid
	rnodiratime:rw,nosuid:rw,nosuid,nodiratime rdiratime:rw,nosuid,nodiratime,relatime:rw,nosuid,relatime
	rnoatime:rw,nosuid:rw,nosuid,noatime ratime:rw,nosuid,noatime:rw,nosuid,relatime
	rrelatime:rw,nosuid,noatime:rw,nosuid,relatime rnorelatime:rw,nosuid:rw,nosuid,relatime
	rstrictatime:rw,nosuid,noatime:rw,nosuid rnostrictatime:rw,nosuid:rw,nosuid,relatime
	mand:rw,nosuid:rw,nosuid nomand:rw,nosuid:rw,nosuid
	bind,ro:rw,nosuid,relatime:ro,nosuid,relatime
	rbind,noexec:rw,nosuid,relatime:rw,nosuid,noexec,relatime
	ro,private:rw,nosuid,relatime:ro,nosuid,relatime
	defaults,ro:rw,nodev,relatime:ro,nodev,relatime'

words() {
	echo "$1" | tr , ' '
}

# What is mounted with these attributes has exactly them: an access time that is not shown is strict.
as_options() {
	case ,$1, in
	*atime,*) echo "$1" ;;
	*) echo "$1,strictatime" ;;
	esac
}

# shellcheck disable=SC2046
options_of() {
	fresh "$1"
	before
	for each in $attribute_table; do
		[ "${each#*:}" != none ] || continue
		mounted "$1, tmpfs: ${each%:*}" "$(entry "$W/m" tmpfs tmpfs $(words "${each%:*}"))"
		is "$1, tmpfs: ${each%:*} is seen" "$(attributes "$W/m")" "${each#*:}"
		back "$1, tmpfs: ${each%:*}"
	done
	for each in $attribute_table; do
		case ${each%:*} in
		rro,rw | async) continue ;;
		esac
		mounted "$1, bind: ${each%:*}" "$(entry "$W/m" '' "$W/src" bind $(words "${each%:*}"))"
		is "$1, bind: ${each%:*} is seen" "$(attributes "$W/m")" "${each#*:}"
		back "$1, bind: ${each%:*}"
	done
	for each in $remount_table; do
		was=${each#*:}
		mounted "$1, remount: ${each%%:*}" \
			"$(entry "$W/m" tmpfs tmpfs $(words "$(as_options "${was%:*}")"))" \
			"$(entry "$W/m" '' '' remount $(words "${each%%:*}"))"
		is "$1, remount: ${each%%:*} is seen" "$(attributes "$W/m")" "${each##*:}"
		back "$1, remount: ${each%%:*}"
	done
	rm "$W/b/runtime.json"
	touch "$W/b/runtime.json"
	snapshot >"$W/out/after"
	sed -i '/runtime.json/d' "$W/out/before" "$W/out/after"
	is "$1: nothing is left of all these" "$(diff "$W/out/before" "$W/out/after")" ''
}
options_of private
options_of shared

# What belongs to the file system.
fresh private
mounted "sync, dirsync" "$(entry "$W/m" tmpfs some sync dirsync size=1m mode=0710)"
for word in sync dirsync size=1024k mode=710; do
	has "$word is the file system's" "$(sb "$W/m" | sed 's/.* //')" $word
done
back "sync, dirsync"
mounted "sync, and async by a remount with data" "$(entry "$W/m" tmpfs some sync size=1m nodev)" \
	"$(entry "$W/m" '' '' remount async size=2m)"
has "data of a remount" "$(sb "$W/m" | sed 's/.* //')" size=2048k
is "async is the file system's" "$(sb "$W/m" | grep -c sync)" 0
is "attributes stay" "$(attributes "$W/m")" rw,nodev,relatime
back async
mounted "read-only, then not" "$(entry "$W/m" tmpfs some ro)" "$(entry "$W/m" '' '' remount rw)"
check "it can be written" touch "$W/m/new"
back "read-only, then not"
for word in sync async dirsync; do
	mounted "$word on a bind" "$(entry "$W/m" '' "$W/src" bind $word)"
	says "... is a note with its place" 'mounts\[0\]\.options\[1\] has no effect on a bind'
	back "$word"
done
mounted "no source" "$(entry "$W/m" tmpfs '')" "$(entry "$W/n" ramfs '')"
is "is the name of the type" "$(sb "$W/m" | cut -d' ' -f1,2) $(sb "$W/n" | cut -d' ' -f1,2)" \
	"tmpfs tmpfs ramfs ramfs"
back "no source"

# Somebody else's mount: only what is listed, and put back if the run fails.
for propagation in private shared; do
	fresh $propagation
	mount -t tmpfs -o nosuid,nodev,noatime,size=1m theirs "$W/m"
	mounted "$propagation: a remount of somebody else's" "$(entry "$W/m" '' '' remount ro noexec)"
	is "$propagation: ... changes what is listed" "$(attributes "$W/m")" ro,nosuid,nodev,noexec,noatime
	has "$propagation: ... and not its file system" "$(sb "$W/m" | sed 's/.* //')" size=1024k
	back "$propagation: of somebody else's"
	mount -o remount,bind,rw,exec "$W/m"
	touch "$W/file"
	mount --bind "$W/src/file" "$W/file"
	document b "$(entry "$W/m" '' '' remount ro noexec)" "$(entry "$W/file" '' '' remount ro private)" \
		"$(entry "$W/n" tmpfs tmpfs nosuchkey)"
	before
	vst prepare "$W/b"
	is "$propagation: a step that fails behind it" $status 1
	if [ $propagation = private ]; then
		unchanged "$propagation: ... and it is as it was"
	else
		is "$propagation: ... and it is as it was" "$(attributes "$W/m") $(attributes "$W/file")" \
			"rw,nosuid,nodev,noatime rw,relatime"
		says "$propagation: ... but for its peers, which is said" 'shared again, but with other peers'
	fi
	umount "$W/m" "$W/file"
done

# Propagation: steps of their own.
# propagation_table: option:private parent:shared parent
for propagation in private shared; do
	fresh $propagation
	if [ $propagation = shared ]; then
		none=shared slave=master
	else
		none='' slave=''
	fi
	for each in none:$none private: rprivate: shared:shared rshared:shared slave:$slave rslave:$slave \
		unbindable:unbindable runbindable:unbindable; do
		word=${each%:*}
		[ "$word" != none ] || word=defaults
		mounted "$propagation, tmpfs: $word" "$(entry "$W/m" tmpfs tmpfs nosuid "$word" size=1m noexec)"
		is "$propagation, tmpfs: $word is seen" "$(propagation "$W/m")" "${each#*:}"
		is "$propagation, tmpfs: $word, and the rest" "$(attributes "$W/m")" rw,nosuid,noexec,relatime
		back "$propagation, tmpfs: $word"
		mounted "$propagation, bind: $word" "$(entry "$W/m" '' "$W/src" ro bind "$word")"
		is "$propagation, bind: $word is seen" "$(propagation "$W/m")" "${each#*:}"
		is "$propagation, bind: $word, and the rest" "$(attributes "$W/m")" ro,relatime
		back "$propagation, bind: $word"
		[ "$word" != defaults ] || continue
		mounted "$propagation, own: $word" "$(entry "$W/m" tmpfs tmpfs nodev)" "$(entry "$W/m" '' '' "$word")"
		is "$propagation, own: $word is seen" "$(propagation "$W/m")" "${each#*:}"
		back "$propagation, own: $word"
		mounted "$propagation, remount: $word" "$(entry "$W/m" tmpfs tmpfs nodev)" \
			"$(entry "$W/m" ignored ignored remount "$word")"
		is "$propagation, remount: $word is seen" "$(propagation "$W/m") $(attributes "$W/m")" \
			"${each#*:} rw,nodev,relatime"
		back "$propagation, remount: $word"
	done
	mounted "$propagation: no propagation" "$(entry "$W/m" tmpfs tmpfs)"
	if [ $propagation = shared ]; then
		check "shared: the peer has it" mounted_in_peer "$W/m"
		back "shared"
		fails "shared: the peer has it no more" mounted_in_peer "$W/m"
		# A tree: what is beneath gets what has an r.
		mount -t tmpfs below "$W/src/sub"
		mounted "shared: rbind rprivate" "$(entry "$W/m" '' "$W/src" rbind rprivate)"
		is "shared: ... is of all" "$(propagation "$W/m")$(propagation "$W/m/sub")" ''
		back "shared: rbind rprivate"
		mounted "shared: rbind private" "$(entry "$W/m" '' "$W/src" rbind private)"
		is "shared: ... is of the topmost" "$(propagation "$W/m"):$(propagation "$W/m/sub")" :shared
		back "shared: rbind private"
		mounted "shared: rbind rslave" "$(entry "$W/m" '' "$W/src" rbind rslave)"
		is "shared: ... is of all" "$(propagation "$W/m"):$(propagation "$W/m/sub")" master:master
		back "shared: rbind rslave"
		check "shared: what was bound is there still" is_mount "$W/src/sub"
		check "shared: ... and in the peer" mounted_in_peer "$W/src/sub"
		document b "$(entry "$W/m" '' "$W/src" rbind)" "$(entry "$W/n" tmpfs tmpfs nosuchkey)"
		does "shared: rbind in a run that fails" 1 prepare "$W/b"
		check "shared: ... what was bound is there still" is_mount "$W/src/sub"
		check "shared: ... and in the peer" mounted_in_peer "$W/src/sub"
		fails "shared: ... and the bind is not" is_mount "$W/m"
		umount "$W/src/sub"
	fi
done

# Recursive forms over a tree, and plain ones.
fresh private
mount -t tmpfs below "$W/src/sub"
mkdir "$W/src/sub/deep"
mount -t tmpfs -o nosuid deeper "$W/src/sub/deep"
for each in rro:ro,relatime:ro,relatime:ro,nosuid,relatime ro:ro,relatime:rw,relatime:rw,nosuid,relatime \
	rnodev:rw,nodev,relatime:rw,nodev,relatime:rw,nosuid,nodev,relatime \
	rnoatime:rw,noatime:rw,noatime:rw,nosuid,noatime noatime:rw,noatime:rw,relatime:rw,nosuid,relatime \
	rsuid:rw,relatime:rw,relatime:rw,nosuid,relatime; do
	mounted "rbind ${each%%:*}" "$(entry "$W/m" '' "$W/src" rbind "${each%%:*}")"
	is "rbind ${each%%:*}: the tree" \
		"$(attributes "$W/m"):$(attributes "$W/m/sub"):$(attributes "$W/m/sub/deep")" "${each#*:}"
	is "rbind ${each%%:*}: its source is as it was" "$(attributes "$W/src/sub/deep")" rw,nosuid,relatime
	back "rbind ${each%%:*}"
done
mounted "rbind, then rro rsuid" "$(entry "$W/m" '' "$W/src" rbind)" "$(entry "$W/m" '' '' remount rro rsuid)"
is "... the tree" "$(attributes "$W/m"):$(attributes "$W/m/sub"):$(attributes "$W/m/sub/deep")" \
	ro,relatime:ro,relatime:ro,relatime
back "rbind, then rro rsuid"
if [ -z "$VST_USERNS" ]; then
	mounted "bind" "$(entry "$W/m" '' "$W/src" bind)"
	fails "... and nothing that is mounted beneath" is_mount "$W/m/sub"
	back bind
fi
mounted "bind beside rbind" "$(entry "$W/m" none "$W/src" bind rbind)"
check "... takes what is mounted beneath along" is_mount "$W/m/sub/deep"
back "bind beside rbind"
mounted "rbind, and somebody else's mount in it" "$(entry "$W/m" '' "$W/src" rbind)"
mount -t tmpfs theirs "$W/m/sub/deep"
of_bind=$(grep -c " $W/m" /proc/self/mountinfo)
does "... is left" 7 cleanup --all "$W/b"
says "... and named" "somebody else's mount lies in it, at '$W/m/sub/deep'"
is "... and so is all that came with the bind" "$(grep -c " $W/m" /proc/self/mountinfo)" "$of_bind"
umount "$W/m/sub/deep"
back "rbind, when that is gone"
before
document b "$(entry "$W/m" '' "$W/src" rbind rro)" "$(entry "$W/n" tmpfs tmpfs nosuchkey)"
refuses "rbind in a run that fails" 1 nosuchkey prepare "$W/b"
umount -R "$W/src/sub"
mounted "a file on a file" "$(entry "$W/f" whatever "$W/src/file" bind ro)"
is "... is seen" "$(cat "$W/f") $(attributes "$W/f")" "text ro,relatime"
back "a file on a file"

finish
