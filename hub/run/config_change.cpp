#include "hub/run/config_change.hpp"

#include <algorithm>
#include <mutex>

#include "hub/run/audit.hpp"

namespace huiliu::run {
namespace {

using model::Error;
using model::ErrorClass;
using model::make_error;
using model::Result;
using model::Status;

// Of the process: it serves one configuration directory.
std::mutex& changes() {
  static std::mutex mutex;
  return mutex;
}

Result<config::Texts> texts_there(const Hub& hub) {
  if (hub.options().config.empty())
    return make_error(ErrorClass::config, "this hub works without a configuration directory");
  return config::read_texts(hub.options().config);
}

Status change_file(Hub& hub, const std::string& path, const std::string* text, const std::string& was,
                   const std::string& actor) {
  const std::lock_guard lock(changes());
  HUILIU_ASSIGN(config::Texts texts, texts_there(hub));
  if (!config::is_configuration_file(path))
    return make_error(ErrorClass::config, "this is no file of a configuration", path);
  const auto found = texts.find(path);
  if (found == texts.end() && text == nullptr)
    return make_error(ErrorClass::not_found, "there is no file " + path);
  const std::string there = found == texts.end() ? std::string() : file_fingerprint(found->second);
  if (was != "*" && was != there)
    return Error{ErrorClass::stale, "the file changed since it was read; read it again", "changed"};
  if (text != nullptr && found != texts.end() && found->second == *text) return {};
  if (text != nullptr)
    texts[path] = *text;
  else
    texts.erase(path);
  HUILIU_TRY(config::write_texts(hub.options().config, texts));
  return hub.store().write([&](store::Transaction& transaction) -> Status {
    audit(transaction, actor, "config-file", path,
          model::Object{{"what", text != nullptr ? "written" : "removed"},
                        {"before", there},
                        {"after", text != nullptr ? file_fingerprint(*text) : std::string()}},
          hub.clock().now());
    return {};
  });
}

Result<config::Texts> texts_wanted(Hub& hub, std::int64_t revision) {
  if (revision == 0) return texts_there(hub);
  config::Texts texts;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> Status {
    const auto found = find_revision(snapshot, revision);
    if (!found) return make_error(ErrorClass::not_found, "there is no revision " + std::to_string(revision));
    HUILIU_ASSIGN(texts, texts_of(snapshot, *found));
    return {};
  }));
  return texts;
}

Status as_planned(const Hub& hub, const config::Texts& texts, const std::string& wanted) {
  HUILIU_ASSIGN(const ConfigPlan plan, plan_configuration(hub.options(), texts));
  if (plan.hash == wanted) return {};
  return make_error(ErrorClass::stale,
                    "the world moved since that plan: it is now " + plan.hash + "; look at the plan again");
}

Result<Revision> record(Hub& hub, const config::Texts& texts, const Signature& signature) {
  Revision revision;
  HUILIU_TRY(hub.store().write([&](store::Transaction& transaction) -> Status {
    revision = record_revision(transaction, texts, signature, hub.clock().now());
    audit(transaction, signature.author, "config", "revision " + std::to_string(revision.number),
          model::Object{{"what", "put in force"}, {"fingerprint", revision.fingerprint}}, hub.clock().now());
    return {};
  }));
  hub.request_reload();
  return revision;
}

}  // namespace

std::string file_fingerprint(const std::string& text) { return config::fingerprint({{"", text}}); }

Status write_file(Hub& hub, const std::string& path, const std::string& text, const std::string& was,
                  const std::string& actor) {
  return change_file(hub, path, &text, was, actor);
}

Status remove_file(Hub& hub, const std::string& path, const std::string& was, const std::string& actor) {
  return change_file(hub, path, nullptr, was, actor);
}

Status keep_edits(store::Store& store, const config::Texts& edits, const std::string& author,
                  model::Micros now) {
  if (edits.empty()) return {};
  return store.write([&](store::Transaction& transaction) -> Status {
    const auto all = list_revisions(transaction);
    const std::string fingerprint = config::fingerprint(edits);
    if (std::none_of(all.begin(), all.end(),
                     [&](const Revision& revision) { return revision.fingerprint == fingerprint; }))
      record_revision(transaction, edits, {author, "edits that were not in force, kept by a rollback", false},
                      now);
    return {};
  });
}

Result<ConfigPlan> plan_change(Hub& hub, std::int64_t revision) {
  HUILIU_ASSIGN(const config::Texts texts, texts_wanted(hub, revision));
  return plan_configuration(hub.options(), texts);
}

Result<Revision> put_in_force(Hub& hub, const std::string& plan, const Signature& signature) {
  const std::lock_guard lock(changes());
  HUILIU_ASSIGN(const config::Texts texts, texts_there(hub));
  HUILIU_TRY(as_planned(hub, texts, plan));
  return record(hub, texts, signature);
}

Result<Revision> roll_back(Hub& hub, std::int64_t number, const std::string& plan,
                           const Signature& signature) {
  const std::lock_guard lock(changes());
  HUILIU_ASSIGN(const config::Texts edits, texts_there(hub));
  HUILIU_ASSIGN(const config::Texts texts, texts_wanted(hub, number));
  HUILIU_TRY(as_planned(hub, texts, plan));
  HUILIU_TRY(keep_edits(hub.store(), edits, signature.author, hub.clock().now()));
  HUILIU_TRY(config::write_texts(hub.options().config, texts));
  Signature named = signature;
  named.reason = "rollback to revision " + std::to_string(number) +
                 (signature.reason.empty() ? "" : ": " + signature.reason);
  return record(hub, texts, named);
}

}  // namespace huiliu::run
