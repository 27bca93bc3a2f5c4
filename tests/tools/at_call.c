/* SPDX-License-Identifier: Apache-2.0 */
/*
 * at_call FILE [FAULT...] -- PROGRAM [ARGUMENT...]: runs a program and lets something happen at
 * a chosen system call of it, or of a process that it starts. Without a fault, FILE has a line
 * for each call, "program|child NAME NUMBER"; with faults, a line for each that happened. A
 * number begins with 1 and counts the calls of that name of the program, or of all of its
 * children. Ends as the program does, or with 128 and the signal if it is killed.
 *
 *   program:mkdirat:2:EIO     the program's second mkdirat is not made, and answers EIO
 *   program:mkdirat:2:before  the program is killed when it is about to make it
 *   program:mkdirat:2:after   ... when it has just made it, before its next instruction
 *   program:mkdirat:2:+250    ... when it has made it, and 250 instructions more, or is at the
 *                             next call
 *   program:any:17:before     ... at its 17th call, whichever that is
 *   program:mkdirat:2:hold    the program stands still when it is about to make it: FILE
 *                             says so, and it goes on when there is a file FILE.go
 *   program:mkdirat:2:held    ... when it has just made it
 *   program:mkdirat:2:stop    the program is stopped by SIGSTOP when it is about to make it,
 *                             and is not traced any more: others may try to
 *   child:read:1:EIO          so do its children
 *
 * A call is failed by making another one in its place that does nothing, and that all filters
 * of vestibule's let pass.
 */
#include <elf.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef __x86_64__
#error "registers are known for x86-64 only"
#endif

#define ANY (-1)
#define CALLS_MAX 1024

enum what { BEFORE, AFTER, LATER, ERROR, HOLD, HELD, STOP };

struct fault {
	int child;
	int call; /* ANY */
	long number;
	enum what what;
	long value; /* LATER: instructions; ERROR: errno */
};

struct tracee {
	pid_t pid;
	int entered;     /* between entry and exit of a call */
	int failing;     /* ... that is not made: the errno */
	enum what after; /* ... after which it is killed, if ending */
	int ending;
	int held;     /* after the call */
	int stopping; /* ... that is not made, to be made again */
	long value;
	struct user_regs_struct regs;
};

static const struct {
	const char *name;
	int number;
} errnos[] = {
	{"EIO", EIO},
	{"ENOMEM", ENOMEM},
	{"ENOSPC", ENOSPC},
	{"EPERM", EPERM},
	{"EINVAL", EINVAL},
	{"EMFILE", EMFILE},
	{"EACCES", EACCES},
	{"EBUSY", EBUSY},
};

static struct fault faults[8];
static unsigned n_faults;
static struct tracee tracees[16];
static long counts[2][CALLS_MAX], all[2];
static pid_t program;
static FILE *file;
static const char *file_name;

static void die(const char *what)
{
	perror(what);
	exit(125);
}

static int parse(const char *text, struct fault *ret)
{
	char role[16], name[64], what[16];

	if (sscanf(text, "%15[a-z]:%63[a-z0-9_]:%ld:%15s", role, name, &ret->number, what) != 4)
		return -1;
	ret->child = !strcmp(role, "child");
	ret->call = ANY;
	if (strcmp(name, "any") != 0 && sscanf(name, "call_%d", &ret->call) != 1) {
		ret->call = seccomp_syscall_resolve_name(name);
		if (ret->call < 0)
			return -1;
	}
	if (!strcmp(what, "before") || !strcmp(what, "after")) {
		ret->what = what[0] == 'b' ? BEFORE : AFTER;
		return 0;
	}
	if (!strcmp(what, "hold") || !strcmp(what, "held")) {
		ret->what = !strcmp(what, "hold") ? HOLD : HELD;
		return 0;
	}
	if (!strcmp(what, "stop")) {
		ret->what = STOP;
		return 0;
	}
	if (what[0] == '+') {
		ret->what = LATER;
		ret->value = atol(what + 1);
		return 0;
	}
	ret->what = ERROR;
	for (size_t i = 0; i < sizeof errnos / sizeof *errnos; i++)
		if (!strcmp(what, errnos[i].name)) {
			ret->value = errnos[i].number;
			return 0;
		}
	return -1;
}

static struct tracee *find(pid_t pid)
{
	struct tracee *unused = NULL;

	for (size_t i = 0; i < sizeof tracees / sizeof *tracees; i++) {
		if (tracees[i].pid == pid)
			return &tracees[i];
		if (!tracees[i].pid && !unused)
			unused = &tracees[i];
	}
	if (!unused)
		die("too many processes");
	*unused = (struct tracee){.pid = pid};
	return unused;
}

/* A call that is younger than libseccomp is "call_NUMBER". */
static void note(int child, int nr)
{
	char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
	const char *role = child ? "child" : "program";

	if (name)
		fprintf(file, "%s %s %ld\n", role, name, counts[child][nr]);
	else
		fprintf(file, "%s call_%d %ld\n", role, nr, counts[child][nr]);
	free(name);
}

/* Until somebody says so, or nobody is there any more who could. */
static void stand_still(void)
{
	char go[4096];
	pid_t parent = getppid();

	snprintf(go, sizeof go, "%s.go", file_name);
	fflush(file);
	while (access(go, F_OK) < 0) {
		if (getppid() != parent)
			exit(125);
		usleep(5000);
	}
}

/* The call that it is about to make is another one, which does nothing. */
static void make_another(const struct tracee *t)
{
	struct user_regs_struct none = t->regs;

	none.orig_rax = SYS_getppid;
	ptrace(PTRACE_SETREGS, t->pid, NULL, &none);
}

