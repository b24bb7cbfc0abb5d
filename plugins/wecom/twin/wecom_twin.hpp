// The twin of WeCom: external contacts, directory, corp tags, group chats, transfer, contact ways, app
// messages, callbacks.
//
// Stricter than the vendor where its documents leave room, so that what works here works there. Records stand
// in the store as the API shows them: external_contacts as externalcontact/get (`external_contact`,
// `follow_user`), employees as user/get, departments, tags (one by one, with their group), group_chats,
// messages as they were sent. The API is served below /cgi-bin/. Beside the common control surface
// (sdk/twin/twin.hpp):
//   GET/POST /switches             see Gate::configure; and short_pages, mixed_case, new_app, json_warning,
//                                  duplicate_events, disordered_events (bool), conflicts, dead_cursors (the
//                                  next n), unlicensed, visible_users (userids), cursor_seconds,
//                                  user_list_max, tags_per_contact, tags_per_corp (numbers)
//   POST /webhook-target {"url","retry_ms"?}   where events go; answers once the echostr came back
//   GET  /webhook-target           {"url","delivered","given_up","attempts","pending"}
//   POST /customer-deletes {"key","userid"}    the customer deletes the member: one-way, the relation stays
//   POST /customer-refuses {"key"}             the customer refuses the member who was to take over
// /edit of an external contact changes the notes of the person named by `as` (default: the first follower);
// `fields` may hold remark, description, remark_corp_name, remark_mobiles, tags (names or ids), or
// external_contact and follow_user as a whole. /create makes him follow; /delete ends his relation, or all of
// them when `as` is no follower. /delete of an employee leaves his customers unassigned.
// Threads: as sdk/twin/twin.hpp says; events are sent from a thread of their own.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "plugins/wecom/twin/events.hpp"
#include "plugins/wecom/twin/gate.hpp"
#include "sdk/twin/twin.hpp"

namespace wecom::twin {

namespace json = boost::json;
using huiliu::twin::Origin;
using huiliu::twin::Record;
using huiliu::twin::TwinError;
using huiliu::twin::World;

inline constexpr std::string_view kContacts = "external_contacts";
inline constexpr std::string_view kMember = "member";  // index of contacts: folded ids of who follows them
inline constexpr std::string_view kEmployees = "employees";
inline constexpr std::string_view kDepartments = "departments";
inline constexpr std::string_view kTags = "tags";
inline constexpr std::string_view kChats = "group_chats";
inline constexpr std::string_view kMessages = "messages";

// Keys of a world's records.
std::string contact_key(std::uint32_t ordinal);
std::string user_id(std::string_view employee_number);

class WeComTwin final : public huiliu::twin::Twin {
 public:
  explicit WeComTwin(huiliu::twin::TwinOptions options);

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
  void remove(std::string_view stream, std::string_view key, std::string_view as) override;
  std::string next_key(std::string_view stream) override;
  void expire_tokens() override { gate_.expire_tokens(); }
  std::optional<HttpResponse> control(const HttpRequest& request) override;

  Gate& gate() { return gate_; }
  Events& events() { return events_; }
  void configure(json::object switches);
  void customer_deletes(std::string_view key, std::string_view userid);
  void customer_refuses(std::string_view key);

 private:
  // One call that has passed the gate. Handlers throw TwinError with the vendor's errcode as its code.
  struct Asked {
    const HttpRequest& http;
    json::object body;
    const App& app;
    std::string text(std::string_view name) const;
  };
  using Handler = HttpResponse (WeComTwin::*)(const Asked&);
  struct Route {
    std::string_view method, api;
    Handler handler;
  };
  static const std::vector<Route>& routes();
  HttpResponse answer(const HttpRequest& request);
  void check_body(const Route& route, const HttpRequest& request) const;

  // Directory (directory.cpp).
  HttpResponse department_ids(const Asked&);
  HttpResponse department_get(const Asked&);
  HttpResponse department_list(const Asked&);
  HttpResponse user_simple_list(const Asked&);
  HttpResponse user_list(const Asked&);
  HttpResponse user_get(const Asked&);
  HttpResponse user_ids(const Asked&);
  HttpResponse user_by_mobile(const Asked&);
  HttpResponse addresses(const Asked&);
  std::string user_key(std::string_view userid) const;  // the directory's spelling; "" unknown
  std::string department_of(const Asked&, std::string_view name, bool required) const;
  std::vector<std::string> members_of(std::string_view department) const;
  std::vector<std::string> below(std::string_view department) const;
  json::object shown_user(const json::object& user) const;

