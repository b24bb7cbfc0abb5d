#include "hub/run/messages.hpp"

#include <algorithm>

#include "hub/mapping/mapping.hpp"
#include "hub/model/id.hpp"
#include "hub/run/message_texts.hpp"
#include "hub/run/recipients.hpp"
#include "hub/sync/values.hpp"

namespace huiliu::run {
namespace {

using model::Micros;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* outbox_space = "messages";
constexpr const char* cursor_space = "messages/state";
constexpr const char* cursor_key = "told_up_to";
constexpr Micros kept_for = 30 * 24 * 3600 * model::second;  // sent ones are forgotten after this
constexpr std::size_t bytes_per_digest = 1500;               // office suites take about 2,000

OutboxMessage message_from(const std::string& id, const Value& view) {
  const auto number = [&](const char* name) {
    const model::Number* found = view[name].if_number();
    return found == nullptr ? Micros{0} : found->to_int64().value_or(0);
  };
  OutboxMessage message;
  message.id = id;
  for (const auto& [name, member] : {std::pair{"kind", &OutboxMessage::kind},
                                     {"employee", &OutboxMessage::employee},
                                     {"to", &OutboxMessage::to},
                                     {"title", &OutboxMessage::title},
                                     {"text", &OutboxMessage::text},
                                     {"review", &OutboxMessage::review},
                                     {"customer", &OutboxMessage::customer},
                                     {"via", &OutboxMessage::via},
                                     {"state", &OutboxMessage::state},
                                     {"connection", &OutboxMessage::connection},
                                     {"key", &OutboxMessage::key},
                                     {"reason", &OutboxMessage::reason}})
    message.*member = view[name].to_text();
  message.created = number("created");
  message.due = number("due");
  message.sent = number("sent");
  return message;
}

void save_message(store::Transaction& transaction, const OutboxMessage& m) {
  transaction.save_value(outbox_space, m.id,
                         model::to_json(Object{{"kind", m.kind},
                                               {"employee", m.employee},
                                               {"to", m.to},
                                               {"title", m.title},
                                               {"text", m.text},
                                               {"review", m.review},
                                               {"customer", m.customer},
                                               {"via", m.via},
                                               {"state", m.state},
                                               {"connection", m.connection},
                                               {"key", m.key},
                                               {"reason", m.reason},
                                               {"created", m.created},
                                               {"due", m.due},
                                               {"sent", m.sent}}));
}

std::set<std::string> deciders_of(const Workspace& workspace, const sync::Review& review) {
  const sync::ConnectionRules* connection = workspace.rules->connection(review.connection);
  const std::string about = review.kind == sync::ReviewKind::create
                                ? (connection == nullptr ? std::string() : connection->role)
                                : review.field;
  return workspace.config->policies.deciders(sync::to_string(review.kind), about);
}

OutboxMessage message_to(const Person& person, const std::string& kind, const Wording& words) {
  OutboxMessage message;
  message.kind = kind;
  message.employee = person.employee;
  message.to = person.shown;
  message.via = person.via;
  message.title = words.title;
  message.text = words.text;
  return message;
}

void tell_about_review(const Workspace& workspace, store::Transaction& transaction,
                       const sync::Review& review, const Person& person, const std::string& kind,
                       const Wording& words) {
  OutboxMessage message = message_to(person, kind, words);
  message.review = review.id;
  message.customer = review.golden;
  if (message.via.empty()) message.via = review.connection;
  queue_message(workspace, transaction, kind + "/" + review.id, std::move(message));
}

// Whether a person of a chat tool is a contact, or works for a customer, is asked of who follows him.
bool tell_follower(const Workspace& workspace, store::Transaction& transaction, const sync::Review& review) {
  if (review.kind != sync::ReviewKind::duplicate && !review.dedupe.starts_with("bind/")) return false;
  for (const std::string& person : {review.golden, review.evidence["other"].to_text()})
    if (const auto follower = follower_of(workspace, transaction, person)) {
      tell_about_review(workspace, transaction, review, *follower, "binding",
                        words_for_binding(review, person));
      return true;
    }
  return false;
}

void tell_new_review(const Workspace& workspace, store::Transaction& transaction,
                     const sync::Review& review) {
  if (review.state == "open" && tell_follower(workspace, transaction, review)) return;
  const bool create = review.kind == sync::ReviewKind::create;
  const bool change = review.kind == sync::ReviewKind::change && !review.field.empty();
  if (review.state != "open" || (!create && !change)) return;
  const model::Schema& schema = workspace.config->schema;
  for (const Person& person : people_with(workspace, transaction, deciders_of(workspace, review)))
    tell_about_review(workspace, transaction, review, person, create ? "creation_request" : "change_request",
                      words_for_request(review, schema));
  if (!change) return;
  if (const auto author = responsible(workspace, transaction, review.golden))
    tell_about_review(workspace, transaction, review, *author, "change_pending",
                      words_for_author(review, schema));
}

// Where a person gets messages: the preferred connection, else the first, with a message stream in which he
// has an account.
struct Mailbox {
  std::string connection, stream, key;
};
std::optional<Mailbox> mailbox_of(const Workspace& workspace, store::Snapshot& snapshot,
                                  const OutboxMessage& message) {
  std::optional<Mailbox> first;
  for (const auto& [connection, stream] : workspace.message_streams) {
    const sync::ConnectionRules* rules = workspace.rules->connection(connection);
    const sync::StreamRules* people = rules == nullptr ? nullptr : rules->for_entity("employee");
    if (people == nullptr || !workspace.systems.contains(connection)) continue;
    const auto account = snapshot.primary_of(message.employee, connection, people->stream);
    if (!account) continue;
    if (connection == message.via) return Mailbox{connection, stream, account->ref.key};
    if (!first) first = Mailbox{connection, stream, account->ref.key};
  }
  return first;
}

// Text that an office suite takes, cut between two characters.
std::string cut(std::string text) {
  if (text.size() <= bytes_per_digest) return text;
  std::size_t end = bytes_per_digest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end) + "…";
}

// One message of one person, or all of his that are due as one.
Wording digest_of(const std::vector<OutboxMessage>& messages) {
  if (messages.size() == 1) return {messages.front().title, cut(messages.front().text)};
  Wording digest{"汇流：" + std::to_string(messages.size()) + " 条消息 messages", {}};
  std::size_t listed = 0;
  for (const OutboxMessage& message : messages) {
    const std::string entry = (listed == 0 ? "" : "\n\n") + message.title + "\n" + message.text;
    if (digest.text.size() + entry.size() > bytes_per_digest) break;
    digest.text += entry;
    ++listed;
  }
  if (listed < messages.size())
    digest.text +=
        "\n\n… 另有 " + std::to_string(messages.size() - listed) + " 条，见 huiliu message list (more)";
  return digest;
}

Value body_of(const Workspace& workspace, const std::vector<OutboxMessage>& messages,
              const std::string& key) {
  const Wording words = digest_of(messages);
  Object body{{"title", words.title}, {"text", words.text}, {"users", model::Array{Value(key)}}};
  std::string link = workspace.config->hub.messages.link;
  if (const std::size_t at = link.find("{id}"); at != std::string::npos)
    link.replace(at, 4, messages.size() == 1 ? messages.front().review : "");
  if (!link.empty()) body.set("url", link);
  return body;
}

struct Letter {
  Mailbox mailbox;
  std::vector<OutboxMessage> messages;
};

void note_waiting(store::Transaction& transaction, OutboxMessage message, const std::string& reason) {
  if (message.reason == reason) return;
  message.reason = reason;
  save_message(transaction, message);
}

// What goes out now, marked as being sent: durable before it leaves.
std::vector<Letter> take_due(Workspace& workspace, store::Transaction& transaction, bool at_once) {
  const Micros now = workspace.clock->now();
  std::map<std::pair<std::string, std::string>, Letter> by_mailbox;
  for (OutboxMessage& message : list_messages(transaction)) {
    if (message.state == "sending") {  // a process ended in between: told at most once
      message.state = "unsure";
      message.reason = "发送中断，未再发送 (sending was cut off; not sent again)";
      save_message(transaction, message);
      continue;
    }
    if (message.state == "sent" && message.sent + kept_for < now)
      transaction.erase_value(outbox_space, message.id);
    if (message.state != "waiting" || (!at_once && message.due > now)) continue;
    if (message.employee.empty()) {
      note_waiting(transaction, message, "没有对应的员工账号 (no employee is known for this person)");
      continue;
    }
    const auto mailbox = mailbox_of(workspace, transaction, message);
    if (!mailbox) {
      note_waiting(transaction, message, "没有可送达的连接 (no connection delivers messages to this person)");
      continue;
    }
    Letter& letter =
        by_mailbox.try_emplace({message.employee, mailbox->connection}, Letter{*mailbox, {}}).first->second;
    message.state = "sending";
    message.connection = letter.mailbox.connection;
    message.key = letter.mailbox.key;
    message.reason.clear();
    save_message(transaction, message);
    letter.messages.push_back(std::move(message));
  }
  std::vector<Letter> letters;
  for (auto& [mailbox, letter] : by_mailbox) letters.push_back(std::move(letter));
  return letters;
}

void settle_letter(Workspace& workspace, store::Transaction& transaction, Letter& letter,
                   const WrittenRecord& answer) {
  for (OutboxMessage& message : letter.messages) {
    switch (answer.outcome) {
      case sync::Outcome::applied:
      case sync::Outcome::unchanged:
      case sync::Outcome::duplicate:
        message.state = "sent";
        message.sent = workspace.clock->now();
        break;
      case sync::Outcome::in_doubt:
        message.state = "unsure";
        break;
      case sync::Outcome::stale:
      case sync::Outcome::gone:
      case sync::Outcome::rejected:
      case sync::Outcome::deferred:
        message.state = "waiting";
        break;
    }
    message.reason = message.state == "sent" ? "" : answer.message;
    save_message(transaction, message);
  }
}

}  // namespace

