# SPDX-License-Identifier: Apache-2.0
# Both programs are static PIEs, with musl where there is one: it starts three times faster than
# glibc, and has no loader that could be led astray (GLIBC_TUNABLES, LD_*) in a program that may be
# setuid; glibc has one inside even then. An instrumented build is dynamic, because ASan cannot be
# linked statically. Objects of the two libcs have folders of their own.

S_CFLAGS = $(V_CFLAGS) $(V_HARDEN) -ffunction-sections -fdata-sections
S_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack,-z,text,--no-dynamic-linker,--gc-sections

S_OBJ = $(B)/obj-$(if $(MUSL_CC),musl,glibc)

# $(call static_link,OBJECTS,LIBRARIES)
ifneq ($(findstring -DVST_INSTRUMENTED,$(FILTER_DEFS)),)
S_CC = $(CC)
static_link = $(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) -o $@ $1 $2
else ifneq ($(MUSL_CC),)
# musl's own wrapper has no -static-pie: its start files are named one by one. Its headers come
# first; the kernel's and yajl's are taken from where the compiler has its own.
S_CC = $(MUSL_CC) -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch) \
	-D_LARGEFILE64_SOURCE -include privileged/kernel/musl_stat.h
hash := \#
musl_lib := $(dir $(shell $(MUSL_CC) '-$(hash)$(hash)$(hash)' -x c /dev/null 2>&1 | tr ' ' '\n' | grep '/crti\.o$$'))
gcc_file = $(shell $(CC) -print-file-name=$1)
static_link = $(CC) $(CFLAGS) -static-pie -nostdlib -nostartfiles $(S_LDFLAGS) $(LDFLAGS) -o $@ \
	$(musl_lib)rcrt1.o $(musl_lib)crti.o $(call gcc_file,crtbeginS.o) $1 $2 \
	$(musl_lib)libc.a $(call gcc_file,libgcc.a) $(call gcc_file,crtendS.o) $(musl_lib)crtn.o
else
S_CC = $(CC)
static_link = $(CC) $(CFLAGS) -static-pie $(S_LDFLAGS) $(LDFLAGS) -o $@ $1 $2
endif

$(S_OBJ)/%.o: %.c
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(S_CC) $(CPPFLAGS) $(CFLAGS) $(S_CFLAGS) -DVST_VERSION='"$(VERSION)"' -c -o $@ $<
$(S_OBJ)/parser/confine.o: $(B)/gen/filter_parser.h
$(S_OBJ)/privileged/self/filter.o: $(B)/gen/filter_parent.h

parser_obj = $(parser:%.c=$(S_OBJ)/%.o)
$(B)/vestibule-parser: $(parser_obj)
	$(say) LINK $@
	$(Q)$(call static_link,$(parser_obj),-l:libyajl_s.a)

# Where the parser is, fixed at build: one object compiled anew for each place; beside the
# program in the tree, and in PREFIX.
priv_obj = $(privileged:%.c=$(S_OBJ)/%.o)
$(B)/vestibule: parser_place = $(abspath $(B))/vestibule-parser
$(STAGE)/vestibule: parser_place = $(LIBEXECDIR)/vestibule-parser
$(B)/hostile/vestibule: parser_place = $(abspath $(B))/hostile/vestibule-parser
vestibules = $(B)/vestibule $(STAGE)/vestibule $(B)/hostile/vestibule
# The libraries' side of what layout.c asserts.
$(vestibules): $(B)/obj/privileged/kernel/layout.o
$(vestibules): $(priv_obj) privileged/seam/parser_path.c
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(S_CC) $(CFLAGS) $(S_CFLAGS) -DPARSER_PATH='"$(parser_place)"' -c -o $@.apart.o \
		privileged/seam/parser_path.c
	$(Q)$(call static_link,$(priv_obj) $@.apart.o,)
$(STAGE)/vestibule: FORCE

-include $(parser_obj:.o=.d) $(priv_obj:.o=.d)
