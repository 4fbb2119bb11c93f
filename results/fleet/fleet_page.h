/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is built into the program for the page of a fleet (fleet.css). */
#ifndef VMSUITE_RESULTS_FLEET_FLEET_PAGE_H
#define VMSUITE_RESULTS_FLEET_FLEET_PAGE_H

extern const char fleet_style[], fleet_style_hash[];

#endif
