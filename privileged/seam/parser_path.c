#include "parser_path.h"

const char parser_path[] = PARSER_PATH;
