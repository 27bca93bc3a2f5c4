/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of messages for the tests of validate: made message by message, judged, and mutated. */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ipc/name.h"
#include "ipc/wire.h"
#include "privileged/seam/validate.h"
#include "request_ok.h"

/* A run of messages in the making: what each byte is, beside the bytes. */
enum byte_class {
	FIXED, /* every other value breaks the protocol */
	TEXT,  /* of a string: another value may be another good string */
	FREE,  /* a number that may be another one */
};

#define MSGS_MAX 40
#define MSG_LEN_MAX 65536

struct run {
	unsigned n;
	struct {
		size_t len;
		unsigned char bytes[MSG_LEN_MAX];
		unsigned char class[MSG_LEN_MAX];
	} msgs[MSGS_MAX];
};

static struct run made, mutant;
static struct request request;
static struct findings findings;
static struct vst_err err;
static unsigned char *memory;

static inline void put(enum byte_class class, const void *bytes, size_t len)
{
	size_t *at = &made.msgs[made.n - 1].len;

	assert_true(*at + len <= MSG_LEN_MAX);
	memcpy(made.msgs[made.n - 1].bytes + *at, bytes, len);
	memset(made.msgs[made.n - 1].class + *at, (int)class, len);
	*at += len;
}

static inline void put_number(enum byte_class class, uint32_t value, size_t len)
{
	for (size_t i = 0; i < len; i++, value >>= 8)
		put(class, &(unsigned char){(unsigned char)value}, 1);
}

static inline void put_string(const char *s)
{
	put_number(FIXED, (uint32_t)strlen(s), 2);
	put(TEXT, s, strlen(s));
	put_number(FIXED, 0, 1);
}

static inline void open_msg(unsigned type, unsigned count)
{
	assert_true(made.n < MSGS_MAX);
	made.msgs[made.n++].len = 0;
	put_number(FIXED, type, 1);
	put_number(FIXED, 0, 1);
	put_number(FIXED, count, 2);
}

static inline void put_hello(uint32_t magic, unsigned version, unsigned schema)
{
	open_msg(VST_WIRE_HELLO, 0);
	put_number(FIXED, magic, 4);
	put_number(FIXED, version, 2);
	put_number(FIXED, schema, 2);
}

static inline void start(void)
{
	made.n = 0;
	put_hello(VST_WIRE_MAGIC, VST_WIRE_VERSION, VST_SCHEMA_RUNTIME);
}

static inline void put_end(uint32_t ops, uint32_t warnings)
{
	open_msg(VST_WIRE_END, 0);
	put_number(FIXED, ops, 4);
	put_number(FIXED, warnings, 4);
}

static inline void put_mkdir(const char *path)
{
	put_number(FREE, VST_OP_MKDIR, 1); /* MKDIR and BIND_NS have the same shape */
	put_number(FIXED, 0, 1);
	put_string(path);
}

static inline void put_link(unsigned flags, const char *name, const char *add, const char *peer)
{
	put_number(FIXED, VST_OP_LINK, 1);
	put_number(FREE, flags, 1);
	put_string(name);
	put_string(add);
	put_string(peer);
}

static inline void put_ns(unsigned ns, const char *path)
{
	put_number(FREE, VST_OP_BIND_NS, 1);
	put_number(FREE, ns, 1);
	put_string(path);
}

static inline void put_finding(unsigned type, struct vst_finding f)
{
	open_msg(type, 0);
	put_number(FIXED, f.code, 2);
	put_number(FREE, f.place.member, 1);
	put_number(FREE, f.place.field, 1);
	put_number(FREE, f.line, 4);
	put_number(FREE, f.column, 4);
	put_number(FREE, f.place.index, 4);
	put_number(FREE, f.place.sub, 4);
}

static inline struct vst_finding at(
	unsigned code, unsigned member, uint32_t index, unsigned field, uint32_t sub)
{
	return (struct vst_finding){.code = (uint16_t)code,
		.line = 3,
		.column = 14,
		.place = {(uint8_t)member, (uint8_t)field, index, sub}};
}

/* Judges the run from memory of exactly its length. */
static inline int judge(const struct run *run)
{
	size_t len = 0, used = 0;
	struct wire_msg msg = {.n_messages = run->n};

	free(memory);
	for (unsigned i = 0; i < run->n; i++)
		len += sizeof(uint32_t) + run->msgs[i].len;
	memory = malloc(len ? len : 1);
	for (unsigned i = 0; i < run->n; i++) {
		uint32_t n = (uint32_t)run->msgs[i].len;

		memcpy(memory + used, &n, sizeof n);
		memcpy(memory + used + sizeof n, run->msgs[i].bytes, n);
		used += sizeof n + n;
	}
	msg.bytes = memory;
	msg.len = len;
	memset(&err, 0, sizeof err);
	return validate(&msg, &request, &findings, &err);
}

