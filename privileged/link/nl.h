/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Route netlink. nl.c makes requests about links, nl_state.c saves and restores addresses and
 * routes; both use nl_talk.c for the exchange and nl_attr.c for attributes. Each request gets
 * one acknowledgement or answer. Extended acknowledgements and strict checking are on (4.20);
 * sender, sequence and truncation are checked. Errors name the interface and carry the kernel's
 * own text.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../../ipc/err.h"

struct nl;

/* Opens a socket in the current network namespace. Storage is static: at most two are open at a
 * time. Close it with nl_close. */
int nl_open(struct nl **ret, struct vst_err *err);

/* Opens a socket in the network namespace ns_fd: setns there, open, setns back to own_fd. Needs
 * CAP_SYS_ADMIN over both, else VST_EXIT_DENIED. If the way back fails, the process is in a
 * foreign namespace and must not go on; nothing was done yet. */
int nl_open_there(int ns_fd, int own_fd, struct nl **ret, struct vst_err *err);

/* Returns a descriptor of the socket's network namespace, which the caller closes; -1 with err.
 * Unlike one opened through a bind mount, it keeps no mount busy. Needs CAP_NET_ADMIN. */
int nl_namespace(const struct nl *nl, struct vst_err *err);

/* The id of the socket's network namespace, never reused (SO_NETNS_COOKIE, 5.14); 0: unknown.
 */
uint64_t nl_cookie(const struct nl *nl);

/* Closes *nl unless it is NULL, and sets it to NULL. */
void nl_close(struct nl **nl);

struct nl_link {
	uint32_t ifindex;
	uint32_t flags; /* IFF_* */
	/* The permanent address if the hardware has one, else the present one. Of a longer
	 * address, the last 8 bytes. */
	unsigned char mac[8];
	uint32_t mac_len;
	int mac_is_permanent; /* `mac` is the permanent address. */
	char name[16];
	char kind[32]; /* "": no kind, as of a physical device. */
	char alias[256];
	uint32_t lower; /* The ifindex of a veth's peer or of a macvlan's lower device; 0: none,
			   or not told. */
	int lower_nsid; /* The nsid of the namespace that `lower` is in; -1: the link's own. */
};

/* 1 found, 0 no such link, -1 with err. A name is IFLA_IFNAME, never an alternative name. */
int nl_get_by_name(struct nl *nl, const char *name, struct nl_link *ret, struct vst_err *err);
int nl_get_by_index(struct nl *nl, uint32_t ifindex, struct nl_link *ret, struct vst_err *err);

/* As nl_get_by_index, in the namespace nsid (-1: the socket's own), through
 * IFLA_TARGET_NETNSID. Needs CAP_NET_ADMIN over both namespaces, and no socket there. */
int nl_get_in(
	struct nl *nl, int nsid, uint32_t ifindex, struct nl_link *ret, struct vst_err *err);

/* Sets *ret to the nsid of ns_fd in the socket's namespace, -1 if it has none. 0, or -1 with
 * err. */
int nl_nsid(struct nl *nl, int ns_fd, int *ret, struct vst_err *err);

/* As nl_nsid, but a namespace without an nsid is assigned `wanted`. An nsid lasts as long as
 * its namespace, and cannot be revoked. VST_EXIT_CONFLICT: another namespace has `wanted`. */
int nl_nsid_give(struct nl *nl, int ns_fd, int wanted, int *ret, struct vst_err *err);

/* Whether some namespace has this nsid: 1, 0, -1 with err. Needs no capability. */
int nl_nsid_exists(struct nl *nl, int nsid, struct vst_err *err);

/* Finds the link that has the name, as its own or as an alternative one, in the namespace ns_fd
 * (-1: the socket's own). 1 found, 0 nobody has it, -1 with err. */
int nl_name_owner(
	struct nl *nl, int ns_fd, const char *name, struct nl_link *ret, struct vst_err *err);

/* A set of ifindexes: bit n % 8 of byte n / 8 is set if n is taken. */
#define NL_NUMBERS_MAX 32767U

