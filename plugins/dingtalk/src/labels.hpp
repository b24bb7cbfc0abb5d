// The stream `labels`: what external contacts may be labelled with, in their groups. A closed set that only
// an administrator changes; records of `external_contacts` name labels by id. These calls cost no monthly
// quota. Threads and errors: as Client.
#pragma once

#include <boost/json.hpp>
#include <huiliu/plugin.hpp>
#include <map>
#include <string>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

class Labels {
 public:
  explicit Labels(const Client& client) : client_(client) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;

 private:
  std::map<std::string, boost::json::object, std::less<>> all(huiliu::Call& call) const;  // by id

  const Client& client_;
};

}  // namespace dingtalk
