// The read API of a site, where it has one (README.md).
//
// GET {read_url}/STREAM answers {"items":[…],"cursor":"…","more":bool}; its parameters choose among:
//   - limit, cursor: the change feed; an item is a record or {"id","deleted":true}
//   - id (several): those records, without what is not there
//   - any field and limit: the records in which it has exactly this value
//
// Feeding from the start is a full read; from a cursor, what changed since. 410: the cursor is too old.
#pragma once

#include <huiliu/plugin.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "plugins/webhook/src/settings.hpp"

namespace huiliu::webhook {

class SiteApi {
 public:
  SiteApi(const Call& call, const Settings& settings) : call_(call), settings_(settings) {}

  void check() const;
  void read(const ReadRequest& request, const RecordSink& out) const;
  void lookup(const LookupRequest& request, const RecordSink& out) const;
  void find(const FindRequest& request, const RecordSink& out) const;
  // One record, byte for byte; "" when the site does not have it.
  std::string fetch(std::string_view stream, std::string_view key) const;

 private:
  struct Page {
    std::string body;  // what the views below point into
    std::vector<std::string_view> items;
    std::string cursor;
    bool more = false;
  };
  Page get(std::string_view stream, const std::string& query) const;

  const Call& call_;
  const Settings& settings_;
};

}  // namespace huiliu::webhook
