#include "hub/run/revisions.hpp"

#include <algorithm>
#include <cstdio>

#include "hub/model/id.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Value;

constexpr const char* revision_space = "revision";
constexpr const char* text_space = "revision_text";

std::string key_of(std::int64_t number) {
  char digits[16];
  std::snprintf(digits, sizeof digits, "%010lld", static_cast<long long>(number));
  return digits;
}

// Two contents with one key would be a lost text: the length stands beside the hash, and two hashes at that.
std::string content_key(const std::string& text) {
  return std::to_string(text.size()) + "-" + std::to_string(model::hash64(text)) + "-" +
         std::to_string(model::hash64(text, 0x9E3779B97F4A7C15ULL));
}

Value stored_form(const Revision& revision) {
  Object files;
  for (const auto& [path, content] : revision.files) files.set(path, content);
  return Object{
      {"number", revision.number}, {"at", model::to_rfc3339(revision.at)}, {"author", revision.author},
      {"reason", revision.reason}, {"fingerprint", revision.fingerprint},  {"in_force", revision.in_force},
      {"files", std::move(files)}};
}

std::optional<Revision> from_stored(const std::string& text) {
  const auto value = model::parse_json(text);
  if (!value.ok() || !(*value)["files"].is_object()) return std::nullopt;
  Revision revision;
  const model::Number* number = (*value)["number"].if_number();
  revision.number = number == nullptr ? 0 : number->to_int64().value_or(0);
  const auto at = model::parse_rfc3339((*value)["at"].to_text());
  revision.at = at.ok() ? *at : 0;
  revision.author = (*value)["author"].to_text();
  revision.reason = (*value)["reason"].to_text();
  revision.fingerprint = (*value)["fingerprint"].to_text();
  const bool* in_force = (*value)["in_force"].if_bool();
  revision.in_force = in_force == nullptr || *in_force;
  for (const model::Member& file : (*value)["files"].as_object())
    revision.files[file.key] = file.value.to_text();
  return revision;
}

}  // namespace

std::vector<Revision> list_revisions(store::Snapshot& snapshot) {
  std::vector<Revision> revisions;
  for (const auto& [key, text] : snapshot.list_values(revision_space))
    if (auto revision = from_stored(text)) revisions.push_back(std::move(*revision));
  return revisions;
}

std::optional<Revision> current_revision(store::Snapshot& snapshot) {
  const auto all = list_revisions(snapshot);
  const auto found =
      std::find_if(all.rbegin(), all.rend(), [](const Revision& revision) { return revision.in_force; });
  return found == all.rend() ? std::nullopt : std::optional(*found);
}

std::optional<Revision> find_revision(store::Snapshot& snapshot, std::int64_t number) {
  const auto text = snapshot.load_value(revision_space, key_of(number));
  return text ? from_stored(*text) : std::nullopt;
}

Result<config::Texts> texts_of(store::Snapshot& snapshot, const Revision& revision) {
  config::Texts texts;
  for (const auto& [path, content] : revision.files) {
    auto text = snapshot.load_value(text_space, content);
    if (!text)
      return make_error(ErrorClass::data, "the text of this file is not in the store",
                        "revision " + std::to_string(revision.number) + ", " + path);
    texts[path] = std::move(*text);
  }
  return texts;
}

Revision record_revision(store::Transaction& transaction, const config::Texts& texts,
                         const Signature& signature, model::Micros now) {
  const std::vector<Revision> all = list_revisions(transaction);
  Revision revision;
  revision.fingerprint = config::fingerprint(texts);
  const auto current = current_revision(transaction);
  if (current && current->fingerprint == revision.fingerprint) return *current;
  revision.number = all.empty() ? 1 : all.back().number + 1;
  revision.at = now;
  revision.author = signature.author;
  revision.reason = signature.reason;
  revision.in_force = signature.in_force;
  for (const auto& [path, text] : texts) {
    const std::string content = content_key(text);
    revision.files[path] = content;
    if (!transaction.load_value(text_space, content)) transaction.save_value(text_space, content, text);
  }
  transaction.save_value(revision_space, key_of(revision.number), model::to_json(stored_form(revision)));
  return revision;
}

Value revision_view(const Revision& revision, bool current) {
  return Object{{"revision", std::to_string(revision.number)},
                {"at", time_text(revision.at)},
                {"author", revision.author},
                {"reason", revision.reason},
                {"fingerprint", revision.fingerprint},
                {"files", static_cast<std::int64_t>(revision.files.size())},
                {"in_force", revision.in_force},
                {"current", current}};
}

}  // namespace huiliu::run
