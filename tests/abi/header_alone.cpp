// The C++ face includes all that it needs, and says nothing in a second translation unit.
#include <huiliu/plugin.hpp>

static_assert(sizeof(huiliu::Call) > 0);
