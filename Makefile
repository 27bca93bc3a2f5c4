# SPDX-License-Identifier: Apache-2.0
# vestibule: two programs. What is linked into which is decided here, file by file.
#
#   make                 build/vestibule and build/vestibule-parser
#   make check           every test; TESTING.md says which parts want what
#   make install         PREFIX, DESTDIR; sets no privilege
#   make install-setuid  the same, setuid root for the group vestibule
#   make install-caps    the same, and a second one with file capabilities, for interfaces alone
#   make demo            the main job on a small bundle, in namespaces of its own
#   make LINK=shared     vestibule with a loader and shared libraries; SECURITY.md says what that means

VERSION = 0.1.0
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBEXECDIR ?= $(PREFIX)/libexec/vestibule
CAPSDIR ?= $(LIBEXECDIR)/caps
MANDIR ?= $(PREFIX)/share/man
DATADIR ?= $(PREFIX)/share/vestibule
# A run is start and system calls: small is fast, and -O2 has a sixth more to map.
CFLAGS ?= -Os -g
B ?= build$(CROSS:%=-%)
# Where the program to install is linked; tests that install at the same time have one each.
STAGE ?= $(B)/install
WERROR ?=
# For another machine: the compiler is $(CROSS)-gcc, and SYSROOT is a folder that has usr/lib and
# usr/include of that machine, if the compiler does not know of them itself.
CROSS ?=
SYSROOT ?=
ifneq ($(CROSS),)
CC = $(CROSS)-gcc $(if $(SYSROOT),--sysroot=$(SYSROOT) -B$(SYSROOT)/usr/lib/$(multiarch))
multiarch := $(shell $(CROSS)-gcc -print-multiarch)
endif
# What runs while building.
CC_FOR_BUILD ?= $(if $(CROSS),cc,$(CC))
MUSL_CC ?= $(if $(CROSS),$(musl_cross),$(shell command -v musl-gcc))

# The machine that CC's programs run on, as libseccomp calls it.
machine := $(patsubst powerpc%,ppc%,$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))))

V_WARN = -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	-Wswitch-enum -Wformat=2 -Wpointer-arith -Wwrite-strings $(WERROR)
# The same bytes wherever the tree and its build folder lie.
V_PLACE = -ffile-prefix-map=$(abspath $(B))=build -ffile-prefix-map=$(B)=build -ffile-prefix-map=$(CURDIR)=.
ifneq ($(SYSROOT),)
V_PLACE += -ffile-prefix-map=$(SYSROOT)=
# In front of what Debian's cross compilers have of their own.
V_SYSROOT = -isystem $(SYSROOT)/usr/include/$(multiarch) -isystem $(SYSROOT)/usr/include
endif
V_CFLAGS = -std=gnu17 $(V_WARN) -D_GNU_SOURCE -fno-strict-aliasing -MMD -MP -I$(B)/gen $(V_PLACE) $(V_SYSROOT)
# Not every compiler has these, and not for every machine. What is left on the stack goes nowhere: no
# path through the program costs a measurable bit more.
harden_if := $(shell for flag in -fstack-clash-protection -fcf-protection -mbranch-protection=standard \
	-ftrivial-auto-var-init=zero; do \
	$(CC) -Werror $$flag -S -o /dev/null -x c /dev/null 2>/dev/null && echo $$flag; done)
V_HARDEN = -fPIE -fstack-protector-strong $(harden_if) -D_FORTIFY_SOURCE=2
V_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

# What the programs are made of: one file a line, sorted by folder.
ipc_both = ipc/address.c ipc/name.c
netlink = \
	privileged/link/nl.c \
	privileged/link/nl_attr.c \
	privileged/link/nl_kept.c \
	privileged/link/nl_kind.c \
	privileged/link/nl_oper.c \
	privileged/link/nl_port.c \
	privileged/link/nl_set.c \
	privileged/link/nl_state.c \
	privileged/link/nl_talk.c \
	privileged/rights/caps.c \
	privileged/rights/rights.c
validate = \
	privileged/seam/validate.c \
	privileged/seam/validate_link.c \
	privileged/seam/validate_mount.c \
	privileged/seam/validate_sentence.c
