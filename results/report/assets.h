/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is built into the program for the report's page; embed.py makes it. Texts, ended by NUL. */
#ifndef VMSUITE_RESULTS_REPORT_ASSETS_H
#define VMSUITE_RESULTS_REPORT_ASSETS_H

extern const char asset_style[], asset_script[], asset_vega[], asset_licence[];
extern const char asset_lines[], asset_bars[], asset_ratios[]; /* Vega specifications without data */

/* SHA-256 of style and scripts in base64, as a content security policy takes them. */
extern const char asset_style_hash[], asset_script_hash[], asset_vega_hash[];

#endif
