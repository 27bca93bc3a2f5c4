#include "caller.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/vfs.h>

#include "../ipc/fd.h"
#include "kernel.h"

/* A descriptor of our own user namespace, or -1 with errno. */
static int caller_open_userns(void)
{
	vst_auto_fd self = kernel_pidfd_open(getpid());
	vst_auto_fd ns = -1;
	struct statfs fs;

	if (self >= 0)
		ns = kernel_ioctl(self, PIDFD_GET_USER_NAMESPACE, NULL);
	if (ns < 0)
		ns = openat(AT_FDCWD, "/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	if (ns < 0)
		return -1;
	/* /proc may be anything in a mount namespace of the caller's making. */
	if (fstatfs(ns, &fs) < 0)
		return -1;
	if (fs.f_type != NSFS_MAGIC) {
		errno = ENOTTY;
		return -1;
	}
	return vst_fd_take(&ns);
}

int caller_capture(struct caller *ret, struct vst_err *err)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	vst_auto_fd ns = -1;
	struct stat st;

	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own ids");
	/* -1 changes nothing and answers the id that is in use. */
	if ((uid_t)setfsuid((uid_t)-1) != euid || (gid_t)setfsgid((gid_t)-1) != egid)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"the filesystem ids differ from the effective ids");
	ns = caller_open_userns();
	if (ns < 0 || fstat(ns, &st) < 0)
		return vst_fail(err, VST_EXIT_UNSUPPORTED, errno,
			"tell our own user namespace: neither the pidfd call (Linux 6.11) nor "
			"/proc/self/ns/user works");
	ret->uid = ruid;
	ret->gid = rgid;
	ret->has_less = getauxval(AT_SECURE) != 0 || ruid != euid || rgid != egid;
	ret->userns_ino = st.st_ino;
	ret->in_init_userns = st.st_ino == KERNEL_INIT_USERNS_INO;
	return 0;
}
