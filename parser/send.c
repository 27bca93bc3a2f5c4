/* SPDX-License-Identifier: Apache-2.0 */
#include "send.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../ipc/wire.h"

static void send_bytes(const void *bytes, size_t len)
{
	ssize_t n;

	/* The system call beneath send(). The filter allows only this one. */
	do
		n = sendto(SEND_FD, bytes, len, MSG_NOSIGNAL, NULL, 0);
	while (n < 0 && errno == EINTR);
	if (n != (ssize_t)len)
		_exit(VST_PARSER_INTERNAL);
}

static void batch_open(struct send *send)
{
	send->n_batched = 0;
	send->out.at = VST_WIRE_HEAD_LEN;
}

static void batch_flush(struct send *send)
{
	struct wire_out head = {.bytes = send->batch, .size = sizeof send->batch};

	if (send->n_batched == 0)
		return;
	wire_put_head(&head, VST_WIRE_OPS, send->n_batched);
	send_bytes(send->batch, send->out.at);
	batch_open(send);
}

void send_init(struct send *send)
{
	send->n_ops = 0;
	send->n_warnings = 0;
	send->out = (struct wire_out){.bytes = send->batch, .size = sizeof send->batch};
	batch_open(send);
}

void send_hello(enum vst_schema schema)
{
	unsigned char bytes[VST_WIRE_HELLO_LEN];
	struct wire_out out = {.bytes = bytes, .size = sizeof bytes};

	wire_put_head(&out, VST_WIRE_HELLO, 0);
	wire_put_u32(&out, VST_WIRE_MAGIC);
	wire_put_u16(&out, VST_WIRE_VERSION);
	wire_put_u16(&out, (uint16_t)schema);
	send_bytes(bytes, out.at);
}

/* Whether one more operation of len bytes fits in the batch. */
static int batch_has_room(const struct send *send, size_t len)
{
	return send->n_batched < UINT16_MAX && len <= send->out.size - send->out.at;
}

static int put_op(struct wire_out *out, enum vst_op_kind kind, uint8_t arg,
	const struct send_string *strings, unsigned n_strings)
{
	struct wire_out tried = *out;

	if (wire_put_u8(&tried, (uint8_t)kind) < 0 || wire_put_u8(&tried, arg) < 0)
		return -1;
	for (unsigned i = 0; i < n_strings; i++)
		if (wire_put_string(&tried, strings[i].bytes, strings[i].len) < 0)
			return -1;
	*out = tried;
	return 0;
}

void send_op(struct send *send, enum vst_op_kind kind, uint8_t arg,
	const struct send_string *strings, unsigned n_strings)
{
	if (send->n_batched == UINT16_MAX ||
		put_op(&send->out, kind, arg, strings, n_strings) < 0) {
		int put;

		batch_flush(send);
		put = put_op(&send->out, kind, arg, strings, n_strings);
		assert(put == 0); /* the longest has a path of 4 KiB, which fits */
	}
	send->n_batched++;
	send->n_ops++;
}

void send_made_op(struct send *send, const unsigned char *bytes, size_t len)
{
	_Static_assert(VST_MOUNT_BYTES_MAX <= VST_MSG_MAX - VST_WIRE_HEAD_LEN, "one fits");
	if (!batch_has_room(send, len))
		batch_flush(send);
	assert(len <= VST_MOUNT_BYTES_MAX);
	memcpy(send->out.bytes + send->out.at, bytes, len);
	send->out.at += len;
	send->n_batched++;
	send->n_ops++;
}

static void send_finding(enum vst_wire_type type, const struct vst_finding *finding)
{
	unsigned char bytes[VST_WIRE_FINDING_LEN];
	struct wire_out out = {.bytes = bytes, .size = sizeof bytes};

	wire_put_head(&out, (uint8_t)type, 0);
	wire_put_finding(&out, finding);
	send_bytes(bytes, out.at);
}

void send_warn(struct send *send, const struct vst_finding *finding)
{
	if (send->n_warnings == VST_WARN_MAX)
		return;
	send_finding(VST_WIRE_WARN, finding);
	send->n_warnings++;
}

void send_end(struct send *send)
{
	unsigned char bytes[VST_WIRE_END_LEN];
	struct wire_out out = {.bytes = bytes, .size = sizeof bytes};

	batch_flush(send);
	wire_put_head(&out, VST_WIRE_END, 0);
	wire_put_u32(&out, send->n_ops);
	wire_put_u32(&out, send->n_warnings);
	send_bytes(bytes, out.at);
}

void send_fail(const struct vst_finding *finding)
{
	send_finding(VST_WIRE_FAIL, finding);
}
