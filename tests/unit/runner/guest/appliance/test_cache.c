/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cache of packages and appliances: whose it may be, and that what has changed in it is not used. */
#include "guest/appliance/cache.h"
#include "guest/appliance/libraries.h"

#include "base/cleanup.h"
#include "files/tree.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

static char folder[] = "/var/tmp/vmsuite-cache-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    return sodium_init() >= 0 && mkdtemp(folder) && setenv("XDG_CACHE_HOME", folder, 1) == 0 ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    return tree_remove(folder);
}

static const char *in(const char *name) {
    static char path[2][512];
    static int turn;

    turn = !turn;
    (void)snprintf(path[turn], sizeof(path[turn]), "%s/%s", folder, name);
    return path[turn];
}

static void write_file(const char *path, const char *text, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
}

static void assert_refused(const char *sentence) {
    struct vms_error error = {""};
    cleanup_free char *path = cache_folder("packages", &error);

    assert_null(path);
    if (!strstr(error.text, sentence))
        fail_msg("expected \"%s\", got: %s", sentence, error.text);
}

static void folder__is_private(void **state) {
    mode_t before = umask(0);
    struct vms_error error = {""};
    cleanup_free char *path = cache_folder("packages", &error);
    struct stat info;

    (void)state;
    (void)umask(before);
    assert_non_null(path);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
}

static void folder__others_may_write(void **state) {
    cleanup_free char *path = cache_folder("packages", &(struct vms_error){""});

    (void)state;
    assert_non_null(path);
    assert_int_equal(chmod(path, 0777), 0);
    assert_refused("others may write to");
    assert_int_equal(chmod(path, 01777), 0);
    assert_refused("others may write to");
    assert_int_equal(chmod(path, 0720), 0);
    assert_refused("others may write to");
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(chmod(in("vmsuite"), 0707), 0);
    assert_refused("others may write to");
    assert_int_equal(chmod(in("vmsuite"), 0700), 0);
    assert_int_equal(chmod(folder, 0777), 0); /* could put another "vmsuite" there */
    assert_refused("others may write to");
    assert_int_equal(chmod(folder, 0700), 0);
}

static void folder__of_another_user(void **state) {
    cleanup_free char *path = NULL;

    (void)state;
    if (geteuid() != 0)
        skip();
    path = cache_folder("packages", &(struct vms_error){""});
    assert_non_null(path);
    assert_int_equal(chown(path, 65534, 65534), 0);
    assert_refused("belongs to another user");
    assert_int_equal(chown(path, 0, 0), 0);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_refused("belongs to another user");
}

/* sudo may leave HOME as it was: root's folders in it would be in that user's way. */
static void folder__makes_nothing_in_a_home_of_theirs(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    assert_true(unsetenv("XDG_CACHE_HOME") == 0 && setenv("HOME", folder, 1) == 0);
    assert_int_equal(chown(folder, 65534, 65534), 0);
    assert_refused("belongs to another user");
    assert_int_equal(access(in(".cache"), F_OK), -1);
}

static void folder__is_a_link(void **state) {
    (void)state;
    assert_int_equal(mkdir(in("elsewhere"), 0700), 0);
    assert_int_equal(symlink("elsewhere", in("vmsuite")), 0);
    assert_refused("is not a folder");
}

/* Any change of the tree has another hash. */
static void hash__of_trees(void **state) {
    char hashes[8][CACHE_DIGITS_SIZE];
    struct vms_error error = {""};
    size_t n = 0;

    (void)state;
    assert_int_equal(mkdir(in("tree"), 0700), 0);
    write_file(in("tree/a"), "content", 0600);
    write_file(in("tree/b"), "", 0600);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    write_file(in("tree/a"), "contenu", 0600);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    assert_int_equal(chmod(in("tree/b"), 0700), 0);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    assert_int_equal(rename(in("tree/b"), in("tree/c")), 0);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    assert_int_equal(symlink("a", in("tree/l")), 0);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    assert_int_equal(unlink(in("tree/l")), 0);
    assert_int_equal(symlink("c", in("tree/l")), 0);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    assert_int_equal(mkdir(in("tree/d"), 0700), 0);
    assert_int_equal(cache_digits(in("tree"), hashes[n++], &error), 0);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(hashes[i], hashes[j]);
    assert_int_equal(mkfifo(in("tree/fifo"), 0600), 0);
    assert_true(cache_digits(in("tree"), hashes[0], &error) < 0);
}

