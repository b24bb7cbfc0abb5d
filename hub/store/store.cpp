#include "hub/store/store.hpp"

#include "hub/store/sqlite/sqlite_store.hpp"
#include "hub/store/url.hpp"

namespace huiliu::store {
namespace {

model::Error unknown_scheme(const StoreUrl& url) {
  return model::make_error(model::ErrorClass::unsupported,
                           "a store of kind '" + url.scheme + "' is not known; use sqlite:PATH");
}

}  // namespace

Result<std::unique_ptr<Store>> open_store(std::string_view url, const model::Schema& schema, OpenMode mode) {
  HUILIU_ASSIGN(const StoreUrl parsed, parse_store_url(url));
  if (parsed.scheme != "sqlite") return unknown_scheme(parsed);
  return sqlite::open(parsed, schema, mode);
}

Status restore_store(std::string_view url, const model::Schema& schema, const std::string& backup) {
  HUILIU_ASSIGN(const StoreUrl parsed, parse_store_url(url));
  if (parsed.scheme != "sqlite") return unknown_scheme(parsed);
  return sqlite::restore(parsed, schema, backup);
}

}  // namespace huiliu::store
