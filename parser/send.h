/* What the parser says: messages of ipc/wire.h on descriptor 3, operations in full batches. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../ipc/limits.h"
#include "../ipc/op.h"
#include "../ipc/wire_put.h"

#define SEND_FD 3

struct send {
	uint32_t n_ops;
	uint32_t n_warnings;
	uint16_t n_batched;
	struct wire_out out; /* of batch */
	unsigned char batch[VST_MSG_MAX];
};

struct send_string {
	const char *bytes;
	uint32_t len;
};

/* Every function but send_init sends or keeps; one that cannot send ends the process with
 * VST_PARSER_INTERNAL, because nobody is there to be told. */
void send_init(struct send *send);

/* The first message. */
void send_hello(enum vst_schema schema);

/* One operation, at most VST_OPS_MAX in all. */
void send_op(struct send *send, enum vst_op_kind kind, uint8_t arg,
	const struct send_string *strings, unsigned n_strings);

/* The same of one whose bytes are made already: at most VST_MOUNT_BYTES_MAX. */
void send_made_op(struct send *send, const unsigned char *bytes, size_t len);

/* A warning; beyond VST_WARN_MAX it is left out. */
void send_warn(struct send *send, const struct vst_finding *finding);

/* The last message, one or the other. What send_fail finds unsent is dropped. */
void send_end(struct send *send);
void send_fail(const struct vst_finding *finding);
