#include "hub/run/watchman.hpp"

#include <algorithm>
#include <chrono>

#include "hub/host/alert_hook.hpp"
#include "hub/host/mail.hpp"
#include "hub/host/settings.hpp"
#include "hub/model/id.hpp"
#include "hub/run/advice.hpp"
#include "hub/run/brakes.hpp"
#include "hub/run/messages.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* watch_space = "watch";
constexpr auto look_every = std::chrono::seconds(30);

// A reference in hub.yaml, resolved where the host does it for connections.
Result<std::string> secret_of(const std::string& reference) {
  if (reference.empty()) return std::string();
  const Value schema = Object{
      {"type", "object"}, {"properties", Object{{"secret", Object{{"type", "string"}, {"secret", true}}}}}};
  HUILIU_ASSIGN(const Value resolved, host::resolve_references(schema, Object{{"secret", reference}},
                                                               host::SecretForm::references_only));
  return resolved["secret"].to_text();
}

Alert alert_of(const std::string& kind, const std::string& about, const std::string& what,
               const Advice& advice) {
  return {kind, about, what + "。" + advice.zh, what + ". " + advice.en};
}

}  // namespace

void load_book(store::Snapshot& snapshot, AlertBook& book) {
  if (const auto text = snapshot.load_value(watch_space, "book"))
    if (const auto value = model::parse_json(*text); value.ok()) book.load(*value);
}

AlertWords words_of(const std::vector<AlertEntry>& entries) {
  AlertWords words;
  for (const AlertEntry& entry : entries) {
    const std::string head = (entry.over ? "✓ " : "! ") + entry.alert.kind + " " + entry.alert.about;
    if (words.subject.empty()) words.subject = "[Huiliu 汇流] " + head;
    words.text += head + (entry.count > 1 ? " ×" + std::to_string(entry.count) : "") + "  " +
                  model::to_rfc3339(entry.first) + "\n";
    words.text +=
        entry.over ? "  已恢复 · it is over\n" : "  " + entry.alert.zh + "\n  " + entry.alert.en + "\n";
  }
  if (entries.size() > 1) words.subject += " (+" + std::to_string(entries.size() - 1) + ")";
  return words;
}

Watchman::Watchman(Hub& hub, std::function<void(const std::string&)> complain)
    : hub_(hub), settings_(hub.config().hub.alerts), complain_(std::move(complain)), book_(settings_) {
  const Status loaded = hub_.store().read([&](store::Snapshot& snapshot) -> Status {
    load_book(snapshot, book_);
    return {};
  });
  if (!loaded.ok()) complain_(loaded.error().text());
  thread_ = std::thread([this] { loop(); });
}

Watchman::~Watchman() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Watchman::saw(const CycleReport& report) {
  const Micros now = hub_.clock().now();
  const std::lock_guard lock(mutex_);
  for (const ConnectionReport& connection : report.connections) {
    const bool paused = connection.failure && connection.failure->error_class == ErrorClass::auth;
    const bool braked = connection.failure && connection.failure->code == "brake";
    if (connection.failure && connection.failure->error_class == ErrorClass::cancelled) continue;
    if (!connection.failure) {
      for (const char* kind : {"failed", "paused", "stalled"}) book_.over(kind, connection.name, now);
      continue;
    }
    const char* kind = paused ? "paused" : braked ? "brake" : report.stalled ? "stalled" : "failed";
    book_.raise(alert_of(kind, connection.name, connection.failure->message,
                         advice_for(connection.failure->code, connection.failure->error_class)),
                now);
  }
  changed_ = true;
  wake_.notify_all();
}

void Watchman::saw_house(const std::string& job, const Status& ended) {
  const std::lock_guard lock(mutex_);
  if (ended.ok())
    book_.over("store", job, hub_.clock().now());
  else
    book_.raise(alert_of("store", job, ended.error().message,
                         advice_for(ended.error().code, ended.error().error_class)),
                hub_.clock().now());
  changed_ = true;
  wake_.notify_all();
}

std::vector<AlertEntry> Watchman::open() const {
  const std::lock_guard lock(mutex_);
  return book_.open();
}

