#include "hub/host/manifest.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "hub/host/host_pattern.hpp"
#include "hub/host/settings.hpp"

namespace huiliu::host {
namespace {

using model::Error;
using model::Status;
using model::Value;
using Names = std::vector<std::string_view>;

const Names manifest_capabilities = {"check", "discover",       "read",         "lookup", "find",
                                     "write", "handle_request", "authenticate", "listen"};
const Names manifest_roles = {"erp", "crm", "chat", "address_book", "site"};
const Names stream_read_modes = {"full", "changes", "keys"};
const Names stream_write_operations = {"create", "update", "disable", "delete"};
const Names field_operations = {"create", "update", "clear"};
const Names quota_periods = {"per_second", "per_minute", "per_hour", "per_day", "per_month", "concurrency"};
const Names credential_kinds = {"token", "bearer", "basic", "header", "query", "secret"};
const Names credential_scopes = {"account", "connection", "instance"};

constexpr std::size_t max_manifest_bytes = std::size_t{8} << 20;
constexpr std::int64_t max_token_pool = 64;

std::string one_of(const Names& names) {
  std::string out = "one of";
  for (const std::string_view name : names) out.append(" ").append(name);
  return out;
}

bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool is_connector_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

bool is_version(std::string_view text) {
  int dots = 0;
  bool digit = false;
  for (const char c : text) {
    if (c == '.' && digit)
      ++dots, digit = false;
    else if (c >= '0' && c <= '9')
      digit = true;
    else
      return false;
  }
  return dots == 2 && digit;
}

// Reads the members of one object; remembers the first fault and which members were asked for.
class ManifestPart {
 public:
  ManifestPart(const Value& value, std::string at, UnknownMembers unknown)
      : value_(value), at_(std::move(at)), unknown_(unknown) {
    if (!value_.is_object()) fail("", "want an object");
  }

  enum class Need { required, optional };

  const Value* member(const char* name, Need need = Need::optional) {
    asked_.push_back(name);
    const Value* found = value_.find(name);
    if (found == nullptr && need == Need::required) fail(name, "missing");
    return found;
  }
  std::string text(const char* name, Need need = Need::optional) {
    const Value* found = member(name, need);
    if (found == nullptr) return {};
    if (found->is_string() && !found->as_string().empty()) return found->as_string();
    fail(name, "want a text that is not empty");
    return {};
  }
  std::string choice(const char* name, const Names& allowed, Need need = Need::optional) {
    std::string found = text(name, need);
    if (!found.empty() && !contains(allowed, found))
      fail(name, "found " + found + ", want " + one_of(allowed));
    return found;
  }
  bool flag(const char* name) {
    const Value* found = member(name);
    if (found != nullptr && !found->is_bool()) fail(name, "want true or false");
    return found != nullptr && found->is_bool() && found->as_bool();
  }
  std::int64_t count(const char* name) {
    const Value* found = member(name);
    if (found == nullptr) return 0;
    const auto number = found->is_number() ? found->as_number().to_int64() : std::nullopt;
    if (number && *number >= 0) return *number;
    fail(name, "want a whole number, 0 or more");
    return 0;
  }
  std::vector<std::string> texts(const char* name, const Names* allowed = nullptr,
                                 Need need = Need::optional) {
    std::vector<std::string> out;
    const Value* found = member(name, need);
    if (found == nullptr) return out;
    if (!found->is_array()) fail(name, "want an array of texts");
    if (const auto* list = found->if_array())
      for (const Value& item : *list) {
        if (!item.is_string())
          fail(name, "want an array of texts");
        else if (allowed != nullptr && !contains(*allowed, item.as_string()))
          fail(name, "found " + item.as_string() + ", want " + one_of(*allowed));
        else
          out.push_back(item.as_string());
      }
    return out;
  }
  Label label(Need need) {
    const Value* found = member("label", need);
    if (found == nullptr) return {};
    ManifestPart part(*found, at_ + "/label", unknown_);
    Label out = {part.text("zh", Need::required), part.text("en", Need::required)};
    absorb(part);
    return out;
  }
  // Each member of the object `name`: visit(key, part).
  void each(const char* name, const std::function<void(const std::string&, ManifestPart&)>& visit) {
    const Value* found = member(name);
    if (found == nullptr) return;
    if (!found->is_object()) return fail(name, "want an object");
    for (const auto& [key, value] : found->as_object()) {
      ManifestPart part(value, at_ + "/" + name + "/" + key, unknown_);
      visit(key, part);
      absorb(part);
    }
  }

