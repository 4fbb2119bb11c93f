/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/peer_machine.h"

#include "base/cleanup.h"
#include "peer/wire/message.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void peer_machine_read(struct peer_machine *ret_machine) {
    const struct machine_source source = machine_source_here();
    struct cgroup_share share = {.group = NULL};
    struct peer_machine machine = {.boot = ""};
    cleanup_free char *boot = NULL, *group = NULL;

    if (source_text(&source, &boot, "/proc/sys/kernel/random/boot_id") == 0)
        (void)snprintf(machine.boot, sizeof(machine.boot), "%s", boot);
    if (cgroup_read_share(&source, &share) == 0) {
        group = share.group;
        (void)snprintf(machine.cpu_group, sizeof(machine.cpu_group), "%s", group);
        memcpy(machine.cpu_group_id, share.id, sizeof(share.id));
        machine.cpu_weight = isnan(share.weight) ? 0 : share.weight;
    }
    *ret_machine = machine;
}

json_t *peer_machine_new_json(const struct peer_machine *machine) {
    return json_pack("{s:s, s:s, s:s, s:f}", "boot", machine->boot, "cpu_group", machine->cpu_group,
                     "cpu_group_id", machine->cpu_group_id, "cpu_weight", machine->cpu_weight);
}

int peer_machine_take(const json_t *json, struct peer_machine *ret_machine) {
    struct peer_machine machine = {.boot = ""};
    const char *boot, *group, *id;

    if (json_unpack_ex((json_t *)json, NULL, JSON_STRICT, "{s:s, s:s, s:s, s:F}", "boot", &boot, "cpu_group",
                       &group, "cpu_group_id", &id, "cpu_weight", &machine.cpu_weight) < 0 ||
        message_take_text(boot, machine.boot, sizeof(machine.boot)) < 0 ||
        message_take_text(group, machine.cpu_group, sizeof(machine.cpu_group)) < 0 ||
        message_take_text(id, machine.cpu_group_id, sizeof(machine.cpu_group_id)) < 0 ||
        machine.cpu_weight < 0)
        return -EPROTO;
    *ret_machine = machine;
    return 0;
}

bool peer_machine_is_same(const struct peer_machine *a, const struct peer_machine *b) {
    return *a->boot && strcmp(a->boot, b->boot) == 0;
}

bool peer_machine_is_apart(const struct peer_machine *a, const struct peer_machine *b) {
    return peer_machine_is_same(a, b) &&
           cgroup_are_apart(a->cpu_group, a->cpu_group_id, b->cpu_group, b->cpu_group_id);
}
