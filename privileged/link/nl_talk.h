/*
 * The talking that nl.c and nl_state.c share: one request, its answer, and what may be wrong
 * with one. The kernel handles a request inside sendto: its answer is there when that returns.
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
	uint32_t seq;     /* of the last request */
	uint32_t port_id; /* ours: answers carry it */
};

/* Why a request failed. */
struct nl_refusal {
	int code;               /* errno of the kernel, or of what was wrong with its answer */
	struct vst_quoted text; /* the kernel's own words, or what was wrong; perhaps "" */
};

/* Sends request (type, flags and payload filled in; sequence and port are set here) and reads
 * its answer. want 0: an acknowledgement, which NLM_F_ACK in the request asks for. Else one
 * message of type want: *ret_answer points at it, valid until the next request on any socket,
 * and is of at least min_len bytes. -1 with *why: so too for a request that was given up
 * (nl_attr.h), which is not sent. */
int nl_ask(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	const struct nlmsghdr **ret_answer, struct nl_refusal *why);

/* Takes one message of a dump. -1 with *why: the rest of the dump is read and not looked at. */
typedef int (*nl_take)(const struct nlmsghdr *message, void *arg, struct nl_refusal *why);

/* Sends a dump request and gives each message, of type want and at least min_len bytes, to
 * take. -1 with *why; code EINTR: what was dumped changed meanwhile, so ask again. */
int nl_dump(struct nl *nl, struct nlmsghdr *request, uint16_t want, size_t min_len,
	nl_take take, void *arg, struct nl_refusal *why);

/* Reads an RTM_NEWLINK message of at least a struct ifinfomsg. -1: it is malformed. */
int nl_read_link(const struct nlmsghdr *message, struct nl_link *ret);

/* Fills *why; the text is our own. Returns -1. */
int nl_why(struct nl_refusal *why, int code, const char *text);

/* Makes the error of a refusal: the formatted text (which names the interface), the kernel's
 * words, its errno. EEXIST is VST_EXIT_CONFLICT; EPERM is VST_EXIT_DENIED and names
 * CAP_NET_ADMIN. Returns -1. */
__attribute__((format(printf, 3, 4))) int nl_refused(
	struct vst_err *err, const struct nl_refusal *why, const char *fmt, ...);
