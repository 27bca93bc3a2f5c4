/* Where the parser is: fixed at build, never from a command line or an environment. */
#pragma once

extern const char parser_path[];
