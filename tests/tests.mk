# SPDX-License-Identifier: Apache-2.0
# The tests. A unit test names what it links, one file a line; nothing else is in it.

unit_tests = \
	accounts \
	address \
	asked \
	beneath \
	caps \
	cli \
	collect \
	confirm \
	copies \
	digest \
	err \
	exec_dir \
	execute \
	filter \
	filter_table \
	grant \
	held \
	image \
	interface \
	journal \
	journal_file \
	json \
	link_id \
	mount \
	mount_limits \
	mountinfo \
	name \
	nets_open \
	nl \
	nl_attr \
	nl_kept \
	nl_kind \
	nl_oracle \
	nl_set \
	nl_state \
	options \
	owner \
	patience \
	plan \
	policy \
	port \
	process \
	proof \
	repair \
	report \
	resolve \
	rights \
	rules \
	schema \
	seen \
	show \
	slot \
	spawn \
	startup \
	state \
	trust \
	undo \
	validate \
	validate_link \
	validate_mount \
	wire_get \
	wire_put
unit_src_asked = libs/asked.c
unit_src_address = \
	ipc/address.c \
	parser/number.c
unit_src_name = ipc/name.c
unit_src_nets_open = \
	ipc/err.c \
	privileged/undo/nets_open.c
unit_src_nl = \
	$(netlink) \
	ipc/err.c
unit_ld_nl = -Wl,--wrap=sendto,--wrap=recvfrom -lmnl -lcap-ng
unit_src_nl_state = $(unit_src_nl)
unit_ld_nl_state = $(unit_ld_nl)
unit_src_nl_set = $(unit_src_nl)
unit_ld_nl_set = $(unit_ld_nl)
unit_src_nl_kept = $(unit_src_nl)
unit_ld_nl_kept = $(unit_ld_nl)
unit_src_nl_kind = $(unit_src_nl)
unit_ld_nl_kind = $(unit_ld_nl)
unit_src_nl_oracle = $(unit_src_nl)
unit_ld_nl_oracle = $(unit_ld_nl) -lcap-ng
unit_src_link_id = \
	$(unit_src_nl) \
	privileged/kernel/patience.c \
	privileged/link/link_id.c
unit_ld_link_id = -lmnl -lcap-ng
unit_src_nl_attr = privileged/link/nl_attr.c
unit_ld_nl_attr = -lmnl
unit_src_seen = parser/seen.c
unit_src_slot = policy/slot.c
unit_src_port = \
	$(netlink) \
	ipc/err.c \
	policy/slot.c \
	privileged/kernel/beneath.c \
	privileged/kernel/proc.c \
	privileged/link/port.c
unit_ld_port = -Wl,--wrap=sendto,--wrap=recvfrom,--wrap=proc_read -lmnl -lcap-ng
unit_src_json = $(filter-out parser/main.c parser/confine.c,$(parser))
unit_ld_json = -l:libyajl_s.a -Wl,--wrap=sendto
unit_src_schema = $(unit_src_json)
unit_ld_schema = $(unit_ld_json)
unit_src_interface = $(unit_src_json)
unit_ld_interface = $(unit_ld_json)
unit_src_mount = $(unit_src_json)
unit_ld_mount = $(unit_ld_json)
unit_src_mount_limits = $(unit_src_json)
unit_ld_mount_limits = $(unit_ld_json)
unit_src_options = parser/options.c
unit_src_wire_put = ipc/wire_put.c
unit_src_err = ipc/err.c
unit_src_wire_get = ipc/wire_get.c
unit_src_validate = \
	$(validate) \
	$(ipc_both) \
	ipc/err.c \
	ipc/wire_get.c \
	policy/plan.c
unit_src_spawn = \
	ipc/err.c \
	privileged/seam/spawn.c
unit_ld_spawn = -Wl,--wrap=fstat,--wrap=poll,--wrap=shutdown,--wrap=syscall
unit_src_startup = \
	ipc/err.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/ns/ns.c \
	privileged/ns/owner.c \
	privileged/self/caller.c \
	privileged/self/startup.c
