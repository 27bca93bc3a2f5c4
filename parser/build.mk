# vestibule-parser: static, with musl where there is one (it starts three times faster than with
# glibc). An instrumented one is dynamic, because ASan cannot be linked statically.

P_CFLAGS = $(V_CFLAGS) $(V_HARDEN) -ffunction-sections -fdata-sections
parser_obj = $(parser:%.c=$(B)/obj-parser/%.o)

ifneq ($(findstring -DVST_INSTRUMENTED,$(FILTER_DEFS)),)
P_CC = $(CC)
parser_link = $(CC) $(CFLAGS) $(V_LDFLAGS) $(LDFLAGS) -o $@ $(parser_obj) -l:libyajl_s.a
else ifneq ($(MUSL_CC),)
# musl's own wrapper has no -static-pie: its start files are named one by one. Its headers come
# first; the kernel's and yajl's are taken from where the compiler has its own.
P_CC = $(MUSL_CC) -idirafter /usr/include -idirafter /usr/include/$(shell $(CC) -print-multiarch)
hash := \#
musl_lib := $(dir $(shell $(MUSL_CC) '-$(hash)$(hash)$(hash)' -x c /dev/null 2>&1 | tr ' ' '\n' | grep '/crti\.o$$'))
gcc_file = $(shell $(CC) -print-file-name=$1)
parser_link = $(CC) $(CFLAGS) -static-pie -nostdlib -nostartfiles $(P_LDFLAGS) $(LDFLAGS) -o $@ \
	$(musl_lib)rcrt1.o $(musl_lib)crti.o $(call gcc_file,crtbeginS.o) $(parser_obj) \
	-l:libyajl_s.a $(musl_lib)libc.a $(call gcc_file,libgcc.a) \
	$(call gcc_file,crtendS.o) $(musl_lib)crtn.o
else
P_CC = $(CC)
parser_link = $(CC) $(CFLAGS) -static-pie $(P_LDFLAGS) $(LDFLAGS) -o $@ $(parser_obj) -l:libyajl_s.a
endif
P_LDFLAGS = -Wl,-z,relro,-z,now,-z,noexecstack,-z,text,--no-dynamic-linker,--gc-sections

$(B)/vestibule-parser: $(parser_obj)
	$(say) LINK $@
	$(Q)$(parser_link)

$(B)/obj-parser/%.o: %.c
	$(say) CC-P $<
	$(Q)mkdir -p $(@D)
	$(Q)$(P_CC) $(CPPFLAGS) $(CFLAGS) $(P_CFLAGS) -c -o $@ $<
$(B)/obj-parser/parser/confine.o: $(B)/gen/filter_parser.h

-include $(parser_obj:.o=.d)