privileged = \
	$(netlink) \
	$(validate) \
	$(ipc_both) \
	ipc/err.c \
	ipc/wire_get.c \
	policy/accounts.c \
	policy/admit.c \
	policy/capabilities.c \
	policy/confirm.c \
	policy/grant.c \
	policy/plan.c \
	policy/rules.c \
	policy/slot.c \
	policy/steps.c \
	policy/verbs.c \
	privileged/main.c \
	privileged/run.c \
	privileged/run_document.c \
	privileged/run_execute.c \
	privileged/run_grant.c \
	privileged/run_ports.c \
	privileged/run_review.c \
	privileged/run_show.c \
	privileged/run_users.c \
	privileged/verb_attach.c \
	privileged/verb_cleanup.c \
	privileged/verb_detach.c \
	privileged/verb_gc.c \
	privileged/verb_plan.c \
	privileged/verb_policy_check.c \
	privileged/verb_policy_explain.c \
	privileged/verb_prepare.c \
	privileged/verb_status.c \
	privileged/act/attach.c \
	privileged/act/copies.c \
	privileged/exec/exec_dir.c \
	privileged/exec/exec_file.c \
	privileged/exec/exec_netns.c \
	privileged/exec/exec_ns.c \
	privileged/exec/granted.c \
	privileged/exec/made.c \
	privileged/execute/execute.c \
	privileged/execute/execute_mount.c \
	privileged/execute/execute_proof.c \
	privileged/execute/footing.c \
	privileged/execute/last_dir.c \
	privileged/journal/journal.c \
	privileged/journal/journal_copy.c \
	privileged/journal/journal_file.c \
	privileged/journal/state.c \
	privileged/journal/usage.c \
	privileged/kernel/beneath.c \
	privileged/kernel/change.c \
	privileged/kernel/host.c \
	privileged/kernel/layout.c \
	privileged/kernel/mountinfo.c \
	privileged/kernel/patience.c \
	privileged/kernel/proc.c \
	privileged/link/exec_link.c \
	privileged/link/exec_link_set.c \
	privileged/link/exec_link_undo.c \
	privileged/link/exec_port.c \
	privileged/link/link_back.c \
	privileged/link/link_id.c \
	privileged/link/link_node.c \
	privileged/link/link_proof.c \
	privileged/link/link_taken.c \
	privileged/link/port.c \
	privileged/link/port_apart.c \
	privileged/link/port_bridge.c \
	privileged/link/ports.c \
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
	privileged/ns/owner.c \
	privileged/ns/process.c \
	privileged/resolve/bundle.c \
	privileged/resolve/cgroup_mounts.c \
	privileged/resolve/cover.c \
	privileged/resolve/image.c \
	privileged/resolve/link_steps.c \
	privileged/resolve/lookup.c \
	privileged/resolve/pins.c \
	privileged/resolve/resolve.c \
	privileged/resolve/resolve_path.c \
	privileged/resolve/walk.c \
	privileged/seam/collect.c \
	privileged/seam/spawn.c \
	privileged/self/absent.c \
	privileged/self/audit.c \
	privileged/self/caller.c \
	privileged/self/cli.c \
	privileged/self/digest.c \
	privileged/self/filter.c \
	privileged/self/inherited.c \
	privileged/self/report.c \
	privileged/self/startup.c \
	privileged/show/expect.c \
	privileged/show/show.c \
	privileged/show/show_form.c \
	privileged/show/show_json.c \
	privileged/show/show_link.c \
	privileged/show/show_put.c \
	privileged/show/show_text.c \
	privileged/trust/policy_file.c \
	privileged/trust/trust.c \
	privileged/undo/held.c \
	privileged/undo/missing.c \
	privileged/undo/nets_find.c \
	privileged/undo/nets_open.c \
	privileged/undo/proof.c \
	privileged/undo/repair.c \
	privileged/undo/scope.c \
	privileged/undo/take.c \
	privileged/undo/undo.c
parser = \
	$(ipc_both) \
	ipc/wire_put.c \
	parser/arena.c \
	parser/build.c \
	parser/confine.c \
	parser/input.c \
	parser/json.c \
	parser/link.c \
	parser/main.c \
	parser/member.c \
	parser/mistake.c \
	parser/mount.c \
	parser/number.c \
	parser/options.c \
	parser/parse.c \
	parser/schema.c \
	parser/seen.c \
	parser/send.c

ifdef V
Q =
say = @:
else
Q = @
say = @printf '  %-7s %s\n'
endif

all: $(B)/vestibule $(B)/vestibule-parser

include static.mk

# For the tests, which link with what needs glibc.
$(B)/obj/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(V_CFLAGS) $(V_HARDEN) -DVST_VERSION='"$(VERSION)"' -c -o $@ $<
-include $(patsubst %.c,$(B)/obj/%.d,$(privileged) $(parser))

# The filters: libseccomp at build time, its tables in the programs.
$(B)/gen/filter_%.h: policy/filter_gen.c privileged/kernel/kernel_call.h privileged/kernel/kernel_mount.h privileged/kernel/kernel_ns.h policy/syscalls/%.def
	$(say) GEN $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC_FOR_BUILD) -O1 $(V_WARN) -D_GNU_SOURCE $(FILTER_DEFS) -DFILTER_NAME='"$*"' \
		-DFILTER_ARCH='"$(machine)"' -DFILTER_DEF='"syscalls/$*.def"' -o $(B)/gen/filter_gen_$* $< -lseccomp
	$(Q)$(B)/gen/filter_gen_$* >$@.tmp && mv $@.tmp $@
