/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/kernel_modules.h"

#include "base/cleanup.h"
#include "base/text.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

static char folder[64];

/* A driver whose .modinfo says what it needs; NULL: it does not say so. */
static void write_driver(const char *place, const char *needs) {
    cleanup_free char *path = text_new("%s/%s", folder, place), *directory = strdup(path), *command = NULL;
    static const char head[] = "\177ELF depends=wrong\0license=GPL",
                      key[] = "\0depends=", tail[] = "\0name=depends=x";
    FILE *file;

    *strrchr(directory, '/') = '\0';
    command = text_new("mkdir -p %s", directory);
    assert_int_equal(system(command), 0);
    file = fopen(path, "we");
    assert_non_null(file);
    (void)fwrite(head, 1, sizeof(head) - 1, file);
    if (needs) {
        (void)fwrite(key, 1, sizeof(key) - 1, file);
        (void)fwrite(needs, 1, strlen(needs), file);
    }
    (void)fwrite(tail, 1, sizeof(tail), file);
    (void)fclose(file);
}

static void begin(void) {
    strcpy(folder, "/tmp/vmsuite-drivers-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static void end(void) {
    cleanup_free char *command = text_new("rm -r %s", folder);

    assert_int_equal(system(command), 0);
}

static const struct archive_entry *entry_of(const struct archive *archive, const char *name) {
    for (size_t i = 0; i < archive->n_entries; i++)
        if (strcmp(archive->entries[i].name, name) == 0)
            return &archive->entries[i];
    return NULL;
}

/* Adds the drivers of the list "guest", and returns their order, which lasts until the next call; NULL: it is
 * refused. */
static const char *order_of(const char *const *names, struct archive *archive, struct vms_error *error) {
    static char order[256];
    const struct archive_entry *entry;

    if (kernel_modules_add(archive, folder, "guest", names, error) < 0)
        return NULL;
    entry = entry_of(archive, "modules/guest.order");
    assert_non_null(entry);
    assert_int_equal(entry->mode, S_IFREG | 0644);
    (void)snprintf(order, sizeof(order), "%s", entry->text);
    return order;
}

static void add__each_once_behind_what_it_needs(void **state) {
    static const char *const names[] = {"net-card", "virtio_pci", "none_such", "virtio", NULL};
    static const char *const files[] = {"drivers/virtio/virtio.ko", "drivers/virtio/virtio-ring.ko",
                                        "drivers/virtio_pci.ko", "net/net_card.ko"};
    static const char *const added[] = {"virtio", "virtio_ring", "virtio_pci", "net_card"};
    struct vms_error error = {""};
    struct archive archive = {0};

    (void)state;
    begin();
    write_driver(files[0], "");
    write_driver(files[1], "virtio");
    write_driver(files[2], "virtio,virtio_ring,builtin");
    write_driver(files[3], "virtio-ring");
    write_driver("other.ko", "virtio");
    assert_string_equal(order_of(names, &archive, &error), "virtio\nvirtio_ring\nnet_card\nvirtio_pci\n");
    for (size_t i = 0; i < VMS_LENGTH(added); i++) {
        cleanup_free char *name = text_new("modules/%s.ko", added[i]),
                          *source = text_new("%s/%s", folder, files[i]);
        const struct archive_entry *entry = entry_of(&archive, name);

        assert_non_null(entry);
        assert_string_equal(entry->source, source);
        assert_int_equal(entry->mode, S_IFREG | 0644);
    }
    assert_int_equal(archive.n_entries, 6); /* the folder, four drivers and their order */
    archive_done(&archive);
    end();
}

static void add__needs_in_a_circle_end(void **state) {
    static const char *const names[] = {"a", NULL};
    struct vms_error error = {""};
    struct archive archive = {0};
    const char *order;

    (void)state;
    begin();
    write_driver("a.ko", "b");
    write_driver("b.ko", "a");
    order = order_of(names, &archive, &error);
    assert_non_null(order);
    assert_non_null(strstr(order, "a\n"));
    assert_non_null(strstr(order, "b\n"));
    archive_done(&archive);
    end();
}

/* What a driver does not say is not made up from what stands elsewhere in its file. */
static void add__a_driver_that_says_nothing_needs_nothing(void **state) {
    static const char *const names[] = {"a", NULL};
    struct vms_error error = {""};
    struct archive archive = {0};

    (void)state;
    begin();
    write_driver("a.ko", NULL);
    write_driver("wrong.ko", "");
    write_driver("x.ko", "");
    assert_string_equal(order_of(names, &archive, &error), "a\n");
    archive_done(&archive);
    end();
}

static void add__what_cannot_be_used_is_named(void **state) {
    static const char *const names[] = {"a", NULL};
    cleanup_free char *compressed = NULL, *empty = NULL;
    struct vms_error error = {""};
    struct archive archive = {0};

    (void)state;
    begin();
    empty = text_new("%s holds no drivers (*.ko)", folder);
    assert_null(order_of(names, &archive, &error));
    assert_string_equal(error.text, empty);
    write_driver("b.ko", "");
    assert_string_equal(order_of(names, &archive, &error), "");
    write_driver("a.ko.xz", "");
    compressed = text_new("%s/a.ko.xz is compressed: decompress the drivers of this kernel first", folder);
    assert_null(order_of(names, &archive, &error));
    assert_string_equal(error.text, compressed);
    end();
    assert_null(order_of(names, &archive, &error));
    assert_string_equal(error.text, empty); /* the folder itself is gone */
    archive_done(&archive);
}

static void tree__is_the_one_of_the_package(void **state) {
    cleanup_free char *tree = NULL, *wanted = NULL;
    struct vms_error error = {""};

    (void)state;
    begin();
    assert_null(kernel_modules_tree(folder, &error));
    assert_non_null(strstr(error.text, "holds no drivers"));
    write_driver("lib/modules/6.1.0-9-amd64/a.ko", "");
    tree = kernel_modules_tree(folder, &error);
    wanted = text_new("%s/lib/modules/6.1.0-9-amd64", folder);
    assert_string_equal(tree, wanted);
    end();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__each_once_behind_what_it_needs),
        cmocka_unit_test(add__needs_in_a_circle_end),
        cmocka_unit_test(add__a_driver_that_says_nothing_needs_nothing),
        cmocka_unit_test(add__what_cannot_be_used_is_named),
        cmocka_unit_test(tree__is_the_one_of_the_package),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
