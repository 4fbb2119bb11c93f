/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The host for module tests, for modules that are loaded as the program loads them, from
 * VMSUITE_MODULE_PATH. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_HOST_H
#define VMSUITE_TESTS_FAKES_FAKE_HOST_H

#include "fake_host/fake_host.h"
#include "stats/stats.h"

/* Loads the module and its defaults; fails the test where that fails. */
void fake_host_init(struct fake_host *fake, const char *module);
/* Sets parameters that are written as "name=value name=value". */
void fake_host_set_all(struct fake_host *fake, const char *settings);
/* A metric that is a distribution, as records have it. */
struct stats_distribution fake_host_distribution(const struct fake_metric *metric);
/* Ends the host and unloads the module. */
void fake_host_done(struct fake_host *fake);

#endif
