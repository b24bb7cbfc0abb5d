// The corporation's own people: employees and departments.
//
// There is no "changed since": every reading walks over the departments. Fields that the app may not see are
// absent, not empty (apps made since mid-2022 see no mobile, e-mail, gender or avatar). The visible range
// cuts lists without a word. Threads and errors: as Client.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <huiliu/plugin.hpp>
#include <map>
#include <string>
#include <vector>

#include "plugins/wecom/src/client.hpp"

namespace wecom {

class Directory {
 public:
  explicit Directory(const Client& client) : client_(client) {}

  void read_departments(huiliu::Call& call, const huiliu::ReadRequest& request,
                        huiliu::RecordSink& out) const;
  void read_employees(huiliu::Call& call, const huiliu::ReadRequest& request, huiliu::RecordSink& out) const;
  void lookup_departments(huiliu::Call& call, const huiliu::LookupRequest& request,
                          huiliu::RecordSink& out) const;
  void lookup_employees(huiliu::Call& call, const huiliu::LookupRequest& request,
                        huiliu::RecordSink& out) const;
  // By mobile alone. The vendor bars who asks for too many wrong numbers, so this is for a few at a time.
  void find_employees(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const;

 private:
  using Names = std::map<std::int64_t, std::string>;

  std::vector<boost::json::object> departments(huiliu::Call& call) const;
  boost::json::object department(huiliu::Call& call, std::int64_t id) const;
  std::vector<boost::json::object> members(huiliu::Call& call, std::int64_t department) const;
  boost::json::object user(huiliu::Call& call, const std::string& userid) const;
  boost::json::object employee(boost::json::object shown, const Names& names) const;
  boost::json::object named_employee(huiliu::Call& call, boost::json::object shown, Names& names) const;
  static std::int64_t naming_department(const boost::json::object& shown);

  const Client& client_;
};

}  // namespace wecom
