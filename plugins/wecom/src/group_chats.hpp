// The stream `group_chats` (客户群): chats of employees with people outside. Read only. Threads and errors:
// as Client.
#pragma once

#include <huiliu/plugin.hpp>
#include <string>
#include <vector>

#include "plugins/wecom/src/client.hpp"

namespace wecom {

class GroupChats {
 public:
  explicit GroupChats(const Client& client) : client_(client) {}

  // owners: whose chats; in groups of a hundred, since the vendor refuses to list those of more at once.
  void read(huiliu::Call& call, const std::vector<std::string>& owners, const huiliu::ReadRequest& request,
            huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;

 private:
  // Those of these owners; without any, those whose owner has left.
  std::vector<std::string> chats_of(huiliu::Call& call, const std::vector<std::string>& owners) const;
  std::string body(huiliu::Call& call, const std::string& id) const;

  const Client& client_;
};

}  // namespace wecom
