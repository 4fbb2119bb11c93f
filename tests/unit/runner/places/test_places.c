/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places: how they are written, the commands that lead there, and whose turn it is. */
#include "base/cleanup.h"
#include "guest/launchers/launcher.h"
#include "places/kinds/place.h"
#include "places/kinds/words.h"
#include "places/place_visits.h"
#include "places/turns.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void place__is_read(void **state) {
    static const struct {
        const char *text, *kind, *name, *target, *first;
    } rows[] = {
        {"local", "local", "local", "", NULL},
        {"web=ssh://me@db1:22", "ssh", "web", "//me@db1:22", NULL},
        {"ssh://[fe80::1]:22", "ssh", "ssh-fe80-1-22", "//[fe80::1]:22", NULL},
        {"exec:env A=b", "exec", "exec-env-A-b", "env A=b", NULL},
        {"nspawn:/tmp", "nspawn", "nspawn-tmp", "/tmp", NULL},
        {"podman:debian:12,network=none", "podman", "podman-debian-12-network-none", "debian:12", "none"},
        {"cgroup:cpu=150%,memory=1GiB", "cgroup", "cgroup-cpu-150-memory-1GiB", "", "150%"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct place place;

        if (place_read(rows[i].text, &place, &error) < 0)
            fail_msg("%s", error.text);
        assert_string_equal(place.kind->name, rows[i].kind);
        assert_string_equal(place.name, rows[i].name);
        assert_string_equal(place.target, rows[i].target);
        assert_true(rows[i].first ? place.values[0] && strcmp(place.values[0], rows[i].first) == 0
                                  : !place.values[0]);
        place_done(&place);
    }
}

static void place__names_are_their_own(void **state) {
    struct place places[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(place_read("local", &places[i], NULL), 0);
    assert_int_equal(places_name(places, 3), 0);
    assert_string_equal(places[0].name, "local");
    assert_string_equal(places[1].name, "local-2");
    assert_string_equal(places[2].name, "local-3");
    for (size_t i = 0; i < 3; i++)
        place_done(&places[i]);
}

/* Those that are booted for a run are called as what boots them, and as what is booted. */
static void place__guests(void **state) {
    static const struct {
        const char *text, *kind, *name, *launcher, *guest;
        bool is_visited;
    } rows[] = {
        {"local", "local", "local", NULL, NULL, false},
        {"qemu-tcg:vcpus=2", "qemu-tcg", "qemu-tcg-vcpus-2", "qemu-tcg", "", false},
        {"kvm", "kvm", "kvm", "kvm", "", false},
        {"kvm/kvm", "kvm", "kvm-kvm", "kvm", "", false},
        {"emulated-kvm", "emulated-host", "emulated-kvm", "emulated-host", "kvm", true},
        {"a=xen-pv:memory=1GiB,deadline=9s", "emulated-host", "a", "emulated-host", "xen-pv", true},
        {"emulated-host", "emulated-host", "emulated-host", "emulated-host", "native", true},
        {"xen:network=none", "xen", "xen-network-none", "xen", "pv", true},
        {"xen/hvm:network=none", "xen", "xen-hvm-network-none", "xen", "hvm", true},
        {"virtualbox", "virtualbox", "virtualbox", "virtualbox", "", true},
    };
    struct place places[VMS_LENGTH(rows)];

    (void)state;
    if (!launchers[0])
        skip();
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};

        if (place_read(rows[i].text, &places[i], &error) < 0)
            fail_msg("%s", error.text);
        assert_string_equal(places[i].kind->name, rows[i].kind);
        assert_string_equal(places[i].name, rows[i].name);
        assert_int_equal(places[i].kind->is_visited, rows[i].is_visited);
        assert_int_equal(places[i].guest.present, rows[i].launcher != NULL);
        if (!rows[i].launcher)
            continue;
        assert_string_equal(places[i].guest.launcher, rows[i].launcher);
        assert_string_equal(places[i].guest.kind, rows[i].guest);
    }
    assert_int_equal(places[5].guest.deadline_s, 9);
    assert_int_equal(places[6].guest.deadline_s, 30 * 60);
    assert_int_equal(place_visits_count(places, 1), 1);
    assert_int_equal(place_visits_count(places, 4), 1);
    assert_int_equal(place_visits_count(places, 6), 3);
    assert_int_equal(place_visits_count(&places[4], 2), 2);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        place_done(&places[i]);
}

