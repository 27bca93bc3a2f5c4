# SPDX-License-Identifier: Apache-2.0
# How the two programs are linked. Both are static PIEs, with musl where there is one: it starts
# three times faster than glibc, and has no loader that could be led astray (GLIBC_TUNABLES, LD_*)
# in a program that may be setuid; glibc has one inside even then. An instrumented build is dynamic,
# because ASan cannot be linked statically. Objects of the two libcs have folders of their own.
#
# LINK=shared links vestibule (never the parser) with glibc and the shared libraries, where there is
# no libmnl.a. It has a loader then; SECURITY.md says what that means. It is never chosen unasked.

LINK ?= static
$(if $(filter-out static shared,$(LINK)),$(error LINK is static or shared))

S_CFLAGS = $(V_CFLAGS) $(V_HARDEN) -ffunction-sections -fdata-sections
S_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack,-z,text,--no-dynamic-linker,--gc-sections

# musl has a wrapper for the machine's own compiler alone; for another one, this is what it says.
musl_cross = $(if $(wildcard $(SYSROOT)/usr/lib/$(machine)-linux-musl/libc.a),$(CC) -nostdinc \
	-isystem $(SYSROOT)/usr/include/$(machine)-linux-musl -isystem $(shell $(CC) -print-file-name=include))

S_OBJ = $(B)/obj-$(if $(MUSL_CC),musl,glibc)

# $(call static_link,OBJECTS,LIBRARIES)
ifneq ($(findstring -DVST_INSTRUMENTED,$(FILTER_DEFS)),)
S_CC = $(CC)
static_link = $(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) -o $@ $1 $2
else ifneq ($(MUSL_CC),)
# musl's own wrapper has no -static-pie: its start files are named one by one. Its headers come
# first; the kernel's and the libraries' are taken from where the compiler has its own.
S_CC = $(MUSL_CC) -idirafter $(SYSROOT)/usr/include -idirafter $(SYSROOT)/usr/include/$(shell $(CC) -print-multiarch) \
	-D_LARGEFILE64_SOURCE -include privileged/kernel/musl_stat.h
hash := \#
musl_lib := $(if $(CROSS),$(SYSROOT)/usr/lib/$(machine)-linux-musl/,$(dir $(shell $(MUSL_CC) \
	'-$(hash)$(hash)$(hash)' -x c /dev/null 2>&1 | tr ' ' '\n' | grep '/crti\.o$$')))
gcc_file = $(shell $(CC) -print-file-name=$1)
static_link = $(CC) $(CFLAGS) -static-pie -nostdlib -nostartfiles $(S_LDFLAGS) $(LDFLAGS) -o $@ \
	$(musl_lib)rcrt1.o $(musl_lib)crti.o $(call gcc_file,crtbeginS.o) $1 $2 \
	$(musl_lib)libc.a $(call gcc_file,libgcc.a) $(call gcc_file,crtendS.o) $(musl_lib)crtn.o
else
S_CC = $(CC)
static_link = $(CC) $(CFLAGS) -static-pie $(S_LDFLAGS) $(LDFLAGS) -o $@ $1 $2
endif

# vestibule and its libraries: $(call priv_link,OBJECTS). Shared where it is asked for, and in an
# instrumented build.
ifneq ($(filter shared,$(LINK))$(findstring -DVST_INSTRUMENTED,$(FILTER_DEFS)),)
P_CC = $(CC)
P_OBJ = $(B)/obj-shared
priv_libs =
priv_link = $(CC) $(CFLAGS) $(V_LDFLAGS) -Wl,--gc-sections $(LDFLAGS) -o $@ $1 -lmnl -lcap-ng
else
P_CC = $(S_CC)
P_OBJ = $(S_OBJ)
# The distribution's own libmnl.a, or what scripts/packages brought for the build; LIBMNL_A=FILE names another.
archive = $(firstword $(filter /%,$(shell $(CC) -print-file-name=$1)) \
	$(wildcard $(addsuffix /fetched/usr/lib/$(shell $(CC) -print-multiarch)/$1,$(B) build)))
