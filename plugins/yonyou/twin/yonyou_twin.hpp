// yonyou_twin.hpp - a local server that behaves like the open platform of 用友 YonBIP: its gateway, its token
// service, its customer files, directories and bills, and its events. See README.md for what it checks.
// Threads: serialised by TwinServer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/yonyou/twin/events.hpp"
#include "plugins/yonyou/twin/files.hpp"
#include "plugins/yonyou/twin/gate.hpp"
#include "plugins/yonyou/twin/rules.hpp"
#include "sdk/twin/twin.hpp"

namespace yonyou_twin {

class YonyouTwin final : public huiliu::twin::Twin {
 public:
  explicit YonyouTwin(huiliu::twin::TwinOptions options);

  huiliu::twin::HttpResponse handle(const huiliu::twin::HttpRequest& request) override;
  void populate(const huiliu::twin::World& world) override;
  std::string key_of(std::string_view stream, const boost::json::object& body) const override;
  boost::json::object settings(const std::map<std::string, std::string>& urls) const override;
  std::string endpoint_of(const huiliu::twin::HttpRequest& request) const override;
  huiliu::twin::HttpResponse rate_limited(const huiliu::twin::HttpRequest& request) override;
  void load(std::string_view stream, boost::json::object body) override;
  void edit(std::string_view stream, std::string_view key, const boost::json::object& fields,
            std::string_view as) override;
  std::string create(std::string_view stream, boost::json::object fields, std::string_view as) override;
  void remove(std::string_view stream, std::string_view key, std::string_view as) override;
  void expire_tokens() override { gate_.expire_all(); }
  /// GET, POST /rules; POST /lock; GET, POST /webhook-target. See README.md.
  std::optional<huiliu::twin::HttpResponse> control(const huiliu::twin::HttpRequest& request) override;

  Rules& rules() { return rules_; }
  Files& files() { return files_; }
  Gate& gate() { return gate_; }

 private:
  struct Call {
    std::string path;
    const huiliu::twin::HttpRequest& request;
    json::value body;
    const json::object& object() const;  ///< throws Refused 310003 when the body is no object
  };
  using Handler = json::value (YonyouTwin::*)(const Call&);
  struct Route {
    std::string_view path;
    Handler handler;
    bool writes, idempotent;
    bool get = false;  ///< asked by GET; all others by POST
  };
  static const std::vector<Route>& routes();

  huiliu::twin::HttpResponse answer(const huiliu::twin::HttpRequest& request);
  huiliu::twin::HttpResponse serve(const Route& route, const Call& call);
  huiliu::twin::HttpResponse success(json::value data, std::string_view message = "操作成功") const;
  std::optional<huiliu::twin::HttpResponse> remembered(const std::string& key);

  json::value new_list(const Call& call);
  json::value new_list_range(const Call& call);
  json::value batch_detail(const Call& call);
  json::value insert(const Call& call);
  json::value update(const Call& call);
  json::value stop(const Call& call);
  json::value unstop(const Call& call);
  json::value allocate(const Call& call);
  json::value batch_delete(const Call& call);
  json::value staff_list(const Call& call);
  json::value org_units(const Call& call);
  json::value departments(const Call& call);
  json::value classes(const Call& call);
  json::value orders(const Call& call);
  json::value order_detail(const Call& call);
  json::value addresses(const Call& call);
  json::value pfc_list(const Call& call);
  json::value bills(const Call& call);
  json::value old_bills(const Call& call);

  std::vector<huiliu::twin::Record> listed(const Call& call, std::string_view stream,
                                           const std::function<bool(const json::object&)>& wanted);
  json::value paged(const Call& call, const std::vector<huiliu::twin::Record>& all,
                    std::string_view size_name) const;
  json::value figure(std::size_t number) const;
  std::size_t page_size(const Call& call, std::size_t usual, std::size_t most) const;
  void announce(std::string_view suffix, const std::string& customer, const json::object& shown);
  void after(const huiliu::twin::Change& change, const huiliu::twin::Record& now);
  void add_directory(const huiliu::twin::World& world);
  void add_bills(const huiliu::twin::World& world);

  struct Done {
    std::int64_t until_ms = 0;
    json::value data;
  };
  Rules rules_;
  Gate gate_;
  Files files_;
  Events events_;
  std::map<std::string, Done> done_;  // by resubmitCheckKey
  std::uint64_t lists_served_ = 0;
  // The list that was asked for last, of which the next page is mostly what is asked for next.
  struct List {
    std::string asked;
    std::vector<huiliu::twin::Record> rows;
  } last_list_;
};

/// The keys that `populate` gives, as pure functions of the world.
std::string customer_key(const huiliu::twin::SystemCustomer& customer);
std::string contact_key(const huiliu::twin::SystemContact& contact, std::size_t place);

}  // namespace yonyou_twin
