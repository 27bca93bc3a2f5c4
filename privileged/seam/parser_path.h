/* SPDX-License-Identifier: Apache-2.0 */
/* Path of the parser's executable. It is fixed when vestibule is built; neither the command
 * line nor the environment can change it. */
#pragma once

extern const char parser_path[];