unit_src_caps = \
	ipc/err.c \
	privileged/rights/caps.c
unit_ld_caps = -lcap-ng
unit_src_rights = \
	$(unit_src_caps) \
	privileged/rights/rights.c
unit_ld_rights = -lcap-ng -Wl,--wrap=caps_hold,--wrap=caps_limit,--wrap=getgid,--wrap=getresgid,--wrap=getresuid,--wrap=prctl,--wrap=setfsgid,--wrap=setfsuid
unit_src_filter = \
	ipc/err.c \
	privileged/self/filter.c
unit_src_journal = \
	ipc/err.c \
	privileged/journal/journal.c \
	privileged/journal/journal_copy.c \
	privileged/journal/journal_file.c
unit_src_journal_file = $(unit_src_journal)
unit_ld_journal_file = -Wl,--wrap=fallocate
unit_src_state = \
	ipc/err.c \
	privileged/journal/state.c
unit_ld_state = -Wl,--wrap=fstatfs,--wrap=geteuid,--wrap=mkdirat
unit_src_undo = \
	$(unit_src_journal) \
	privileged/act/copies.c \
	privileged/undo/missing.c \
	privileged/undo/scope.c \
	privileged/undo/undo.c
unit_src_copies = \
	$(unit_src_journal) \
	privileged/act/copies.c
unit_ld_copies = -Wl,--wrap=syscall
unit_src_held = \
	$(unit_src_journal) \
	privileged/undo/held.c \
	privileged/undo/scope.c
unit_src_proof = \
	$(unit_src_journal) \
	privileged/undo/proof.c
unit_ld_proof = -Wl,--wrap=syscall
unit_src_repair = \
	$(unit_src_journal) \
	privileged/undo/repair.c \
	privileged/undo/scope.c \
	privileged/undo/take.c
unit_ld_undo = -Wl,--wrap=syscall
unit_src_cli = \
	ipc/err.c \
	policy/verbs.c \
	privileged/self/cli.c
unit_src_report = \
	ipc/err.c \
	privileged/self/report.c
unit_ld_report = -Wl,--wrap=clock_gettime
unit_src_policy = \
	ipc/err.c \
	ipc/wire_get.c \
	policy/admit.c \
	policy/capabilities.c \
	policy/grant.c \
	policy/confirm.c \
	policy/plan.c \
	policy/steps.c
unit_src_resolve = \
	ipc/err.c \
	ipc/wire_get.c \
	policy/plan.c \
	policy/steps.c \
	privileged/kernel/beneath.c \
	privileged/kernel/change.c \
	privileged/kernel/host.c \
	privileged/kernel/mountinfo.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/resolve/cgroup_mounts.c \
	privileged/resolve/cover.c \
	privileged/resolve/link_steps.c \
	privileged/resolve/lookup.c \
	privileged/resolve/pins.c \
	privileged/resolve/resolve.c \
	privileged/resolve/resolve_path.c \
	privileged/resolve/walk.c
unit_ld_resolve = -Wl,--wrap=fstatfs,--wrap=openat
unit_src_plan = \
	ipc/err.c \
	ipc/wire_get.c \
	policy/admit.c \
	policy/capabilities.c \
	policy/grant.c \
	policy/plan.c \
	policy/steps.c
unit_src_confirm = $(unit_src_policy)
unit_src_validate_link = $(unit_src_validate)
unit_src_validate_mount = $(unit_src_validate)
unit_src_beneath = \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c
unit_ld_beneath = -Wl,--wrap=statx,--wrap=syscall
unit_src_show = \
	ipc/err.c \
	ipc/wire_get.c \
	policy/capabilities.c \
	policy/plan.c \
	policy/steps.c \
	policy/verbs.c \
	privileged/rights/caps.c \
	privileged/show/expect.c \
	privileged/show/show.c \
	privileged/show/show_form.c \
	privileged/show/show_json.c \
	privileged/show/show_link.c \
	privileged/show/show_put.c \
	privileged/show/show_text.c
