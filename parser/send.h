/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the parser's messages (ipc/wire.h) on descriptor 3. Operations are sent in batches. */
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
	struct wire_out out; /* writes batch */
	unsigned char batch[VST_MSG_MAX];
};

struct send_string {
	const char *bytes;
	uint32_t len;
};

/* If a function below cannot send, it ends the process with VST_PARSER_INTERNAL, because there
 * is no other way to report an error. */
void send_init(struct send *send);

/* Sends the first message. */
void send_hello(enum vst_schema schema);

/* Adds one operation to the batch. There may be at most VST_OPS_MAX in all. */
void send_op(struct send *send, enum vst_op_kind kind, uint8_t arg,
	const struct send_string *strings, unsigned n_strings);

/* Adds an operation of at most VST_MOUNT_BYTES_MAX bytes, which the caller has encoded. */
void send_made_op(struct send *send, const unsigned char *bytes, size_t len);

/* Sends a warning. Warnings beyond VST_WARN_MAX are dropped. */
void send_warn(struct send *send, const struct vst_finding *finding);

/* Each sends the last message. send_end first sends the open batch; send_fail drops it. */
void send_end(struct send *send);
void send_fail(const struct vst_finding *finding);
