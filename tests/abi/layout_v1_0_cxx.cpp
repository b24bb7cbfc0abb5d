// As C++20.
#include "layout_v1_0.inc"
