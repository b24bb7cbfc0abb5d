// The implementations that the contract is run on.
#include "tests/unit/store/sqlite_place.hpp"

namespace huiliu::store::fakes {

std::vector<Backend> backends() {
  return {{"sqlite", [] { return std::make_unique<SqlitePlace>(); }}};
}

}  // namespace huiliu::store::fakes
