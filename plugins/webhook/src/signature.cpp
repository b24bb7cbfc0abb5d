#include "plugins/webhook/src/signature.hpp"

#include <algorithm>
#include <array>

#include "plugins/webhook/src/ed25519.hpp"
#include "plugins/webhook/src/encoding.hpp"

namespace huiliu::webhook {
namespace {

constexpr std::size_t kMaxSignatureHeader = 8192;  // bytes; a rotation needs two entries of 50
constexpr std::size_t kMaxEventId = 256;

Verdict refused(std::string reason) { return {false, std::move(reason), {}}; }

// Tries every key against every candidate without stopping early, so that the time tells nothing about which.
bool any_matches(const std::vector<Mac>& keys, std::string_view data,
                 const std::vector<std::string>& candidates) {
  bool matched = false;
  for (const Mac& key : keys) {
    const std::string mac = key(data);
    for (const std::string& candidate : candidates) matched |= same_bytes(mac, candidate);
  }
  return matched;
}

template <class Each>
void split(std::string_view text, char separator, Each&& each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) each(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Two timestamps of one decimal text: seconds, and the text that was signed.
std::optional<std::string> out_of_window(std::string_view timestamp, long long now_s) {
  const std::optional<long long> seconds = parse_unix_seconds(timestamp);
  if (!seconds) return "the timestamp is no whole number of seconds";
  if (now_s - *seconds > kToleranceSeconds) return "the timestamp is too old";
  if (*seconds - now_s > kToleranceSeconds) return "the timestamp is too far ahead";
  return std::nullopt;
}

std::string standard_text(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string text;
  text.reserve(id.size() + timestamp.size() + body.size() + 2);
  text.append(id).append(".").append(timestamp).append(".").append(body);
  return text;
}

bool is_event_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxEventId &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7F' && c != '.'; });
}

}  // namespace

std::optional<Scheme> scheme_named(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Scheme>, 6> kSchemes{
      {{"standard", Scheme::standard},
       {"github", Scheme::github},
       {"stripe", Scheme::stripe},
       {"shopify", Scheme::shopify},
       {"cloudevents", Scheme::cloudevents},
       {"none", Scheme::none}}};
  for (const auto& [known, scheme] : kSchemes)
    if (known == name) return scheme;
  return std::nullopt;
}

Verdict verify_standard(const HeaderLookup& header, std::string_view body, long long now_s,
                        const std::vector<Mac>& keys, const std::vector<std::string>& public_keys) {
  std::string_view id, timestamp, signatures;
  for (const std::string prefix : {"webhook-", "svix-"}) {
    id = header(prefix + "id");
    timestamp = header(prefix + "timestamp");
    signatures = header(prefix + "signature");
    if (!id.empty() && !timestamp.empty() && !signatures.empty()) break;
  }
  if (id.empty() || timestamp.empty() || signatures.empty()) return refused("a signature header is missing");
  if (!is_event_id(id)) return refused("the id holds a dot or is no plain text");
  if (signatures.size() > kMaxSignatureHeader) return refused("the signature header is too long");
  if (const auto reason = out_of_window(timestamp, now_s)) return refused(*reason);
  std::vector<std::string> candidates, asymmetric;
  split(signatures, ' ', [&](std::string_view entry) {
    for (const auto& [tag, kept] :
         {std::pair{std::string_view("v1,"), &candidates}, std::pair{std::string_view("v1a,"), &asymmetric}})
      if (entry.starts_with(tag))  // another version, or no version at all, is passed over
        if (std::optional<std::string> given = from_base64(entry.substr(tag.size())))
          kept->push_back(std::move(*given));
  });
  const std::string text = standard_text(id, timestamp, body);
  bool matched = any_matches(keys, text, candidates);
  for (const std::string& key : public_keys)
    for (const std::string& signature : asymmetric) matched |= ed25519_verifies(key, text, signature);
  if (!matched) return refused("no signature matches");
  return {true, {}, std::string(id)};
}

Verdict verify_github(const HeaderLookup& header, std::string_view body, const std::vector<Mac>& keys) {
  static constexpr std::string_view kPrefix = "sha256=";
  const std::string_view signature = header("x-hub-signature-256");
  if (!signature.starts_with(kPrefix)) return refused("X-Hub-Signature-256 is missing or of another form");
  const std::optional<std::string> mac = from_hex(signature.substr(kPrefix.size()));
  if (!mac || !any_matches(keys, body, {*mac})) return refused("the signature does not match");
  return {true, {}, std::string(header("x-github-delivery").substr(0, kMaxEventId))};
}

Verdict verify_stripe(const HeaderLookup& header, std::string_view body, long long now_s,
                      const std::vector<Mac>& keys) {
  const std::string_view signature = header("stripe-signature");
  if (signature.empty() || signature.size() > kMaxSignatureHeader)
    return refused("Stripe-Signature is missing or too long");
  std::string_view timestamp;
  std::vector<std::string> candidates;
  split(signature, ',', [&](std::string_view entry) {
    if (entry.starts_with("t=") && timestamp.empty()) timestamp = entry.substr(2);
    if (!entry.starts_with("v1=")) return;
    if (std::optional<std::string> mac = from_hex(entry.substr(3))) candidates.push_back(std::move(*mac));
  });
  // The vendor's own library takes timestamps from the future; there is no reason to.
  if (const auto reason = out_of_window(timestamp, now_s)) return refused(*reason);
  std::string text(timestamp);
  text.append(".").append(body);
  if (!any_matches(keys, text, candidates)) return refused("no signature matches");
  return {true, {}, {}};  // the id stands in the body
}

Verdict verify_shopify(const HeaderLookup& header, std::string_view body, const std::vector<Mac>& keys) {
  for (const std::string prefix : {"x-shopify-", "shopify-"}) {
    const std::string_view signature = header(prefix + "hmac-sha256");
    if (signature.empty()) continue;
    const std::optional<std::string> mac = from_base64(signature);
    if (!mac || !any_matches(keys, body, {*mac})) return refused("the signature does not match");
    const std::string_view webhook_id = header(prefix + "webhook-id");
    const std::string_view id = webhook_id.empty() ? header(prefix + "event-id") : webhook_id;
    return {true, {}, std::string(id.substr(0, kMaxEventId))};
  }
  return refused("X-Shopify-Hmac-Sha256 is missing");
}

std::optional<std::string> standard_key(std::string_view secret) {
  static constexpr std::string_view kPrefix = "whsec_";
  if (secret.starts_with(kPrefix)) secret.remove_prefix(kPrefix.size());
  std::string padded(secret);
  if (padded.size() % 4 == 2) padded += "==";
  if (padded.size() % 4 == 3) padded += "=";
  std::optional<std::string> key = from_base64(padded);
  if (!key || key->empty()) return std::nullopt;
  return key;
}

std::string sign_standard_asymmetric(std::string_view private_key, std::string_view id,
                                     std::string_view timestamp, std::string_view body) {
  return "v1a," + to_base64(ed25519_sign(private_key, standard_text(id, timestamp, body)));
}

std::string sign_standard(const Mac& key, std::string_view id, std::string_view timestamp,
                          std::string_view body) {
  return "v1," + to_base64(key(standard_text(id, timestamp, body)));
}

}  // namespace huiliu::webhook