unit_ld_show = -lcap-ng
unit_src_exec_dir = \
	ipc/err.c \
	privileged/exec/exec_dir.c \
	privileged/exec/exec_file.c \
	privileged/exec/made.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c
unit_ld_exec_dir = -Wl,--wrap=mkdirat,--wrap=statx,--wrap=fstatfs
unit_src_collect = \
	ipc/err.c \
	privileged/seam/collect.c \
	privileged/seam/spawn.c
unit_ld_collect = -Wl,--wrap=clock_gettime,--wrap=poll,--wrap=__poll_chk,--wrap=recvmsg,--wrap=waitid
unit_src_execute = \
	ipc/err.c \
	policy/steps.c \
	privileged/execute/execute.c \
	privileged/execute/last_dir.c
unit_src_rules = \
	ipc/err.c \
	ipc/name.c \
	policy/rules.c
unit_src_accounts = \
	$(unit_src_rules) \
	policy/accounts.c
unit_src_grant = \
	$(unit_src_accounts) \
	policy/grant.c \
	policy/steps.c
unit_src_trust = \
	ipc/err.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/trust/trust.c
unit_ld_trust = -Wl,--wrap=read
unit_src_digest = privileged/self/digest.c
unit_src_image = \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/resolve/image.c \
	privileged/resolve/link_steps.c
unit_src_patience = privileged/kernel/patience.c
unit_ld_patience = -Wl,--wrap=clock_gettime,--wrap=syscall
unit_src_mountinfo = privileged/kernel/mountinfo.c
unit_src_process = \
	ipc/err.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/ns/ns.c \
	privileged/ns/process.c
unit_src_owner = \
	ipc/err.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/ns/ns.c \
	privileged/ns/owner.c
unit_ld_owner = -Wl,--wrap=fstat,--wrap=ioctl
unit_ld_process = -Wl,--wrap=ioctl,--wrap=openat,--wrap=__openat_2,--wrap=fstatfs

$(B)/tests/test_filter_table: $(B)/gen/filter_parent.h $(B)/gen/filter_parser.h

# For another machine: they find the libraries in SYSROOT. Not qemu's -L: it would also change the paths that
# the tests themselves ask for.
unit_ld = $(if $(SYSROOT),-Wl$(,)--dynamic-linker=$(wildcard $(SYSROOT)/lib/ld*.so.*) \
	-Wl$(,)-rpath$(,)$(SYSROOT)/lib/$(multiarch):$(SYSROOT)/usr/lib/$(multiarch))
, := ,

unit_bin = $(unit_tests:%=$(B)/tests/test_%)

unit_obj = $(patsubst %.c,$(B)/obj/%.o,$(unit_src_$1))

# Objects stay when what wanted them is made, or all of it is made again the next time.
.SECONDARY:
.SECONDEXPANSION:
$(B)/tests/test_%: tests/unit/test_%.c $$(call unit_obj,$$*)
	$(say) TEST $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(V_CFLAGS) $(V_HARDEN) -I. $(V_LDFLAGS) $(LDFLAGS) \
		-o $@ $< $(call unit_obj,$*) $(unit_ld_$*) -lcmocka $(unit_ld)

-include $(unit_bin:=.d)

# The executor of links alone, for tests/system/exec_link.sh.
link_driver_src = \
	$(netlink) \
	ipc/err.c \
	policy/slot.c \
	privileged/journal/journal.c \
	privileged/journal/journal_copy.c \
	privileged/journal/journal_file.c \
	privileged/kernel/beneath.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/link/exec_link.c \
	privileged/link/exec_link_undo.c \
	privileged/link/exec_port.c \
	privileged/link/link_back.c \
	privileged/link/link_id.c \
	privileged/link/link_node.c \
	privileged/link/link_proof.c \
	privileged/link/link_taken.c \
	privileged/link/port.c \
	privileged/link/port_bridge.c \
	tests/system/link_driver.c