static void find__only_what_is_whole(void **state) {
    cleanup_free char *kept = NULL, *found = NULL, *other = NULL;

    (void)state;
    write_file(in("draft"), "content", 0600);
    assert_int_equal(cache_keep(in("draft"), folder, "thing", &kept, NULL), 0);
    assert_int_equal(access(in("draft"), F_OK), -1);
    write_file(kept, "c0ntent", 0600);
    assert_null(cache_find(folder, "thing"));
    write_file(kept, "content", 0600);
    found = cache_find(folder, "thing");
    assert_string_equal(found, kept);
    assert_null(cache_find(folder, "thin"));
    assert_null(cache_find("/no/such/folder", "thing"));
    /* What stands in its place is replaced. */
    write_file(in("draft"), "other", 0600);
    free(TAKE(kept));
    assert_int_equal(cache_keep(in("draft"), folder, "other", &kept, NULL), 0);
    write_file(kept, "planted", 0600);
    write_file(in("draft"), "other", 0600);
    free(TAKE(kept));
    assert_int_equal(cache_keep(in("draft"), folder, "other", &kept, NULL), 0);
    other = cache_find(folder, "other");
    assert_string_equal(other, kept);
}

static size_t count_entries(const char *path) {
    DIR *directory = opendir(path);
    size_t n = 0;

    assert_non_null(directory);
    while (readdir(directory))
        n++;
    (void)closedir(directory);
    return n - 2;
}

/* Makes a draft, and dies in the midst of its work. */
static int die_with_draft(const char *cache) {
    cleanup_free char *file = NULL;
    struct cache_draft draft;

    if (cache_draft_make(cache, &draft, NULL) < 0 || asprintf(&file, "%s/file", draft.folder) < 0)
        return 1;
    write_file(file, "content", 0600);
    (void)raise(SIGKILL);
    return 2;
}

static void draft__of_who_was_killed(void **state) {
    cleanup_free char *cache = cache_folder("things", &(struct vms_error){""});
    struct cache_draft ours, another;
    int status;
    pid_t child;

    (void)state;
    assert_non_null(cache);
    child = child_fork();
    if (child == 0)
        _exit(die_with_draft(cache));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(count_entries(cache), 1);
    /* The next one removes it, and leaves alone what is in use. */
    assert_int_equal(cache_draft_make(cache, &ours, NULL), 0);
    assert_int_equal(count_entries(cache), 1);
    assert_int_equal(cache_draft_make(cache, &another, NULL), 0);
    assert_int_equal(count_entries(cache), 2);
    assert_int_equal(access(ours.folder, W_OK), 0);
    cache_draft_done(&another);
    assert_int_equal(access(ours.folder, W_OK), 0);
    cache_draft_done(&ours);
    assert_int_equal(count_entries(cache), 0);
}

/* Makes the same folder in the cache as the others do, and uses it at once, many times. */
static int make_and_use(const char *cache) {
    for (int i = 0; i < 25; i++) {
        cleanup_free char *file = NULL, *kept = NULL, *name = NULL;
        struct cache_draft draft;

        if (cache_draft_make(cache, &draft, NULL) < 0 || asprintf(&name, "thing%d", i) < 0 ||
            asprintf(&file, "%s/file", draft.folder) < 0)
            return 1;
        write_file(file, "content", 0600);
        if (cache_keep(draft.folder, cache, name, &kept, NULL) < 0)
            return 2;
        cache_draft_done(&draft);
        for (int use = 0; use < 5; use++) {
            cleanup_free char *used = NULL;

            if (asprintf(&used, "%s/file", kept) < 0 || access(used, R_OK) < 0)
                return 3;
        }
    }
    return 0;
}