static void enter(struct tracee *t)
{
	int child = t->pid != program, nr;

	if (ptrace(PTRACE_GETREGS, t->pid, NULL, &t->regs) < 0)
		return;
	nr = (int)t->regs.orig_rax;
	t->entered = 1;
	if (nr < 0 || nr >= CALLS_MAX)
		return;
	counts[child][nr]++;
	all[child]++;
	if (n_faults == 0)
		note(child, nr);
	for (unsigned i = 0; i < n_faults; i++) {
		const struct fault *f = &faults[i];

		if (f->child != child || (f->call != ANY && f->call != nr) ||
			f->number != (f->call == ANY ? all[child] : counts[child][nr]))
			continue;
		note(child, nr);
		if (f->what == BEFORE) {
			kill(t->pid, SIGKILL);
		} else if (f->what == HOLD) {
			stand_still();
		} else if (f->what == HELD) {
			t->held = 1;
		} else if (f->what == ERROR) {
			make_another(t);
			t->failing = (int)f->value;
		} else if (f->what == STOP) {
			make_another(t);
			t->stopping = 1;
		} else {
			t->ending = 1;
			t->after = f->what;
			t->value = f->value;
		}
	}
}

/* Whether its next instruction makes a call. */
static int at_call(pid_t pid)
{
	struct user_regs_struct regs;

	return ptrace(PTRACE_GETREGS, pid, NULL, &regs) < 0 ||
	       (ptrace(PTRACE_PEEKTEXT, pid, (void *)regs.rip, NULL) & 0xffff) == 0x050f;
}

static void leave(struct tracee *t)
{
	t->entered = 0;
	if (t->failing) {
		struct user_regs_struct regs;

		/* rcx and r11 are the kernel's in any case. */
		if (ptrace(PTRACE_GETREGS, t->pid, NULL, &regs) == 0) {
			regs.rax = (unsigned long long)-(long long)t->failing;
			ptrace(PTRACE_SETREGS, t->pid, NULL, &regs);
		}
		t->failing = 0;
	}
	if (t->held)
		stand_still();
	t->held = 0;
	if (t->ending && t->after == AFTER)
		kill(t->pid, SIGKILL);
}

/* At the exit of the call that was made instead: it makes its own when it goes on, because its
 * instruction, of two bytes, is in front of it again. */
static void let_go(struct tracee *t)
{
	struct user_regs_struct again = t->regs;

	again.rax = t->regs.orig_rax;
	again.rip -= 2;
	ptrace(PTRACE_SETREGS, t->pid, NULL, &again);
	ptrace(PTRACE_DETACH, t->pid, NULL, (void *)(long)SIGSTOP);
	fflush(file);
	t->pid = 0;
}

/* What a stopped process does next: the signal that it gets. */
static int stopped(struct tracee *t, int status)
{
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		if (t->entered)
			leave(t);
		else
			enter(t);
		return 0;
	}
	if (status >> 16)
		return 0; /* an event: fork, exec, exit */
	if (sig == SIGSTOP && t->pid != program)
		return 0; /* how a new process begins */
	if (sig == SIGTRAP && t->ending) {
		if (t->value-- <= 0 || at_call(t->pid))
			kill(t->pid, SIGKILL);
		return 0;
	}
	return sig;
}

static int trace(void)
{
	int status, result = 125;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		struct tracee *t = find(pid);
		int sig;

		if (WIFEXITED(status) || WIFSIGNALED(status)) {
			if (pid == program)
				result = WIFEXITED(status) ? WEXITSTATUS(status)
							   : 128 + WTERMSIG(status);
			t->pid = 0;
			continue;
		}
		if (status >> 16 == PTRACE_EVENT_EXIT && pid != program) {
			ptrace(PTRACE_DETACH, pid, NULL, NULL);
			t->pid = 0;
			continue;
		}
		sig = stopped(t, status);
		if (t->stopping && !t->entered) {
			let_go(t);
			continue;
		}
		ptrace(t->ending && t->after == LATER && !t->entered ? PTRACE_SINGLESTEP
								     : PTRACE_SYSCALL,
			pid, NULL, (void *)(long)sig);
	}
	return result;
}

/* Children are let go before they end: a pidfd of a traced process is readable before its
 * parent can wait for it. One that is killed may end traced, so they are traced only where they
 * matter. */
static long options(void)
{
	long set = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC;
	int children = n_faults == 0;

	for (unsigned i = 0; i < n_faults; i++)
		children |= faults[i].child;
	if (children)
		set |= PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACEEXIT;
	return set;
}

int main(int argc, char **argv)
{
	int status, i = 2;

	for (; i < argc && strcmp(argv[i], "--"); i++)
		if (n_faults == sizeof faults / sizeof *faults ||
			parse(argv[i], &faults[n_faults++]) < 0) {
			fprintf(stderr, "at_call: %s: no fault\n", argv[i]);
			return 125;
		}
	if (i + 1 >= argc || !(file = fopen(file_name = argv[1], "we"))) {
		fprintf(stderr, "usage: at_call FILE [FAULT...] -- PROGRAM [ARGUMENT...]\n");
		return 125;
	}
	program = fork();
	if (program == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0 || raise(SIGSTOP))
			die("ptrace");
		execv(argv[i + 1], argv + i + 1);
		die(argv[i + 1]);
	}
	if (program < 0 || waitpid(program, &status, 0) < 0 ||
		ptrace(PTRACE_SETOPTIONS, program, NULL, (void *)options()) < 0 ||
		ptrace(PTRACE_SYSCALL, program, NULL, NULL) < 0)
		die("ptrace");
	return trace();
}
