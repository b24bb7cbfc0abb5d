// The connector `dingtalk`: DingTalk's customer management (客户管理), its directory, its callbacks and its
// messages.
//
// A thin class: each stream's knowledge stands in its own file, here they are only put together.
// Threads and errors: as huiliu/plugin.hpp says for a connector.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>

#include "huiliu_manifests.hpp"
#include "plugins/dingtalk/src/approvals.hpp"
#include "plugins/dingtalk/src/client.hpp"
#include "plugins/dingtalk/src/crm_read.hpp"
#include "plugins/dingtalk/src/crm_write.hpp"
#include "plugins/dingtalk/src/directory.hpp"
#include "plugins/dingtalk/src/external_contacts.hpp"
#include "plugins/dingtalk/src/labels.hpp"

namespace dingtalk {

class DingTalk {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit DingTalk(std::string_view settings);
  DingTalk(const DingTalk&) = delete;  // its parts refer to each other

  void check(huiliu::Call& call);
  std::string discover(huiliu::Call& call);
  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out);
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out);
  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out);
  void write(huiliu::Call& call, const huiliu::Records& records, huiliu::ResultSink& out);
  void handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out);
  void listen(huiliu::Call& call, huiliu::RecordSink& out);
  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const;

 private:
  Settings settings_;
  Client client_;
  CrmApi customers_, contacts_;
  Directory directory_;
  ExternalContacts people_;
  Labels labels_;
  Approvals approvals_;
};

}  // namespace dingtalk
