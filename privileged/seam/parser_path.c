/* SPDX-License-Identifier: Apache-2.0 */
#include "parser_path.h"

const char parser_path[] = PARSER_PATH;
