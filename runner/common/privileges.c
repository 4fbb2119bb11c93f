/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/privileges.h"

#include "base/error.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int drop_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};

    if (syscall(SYS_capset, &header, none) < 0)
        return -errno;
    /* Else an exec by root would bring them back. */
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -errno : 0;
}

static int become(const struct passwd *user) {
    if (setgroups(0, NULL) < 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
        return -errno;
    return setresuid(0, 0, 0) == 0 ? -EPERM : 0;
}

int privileges_drop(const char *user, struct vms_error *error) {
    const struct passwd *found;
    int status;

    if (geteuid() != 0)
        return 0;
    errno = 0;
    found = getpwnam(user ? user : PRIVILEGES_USER);
    if (!found && user)
        return error_set(error, -EINVAL, "there is no user \"%s\"", user);
    status = found ? become(found) : -EINVAL;
    if (status < 0 && user)
        return error_set(error, -EPERM, "cannot become user \"%s\": %s", user, strerror(-status));
    if (status < 0 && (status = drop_capabilities()) < 0)
        return error_set(error, -EPERM, "cannot give up root's rights: %s", strerror(-status));
    return 0;
}