LIBMNL_A := $(call archive,libmnl.a)
LIBCAP_NG_A := $(call archive,libcap-ng.a)
trimmed = $(B)/lib/libcap-ng.a
priv_libs = $(S_OBJ)/libs/asked.o $(or $(LIBMNL_A),no-libmnl) $(if $(LIBCAP_NG_A),$(trimmed),no-libcap-ng)
priv_link = $(call static_link,$1,$(priv_libs))
endif

no-libmnl:
	@echo "vestibule is linked with libmnl.a, and there is none here (Debian 12's libmnl-dev has" \
		"none). Either run '$(if $(filter build,$(B)),,B=$(B) )scripts/packages build', which brings Debian 13's into the build" \
		"directory, or ask for the shared library, and a loader with it: make LINK=shared" \
		"(SECURITY.md says what that means)." >&2
	@exit 1
no-libcap-ng:
	@echo "vestibule is linked with libcap-ng.a, and there is none here: install libcap-ng-dev" \
		"('scripts/packages build' does), or ask for the shared libraries, and a loader with them:" \
		"make LINK=shared (SECURITY.md says what that means)." >&2
	@exit 1
.PHONY: no-libmnl no-libcap-ng

# libcap-ng's functions are one section, which the linker keeps whole. What those that vestibule does
# not call would bring along, name service and log, is renamed to what libs/asked.c has.
OBJCOPY = $(shell $(CC) -print-prog-name=objcopy)
absent = __syslog_chk getpwuid initgroups pthread_atfork setgroups setresgid setresuid syslog
$(B)/lib/libcap-ng.a: $(LIBCAP_NG_A) static.mk
	$(say) TRIM $@
	$(Q)mkdir -p $(@D)
	$(Q)$(OBJCOPY) $(foreach s,$(absent),--redefine-sym $s=absent_$s) $< $@

$(S_OBJ)/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(S_CC) $(CPPFLAGS) $(CFLAGS) $(S_CFLAGS) -DVST_VERSION='"$(VERSION)"' -c -o $@ $<
$(B)/obj-shared/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(S_CFLAGS) -DVST_VERSION='"$(VERSION)"' -c -o $@ $<
$(S_OBJ)/parser/confine.o: $(B)/gen/filter_parser.h
$(P_OBJ)/privileged/self/filter.o: $(B)/gen/filter_parent.h

parser_obj = $(parser:%.c=$(S_OBJ)/%.o) $(S_OBJ)/libs/asked.o
$(B)/vestibule-parser: $(parser_obj)
	$(say) LINK $@
	$(Q)$(call static_link,$(parser_obj),-l:libyajl_s.a)

# How vestibule was linked the last time: it is linked anew when that changes.
$(B)/linked: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(LINK)' | cmp -s - $@ || echo '$(LINK)' >$@

# Where the parser is, fixed at build: one object compiled anew for each place; beside the
# program in the tree, and in PREFIX.
priv_obj = $(privileged:%.c=$(P_OBJ)/%.o)
$(B)/vestibule: parser_place = $(abspath $(B))/vestibule-parser
$(STAGE)/vestibule: parser_place = $(LIBEXECDIR)/vestibule-parser
$(B)/hostile/vestibule: parser_place = $(abspath $(B))/hostile/vestibule-parser
vestibules = $(B)/vestibule $(STAGE)/vestibule $(B)/hostile/vestibule
# The libraries' side of what layout.c asserts.
$(vestibules): $(B)/obj/privileged/kernel/layout.o
$(vestibules): $(priv_libs) $(priv_obj) privileged/seam/parser_path.c $(B)/linked
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(P_CC) $(CFLAGS) $(S_CFLAGS) -DPARSER_PATH='"$(parser_place)"' -c -o $@.apart.o \
		privileged/seam/parser_path.c
	$(Q)$(call priv_link,$(priv_obj) $@.apart.o)
$(STAGE)/vestibule: FORCE

-include $(parser_obj:.o=.d) $(priv_obj:.o=.d)
