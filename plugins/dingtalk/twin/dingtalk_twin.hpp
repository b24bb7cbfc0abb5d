// The twin of DingTalk: both API families on one port, the CRM, the directory, robot and work notices,
// callbacks.
//
// Stricter than the vendor where its documents leave room, so that what works here works there. Records stand
// in the store as GET /v1.0/crm/personalCustomers shows them (streams customers, contacts), as topapi/v2
// shows users and departments (employees, departments), as topapi/extcontact shows external_contacts, and as
// they were sent (robot, work_notices, todos).
// Beside the common control surface (sdk/twin/twin.hpp):
//   GET  /switches                 what is denied, the monthly quota
//   POST /switches {…}             see Gate::configure; also "hide_root": bool, "contact_id_query": bool,
//     "index_delay_ms": n (queries show a change that much later; looks at once), "duplicate_events": bool,
//     "disordered_events": bool
//   POST /webhook-target {"url"}   where events go; answers once check_url was answered there. {"url":""}:
//   nowhere GET  /webhook-target           {"url","delivered","given_up","attempts","pending"}
//   GET, POST /stream              Stream mode, see Stream::control
// Threads: as sdk/twin/twin.hpp says; events are sent from a thread of their own.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "plugins/dingtalk/twin/crm_index.hpp"
#include "plugins/dingtalk/twin/events.hpp"
#include "plugins/dingtalk/twin/form.hpp"
#include "plugins/dingtalk/twin/gate.hpp"
#include "plugins/dingtalk/twin/query.hpp"
#include "plugins/dingtalk/twin/stream.hpp"
#include "sdk/twin/twin.hpp"

namespace dingtalk::twin {

namespace json = boost::json;
using huiliu::twin::Origin;
using huiliu::twin::Record;
using huiliu::twin::TwinError;
using huiliu::twin::World;

inline constexpr std::string_view kCustomers = "customers";
inline constexpr std::string_view kContacts = "contacts";
inline constexpr std::string_view kEmployees = "employees";
inline constexpr std::string_view kDepartments = "departments";
inline constexpr std::string_view kPeople = "external_contacts";
inline constexpr std::string_view kLabels = "labels";
inline constexpr std::string_view kRobotMessages = "robot";
inline constexpr std::string_view kWorkNotices = "work_notices";
inline constexpr std::string_view kTodos = "todos";
inline constexpr std::string_view kApprovals = "approvals";
inline constexpr std::string_view kFollowRecords = "follow_records";

// Labels of external contacts: three that are always there unless a dump brings others.
std::vector<json::object> usual_labels();

// Keys of a world's records.
std::string customer_key(std::uint32_t ordinal);
std::string contact_key(std::uint32_t ordinal);
// Some people of the CRM also stand in the address book; "" for the others.
std::string person_key(const huiliu::twin::SystemContact& contact);
std::string user_id(std::string_view employee_number);

class DingTalkTwin final : public huiliu::twin::Twin {
 public:
  explicit DingTalkTwin(huiliu::twin::TwinOptions options);

  HttpResponse handle(const HttpRequest& request) override;
  void populate(const World& world) override;
  std::string key_of(std::string_view stream, const json::object& body) const override;
  json::object settings(const std::map<std::string, std::string>& urls) const override;
  std::string endpoint_of(const HttpRequest& request) const override;
  HttpResponse rate_limited(const HttpRequest& request) override;
  void load(std::string_view stream, json::object body) override;
  void edit(std::string_view stream, std::string_view key, const json::object& fields,
            std::string_view as) override;
  std::string create(std::string_view stream, json::object fields, std::string_view as) override;
  std::string next_key(std::string_view stream) override;
  void expire_tokens() override { gate_.expire_tokens(); }
  std::optional<huiliu::twin::WebSocketHandler> upgrade(
      const HttpRequest& request, std::shared_ptr<huiliu::twin::WebSocketPeer> peer) override {
    return stream_.upgrade(request, std::move(peer));
  }
  std::optional<HttpResponse> control(const HttpRequest& request) override;

  Gate& gate() { return gate_; }
  Events& events() { return events_; }
  Stream& stream() { return stream_; }

 private:
  using Handler = HttpResponse (DingTalkTwin::*)(const HttpRequest&);
  struct Route {
    std::string_view method, path;  // a path that ends in "/" takes one more segment
    Family family;
    std::string_view scope;
    double per_second;
    bool counted;
    Handler handler;
  };
  static const std::vector<Route>& routes();
  static const Route* route_of(const HttpRequest& request);
  HttpResponse answer(const HttpRequest& request);
  HttpResponse dated(HttpResponse response) const;

