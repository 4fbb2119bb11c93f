/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/expect.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((char *)(literal)) /* owned in a real machine, never changed here */

static struct machine_evidence evidence[] = {
    {TEXT("CPUID 0x40000000"), TEXT("KVMKVMKVM"), "kvm", "cpuid", "nearest"},
    {TEXT("/.dockerenv"), TEXT("present"), "docker", NULL, NULL},
    {TEXT("DMI"), TEXT("?"), NULL, "firmware", NULL}};
static struct machine_fact facts[] = {
    {.name = "cpu.count", .type = FACT_INTEGER, .integer = 2, .source = TEXT("sysfs")},
    {.name = "memory.total_bytes",
     .type = FACT_INTEGER,
     .integer = 500 << 20,
     .source = TEXT("/proc/meminfo")},
    {.name = "kernel.release", .type = FACT_TEXT, .text = TEXT("6.1.0-13-amd64"), .source = TEXT("/proc")},
    {.name = "storage.driver",
     .type = FACT_TEXT,
     .text = TEXT("ata_piix"),
     .source = TEXT("/sys/class/block/sda")},
    {.name = "clock.source",
     .status = FACT_ERROR,
     .text = TEXT("Permission denied"),
     .source = TEXT("/sys")}};
static const struct machine machine = {.virtualization = "kvm",
                                       .container = "docker",
                                       .evidence = evidence,
                                       .n_evidence = VMS_LENGTH(evidence),
                                       .facts = facts,
                                       .n_facts = VMS_LENGTH(facts)};

/* What the claim leads to: NULL where it holds. The caller frees. */
static char *check(const char *key, const char *value, const char *path) {
    struct expectation expectation = {key, value};
    char *sentences = NULL;
    int broken = expectations_check(&machine, &expectation, 1, path, &sentences);

    assert_int_equal(broken, sentences != NULL);
    return sentences;
}

static void assert_holds(const char *key, const char *value) {
    assert_null(check(key, value, NULL));
}

static void assert_broken(const char *key, const char *value, const char *sentence) {
    char *got = check(key, value, "loopback");

    assert_non_null(got);
    assert_string_equal(got, sentence);
    free(got);
}

static void check__what_is_so_holds(void **state) {
    (void)state;
    assert_holds("virtualization", "kvm");
    assert_holds("container", "docker");
    assert_holds("cpus", "2");
    assert_holds("cpus", ">=1");
    assert_holds("cpus", "<= 2");
    assert_holds("memory", "512MiB"); /* the kernel kept 12 */
    assert_holds("memory", "<=1GiB");
    assert_holds("kernel", "6.1.*");
    assert_holds("disk_driver", "ata_piix");
    assert_holds("disk_driver", "emulated");
    assert_holds("network_path", "network"); /* no network case: nothing to hold */
}

static void check__mismatch_names_the_evidence(void **state) {
    (void)state;
    assert_broken("virtualization", "xen-pv",
                  "expected virtualization \"xen-pv\", but this machine's is \"kvm\": CPUID 0x40000000 said "
                  "\"KVMKVMKVM\"");
    assert_broken(
        "container", "none",
        "expected container \"none\", but this machine's is \"docker\": /.dockerenv said \"present\"");
    assert_broken(
        "disk_driver", "virtio",
        "expected disk_driver \"virtio\", but found \"ata_piix (emulated)\" in /sys/class/block/sda");
    assert_broken("cpus", ">=4", "expected cpus \">=4\", but found \"2\" in sysfs");
    assert_broken("memory", "1GiB",
                  "expected memory \"1GiB\", but found \"524288000 bytes (0.5 GiB)\" in /proc/meminfo");
    assert_broken("network_path", "network",
                  "expected network_path \"network\", but the peer of this run is reached over \"loopback\"");
}

static void check__nothing_is_emulated_on_hardware(void **state) {
    struct machine hardware = machine;
    struct expectation claim = {"disk_driver", "emulated"};
    char *sentences = NULL;

    (void)state;
    hardware.virtualization = "native";
    assert_int_equal(expectations_check(&hardware, &claim, 1, NULL, &sentences), 1);
    assert_string_equal(sentences,
                        "expected disk_driver \"emulated\", but found \"ata_piix\" in /sys/class/block/sda");
    free(sentences);
}

static void check__what_cannot_be_told_does_not_hold(void **state) {
    (void)state;
    assert_broken("clock_source", "tsc",
                  "expected clock_source \"tsc\", but that cannot be determined here: Permission denied");
    assert_broken(
        "network_driver", "e1000",
        "expected network_driver \"e1000\", but that cannot be determined here: it was not looked for");
}

static void check__counts_and_lists_all(void **state) {
    static const struct expectation claims[] = {
        {"virtualization", "native"}, {"cpus", "2"}, {"container", "none"}, {"memory", "8GiB"}};
    char *sentences = NULL;

    (void)state;
    assert_int_equal(expectations_check(&machine, claims, 4, NULL, &sentences), 3);
    assert_non_null(strstr(sentences, "virtualization \"native\""));
    assert_non_null(strstr(sentences, "\nexpected memory"));
    free(sentences);
}

static void assert_invalid(const char *key, const char *value, const char *part) {
    struct expectation expectation = {key, value};
    struct vms_error error = {""};

    assert_true(expectation_validate(&expectation, &error) < 0);
    assert_non_null(strstr(error.text, part));
}

static void validate__tells_what_cannot_be_expected(void **state) {
    struct expectation good = {"memory", ">=4GiB"};
    struct vms_error error;

    (void)state;
    assert_int_equal(expectation_validate(&good, &error), 0);
    assert_invalid("virtualisation", "kvm", "did you mean \"virtualization\"?");
    assert_invalid("moon", "full", "moon");
    assert_invalid("kernel", "", "must not be empty");
    assert_invalid("cpus", "many", "must be an amount");
    assert_invalid("memory", ">=", "must be an amount");
    assert_invalid("network_path", "wire", "loopback");
    assert_invalid("virtualization", "Xen-PV", "did you mean \"xen-pv\"?");
    assert_invalid("container", "doker", "did you mean \"docker\"?");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__what_is_so_holds),
        cmocka_unit_test(check__mismatch_names_the_evidence),
        cmocka_unit_test(check__nothing_is_emulated_on_hardware),
        cmocka_unit_test(check__what_cannot_be_told_does_not_hold),
        cmocka_unit_test(check__counts_and_lists_all),
        cmocka_unit_test(validate__tells_what_cannot_be_expected),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
