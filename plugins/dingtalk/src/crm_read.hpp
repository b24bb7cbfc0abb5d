// Reading, looking up and finding CRM records: customers and contacts. Threads and errors: as Client.
#pragma once

#include <huiliu/plugin.hpp>

#include "plugins/dingtalk/src/crm_api.hpp"
#include "plugins/dingtalk/src/cursor.hpp"

namespace dingtalk {

class CrmReader {
 public:
  CrmReader(const Settings& settings, const CrmApi& api) : settings_(settings), api_(api) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;
  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const;

 private:
  struct Emitter;
  // Each returns whether it came to its end; false: the limit was reached before.
  bool walk(huiliu::Call& call, Cursor& at, Emitter& emitter) const;
  bool changes(huiliu::Call& call, Cursor& at, Emitter& emitter) const;
  Page walk_page(huiliu::Call& call, const Cursor& at) const;
  Page changed_page(huiliu::Call& call, const Condition& since, std::string& token) const;
  std::vector<boost::json::object> by_ids(huiliu::Call& call, const std::vector<std::string>& ids) const;

  const Settings& settings_;
  const CrmApi& api_;
};

}  // namespace dingtalk
