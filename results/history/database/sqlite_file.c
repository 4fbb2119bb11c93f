/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/sqlite_file.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "record/document_kind.h"
#include "record/file/foreign.h"
#include "record/file/record_file.h"

#include <fcntl.h>
#include <string.h>

/* How a journal ends that belongs to several databases (SQLite's file format, section 3). Such a journal
 * names a file that SQLite removes after it has undone the journal's transaction: a journal of another's
 * making could name any. A store's own never do. */
static const unsigned char several[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

static const char magic[] = "SQLite format 3"; /* with its NUL */

#define MODES_AT 18
#define MODE_WAL 2
#define JSON_MAX ((size_t)16 << 20) /* bytes of a document that is called by its kind */

static int refuse_journal(const char *where, const char *what, struct vms_error *error) {
    return error_set(
        error, -EINVAL,
        "%s has a journal beside it, %s-journal, that %s: no import of vmsuite left it; remove it, "
        "or take another copy of the store",
        where, where, what);
}

/* What a killed import has left beside the file. */
static int check_journal(const char *where, const struct output_target *target, struct vms_error *error) {
    unsigned char end[sizeof(several)];
    cleanup_free char *name = text_new("%s-journal", target->name);
    cleanup_close int fd = -1;
    struct stat info;

    if (!name)
        return error_memory(error);
    fd = openat(target->folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : refuse_journal(where, strerror(errno), error);
    if (fstat(fd, &info) < 0 || !S_ISREG(info.st_mode))
        return refuse_journal(where, "is not a file", error);
    if (info.st_uid != target->kept.st_uid)
        return refuse_journal(where, "belongs to another user than the store", error);
    if (info.st_size >= (off_t)sizeof(end) &&
        pread(fd, end, sizeof(end), info.st_size - (off_t)sizeof(end)) == (ssize_t)sizeof(end) &&
        memcmp(end, several, sizeof(end)) == 0)
        return refuse_journal(where, "names further files", error);
    return 0;
}

/* In its mode WAL SQLite shares memory through a file beside the store, which it also makes, cuts and writes
 * to while it only reads: in a folder of others that file may be another name of one of ours. No import makes
 * such a store. */
static int check_mode(const char *where, const char *begin, size_t length, struct vms_error *error) {
    /* For writing and for reading: SQLite's file format, section 1.3. */
    if (length < MODES_AT + 2 || (begin[MODES_AT] != MODE_WAL && begin[MODES_AT + 1] != MODE_WAL))
        return 0;
    return error_set(
        error, -EINVAL,
        "store %s is in SQLite's mode WAL, which no import of vmsuite makes: run `sqlite3 %s 'PRAGMA "
        "journal_mode = DELETE'` if it is yours",
        where, where);
}

static int refuse_json(const char *where, struct vms_error *error) {
    cleanup_free char *text = NULL;
    size_t length = 0;
    json_auto_t *json = record_file_load(where, JSON_MAX, &text, &length, NULL) == 0
                            ? json_loadb(text, length, 0, NULL)
                            : NULL;
    enum document_kind kind = kind_of(json);

    return json
               ? error_set(error, -EINVAL, "%s is %s, not a store; %s", where, kind_name(kind),
                           kind_use(kind))
               : error_set(error, -EINVAL,
                           "%s begins as JSON does, and is not a store; `vmsuite check FILE` says more about "
                           "it",
                           where);
}

/* A file that people name by mistake. What else is wrong SQLite says. */
static int check_begin(const char *where, const struct output_target *target, struct vms_error *error) {
    cleanup_close int fd =
        openat(target->folder, target->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char begin[FOREIGN_BYTES];
    ssize_t length = fd < 0 ? 0 : pread(fd, begin, sizeof(begin), 0);
    bool is_sqlite = length >= (ssize_t)sizeof(magic) && memcmp(begin, magic, sizeof(magic)) == 0;
    const struct foreign *foreign = is_sqlite || length <= 0 ? NULL : foreign_find(begin, (size_t)length);

    if (length <= 0)
        return 0;
    if (foreign)
        return error_set(error, -EINVAL, "%s is %s, not a store; %s", where, foreign->name, foreign->mend);
    return !is_sqlite && (*begin == '{' || *begin == '[') ? refuse_json(where, error)
                                                          : check_mode(where, begin, (size_t)length, error);
}

/* Empty, with the mode that umask leaves: SQLite takes an empty file for an empty database. */
static int make(const char *where, struct sqlite_file *file, struct vms_error *error) {
    cleanup_close int fd = openat(file->target.folder, file->target.name,
                                  O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);

    if (fd < 0)
        return error_set(error, -errno, "cannot create the store %s: %s", where, strerror(errno));
    file->is_new = file->is_ours = true;
    return 0;
}

int sqlite_file_missing(const char *where, struct vms_error *error) {
    return error_set(error, -ENOENT, "there is no store %s: `vmsuite store import` makes one", where);
}

/* Another's file may be read: what is in it is trusted by nobody. */
static int find_to_read(const char *where, struct sqlite_file *file, struct vms_error *error) {
    struct output_target *target = &file->target;
    cleanup_free char *real = realpath(where, NULL);
    char *slash = real ? strrchr(real, '/') : NULL;

    if (!real)
        return errno == ENOENT
                   ? sqlite_file_missing(where, error)
                   : error_set(error, -errno, "cannot open the store %s: %s", where, strerror(errno));
    (void)snprintf(target->name, sizeof(target->name), "%s", slash + 1);
    slash[slash == real] = '\0';
    target->folder = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (target->folder < 0 || fstatat(target->folder, target->name, &target->kept, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, -errno, "cannot open the store %s: %s", where, strerror(errno));
    if (!S_ISREG(target->kept.st_mode))
        return error_set(error, -EINVAL, "a store is a file, and %s is not", where);
    file->is_ours =
        target->kept.st_uid == geteuid() && faccessat(target->folder, target->name, W_OK, AT_EACCESS) == 0;
    return 0;
}

void sqlite_file_done(struct sqlite_file *file) {
    if (file->target.folder >= 0)
        (void)close(file->target.folder);
    file->target.folder = -1;
}

static int find_or_make(const char *where, bool makes, struct sqlite_file *file, struct vms_error *error) {
    int status = output_target_find(where, &file->target, NULL);

    if (status == -ENOMEM)
        return error_memory(error);
    if (status < 0)
        return error_set(
            error, status == -EISDIR || status == -ENOENT ? -EINVAL : status,
            "cannot use %s as a store: %s; a store is a file of yours, in a folder that you may write to",
            where, strerror(-status));
    if (file->target.kind != OUTPUT_REPLACED)
        return error_set(error, -EINVAL, "a store is a file, and %s is not", where);
    file->is_ours = true;
    if (file->target.is_kept)
        return 0;
    if (makes)
        return make(where, file, error);
    if (faccessat(file->target.folder, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return error_set(error, -errno, "cannot create the store %s: %s", where, strerror(errno));
    return sqlite_file_missing(where, error);
}

/* Of two imports that make the same store, the later one finds that of the earlier when it looks again. */
static int find_to_write(const char *where, bool makes, struct sqlite_file *file, struct vms_error *error) {
    int status = find_or_make(where, makes, file, error);

    for (int again = 0; status == -EEXIST && again < 3; again++) {
        sqlite_file_done(file);
        status = find_or_make(where, makes, file, error);
    }
    return status;
}

int sqlite_file_find(const char *where, enum database_mode mode, struct sqlite_file *file,
                     struct vms_error *error) {
    int status;

    *file = (struct sqlite_file){.target.folder = -1};
    status = mode == DATABASE_READ ? find_to_read(where, file, error)
                                   : find_to_write(where, mode == DATABASE_MAKE, file, error);
    if (status < 0)
        return status;
    (void)snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d/%s", file->target.folder,
                   file->target.name);
    if (file->is_new)
        return 0;
    status = check_journal(where, &file->target, error);
    return status < 0 ? status : check_begin(where, &file->target, error);
}

bool sqlite_file_is_gone(const struct sqlite_file *file) {
    return faccessat(file->target.folder, file->target.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
           errno == ENOENT;
}

/* What another import has put there meanwhile stays. */
void sqlite_file_undo(const struct sqlite_file *file) {
    struct stat info;

    if (file->is_new && fstatat(file->target.folder, file->target.name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(info.st_mode) && info.st_size == 0)
        (void)unlinkat(file->target.folder, file->target.name, 0);
}