static inline void accepted(void)
{
	if (judge(&made) < 0)
		fail_msg("refused: %s", err.text);
}

static inline void refused(enum vst_exit exit, const char *text)
{
	assert_int_equal(judge(&made), -1);
	if (err.exit != exit || !strstr(err.text, text))
		fail_msg("wanted %d \"%s\", got %d \"%s\"", exit, text, err.exit, err.text);
}

/* An accepted request says byte for byte what the run's operations say, and each is good. */
static inline void assert_same_meaning(const struct run *run)
{
	size_t from = 1;

	for (unsigned i = 0; i < run->n; i++) {
		if (run->msgs[i].bytes[0] != VST_WIRE_OPS)
			continue;
		assert_true(from + run->msgs[i].len - VST_WIRE_HEAD_LEN <= request.len);
		assert_memory_equal(request.bytes + from,
			run->msgs[i].bytes + VST_WIRE_HEAD_LEN,
			run->msgs[i].len - VST_WIRE_HEAD_LEN);
		from += run->msgs[i].len - VST_WIRE_HEAD_LEN;
	}
	assert_int_equal(from, request.len);
	assert_int_equal(request.bytes[0], 0);
	assert_null(request_wrong(&request));
}

/* The mutant is the run that was made again: only what is used, for there are many of them. */
static inline void mutate(void)
{
	mutant.n = made.n;
	for (unsigned i = 0; i < made.n; i++) {
		mutant.msgs[i].len = made.msgs[i].len;
		memcpy(mutant.msgs[i].bytes, made.msgs[i].bytes, made.msgs[i].len);
	}
}

static inline void flip_every_bit(void)
{
	unsigned n_refused = 0, n_accepted = 0;

	for (unsigned m = 0; m < made.n; m++)
		for (size_t i = 0; i < made.msgs[m].len; i++)
			for (int bit = 0; bit < 8; bit++) {
				mutate();
				mutant.msgs[m].bytes[i] ^= (unsigned char)(1 << bit);
				if (judge(&mutant) < 0) {
					n_refused++;
					assert_true(err.text[0] && err.exit != VST_EXIT_OK);
					continue;
				}
				if (made.msgs[m].class[i] == FIXED)
					fail_msg("accepted: message %u, byte %zu, bit %d", m, i,
						bit);
				assert_same_meaning(&mutant);
				n_accepted++;
			}
	/* Both happen, so that neither branch is dead. */
	assert_true(n_refused > 1000);
	assert_true(n_accepted > 100);
}

static inline void change_every_length(void)
{
	for (unsigned m = 0; m < made.n; m++)
		for (size_t i = 0; i <= made.msgs[m].len; i++) {
			if (i < made.msgs[m].len) {
				mutate();
				mutant.msgs[m].len = i;
				assert_int_equal(judge(&mutant), -1);
			}
			for (int byte = 0; byte < 256; byte++) {
				unsigned char *p = mutant.msgs[m].bytes;

				mutate();
				memmove(p + i + 1, p + i, made.msgs[m].len - i);
				p[i] = (unsigned char)byte;
				mutant.msgs[m].len++;
				if (judge(&mutant) == 0)
					fail_msg("accepted: message %u, byte %d before %zu", m,
						byte, i);
			}
		}
}

static inline void move_every_message(void)
{
	for (unsigned m = 0; m < made.n; m++) {
		mutant = made; /* left out */
		memmove(&mutant.msgs[m], &made.msgs[m + 1],
			(made.n - m - 1) * sizeof made.msgs[0]);
		mutant.n--;
		assert_int_equal(judge(&mutant), -1);
		mutant = made; /* twice */
		memmove(&mutant.msgs[m + 1], &made.msgs[m], (made.n - m) * sizeof made.msgs[0]);
		mutant.n++;
		assert_int_equal(judge(&mutant), -1);
		for (unsigned o = m + 1; o < made.n; o++) { /* two change places */
			int may = m > 0 && o < made.n - 1;

			mutant = made;
			mutant.msgs[m] = made.msgs[o];
			mutant.msgs[o] = made.msgs[m];
			if (judge(&mutant) == 0) {
				assert_true(may);
				assert_same_meaning(&mutant);
			}
		}
	}
	mutant.n = 0;
	assert_int_equal(judge(&mutant), -1);
}

#define BROKEN VST_EXIT_INVALID, "the parser broke the protocol: "
