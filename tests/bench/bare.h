/* SPDX-License-Identifier: Apache-2.0 */
/* The bare program: see bare.c. */
#pragma once

/* Says what failed, with errno, and ends the program. */
_Noreturn void die(const char *what);

/* The descriptor of a process's namespace: `type` is the ioctl of its pidfd (6.11), `name` what
 * it is called in /proc, for older kernels. */
int open_ns(int pidfd, const char *pid, unsigned long type, const char *name);

/* A socket for the calls below. */
int rtnl_open(void);

/* Pairs eth0... there, vth0... here, each end made in its place. */
void rtnl_veths(int sock, int ns_fd, unsigned n);

/* A pair that is made here; then one end is moved there. */
void rtnl_veth_move(int sock, int ns_fd);

/* br0 there. */
void rtnl_bridge(int sock, int ns_fd);

/* Deletes vth0... and with them the other ends. */
void rtnl_delete_veths(int sock, unsigned n);

/* Deletes br0 there: wants the namespace to be entered. */
void rtnl_delete_bridge(int sock);