  // External contacts (contacts.cpp).
  HttpResponse follow_users(const Asked&);
  HttpResponse contact_list(const Asked&);
  HttpResponse contact_get(const Asked&);
  HttpResponse contact_batch(const Asked&);
  HttpResponse contact_remark(const Asked&);
  HttpResponse wide_list(const Asked&);
  HttpResponse mark_tag(const Asked&);
  const huiliu::twin::RecordStore::Keys& contacts_of(std::string_view userid) const;
  bool has_left(std::string_view userid) const;
  bool is_visible(std::string_view userid) const;  // to the app
  const json::object* relation_in(const json::object& body, std::string_view userid) const;
  json::object shown_contact(const json::object& contact) const;
  json::object shown_relation(const json::object& relation, bool batch) const;
  void change_relation(std::string_view key, std::string_view userid, const json::object& changes,
                       Origin origin, std::string_view as);
  void require_relation(std::string_view key, std::string_view userid) const;
  std::string page_cursor(std::string_view query, std::size_t at, std::int64_t life_s) const;
  std::size_t page_at(std::string_view query, const std::string& cursor);

  // Tags (tags.cpp).
  HttpResponse tag_list(const Asked&);
  HttpResponse tag_add(const Asked&);
  HttpResponse tag_edit(const Asked&);
  HttpResponse tag_delete(const Asked&);
  json::array tag_groups(const std::set<std::string>& tags, const std::set<std::string>& groups) const;
  std::string tag_named(std::string_view group, std::string_view name) const;
  std::string group_named(std::string_view name) const;
  std::string make_tag(const std::string& group_id, const std::string& group, const std::string& name,
                       std::int64_t agent, Origin origin);

  // Transfer and contact ways (transfer.cpp).
  struct Transfer {
    std::string key, from, to;
    std::int64_t started, ended, state;
  };
  HttpResponse transfer_customer(const Asked&);
  HttpResponse transfer_result(const Asked&);
  HttpResponse add_way(const Asked&);
  HttpResponse get_way(const Asked&);
  HttpResponse update_way(const Asked&);
  HttpResponse delete_way(const Asked&);
  HttpResponse list_ways(const Asked&);
  json::object& way_of(const Asked& asked);
  std::int64_t start_transfer(const std::string& key, const std::string& from, const std::string& to);
  void settle_transfers();

  // Group chats and messages (chats.cpp, messages.cpp).
  HttpResponse chat_list(const Asked&);
  HttpResponse chat_get(const Asked&);
  HttpResponse unassigned_list(const Asked&);
  HttpResponse send_message(const Asked&);
  HttpResponse recall_message(const Asked&);

  void push_contact_event(std::string_view change, std::string_view userid, std::string_view key,
                          std::string_view extra_name = {}, std::string_view extra = {});
  std::int64_t now_s() const { return clock().now_ms() / 1000; }
  std::int64_t take(std::int64_t& left) const { return left > 0 ? left-- : 0; }

  Gate gate_;
  std::set<std::pair<std::string, std::string>> one_way_;  // (external userid, folded userid)
  std::set<std::string> departed_;                         // folded userids deleted from the directory
  std::map<std::string, json::object> deleted_tags_;
  std::vector<Transfer> transfers_;
  std::map<std::string, std::pair<std::int64_t, json::object>> ways_;  // by config_id, with when it was made
  std::map<std::string, std::int64_t> member_messages_;  // sent to each member in the current minute
  std::int64_t message_minute_ = 0;
  std::int64_t mobile_day_ = 0, wrong_mobiles_ = 0;  // asked for in vain on that day
  std::uint64_t made_ = 0, pages_ = 0;
  bool short_pages_ = true, mixed_case_ = false, new_app_ = true, json_warning_ = false;
  std::int64_t conflicts_ = 0, dead_cursors_ = 0;
  std::int64_t cursor_life_s_ = 4 * 3600, user_list_max_ = 1000, tags_per_contact_ = 100,
               tags_per_corp_ = 10'000;
  std::set<std::string> unlicensed_;
  std::set<std::string> visible_;  // folded userids; empty: everybody
  bool duplicate_events_ = false, disordered_events_ = false;
  Events events_;  // last: its thread must not see anything else go
};

// Shared by the handlers: list members of a request, refusals by name.
[[noreturn]] void refuse(std::int64_t code, const std::string& text);

}  // namespace wecom::twin
