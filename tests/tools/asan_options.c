/* SPDX-License-Identifier: Apache-2.0 */
/* Linked into every instrumented program: the environment, where ASan has its options
 * otherwise, is emptied on purpose. Looking for leaks stops the world with a thread and ptrace,
 * which the filters do not let it do. Weak: the parser has its own. */
const char *__asan_default_options(void);

__attribute__((weak)) const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