// What no run reports: how old the data are, how many letters wait, what a brake holds.
void Watchman::look_around() {
  const Micros now = hub_.clock().now();
  const Status looked = hub_.store().read([&](store::Snapshot& snapshot) -> Status {
    std::map<std::string, std::int64_t> letters;
    for (const store::ParkedCause& cause : snapshot.parked_causes({}))
      letters[cause.connection] += cause.count;
    for (const config::ConnectionConfig& connection : hub_.config().connections) {
      if (!connection.enabled) continue;
      const std::int64_t count = letters[connection.name];
      if (count > 0)
        book_.raise(alert_of("dead_letters", connection.name,
                             std::to_string(count) + " 条异常数据待处理 · records need a person",
                             advice_for("mapping")),
                    now);
      else
        book_.over("dead_letters", connection.name, now);
      const std::string gate = closed_gate(snapshot, connection.name);
      if (!gate.empty())
        book_.raise(alert_of("brake", connection.name, gate, advice_for("brake")), now);
      else
        book_.over("brake", connection.name, now);
    }
    if (settings_.lag > 0)
      for (const store::Cursor& cursor : snapshot.list_cursors()) {
        const std::string about = cursor.connection + "/" + cursor.stream;
        if (cursor.last_complete > 0 && now - cursor.last_complete > settings_.lag)
          book_.raise(alert_of("lag", about,
                               std::to_string((now - cursor.last_complete) / model::second) +
                                   " 秒没有完整读取 · seconds without a complete reading",
                               advice_for("", ErrorClass::retry)),
                      now);
        else
          book_.over("lag", about, now);
      }
    return {};
  });
  if (!looked.ok()) complain_(looked.error().text());
}

void Watchman::keep() {
  const std::string text = model::to_json(book_.stored());
  const Status kept = hub_.store().write([&](store::Transaction& transaction) -> Status {
    if (transaction.load_value(watch_space, "book") != text)
      transaction.save_value(watch_space, "book", text);
    return {};
  });
  if (!kept.ok()) complain_(kept.error().text());
}

Status Watchman::send(const std::vector<AlertEntry>& entries) {
  const AlertWords words = words_of(entries);
  const Micros now = hub_.clock().now();
  const std::string id =
      "alert-" + std::to_string(model::hash64(words.text, static_cast<std::uint64_t>(now)));
  std::vector<Status> ways;
  if (settings_.mail) {
    const auto password = secret_of(settings_.mail->password);
    ways.push_back(!password.ok() ? Status(password.error())
                                  : host::send_mail({settings_.mail->server, settings_.mail->user, *password},
                                                    {settings_.mail->from, settings_.mail->to, words.subject,
                                                     words.text, id + "@huiliu"},
                                                    now));
  }
  if (settings_.webhook) {
    const auto secret = secret_of(settings_.webhook->secret);
    model::Array alerts;
    for (const AlertEntry& entry : entries)
      alerts.push_back(Object{{"kind", entry.alert.kind},
                              {"about", entry.alert.about},
                              {"zh", entry.alert.zh},
                              {"en", entry.alert.en},
                              {"count", entry.count},
                              {"over", entry.over},
                              {"since", model::to_rfc3339(entry.first)}});
    const std::string body = model::to_json(
        Object{{"type", "huiliu.alert"}, {"timestamp", model::to_rfc3339(now)}, {"data", std::move(alerts)}});
    const auto transport = host::make_live_transport();
    ways.push_back(!secret.ok()
                       ? Status(secret.error())
                       : host::post_webhook(*transport, settings_.webhook->url, *secret, id, body, now));
  }
  if (!settings_.people.empty())
    ways.push_back(hub_.tell_people(settings_.people, id, words.subject, words.text));
  for (const auto& [connection, stream] : settings_.streams)
    ways.push_back(hub_.tell_stream(connection, stream, id, words.subject, words.text));
  bool any = false;
  Status failed;
  for (const Status& way : ways) {
    any = any || way.ok();
    if (way.ok()) continue;
    complain_(way.error().text());
    failed = way;
  }
  return any ? Status{} : failed;
}

void Watchman::deliver() {
  if (!settings_.anybody()) return;  // who looks finds them: the console, the API
  std::vector<AlertEntry> entries;
  {
    const std::lock_guard lock(mutex_);
    const Micros now = hub_.clock().now();
    entries = book_.due(now, is_quiet(settings_, now));
  }
  if (entries.empty()) return;
  if (const Status sent = send(entries); !sent.ok()) {
    const std::lock_guard lock(mutex_);
    book_.undo(entries);
  }
}

void Watchman::loop() {
  std::unique_lock lock(mutex_);
  while (!stop_) {
    look_around();
    changed_ = false;
    lock.unlock();
    deliver();
    lock.lock();
    keep();
    if (!stop_) wake_.wait_for(lock, look_every, [this] { return stop_ || changed_; });
  }
}

}  // namespace huiliu::run