  // Tokens and messages (messages.cpp).
  HttpResponse new_token(const HttpRequest& request);
  HttpResponse corporation_token(const HttpRequest& request);
  HttpResponse suite_token(const HttpRequest& request);
  HttpResponse old_token(const HttpRequest& request);
  HttpResponse send_robot(const HttpRequest& request);
  HttpResponse send_notice(const HttpRequest& request);
  // Directory (directory.cpp).
  HttpResponse list_departments(const HttpRequest& request);
  HttpResponse list_department_ids(const HttpRequest& request);
  HttpResponse get_department(const HttpRequest& request);
  HttpResponse list_users(const HttpRequest& request);
  HttpResponse list_users_simple(const HttpRequest& request);
  HttpResponse list_user_ids(const HttpRequest& request);
  HttpResponse get_user(const HttpRequest& request);
  HttpResponse user_by_mobile(const HttpRequest& request);
  HttpResponse user_by_unionid(const HttpRequest& request);
  HttpResponse auth_scopes(const HttpRequest& request);
  HttpResponse missed_events(const HttpRequest& request);
  bool has_user(std::string_view id) const;
  json::object shown_user(const json::object& user) const;
  void check_visible(std::int64_t department) const;
  // External contacts and to-dos (address_book.cpp).
  HttpResponse create_person(const HttpRequest& request);
  HttpResponse update_person(const HttpRequest& request);
  HttpResponse get_person(const HttpRequest& request);
  HttpResponse list_people(const HttpRequest& request);
  HttpResponse list_labels(const HttpRequest& request);
  bool is_label(const std::string& id) const;
  std::vector<json::object> labels() const;
  HttpResponse delete_person(const HttpRequest& request);
  HttpResponse create_todo(const HttpRequest& request);
  // Approvals and follow-ups (approvals.cpp).
  HttpResponse start_approval(const HttpRequest& request);
  HttpResponse get_approval(const HttpRequest& request);
  HttpResponse query_approvals(const HttpRequest& request);
  HttpResponse write_follow_records(const HttpRequest& request);
  void decide_approval(std::string_view key, const json::object& fields, std::string_view as);
  void check_person(const json::object& person, bool update) const;
  // CRM reading (crm_reads.cpp).
  HttpResponse walk_customers(const HttpRequest& request);
  HttpResponse query_customers(const HttpRequest& request);
  HttpResponse batch_query(const HttpRequest& request);
  HttpResponse object_meta(const HttpRequest& request);
  HttpResponse unique_keys(const HttpRequest& request);
  HttpResponse query_contacts(const HttpRequest& request);
  // CRM writing (crm_writes.cpp).
  HttpResponse create_relations(const HttpRequest& request);
  HttpResponse update_relations(const HttpRequest& request);
  HttpResponse create_contacts(const HttpRequest& request);
  HttpResponse update_contacts(const HttpRequest& request);
  HttpResponse create_customer(const HttpRequest& request);
  HttpResponse update_customer(const HttpRequest& request);
  HttpResponse delete_customer(const HttpRequest& request);
  struct ItemWrite;
  HttpResponse write_batch(std::string_view stream, const HttpRequest& request, bool update);
  json::object write_item(std::string_view stream, const ItemWrite& item);
  ItemWrite parse_item(std::string_view stream, const json::value& from, bool update) const;
  ItemWrite parse_single(const HttpRequest& request, bool update) const;
  void apply(std::string_view stream, const ItemWrite& item, json::object& body) const;
  void check_duplicate(const ItemWrite& item) const;
  void check_operator(const std::string& id, std::string_view code) const;
  // The rules that hold for everybody (rules.cpp).
  void before(const huiliu::twin::Change& change, json::object& next);
  void after(const huiliu::twin::Change& change, const Record& now);
  void tell(json::object event);
  void check_record(std::string_view stream, const json::object& body, const json::object* before) const;
  void apply_fields(std::string_view stream, json::object& body, const json::object& fields) const;
  void set_field(std::string_view stream, json::object& body, std::string_view name,
                 const json::value& value) const;

  const Form& form_of(std::string_view stream) const {
    return stream == kContacts ? contact_form_ : customer_form_;
  }
  Form& form_of(std::string_view stream) { return stream == kContacts ? contact_form_ : customer_form_; }
  CrmIndex* index_of(std::string_view stream);
  void index_change(const huiliu::twin::Change& change, const Record& now);
  void catch_up_index();
  std::string now_text() const;

  Gate gate_;
  Form customer_form_, contact_form_;
  CrmIndex customers_, contacts_;
  struct LateIndexing {  // what queries do not see yet
    std::int64_t due_ms;
    std::string stream;
    Record before, now;
  };
  std::deque<LateIndexing> late_;
  std::int64_t index_delay_ms_ = 0;
  bool hide_root_ = false, duplicate_events_ = false, disordered_events_ = false;
  bool contact_id_query_ = true;
  std::uint64_t created_ = 0;  // by API or person: for fresh ids
  std::deque<std::int64_t> robot_calls_;
  std::int64_t robot_blocked_until_ = 0;
  Events events_;  // last, with the stream: their threads must not see anything else go
  Stream stream_;
};

}  // namespace dingtalk::twin
