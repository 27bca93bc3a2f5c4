/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives the executors of mounts, directories and namespaces one by one, with the real journal
 * and without the rest of the program. What a run did stays undone until `undo`, in another
 * process: the run is never committed.
 *
 *   exec_driver STATE BUNDLE bind|tmpfs|overlay|mkdir PATH|ns PID TYPE PATH|undo|present ...
 *   exec_driver STATE BUNDLE mount new PATH TYPE SOURCE OPTION... end
 *                            mount bind|rbind PATH SOURCE OPTION... end
 *                            mount change PATH OPTION... end ...
 *   exec_driver target pid PID | target pidfd FD
 *
 * mkdir's PATH is absolute, or beneath the newest mount of this call; mount's is absolute, and
 * so is what is bound. An empty SOURCE of a new one is none. The environment makes this kernel
 * an older one: OLD_MOUNT no unique mount ids (6.8), OLD_PIDFD no ioctls of pidfds (6.11),
 * OLD_LAYERS no layers by descriptor (6.13), NO_CAP a capability (number) of the overlay's that
 * is not raised; NO_PROPAGATION one that says that it set a propagation, and did not. OTHER_NS:
 * it is another namespace that was judged than the one that is bound.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

#include "../../ipc/fd.h"
#include "../../policy/plan.h"
#include "../../privileged/act/attach.h"
#include "../../privileged/exec/exec_dir.h"
#include "../../privileged/exec/exec_file.h"
#include "../../privileged/exec/exec_ns.h"
#include "../../privileged/kernel/beneath.h"
#include "../../privileged/kernel/kernel_mount.h"
#include "../../privileged/kernel/kernel_ns.h"
#include "../../privileged/mount/exec_bind.h"
#include "../../privileged/mount/exec_change.h"
#include "../../privileged/mount/exec_mount.h"
#include "../../privileged/mount/exec_new.h"
#include "../../privileged/mount/mount_attr.h"
#include "../../privileged/ns/ns.h"
#include "../../privileged/ns/process.h"
#include "../../privileged/rights/caps.h"
#include "mount_words.h"

#define N_STEPS 16

int __real_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);
int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret);
long __real_syscall(long nr, ...);
long __wrap_syscall(long nr, ...);
int __real_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
int __real_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux);
int __wrap_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux);
int __real_mount_setattr(
	int fd, const char *path, unsigned flags, struct mount_attr *attr, size_t size);
int __wrap_mount_setattr(
	int fd, const char *path, unsigned flags, struct mount_attr *attr, size_t size);
int __real_caps_raise(uint64_t set, struct vst_err *err);
int __wrap_caps_raise(uint64_t set, struct vst_err *err);

int __wrap_statx(int fd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	if (getenv("OLD_MOUNT"))
		mask &= ~STATX_MNT_ID_UNIQUE;
	return __real_statx(fd, path, flags, mask, ret);
}

long __wrap_syscall(long nr, ...)
{
	va_list ap;
	long a[5];

	va_start(ap, nr);
	for (int i = 0; i < 5; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (getenv("OLD_MOUNT") && (nr == KERNEL_SYS_STATMOUNT || nr == KERNEL_SYS_LISTMOUNT)) {
		errno = ENOSYS;
		return -1;
	}
	return __real_syscall(nr, a[0], a[1], a[2], a[3], a[4]);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (getenv("OLD_PIDFD") && (request & 0xff00) == 0xff00) {
		errno = ENOTTY;
		return -1;
	}
	return __real_ioctl(fd, request, arg);
}

int __wrap_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux)
{
	const char *old = getenv("OLD_LAYERS");

	if (old && cmd == FSCONFIG_SET_FD) {
		errno = atoi(old);
		return -1;
	}
	return __real_fsconfig(fd, cmd, key, value, aux);
}

int __wrap_mount_setattr(
	int fd, const char *path, unsigned flags, struct mount_attr *attr, size_t size)
{
	if (getenv("NO_PROPAGATION") && attr->propagation)
		return 0;
	return __real_mount_setattr(fd, path, flags, attr, size);
}

int __wrap_caps_raise(uint64_t set, struct vst_err *err)
{
	const char *without = getenv("NO_CAP");

	if (without)
		set &= ~(UINT64_C(1) << atoi(without));
	return __real_caps_raise(set, err);
}

