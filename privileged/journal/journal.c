/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "journal_form.h"

/* journal_pass frees the map in windows of this size, in bytes. */
#define JOURNAL_WINDOW ((size_t)256 << 10)

_Static_assert(sizeof(struct journal_header) % 8 == 0, "records are aligned");
_Static_assert(sizeof(struct journal_head) % 8 == 0, "bodies are aligned");

/* What follows the struct of a body. */
enum tail {
	TAIL_NONE,
	TAIL_PATH,  /* A string with its NUL. */
	TAIL_STATE, /* rec_move.state_len bytes. */
};

static const struct form {
	size_t body;
	size_t result;
	enum tail tail;
} forms[] = {
	[JOURNAL_RUN] = {sizeof(struct rec_run), 0, TAIL_NONE},
	[JOURNAL_PIN] = {sizeof(struct rec_pin), 0, TAIL_PATH},
	[JOURNAL_DIR] = {sizeof(struct rec_dir), sizeof(struct rec_dir_result), TAIL_PATH},
	[JOURNAL_FILE] = {sizeof(struct rec_file), sizeof(struct rec_file_result), TAIL_PATH},
	[JOURNAL_MOUNT] = {sizeof(struct rec_mount), 0, TAIL_PATH},
	[JOURNAL_LINK] = {sizeof(struct rec_link), 0, TAIL_NONE},
	[JOURNAL_MOVE] = {sizeof(struct rec_move), 0, TAIL_STATE},
	[JOURNAL_CHANGE] = {sizeof(struct rec_change), 0, TAIL_PATH},
};

static int string_ok(const char *bytes, size_t len)
{
	return len && memchr(bytes, '\0', len) == bytes + len - 1;
}

/* Whether the lengths in head fit its kind. The body is not read. */
static int lengths_ok(const struct journal_head *head)
{
	const struct form *form = &forms[head->kind];
	size_t tail = head->body_len - form->body;

	if (head->body_len < form->body || head->result_len != form->result)
		return 0;
	switch (form->tail) {
	case TAIL_NONE:
		return tail == 0;
	case TAIL_PATH:
		return tail >= 1 && tail <= VST_PATH_MAX + 1;
	case TAIL_STATE:
		return tail <= VST_LINK_STATE_MAX;
	}
	return 0;
}

/* Whether `pin` is the place of a pin's record, before the record at `place` that names it. */
static int pin_ok(const struct journal *journal, uint32_t pin, uint32_t place)
{
	const struct journal_head *head = journal_head(journal, pin);

	if (pin % 8 || pin < JOURNAL_FIRST || pin >= place || place - pin < sizeof *head)
		return 0;
	return head->kind == JOURNAL_PIN && lengths_ok(head) &&
	       head->mark == journal_mark(journal_space(head->body_len, 0)) &&
	       (head->mark & 0xffff) <= place - pin && head->sum == journal_head_sum(head);
}

/* Whether the body can be used as it is. It is whole, and its length was checked. */
static int body_ok(const struct journal *journal, uint32_t place)
{
	struct journal_head *head = journal_head(journal, place);
	const void *body = journal_body(head);
	const char *tail = (const char *)body + forms[head->kind].body;
	const struct rec_link *link = body;
	const struct rec_move *move = body;

	if (forms[head->kind].tail == TAIL_PATH &&
		!string_ok(tail, head->body_len - forms[head->kind].body))
		return 0;
	switch ((enum journal_kind)head->kind) {
	case JOURNAL_RUN:
		return 1;
	case JOURNAL_PIN:
		return tail[0] == '/';
	case JOURNAL_DIR:
		return pin_ok(journal, ((const struct rec_dir *)body)->pin, place);
	case JOURNAL_FILE:
		return pin_ok(journal, ((const struct rec_file *)body)->pin, place);
	case JOURNAL_MOUNT:
		return pin_ok(journal, ((const struct rec_mount *)body)->pin, place);
	case JOURNAL_LINK:
		return memchr(link->name, '\0', sizeof link->name) &&
		       memchr(link->kind, '\0', sizeof link->kind);
	case JOURNAL_CHANGE:
		return pin_ok(journal, ((const struct rec_change *)body)->pin, place);
	case JOURNAL_MOVE:
		return move->state_len == head->body_len - sizeof *move &&
		       memchr(move->name, '\0', sizeof move->name) &&
		       memchr(move->kind, '\0', sizeof move->kind);
	}
	return 0;
}

static int state_ok(struct journal_head *head)
{
	if (head->state == JOURNAL_STATE_WORD(JOURNAL_INTENT) ||
		head->state == JOURNAL_STATE_WORD(JOURNAL_UNDONE))
		return 1;
	return head->state == JOURNAL_STATE_WORD(JOURNAL_DONE) &&
	       (!head->result_len ||
		       head->result_sum == journal_sum(journal_result(head),
						   journal_pad(head->result_len)));
}

