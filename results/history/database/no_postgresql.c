/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/engine.h"

#include <stddef.h>

const struct database_engine *const engine_postgresql = NULL;
