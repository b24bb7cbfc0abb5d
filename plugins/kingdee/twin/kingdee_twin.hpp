// kingdee_twin.hpp - a local server that behaves like 金蝶云星空 (K3Cloud): its services, body forms, answers
// and refusals. See README.md for what it checks. Threads: serialised by TwinServer.
#pragma once

#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "plugins/kingdee/twin/product.hpp"
#include "plugins/kingdee/twin/query.hpp"
#include "plugins/kingdee/twin/sessions.hpp"
#include "plugins/kingdee/twin/site.hpp"
#include "sdk/twin/twin.hpp"

namespace kingdee_twin {

class KingdeeTwin final : public huiliu::twin::Twin {
 public:
  explicit KingdeeTwin(huiliu::twin::TwinOptions options);

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
  void expire_tokens() override { sessions_.expire_all(); }
  /// GET /approval; GET and POST /switches (also /rules); POST /lock. See README.md.
  std::optional<huiliu::twin::HttpResponse> control(const huiliu::twin::HttpRequest& request) override;

  Product& product() { return product_; }
  Sessions& sessions() { return sessions_; }
  Site& site() { return site_; }
  QueryLimits& limits() { return limits_; }

 private:
  struct Parsed {  ///< a request's body, whatever its form
    std::string form_id, op_number;
    boost::json::value data;
  };
  boost::json::value serve(std::string_view operation, const huiliu::twin::HttpRequest& request);
  boost::json::value save(const FormDef& form, std::string_view operation, const boost::json::object& data);
  boost::json::value operate(const FormDef& form, std::string_view operation, std::string_view op_number,
                             const boost::json::object& data);
  boost::json::value view(const FormDef& form, const boost::json::object& data) const;
  boost::json::value business_info(const boost::json::object& data) const;
  boost::json::value group_info(const boost::json::object& data);
  std::vector<std::int64_t> ids_meant(const FormDef& form, const boost::json::object& data,
                                      std::vector<Refused>& refused) const;
  static std::optional<Parsed> parse(std::string_view operation, const huiliu::twin::HttpRequest& request);
  int shown_code(int msg_code) { return product_.rules().forget_msg_code ? 0 : msg_code; }
  void ensure_number(std::string_view form_id, const std::string& number, const std::string& name,
                     const std::string& organisation);
  const FormDef& form_for(std::string_view stream) const;
  struct Switch {
    std::string_view name;
    std::variant<bool*, int*, std::int64_t*, std::set<std::string, std::less<>>*> place;
  };
  std::vector<Switch> switch_table();
  boost::json::object switches();
  void switch_all(const boost::json::object& wanted);
  void add_code_tables();
  void add_bills(const huiliu::twin::SystemCustomer& customer);

  Site site_;
  Sessions sessions_;
  Product product_;
  QueryLimits limits_;
  bool over_quota(std::int64_t now_ms);
  std::int64_t calls_per_minute_ = 0;  // of the licence; 0: none
  std::deque<std::int64_t> calls_;
};

/// The keys that `populate` gives, as pure functions of the world.
std::string customer_key(const huiliu::twin::SystemCustomer& customer, std::size_t part);
std::string contact_key(const huiliu::twin::SystemContact& contact);

}  // namespace kingdee_twin
