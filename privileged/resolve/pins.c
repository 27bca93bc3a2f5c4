/* SPDX-License-Identifier: Apache-2.0 */
#include "pins.h"

#include <string.h>

#include "../../ipc/fd.h"
#include "../../ipc/limits.h"

#define SLOTS 8192 /* A power of two, well above VST_PINS_MAX. */

static struct pin pins[VST_PINS_MAX + 2];
static uint32_t n_pins;
/* Texts that are in no document: where links lead. Room for a path and a name per mount. */
static char texts[VST_MOUNTS_MAX * 256];
static size_t texts_len;
static uint16_t slots[SLOTS]; /* Pin by the hash of its path; 0: free (pin 0, the bundle, has no
				 path). */

void pins_start(void)
{
	/* At first they are empty, and their pages untouched. */
	if (n_pins)
		pins_forget_paths();
	n_pins = 0;
	texts_len = 0;
}

const char *pins_keep(const char *text)
{
	size_t size = strlen(text) + 1;
	char *kept = texts + texts_len;

	if (size > sizeof texts - texts_len)
		return NULL;
	memcpy(kept, text, size);
	texts_len += size;
	return kept;
}

struct pin *pins_table(uint32_t *ret_n)
{
	*ret_n = n_pins;
	return pins;
}

struct pin *pins_get(uint32_t pin)
{
	return &pins[pin];
}

struct object pins_object(uint32_t pin)
{
	const struct pin *p = &pins[pin];

	return (struct object){
		.dev = p->dev,
		.ino = p->ino,
		.mnt_id = p->mnt_id,
		.mode = p->mode,
		.is_mount_root = p->is_mount_root != 0,
	};
}

void pins_forget_paths(void)
{
	memset(slots, 0, sizeof slots);
}

static uint32_t hash_byte(uint32_t hash, char byte)
{
	return (hash ^ (unsigned char)byte) * 16777619u; /* FNV-1a */
}

/* The slot of exactly this path, or the free one for it. */
static uint16_t *find_slot(const char *path, uint32_t len, uint32_t hash)
{
	for (uint32_t i = hash;; i++) {
		uint16_t *slot = &slots[i & (SLOTS - 1)];

		if (!*slot || (pins[*slot].path_len == len &&
				      memcmp(pins[*slot].path, path, len) == 0))
			return slot;
	}
}

uint32_t pins_deepest(const char *path, uint32_t max, uint32_t *ret_len)
{
	uint32_t hash = 2166136261u, pin = PIN_ROOT;

	*ret_len = 0;
	for (uint32_t i = 0; i < max; i++) {
		hash = hash_byte(hash, path[i]);
		if (i + 1 == max || path[i + 1] == '/') {
			uint16_t *slot = find_slot(path, i + 1, hash);

			if (*slot) {
				pin = *slot;
				*ret_len = i + 1;
			}
		}
	}
	return pin;
}

int pins_add(struct walk *walk, const char *path, uint32_t len, uint32_t *ret_pin,
	struct vst_err *err)
{
	uint32_t hash = 2166136261u;

	if (n_pins == sizeof pins / sizeof pins[0])
		return vst_fail(err, VST_EXIT_INVALID, 0,
			"the paths of the document lie in more than %d distinct directories",
			VST_DIRS_MAX);
	pins[n_pins] = (struct pin){
		.fd = vst_fd_take(&walk->fd),
		.path = path,
		.path_len = len,
		.in_image = walk->in_image,
		.is_mount_root = (uint32_t)walk->at.is_mount_root,
		.dev = walk->at.dev,
		.ino = walk->at.ino,
		.mnt_id = walk->at.mnt_id,
		.uid = walk->at.uid,
		.mode = walk->at.mode,
	};
	for (uint32_t i = 0; i < len; i++)
		hash = hash_byte(hash, path[i]);
	if (len)
		*find_slot(path, len, hash) = (uint16_t)n_pins;
	*ret_pin = n_pins++;
	return 0;
}
