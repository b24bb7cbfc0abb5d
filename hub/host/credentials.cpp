// Credentials: from the manifest's entry to what stands in a request.
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <cstring>

#include "hub/host/core.hpp"

namespace huiliu::host {
namespace {

using model::ErrorClass;
using model::Status;
using Kind = CredentialSpec::Kind;

constexpr std::size_t max_token_bytes = 64 * 1024;
constexpr std::size_t max_placements = 16;
constexpr model::Micros renewal_pause = 60 * model::second;

std::string with_token(std::string_view pattern, std::string_view token) {
  constexpr std::string_view mark = "{token}";
  if (pattern.empty()) return std::string(token);
  std::string out;
  for (std::size_t at = 0;;) {
    const std::size_t found = pattern.find(mark, at);
    out.append(pattern.substr(at, found - at));
    if (found == std::string_view::npos) return out;
    out.append(token);
    at = found + mark.size();
  }
}

void set_header(HttpRequest& request, const std::string& name, std::string value) {
  std::erase_if(request.headers, [&](const auto& header) { return same_header_name(header.first, name); });
  request.headers.emplace_back(name, std::move(value));
}

void add_query(HttpRequest& request, const std::string& name, const std::string& value) {
  const std::size_t fragment = std::min(request.url.find('#'), request.url.size());
  std::string url = request.url.substr(0, fragment);
  const std::size_t mark = url.find('?');
  if (mark == std::string::npos)
    url += '?';
  else if (mark + 1 != url.size() && !url.ends_with('&'))
    url += '&';
  request.url = url + percent_encode(name) + "=" + percent_encode(value);
}

void add_cookie(HttpRequest& request, const std::string& name, const std::string& value) {
  const auto cookie = std::find_if(request.headers.begin(), request.headers.end(), [](const auto& header) {
    return same_header_name(header.first, "Cookie");
  });
  const std::string pair = name + "=" + value;
  if (cookie == request.headers.end())
    request.headers.emplace_back("Cookie", pair);
  else
    cookie->second += (cookie->second.empty() ? "" : "; ") + pair;
}

void apply(const TokenPlacement& place, const std::string& token, HttpRequest& request) {
  const std::string value = with_token(place.value, token);
  switch (place.kind) {
    case TokenPlacement::Kind::header:
      return set_header(request, place.name, value);
    case TokenPlacement::Kind::query:
      return add_query(request, place.name, value);
    case TokenPlacement::Kind::cookie:
      return add_cookie(request, place.name, value);
  }
}

bool printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// What a plugin's authenticate hands over.
struct TakenToken {
  const InstanceCore& core;
  std::optional<Token> token;
  std::optional<model::Error> error;
};

model::Error token_error(std::string message) {
  return model::make_error(ErrorClass::bug, "authenticate handed over " + std::move(message));
}

model::Result<TokenPlacement> read_placement(const huiliu_placement& raw, const InstanceCore& core) {
  TokenPlacement out;
  std::string host;
  if (!take_text(raw.host, host) || !take_text(raw.name, out.name) || !take_text(raw.value, out.value))
    return token_error("a placement with a null text");
  if (out.name.empty() || !printable(out.name) || !printable(out.value))
    return token_error("a placement without a usable name");
  if (raw.kind < HUILIU_PLACE_HEADER || raw.kind > HUILIU_PLACE_COOKIE)
    return token_error("a placement of unknown kind " + std::to_string(raw.kind));
  out.kind = static_cast<TokenPlacement::Kind>(raw.kind);
  out.everywhere = host.empty();
  if (!out.everywhere) {
    HUILIU_ASSIGN(out.host, HostPattern::parse(host, core.settings));
  }
  return out;
}

model::Result<Token> read_token(const huiliu_token* in, const InstanceCore& core) {
  huiliu_token raw = {};
  if (!copy_sized(in, HUILIU_FIELD_END(huiliu_token, placement_count), raw))
    return token_error("a token that is null or too short");
  Token out;
  if (!take_text(raw.text, out.text) || out.text.empty() || out.text.size() > max_token_bytes ||
      !printable(out.text))
    return token_error("a token that is empty, too long or has control characters");
  out.expires_at = raw.expires_at_us;
  constexpr std::size_t least = HUILIU_FIELD_END(huiliu_placement, reserved);
  if (raw.placement_count > max_placements ||
      (raw.placement_count > 0 && (raw.placements == nullptr || raw.placement_stride < least)))
    return token_error("placements that are too many, null or too short");
  const auto* base = reinterpret_cast<const unsigned char*>(raw.placements);
  for (std::size_t i = 0; i < raw.placement_count; ++i) {
    huiliu_placement place = {};
    std::memcpy(&place, base + i * raw.placement_stride,
                std::min<std::size_t>(raw.placement_stride, sizeof place));
    HUILIU_ASSIGN(TokenPlacement read, read_placement(place, core));
    out.placements.push_back(std::move(read));
  }
  return out;
}

void put_token(void* ctx, const huiliu_token* token) noexcept {
  auto& taken = *static_cast<TakenToken*>(ctx);
  try {
    auto read = read_token(token, taken.core);
    if (read)
      taken.token = std::move(*read);
    else
      taken.error = read.error();
  } catch (const std::exception& error) {
    taken.error = token_error(std::string("a token that could not be read: ") + error.what());
  }
}

// Runs the plugin's authenticate, inside the operation that needs the token.
model::Result<Token> fetch_token(huiliu_call& call, const std::string& credential, std::uint32_t pool_index) {
  InstanceCore& core = call.core;
  huiliu_call nested(core, call.options, &call, credential);
  TakenToken taken = {core, {}, {}};
  huiliu_token_sink sink = {sizeof sink, 0, &taken, &put_token};
  const huiliu_auth_request request = {sizeof request, pool_index, abi_str(credential)};
  const huiliu_status status = core.connector->slots.authenticate(core.self, &nested, &request, &sink);
  HUILIU_TRY(ended(nested, status, core.connection));
  if (taken.error) return *taken.error;
  if (!taken.token) return token_error("no token, though it ended well");
  core.host.redactor().add_token(taken.token->text);
  if (!nested.staged.empty()) HUILIU_TRY(core.state->commit(nested.staged));
  return std::move(*taken.token);
}

std::string token_key(const InstanceCore& core, const std::string& name, CredentialSpec::Scope scope) {
  const std::string& prefix = scope == CredentialSpec::Scope::account      ? core.token_prefix_account
                              : scope == CredentialSpec::Scope::connection ? core.token_prefix_connection
                                                                           : core.token_prefix_instance;
  return prefix + "/" + name;
}

// How many tokens side by side, by the manifest or by the connection's setting that it names.
std::uint32_t pool_of(const InstanceCore& core, const CredentialSpec& spec) {
  constexpr double most = 64;
  const model::Number* wanted =
      spec.pool_setting.empty() ? nullptr : core.settings[spec.pool_setting].if_number();
  return wanted == nullptr ? spec.pool
                           : static_cast<std::uint32_t>(std::clamp(wanted->to_double(), 1.0, most));
}

Status place_token(huiliu_call& call, const std::string& name, const CredentialSpec& spec,
                   HttpRequest& request, TokenCache::Lease& lease) {
  for (const huiliu_call* at = &call; at != nullptr; at = at->parent)
    if (at->authenticating == name)
      return model::make_error(ErrorClass::bug,
                               "authenticate for " + name + " sends a request that needs " + name);
  InstanceCore& core = call.core;
  const std::string key = token_key(core, name, spec.scope);
  HUILIU_ASSIGN(
      lease, core.host.tokens().acquire(
                 key, pool_of(core, spec), core.host.environment().now(),
                 [&](std::uint32_t pool_index) { return fetch_token(call, name, pool_index); }, call.stop));
  const HeldToken& held = lease.held();
  {
    const std::lock_guard lock(call.mutex);
    call.used[name] = {key, lease.pool_index(), held.generation};
  }
  HUILIU_ASSIGN(const Origin origin, origin_of(request.url));
  for (const TokenPlacement& place : held.token.placements)
    if (place.everywhere || place.host.fits(origin)) apply(place, held.token.text, request);
  return {};
}

model::Result<std::string> configured_secret(const InstanceCore& core, const std::string& name) {
  const auto found = core.secrets.find(name);
  if (found == core.secrets.end())
    return model::make_error(ErrorClass::config, "the secret " + name + " is not configured", "/" + name);
  return found->second;
}

}  // namespace

Status place_credential(huiliu_call& call, const std::string& name, HttpRequest& request,
                        TokenCache::Lease& lease) {
  const InstanceCore& core = call.core;
  const auto found = core.connector->manifest.credentials.find(name);
  if (found == core.connector->manifest.credentials.end())
    return model::make_error(ErrorClass::config, "the manifest has no credential " + name);
  const CredentialSpec& spec = found->second;
  if (spec.kind == Kind::secret) return {};
  if (spec.kind == Kind::token) return place_token(call, name, spec, request, lease);
  HUILIU_ASSIGN(const std::string secret, configured_secret(core, spec.secret));
  if (!printable(secret))
    return model::make_error(ErrorClass::config, "the secret has control characters", "/" + spec.secret);
  switch (spec.kind) {
    case Kind::bearer:
      set_header(request, "Authorization", "Bearer " + secret);
      break;
    case Kind::basic: {
      const std::string pair = core.settings[spec.user].to_text() + ":" + secret;
      core.host.redactor().add_secret(base64_encode(pair));
      set_header(request, "Authorization", "Basic " + base64_encode(pair));
      break;
    }
    case Kind::header:
      set_header(request, spec.name, secret);
      break;
    default:
      add_query(request, spec.name, secret);
      break;
  }
  return {};
}

Status invalidate_token(huiliu_call& call, const std::string& credential) {
  Host& host = call.core.host;
  const std::lock_guard lock(call.mutex);
  const auto used = call.used.find(credential);
  if (used == call.used.end())
    return model::make_error(ErrorClass::bug, "no request of this call carried a token of " + credential);
  host.tokens().invalidate(used->second.key, used->second.pool_index, used->second.generation);
  const model::Micros now = host.environment().steady();
  const auto renewed = call.renewed.find(credential);
  if (renewed != call.renewed.end() && now - renewed->second < renewal_pause)
    return model::make_error(ErrorClass::auth, "the remote refuses a new token of " + credential);
  call.renewed[credential] = now;
  return {};
}

}  // namespace huiliu::host
