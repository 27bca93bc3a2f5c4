# SPDX-License-Identifier: Apache-2.0
# The benchmark: `make bench` says what a run costs, beside what it must cost.

# Small, static, and with musl where there is one: what starts a program is in its peak memory.
BENCH_CC = $(if $(MUSL_CC),$(MUSL_CC) -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch),$(CC))
bench_cflags = -O2 -std=gnu17 $(V_WARN) -D_GNU_SOURCE

bench_programs = $(B)/bench/bench $(B)/bench/bare $(B)/bench/bare-static $(B)/bench/true $(B)/bench/as $(B)/bench/parts \
	$(B)/bench/vestibule-marks $(B)/bench/marks.map $(B)/tests/journal_share $(B)/tests/peak

bench_src = \
	tests/bench/bench.c \
	tests/bench/bench_row.c \
	tests/bench/bench_run.c \
	tests/bench/bench_stat.c
$(B)/bench/bench: $(bench_src) tests/bench/bench.h
	$(say) BENCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(BENCH_CC) $(bench_cflags) -static -o $@ $(bench_src)
$(B)/bench/true $(B)/bench/as: $(B)/bench/%: tests/bench/%.c
	$(Q)mkdir -p $(@D)
	$(Q)$(BENCH_CC) $(bench_cflags) -static -o $@ $<

# Against libc alone, and as hardened as the program itself.
bare_src = \
	tests/bench/bare.c \
	tests/bench/bare_net.c
$(B)/bench/bare: $(bare_src) tests/bench/bare.h
	$(say) BENCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(bench_cflags) $(V_HARDEN) $(V_LDFLAGS) -o $@ $(bare_src)

# The same, linked as vestibule is: what of a ratio is the loader's.
$(B)/bench/bare-static: $(bare_src) tests/bench/bare.h privileged/kernel/kernel_call.h privileged/kernel/kernel_mount.h privileged/kernel/kernel_ns.h
	$(say) BENCH $@
	$(Q)mkdir -p $(B)/bench/obj
	$(Q)for src in $(bare_src); do $(S_CC) $(bench_cflags) $(V_HARDEN) \
		-c -o $(B)/bench/obj/$$(basename $$src .c).o $$src || exit; done
	$(Q)$(call static_link,$(patsubst tests/bench/%.c,$(B)/bench/obj/%.o,$(bare_src)),)

# The same source linked otherwise: with shared libraries, and statically with glibc.
bench_linked = $(B)/bench/shared/vestibule $(if $(filter static,$(LINK)),$(B)/bench/glibc/vestibule)
$(B)/bench/shared/vestibule: FORCE
	$(Q)+$(MAKE) -s B=$(B)/bench/shared LINK=shared all
$(B)/bench/glibc/vestibule: FORCE
	$(Q)+$(MAKE) -s B=$(B)/bench/glibc MUSL_CC= LIBMNL_A='$(LIBMNL_A)' all

# The start and the confinement of the parser, piece by piece: by the very sources.
$(B)/bench/parts: tests/bench/parts.c parser/confine.c privileged/seam/spawn.c ipc/err.c $(B)/gen/filter_parser.h
	$(say) BENCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(BENCH_CC) $(bench_cflags) -I. -I$(B)/gen -static -o $@ tests/bench/parts.c ipc/err.c

# The program with a clock at the begin and end of each of its functions; what they say is written
# when it ends.
$(B)/bench/obj/%.o: %.c $(P_OBJ)/%.o
	$(Q)mkdir -p $(@D)
	$(Q)$(P_CC) $(CFLAGS) $(S_CFLAGS) -finstrument-functions \
		-finstrument-functions-exclude-file-list=.h -DVST_INSTRUMENTED -DVST_VERSION='"$(VERSION)"' -c -o $@ $<
$(B)/bench/obj/marks.o: tests/bench/marks.c
	$(Q)mkdir -p $(@D)
	$(Q)$(P_CC) $(CFLAGS) $(S_CFLAGS) -DMARKS_FILE='"/mnt/marks"' -c -o $@ $<
marked = $(privileged:%.c=$(B)/bench/obj/%.o) $(B)/bench/obj/marks.o
$(B)/bench/vestibule-marks: $(marked) $(B)/vestibule
	$(say) BENCH $@
	$(Q)$(call priv_link,$(marked) $(B)/vestibule.apart.o)
# Which file each function is of.
$(B)/bench/marks.map: $(B)/bench/vestibule-marks
	$(Q)nm $< | awk '$$2 ~ /[tT]/ { print $$1 }' >$@.at
	$(Q)addr2line -e $< <$@.at | sed 's/:[0-9?].*//; s|.*/||' | paste -d' ' $@.at - >$@
	$(Q)rm $@.at

# The journal's share of a run.
journal_share_src = \
	ipc/err.c \
	privileged/journal/journal.c \
	privileged/journal/journal_file.c \
	privileged/rights/caps.c \
	privileged/rights/rights.c \
	tests/bench/journal_share.c
$(B)/tests/journal_share: $(journal_share_src:%.c=$(B)/obj/%.o)
	$(say) BENCH $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) -o $@ $^ -lcap-ng
bench-journal: all $(B)/tests/journal_share
	$(Q)B=$(B) sh tests/bench/journal.sh

bench-build: $(bench_programs) $(bench_linked)
bench: all $(bench_programs) $(bench_linked)
	$(Q)B=$(B) tests/bench/bench.sh
# Only where the time goes.
bench-where: all $(bench_programs)
	$(Q)B=$(B) BENCH_ONLY=where tests/bench/bench.sh

.PHONY: bench bench-build bench-journal bench-where
