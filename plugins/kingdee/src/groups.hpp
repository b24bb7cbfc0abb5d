// groups.hpp - the tree behind a customer's group (客户分组), which no query shows.
//
// Idea: QueryGroupInfo is asked for the whole tree. A site that wants to be told which groups is asked for
// those of its customers, and then for their parents, until nothing new comes. Every group shows its parent
// by id. Read whole; there is no time of change. Errors: huiliu::Failure; Unsupported where a site does not
// tell its groups.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "huiliu/plugin.hpp"
#include "plugins/kingdee/src/client.hpp"
#include "plugins/kingdee/src/reader.hpp"

namespace kingdee {

inline constexpr std::string_view group_stream = "customer_groups";

class GroupReader {
 public:
  /// `customers`: a reader of that stream.
  GroupReader(Client& client, const Settings& settings, Reader& customers)
      : client_(client), settings_(settings), customers_(customers) {}

  void read(huiliu::Call& call, bool keys_only, std::uint64_t limit, huiliu::RecordSink& out);
  void lookup(huiliu::Call& call, std::span<const std::string> keys, huiliu::RecordSink& out);

 private:
  using Groups = std::map<std::int64_t, boost::json::object>;
  /// The groups with these ids, or of these customers; both empty: all. Ids as comma lists.
  Groups ask(huiliu::Call& call, const std::string& groups, const std::string& customers);
  Groups all(huiliu::Call& call);
  Groups of_customers(huiliu::Call& call);
  void add_parents(huiliu::Call& call, Groups& known);

  Client& client_;
  const Settings& settings_;
  Reader& customers_;
};

}  // namespace kingdee
