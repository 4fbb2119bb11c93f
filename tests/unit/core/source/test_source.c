/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading captured trees, also broken ones. */
#include "fakes/fake_tree.h"
#include "source/cpuid.h"
#include "source/lines.h"
#include "source/source.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void text__trims_and_cleans(void **state) {
    struct fake_tree *tree = *state;
    char *text = NULL;

    fake_tree_write(tree, "/f", "a\001b\xff \n\n");
    assert_int_equal(source_text(&tree->source, &text, "/%s", "f"), 0);
    assert_string_equal(text, "a b?");
    free(text);
}

static void text__missing_is_enoent(void **state) {
    struct fake_tree *tree = *state;
    char *text = NULL;

    fake_tree_write(tree, "/f", "x");
    assert_int_equal(source_text(&tree->source, &text, "/nothing"), -ENOENT);
    assert_int_equal(source_text(&tree->source, &text, "/f/below"), -ENOENT);
    assert_null(text);
}

static void text__folder_and_fifo_are_refused(void **state) {
    struct fake_tree *tree = *state;
    char path[128], *text = NULL;

    (void)snprintf(path, sizeof(path), "%s/fifo", tree->root);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(source_text(&tree->source, &text, "/fifo"), -EINVAL);
    assert_int_equal(source_text(&tree->source, &text, "/"), -EINVAL);
    assert_null(text);
}

static void text__is_bounded(void **state) {
    struct fake_tree *tree = *state;
    size_t size = SOURCE_TEXT_MAX * 2;
    char *bytes = malloc(size), *text = NULL;

    memset(bytes, 'x', size);
    fake_tree_write_bytes(tree, "/huge", bytes, size);
    free(bytes);
    assert_int_equal(source_text(&tree->source, &text, "/huge"), 0);
    assert_int_equal(strlen(text), SOURCE_TEXT_MAX);
    free(text);
}

static void links__stay_inside_the_root(void **state) {
    struct fake_tree *tree = *state;
    char *text = NULL;

    fake_tree_link(tree, "/passwd", "/etc/passwd");
    assert_int_equal(source_text(&tree->source, &text, "/passwd"), -ENOENT);
    fake_tree_link(tree, "/up", "../../../../etc/passwd");
    assert_int_equal(source_text(&tree->source, &text, "/up"), -ENOENT);
    assert_int_equal(source_text(&tree->source, &text, "/../../../../etc/passwd"), -ENOENT);
    assert_null(text);
}

static void links__loop_is_told(void **state) {
    struct fake_tree *tree = *state;
    char *text = NULL;

    fake_tree_link(tree, "/loop", "loop");
    assert_int_equal(source_text(&tree->source, &text, "/loop"), -ELOOP);
    assert_int_equal(source_link(&tree->source, &text, "/loop"), 0);
    assert_string_equal(text, "loop");
    free(text);
}

static void integer__reads_sysfs_sizes(void **state) {
    struct fake_tree *tree = *state;
    int64_t value = 0;

    fake_tree_write(tree, "/size", "32768K\n");
    assert_int_equal(source_integer(&tree->source, &value, "/size"), 0);
    assert_int_equal(value, 33554432);
    assert_int_equal(source_parse_integer("-1", &value), 0);
    assert_int_equal(value, -1);
}

static void integer__refuses_other_texts(void **state) {
    static const char *const texts[] = {"", "x", "12x", "99999999999999999999", "9007199254740993G"};
    int64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(source_parse_integer(texts[i], &value), -EINVAL);
    assert_int_equal(value, 7);
}

static void list__is_sorted(void **state) {
    struct fake_tree *tree = *state;
    struct source_names names;

    fake_tree_write(tree, "/b", "");
    fake_tree_write(tree, "/a", "");
    assert_int_equal(source_list(&tree->source, &names, "/"), 0);
    assert_int_equal(names.n_names, 2);
    assert_string_equal(names.names[0], "a");
    source_names_done(&names);
    assert_int_equal(source_list(&tree->source, &names, "/a"), -ENOTDIR);
}

