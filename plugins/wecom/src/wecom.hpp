// The connector `wecom`: WeCom's (企业微信) external contacts, its directory, tags and chats, its callbacks
// and its app messages.
//
// A thin class: each stream's knowledge stands in its own file, here they are only put together.
// Threads and errors: as huiliu/plugin.hpp says for a connector.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <string_view>

#include "huiliu_manifests.hpp"
#include "plugins/wecom/src/client.hpp"
#include "plugins/wecom/src/contacts.hpp"
#include "plugins/wecom/src/directory.hpp"
#include "plugins/wecom/src/group_chats.hpp"
#include "plugins/wecom/src/tags.hpp"

namespace wecom {

class WeCom {
 public:
  static constexpr std::string_view manifest = huiliu::manifests::manifest;

  explicit WeCom(std::string_view settings);
  WeCom(const WeCom&) = delete;  // its parts refer to each other

  void check(huiliu::Call& call);
  std::string discover(huiliu::Call& call);
  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out);
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out);
  void find(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out);
  huiliu::Outcome write_one(huiliu::Call& call, std::string_view stream, const huiliu::Record& record);
  void handle_request(huiliu::Call& call, const huiliu::WebRequest& request, huiliu::RecordSink& out);
  huiliu::Token authenticate(huiliu::Call& call, std::string_view credential) const;

 private:
  Settings settings_;
  Client client_;
  Tags tags_;
  Contacts contacts_;
  Directory directory_;
  GroupChats chats_;
};

}  // namespace wecom
