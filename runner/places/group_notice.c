/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/group_notice.h"

#include "record/json.h"
#include "run/notice/run_warnings.h"

#include <string.h>

const char *group_notice_of(const struct station *station) {
    const char *group = json_string_value(json_fact(station->machines[0], "cgroup.cpu_group"));

    return group ? group : "";
}

static size_t count_loaded(const struct outcome_run *run) {
    size_t n = 0;

    for (size_t i = 0; i < run->n_cases; i++)
        n += run_warnings_count_loaded(&run->cases[i]);
    return n;
}

static bool are_apart(const struct station *a, const struct station *b) {
    return !a->is_done && !b->is_done && *a->boot && strcmp(a->boot, b->boot) == 0 &&
           cgroup_are_apart(group_notice_of(a), a->cpu_group_id, group_notice_of(b), b->cpu_group_id);
}

static int warn(struct station *station, const struct station *other) {
    size_t n = count_loaded(&station->run) + count_loaded(&other->run);

    if (n == 0)
        return 0;
    return outcome_run_warn(&station->run,
                            "this place is in another control group than the place %s (%s, %s), and a busy "
                            "machine gives each group its part, however much runs in it: %zu of their trials "
                            "met a load by others, so that what differs may be the groups'",
                            other->place->name, group_notice_of(station), group_notice_of(other), n);
}

int group_notice(struct station *stations, size_t n_stations) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < n_stations; i++) {
        size_t other = 0;

        while (other < n_stations && !are_apart(&stations[i], &stations[other]))
            other++;
        if (other < n_stations)
            status = warn(&stations[i], &stations[other]);
    }
    return status;
}