/* What another program has judged is neither removed nor replaced until it is done. */
static void keep__waits_for_who_holds_the_folder(void **state) {
    cleanup_free char *cache = cache_folder("things", &(struct vms_error){""}), *kept = NULL;
    int hold, done[2], status;
    struct pollfd wait = {.events = POLLIN};
    pid_t child;

    (void)state;
    assert_non_null(cache);
    write_file(in("draft"), "content", 0600);
    assert_int_equal(pipe(done), 0);
    hold = cache_hold(cache);
    assert_true(hold >= 0);
    child = child_fork();
    if (child == 0) {
        (void)close(hold);
        _exit(cache_keep(in("draft"), cache, "thing", &kept, NULL) < 0 || write(done[1], "", 1) != 1);
    }
    wait.fd = done[0];
    assert_int_equal(poll(&wait, 1, 300), 0);
    assert_int_equal(access(in("draft"), F_OK), 0);
    assert_int_equal(close(hold), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    kept = cache_find(cache, "thing");
    assert_non_null(kept);
    assert_int_equal(close(done[0]), 0);
    assert_int_equal(close(done[1]), 0);
}

/* Several studies that build one thing at once: what one has begun to use is not taken away by another. */
static void keep__by_several_at_once(void **state) {
    cleanup_free char *cache = cache_folder("things", &(struct vms_error){""});
    pid_t children[4];

    (void)state;
    assert_non_null(cache);
    for (size_t i = 0; i < VMS_LENGTH(children); i++) {
        children[i] = child_fork();
        if (children[i] == 0)
            _exit(make_and_use(cache));
    }
    for (size_t i = 0; i < VMS_LENGTH(children); i++) {
        int status;

        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
}

/* A program that names a loader of its own: that would run with our rights. */
static void libraries__a_planted_loader_is_not_run(void **state) {
    static const char loader[] = "/lib64/ld-linux-x86-64.so.2", planted[] = "/var/tmp/vmsuite-loader-x";
    cleanup_free char *script = NULL, *content = malloc(1 << 22);
    FILE *from = fopen("/bin/true", "re"), *to = fopen(in("true"), "we");
    struct archive archive = {0};
    struct vms_error error = {""};
    size_t size;
    char *place;

    (void)state;
    assert_true(from && to && content);
    size = fread(content, 1, 1 << 22, from);
    (void)fclose(from);
    place = memmem(content, size, loader, sizeof(loader));
    if (!place) { /* another architecture */
        (void)fclose(to);
        skip();
    }
    assert_true(sizeof(planted) <= sizeof(loader));
    memcpy(place, planted, sizeof(planted));
    assert_int_equal(fwrite(content, 1, size, to), size);
    assert_int_equal(fclose(to), 0);
    assert_true(asprintf(&script, "#!/bin/sh\ntouch %s\n", in("ran")) > 0);
    (void)unlink(planted);
    write_file(planted, script, 0700);
    assert_int_equal(libraries_add(&archive, in("true"), NULL, &error), -EINVAL);
    (void)unlink(planted);
    assert_non_null(strstr(error.text, planted));
    assert_int_equal(access(in("ran"), F_OK), -1);
    assert_int_equal(archive.n_entries, 0);
    assert_int_equal(libraries_add(&archive, "/bin/true", NULL, &error), 0);
    assert_true(archive.n_entries > 0);
    archive_done(&archive);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(folder__is_private),
        TEST(folder__others_may_write),
        TEST(folder__of_another_user),
        TEST(folder__is_a_link),
        TEST(folder__makes_nothing_in_a_home_of_theirs),
        TEST(hash__of_trees),
        TEST(find__only_what_is_whole),
        TEST(draft__of_who_was_killed),
        TEST(keep__waits_for_who_holds_the_folder),
        TEST(keep__by_several_at_once),
        TEST(libraries__a_planted_loader_is_not_run),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
