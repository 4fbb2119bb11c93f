/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network card of the default route, else the first that is not the loopback. */
#include "base/cleanup.h"
#include "base/text.h"
#include "machine/offloads.h"
#include "machine/subjects.h"
#include "source/lines.h"

#include <string.h>

/* The route that is taken: the lowest metric, of equals the first. */
struct route {
    char interface[32];
    unsigned long metric;
    bool found;
};

static void offer_route(struct route *route, const char *interface, unsigned long metric) {
    if (route->found && metric >= route->metric)
        return;
    (void)snprintf(route->interface, sizeof(route->interface), "%s", interface);
    route->metric = metric;
    route->found = true;
}

/* Flags of a route (linux/route.h); one that refuses what it is asked for goes nowhere. */
#define ROUTE_UP 1ul
#define ROUTE_REJECT 0x200ul

/* "IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK": the default route goes to 0 with mask 0. A
 * capture may hold the first two words alone. A route that refuses has "*" as its interface. */
static void read_route4(const char *line, struct route *route) {
    char interface[32], destination[16], mask[16] = "00000000";
    unsigned long metric = 0, flags = ROUTE_UP;

    if (sscanf(line, "%31s %15s %*s %lx %*s %*s %lu %15s", interface, destination, &flags, &metric, mask) >=
            2 &&
        strcmp(destination, "00000000") == 0 && strcmp(mask, "00000000") == 0 && (flags & ROUTE_UP) &&
        !(flags & ROUTE_REJECT))
        offer_route(route, interface, metric);
}

/* "DESTINATION PREFIX SOURCE PREFIX NEXTHOP METRIC REFCNT USE FLAGS IFACE", in hexadecimal. The kernel keeps
 * a route to everywhere that refuses on the loopback. */
static void read_route6(const char *line, struct route *route) {
    char destination[40], prefix[4], interface[32];
    unsigned long metric, flags;

    if (sscanf(line, "%39s %3s %*s %*s %*s %lx %*s %*s %lx %31s", destination, prefix, &metric, &flags,
               interface) == 5 &&
        destination[strspn(destination, "0")] == '\0' && strcmp(prefix, "00") == 0 && (flags & ROUTE_UP) &&
        !(flags & ROUTE_REJECT))
        offer_route(route, interface, metric);
}

/* The interface of the default route of either family, IPv4's first; NULL: there is none. */
static char *default_route_interface(const struct machine_source *source, const char **ret_file) {
    static const struct {
        const char *path;
        void (*read)(const char *line, struct route *route);
    } tables[] = {{"/proc/net/route", read_route4}, {"/proc/net/ipv6_route", read_route6}};

    for (size_t i = 0; i < VMS_LENGTH(tables); i++) {
        struct route route = {0};
        struct source_lines lines;
        const char *line;

        if (source_lines_open(source, tables[i].path, &lines) < 0)
            continue;
        while ((line = source_lines_next(&lines)))
            tables[i].read(line, &route);
        source_lines_close(&lines);
        *ret_file = tables[i].path;
        if (route.found)
            return strdup(route.interface);
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
        fact_none(survey, "network.speed_bit_s", FACT_UNKNOWN, "the driver does not report it", source);
    else
        fact_failed(survey, "network.speed_bit_s", status, FACT_UNKNOWN, "the driver does not report it",
                    source);
}

static void read_queues(struct survey *survey, const char *interface, const char *source) {
    struct source_names names;
    int64_t queues = 0;
    int status = source_list(survey->source, &names, "/sys/class/net/%s/queues", interface);

    if (status < 0) {
        fact_failed(survey, "network.queues", status, FACT_UNKNOWN, "the kernel does not show them", source);
        return;
    }
    for (size_t i = 0; i < names.n_names; i++)
        queues += strncmp(names.names[i], "rx-", 3) == 0;
    fact_integer(survey, "network.queues", queues, source);
    source_names_done(&names);
}

static void read_offloads(struct survey *survey, const char *interface) {
    cleanup_free char *text = NULL;
    int status = offloads_read(survey->source, interface, &text);

    if (status == 0)
        fact_text(survey, "network.offloads", text, "ethtool");
    else if (status == -EOPNOTSUPP || status == -ENOENT)
        fact_none(survey, "network.offloads", FACT_UNKNOWN, "the driver does not report it", "ethtool");
    else
        fact_failed(survey, "network.offloads", status, FACT_UNKNOWN, "", "ethtool");
}

void survey_network(struct survey *survey) {
    static const char *const names[] = {
        "network.interface", "network.driver",   "network.mtu", "network.speed_bit_s",
        "network.queues",    "network.offloads", NULL};
    const char *found_in = NULL;
    cleanup_free char *interface = default_route_interface(survey->source, &found_in), *driver = NULL,
                      *folder = NULL;
    int64_t mtu;

    if (!interface) {
        interface = first_interface(survey->source);
        found_in = "/sys/class/net";
    }
    if (!interface) {
        facts_none(survey, names, FACT_NOT_APPLICABLE, "no network card", found_in);
        return;
    }
    if (!(folder = text_new("/sys/class/net/%s", interface))) {
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
        fact_none(survey, "network.mtu", FACT_UNKNOWN, "sysfs does not report it", folder);
    read_speed(survey, interface, folder);
    read_queues(survey, interface, folder);
    read_offloads(survey, interface);
}
