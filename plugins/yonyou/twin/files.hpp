// files.hpp - the product's customer files: the rules for creating, changing, stopping and allocating them,
// which hold for the API. Customers, contacts and organisations live in the twin's store; a customer's record
// there is that of its managing organisation, "appliedDetails" holds what each using organisation keeps.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/yonyou/twin/rules.hpp"
#include "sdk/twin/record_store.hpp"

namespace yonyou_twin {

namespace json = boost::json;

/// A refusal of the product, as the answer's code and message.
struct Refused : std::runtime_error {
  Refused(std::string code_, const std::string& message)
      : std::runtime_error(message), code(std::move(code_)) {}
  std::string code;
};

std::string text_of(const json::object& object, std::string_view name);
std::int64_t number_of(const json::object& object, std::string_view name);
bool flag_of(const json::object& object, std::string_view name);

class Files {
 public:
  using Clock = std::function<std::int64_t()>;  // milliseconds
  Files(huiliu::twin::RecordStore& store, Rules& rules, Clock clock);

  std::string now_text() const;

  /// A row of a list: without children.
  json::object row(const json::object& customer) const;
  /// The whole as `org` (id) sees it; contacts included.
  json::object detail(const json::object& customer, std::int64_t org) const;

  /// newinsert's data → the new id.
  std::int64_t insert(const json::object& data);
  /// newupdate → the id.
  std::int64_t update(const json::object& request);
  void set_stopped(const json::object& item, bool stopped, json::array& answers);
  void allocate(const json::object& item);
  void remove(const json::object& item);

  /// By id, else by code; null when there is none.
  huiliu::twin::Record find(const json::object& reference, std::string_view id_name,
                            std::string_view code_name) const;
  std::int64_t org_id(std::string_view code) const;  ///< 0: unknown
  std::string org_code(std::int64_t id) const;

  void lock(const std::string& key, int times) { locks_[key] += times; }
  /// Moves the customer's time of change; a no-op when the rules say that such a change does not.
  void touch(const std::string& key, bool moves);
  std::vector<std::string> contacts_of(const std::string& customer) const;
  void index_contact(const std::string& customer, const std::string& contact) {
    contacts_[customer].push_back(contact);
  }
  void drop_contact(const std::string& customer, const std::string& contact) {
    std::erase(contacts_[customer], contact);
  }
  void saw_id(std::int64_t id) { next_id_ = std::max(next_id_, id + 1); }
  std::int64_t next_id() { return next_id_++; }

 private:
  struct Children {
    json::object body;                                           // the customer's own lists
    std::vector<std::pair<std::string, json::object>> contacts;  // key → body; an empty body: deleted
    std::vector<std::string> fields;
  };
  void check_references(const json::object& data) const;
  void check_unique(const json::object& data, std::int64_t self) const;
  void apply_children(std::string_view list, const json::value& wanted, const std::string& customer,
                      Children& out);
  void check_defaults(std::string_view list, const json::array& elements) const;
  void check_lock(const std::string& key);
  void set_values(json::object& body, const json::object& data, std::vector<std::string>& fields) const;

  huiliu::twin::RecordStore& store_;
  Rules& rules_;
  Clock clock_;
  std::map<std::string, int> locks_;
  std::map<std::string, std::vector<std::string>> contacts_;  // customer → keys of its contacts
  std::int64_t next_id_ = 1706050000000000001;
};

}  // namespace yonyou_twin
