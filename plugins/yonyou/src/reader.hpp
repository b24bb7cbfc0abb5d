// reader.hpp - reading customers and their contacts: everything, what changed, only the keys, or by key.
//
// Idea: the list gives no total, no promise of an order, and shifts when a record comes or goes between two
// pages. So a list is only a means to learn ids: it is walked again until a walk brings nothing new. The
// records are then read by id, in the order of ids, so that a cursor is an id and neither ties nor shifts can
// hide a record. A window of changes has no upper end and the next one starts `overlap` before this one's
// scan began, by the vendor's clock: its times have seconds only. Ownership: borrows client and settings.
// Errors: huiliu::Failure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "huiliu/plugin.hpp"
#include "plugins/yonyou/src/client.hpp"
#include "plugins/yonyou/src/cursor.hpp"
#include "plugins/yonyou/src/merchant.hpp"

namespace yonyou {

/// Ids with the time of their last change as the list shows it.
using Listing = std::map<std::string, std::string, IdLess>;

class MerchantReader {
 public:
  MerchantReader(Client& client, const Settings& settings) : client_(client), settings_(settings) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out);
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out);
  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out);

  /// One authorised request.
  void check(huiliu::Call& call);

  /// The customers with these ids that exist, each with its using organisations.
  std::vector<Merchant> merchants(huiliu::Call& call, std::span<const std::string> ids);

  /// Ids of the customers that match the list's filter. `most`: enough of them; 0: all.
  Listing list(huiliu::Call& call, const json::object& filter, std::size_t most = 0);

 private:
  std::size_t walk(huiliu::Call& call, const json::object& filter, std::size_t most, Listing& found,
                   bool& one_page);
  json::array details(huiliu::Call& call, const json::array& wanted);
  std::int64_t scan_start(const huiliu::Call& call, std::int64_t began_us) const;
  void emit_keys(huiliu::Call& call, std::string_view stream, const Listing& ids, huiliu::RecordSink& out);
  /// Emits the records of these ids in their order; stops after `limit`. False: stopped.
  bool emit_by_id(huiliu::Call& call, std::string_view stream, const Listing& ids, std::uint64_t limit,
                  Cursor& at, huiliu::RecordSink& out);

  Client& client_;
  const Settings& settings_;
  std::size_t list_page_ = 0;  // 0: the setting; smaller after the gateway gave up on a page
};

}  // namespace yonyou
