/* SPDX-License-Identifier: Apache-2.0 */
#include "validate.h"

#include <assert.h>
#include <string.h>

#include "../../ipc/name.h"
#include "../../ipc/wire.h"
#include "../../ipc/wire_get.h"
#include "validate_link.h"
#include "validate_mount.h"

/* A hash set of the strings that a request may use only once. Slots hold offsets into the
 * request, a fourth of the memory that pointers with lengths would take. */
struct once {
	uint32_t *slots;  /* 0: free */
	uint32_t n_slots; /* a power of two, greater than the number of strings */
};

#define ONCE_SLOTS (2 * VST_OPS_MAX)
#define ONCE_SLOTS_NS 16
static uint32_t once_names[ONCE_SLOTS], once_peers[ONCE_SLOTS], once_paths[ONCE_SLOTS_NS];
/* How many slots of each table an earlier document may have filled. The rest is still zero. */
static uint32_t once_dirty;

struct validating {
	unsigned char *bytes; /* operations, compacted in place from offset 1 on */
	size_t used;
	uint32_t n_ops;
	struct findings findings;
	struct once names, peers, paths;
	int next_ns; /* the lowest enum vst_ns that may still come: their order is fixed */
	struct validate_mounts mounts;
	struct validate_links links;
	struct text containerd;
};

static int validate_broken(struct vst_err *err, const char *how)
{
	return vst_fail(err, VST_EXIT_INVALID, 0, "the parser broke the protocol: %s", how);
}

static int validate_broken_op(const struct validating *v, struct vst_err *err, const char *how)
{
	vst_fail(err, VST_EXIT_INVALID, 0, "the parser broke the protocol: operation %u: %s",
		(unsigned)v->n_ops, how);
	err->op = v->n_ops;
	return -1;
}

/* Returns an empty set with room for n strings. Clears only the slots that may be filled, so
 * that a small document touches few pages. */
static struct once once_init(uint32_t *slots, size_t n, uint32_t max)
{
	struct once once = {slots, 16};

	while (once.n_slots <= n && once.n_slots < max)
		once.n_slots *= 2;
	memset(slots, 0, (once_dirty < max ? once_dirty : max) * sizeof *slots);
	return once;
}