enum journal_form journal_check(
	const struct journal *journal, uint32_t place, uint32_t prev, size_t end)
{
	struct journal_head *head = journal_head(journal, place);
	size_t len;

	if (end - place < sizeof head->mark || head->mark == 0)
		return JOURNAL_NONE;
	len = head->mark & 0xffff;
	if (head->mark != journal_mark(len))
		return JOURNAL_DAMAGED;
	if (end - place < sizeof *head)
		return JOURNAL_NONE;
	if (head->kind < JOURNAL_RUN || head->kind > JOURNAL_CHANGE || head->prev != prev ||
		!lengths_ok(head) || len != journal_space(head->body_len, head->result_len))
		return JOURNAL_DAMAGED;
	/* The first record must be a run's: every other belongs to one. */
	if (prev == 0 && head->kind != JOURNAL_RUN)
		return JOURNAL_DAMAGED;
	if (end - place < len)
		return JOURNAL_NONE;
	if (head->sum != journal_head_sum(head) || !body_ok(journal, place) || !state_ok(head))
		return JOURNAL_DAMAGED;
	return JOURNAL_WHOLE;
}

/* Writes zeros to offsets `from` to `to`, for file systems without fallocate. */
static int write_zeros(int fd, size_t from, size_t to)
{
	static const unsigned char zeros[4096];

	while (from < to) {
		size_t want = to - from < sizeof zeros ? to - from : sizeof zeros;
		ssize_t n = pwrite(fd, zeros, want, (off_t)from);

		if (n > 0)
			from += (size_t)n;
		else if (n == 0 || errno != EINTR)
			return -1;
	}
	return 0;
}

/* Extends the file to offset `to`, so that storing below it cannot fail: a store into a hole of
 * a full file system raises SIGBUS. */
static int reserve(struct journal *journal, size_t to, struct vst_err *err)
{
	size_t from = journal->map_len;
	int ret;

	if (to <= from)
		return 0;
	to = (to + 4095) & ~(size_t)4095;
	if (to > VST_JOURNAL_MAX)
		return vst_fail(err, VST_EXIT_FAILED, 0,
			"journal %s is full (%d bytes), so the step cannot be noted before it is done: run cleanup and detach for this bundle, then try again",
			journal->name, VST_JOURNAL_MAX);
	/* tmpfs fails with EINTR at any pending signal, even one that does not end the process.
	 */
	do
		ret = fallocate(journal->fd, 0, (off_t)from, (off_t)(to - from));
	while (ret < 0 && errno == EINTR);
	if (ret < 0 && errno == EOPNOTSUPP)
		ret = write_zeros(journal->fd, from, to);
	if (ret < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno,
			"journal %s: no space to note the step before doing it", journal->name);
	journal->map_len = to;
	return 0;
}

static void write_header(struct journal *journal)
{
	struct journal_header *header = (struct journal_header *)(void *)journal->map;
	size_t len = strlen(journal->bundle_path) + 1;

	assert(len <= sizeof header->path);
	header->version = JOURNAL_VERSION;
	header->path_len = (uint32_t)len;
	header->key = journal->key;
	memcpy(header->path, journal->bundle_path, len);
	header->sum = journal_header_sum(header);
	__atomic_store_n(&header->magic, JOURNAL_MAGIC, __ATOMIC_RELEASE);
	journal->used = JOURNAL_FIRST;
}

void journal_pass(const struct journal *journal, size_t from, size_t to)
{
	size_t start = from / JOURNAL_WINDOW, end = to / JOURNAL_WINDOW;

	/* A copy (journal_unlock) has no file to read back from. A failure only costs memory.
	 */
	if (start < end && journal->fd >= 0)
		(void)madvise(journal->map + start * JOURNAL_WINDOW,
			(end - start) * JOURNAL_WINDOW, MADV_DONTNEED);
}

int journal_begin(
	struct journal *journal, const struct rec_run *run, size_t bytes, struct vst_err *err)
{
	size_t from = journal->used ? journal->used : JOURNAL_FIRST;
	struct rec_run own = *run;
	uint32_t place;

	own.mntns_ino = journal->key.mntns_ino;
	own.mntns_id = journal->key.mntns_id;

	assert(!journal->run || journal_head(journal, journal->run)->state !=
					JOURNAL_STATE_WORD(JOURNAL_INTENT));
	/* Above that, reserve refuses anyway, and the sum must not wrap. */
	if (bytes > VST_JOURNAL_MAX)
		bytes = VST_JOURNAL_MAX;
	if (reserve(journal, from + journal_space(sizeof *run, 0) + bytes, err) < 0)
		return -1;
	if (!journal->used)
		write_header(journal);
	if (journal_append(journal, JOURNAL_RUN, &own, sizeof own, NULL, 0, 0, &place, err) < 0)
		return -1;
	journal->run = place;
	return 0;
}

