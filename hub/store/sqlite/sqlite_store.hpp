// The SQLite implementation of hub/store/store.hpp: one file, one writing connection with group commit, a few
// reading ones. Write-ahead log with a sync at every commit, so that what was acknowledged survives a loss of
// power.
#pragma once

#include <memory>
#include <string>

#include "hub/store/store.hpp"
#include "hub/store/url.hpp"

namespace huiliu::store::sqlite {

Result<std::unique_ptr<Store>> open(const StoreUrl& url, const model::Schema& schema, OpenMode mode);
Status restore(const StoreUrl& url, const model::Schema& schema, const std::string& backup);

}  // namespace huiliu::store::sqlite
