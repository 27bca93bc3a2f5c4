/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both filters as programs, interpreted: each call by its number here, with the arguments that
 * the tables name and others, by this machine's ABI and by others. What is expected comes from
 * the tables. No kernel is asked, so this runs wherever the programs are built for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/nsfs.h>
#include <linux/seccomp.h>
#include <linux/sockios.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "privileged/kernel/kernel_mount.h"
#include "privileged/kernel/kernel_ns.h"

/* These assert what the headers above say. */
#include "filter_parent.h"
#include "filter_parser.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv)
#define ARCH AUDIT_ARCH_RISCV64
#elif defined(__s390x__)
#define ARCH AUDIT_ARCH_S390X
#else
#error "this architecture's AUDIT_ARCH_* is missing here"
#endif

/* The calls that some architectures do not have, and that headers may be too old for. */
#define MISSING (-1)
#ifndef SYS_fork
#define SYS_fork MISSING
#define SYS_vfork MISSING
#define SYS_poll MISSING
#endif
#ifndef SYS_open
#define SYS_open MISSING
#define SYS_mkdir MISSING
#define SYS_readlink MISSING
#endif
#ifndef SYS_getrlimit
#define SYS_getrlimit MISSING
#endif
#ifndef SYS_statmount
#define SYS_statmount KERNEL_SYS_STATMOUNT
#define SYS_listmount KERNEL_SYS_LISTMOUNT
#endif

#define RET_KILL SECCOMP_RET_KILL_PROCESS
#define RET_ALLOW SECCOMP_RET_ALLOW
#define RET_ENOSYS (SECCOMP_RET_ERRNO | ENOSYS)

struct row {
	long nr;
	uint32_t ret;
	int has_arg;
	unsigned arg;
	uint64_t value;
};

/* The first row has what any other call gets. */
#define DEFAULT(action) {MISSING, RET_##action, 0, 0, 0},
#define ALLOW(name) {SYS_##name, RET_ALLOW, 0, 0, 0},
#define ALLOW_ARG(name, arg, value) {SYS_##name, RET_ALLOW, 1, arg, (uint64_t)(value)},
#define ALLOW_OLD(name) {SYS_##name, RET_ALLOW, 0, 0, 0},
#define ALLOW_OR(name, other)                                                                  \
	{SYS_##name == MISSING ? SYS_##other : SYS_##name, RET_ALLOW, 0, 0, 0},
#define ERRNO(name, code) {SYS_##name, SECCOMP_RET_ERRNO | (code), 0, 0, 0},
#define KILL(name) {SYS_##name, RET_KILL, 0, 0, 0},
#define KILL_OLD(name) {SYS_##name, RET_KILL, 0, 0, 0},
static const struct row parent_rows[] = {
#include "policy/syscalls/parent.def"
};
static const struct row parser_rows[] = {
#include "policy/syscalls/parser.def"
};

#define LEN(array) (sizeof array / sizeof *array)

static const struct table {
	const char *name;
	const struct row *rows;
	size_t n_rows;
	const struct sock_filter *program;
	size_t n_program;
} tables[] = {
	{"parent", parent_rows, LEN(parent_rows), filter_parent, LEN(filter_parent)},
	{"parser", parser_rows, LEN(parser_rows), filter_parser, LEN(filter_parser)},
};

/* What the table says of the call. */
static uint32_t wanted(const struct table *table, const struct seccomp_data *data)
{
	uint32_t ret = table->rows[0].ret;

#ifdef SYS_socketcall
	if (data->nr == SYS_socketcall)
		return SECCOMP_RET_ERRNO | EPERM;
#endif
	for (size_t i = 1; i < table->n_rows; i++) {
		const struct row *row = &table->rows[i];

		if (row->nr == MISSING || row->nr != data->nr)
			continue;
		if (!row->has_arg)
			return row->ret;
		if ((uint32_t)data->args[row->arg] == (uint32_t)row->value)
			ret = row->ret;
	}
	return ret;
}

/* What the kernel would make of the program: those instructions that libseccomp makes. */
static uint32_t interpret(const struct table *table, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t at = 0; at < table->n_program; at++) {
		const struct sock_filter *insn = &table->program[at];
		int yes;

		switch (insn->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			assert_true(insn->k % 4 == 0 && insn->k < sizeof *data);
			memcpy(&a, (const char *)data + insn->k, sizeof a);
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= insn->k;
			continue;
		case BPF_RET | BPF_K:
			return insn->k;
		case BPF_JMP | BPF_JA:
			at += insn->k;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			yes = a == insn->k;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			yes = a > insn->k;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			yes = a >= insn->k;
			break;
		default:
			fail_msg("instruction %#x is unknown here", insn->code);
			return 0;
		}
		at += yes ? insn->jt : insn->jf;
	}
	fail_msg("the program does not end");
	return 0;
}

