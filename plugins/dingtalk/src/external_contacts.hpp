// The stream `external_contacts` (外部联系人): people outside the firm in the company's address book, from
// the old API. These calls cost no monthly quota.
//
// A person, never a customer; the company in his record is evidence. No times, no events for an internal app,
// and a list that neither tells how much follows nor keeps still: pages overlap by one record, and a walk in
// which the overlap does not fit is made again. Mobile, country and e-mail can be given on creation only. The
// vendor wants name, follower and labels resent with every change: they are taken from what stands there.
// Threads and errors: as Client.
#pragma once

#include <boost/json.hpp>
#include <huiliu/plugin.hpp>
#include <map>
#include <string>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

class ExternalContacts {
 public:
  explicit ExternalContacts(const Client& client) : client_(client) {}

  void read(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup(huiliu::Call& call, const huiliu::LookupRequest& request, huiliu::RecordSink& out) const;
  huiliu::Outcome write_one(huiliu::Call& call, const huiliu::Record& record) const;

 private:
  using People = std::map<std::string, boost::json::object>;  // by userid
  // Adds what one walk shows; false when rows moved under it.
  bool walk(huiliu::Call& call, People& people) const;
  boost::json::object shown(huiliu::Call& call, const std::string& userid) const;
  huiliu::Outcome seen_after(huiliu::Call& call, const std::string& key) const;

  const Client& client_;
};

}  // namespace dingtalk
