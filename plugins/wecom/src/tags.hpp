// Corp tags (企业标签): the stream `tags`, the table of names that other streams need, and the hub's own
// group.
//
// Apps may change only what they made themselves, so the hub writes tags of one group alone, which it makes
// when the first is needed. Threads and errors: as Client.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>

#include "plugins/wecom/src/client.hpp"
#include "plugins/wecom/src/person.hpp"

namespace wecom {

class Tags {
 public:
  Tags(const Settings& settings, const Client& client) : settings_(settings), client_(client) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;
  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const;

  // All tags by id. An app without the right to tags gets none, and a line in the log says so.
  TagTable table(huiliu::Call& call) const;
  // The id of a tag of the hub's own group, which is made when it is not there. `table` learns it.
  std::string own_tag(huiliu::Call& call, TagTable& table, const std::string& name) const;

 private:
  boost::json::value groups(huiliu::Call& call, const boost::json::object& filter) const;

  const Settings& settings_;
  const Client& client_;
};

}  // namespace wecom
