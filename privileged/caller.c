#include "caller.h"

#include <errno.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>

#include "kernel.h"
#include "ns.h"

int caller_capture(struct caller *ret, struct vst_err *err)
{
	uid_t ruid, euid, suid;
	gid_t rgid, egid, sgid;
	struct ns_own userns;

	if (getresuid(&ruid, &euid, &suid) < 0 || getresgid(&rgid, &egid, &sgid) < 0)
		return vst_fail(err, VST_EXIT_FAILED, errno, "read our own ids");
	/* -1 changes nothing and answers the id that is in use. */
	if ((uid_t)setfsuid((uid_t)-1) != euid || (gid_t)setfsgid((gid_t)-1) != egid)
		return vst_fail(err, VST_EXIT_DENIED, 0,
			"the filesystem ids differ from the effective ids");
	if (ns_own(VST_NS_USER, &userns, err) < 0)
		return -1;
	ret->uid = ruid;
	ret->gid = rgid;
	ret->has_less = getauxval(AT_SECURE) != 0 || ruid != euid || rgid != egid;
	ret->userns_ino = userns.ino;
	ret->in_init_userns = userns.ino == KERNEL_INIT_USERNS_INO;
	return 0;
}