static void cpuid__is_looked_up(void **state) {
    static const char lines[] = "# leaf sub eax ebx ecx edx\n00000001 0 1 2 80000000 4\n4 1 a b c d\n"
                                "xen 40000000 40000005 566e6558 65584d4d 4d4d566e\nbroken\n";
    struct fake_tree *tree = *state;
    struct machine_source *source = &tree->source;
    struct cpuid_registers r;

    assert_false(source->cpuid(source->context, 1, 0, &r));
    fake_tree_write(tree, "/cpuid", lines);
    assert_true(source->cpuid(source->context, 1, 0, &r));
    assert_int_equal(r.ecx, 0x80000000);
    assert_true(source->cpuid(source->context, 4, 1, &r));
    assert_int_equal(r.edx, 0xd);
    assert_false(source->cpuid(source->context, 4, 0, &r));
    assert_true(source->xen_cpuid(source->context, 0x40000000, &r));
    assert_int_equal(r.ebx, 0x566e6558);
    assert_false(source->cpuid(source->context, 0x40000000, 0, &r));
}

/* Sixteen bytes of the processor's name in each of three leaves, in the order of the registers. */
static void write_brand(struct fake_tree *tree, const char *brand) {
    char bytes[48] = "", lines[512];
    int used = snprintf(lines, sizeof(lines), "80000001 0 41414141 42424242 43434343 44444444\n");

    (void)snprintf(bytes, sizeof(bytes), "%s", brand);
    for (unsigned leaf = 0; leaf < 3; leaf++) {
        uint32_t words[4];

        memcpy(words, bytes + 16 * leaf, sizeof(words));
        used += snprintf(lines + used, sizeof(lines) - (size_t)used, "%x 0 %x %x %x %x\n", 0x80000002 + leaf,
                         words[0], words[1], words[2], words[3]);
    }
    (void)snprintf(lines + used, sizeof(lines) - (size_t)used, "80000005 0 45454545 0 0 0\n");
    fake_tree_write(tree, "/cpuid", lines);
}

static void cpuid__brand(void **state) {
    static const struct {
        const char *brand, *name;
    } rows[] = {
        {"Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz", "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz"},
        {"      pc i440fx  @ 1 GHz     ", "pc i440fx  @ 1 GHz"},
        {"x", "x"}};
    struct fake_tree *tree = *state;
    char brand[CPUID_BRAND_SIZE];

    assert_false(cpuid_brand(&tree->source, brand)); /* no leaf is there */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        write_brand(tree, rows[i].brand);
        assert_true(cpuid_brand(&tree->source, brand));
        assert_string_equal(brand, rows[i].name);
    }
    write_brand(tree, "    ");
    assert_false(cpuid_brand(&tree->source, brand));
}

/* As a terabyte that takes no room would be. */
static void lines__of_a_capture_are_bounded(void **state) {
    struct fake_tree *tree = *state;
    struct source_lines lines;
    char path[128];

    fake_tree_write(tree, "/sparse", "first\n");
    (void)snprintf(path, sizeof(path), "%s/sparse", tree->root);
    assert_int_equal(truncate(path, 1 << 28), 0);
    assert_int_equal(source_lines_open(&tree->source, "/sparse", &lines), 0);
    assert_string_equal(source_lines_next(&lines), "first");
    assert_string_equal(source_lines_next(&lines), "");
    assert_in_range(lines.capacity, 1, 1 << 26);
    assert_null(source_lines_next(&lines));
    source_lines_close(&lines);
    fake_tree_write(tree, "/empty", "");
    assert_int_equal(source_lines_open(&tree->source, "/empty", &lines), 0);
    assert_null(source_lines_next(&lines));
    source_lines_close(&lines);
    assert_int_equal(source_lines_open(&tree->source, "/absent", &lines), -ENOENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text__trims_and_cleans, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(text__missing_is_enoent, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(text__folder_and_fifo_are_refused, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(text__is_bounded, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(lines__of_a_capture_are_bounded, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(links__stay_inside_the_root, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(links__loop_is_told, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(integer__reads_sysfs_sizes, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test(integer__refuses_other_texts),
        cmocka_unit_test_setup_teardown(list__is_sorted, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(cpuid__is_looked_up, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(cpuid__brand, fake_tree_set_up, fake_tree_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