/* What is at the edges of what may be given, and just beyond. */
static void place__limits(void **state) {
    static const struct {
        const char *text;
        bool is_good;
    } rows[] = {
        {"cgroup:cpu=1%", true},
        {"cgroup:cpu=0.99%", false},
        {"cgroup:cpu=1000000%", true},
        {"cgroup:cpu=1000001%", false},
        {"cgroup:cpu=50", false},
        {"cgroup:cpu=50%%", false},
        {"cgroup:cpu=nan%", false},
        {"cgroup:weight=1", true},
        {"cgroup:weight=0", false},
        {"cgroup:weight=10000", true},
        {"cgroup:weight=10001", false},
        {"cgroup:weight=1.5", false},
        {"cgroup:memory=1B", true},
        {"cgroup:memory=0", false},
        {"cgroup:memory=-1", false},
        {"cgroup:cpu=1%,cpu=2%", false},
        {"cgroup:cpu", false},
        {"cgroup:", false},
        {"cgroups:cpu=1%", false},
        {"loca", false},
        {"locale", false},
        {"podman:-x", false},
        {"podman-exec:box", true},
        {"podman-exec:-x", false},
        {"podman-exec:box,network=none", true}, /* a name that podman does not have */
        {"nsenter:1", true},
        {"nsenter:0", false},
        {"nsenter:-1", false},
        {"nsenter:1K", false},
        {"nsenter:99999999999", false},
        {"nsenter:4194305", false}, /* more than the kernel has */
        {"podman:x,network=-y", false},
        {"podman:x,network=", false},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct place place;
        int status = place_read(rows[i].text, &place, &error);

        if ((status == 0) != rows[i].is_good)
            fail_msg("%s: %s", rows[i].text, status == 0 ? "was taken" : error.text);
        if (status == 0)
            place_done(&place);
        else
            assert_true(strstr(error.text, rows[i].text) && status == -EINVAL);
    }
}

/* Of several in one tree the first has it locked, and only it. */
static void place__shares_a_tree(void **state) {
    static const char *const texts[] = {"nspawn:/tmp", "local", "a=nspawn:/tmp/../tmp/,network=a", "nspawn:/",
                                        "exec:/tmp"};
    struct place places[VMS_LENGTH(texts)];
    struct argv command = {0};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        assert_int_equal(place_read(texts[i], &places[i], NULL), 0);
        for (size_t k = 0; k < i; k++)
            assert_int_equal(place_is_within(&places[i], &places[k]), i == 2 && k == 0);
    }
    places[2].shares = true;
    places[2].kind->prefix(&places[2], &command);
    assert_string_equal(command.words[0], "env");
    assert_string_equal(command.words[1], "SYSTEMD_NSPAWN_LOCK=0");
    assert_string_equal(command.words[2], "systemd-nspawn");
    argv_done(&command);
    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        place_done(&places[i]);
}

/* The words that lead to a place, one by one. */
static void place__commands(void **state) {
    static const struct {
        const char *text, *words[24];
    } rows[] = {
        {"ssh://db1",
         {"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=5", "-o",
          "ServerAliveCountMax=6", "--", "db1"}},
        {"ssh://me@db1:2222",
         {"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=5", "-o",
          "ServerAliveCountMax=6", "-p", "2222", "-l", "me", "--", "db1"}},
        {"ssh://me@[fe80::1%eth0]:22",
         {"ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", "-o", "ServerAliveInterval=5", "-o",
          "ServerAliveCountMax=6", "-p", "22", "-l", "me", "--", "fe80::1%eth0"}},
        {"nspawn:/tmp",
         {"systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--as-pid2", "--pipe", "-D", "/tmp",
          "--"}},
        {"podman:debian:12",
         {"podman", "run", "-i", "--rm", "--pull=never", "--network", "host", "--", "debian:12"}},
        {"podman:debian:12,network=none",
         {"podman", "run", "-i", "--rm", "--pull=never", "--network", "none", "--", "debian:12"}},
        {"podman-exec:box", {"podman", "exec", "-i", "--", "box"}},
        {"nsenter:1", {"env", "-u", "TMPDIR", "nsenter", "--all", "--target", "1", "--"}},
        {"lxc:box", {"lxc-execute", "-n", "box", "--"}},
        {"netns:blue", {"ip", "netns", "exec", "blue"}},
        {"exec:env 'A=b c' x", {"env", "A=b c", "x"}},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct argv command = {0};
        struct place place;
        size_t n = 0;

        if (place_read(rows[i].text, &place, &error) < 0)
            fail_msg("%s", error.text);
        place.kind->prefix(&place, &command);
        for (; rows[i].words[n]; n++) {
            assert_true(n < command.n_words);
            assert_string_equal(command.words[n], rows[i].words[n]);
        }
        assert_int_equal(command.n_words, n);
        argv_done(&command);
        place_done(&place);
    }
}

