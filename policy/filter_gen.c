/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build tool: turns one table of policy/syscalls/ into a BPF program for FILTER_ARCH, printed
 * as C. It runs on the machine that builds; the program may be for another one.
 *
 * A table is DEFAULT(KILL or ENOSYS) followed by ALLOW(name), ALLOW_ARG(name, argument, value),
 * ERRNO(name, ENAME) and KILL(name) in any order. Several ALLOW_ARG of one call are
 * alternatives. ALLOW_ARG compares the low 32 bits, because a libc may sign-extend an int; so
 * the argument must be one of which the kernel uses only 32 bits. A call by a foreign ABI (x32
 * included) kills the process whatever the default is, because its number means another call
 * there. Only this tool links libseccomp; the programs contain the finished table.
 *
 * Architectures that came after a call's successor lack the call. ALLOW_OLD(name) and
 * KILL_OLD(name) are void where it is missing; ALLOW_OR(name, other) allows the other call
 * there instead. Where any other call is missing, the tool fails.
 *
 * Numbers and values are this machine's and libseccomp's. Assertions behind the program have
 * the target's compiler compare them with its own headers.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/nsfs.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../privileged/kernel/kernel_mount.h"
#include "../privileged/kernel/kernel_ns.h"

/* Before 2.4, comparisons of 64-bit arguments were wrong (CVE-2019-9893). */
#if SCMP_VER_MAJOR < 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR < 4)
#error "libseccomp 2.4 or later is needed"
#endif

enum action {
	ACTION_KILL,
	ACTION_ENOSYS,
	ACTION_ALLOW,
	ACTION_ALLOW_ARG,
	ACTION_ERRNO,
};

struct rule {
	enum action action;
	const char *name;
	const char *other; /* ALLOW_OR: the call to allow where `name` is missing */
	int is_old;        /* `name` may be missing */
	unsigned arg;
	uint64_t value; /* ACTION_ALLOW_ARG: the argument's value; ACTION_ERRNO: the errno */
	const char *value_text;
};

static const enum action table_default =
#define DEFAULT(action) ACTION_##action;
#define ALLOW(name)
#define ALLOW_ARG(name, arg, value)
#define ALLOW_OLD(name)
#define ALLOW_OR(name, other)
#define ERRNO(name, code)
#define KILL(name)
#define KILL_OLD(name)
#include FILTER_DEF
#undef DEFAULT
#undef ALLOW
#undef ALLOW_ARG
#undef ALLOW_OLD
#undef ALLOW_OR
#undef ERRNO
#undef KILL
#undef KILL_OLD

	static const struct rule table[] = {
#define DEFAULT(action)
#define ALLOW(name) {ACTION_ALLOW, #name, NULL, 0, 0, 0, NULL},
#define ALLOW_ARG(name, arg, value)                                                            \
	{ACTION_ALLOW_ARG, #name, NULL, 0, arg, (uint64_t)(value), #value},
#define ALLOW_OLD(name) {ACTION_ALLOW, #name, NULL, 1, 0, 0, NULL},
#define ALLOW_OR(name, other) {ACTION_ALLOW, #name, #other, 1, 0, 0, NULL},
#define ERRNO(name, code) {ACTION_ERRNO, #name, NULL, 0, 0, code, #code},
#define KILL(name) {ACTION_KILL, #name, NULL, 0, 0, 0, NULL},
#define KILL_OLD(name) {ACTION_KILL, #name, NULL, 1, 0, 0, NULL},
#include FILTER_DEF
};

static void check(int ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "filter_gen: %s: %s: %s\n", FILTER_DEF, what, strerror(-ret));
	exit(1);
}

static uint32_t scmp_action(enum action action, uint64_t value)
{
	switch (action) {
	case ACTION_KILL:
		return SCMP_ACT_KILL_PROCESS;
	case ACTION_ENOSYS:
		return SCMP_ACT_ERRNO(ENOSYS);
	case ACTION_ERRNO:
		return SCMP_ACT_ERRNO((uint32_t)value);
	case ACTION_ALLOW:
	case ACTION_ALLOW_ARG:
		return SCMP_ACT_ALLOW;
	}
	abort();
}