/* Adds s, which lies in the request's bytes. Returns 1 if it is new, else 0. */
static int once_add(const struct validating *v, const struct once *once, const char *s)
{
	const char *base = (const char *)v->bytes;
	uint32_t hash = 2166136261u; /* FNV-1a */

	for (const char *c = s; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	for (uint32_t i = hash;; i++) {
		uint32_t *slot = &once->slots[i & (once->n_slots - 1)];

		if (*slot == 0) {
			*slot = (uint32_t)(s - base);
			return 1;
		}
		if (strcmp(base + *slot, s) == 0)
			return 0;
	}
}

static const char *validate_path(const struct wire_string *path)
{
	return vst_path_is_canonical(path->s, path->len) ? NULL : "its path is not canonical";
}

/* The path may be absolute, or relative to rootfs. */
static const char *validate_mkdir(const struct wire_op *op)
{
	if (op->arg != 0)
		return "its argument is unknown";
	return validate_path(&op->str[0]);
}

static const char *validate_cgroup(const struct wire_op *op)
{
	const struct wire_string *path = &op->str[0];
	const char *how = validate_path(path);

	if (op->arg != 0)
		return "its argument is unknown";
	if (how)
		return how;
	if (path->s[0] == '/')
		return "its path is not relative";
	return vst_cgroup_check(path->s, path->len) == VST_DOC_OK
		       ? NULL
		       : "its path is of a control file, or of the hierarchies";
}

static const char *validate_containerd(struct validating *v, const struct wire_op *op)
{
	const struct wire_string *name = &op->str[0];

	if (op->arg != 0)
		return "its argument is unknown";
	if (v->containerd.off)
		return "a namespace of containerd twice";
	if (name->len == 0 || !validate_is_clean(name->s, name->len))
		return "its namespace is none";
	v->containerd =
		(struct text){(uint32_t)(name->s - (char *)v->bytes), (uint32_t)name->len};
	return NULL;
}

/* The rules across an interface's members: veth and peer, and names used twice. Returns NULL,
 * or what is wrong. */
static const char *validate_link_rules(const struct validating *v,
	const struct wire_string *name, const struct wire_string *add,
	const struct wire_string *peer)
{
	int is_veth = add->len == 4 && memcmp(add->s, "veth", 4) == 0;

	if (!is_veth && add->len > 0 && peer->len > 0)
		return "a peer of what is no veth";
	if (peer->len == name->len && memcmp(peer->s, name->s, name->len) == 0)
		return "a peer with the interface's own name";
	if (!once_add(v, &v->names, name->s))
		return "a name twice";
	if (peer->len > 0 && !once_add(v, &v->peers, peer->s))
		return "a peer twice";
	return NULL;
}

static const char *validate_link(struct validating *v, const struct wire_op *op)
{
	const struct wire_string *name = &op->str[0], *add = &op->str[1], *peer = &op->str[2];
	const char *how;

	if (op->arg & ~(VST_LINK_CREATE_IN_ROOT | VST_LINK_SET))
		return "its flags are unknown";
	if (vst_ifname_check(name->s, name->len) != VST_DOC_OK)
		return "its name is not an interface name";
	if (add->len > 0 && vst_kind_check(add->s, add->len) != VST_DOC_OK)
		return "its kind is not a kind";
	if (peer->len > 0 && vst_ifname_check(peer->s, peer->len) != VST_DOC_OK)
		return "its peer is not an interface name";
	how = validate_link_rules(v, name, add, peer);
	if (!how && op->arg & VST_LINK_SET)
		how = validate_link_set(&v->links, op);
	return how;
}

static const char *validate_bind_ns(struct validating *v, const struct wire_op *op)
{
	const struct wire_string *path = &op->str[0];
	const char *how = validate_path(path);

	if (op->arg >= VST_NS_COUNT || op->arg < v->next_ns)
		return "its namespace is unknown or out of order";
	if (how)
		return how;
	if (path->s[0] != '/')
		return "its path is not absolute";
	if (!once_add(v, &v->paths, path->s))
		return "a path twice";
	v->next_ns = op->arg + 1;
	return NULL;
}

static const char *validate_op(struct validating *v, const struct wire_op *op)
{
	switch ((enum vst_op_kind)op->kind) {
	case VST_OP_MKDIR:
		return validate_mkdir(op);
	case VST_OP_LINK:
		return validate_link(v, op);
	case VST_OP_BIND_NS:
		return validate_bind_ns(v, op);
	case VST_OP_MOUNT:
		return validate_mount(&v->mounts, op);
	case VST_OP_CGROUP:
		return validate_cgroup(op);
	case VST_OP_NAMESPACE:
		return validate_containerd(v, op);
	}
	return "its kind is unknown";
}

static int validate_next(struct validating *v, struct wire_in *in, struct vst_err *err)
{
	struct wire_op op;
	const char *how;

	if (v->n_ops == VST_OPS_MAX)
		return validate_broken(err, "too many operations");
	how = wire_get_op(in, &op);
	if (!how)
		how = validate_op(v, &op);
	return how ? validate_broken_op(v, err, how) : 0;
}

/* Moves the message's operations behind those of earlier messages, then judges them. The move
 * comes first because judging records offsets of strings. */
static int validate_ops(
	struct validating *v, struct wire_in *msg, uint16_t count, struct vst_err *err)
{
	struct wire_in in = {.bytes = v->bytes + v->used, .len = msg->len - msg->at};

	if (count == 0)
		return validate_broken(err, "a message of no operations");
	memmove(v->bytes + v->used, msg->bytes + msg->at, in.len);
	msg->at = msg->len;
	for (uint16_t i = 0; i < count; i++, v->n_ops++)
		if (validate_next(v, &in, err) < 0)
			return -1;
	if (wire_get_end(&in) < 0)
		return validate_broken(err, "bytes after the last operation of a message");
	v->used += in.len;
	return 0;
}

static int validate_finding(struct wire_in *in, struct vst_finding *ret)
{
	struct vst_place *place = &ret->place;

	if (wire_get_u16(in, &ret->code) < 0 || wire_get_u8(in, &place->member) < 0 ||
		wire_get_u8(in, &place->field) < 0 || wire_get_u32(in, &ret->line) < 0 ||
		wire_get_u32(in, &ret->column) < 0 || wire_get_u32(in, &place->index) < 0 ||
		wire_get_u32(in, &place->sub) < 0)
		return -1;
	return 0;
}

/* Whether the finding may be a warning: an unknown member, or an option that a bind ignores. */
static int validate_is_warning(const struct vst_finding *finding)
{
	if (finding->code == VST_DOC_BIND_IGNORED)
		return finding->place.sub != VST_NO_INDEX;
	return finding->code == VST_DOC_UNKNOWN || finding->code == VST_DOC_UNKNOWN_NEAR;
}

static int validate_warn(struct validating *v, struct wire_in *in, struct vst_err *err)
{
	struct vst_finding finding;
	char text[512];

	if (v->findings.n_warnings == VST_WARN_MAX)
		return validate_broken(err, "too many warnings");
	if (validate_finding(in, &finding) < 0 || !validate_is_warning(&finding) ||
		validate_sentence(&finding, text, sizeof text) < 0)
		return validate_broken(err, "a warning that means nothing");
	v->findings.warnings[v->findings.n_warnings++] = finding;
	return 0;
}

/* Judges a FAIL message: a document that the parser found wrong. Always fails: with the
 * finding's sentence, or for a broken protocol. */
static int validate_fail(struct wire_in *in, int is_last, struct vst_err *err)
{
	struct vst_finding finding;
	char text[512];

	if (!is_last)
		return validate_broken(err, "a message after its failure");
	if (validate_finding(in, &finding) < 0 || wire_get_end(in) < 0 ||
		validate_sentence(&finding, text, sizeof text) < 0)
		return validate_broken(err, "a failure that means nothing");
	return vst_fail(err, validate_sentence_exit(finding.code), 0, "%s", text);
}

static int validate_hello(struct wire_in *in, struct vst_err *err)
{
	uint32_t magic;
	uint16_t version, schema;

	if (wire_get_u32(in, &magic) < 0 || wire_get_u16(in, &version) < 0 ||
		wire_get_u16(in, &schema) < 0 || magic != VST_WIRE_MAGIC)
		return validate_broken(err, "a greeting that means nothing");
	if (version != VST_WIRE_VERSION || schema != VST_SCHEMA_RUNTIME)
		return validate_broken(err,
			"a greeting of another version; is the installation of one piece?");
	return 0;
}

static int validate_end(const struct validating *v, struct wire_in *in, struct vst_err *err)
{
	uint32_t ops, warnings;

	if (wire_get_u32(in, &ops) < 0 || wire_get_u32(in, &warnings) < 0 || ops != v->n_ops ||
		warnings != v->findings.n_warnings)
		return validate_broken(err, "the counts at its end are wrong");
	return 0;
}

/* Judges message `nth` of `n`. Only the first may be HELLO, and only the last END or FAIL. */
static int validate_message(
	struct validating *v, struct wire_in *in, unsigned nth, unsigned n, struct vst_err *err)
{
	uint8_t type, zero;
	uint16_t count;
	int is_last = nth + 1 == n, ret = -1;

	if (wire_get_u8(in, &type) < 0 || wire_get_u8(in, &zero) < 0 ||
		wire_get_u16(in, &count) < 0 || zero != 0 ||
		(count != 0 && type != VST_WIRE_OPS))
		return validate_broken(err, "a message without a head");
	if ((nth == 0) != (type == VST_WIRE_HELLO))
		return validate_broken(err, "a greeting that is missing or too many");
	if (type == VST_WIRE_FAIL)
		return validate_fail(in, is_last, err);
	if (is_last != (type == VST_WIRE_END))
		return validate_broken(err, "an end that is missing or too early");
	switch (type) {
	case VST_WIRE_HELLO:
		ret = validate_hello(in, err);
		break;
	case VST_WIRE_OPS:
		ret = validate_ops(v, in, count, err);
		break;
	case VST_WIRE_WARN:
		ret = validate_warn(v, in, err);
		break;
	case VST_WIRE_END:
		ret = validate_end(v, in, err);
		break;
	default:
		return validate_broken(err, "a message of an unknown type");
	}
	if (ret == 0 && wire_get_end(in) < 0)
		return validate_broken(err, "bytes after a message");
	return ret;
}

int validate(const struct wire_msg *msg, struct request *ret, struct findings *ret_findings,
	struct vst_err *err)
{
	struct validating v = {.bytes = msg->bytes, .used = 1};
	/* A link operation has at least 12 bytes. */
	size_t links = msg->len / 12, at = 0;

	v.names = once_init(once_names, links, ONCE_SLOTS);
	v.peers = once_init(once_peers, links, ONCE_SLOTS);
	v.paths = once_init(once_paths, VST_NS_COUNT, ONCE_SLOTS_NS);
	once_dirty = v.names.n_slots;
	if (msg->n_messages == 0)
		return validate_broken(err, "not a word");
	for (unsigned i = 0; i < msg->n_messages; i++) {
		struct wire_in in = {0};
		uint32_t len;

		memcpy(&len, msg->bytes + at, sizeof len);
		at += sizeof len;
		in.bytes = msg->bytes + at;
		in.len = len;
		at += len;
		assert(at <= msg->len);
		if (validate_message(&v, &in, i, msg->n_messages, err) < 0)
			return -1;
	}
	assert(at == msg->len);
	v.bytes[0] = 0;
	*ret = (struct request){
		.bytes = v.bytes, .len = v.used, .n_ops = v.n_ops, .containerd = v.containerd};
	*ret_findings = v.findings;
	return 0;
}