$(B)/tests/link_driver: $(link_driver_src:%.c=$(B)/obj/%.o)
	$(say) TEST $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) -Wl,--wrap=sendto,--wrap=getrandom -o $@ $^ -lmnl -lcap-ng

# The executors of mounts, directories and namespaces alone, for tests/system/exec_*.sh.
exec_driver_src = \
	ipc/err.c \
	policy/capabilities.c \
	policy/steps.c \
	privileged/act/attach.c \
	privileged/act/copies.c \
	privileged/exec/exec_dir.c \
	privileged/exec/exec_file.c \
	privileged/exec/exec_ns.c \
	privileged/exec/granted.c \
	privileged/exec/made.c \
	privileged/journal/journal.c \
	privileged/journal/journal_copy.c \
	privileged/journal/journal_file.c \
	privileged/kernel/beneath.c \
	privileged/kernel/change.c \
	privileged/kernel/host.c \
	privileged/kernel/mountinfo.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/mount/apart.c \
	privileged/mount/exec_bind.c \
	privileged/mount/exec_change.c \
	privileged/mount/exec_mount.c \
	privileged/mount/exec_new.c \
	privileged/mount/force.c \
	privileged/mount/fs_context.c \
	privileged/mount/mount_attr.c \
	privileged/mount/subtree.c \
	privileged/ns/ns.c \
	privileged/ns/process.c \
	privileged/resolve/link_steps.c \
	privileged/resolve/walk.c \
	privileged/rights/caps.c \
	privileged/rights/rights.c \
	tests/system/exec_driver.c \
	tests/system/mount_words.c
$(B)/tests/exec_driver: $(exec_driver_src:%.c=$(B)/obj/%.o)
	$(say) TEST $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) \
		-Wl,--wrap=statx,--wrap=syscall,--wrap=ioctl,--wrap=fsconfig,--wrap=caps_raise \
		-Wl,--wrap=mount_setattr \
		-o $@ $^ -lcap-ng

-include $(link_driver_src:%.c=$(B)/obj/%.d) $(exec_driver_src:%.c=$(B)/obj/%.d)

check-unit: $(unit_bin)
	$(Q)$(run_tap) $(unit_bin)

# Shell tests put themselves into namespaces of their own: mount and network as root, and a user
# namespace too as anybody else. run-tap starts them in this order: the longest first.
system_tests = \
	userns \
	matrix \
	refusals \
	rbind \
	repair \
	today \
	setuid_steps \
	setuid_races \
	setuid_others \
	setuid_deadlines \
	setuid_hostile \
	setuid_state \
	setuid \
	setuid_veth \
	setuid_start \
	filecaps \
	setuid_threats \
	reproducible \
	plan \
	swap \
	interleave \
	image \
	mounts_order \
	exec_link \
	link_set \
	caller \
	waiting \
	prepare \
	cleanup \
	apart \
	attach \
	detach \
	identity \
	scope \
	netns \
	status \
	cli \
	capabilities \
	policy \
	confine \
	moved \
	onboot \
	mounts_options \
	mounts_kinds \
	mounts_refused \
	hidden \
	cgroup \
	exec_mount \
	exec_options \
	exec_ns \
	exec_port \
	exec_port_wire \
	overlay_caps \
	full \
	stall \
	syscalls \
	install \
	once \
	mounts_host \
	mounts_beneath \
	mounts_links \
	limits \
	given_back \
	given_back_forged
lint_tests = arrows libs sizes scripts man promises format tables license

system_files = $(system_tests:%=tests/system/%.sh)
lint_files = $(lint_tests:%=tests/lint/%.sh)
run_tap = B=$(B) CC="$(CC)" tests/run-tap