size_t journal_space(size_t body_len, size_t result_len)
{
	return sizeof(struct journal_head) + journal_pad(body_len) + journal_pad(result_len);
}

int journal_append(struct journal *journal, enum journal_kind kind, const void *head,
	size_t head_len, const void *tail, size_t tail_len, size_t result_len,
	uint32_t *ret_place, struct vst_err *err)
{
	size_t body_len = head_len + tail_len, len = journal_space(body_len, result_len);
	uint32_t place = (uint32_t)journal->used;
	struct journal_head *rec;

	assert(journal->used && (journal->run || kind == JOURNAL_RUN));
	if (reserve(journal, journal->used + len, err) < 0)
		return -1;
	/* Nothing was ever stored beyond `used`, so the padding is zero. */
	rec = journal_head(journal, place);
	rec->state = JOURNAL_STATE_WORD(JOURNAL_INTENT);
	rec->prev = journal->last;
	rec->body_len = (uint32_t)body_len;
	rec->result_len = (uint32_t)result_len;
	rec->kind = kind;
	memcpy(journal_body(rec), head, head_len);
	if (tail_len)
		memcpy(journal_body(rec) + head_len, tail, tail_len);
	rec->sum = journal_head_sum(rec);
	/* A malformed record would make the next run refuse the journal. */
	assert(lengths_ok(rec) && body_ok(journal, place));
	__atomic_store_n(&rec->mark, journal_mark(len), __ATOMIC_RELEASE);
	journal->used += len;
	journal->last = place;
	journal_pass(journal, place, journal->used);
	*ret_place = place;
	return 0;
}

static void store_state(const struct journal *journal, uint32_t place, enum journal_state state)
{
	__atomic_store_n(&journal_head(journal, place)->state, JOURNAL_STATE_WORD(state),
		__ATOMIC_RELEASE);
}

void journal_done(struct journal *journal, uint32_t place, const void *result, size_t len)
{
	struct journal_head *head = journal_head(journal, place);

	assert(len == head->result_len && head->state == JOURNAL_STATE_WORD(JOURNAL_INTENT));
	if (len) {
		memcpy(journal_result(head), result, len);
		head->result_sum = journal_sum(journal_result(head), journal_pad(len));
	}
	store_state(journal, place, JOURNAL_DONE);
}

void journal_undone(struct journal *journal, uint32_t place)
{
	store_state(journal, place, JOURNAL_UNDONE);
}

void journal_end(struct journal *journal, enum journal_state outcome)
{
	journal_end_run(journal, journal->run, outcome);
}

void journal_end_run(struct journal *journal, uint32_t run, enum journal_state outcome)
{
	assert(run && journal_head(journal, run)->kind == JOURNAL_RUN &&
		outcome != JOURNAL_INTENT);
	store_state(journal, run, outcome);
}

void journal_read(const struct journal *journal, uint32_t place, struct journal_rec *ret_rec)
{
	struct journal_head *head = journal_head(journal, place);
	enum journal_state state = (enum journal_state)(head->state & 0xff);
	int has_result = state == JOURNAL_DONE && head->result_len;

	*ret_rec = (struct journal_rec){
		.place = place,
		.kind = (enum journal_kind)head->kind,
		.state = state,
		.body = journal_body(head),
		.body_len = head->body_len,
		.result = has_result ? journal_result(head) : NULL,
		.result_len = has_result ? head->result_len : 0,
	};
}

uint32_t journal_first(const struct journal *journal)
{
	return journal->last ? JOURNAL_FIRST : 0;
}

uint32_t journal_next(const struct journal *journal, uint32_t place)
{
	uint32_t next = place + (journal_head(journal, place)->mark & 0xffff);

	return next < journal->used ? next : 0;
}

uint32_t journal_next_of_run(
	const struct journal *journal, uint32_t place, struct journal_rec *ret_rec)
{
	uint32_t next = journal_next(journal, place);

	if (!next)
		return 0;
	journal_read(journal, next, ret_rec);
	return ret_rec->kind == JOURNAL_RUN ? 0 : next;
}

uint32_t journal_last_of_run(const struct journal *journal, uint32_t run)
{
	struct journal_rec rec;
	uint32_t last = run;

	for (uint32_t at = run; (at = journal_next_of_run(journal, at, &rec));)
		last = at;
	return last;
}

uint32_t journal_prev(const struct journal *journal, uint32_t place)
{
	return journal_head(journal, place)->prev;
}

uint32_t journal_last(const struct journal *journal)
{
	return journal->last;
}

uint32_t journal_unfinished(const struct journal *journal)
{
	uint32_t place = journal->last;

	while (place) {
		const struct journal_head *head = journal_head(journal, place);

		if (head->kind == JOURNAL_RUN && place != journal->run &&
			head->state == JOURNAL_STATE_WORD(JOURNAL_INTENT))
			return place;
		place = head->prev;
	}
	return 0;
}
