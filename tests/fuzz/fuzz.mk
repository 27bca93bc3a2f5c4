# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets: what a stranger's bytes reach first. clang only; not part of `make check`.
#
#   make fuzz                    each for FUZZ_SECONDS, from its corpus in the tree
#   make fuzz-replay             the corpus alone, once
#   build/fuzz/fuzz_X FILE...    replays inputs

FUZZ_CC ?= clang
FUZZ_SECONDS ?= 60
FUZZ_CFLAGS = -std=gnu17 -g -O1 -D_GNU_SOURCE -DVST_INSTRUMENTED -I. \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all

fuzz_targets = json wire nl policy
fuzz_src_wire = \
	$(validate) \
	$(ipc_both) \
	ipc/err.c \
	ipc/wire_get.c \
	policy/admit.c \
	policy/grant.c \
	policy/plan.c \
	policy/steps.c
# The parser, and behind it the parent's reader. yajl itself is as the system has it.
fuzz_src_json = $(filter-out parser/main.c parser/confine.c,$(parser)) $(filter-out $(parser),$(fuzz_src_wire))
fuzz_ld_json = -l:libyajl_s.a -Wl,--wrap=sendto
fuzz_src_nl = \
	$(netlink) \
	ipc/err.c \
	privileged/kernel/patience.c
# libmnl, too, is as the system has it.
fuzz_ld_nl = -Wl,--wrap=sendto,--wrap=recvfrom -lmnl -lcap-ng
fuzz_src_policy = \
	ipc/err.c \
	ipc/name.c \
	policy/accounts.c \
	policy/grant.c \
	policy/rules.c \
	policy/steps.c

fuzz_bin = $(fuzz_targets:%=$(B)/fuzz/fuzz_%)
$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $$(fuzz_src_$$*)
	$(say) FUZZ $@
	$(Q)mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_CFLAGS) -o $@ $< $(fuzz_src_$*) $(fuzz_ld_$*)

fuzz: $(fuzz_bin)
	$(Q)set -e; for t in $(fuzz_targets); do \
		mkdir -p $(B)/fuzz/corpus/$$t; \
		$(B)/fuzz/fuzz_$$t -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$(B)/fuzz/ \
			$$([ ! -f tests/fuzz/$$t.dict ] || echo -dict=tests/fuzz/$$t.dict) \
			$(B)/fuzz/corpus/$$t tests/fuzz/corpus/$$t; \
	done

fuzz-build: $(fuzz_bin)
print-fuzz-targets:
	@echo $(fuzz_targets)

# What is in the tree, once each.
fuzz-replay: $(fuzz_bin)
	$(Q)set -e; for t in $(fuzz_targets); do \
		$(B)/fuzz/fuzz_$$t -runs=0 tests/fuzz/corpus/$$t; \
	done

.PHONY: fuzz fuzz-build fuzz-replay print-fuzz-targets