Value message_view(const OutboxMessage& message) {
  const auto time = [](Micros at) { return at == 0 ? std::string() : model::to_rfc3339(at); };
  return Object{{"id", message.id},
                {"kind", message.kind},
                {"to", message.to},
                {"employee", message.employee},
                {"title", message.title},
                {"text", message.text},
                {"review", message.review},
                {"customer", message.customer},
                {"state", message.state},
                {"connection", message.connection},
                {"key", message.key},
                {"reason", message.reason},
                {"created", time(message.created)},
                {"due", time(message.due)},
                {"sent", time(message.sent)}};
}

std::vector<OutboxMessage> list_messages(store::Snapshot& snapshot) {
  std::vector<OutboxMessage> messages;
  for (const auto& [id, text] : snapshot.list_values(outbox_space))
    if (const auto view = model::parse_json(text); view.ok()) messages.push_back(message_from(id, *view));
  std::stable_sort(messages.begin(), messages.end(),
                   [](const auto& a, const auto& b) { return a.created < b.created; });
  return messages;
}

void queue_message(const Workspace& workspace, store::Transaction& transaction, const std::string& event,
                   OutboxMessage message) {
  message.id =
      "msg_" + std::to_string(model::hash64(event, model::hash64(message.employee + "/" + message.to)));
  if (transaction.load_value(outbox_space, message.id)) return;
  message.created = workspace.clock->now();
  const auto due = due_time(workspace.config->hub.messages, message.kind, message.created);
  message.due = due.ok() && message.kind != "alert"
                    ? *due
                    : message.created;  // an unknown zone is refused when the file is read
  save_message(transaction, message);
}

