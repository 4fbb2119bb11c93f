/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures as Vega draws them. */
#ifndef VMSUITE_RESULTS_REPORT_SPEC_H
#define VMSUITE_RESULTS_REPORT_SPEC_H

#include "report/figures/figure.h"

/* The figure's Vega specification, with its data in it. New reference; NULL without memory. */
json_t *figure_spec(const struct figure *figure);

#endif