hostile = $(B)/hostile/vestibule $(B)/hostile/vestibule-parser
drivers = $(B)/tests/exec_driver $(B)/tests/link_driver

# What shell tests cannot do themselves.
tools = $(B)/tests/stallfs $(B)/tests/pidfd $(B)/tests/listen $(B)/tests/noargs $(B)/tests/pair $(B)/tests/rejournal \
	$(B)/tests/snapshot $(B)/tests/peak $(B)/tests/swap $(B)/tests/poll_mounts $(B)/tests/frame \
	$(B)/tests/again $(B)/tests/reach
tool_ld_snapshot = -lmnl
# It knows the registers of this machine only.
ifeq ($(machine),x86_64)
tools += $(B)/tests/at_call $(B)/tests/xdp
tool_ld_at_call = -lseccomp
endif
$(tools): $(B)/tests/%: tests/tools/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(V_CFLAGS) $(LDFLAGS) -o $@ $< $(tool_ld_$*)

# What "check" has a share of, another one each time: every fault at every call (matrix: an hour or
# more), thousands of runs that meet each other (interleave), and that meet somebody who exchanges
# what is on the way (swap). One after the other: each of the first two uses all processors.
matrix interleave swap: all $(tools)
	$(Q)B=$(B) VST_LONG=1 tests/system/$@.sh
# Of a user's runs: at each of its calls (steps), and against who exchanges numbers and names (races).
steps races: all $(tools)
	$(Q)B=$(B) VST_LONG=1 tests/system/setuid_$@.sh
# A user's veths: 1,000 that are made while their container sends, and 1,000 runs of which 8 succeed at a time.
ports: all $(tools) $(drivers)
	$(Q)B=$(B) VST_LONG=1 tests/system/exec_port_wire.sh
	$(Q)B=$(B) VST_LONG=1 tests/system/setuid_veth.sh
long: all $(tools)
	$(Q)VST_LONG=1 VST_JOBS=1 $(run_tap) tests/system/matrix.sh tests/system/interleave.sh tests/system/swap.sh \
		tests/system/setuid_steps.sh tests/system/setuid_races.sh

# The policy's rules, with a hundred thousand random policies; check-unit has a share of it.
policies: $(B)/tests/test_grant
	$(Q)VST_POLICIES=100000 $(run_tap) $<

# On other kernels, emulated: Debian 12's own and that of its backports. An hour or more each for
# all of it without KVM; KERNEL_TESTS has names of tests/system, or "unit".
KERNELS = bookworm bookworm-backports
# What is about how much it is tried, or about programs that are not there, is left out.
KERNEL_TESTS = unit $(filter-out matrix interleave full onboot install reproducible setuid% filecaps userns syscalls,$(system_tests))
kernels: all check-programs
	$(Q)tests/kernels/run $(B) $(KERNELS) -- $(KERNEL_TESTS)

# For other machines: both programs are built, the unit tests run under qemu, and the parser's wire is compared
# with this machine's. build-MACHINE/sysroot has Debian's packages of that machine; nothing of it is installed
# (tests/cross/sysroot).
CROSS_MACHINES = aarch64 riscv64 s390x
check-cross: $(CROSS_MACHINES:%=check-cross-%)
$(CROSS_MACHINES:%=check-cross-%): check-cross-%: $(B)/vestibule $(B)/tests/unconfined-parser $(B)/tests/wire_of
	$(Q)[ -e $(B)-$*/sysroot ] || { mkdir -p $(B)-$* && tests/cross/sysroot $* $(B)-$*/sysroot; }
	$(Q)$(MAKE) B=$(B)-$* CROSS=$*-linux-gnu SYSROOT=$(abspath $(B)-$*/sysroot) cross-programs
	$(Q)HERE=$(B) THERE=$(B)-$* VST_TAP_UNDER=$(B)-$*/sysroot/usr/bin/qemu-$* VST_EMULATED=1 \
		$(run_tap) tests/cross/wire.sh $(unit_tests:%=$(B)-$*/tests/test_%)
