/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Build tool: turns one table of policy/syscalls/ into a BPF program, printed as C.
 *
 * A table is DEFAULT(KILL or ENOSYS) followed by ALLOW(name), ALLOW_ARG(name, argument, value),
 * ERRNO(name, ENAME) and KILL(name) in any order. Several ALLOW_ARG of one call are
 * alternatives. ALLOW_ARG compares the low 32 bits, because a libc may sign-extend an int; so
 * the argument must be one of which the kernel uses only 32 bits. A call by a foreign ABI (x32
 * included) kills the process whatever the default is, because its number means another call
 * there. Only this tool links libseccomp; the programs contain the finished table.
 */
#include <errno.h>
#include <fcntl.h>
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
	unsigned arg;
	uint64_t value; /* ACTION_ALLOW_ARG: the argument's value; ACTION_ERRNO: the errno */
};

static const enum action table_default =
#define DEFAULT(action) ACTION_##action;
#define ALLOW(name)
#define ALLOW_ARG(name, arg, value)
#define ERRNO(name, code)
#define KILL(name)
#include FILTER_DEF
#undef DEFAULT
#undef ALLOW
#undef ALLOW_ARG
#undef ERRNO
#undef KILL

	static const struct rule table[] = {
#define DEFAULT(action)
#define ALLOW(name) {ACTION_ALLOW, #name, 0, 0},
#define ALLOW_ARG(name, arg, value) {ACTION_ALLOW_ARG, #name, arg, (uint64_t)(value)},
#define ERRNO(name, code) {ACTION_ERRNO, #name, 0, code},
#define KILL(name) {ACTION_KILL, #name, 0, 0},
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

/* statmount and listmount are newer than older libseccomp. Their numbers are the same on every
 * architecture. */
static int resolve_name(const char *name)
{
	if (strcmp(name, "statmount") == 0)
		return KERNEL_SYS_STATMOUNT;
	if (strcmp(name, "listmount") == 0)
		return KERNEL_SYS_LISTMOUNT;
	return seccomp_syscall_resolve_name(name);
}

static void add_rule(scmp_filter_ctx ctx, const struct rule *rule)
{
	uint32_t action = scmp_action(rule->action, rule->value);
	int nr = resolve_name(rule->name);

	/* Negative: the call is unknown, or this architecture does not have it. */
	if (nr < 0)
		check(-ENOENT, rule->name);
	if (rule->action == ACTION_ALLOW_ARG) {
		struct scmp_arg_cmp cmp = SCMP_CMP64(
			rule->arg, SCMP_CMP_MASKED_EQ, UINT32_MAX, rule->value & UINT32_MAX);

		check(seccomp_rule_add_exact_array(ctx, action, nr, 1, &cmp), rule->name);
	} else {
		check(seccomp_rule_add_exact_array(ctx, action, nr, 0, NULL), rule->name);
	}
}

static void print_program(scmp_filter_ctx ctx)
{
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct sock_filter insn;
	FILE *file;

	check(fd < 0 ? -errno : 0, "memfd_create");
	check(seccomp_export_bpf(ctx, fd), "seccomp_export_bpf");
	file = fdopen(fd, "r");
	check(!file || fseek(file, 0, SEEK_SET) != 0 ? -errno : 0, "fdopen");
	printf("/* Generated from %s. */\n", FILTER_DEF);
	printf("static const struct sock_filter filter_%s[] = {\n", FILTER_NAME);
	while (fread(&insn, sizeof insn, 1, file) == 1)
		printf("\t{0x%04x, %u, %u, 0x%08x},\n", insn.code, insn.jt, insn.jf, insn.k);
	printf("};\n");
	check(ferror(file) || fclose(file) != 0 || fflush(stdout) != 0 ? -EIO : 0, "output");
}

int main(void)
{
	const struct scmp_version *version = seccomp_version();
	scmp_filter_ctx ctx;

	if (version->major < 2 || (version->major == 2 && version->minor < 4))
		check(-EINVAL, "libseccomp 2.4 or later is needed");
	/* SCMP_ACT_KILL_PROCESS needs API level 3. Set it, because the default depends on the
	 * build machine's kernel, and the filter runs on another. */
	check(seccomp_api_set(3), "seccomp_api_set");
	ctx = seccomp_init(scmp_action(table_default, 0));
	check(ctx ? 0 : -ENOMEM, "seccomp_init");
	check(seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "BADARCH");
	/* A binary tree: the kernel runs the filter for every call number when it is loaded,
	 * which takes longer for a linear list. */
	check(seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2), "OPTIMIZE");
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		add_rule(ctx, &table[i]);
	print_program(ctx);
	seccomp_release(ctx);
	return 0;
}
