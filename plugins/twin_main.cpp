// huiliu-twin: one vendor's twin as a program. CMake gives the vendors that were built, as a list of
// HUILIU_VENDOR(name); each name is a function in huiliu::twin::vendors, defined in plugins/NAME/twin.
#include "sdk/twin/twin.hpp"

#define HUILIU_VENDOR(name) VendorEntry name();
namespace huiliu::twin::vendors {
HUILIU_TWIN_VENDORS
}
#undef HUILIU_VENDOR

int main(int argc, char** argv) {
#define HUILIU_VENDOR(name) huiliu::twin::vendors::name(),
  return huiliu::twin::twin_main(argc, argv, {HUILIU_TWIN_VENDORS});
#undef HUILIU_VENDOR
}