/* An address that would be an option of ssh, or that is none. */
static void place__addresses_that_are_none(void **state) {
    static const char *const texts[] = {"ssh://-oProxyCommand=x",
                                        "ssh://-l@db1",
                                        "ssh://me@-x",
                                        "ssh:db1",
                                        "ssh://",
                                        "ssh://@db1",
                                        "ssh://[::1",
                                        "ssh://[]",
                                        "ssh://db1:",
                                        "ssh://db1:22x",
                                        "ssh://db1/x",
                                        "ssh://db1:12345678"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        struct place place;

        if (place_read(texts[i], &place, NULL) != -EINVAL)
            fail_msg("%s was taken", texts[i]);
    }
}

static void words__no_shell(void **state) {
    struct argv words = {0};

    (void)state;
    assert_int_equal(words_split(" a  'b $c' \"d\\\"e\"f \\g $(id);'' ", &words, NULL), 0);
    assert_int_equal(words.n_words, 5);
    assert_string_equal(words.words[1], "b $c");
    assert_string_equal(words.words[2], "d\"ef");
    assert_string_equal(words.words[3], "g");
    assert_string_equal(words.words[4], "$(id);");
    assert_int_equal(words_split("'a", &words, NULL), -EINVAL);
    assert_int_equal(words_split("  ", &words, NULL), -EINVAL);
    argv_done(&words);
}

/* What is quoted is read back by a shell's rules, whatever it holds. */
static void words__quoted_is_read_back(void **state) {
    static const char *const texts[] = {"", "a", "it's", "'", "''\\", "$HOME `id` \"x\"\n"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        cleanup_free char *quoted = words_quote(texts[i]);
        struct argv words = {0};

        assert_int_equal(words_split(quoted, &words, NULL), 0);
        assert_int_equal(words.n_words, 1);
        assert_string_equal(words.words[0], texts[i]);
        argv_done(&words);
    }
}

/* Each trial at each place once, round after round, and another seed gives another order. */
static void turns__rounds(void **state) {
    const unsigned trials[] = {3, 2};
    const struct turns_request request = {trials, NULL, 2, 2, 1, false},
                               reseeded = {trials, NULL, 2, 2, 2, false},
                               in_sequence = {trials, NULL, 2, 2, 1, true};
    struct turns turns, other;
    unsigned seen[2][2][4] = {0}, last = 1;
    bool differs = false;

    (void)state;
    assert_int_equal(turns_make(&request, &turns), 0);
    assert_int_equal(turns_make(&reseeded, &other), 0);
    assert_int_equal(turns.n_turns, 10);
    for (size_t i = 0; i < turns.n_turns; i++) {
        const struct turn *turn = &turns.turns[i];

        assert_true(turn->trial >= last && turn->trial <= trials[turn->index]);
        last = turn->trial;
        assert_int_equal(seen[turn->place][turn->index][turn->trial]++, 0);
        differs |= turn->place != other.turns[i].place || turn->index != other.turns[i].index;
    }
    assert_true(differs);
    turns_done(&turns);
    turns_done(&other);
    assert_int_equal(turns_make(&in_sequence, &turns), 0);
    for (size_t i = 0; i < turns.n_turns; i++)
        assert_int_equal(turns.turns[i].index, i < 6 ? 0 : 1);
    turns_done(&turns);
}

/* What is taken at all places at once stands together, by place, and the rest stays mixed. */
static void turns__together(void **state) {
    const unsigned trials[] = {3, 3, 2};
    const bool together[] = {false, true, true};
    struct turns turns;

    (void)state;
    for (unsigned sequential = 0; sequential < 2; sequential++) {
        const struct turns_request request = {trials, together, 3, 3, 7, sequential};
        unsigned seen[3][3][4] = {0};

        assert_int_equal(turns_make(&request, &turns), 0);
        assert_int_equal(turns.n_turns, 24);
        for (size_t i = 0; i < turns.n_turns; i++) {
            const struct turn *turn = &turns.turns[i];

            assert_int_equal(seen[turn->place][turn->index][turn->trial]++, 0);
            if (!together[turn->index] || turn->place == 0)
                continue;
            assert_int_equal(turn[-1].place, turn->place - 1);
            assert_int_equal(turn[-1].index, turn->index);
            assert_int_equal(turn[-1].trial, turn->trial);
        }
        turns_done(&turns);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place__is_read),
        cmocka_unit_test(place__names_are_their_own),
        cmocka_unit_test(place__guests),
        cmocka_unit_test(place__limits),
        cmocka_unit_test(place__shares_a_tree),
        cmocka_unit_test(place__commands),
        cmocka_unit_test(place__addresses_that_are_none),
        cmocka_unit_test(words__no_shell),
        cmocka_unit_test(words__quoted_is_read_back),
        cmocka_unit_test(turns__rounds),
        cmocka_unit_test(turns__together),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
