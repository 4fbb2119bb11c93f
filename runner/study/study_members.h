/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RUNNER_STUDY_STUDY_MEMBERS_H
#define VMSUITE_RUNNER_STUDY_STUDY_MEMBERS_H

#include "json/members.h"

extern const struct member_table study_members;

#endif