struct nl_numbers {
	unsigned char taken[(NL_NUMBERS_MAX + 1) / 8];
};

/* Adds the ifindexes of all links in the namespace ns_fd (-1: the socket's own). */
int nl_numbers(struct nl *nl, int ns_fd, struct nl_numbers *ret, struct vst_err *err);

/* Finds a link that lies on this one (macvlan, vlan …) in the socket's namespace and is not in
 * `skip`. 1 with *ret, 0, -1 with err. Such links keep lying on it when it is moved. */
int nl_upper(struct nl *nl, uint32_t ifindex, const uint32_t *skip, unsigned n_skip,
	struct nl_link *ret, struct vst_err *err);

/* A link to be created. Descriptors are borrowed; -1 means the socket's own namespace. */
struct nl_new {
	const char *name;
	const char *kind;
	uint32_t ifindex;
	const unsigned char *mac; /* 6 bytes, or NULL: the kernel draws one. */
	int ns_fd;
	/* For a veth only: */
	const char *peer; /* NULL: not a veth. */
	uint32_t peer_ifindex;
	const unsigned char *peer_mac;
	int peer_ns_fd;
};

/* RTM_NEWLINK with NLM_F_CREATE | NLM_F_EXCL. err->code is the kernel's errno: EEXIST,
 * VST_EXIT_CONFLICT (a name or an ifindex is taken), EBUSY (an ifindex is taken), EOPNOTSUPP,
 * VST_EXIT_UNSUPPORTED (unknown kind). */
int nl_create(struct nl *nl, const struct nl_new *link, struct vst_err *err);

/* These act by ifindex; `name` is for messages. */
int nl_set_alias(struct nl *nl, uint32_t ifindex, const char *name, const char *alias,
	struct vst_err *err);
int nl_set_up(struct nl *nl, uint32_t ifindex, const char *name, int up, struct vst_err *err);
int nl_rename(struct nl *nl, uint32_t ifindex, const char *name, const char *new_name,
	struct vst_err *err);

/* Deletes by ifindex, in the namespace nsid (-1: the socket's own) through IFLA_TARGET_NETNSID.
 * A link that is already gone is no error. */
int nl_delete(struct nl *nl, uint32_t ifindex, const char *name, int nsid, struct vst_err *err);

/* Moves by ifindex to ns_fd, keeping the name. The request does not carry the name: with one,
 * the kernel moves the device even if it then cannot rename it. new_ifindex is the ifindex to
 * have there, EBUSY if it is taken; 0: the present one if free, else the kernel's choice.
 * err->code is the kernel's errno; EEXIST: its name or an alternative name is taken there. */
int nl_move(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd, uint32_t new_ifindex,
	struct vst_err *err);

/* As nl_move, under another name on arrival. The caller makes sure that new_name is free there:
 * the kernel moves first, then renames, and does not move back. */
int nl_move_as(struct nl *nl, uint32_t ifindex, const char *name, int ns_fd,
	uint32_t new_ifindex, const char *new_name, struct vst_err *err);

/* Saves the addresses and routes of a link as the kernel's own messages, for nl_restore. Those
 * that the kernel makes itself or learns from routers are left out. VST_EXIT_UNSUPPORTED: more
 * than `size` bytes, or a route that nl_restore cannot make (several nexthops, nexthop
 * objects; another link's, with an address of this one as its source). */
int nl_save(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret, size_t size,
	uint32_t *ret_len, struct vst_err *err);

/* As nl_save, without looking at routes of other links. */
int nl_list(struct nl *nl, uint32_t ifindex, const char *name, unsigned char *ret, size_t size,
	uint32_t *ret_len, struct vst_err *err);

/* Restores the addresses, sets the link up if `up`, then restores the routes. ifindex may
 * differ from the saved one. Lifetimes are shortened by `seconds`, the time since the save;
 * what has expired is left out. What is there already is no error. Continues after a failure,
 * and reports the first. */
int nl_restore(struct nl *nl, uint32_t ifindex, const char *name, int up, uint64_t seconds,
	const unsigned char *state, uint32_t len, struct vst_err *err);
