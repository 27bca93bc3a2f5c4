/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a journal's file, for journal.c, journal_file.c and journal_copy.c only. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "../../ipc/limits.h"
#include "journal.h"

#define JOURNAL_MAGIC 0x0a6c6e726a747376u /* "vstjrnl\n" */
#define JOURNAL_VERSION 3

/* The file's header. The path has a fixed size, so that no number in the file decides where the
 * records begin. */
struct journal_header {
	uint64_t magic; /* Stored last; 0: no header yet. */
	uint64_t sum;   /* Checksum of what follows, up to the end of the path. */
	uint32_t version;
	uint32_t path_len; /* Includes the NUL. */
	struct journal_key key;
	char path[VST_PATH_MAX + 1];
};

#define JOURNAL_FIRST ((uint32_t)sizeof(struct journal_header))

/* A record's head. Body and result follow, each padded with zeros to 8 bytes. `mark` and
 * `state` are stored on their own, so they check themselves: a length comes with its
 * complement, a state is its letter four times. */
struct journal_head {
	uint32_t mark; /* Length, complement in the high half; stored last; 0: no record. */
	uint32_t state;
	uint64_t result_sum; /* Valid once state is DONE. */
	uint64_t sum;        /* Checksum of what follows, up to the end of the body. */
	uint32_t prev;
	uint32_t body_len;
	uint32_t result_len;
	uint32_t kind;
};

#define JOURNAL_STATE_WORD(letter) (0x01010101u * (uint32_t)(letter))

static inline size_t journal_pad(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static inline uint32_t journal_mark(size_t len)
{
	return (uint32_t)len | ~(uint32_t)len << 16;
}

static inline struct journal_head *journal_head(const struct journal *journal, uint32_t place)
{
	return (struct journal_head *)(void *)(journal->map + place);
}

static inline unsigned char *journal_body(struct journal_head *head)
{
	return (unsigned char *)(head + 1);
}

static inline unsigned char *journal_result(struct journal_head *head)
{
	return journal_body(head) + journal_pad(head->body_len);
}

/* A checksum against accidents, not attacks; len is a multiple of 8. Each step is a bijection
 * of the sum and of the word, so damage within one word is always detected. */
static inline uint64_t journal_sum(const void *bytes, size_t len)
{
	const unsigned char *at = bytes;
	uint64_t sum = 0x9e3779b97f4a7c15u ^ len, word;

	for (size_t i = 0; i < len; i += sizeof word) {
		memcpy(&word, at + i, sizeof word);
		sum = (sum ^ word) * 0xd6e8feb86659fd93u;
		sum ^= sum >> 29;
	}
	return sum;
}

static inline uint64_t journal_head_sum(const struct journal_head *head)
{
	size_t from = offsetof(struct journal_head, prev);

	return journal_sum((const unsigned char *)head + from,
		sizeof *head - from + journal_pad(head->body_len));
}

static inline uint64_t journal_header_sum(const struct journal_header *header)
{
	size_t from = offsetof(struct journal_header, version);

	return journal_sum((const unsigned char *)header + from,
		offsetof(struct journal_header, path) - from + journal_pad(header->path_len));
}

/* Frees the memory behind a walk over the records, a window at a time: a journal may be several
 * times as large as the rest of the program. The pages are the file's, and are read back when
 * needed. */
void journal_pass(const struct journal *journal, size_t from, size_t to);

enum journal_form {
	JOURNAL_WHOLE,
	JOURNAL_NONE, /* No record: the end, or a record that the file's end cuts short. */
	JOURNAL_DAMAGED,
};

/* Checks the record at `place`, whose predecessor is at `prev`, in a file of `end` bytes. What
 * lies before was checked already. */
enum journal_form journal_check(
	const struct journal *journal, uint32_t place, uint32_t prev, size_t end);

/* Whether the open file may be a journal of ours: regular, the program's own, for nobody else.
 */
int journal_check_file(
	const struct journal *journal, const struct stat *st, struct vst_err *err);

/* Judges the header. *ret_used is where the records begin; 0: no header was written, or the
 * journal is of another boot. */
int journal_check_header(
	const struct journal *journal, size_t size, size_t *ret_used, struct vst_err *err);

/* Checks all records behind the header; journal->used and ->last are those of the end. */
int journal_check_records(struct journal *journal, size_t size, struct vst_err *err);

/* Tells whose journal it is by its header, and takes key and path from there. */
enum journal_found journal_whose(struct journal *journal, size_t size);

/* Gives back the map and the file with its lock. */
void journal_unmap(struct journal *journal);
