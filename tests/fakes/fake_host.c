/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"

#include "module/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_host_init(struct fake_host *fake, const char *module) {
    const char *folder = getenv("VMSUITE_MODULE_PATH");
    struct vms_error error = {""};
    struct vms_module *loaded;
    char path[4096];

    (void)snprintf(path, sizeof(path), "%s/%s.so", folder ? folder : ".", module);
    if (loader_open(path, &loaded, &error) < 0)
        fake_host_die("loading", error.text);
    fake_host_begin(fake, loaded);
}

void fake_host_set_all(struct fake_host *fake, const char *settings) {
    char copy[256], *rest = NULL;

    if (strlen(settings) >= sizeof(copy))
        fake_host_die("settings", "they are too long");
    (void)snprintf(copy, sizeof(copy), "%s", settings);
    for (char *one = strtok_r(copy, " ", &rest); one; one = strtok_r(NULL, " ", &rest)) {
        char *equals = strchr(one, '=');

        if (!equals)
            fake_host_die(one, "no value");
        *equals = '\0';
        fake_host_set(fake, one, equals + 1);
    }
}

struct stats_distribution fake_host_distribution(const struct fake_metric *metric) {
    double *copy = reallocarray(NULL, metric->n, sizeof(*copy));
    struct stats_distribution distribution;

    if (!copy)
        fake_host_die("a distribution", strerror(ENOMEM));
    memcpy(copy, metric->values, metric->n * sizeof(*copy));
    stats_distribute(copy, metric->n, &distribution);
    free(copy);
    return distribution;
}

void fake_host_done(struct fake_host *fake) {
    void *module = (void *)fake->module;

    fake_host_end(fake);
    free(module);
}
