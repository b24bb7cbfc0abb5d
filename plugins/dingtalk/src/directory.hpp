// The corporation's own people: departments and employees, from the old API. These calls cost no monthly
// quota.
//
// There is no "changed since": every reading walks over the departments, level by level. The app's visible
// range may cut the tree; when the root itself is refused, the walk starts from what auth/scopes lists.
// Threads and errors: as Client.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <functional>
#include <huiliu/plugin.hpp>
#include <map>
#include <string>
#include <vector>

#include "plugins/dingtalk/src/client.hpp"

namespace dingtalk {

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
  // By `mobile`, `unionid` or `userid`.
  void find_employees(huiliu::Call& call, const huiliu::FindRequest& request, huiliu::RecordSink& out) const;

 private:
  struct Department {
    std::int64_t id;
    std::string name;
    boost::json::object body;
  };
  using Names = std::map<std::int64_t, std::string>;  // of departments; "" for one that may not be seen
  struct Range {                                      // what the app may see
    bool root = false;                                // the root itself, whose direct members count too
    std::vector<Department> departments;
    std::vector<std::string> users;  // listed one by one in auth/scopes
  };
  using Take = std::function<void(const std::vector<const boost::json::value*>& users)>;
  void read_members(huiliu::Call& call, std::int64_t department, const Take& take) const;
  Range visible(huiliu::Call& call) const;
  Range scopes(huiliu::Call& call) const;
  void add_below(huiliu::Call& call, Range& range) const;
  std::vector<Department> below(huiliu::Call& call, std::int64_t department) const;
  Department department(huiliu::Call& call, std::int64_t id) const;
  boost::json::object user(huiliu::Call& call, const std::string& id, Names& names) const;

  const Client& client_;
};

}  // namespace dingtalk