void tell_notices(const Workspace& workspace, store::Transaction& transaction,
                  const std::vector<sync::Notice>& notices) {
  for (const sync::Notice& notice : notices) {
    const auto golden = transaction.load_golden(transaction.resolve(notice.golden));
    const model::Entity* entity = golden ? workspace.config->schema.find(golden->entity) : nullptr;
    if (entity == nullptr) continue;
    const Wording words =
        words_for_notice(notice, entity->name, sync::title_of(*entity, *golden), workspace.config->schema);
    const std::string event = notice.kind + "/" + notice.ref.text() + "/" + notice.field + "/" +
                              notice.edit.key + "/" + std::to_string(workspace.clock->now());
    std::vector<Person> people;
    if (notice.kind.starts_with("approved"))
      people =
          people_with(workspace, transaction, workspace.config->policies.deciders("change", notice.field));
    else if (const auto person = responsible(workspace, transaction, notice.golden))
      people = {*person};
    else
      people = people_with(workspace, transaction, {"steward"});
    for (const Person& person : people) {
      OutboxMessage message = message_to(person, notice.kind, words);
      message.customer = notice.golden;
      message.via = notice.ref.connection;
      queue_message(workspace, transaction, event, std::move(message));
    }
  }
}

void tell_disabled(const Workspace& workspace, store::Transaction& transaction, const model::Entity& customer,
                   const sync::Golden& golden) {
  const auto owner = responsible(workspace, transaction, golden.id);
  const auto state = golden.fields.find(customer.index_of("state"));
  if (!owner || state == golden.fields.end()) return;
  OutboxMessage message =
      message_to(*owner, "customer_disabled", words_for_disabled(sync::title_of(customer, golden)));
  message.customer = golden.id;
  queue_message(workspace, transaction, "disabled/" + golden.id + "/" + std::to_string(state->second.version),
                std::move(message));
}

