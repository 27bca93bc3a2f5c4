/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The exchange with the kernel, for the nl_*.c files: one request, its answer, and the checks
 * of it. The kernel handles a request inside sendto, so the answer is there when sendto
 * returns.
 */
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"
#include "nl.h"

struct nl {
	int fd;
	int in_use;
	uint32_t seq;     /* Sequence number of the last request. */
	uint32_t port_id; /* Our port id, which answers carry. */
};

/* Why a request failed. */
struct nl_refusal {
	int code;               /* The kernel's errno, or ours for a bad answer. */
	struct vst_quoted text; /* The kernel's text, or ours for a bad answer; may be "". */
};

/* Sends a request (type, flags and payload set by the caller, sequence and port here) and reads
 * its answer. want 0: an acknowledgement, for which the request has NLM_F_ACK. Else one message
 * of type `want` and at least min_len bytes; *ret_answer borrows it until the next request on
 * any socket. -1 with *why; a request given up in nl_attr.h is not sent. */
int nl_ask(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	const struct nlmsghdr **ret_answer, struct nl_refusal *why);

/* Takes one message of a dump. -1 with *why: the rest of the dump is read and ignored. */
typedef int (*nl_take)(const struct nlmsghdr *message, void *arg, struct nl_refusal *why);

/* Sends a dump request and passes each message, of type `want` and at least min_len bytes, to
 * `take`. -1 with *why; code EINTR: what was dumped changed meanwhile, ask again. */
int nl_dump(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	nl_take take, void *arg, struct nl_refusal *why);

/* Reads an RTM_NEWLINK message of at least a struct ifinfomsg. -1: malformed. */
int nl_read_link(const struct nlmsghdr *message, struct nl_link *ret);

/* Fills *why with a text of our own. Returns -1. */
int nl_why(struct nl_refusal *why, int code, const char *text);

/* Sets err from a refusal: the formatted text, which names the interface, then the kernel's
 * text and errno. EEXIST is VST_EXIT_CONFLICT. EPERM is VST_EXIT_DENIED and names
 * CAP_NET_ADMIN. Returns -1. */
__attribute__((format(printf, 3, 4))) int nl_refused(
	struct vst_err *err, const struct nl_refusal *why, const char *fmt, ...);
