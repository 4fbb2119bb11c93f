/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of a store: docs/store.md. */
#ifndef VMSUITE_RESULTS_HISTORY_SCHEMA_H
#define VMSUITE_RESULTS_HISTORY_SCHEMA_H

#include "history/database/database.h"

extern const struct database_schema history_schema;

#endif
