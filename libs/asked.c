/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the archives of yajl, libmnl and libcap-ng ask of libc, and is not there in a static
 * program. Debian's archives are made with glibc and ask for names that musl lacks. libcap-ng
 * also has functions that change the user or write to the log, for which libc would bring its
 * name service: static.mk renames what they ask for to absent_*, so that the program does not
 * hold it. Nothing here belongs to what vestibule calls of the libraries: whatever is reached
 * ends the program, but for the two functions at the end. tests/lint/libs.sh proves that the
 * list is complete, that nothing else in it returns, and that the parser holds none of it.
 */
#include <stdlib.h>

/* Under a name of ours in C, because the compiler knows some of these names. */
#define ENDS(name)                                                                             \
	_Noreturn void ends_##name(void) __asm__(#name);                                       \
	_Noreturn void ends_##name(void)                                                       \
	{                                                                                      \
		__builtin_trap();                                                              \
	}

/* Messages of libcap-ng and yajl, and what prints a message of netlink. */
#ifndef __GLIBC__
ENDS(__asprintf_chk)
ENDS(__fprintf_chk)
ENDS(__isoc23_sscanf)
ENDS(__memcpy_chk)
ENDS(__printf_chk)
ENDS(__snprintf_chk)
ENDS(__sprintf_chk)
#endif

/* A change of user, and the log. */
ENDS(absent___syslog_chk)
ENDS(absent_getpwuid)
ENDS(absent_initgroups)
ENDS(absent_setgroups)
ENDS(absent_setresgid)
ENDS(absent_setresuid)
ENDS(absent_syslog)

/* Called by libcap-ng's constructor, for a child that would use libcap-ng: ours does not, and
 * is no child of libc's. */
int asked_atfork(void) __asm__("absent_pthread_atfork");
int asked_atfork(void)
{
	return 0;
}

/* Called by libcap-ng's constructor from Debian 13 on, with base 10, where both read alike. */
#ifndef __GLIBC__
unsigned long asked_strtoul(const char *text, char **end, int base) __asm__("__isoc23_strtoul");
unsigned long asked_strtoul(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}
#endif