void tell_decided(const Workspace& workspace, store::Transaction& transaction, const sync::Review& review) {
  const bool request = review.kind == sync::ReviewKind::create ||
                       (review.kind == sync::ReviewKind::change && !review.field.empty());
  if (!request) return;
  const auto author = responsible(workspace, transaction, review.golden);
  if (!author) return;
  const std::string kind = review.choice == "approve"  ? "approved"
                           : review.choice == "return" ? "returned"
                                                       : "refused";
  tell_about_review(workspace, transaction, review, *author, kind,
                    words_for_decision(review, workspace.config->schema));
}

void tell_roles(const Workspace& workspace, store::Transaction& transaction,
                const std::set<std::string>& roles, const std::string& event, const std::string& title,
                const std::string& text) {
  for (const Person& person : people_with(workspace, transaction, roles))
    queue_message(workspace, transaction, event, message_to(person, "alert", {title, text}));
}

Status tell_new_reviews(Workspace& workspace) {
  while (true) {
    std::size_t seen = 0;
    constexpr std::size_t page_size = 200;
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      const std::string after = transaction.load_value(cursor_space, cursor_key).value_or("");
      const auto page = transaction.list_reviews({std::nullopt, "", ""}, {after, page_size});
      seen = page.size();
      if (page.empty()) return {};
      for (const sync::Review& review : page) tell_new_review(workspace, transaction, review);
      transaction.save_value(cursor_space, cursor_key, page.back().id);
      return {};
    }));
    if (seen < page_size) return {};
  }
}

Status tell_unmapped(Workspace& workspace, const std::map<std::string, std::size_t>& reasons) {
  if (reasons.empty()) return {};
  return workspace.store->write([&](store::Transaction& transaction) -> Status {
    const auto people = people_with(workspace, transaction, {"steward", "integrator"});
    for (const auto& [reason, records] : reasons)
      for (const Person& person : people)
        queue_message(workspace, transaction, "unmapped/" + reason,
                      message_to(person, "unmapped", words_for_unmapped(reason, records)));
    return {};
  });
}

Status deliver_messages(Workspace& workspace, bool at_once) {
  bool any = false;
  HUILIU_TRY(workspace.store->read([&](store::Snapshot& snapshot) -> Status {
    for (const OutboxMessage& message : list_messages(snapshot))
      any = any || message.state == "waiting" || message.state == "sending" ||
            (message.state == "sent" && message.sent + kept_for < workspace.clock->now());
    return {};
  }));
  if (!any) return {};
  std::vector<Letter> letters;
  HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
    letters = take_due(workspace, transaction, at_once);
    return {};
  }));
  for (Letter& letter : letters) {
    RecordToWrite record;
    record.operation_id = letter.messages.front().id;
    record.body = body_of(workspace, letter.messages, letter.mailbox.key);
    const auto written =
        workspace.systems.at(letter.mailbox.connection)->write(letter.mailbox.stream, {record});
    HUILIU_TRY(workspace.store->write([&](store::Transaction& transaction) -> Status {
      settle_letter(workspace, transaction, letter, written.front());
      return {};
    }));
  }
  return {};
}

}  // namespace huiliu::run