static void judge(const struct table *table, const struct seccomp_data *data, uint32_t want)
{
	uint32_t have = interpret(table, data);

	if (have != want)
		fail_msg("%s: call %d of %#x, arguments %llx %llx %llx: %#x instead of %#x",
			table->name, data->nr, data->arch, (unsigned long long)data->args[0],
			(unsigned long long)data->args[1], (unsigned long long)data->args[2],
			have, want);
}

#define NR_END 1024

static void calls(void **state)
{
	static const uint64_t words[] = {0, 1, 2, 3, 9, 15, UINT32_MAX, 1ULL << 32, UINT64_MAX};

	(void)state;
	for (size_t t = 0; t < LEN(tables); t++)
		for (int nr = -1; nr < NR_END; nr++)
			for (size_t i = 0; i < LEN(words); i++) {
				struct seccomp_data data = {.nr = nr, .arch = ARCH};

				for (size_t arg = 0; arg < LEN(data.args); arg++)
					data.args[arg] = words[(i + arg) % LEN(words)];
				judge(&tables[t], &data, wanted(&tables[t], &data));
			}
}

/* Each value that a table names: the lower half of the argument counts, and all of that. */
static void arguments(void **state)
{
	int tried = 0;

	(void)state;
	for (size_t t = 0; t < LEN(tables); t++)
		for (size_t i = 1; i < tables[t].n_rows; i++) {
			const struct row *row = &tables[t].rows[i];
			struct seccomp_data data = {.nr = (int)row->nr, .arch = ARCH};
			__u64 *arg = &data.args[row->arg];

			if (!row->has_arg)
				continue;
			memset(data.args, 0xa5, sizeof data.args);
			*arg = (uint32_t)row->value;
			judge(&tables[t], &data, RET_ALLOW);
			*arg |= 0xdeadbeefULL << 32;
			judge(&tables[t], &data, RET_ALLOW);
			for (int bit = 0; bit < 64; bit++) {
				*arg = row->value ^ 1ULL << bit;
				judge(&tables[t], &data, wanted(&tables[t], &data));
			}
			tried++;
		}
	assert_true(tried > 20);
}

/* What the parent must never do, by name: the tables are not asked. */
static void never(void **state)
{
	static const long numbers[] = {SYS_execve, SYS_execveat, SYS_fork, SYS_vfork,
		SYS_clone3,
#ifndef VST_INSTRUMENTED
		SYS_clone, SYS_ptrace, SYS_process_vm_readv,
#endif
		SYS_process_vm_writev, SYS_pidfd_getfd, SYS_bpf, SYS_io_uring_setup,
		SYS_io_uring_enter, SYS_io_uring_register, SYS_userfaultfd, SYS_perf_event_open,
		SYS_init_module, SYS_finit_module, SYS_kexec_load, SYS_kexec_file_load};

	(void)state;
	for (size_t i = 0; i < LEN(numbers); i++) {
		struct seccomp_data data = {.nr = (int)numbers[i], .arch = ARCH};

		if (numbers[i] != MISSING)
			judge(&tables[0], &data, RET_KILL);
	}
}

/* 32-bit gates, x32, and machines that this one is not. */
static void foreign(void **state)
{
	static const uint32_t archs[] = {AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_ARMEB,
		AUDIT_ARCH_I386, AUDIT_ARCH_PPC64, AUDIT_ARCH_PPC64LE, AUDIT_ARCH_RISCV32,
		AUDIT_ARCH_RISCV64, AUDIT_ARCH_S390, AUDIT_ARCH_S390X, AUDIT_ARCH_X86_64, 0,
		ARCH ^ __AUDIT_ARCH_64BIT, ARCH ^ __AUDIT_ARCH_LE};

	(void)state;
	for (size_t t = 0; t < LEN(tables); t++)
		for (int nr = -1; nr < NR_END; nr++) {
			struct seccomp_data data = {.nr = nr};

			for (size_t i = 0; i < LEN(archs); i++) {
				data.arch = archs[i];
				if (data.arch != ARCH)
					judge(&tables[t], &data, RET_KILL);
			}
#ifdef __x86_64__
			data.arch = ARCH;
			data.nr = nr | 0x40000000; /* x32 */
			if (nr >= 0)
				judge(&tables[t], &data, RET_KILL);
#endif
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls),
		cmocka_unit_test(arguments),
		cmocka_unit_test(never),
		cmocka_unit_test(foreign),
	};

	return cmocka_run_group_tests_name("filter_table", tests, NULL, NULL);
}