  void fail(const std::string& name, std::string message) {
    if (!error_) error_ = model::make_error(model::ErrorClass::config, std::move(message), where(name));
  }
  void absorb(ManifestPart& part) {
    part.refuse_unknown();
    if (!error_) error_ = std::move(part.error_);
  }
  void absorb(Status status, const std::string& name) {
    if (status.ok() || error_) return;
    error_ = status.error();
    error_->where = where(name) + (error_->where == "/" ? "" : error_->where);
  }
  Status finish() {
    refuse_unknown();
    if (error_) return *error_;
    return {};
  }

  const std::string& at() const { return at_; }
  UnknownMembers unknown() const { return unknown_; }

 private:
  std::string where(const std::string& name) const {
    const std::string out = name.empty() ? at_ : at_ + "/" + name;
    return out.empty() ? "/" : out;
  }
  void refuse_unknown() {
    if (unknown_ == UnknownMembers::ignored || !value_.is_object()) return;
    for (const auto& [key, member] : value_.as_object())
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
        fail(key, "not a member of a manifest (sdk/manifest.md)");
  }

  const Value& value_;
  std::string at_;
  UnknownMembers unknown_;
  std::vector<std::string> asked_;
  std::optional<Error> error_;
};

using Need = ManifestPart::Need;

std::set<std::string> set_of(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

void read_fields(ManifestPart& part, StreamSpec& stream) {
  part.each("fields", [&](const std::string& path, ManifestPart& field) {
    FieldSpec spec;
    spec.operations = set_of(field.texts("operations", &field_operations));
    spec.max_length = field.count("max_length");
    spec.unique = field.flag("unique");
    spec.update_if_listed_in = field.text("update_if_listed_in");
    spec.touched_by_writes = field.flag("touched_by_writes");
    field.member("label");
    field.member("type");
    field.member("options");  // of a select field, as discover lists them
    stream.fields[path] = std::move(spec);
  });
}

// What a write of one record costs, by operation and quota: numbers only, the plan adds them up
// (hub/run/quota_use).
void read_calls(ManifestPart& part) {
  const Value* found = part.member("calls");
  if (found == nullptr) return;
  const bool shaped =
      found->is_object() &&
      std::all_of(found->as_object().begin(), found->as_object().end(), [](const auto& operation) {
        const model::Object* quotas = operation.value.if_object();
        return quotas != nullptr && std::all_of(quotas->begin(), quotas->end(), [](const auto& quota) {
                 return quota.value.is_number() && quota.value.as_number().to_double() > 0;
               });
      });
  if (!shaped) part.fail("calls", "want {operation: {quota: calls per record}}");
}

StreamSpec read_stream(ManifestPart& part) {
  StreamSpec out;
  out.name = part.text("name", Need::required);
  out.label = part.label(Need::required);
  out.entity = part.text("entity");
  out.role = part.choice("role", manifest_roles);
  out.key = part.text("key", Need::required);
  out.create_organisation = part.text("create_organisation");
  out.allocate_organisation = part.text("allocate_organisation");
  out.natural_keys = part.texts("natural_keys");
  out.key_ranges = part.flag("key_ranges");
  if (const Value* found = part.member("capabilities", Need::required)) {
    ManifestPart capabilities(*found, part.at() + "/capabilities", part.unknown());
    out.read = set_of(capabilities.texts("read", &stream_read_modes));
    out.write = set_of(capabilities.texts("write", &stream_write_operations));
    part.absorb(capabilities);
  }
  read_fields(part, out);
  read_calls(part);
  return out;
}

std::vector<StreamSpec> read_streams(ManifestPart& part) {
  std::vector<StreamSpec> out;
  const Value* list = part.member("streams");
  if (list == nullptr) return out;
  if (!list->is_array()) part.fail("streams", "want an array");
  if (!list->is_array()) return out;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < list->as_array().size(); ++i) {
    ManifestPart stream(list->as_array()[i], part.at() + "/streams/" + std::to_string(i), part.unknown());
    out.push_back(read_stream(stream));
    if (!seen.insert(out.back().name).second) stream.fail("name", "two streams are named " + out.back().name);
    part.absorb(stream);
  }
  return out;
}

QuotaLimits read_limits(ManifestPart& part) {
  const auto limit = [&](const char* name) -> double {
    const Value* found = part.member(name);
    if (found == nullptr) return 0;
    const double number = found->is_number() ? found->as_number().to_double() : 0;
    if (!(number > 0)) part.fail(name, "want a number above 0");
    return number;
  };
  QuotaLimits out = {limit("per_second"), limit("per_minute"), limit("per_hour"),
                     limit("per_day"),    limit("per_month"),  0};
  out.concurrency = static_cast<std::uint32_t>(std::min<std::int64_t>(part.count("concurrency"), 1'000'000));
  return out;
}

CredentialSpec read_credential(ManifestPart& part) {
  CredentialSpec out;
  const auto index_in = [](const Names& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? std::ptrdiff_t{0} : found - names.begin();
  };
  out.kind = static_cast<CredentialSpec::Kind>(
      index_in(credential_kinds, part.choice("kind", credential_kinds, Need::required)));
  out.scope = static_cast<CredentialSpec::Scope>(
      index_in(credential_scopes, part.choice("scope", credential_scopes)));
  constexpr std::string_view from_setting = "${settings.";
  if (const Value* asked = part.member("pool"); asked != nullptr && asked->is_string()) {
    const std::string text = asked->as_string();
    if (!text.starts_with(from_setting) || !text.ends_with('}'))
      part.fail("pool", "want a number or \"${settings.NAME}\"");
    else
      out.pool_setting = text.substr(from_setting.size(), text.size() - from_setting.size() - 1);
  } else {
    const std::int64_t pool = part.count("pool");
    if (pool > max_token_pool) part.fail("pool", "want at most " + std::to_string(max_token_pool));
    out.pool = static_cast<std::uint32_t>(std::clamp<std::int64_t>(pool, 1, max_token_pool));
  }
  out.reveal = set_of(part.texts("reveal"));
  using Kind = CredentialSpec::Kind;
  const bool holds_secret = out.kind != Kind::token && out.kind != Kind::secret;
  out.secret = part.text("secret", holds_secret ? Need::required : Need::optional);
  out.user = part.text("user", out.kind == Kind::basic ? Need::required : Need::optional);
  out.name = part.text("name",
                       out.kind == Kind::header || out.kind == Kind::query ? Need::required : Need::optional);
  return out;
}

Grade read_grade(ManifestPart& part) {
  Grade out;
  if (const std::string write = part.choice("write", {"A", "B", "C"}); !write.empty()) out.write = write;
  if (const std::string key = part.choice("key", {"U", "N"}); !key.empty()) out.key = key;
  out.deletes_visible = part.flag("deletes_visible");
  out.lag_seconds = part.count("lag_seconds");
  out.stable_paging = part.flag("stable_paging");
  out.respells = part.flag("respells");
  return out;
}

void check_names(ManifestPart& part, const Manifest& manifest) {
  const std::vector<std::string> secrets = secret_names(manifest.settings);
  const auto is_secret = [&](const std::string& name) {
    return std::find(secrets.begin(), secrets.end(), name) != secrets.end();
  };
  const Value& properties = manifest.settings["properties"];
  for (const std::string& name : manifest.account)
    if (properties.find(name) == nullptr || is_secret(name))
      part.fail("account", name + " is not a setting that may be shown");
  for (const auto& [name, credential] : manifest.credentials) {
    const std::string where = "credentials/" + name;
    for (const std::string& secret : credential.reveal)
      if (!is_secret(secret)) part.fail(where + "/reveal", secret + " is not a secret of the settings");
    if (!credential.secret.empty() && !is_secret(credential.secret))
      part.fail(where + "/secret", credential.secret + " is not a secret of the settings");
    if (!credential.user.empty() && properties.find(credential.user) == nullptr)
      part.fail(where + "/user", credential.user + " is not a setting");
    if (credential.kind == CredentialSpec::Kind::token && !manifest.capabilities.contains("authenticate"))
      part.fail(where + "/kind", "a token needs the capability authenticate");
  }
  for (const std::string& host : manifest.hosts) {
    part.absorb(
        [&]() -> Status {
          HUILIU_TRY(HostPattern::parse(host, Value()));
          return {};
        }(),
        "hosts");
    if (host.starts_with("${settings.") && properties.find(host.substr(11, host.size() - 12)) == nullptr)
      part.fail("hosts", host + " names no setting");
  }
}

}  // namespace

const StreamSpec* Manifest::stream(std::string_view name) const noexcept {
  const auto found = std::find_if(streams.begin(), streams.end(),
                                  [&](const StreamSpec& stream) { return stream.name == name; });
  return found == streams.end() ? nullptr : &*found;
}

model::Result<Manifest> parse_manifest(std::string_view text, UnknownMembers unknown) {
  if (text.size() > max_manifest_bytes)
    return model::make_error(model::ErrorClass::config, "a manifest of " + std::to_string(text.size()) +
                                                            " bytes, want at most " +
                                                            std::to_string(max_manifest_bytes));
  auto parsed = model::parse_json(text);
  if (!parsed) return model::make_error(model::ErrorClass::config, "not JSON: " + parsed.error().message);

  Manifest out;
  out.json = std::move(*parsed);
  ManifestPart part(out.json, "", unknown);
  part.member("$schema");
  out.id = part.text("id", Need::required);
  if (!out.id.empty() && !is_connector_id(out.id))
    part.fail("id", "want lower-case letters, digits and hyphens");
  out.version = part.text("version", Need::required);
  if (!out.version.empty() && !is_version(out.version)) part.fail("version", "want three numbers, as 1.0.0");
  out.label = part.label(Need::required);
  if (const Value* settings = part.member("settings", Need::required)) {
    part.absorb(check_schema(*settings), "settings");
    out.settings = *settings;
  }
  out.account = part.texts("account");
  out.capabilities = set_of(part.texts("capabilities", &manifest_capabilities, Need::required));
  out.streams = read_streams(part);
  part.each("credentials", [&](const std::string& name, ManifestPart& credential) {
    out.credentials[name] = read_credential(credential);
  });
  part.each("quotas",
            [&](const std::string& name, ManifestPart& limits) { out.quotas[name] = read_limits(limits); });
  out.hosts = part.texts("hosts");
  if (const Value* grade = part.member("grade")) {
    ManifestPart grades(*grade, "/grade", unknown);
    out.grade = read_grade(grades);
    part.absorb(grades);
  }
  out.default_role = part.choice("default_role", manifest_roles);
  check_names(part, out);
  HUILIU_TRY(part.finish());
  return out;
}

model::Result<std::vector<StreamSpec>> parse_streams(const Value& answer) {
  ManifestPart part(answer, "", UnknownMembers::ignored);
  std::vector<StreamSpec> out = read_streams(part);
  HUILIU_TRY(part.finish());
  return out;
}

model::Result<std::map<std::string, QuotaLimits>> parse_quotas(const Value& quotas) {
  Value wrapped = model::Object{{"quotas", quotas}};
  ManifestPart part(wrapped, "", UnknownMembers::refused);
  std::map<std::string, QuotaLimits> out;
  part.each("quotas",
            [&](const std::string& name, ManifestPart& limits) { out[name] = read_limits(limits); });
  HUILIU_TRY(part.finish());
  return out;
}

}  // namespace huiliu::host
