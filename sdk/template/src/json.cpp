// Boost.JSON, compiled into the connector: where it is installed it then needs no Boost, and a C++ runtime of its own
// (-static-libstdc++) works, for exceptions never cross from one runtime into another.
#include <boost/json/src.hpp>
