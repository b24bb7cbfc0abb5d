/* As C11. */
#include "layout_v1_0.inc"

typedef int huiliu_layout_holds; /* ISO C wants a declaration */