/* Calls that an older libseccomp or libc does not know. They have the same numbers on every
 * architecture, and the program calls them by these. */
static const struct newer {
	const char *name, *macro;
	int nr;
} newer[] = {
	{"statmount", "KERNEL_SYS_STATMOUNT", KERNEL_SYS_STATMOUNT},
	{"listmount", "KERNEL_SYS_LISTMOUNT", KERNEL_SYS_LISTMOUNT},
};

static const struct newer *find_newer(const char *name)
{
	for (size_t i = 0; i < sizeof newer / sizeof *newer; i++)
		if (strcmp(newer[i].name, name) == 0)
			return &newer[i];
	return NULL;
}

/* The number of a newer call that libseccomp does not know; 0 for any other call. */
static int number_if_newer(const char *name)
{
	const struct newer *call = find_newer(name);

	return call && seccomp_syscall_resolve_name(name) == __NR_SCMP_ERROR ? call->nr : 0;
}

/*
 * s390x has each socket call twice: with a number of its own (4.3), and as a variant of
 * socketcall, whose arguments a filter cannot see. libseccomp has only a pseudo number for such
 * a call, and would allow both.
 */
static int is_multiplexed(uint32_t arch, int nr)
{
	return seccomp_syscall_resolve_name_arch(arch, "socketcall") >= 0 && nr <= -100 &&
	       nr >= -120;
}

/* Refuses socketcall. It must be the first rule: libseccomp ignores narrower ones of the same
 * call that come later, and with them all that it would allow. The errno differs from what a
 * table has as its default, which libseccomp does not take as a rule. */
static void refuse_socketcall(scmp_filter_ctx ctx, uint32_t arch)
{
	if (seccomp_syscall_resolve_name_arch(arch, "socketcall") >= 0)
		check(seccomp_rule_add_exact_array(ctx, SCMP_ACT_ERRNO(EPERM),
			      seccomp_syscall_resolve_name("socketcall"), 0, NULL),
			"socketcall");
}

/* Prints what proves that the rule means the same to the target's compiler: the number, and the
 * argument's value or the errno. */
static void print_proof(uint32_t arch, const char *name, const struct rule *rule)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);
	const struct newer *call = find_newer(name);

	if (call)
		printf("_Static_assert(%s == %d, \"%s\");\n", call->macro, nr, name);
	else if (nr >= 0)
		printf("_Static_assert(SYS_%s == %d, \"%s\");\n", name, nr, name);
	else if (is_multiplexed(arch, nr))
		printf("_Static_assert(SYS_%s >= 0, \"%s\");\n", name, name);
	else
		printf("#ifdef SYS_%s\n#error \"libseccomp does not know %s\"\n#endif\n", name,
			name);
	if (rule->value_text)
		printf("_Static_assert((uint32_t)(%s) == 0x%xU, \"%s\");\n", rule->value_text,
			(uint32_t)rule->value, name);
}

static int is_missing(uint32_t arch, const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(arch, name);

	/* A name that no architecture has is a mistake in the table. */
	check(nr == __NR_SCMP_ERROR ? -ENOENT : 0, name);
	return nr < 0 && !is_multiplexed(arch, nr);
}

