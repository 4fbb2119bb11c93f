/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Documents that tests begin with, as files. */
#ifndef VMSUITE_TESTS_FAKES_FIXTURE_H
#define VMSUITE_TESTS_FAKES_FIXTURE_H

#include <jansson.h>

/* tests/unit/fixtures/NAME; a new reference. Ends the program where it cannot be read. */
json_t *fixture_read(const char *name);

#endif