$(B)/obj/privileged/self/filter.o: $(B)/gen/filter_parent.h

include tests/tests.mk

# A program that goes, or is replaced, keeps its rights for whoever has it open or has linked it.
takes_rights = $(Q)for had in $(1); do if [ -u $$had ] || [ -g $$had ]; then chmod 0700 $$had; fi; done

# The parser is 0711 and root's, so that it starts non-dumpable: whoever cannot read it cannot
# trace it either. Nothing is setuid, and nothing gets a capability.
install: $(STAGE)/vestibule $(B)/vestibule-parser
	$(if $(findstring -DVST_INSTRUMENTED,$(FILTER_DEFS)),$(error an instrumented build is never installed))
	$(call takes_rights,$(DESTDIR)$(BINDIR)/vestibule)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBEXECDIR) $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(DATADIR)/network
	install -m 0755 $(STAGE)/vestibule $(DESTDIR)$(BINDIR)/vestibule
	install -m 0711 $(B)/vestibule-parser $(DESTDIR)$(LIBEXECDIR)/vestibule-parser
	install -m 0644 man/vestibule.8 $(DESTDIR)$(MANDIR)/man8/vestibule.8
	install -m 0644 man/vestibule-runtime.json.5 \
		$(DESTDIR)$(MANDIR)/man5/vestibule-runtime.json.5
	install -m 0644 man/vestibule-policy.5 $(DESTDIR)$(MANDIR)/man5/vestibule-policy.5
	install -m 0644 man/vestibule-network.7 $(DESTDIR)$(MANDIR)/man7/vestibule-network.7
	install -m 0644 dist/vestibule-plan.schema.json \
		$(DESTDIR)$(DATADIR)/vestibule-plan.schema.json
	install -m 0644 dist/network/* $(DESTDIR)$(DATADIR)/network

# For users whom /etc/vestibule/policy permits something: vestibule-policy(5).
ifneq ($(and $(filter install-setuid install-caps,$(MAKECMDGOALS)),$(filter shared,$(LINK))),)
$(error LINK=shared makes a program with a loader, which is not to get rights of its own)
endif
install-setuid:
	$(Q)scripts/install-setuid $(DESTDIR)$(BINDIR)/vestibule --before
	$(Q)$(MAKE) install
	$(Q)DESTDIR=$(DESTDIR) scripts/install-setuid $(DESTDIR)$(BINDIR)/vestibule \
		$(DESTDIR)$(LIBEXECDIR)/vestibule-parser

install-caps:
	$(Q)scripts/install-caps $(DESTDIR)$(CAPSDIR)/vestibule --before
	$(Q)$(MAKE) install
	$(Q)DESTDIR=$(DESTDIR) scripts/install-caps $(DESTDIR)$(CAPSDIR)/vestibule \
		$(DESTDIR)$(LIBEXECDIR)/vestibule-parser $(DESTDIR)$(BINDIR)/vestibule

uninstall:
	$(call takes_rights,$(DESTDIR)$(CAPSDIR)/vestibule $(DESTDIR)$(BINDIR)/vestibule)
	rm -f $(DESTDIR)$(CAPSDIR)/vestibule $(DESTDIR)$(BINDIR)/vestibule $(DESTDIR)$(LIBEXECDIR)/vestibule-parser \
		$(DESTDIR)$(MANDIR)/man8/vestibule.8 $(DESTDIR)$(MANDIR)/man5/vestibule-runtime.json.5 \
		$(DESTDIR)$(MANDIR)/man5/vestibule-policy.5 $(DESTDIR)$(MANDIR)/man7/vestibule-network.7 \
		$(DESTDIR)$(DATADIR)/vestibule-plan.schema.json
	rm -rf $(DESTDIR)$(DATADIR)/network

dist:
	$(Q)mkdir -p $(B)
	git archive --prefix=vestibule-$(VERSION)/ HEAD | gzip -9n >$(B)/vestibule-$(VERSION).tar.gz

demo: all
	$(Q)B=$(B) scripts/demo

# For tests/lint: what is linked into vestibule.
print-privileged:
	@echo $(priv_obj)
# ... and what the libraries are, and with which libc.
print-libs:
	@echo 'musl $(if $(MUSL_CC),yes,no)'
	@echo 'libc $(if $(MUSL_CC),$(musl_lib)libc.a,$(shell $(CC) -print-file-name=libc.a) $(shell $(CC) -print-file-name=libgcc_eh.a))'
	@echo 'asked $(S_OBJ)/libs/asked.o'
	@echo 'archives $(LIBMNL_A) $(trimmed) $(shell $(CC) -print-file-name=libyajl_s.a)'

clean:
	rm -rf $(B) build-*

# A linker that dies leaves something behind.
.DELETE_ON_ERROR:
FORCE:
.PHONY: all install install-setuid install-caps uninstall dist demo print-privileged print-libs clean FORCE
