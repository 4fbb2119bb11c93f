/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network card of the default route, else the first that is not the loopback. */
#include "base/cleanup.h"
#include "machine/offloads.h"
#include "machine/subjects.h"

#include <string.h>

/* /proc/net/route: "IFACE DESTINATION ..."; the default route's destination is 00000000. */
static char *default_route_interface(const struct machine_source *source) {
    cleanup_free char *text = NULL;
    char *rest, *line;

    if (source_text(source, &text, "/proc/net/route") < 0)
        return NULL;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        char name[32], destination[16];

        if (sscanf(line, "%31s %15s", name, destination) == 2 && strcmp(destination, "00000000") == 0)
            return strdup(name);
    }
    return NULL;
}

static char *first_interface(const struct machine_source *source) {
    struct source_names names;
    char *found = NULL;

    if (source_list(source, &names, "/sys/class/net") < 0)
        return NULL;
    for (size_t i = 0; i < names.n_names && !found; i++)
        if (strcmp(names.names[i], "lo") != 0 &&
            source_exists(source, "/sys/class/net/%s/device", names.names[i]))
            found = strdup(names.names[i]);
    source_names_done(&names);
    return found;
}

static void read_speed(struct survey *survey, const char *interface, const char *source) {
    int64_t megabits;
    int status = source_integer(survey->source, &megabits, "/sys/class/net/%s/speed", interface);

    if (status == 0 && megabits > 0 && megabits < INT64_MAX / 1000000)
        fact_integer(survey, "network.speed_bit_s", megabits * 1000000, source);
    else if (status == 0 || status == -EINVAL)
        fact_none(survey, "network.speed_bit_s", FACT_UNKNOWN, "the driver does not tell", source);
    else
        fact_failed(survey, "network.speed_bit_s", status, FACT_UNKNOWN, "the driver does not tell", source);
}

static void read_offloads(struct survey *survey, const char *interface) {
    cleanup_free char *text = NULL;
    int status = offloads_read(survey->source, interface, &text);

    if (status == 0)
        fact_text(survey, "network.offloads", text, "ethtool");
    else if (status == -EOPNOTSUPP || status == -ENOENT)
        fact_none(survey, "network.offloads", FACT_UNKNOWN, "the driver does not tell", "ethtool");
    else
        fact_failed(survey, "network.offloads", status, FACT_UNKNOWN, "", "ethtool");
}

void survey_network(struct survey *survey) {
    static const char *const names[] = {"network.interface",   "network.driver",   "network.mtu",
                                        "network.speed_bit_s", "network.offloads", NULL};
    cleanup_free char *interface = default_route_interface(survey->source), *driver = NULL, *folder = NULL;
    const char *found_in = "/proc/net/route";
    int64_t mtu;

    if (!interface) {
        interface = first_interface(survey->source);
        found_in = "/sys/class/net";
    }
    if (!interface) {
        facts_none(survey, names, FACT_NOT_APPLICABLE, "no network card", found_in);
        return;
    }
    if (asprintf(&folder, "/sys/class/net/%s", interface) < 0) {
        survey->out_of_memory = true;
        return;
    }
    fact_text(survey, "network.interface", interface, found_in);
    if (source_link(survey->source, &driver, "%s/device/driver", folder) == 0)
        fact_text(survey, "network.driver", driver, folder);
    else
        fact_none(survey, "network.driver", FACT_NOT_APPLICABLE, "a virtual interface without a device",
                  folder);
    if (source_integer(survey->source, &mtu, "%s/mtu", folder) == 0)
        fact_integer(survey, "network.mtu", mtu, folder);
    else
        fact_none(survey, "network.mtu", FACT_UNKNOWN, "sysfs does not tell", folder);
    read_speed(survey, interface, folder);
    read_offloads(survey, interface);
}
