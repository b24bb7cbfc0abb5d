#include "plugins/kingdee/src/settings.hpp"

#include <boost/json/parse.hpp>

#include "huiliu/plugin.hpp"

namespace kingdee {
namespace {

namespace json = boost::json;

[[noreturn]] void wrong_setting(std::string_view name, const std::string& why) {
  throw huiliu::ConfigError("setting " + std::string(name) + ": " + why, {}, "/" + std::string(name));
}

class SettingsReader {
 public:
  explicit SettingsReader(const json::object& object) : object_(object) {}

  void text(std::string_view name, std::string& target) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (value->is_string())
      target = std::string(value->get_string());
    else if (value->is_int64())
      target = std::to_string(value->get_int64());
    else
      wrong_setting(name, "a text is wanted");
  }
  void required_text(std::string_view name, std::string& target) const {
    text(name, target);
    if (target.empty()) wrong_setting(name, "is missing");
  }
  void number(std::string_view name, int& target, int least, int most) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most)
      wrong_setting(name,
                    "a number from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted");
    target = static_cast<int>(value->get_int64());
  }
  void flag(std::string_view name, bool& target) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_bool()) wrong_setting(name, "true or false is wanted");
    target = value->get_bool();
  }
  void texts(std::string_view name, std::vector<std::string>& target) const {
    const json::value* value = object_.if_contains(name);
    if (value == nullptr || value->is_null()) return;
    if (!value->is_array()) wrong_setting(name, "a list of texts is wanted");
    for (const json::value& item : value->get_array()) {
      if (!item.is_string()) wrong_setting(name, "a list of texts is wanted");
      target.emplace_back(item.get_string());
    }
  }
  template <class Enum>
  void choice(std::string_view name, Enum& target,
              std::initializer_list<std::pair<std::string_view, Enum>> choices) const {
    std::string chosen;
    text(name, chosen);
    if (chosen.empty()) return;
    for (const auto& [word, value] : choices) {
      if (word != chosen) continue;
      target = value;
      return;
    }
    wrong_setting(name, "unknown choice \"" + chosen + "\"");
  }

 private:
  const json::object& object_;
};

}  // namespace

Settings Settings::parse(std::string_view text) {
  boost::system::error_code error;
  const json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) throw huiliu::ConfigError("the settings are not a JSON object");
  const SettingsReader in(parsed.get_object());

  Settings s;
  in.required_text("base_url", s.base_url);
  if (!s.base_url.starts_with("http://") && !s.base_url.starts_with("https://"))
    wrong_setting("base_url", "starts with neither http:// nor https://");
  while (s.base_url.ends_with('/')) s.base_url.pop_back();
  s.base_url += '/';
  in.required_text("acct_id", s.acct_id);
  in.required_text("user_name", s.user_name);
  in.choice("auth", s.auth,
            {{"signed_headers", Auth::signed_headers},
             {"login_by_sign", Auth::login_by_sign},
             {"login_by_app_secret", Auth::login_by_app_secret},
             {"validate_user", Auth::validate_user}});
  if (s.auth == Auth::validate_user)
    in.text("app_id", s.app_id);
  else
    in.required_text("app_id", s.app_id);
  in.choice("login_hash", s.login_hash, {{"sha256", LoginHash::sha256}, {"sha1", LoginHash::sha1}});
  in.text("lcid", s.lcid);
  in.text("org_num", s.org_num);
  if (s.org_num.empty()) s.org_num = "0";
  std::string zone;
  in.text("time_zone", zone);
  if (!zone.empty()) {
    const auto known = SiteZone::parse(zone);
    if (!known) wrong_setting("time_zone", "\"" + zone + "\" is not known; write the distance, e.g. +08:00");
    s.zone = *known;
  }
  in.number("page_size", s.page_size, 1, 10'000);
  in.number("overlap_seconds", s.overlap_seconds, 0, 86'400);
  in.choice("approve", s.approve, {{"erp", Approve::erp}, {"hub", Approve::hub}});
  in.choice("approve_contacts", s.approve_contacts, {{"erp", Approve::erp}, {"hub", Approve::hub}});
  in.choice("edit_approved", s.edit_approved, {{"off", EditApproved::off}, {"listed", EditApproved::listed}});
  in.texts("edit_approved_fields", s.edit_approved_fields);
  in.text("external_id_field", s.external_id_field);
  in.text("default_currency", s.default_currency);
  in.texts("extra_fields", s.extra_fields);
  in.flag("read_addresses", s.read_addresses);
  in.flag("read_lines", s.read_lines);
  in.flag("allocate", s.allocate);
  return s;
}

std::string Settings::url_of(std::string_view service) const {
  return base_url + std::string(service) + ".common.kdsvc";
}

}  // namespace kingdee