static void add_rule(scmp_filter_ctx ctx, uint32_t arch, const struct rule *rule)
{
	struct scmp_arg_cmp cmp =
		SCMP_CMP64(rule->arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, rule->value & UINT32_MAX);
	unsigned n_args = rule->action == ACTION_ALLOW_ARG ? 1 : 0;
	uint32_t action = scmp_action(rule->action, rule->value);
	const char *name = rule->name;
	int nr;

	if (number_if_newer(name)) {
		check(rule->action == ACTION_ALLOW ? 0 : -EINVAL, name);
		return;
	}
	if (rule->is_old && is_missing(arch, name)) {
		print_proof(arch, name, rule);
		if (!rule->other)
			return;
		name = rule->other;
	}
	check(is_missing(arch, name) ? -ENOENT : 0, name);
	print_proof(arch, name, rule);
	/* libseccomp wants this machine's number, and translates it. Of a multiplexed call it
	 * makes two rules, which "exact" forbids. */
	nr = seccomp_syscall_resolve_name(name);
	if (is_multiplexed(arch, seccomp_syscall_resolve_name_arch(arch, name)))
		check(seccomp_rule_add_array(ctx, action, nr, n_args, &cmp), name);
	else
		check(seccomp_rule_add_exact_array(ctx, action, nr, n_args, &cmp), name);
}

/* In front of libseccomp's program: allows the calls that it does not know. */
static void print_newer(uint32_t arch)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		int nr = number_if_newer(table[i].name);

		if (nr)
			printf("\tBPF_STMT(BPF_LD | BPF_W | BPF_ABS, 4), /* %s */\n"
			       "\tBPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x%08x, 0, 3),\n"
			       "\tBPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),\n"
			       "\tBPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, %d, 0, 1),\n"
			       "\tBPF_STMT(BPF_RET | BPF_K, 0x%08x),\n",
				table[i].name, arch, nr, SCMP_ACT_ALLOW);
	}
}

/* libseccomp exports in the byte order of the architecture. */
static void print_program(scmp_filter_ctx ctx, uint32_t arch)
{
	int is_little = (arch & __AUDIT_ARCH_LE) != 0;
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct sock_filter insn;
	FILE *file;

	check(fd < 0 ? -errno : 0, "memfd_create");
	check(seccomp_export_bpf(ctx, fd), "seccomp_export_bpf");
	file = fdopen(fd, "r");
	check(!file || fseek(file, 0, SEEK_SET) != 0 ? -errno : 0, "fdopen");
	printf("static const struct sock_filter filter_%s[] = {\n", FILTER_NAME);
	print_newer(arch);
	while (fread(&insn, sizeof insn, 1, file) == 1)
		printf("\t{0x%04x, %u, %u, 0x%08x},\n",
			is_little ? le16toh(insn.code) : be16toh(insn.code), insn.jt, insn.jf,
			is_little ? le32toh(insn.k) : be32toh(insn.k));
	printf("};\n");
	check(ferror(file) || fclose(file) != 0 || fflush(stdout) != 0 ? -EIO : 0, "output");
}

int main(void)
{
	const struct scmp_version *version = seccomp_version();
	uint32_t arch = seccomp_arch_resolve_name(FILTER_ARCH);
	scmp_filter_ctx ctx;

	if (version->major < 2 || (version->major == 2 && version->minor < 4))
		check(-EINVAL, "libseccomp 2.4 or later is needed");
	check(arch ? 0 : -EINVAL, "unknown architecture " FILTER_ARCH);
	/* SCMP_ACT_KILL_PROCESS needs API level 3. Set it, because the default depends on the
	 * build machine's kernel, and the filter runs on another. */
	check(seccomp_api_set(3), "seccomp_api_set");
	ctx = seccomp_init(scmp_action(table_default, 0));
	check(ctx ? 0 : -ENOMEM, "seccomp_init");
	check(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "BADARCH");
	/* A binary tree: the kernel runs the filter for every call number when it is loaded,
	 * which takes longer for a linear list. */
	check(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), "OPTIMIZE");
	if (arch != seccomp_arch_native()) {
		check(seccomp_arch_remove(ctx, seccomp_arch_native()), "seccomp_arch_remove");
		check(seccomp_arch_add(ctx, arch), "seccomp_arch_add");
	}
	printf("/* Generated from %s for %s. */\n", FILTER_DEF, FILTER_ARCH);
	refuse_socketcall(ctx, arch);
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		add_rule(ctx, arch, &table[i]);
	print_program(ctx, arch);
	seccomp_release(ctx);
	return 0;
}
