# The tests. A unit test names what it links; nothing else is in it.

unit_tests = name err wire_put wire_get policy names json schema
unit_src_name = ipc/name.c
unit_src_nl = privileged/nl.c privileged/nl_talk.c privileged/nl_state.c ipc/err.c
unit_ld_nl = -Wl,--wrap=sendto,--wrap=recvfrom -lmnl
unit_src_nl_state = $(unit_src_nl)
unit_ld_nl_state = $(unit_ld_nl)
unit_src_names = parser/names.c
unit_src_json = $(filter-out parser/main.c parser/confine.c,$(parser))
unit_ld_json = -l:libyajl_s.a -Wl,--wrap=sendto
unit_src_schema = $(unit_src_json)
unit_ld_schema = $(unit_ld_json)
unit_src_wire_put = ipc/wire_put.c
unit_src_err = ipc/err.c
unit_src_wire_get = ipc/wire_get.c
unit_src_validate = privileged/validate.c policy/plan.c ipc/wire_get.c ipc/err.c ipc/name.c
unit_src_startup = privileged/startup.c privileged/caller.c ipc/err.c
unit_src_caps = privileged/caps.c ipc/err.c
unit_ld_caps = -l:libcap-ng.a
unit_src_filter = privileged/filter.c ipc/err.c
unit_src_journal = privileged/journal.c privileged/journal_file.c ipc/err.c
unit_src_journal_file = $(unit_src_journal)
unit_ld_journal_file = -Wl,--wrap=fallocate
unit_src_state = privileged/state.c ipc/err.c
unit_ld_state = -Wl,--wrap=fstatfs,--wrap=geteuid,--wrap=mkdirat
unit_src_cli = privileged/cli.c ipc/err.c
unit_src_report = privileged/report.c ipc/err.c
unit_ld_report = -Wl,--wrap=clock_gettime
unit_src_policy = policy/plan.c policy/admit.c policy/confirm.c ipc/err.c
unit_src_resolve = privileged/resolve.c privileged/walk.c privileged/beneath.c policy/plan.c ipc/err.c
unit_src_beneath = privileged/beneath.c
unit_ld_beneath = -Wl,--wrap=statx,--wrap=syscall
unit_src_exec_dir = privileged/exec_dir.c privileged/beneath.c ipc/err.c
unit_ld_exec_dir = -Wl,--wrap=mkdirat,--wrap=statx
unit_src_target = privileged/target.c privileged/beneath.c ipc/err.c
unit_ld_target = -Wl,--wrap=ioctl,--wrap=open,--wrap=fstatfs

unit_bin = $(unit_tests:%=$(B)/tests/test_%)

unit_obj = $(patsubst %.c,$(B)/obj/%.o,$(unit_src_$1))

.SECONDEXPANSION:
$(B)/tests/test_%: tests/unit/test_%.c $$(call unit_obj,$$*)
	$(say) TEST $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(V_CFLAGS) $(V_HARDEN) -I. $(V_LDFLAGS) $(LDFLAGS) \
		-o $@ $< $(call unit_obj,$*) $(unit_ld_$*) -lcmocka

check-unit: $(unit_bin)
	$(Q)tests/run-tap $(unit_bin)