static struct step steps[N_STEPS];
static struct pin pins[2] = {{.fd = -1}, {.fd = -1, .path = "/"}};
static uint8_t outcomes[N_STEPS];
static struct journal journal = {.dir_fd = -1, .fd = -1};
static struct exec_run run = {.journal = &journal, .outcome = outcomes};
static struct mount_words words;
static struct plan_allowed allowed = {.bytes = words.bytes,
	.steps = steps,
	.pins = pins,
	.n_pins = 2,
	.mounts = words.mounts,
	.sources = words.sources,
	.options = words.options};

static int die(const struct vst_err *err)
{
	printf("error %d: %s\n", err->exit, err->text);
	return err->exit;
}

static int open_all(const char *state, const char *bundle, struct vst_err *err)
{
	struct journal_key key = {.boot_id = {1}};
	struct object object;

	journal.dir_fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	pins[0].fd = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	pins[0].path = bundle;
	pins[1].fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (journal.dir_fd < 0 || pins[0].fd < 0 || beneath_stat(pins[0].fd, &object) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open '%s'", bundle);
	key.bundle_dev = object.dev;
	key.bundle_ino = object.ino;
	key.mntns_ino = 1;
	return journal_open(&journal, journal.dir_fd, &key, bundle, err);
}

static int begin(struct vst_err *err)
{
	struct rec_run rec = {.verb = PLAN_PREPARE};

	if (journal_begin(&journal, &rec, 65536, err) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		struct rec_pin pin = {0};

		if (journal_append(&journal, JOURNAL_PIN, &pin, sizeof pin, pins[i].path,
			    strlen(pins[i].path) + 1, 0, &run.pin_rec[i], err) < 0)
			return -1;
	}
	return 0;
}

static int do_mkdir(const char *path, struct vst_err *err)
{
	char rec_rest[4200];

	struct place place = {
		pins[1].fd, path + 1, run.pin_rec[1], path + 1, !strchr(path + 1, '/')};

	if (path[0] != '/') {
		snprintf(rec_rest, sizeof rec_rest, "rootfs/%s", path);
		place = (struct place){
			run.mounts[run.n_mounts - 1].fd, path, run.pin_rec[0], rec_rest, 0};
	}
	return exec_dir_make(&allowed, &run, &place, NULL, NULL, err);
}

static int ns_by_name(const char *name)
{
	static const char *const names[] = {
		"cgroup", "ipc", "mnt", "net", "pid", "user", "uts"};

	for (int i = 0; i < VST_NS_COUNT; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	abort();
}

static int do_ns(char **args, uint32_t step, struct vst_err *err)
{
	int ns = ns_by_name(args[1]), is_ns = 0;
	vst_auto_fd parent = -1, file = -1;
	struct process target = {.pidfd = -1};
	const char *name;
	int r;

	steps[step] = (struct step){.kind = STEP_BIND_NS, .ns = (uint8_t)ns};
	steps[step].at.path.off = mount_words_text(&words, args[2]);
	/* vestibule itself is no target: for the loop of our own mount namespace. */
	if (strcmp(args[0], "own") == 0) {
		struct ns_own own;

		if (ns_own_open((enum vst_ns)ns, &allowed.ns[ns].fd, err) < 0 ||
			ns_own((enum vst_ns)ns, &own, err) < 0)
			return -1;
		allowed.ns[ns].dev = own.dev;
		allowed.ns[ns].ino = own.ino;
		allowed.ns[ns].is_own = 1;
	} else if (process_open_pid((uint32_t)atoi(args[0]), &target, err) < 0 ||
		   process_judge(&target, err) < 0 ||
		   process_namespaces(&target, 1u << ns, allowed.ns, err) < 0) {
		return -1;
	}
	process_close(&target);
	allowed.ns[ns].ino += getenv("OTHER_NS") != NULL;
	parent = beneath_open_parent(pins[1].fd, args[2] + 1, &name);
	is_ns = exec_file_make(&allowed, &run,
		&(struct place){parent, name, run.pin_rec[1], args[2] + 1, 0}, &file, err);
	if (is_ns < 0)
		return -1;
	r = exec_ns_bind(&allowed, step, &run,
		&(struct place){pins[1].fd, args[2] + 1, run.pin_rec[1], args[2] + 1, 0},
		&(struct exec_ns_file){file, parent, is_ns}, err);
	if (r == 0 && (outcomes[step] & EXEC_ALREADY))
		printf("already\n");
	return r;
}

static int open_layers(const struct step_mount *mount, int *ret, struct vst_err *err)
{
	for (uint32_t i = 0; i < mount->n_sources; i++) {
		const char *path = allowed_text(
			&allowed, allowed.sources[mount->first_source + i].at.path.off);

		ret[i] = open(path, O_PATH | O_CLOEXEC);
		if (ret[i] < 0)
			return vst_fail(err, VST_EXIT_FAILED, errno, "open '%s'", path);
	}
	return 0;
}

static int is_own(int fd)
{
	struct object object = {0};

	beneath_stat(fd, &object);
	for (uint32_t i = 0; i < run.n_mounts; i++)
		if (run.mounts[i].mnt_id == object.mnt_id)
			return 1;
	return 0;
}

/* The mount of the step at path, as execute.c does it. */
static int mount_at(const char *path, uint32_t step, struct vst_err *err)
{
	const struct step_mount *mount = &words.mounts[steps[step].mount];
	struct attach_to to = {.what = "mount",
		.at = {.pin_rec = run.pin_rec[1], .rec_rest = path + 1},
		.rec_flags = REC_MOUNT_BUNDLE};
	vst_auto_fd parent = beneath_open_parent(pins[1].fd, path + 1, &to.at.rest);
	vst_auto_fd point = openat(parent, to.at.rest, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	vst_auto_fd tree = -1;
	int layers[128], is_others = 0;

	if (point < 0 || open_layers(mount, layers, err) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "open '%s'", path);
	if (steps[step].kind == STEP_MOUNT_CHANGE)
		return exec_change(&allowed, step, &run,
			&(struct place){point, "", run.pin_rec[1], path + 1, 0}, is_own(point),
			err);
	if (steps[step].kind == STEP_MOUNT_BIND
			? exec_bind_tree(&allowed, step, layers[0], &tree, &to.n_ids, err)
			: exec_new_tree(&allowed, step, layers, &tree, &is_others, err))
		return -1;
	to.at.fd = parent;
	to.point_fd = point;
	if (attach_and_keep(&run, step, &tree, &to, err) < 0)
		return -1;
	return mount_attr_propagation(
		run.mounts[run.n_mounts - 1].fd, mount->flags.propagation, err);
}

/* Returns how many words were taken, or -1. */
static int do_mount(char **args, uint32_t step, struct vst_err *err)
{
	struct step_mount *mount = &words.mounts[words.n_mounts];
	const char *source = "";
	int n = 2;

	steps[step].mount = (uint16_t)words.n_mounts++;
	if (strcmp(args[0], "new") == 0) {
		steps[step].kind =
			strcmp(args[2], "overlay") == 0 ? STEP_MOUNT_OVERLAY : STEP_MOUNT_NEW;
		mount->type = mount_words_text(&words, args[2]);
		mount->source = *args[3] ? mount_words_text(&words, args[3]) : 0;
		n = 4;
	} else if (strcmp(args[0], "change") == 0) {
		steps[step].kind = STEP_MOUNT_CHANGE;
	} else {
		steps[step].kind = STEP_MOUNT_BIND;
		mount->is_recursive = args[0][0] == 'r';
		source = args[2];
		n = 3;
	}
	n += mount_words_options(&words, args + n, mount);
	if (*source) {
		mount_words_source(&words, 0, source);
		mount->n_sources++;
	}
	return mount_at(args[1], step, err) < 0 ? -1 : n;
}

static int act(int argc, char **argv, struct vst_err *err)
{
	uint32_t step = 0;

	if (begin(err) < 0)
		return -1;
	for (int i = 0; i < argc; i++, step++) {
		int r;

		if (strcmp(argv[i], "bind") == 0)
			steps[step].kind = STEP_BIND_ROOTFS,
			r = exec_mount_bind_rootfs(&allowed, step, &run, err);
		else if (strcmp(argv[i], "tmpfs") == 0)
			steps[step].kind = STEP_TMPFS,
			r = exec_mount_tmpfs(&allowed, step, &run, err);
		else if (strcmp(argv[i], "overlay") == 0)
			r = exec_mount_overlay(&allowed, step, &run, err);
		else if (strcmp(argv[i], "mkdir") == 0)
			r = do_mkdir(argv[++i], err);
		else if (strcmp(argv[i], "mount") == 0)
			r = do_mount(argv + i + 1, step, err), i += r;
		else
			r = do_ns(argv + i + 1, step, err), i += 3;
		if (r < 0)
			return -1;
	}
	printf("done\n");
	return 0;
}

static int undo_record(const struct journal_rec *rec, struct vst_err *err)
{
	struct journal_rec pin;
	int base;

	journal_read(&journal,
		rec->kind == JOURNAL_MOUNT    ? ((const struct rec_mount *)rec->body)->pin
		: rec->kind == JOURNAL_CHANGE ? ((const struct rec_change *)rec->body)->pin
		: rec->kind == JOURNAL_DIR    ? ((const struct rec_dir *)rec->body)->pin
					      : ((const struct rec_file *)rec->body)->pin,
		&pin);
	base = pins[strcmp((const char *)pin.body + sizeof(struct rec_pin), "/") == 0].fd;
	return rec->kind == JOURNAL_MOUNT    ? exec_mount_undo(base, rec, err)
	       : rec->kind == JOURNAL_CHANGE ? exec_change_undo(base, rec, err)
	       : rec->kind == JOURNAL_DIR    ? exec_dir_undo(base, rec, err)
					     : exec_file_undo(base, rec, err);
}

/* The records, newest first: "undone", "left TEXT", "busy TEXT", "otherwise TEXT", "missing
 * TEXT", "failed TEXT". */
static int undo(struct vst_err *err)
{
	static const char *const said[] = {
		"undone", "left", "busy", "otherwise", "kept", "missing"};
	int worst = 0;

	for (uint32_t at = journal_last(&journal); at; at = journal_prev(&journal, at)) {
		struct journal_rec rec;
		int r;

		journal_read(&journal, at, &rec);
		if (rec.state == JOURNAL_UNDONE || rec.kind == JOURNAL_RUN ||
			rec.kind == JOURNAL_PIN)
			continue;
		r = undo_record(&rec, err);
		printf("%c %s%s%s\n", rec.state, r < 0 ? "failed" : said[r], r ? " " : "",
			r ? err->text : "");
		if (r == UNDO_DONE || r == UNDO_OTHERWISE)
			journal_undone(&journal, at);
		else if (r != UNDO_MISSING)
			worst = 1;
	}
	return worst;
}

static int present(struct vst_err *err)
{
	for (uint32_t at = journal_first(&journal); at; at = journal_next(&journal, at)) {
		struct journal_rec rec;

		journal_read(&journal, at, &rec);
		if (rec.kind == JOURNAL_MOUNT)
			printf("%s %d\n", (const char *)rec.body + sizeof(struct rec_mount),
				exec_mount_present(pins[0].fd, &rec, err));
	}
	return 0;
}

static int look_at_target(char **argv, struct vst_err *err)
{
	struct ns_fact facts[VST_NS_COUNT];
	struct process target;
	int number = atoi(argv[1]);
	int r = strcmp(argv[0], "pid") == 0 ? process_open_pid((uint32_t)number, &target, err)
					    : process_open_pidfd(number, &target, err);

	if (r < 0 || process_judge(&target, err) < 0 ||
		process_namespaces(&target, 0x7f, facts, err) < 0)
		return die(err);
	printf("pid %u ident %s\n", target.pid, target.ident ? "known" : "unknown");
	for (int i = 0; i < VST_NS_COUNT; i++)
		printf("%d %llu own %d\n", i, (unsigned long long)facts[i].ino,
			facts[i].is_own);
	return 0;
}

int main(int argc, char **argv)
{
	struct vst_err err = {0};
	struct ns_own userns;

	setvbuf(stdout, NULL, _IOLBF, 0);
	umask(0);
	if (argc == 4 && strcmp(argv[1], "target") == 0)
		return look_at_target(argv + 2, &err);
	if (argc < 4)
		return 2;
	if (open_all(argv[1], argv[2], &err) < 0)
		return die(&err);
	/* As caps_limit leaves it: the overlay's capabilities are not effective until raised.
	 */
	if (caps_lower(
		    UINT64_C(1) << 0 | UINT64_C(1) << 3 | UINT64_C(1) << 4 | UINT64_C(1) << 31,
		    &err) < 0)
		return die(&err);
	if (ns_own(VST_NS_USER, &userns, &err) < 0)
		return die(&err);
	allowed.in_init_userns = userns.ino == KERNEL_INIT_USERNS_INO;
	if (strcmp(argv[3], "undo") == 0)
		return undo(&err);
	if (strcmp(argv[3], "present") == 0)
		return present(&err);
	return act(argc - 3, argv + 3, &err) < 0 ? die(&err) : 0;
}
