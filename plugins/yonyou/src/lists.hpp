// lists.hpp - the streams beside customers: employees, organisations, departments, customer classes, and the
// facts (orders, receivables, receipts). Read only; one table says how each is asked, since the vendor's
// lists differ in where the page, the time and the totals stand.
#pragma once

#include <span>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/client.hpp"
#include "plugins/yonyou/src/cursor.hpp"
#include "plugins/yonyou/src/merchant.hpp"

namespace yonyou {

struct ListApi {
  /// Where the lower bound of the change time stands in the request.
  enum class Since { top, simple, simple_open, between, none };
  /// How rows are found in an answer.
  enum class Shape { pages, tree };

  std::string_view stream, path, key;  ///< `key`: member of a row
  Shape shape;
  Since since;
  std::string_view changed;  ///< member with the time of the last change, in a row
  int page_size;
  std::string_view quota;
  std::string_view extra;  ///< further members of the request: a JSON object
  bool page_size_as_text;
  bool keyset;  ///< can be asked in the order of ids: pages follow the id
};

/// Null: no such stream. `old_finance`: receivables and receipts of the older module.
const ListApi* list_api(std::string_view stream, bool old_finance = false);
std::span<const ListApi> all_list_apis();

class ListReader {
 public:
  ListReader(Client& client, const Settings& settings, const ListApi& api)
      : client_(client), settings_(settings), api_(api) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out);
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out);
  /// The vendor's id of the row with this key; "" when there is none.
  std::string id_of(huiliu::Call& call, std::string_view key);

 private:
  json::array page(huiliu::Call& call, const json::object& body);
  json::object body_of(std::int64_t from, std::int64_t until, std::size_t index,
                       std::string_view after) const;
  RecordOut record_of(const json::object& row) const;
  std::int64_t scan_start(const huiliu::Call& call, std::int64_t began_us) const;
  /// Every page, until a walk brings nothing new. `visit` gets rows with keys not seen before; false: stop.
  template <class Visit>
  void scan(huiliu::Call& call, std::int64_t from, std::string_view after, Visit&& visit);

  Client& client_;
  const Settings& settings_;
  const ListApi& api_;
};

}  // namespace yonyou