cross-programs: all $(unit_bin) $(B)/tests/unconfined-parser
$(B)/tests/unconfined-parser: $(filter-out %/confine.o,$(parser_obj)) $(S_OBJ)/tests/cross/unconfined.o
	$(say) TEST $@
	$(Q)mkdir -p $(@D)
	$(Q)$(call static_link,$^,-l:libyajl_s.a)
$(B)/tests/wire_of: tests/cross/wire_of.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(V_CFLAGS) -I. $(LDFLAGS) -o $@ $<

# README's two commands in a fresh Debian; by hand, as root: a quarter of an hour each.
check-debian12 check-debian13: check-debian%:
	$(Q)tests/debian/run $(B) $(if $(filter 12,$*),bookworm,trixie)

check-programs: $(unit_bin) $(tools) $(drivers) $(hostile)
check: all check-programs
	$(Q)$(run_tap) $(system_files) tests/hostile/hostile.sh $(lint_files) $(unit_bin)
check-system: all $(tools) $(drivers) $(hostile)
	$(Q)$(run_tap) $(system_files)
check-lint: all
	$(Q)$(run_tap) $(lint_files)

# vestibule with a parser that lies in place of the real one.
$(B)/hostile/vestibule-parser: tests/hostile/hostile-parser.c
	$(say) HOSTILE $@
	$(Q)mkdir -p $(@D)
	$(Q)$(or $(MUSL_CC),$(CC)) -static -O2 -std=gnu17 $(V_WARN) -D_GNU_SOURCE -I. -o $@ $<
check-hostile: all $(hostile)
	$(Q)$(run_tap) tests/hostile/hostile.sh

# Instrumented by the compiler: a tree of its own, with wider filters and dynamic programs; it
# refuses to be installed. What cannot be asked of such a build is left out.
SANITIZE = -fsanitize=address,undefined -fno-sanitize-recover=all
instrumented = B=$(B)-asan MUSL_CC= CFLAGS="-O1 -g -fno-omit-frame-pointer $(SANITIZE)" \
	CPPFLAGS=-DVST_INSTRUMENTED FILTER_DEFS=-DVST_INSTRUMENTED LDFLAGS="$(SANITIZE) $(asan_options)"
asan_options = $(abspath $(B))-asan/asan_options.o
# Filters and limits of memory are those of another program there, which is not installed either; matrix
# and userns are about how often.
asan_tests = $(filter-out matrix userns confine syscalls limits install reproducible setuid% filecaps,$(system_tests))
# The filter of an instrumented build is another one.
asan_units = $(filter-out $(B)/tests/test_filter,$(unit_bin))
$(asan_options): tests/tools/asan_options.c
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -O1 -g -fPIE -c -o $@ $<
asan: $(asan_options)
	$(Q)$(MAKE) $(instrumented) check-asan
asan-build: $(asan_options)
	$(Q)$(MAKE) $(instrumented) all asan-programs
asan-programs: $(asan_units) $(tools) $(drivers)
check-asan: all asan-programs
	$(Q)$(run_tap) $(asan_units) $(asan_tests:%=tests/system/%.sh)

c_files = $(wildcard ipc/*.[ch] libs/*.[ch] parser/*.[ch] policy/*.[ch] privileged/*.[ch] privileged/*/*.[ch] tests/*/*.[ch])
fmt:
	clang-format -i $(c_files)
tidy: all
	clang-tidy --quiet $(filter %.c,$(c_files)) -- $(V_CFLAGS) -I. -DVST_VERSION='"$(VERSION)"'

.PHONY: check check-cross $(CROSS_MACHINES:%=check-cross-%) cross-programs check-debian12 check-debian13 matrix interleave swap steps races ports long policies kernels check-programs check-unit check-system check-hostile check-lint asan asan-build \
	asan-programs check-asan fmt tidy

include tests/fuzz/fuzz.mk
include tests/bench/bench.mk
