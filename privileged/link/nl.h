/*
 * Route netlink. nl.c asks, nl_state.c saves and restores; nl_talk.c talks to the kernel for
 * both, nl_attr.c puts and finds attributes. One request and one acknowledgement each; extended
 * acknowledgements and strict checking on; sender, sequence and truncation checked. Errors name
 * the interface and carry the kernel's own text.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"

struct nl;

/* A socket in the current network namespace; static storage, two of them at most. */
int nl_open(struct nl **ret, struct vst_err *err);

/* A socket in the network namespace ns_fd: setns there, open, setns back to own_fd (needs
 * CAP_SYS_ADMIN over both). If the way back fails, the process must not go on: it is a
 * failure, and nothing was done yet. */
int nl_open_there(int ns_fd, int own_fd, struct nl **ret, struct vst_err *err);

/* The socket's network namespace as a descriptor of its own, which the caller closes; -1 with
 * err. It keeps no mount busy, as one does that was opened through a bind. */
int nl_namespace(const struct nl *nl, struct vst_err *err);

/* The id of the socket's network namespace, which is never given twice (5.14); 0: this kernel
 * does not tell. */
uint64_t nl_cookie(const struct nl *nl);

/* Closes *nl, if there is one, and sets it to NULL. */
void nl_close(struct nl **nl);

struct nl_link {
	uint32_t ifindex;
	uint32_t flags; /* IFF_* */
	/* The address that nobody can change where the hardware has one, else the present one;
	 * the last 8 bytes of a longer one. */
	unsigned char mac[8];
	uint32_t mac_len;
	int mac_is_permanent; /* it is the hardware's */
	char name[16];
	char kind[32]; /* "": none, a physical device */
	char alias[256];
	uint32_t lower; /* ifindex of a veth's peer, of what a macvlan lies on; 0: none, not
			   told */
	int lower_nsid; /* where that is: -1 in the link's own namespace, else see nl_nsid */
};

/* 1 found, 0 no such link, -1. By name means IFLA_IFNAME, never an alternative name. */
int nl_get_by_name(struct nl *nl, const char *name, struct nl_link *ret, struct vst_err *err);
int nl_get_by_index(struct nl *nl, uint32_t ifindex, struct nl_link *ret, struct vst_err *err);

/* The same in the namespace that has this number here (nl_nsid; -1: the socket's own), through
 * IFLA_TARGET_NETNSID: that needs CAP_NET_ADMIN over both, and no socket there. */
int nl_get_in(
	struct nl *nl, int nsid, uint32_t ifindex, struct nl_link *ret, struct vst_err *err);

/* The number by which the socket's namespace knows ns_fd; -1 in *ret if it has none. 0, -1. */
int nl_nsid(struct nl *nl, int ns_fd, int *ret, struct vst_err *err);

/* The same; one that has none gets `wanted`. The number ends with the namespace, whoever holds
 * that, and nobody can take it away before. VST_EXIT_CONFLICT: another one has it. */
int nl_nsid_give(struct nl *nl, int ns_fd, int wanted, int *ret, struct vst_err *err);

/* Whether a namespace has this number: 1, 0, -1. Needs nothing. */
int nl_nsid_exists(struct nl *nl, int nsid, struct vst_err *err);

/* Who has the name, which may be as long as an alternative one, in the namespace ns_fd (-1: the
 * socket's own), as its name or as an alternative one: 1, 0 nobody, -1. */
int nl_name_owner(
	struct nl *nl, int ns_fd, const char *name, struct nl_link *ret, struct vst_err *err);

/* Numbers of interfaces: bit n % 8 of byte n / 8 is set where n is taken. */
#define NL_NUMBERS_MAX 32767U

struct nl_numbers {
	unsigned char taken[(NL_NUMBERS_MAX + 1) / 8];
};

/* Sets the bits of all interfaces in the namespace ns_fd (-1: the socket's own). */
int nl_numbers(struct nl *nl, int ns_fd, struct nl_numbers *ret, struct vst_err *err);

/* A link that lies on this one in the socket's namespace (macvlan, vlan …), but for those in
 * skip: 1 with *ret, 0, -1. A move does not part them. */
int nl_upper(struct nl *nl, uint32_t ifindex, const uint32_t *skip, unsigned n_skip,
	struct nl_link *ret, struct vst_err *err);

/* What is asked of a new link. Descriptors: -1 for the socket's own namespace. */
struct nl_new {
	const char *name;
	const char *kind;
	uint32_t ifindex;
	const unsigned char *mac; /* 6 bytes, or NULL */
	int ns_fd;
	/* veth only: */
	const char *peer; /* NULL: no veth */
	uint32_t peer_ifindex;
	const unsigned char *peer_mac;
	int peer_ns_fd;
};

/* RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL. The kernel's errno stays in err->code: EEXIST (a name
 * is taken, or an ifindex: VST_EXIT_CONFLICT), EBUSY (an ifindex is taken), EOPNOTSUPP (unknown
 * kind: VST_EXIT_UNSUPPORTED). */
int nl_create(struct nl *nl, const struct nl_new *link, struct vst_err *err);

/* Each acts by ifindex; name is for messages. */
int nl_set_alias(struct nl *nl, uint32_t ifindex, const char *name, const char *alias,
	struct vst_err *err);
int nl_set_up(struct nl *nl, uint32_t ifindex, const char *name, int up, struct vst_err *err);
int nl_rename(struct nl *nl, uint32_t ifindex, const char *name, const char *new_name,
	struct vst_err *err);

/* Deletes by ifindex; nsid -1: in the socket's namespace, else in the one of that number,
 * through IFLA_TARGET_NETNSID. A link that is gone already is no error. */
int nl_delete(struct nl *nl, uint32_t ifindex, const char *name, int nsid, struct vst_err *err);

/* Moves by ifindex to ns_fd, under its own name, which is not in the request: a move with a
 * name moves the device even where it cannot give it the name. new_ifindex: the one to have
 * there, EBUSY if it is taken; 0: the same if that is free, else the kernel's choice. The
 * kernel's errno stays in err->code; EEXIST: its name (or an alternative one) is taken there.
 */
int nl_move(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd, uint32_t new_ifindex,
	struct vst_err *err);

/* The same, under another name from the moment that it arrives. That one has to be free there:
 * the kernel moves, then renames, and cannot undo the first. */
int nl_move_as(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd,
	uint32_t new_ifindex, const char *new_name, struct vst_err *err);

/* The addresses and routes of a link as the kernel's own messages, fit for nl_restore: not
 * those that the kernel makes by itself or learns from routers. Needing more than size bytes,
 * and routes that a restore could not make (several nexthops, nexthop objects), are
 * VST_EXIT_UNSUPPORTED. */
int nl_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret, size_t size,
	uint32_t *ret_len, struct vst_err *err);

/* Gives the link its addresses again, sets it up if `up`, gives it its routes again. ifindex
 * may differ from the saved one. Lifetimes are what is left of them seconds after they were
 * saved; what has ended is not given. What is there already is no error. Goes on after a
 * failure, and reports the first. */
int nl_restore(struct nl *nl, uint32_t ifindex, const char *name, int up, uint64_t seconds,
	const unsigned char *state, uint32_t len, struct vst_err *err);
