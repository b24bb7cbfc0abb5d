#include "plugins/webhook/twin/site_twin.hpp"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "sdk/twin/crypto.hpp"

namespace huiliu::webhook_twin {

using boost::json::object;
using boost::json::value;
using twin::HttpRequest;
using twin::HttpResponse;
using twin::Origin;
using twin::Record;
using twin::TwinError;

namespace {

constexpr std::int64_t kToleranceSeconds = 300;
constexpr std::size_t kAnswersKept = 100'000;
constexpr std::size_t kMaxPage = 1000;

// What this site lets others write. It keeps no finance data at all.
constexpr std::array<std::string_view, 14> kCustomerFields{
    "number", "account_number", "name",    "credit_code", "tax_number", "kind", "phone",
    "fax",    "email",          "website", "address",     "source",     "tags", "consent"};
constexpr std::array<std::string_view, 7> kContactFields{"name",  "customer_id", "mobile",    "phone",
                                                         "email", "position",    "department"};

bool is_field(std::string_view stream, std::string_view name) {
  const auto in = [&](const auto& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return stream == "customers" ? in(kCustomerFields) : in(kContactFields);
}

HttpResponse json_answer(const value& body, int status = 200) {
  return twin::json_response(boost::json::serialize(body), status);
}

HttpResponse problem(int status, std::string_view code, std::string_view message) {
  return json_answer(object{{"error", {{"code", code}, {"message", message}}}}, status);
}

std::string rfc3339(std::int64_t ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds(ms)};
  const auto midnight = floor<days>(time);
  const year_month_day date(midnight);
  const hh_mm_ss<milliseconds> clock(time - midnight);
  std::array<char, 40> text{};
  const int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(size)};
}

std::string numbered(std::string_view prefix, std::uint64_t number) {
  const std::string digits = std::to_string(number);
  return std::string(prefix) + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
}

std::string text_of(const object& body, std::string_view name) {
  const value* found = body.if_contains(name);
  if (found && found->is_string()) return std::string(found->get_string());
  return found && found->is_number() ? boost::json::serialize(*found) : std::string();
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string signature_of(std::string_view secret, std::string_view id, std::string_view timestamp,
                         std::string_view body) {
  static constexpr std::string_view kPrefix = "whsec_";
  if (secret.starts_with(kPrefix)) secret.remove_prefix(kPrefix.size());
  const std::string key = twin::from_base64(secret).value_or(std::string());
  std::string text(id);
  text.append(".").append(timestamp).append(".").append(body);
  return "v1," + twin::to_base64(twin::hmac_sha256(key, text));
}

void set_if(object& body, const char* name, std::string_view text) {
  if (!text.empty()) body[name] = text;
}

std::string_view kind_word(twin::CompanyKind kind) {
  switch (kind) {
    case twin::CompanyKind::sole_trader:
      return "sole_trader";
    case twin::CompanyKind::overseas:
      return "overseas";
    default:
      return "company";
  }
}

object customer_record(const twin::SystemCustomer& customer) {
  object body{{"id", numbered("S", customer.ordinal)}};
  set_if(body, "number", customer.number);
  set_if(body, "name", customer.name);
  set_if(body, "credit_code", customer.credit_code);
  body["kind"] = kind_word(customer.kind);
  set_if(body, "phone", customer.phone);
  set_if(body, "email", customer.email);
  set_if(body, "website", customer.website);
  std::string address(customer.province);
  if (customer.city != customer.province) address += customer.city;
  address += std::string(customer.county) + customer.address;
  set_if(body, "address", address);
  set_if(body, "source", customer.source);
  body["tags"] = boost::json::array();
  body["consent"] = customer.ordinal % 7 == 0 ? "withdrawn" : "granted";
  body["version"] = 1;
  body["updated_at"] = rfc3339(customer.modified_ms);
  return body;
}

object contact_record(const twin::SystemContact& contact, const twin::SystemData& site) {
  object body{{"id", numbered("P", contact.ordinal)},
              {"customer_id", numbered("S", site.customers[contact.customers.front()].ordinal)}};
  set_if(body, "name", contact.name);
  set_if(body, "mobile", contact.mobile);
  set_if(body, "phone", contact.phone);
  set_if(body, "email", contact.email);
  set_if(body, "position", contact.position);
  set_if(body, "department", contact.department);
  body["version"] = 1;
  body["updated_at"] = rfc3339(contact.modified_ms);
  return body;
}

}  // namespace

std::vector<twin::RecordName> names_of_customer(const twin::SystemCustomer& customer) {
  return {{"customers", numbered("S", customer.ordinal)}};
}

std::vector<twin::RecordName> names_of_contact(const twin::SystemContact& contact) {
  return {{"contacts", numbered("P", contact.ordinal)}};
}

SiteTwin::SiteTwin(twin::TwinOptions options)
    : Twin(std::move(options)), started_(std::to_string(clock().now_ms())), target_secret_(kSigningSecret) {
  for (const char* stream : {"customers", "contacts"}) store().declare(stream);
  store().set_hooks([this](const twin::Change& change, object& next) { before_change(change, next); },
                    [this](const twin::Change& change, const Record& now) { after_change(change, now); });
}

void SiteTwin::populate(const twin::World& world) {
  const twin::SystemData& site = world.system("site");
  for (const auto& customer : site.customers) load("customers", customer_record(customer));
  for (const auto& contact : site.contacts) load("contacts", contact_record(contact, site));
}

std::string SiteTwin::key_of(std::string_view, const object& body) const {
  std::string key = text_of(body, "id");
  if (key.empty()) throw TwinError(400, "no_key", "the record has no id");
  return key;
}

std::string SiteTwin::next_key(std::string_view stream) {
  return numbered(stream == "customers" ? "SN" : "PN", next_number_++);
}

object SiteTwin::settings(const std::map<std::string, std::string>& urls) const {
  const std::string& base = urls.at("url");
  return {{"scheme", "standard"},
          {"signing_secret", kSigningSecret},
          {"url", base + "/webhooks"},
          {"read_url", base + "/api"},
          {"read_token", kReadToken}};
}

std::string SiteTwin::endpoint_of(const HttpRequest& request) const {
  const bool filtered = request.has_parameter("id");
  return request.method + " " + request.path + (filtered ? "?id" : "");
}

// ---- rules that hold for events and for persons
// -----------------------------------------------------------------

void SiteTwin::before_change(const twin::Change& change, object& next) {
  if (change.kind == twin::Change::Kind::remove || change.origin == Origin::load) return;
  const std::string stream(change.stream);
  for (const std::string& field : change.fields)
    if (!is_field(stream, field) && field != "id")
      throw TwinError(422, "unknown_field", "this site has no field " + field);
  if (text_of(next, "name").empty()) throw TwinError(422, "name_missing", "a name is wanted");
  if (stream == "contacts") {
    const std::string customer = text_of(next, "customer_id");
    if (!customer.empty() && !store().find("customers", customer))
      throw TwinError(422, "no_customer", "there is no customer " + customer);
  }
  const value* version = next.if_contains("version");
  next["id"] = change.key;
  next["version"] = version && version->is_int64() ? version->get_int64() + 1 : 1;
  next["updated_at"] = rfc3339(clock().now_ms());
}

void SiteTwin::after_change(const twin::Change& change, const Record& now) {
  const std::string stream(change.stream), key(change.key);
  std::uint64_t& position = position_[stream][key];
  if (position != 0) feed_[stream].erase(position);
  position = ++last_position_;
  feed_[stream][position] = {stream, key};
  if (change.origin == Origin::person) tell(change, now);
}

// ---- events from outside
// ---------------------------------------------------------------------------------------

bool SiteTwin::is_signed(const HttpRequest& request) const {
  const std::string_view id = request.header("webhook-id");
  const std::string_view timestamp = request.header("webhook-timestamp");
  const auto seconds = whole_number(timestamp);
  if (id.empty() || id.find('.') != std::string_view::npos || !seconds) return false;
  if (std::abs(clock().now_ms() / 1000 - *seconds) > kToleranceSeconds) return false;
  return twin::same_secret(request.header("webhook-signature"),
                           signature_of(kSigningSecret, id, timestamp, request.body));
}

HttpResponse SiteTwin::receive(const HttpRequest& request) {
  if (!is_signed(request)) return problem(401, "bad_signature", "the signature is not right");
  const std::string id(request.header("webhook-id"));
  if (const auto known = answers_.find(id); known != answers_.end()) return known->second;
  boost::system::error_code error;
  const value event = boost::json::parse(request.body, error);
  if (error || !event.is_object()) return problem(400, "bad_json", "the event is no JSON object");
  HttpResponse answer;
  try {
    answer = apply(event.get_object());
  } catch (const TwinError& refused) {
    answer = problem(refused.status(), refused.code(), refused.what());
  }
  if (answer.status >= 300) return answer;  // nothing happened, so nothing is remembered
  answers_.emplace(id, answer);
  answer_order_.push_back(id);
  if (answer_order_.size() > kAnswersKept) {
    answers_.erase(answer_order_.front());
    answer_order_.pop_front();
  }
  return answer;
}

HttpResponse SiteTwin::apply(const object& event) {
  const std::string type = text_of(event, "type");
  const std::size_t dot = type.find('.');
  const std::string stream = type.substr(0, dot) + "s";
  const std::string action = dot == std::string::npos ? "" : type.substr(dot + 1);
  if (type == "huiliu.ping") return json_answer(object{});
  if (stream != "customers" && stream != "contacts")
    return problem(422, "unknown_event", "this site knows no event " + type);
  const value* data = event.if_contains("data");
  if (!data || !data->is_object()) return problem(422, "no_data", "the event has no data");
  if (action == "created") return apply_create(stream, event, data->get_object());
  if (action == "updated") return apply_update(stream, event, data->get_object());
  if (action == "deleted") return apply_remove(stream, data->get_object());
  return problem(422, "unknown_event", "this site knows no event " + type);
}

HttpResponse SiteTwin::apply_create(const std::string& stream, const object&, const object& data) {
  const std::string key = next_key(stream);
  const Record now = store().create(stream, key, data, Origin::api);
  return json_answer(object{{"id", key}, {"version", now->at("version")}, {"data", *now}}, 201);
}

HttpResponse SiteTwin::apply_update(const std::string& stream, const object& event, const object& data) {
  const std::string key = key_of(stream, data);
  const Record before = store().get(stream, key);
  const std::string expected = text_of(event, "base_version");
  if (!expected.empty() && expected != text_of(*before, "version"))
    return problem(409, "stale", "the record has changed since version " + expected);
  object changes = data;
  changes.erase("id");
  const Record now = store().update(stream, key, changes, Origin::api);
  return json_answer(object{{"id", key}, {"version", now->at("version")}, {"data", *now}});
}

HttpResponse SiteTwin::apply_remove(const std::string& stream, const object& data) {
  store().remove(stream, key_of(stream, data), Origin::api);
  return json_answer(object{});
}

// ---- the read API
// ----------------------------------------------------------------------------------------------

HttpResponse SiteTwin::list(const std::string& stream, const HttpRequest& request) {
  const auto limit_given = whole_number(request.parameter("limit"));
  const auto limit =
      static_cast<std::size_t>(std::clamp<std::int64_t>(limit_given.value_or(200), 1, kMaxPage));
  boost::json::array items;
  if (request.empty_list) return json_answer(object{{"items", items}, {"more", false}});
  if (request.has_parameter("id")) {
    for (const auto& [name, key] : request.query)
      if (const Record found = name == "id" ? store().find(stream, key) : nullptr) items.emplace_back(*found);
    return json_answer(object{{"items", std::move(items)}, {"more", false}});
  }
  bool searching = false;
  for (const auto& [name, wanted] : request.query) searching |= name != "limit" && name != "cursor";
  if (searching) {
    const auto fits = [&](const object& body) {
      return std::all_of(request.query.begin(), request.query.end(), [&](const auto& field) {
        return field.first == "limit" || text_of(body, field.first) == field.second;
      });
    };
    for (const auto& [key, record] : store().page(stream, "", limit, fits)) items.emplace_back(*record);
    return json_answer(object{{"items", std::move(items)}, {"more", false}});
  }
  const std::int64_t after =
      request.has_parameter("cursor") ? whole_number(request.parameter("cursor")).value_or(-1) : 0;
  if (after < 0 || static_cast<std::uint64_t>(after) > last_position_)
    return problem(410, "bad_cursor", "read from the start");
  auto cursor = static_cast<std::uint64_t>(after);
  const auto& feed = feed_[stream];
  auto at = feed.upper_bound(cursor);
  for (; at != feed.end() && items.size() < limit; ++at) {
    cursor = at->first;
    const Record record = store().find(stream, at->second.key);
    items.emplace_back(record ? value(*record) : value(object{{"id", at->second.key}, {"deleted", true}}));
  }
  return json_answer(
      object{{"items", std::move(items)}, {"cursor", std::to_string(cursor)}, {"more", at != feed.end()}});
}

bool SiteTwin::over_quota() {
  if (calls_per_minute_ <= 0 || options().quota_factor <= 0) return false;
  const std::int64_t now = clock().now_ms();
  while (!calls_.empty() && calls_.front() <= now - 60'000) calls_.pop_front();
  const double most = std::max(1.0, static_cast<double>(calls_per_minute_) * options().quota_factor);
  if (static_cast<double>(calls_.size()) >= most) return true;
  calls_.push_back(now);
  return false;
}

HttpResponse SiteTwin::handle(const HttpRequest& request) {
  if (over_quota()) {
    // The window opens when its oldest call leaves it.
    const std::int64_t wait_ms = calls_.front() + 60'000 - clock().now_ms();
    HttpResponse response = problem(429, "rate_limited", "too many requests in this minute");
    response.headers.emplace_back("Retry-After", std::to_string((wait_ms + 999) / 1000));
    return response;
  }
  if (request.path == "/webhooks") {
    if (request.method != "POST") return problem(405, "method", "POST is wanted");
    return receive(request);
  }
  static constexpr std::string_view kApi = "/api/";
  const std::string_view path = request.path;
  if (!path.starts_with(kApi)) return problem(404, "no_endpoint", "there is nothing here");
  if (!twin::same_secret(request.header("authorization"), "Bearer " + std::string(kReadToken)))
    return problem(401, "bad_token", "the token is not right");
  const std::string stream(path.substr(kApi.size()));
  if (request.method != "GET" || !store().has_stream(stream))
    return problem(404, "no_endpoint", "there is nothing here");
  return list(stream, request);
}

// ---- our own events
// --------------------------------------------------------------------------------------------

void SiteTwin::tell(const twin::Change& change, const Record& now) {
  if (target_url_.empty()) return;
  const char* action = change.kind == twin::Change::Kind::create ? "created" : now ? "updated" : "deleted";
  const std::string stream(change.stream);
  object event{{"type", stream.substr(0, stream.size() - 1) + "." + action},
               {"timestamp", rfc3339(clock().now_ms())},
               {"data", now ? *now : object{{"id", change.key}}}};
  const std::string id = "msg_" + started_ + "_" + std::to_string(next_number_++);
  if (!sender_) {
    sender_ = std::make_unique<twin::EventSender>();
    sender_->disturb(duplicate_events_, disordered_events_);
  }
  sender_->post([url = target_url_, secret = target_secret_, id, body = boost::json::serialize(event),
                 offset = clock().offset_ms()] {
    const auto now_time = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t now_ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(now_time).count() + offset;
    const std::string timestamp = std::to_string(now_ms / 1000);
    twin::ClientRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = {{"Content-Type", "application/json"},
                       {"webhook-id", id},
                       {"webhook-timestamp", timestamp},
                       {"webhook-signature", signature_of(secret, id, timestamp, body)}};
    request.body = body;
    return request;
  });
}

std::optional<HttpResponse> SiteTwin::control(const HttpRequest& request) {
  if (request.path == "/switches" && request.method == "POST") {
    boost::system::error_code error;
    const value body = boost::json::parse(request.body, error);
    if (error || !body.is_object()) throw TwinError(400, "bad_request", "want an object");
    for (const auto& member : body.get_object()) {
      if (member.key() == "calls_per_minute" && member.value().is_int64()) {
        calls_per_minute_ = member.value().get_int64();
        continue;
      }
      bool* flag = member.key() == "duplicate_events"    ? &duplicate_events_
                   : member.key() == "disordered_events" ? &disordered_events_
                                                         : nullptr;
      if (flag == nullptr || !member.value().is_bool())
        throw TwinError(400, "bad_request",
                        "no such switch, or not of that value: " + std::string(member.key()));
      *flag = member.value().get_bool();
    }
    if (sender_) sender_->disturb(duplicate_events_, disordered_events_);
  }
  if (request.path == "/switches")
    return json_answer(object{{"duplicate_events", duplicate_events_},
                              {"disordered_events", disordered_events_},
                              {"calls_per_minute", calls_per_minute_}});
  if (request.path != "/webhook-target") return std::nullopt;
  if (request.method == "POST") {
    boost::system::error_code error;
    const value body = boost::json::parse(request.body, error);
    if (error || !body.is_object() || !body.get_object().contains("url"))
      throw TwinError(400, "bad_request", R"(want {"url":…})");
    target_url_ = text_of(body.get_object(), "url");
    const std::string secret = text_of(body.get_object(), "secret");
    target_secret_ = secret.empty() ? std::string(kSigningSecret) : secret;
  }
  const twin::EventSender::Totals totals = sender_ ? sender_->totals() : twin::EventSender::Totals{};
  return json_answer(object{{"url", target_url_},
                            {"delivered", totals.delivered},
                            {"given_up", totals.given_up},
                            {"attempts", totals.attempts},
                            {"pending", totals.pending}});
}

}  // namespace huiliu::webhook_twin

namespace huiliu::twin::vendors {

VendorEntry webhook() {
  return {"webhook", "site",
          [](const TwinOptions& options) -> std::unique_ptr<Twin> {
            return std::make_unique<webhook_twin::SiteTwin>(options);
          },
          webhook_twin::names_of_customer, webhook_twin::names_of_contact};
}

}  // namespace huiliu::twin::vendors
