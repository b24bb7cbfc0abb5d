#include "hub/run/dead_letters.hpp"

#include <algorithm>
#include <tuple>

#include "hub/run/advice.hpp"
#include "hub/run/allocation.hpp"
#include "hub/run/translation.hpp"
#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::ErrorClass;
using model::make_error;
using model::Object;
using model::Result;
using model::Status;
using model::Value;

constexpr const char* original_space = "dead_letter_original";
constexpr const char* refused_marker = "refused_write";
constexpr std::size_t letters_max = 100'000;

bool is_open(const store::Parked& letter) {
  return letter.state == store::ParkedState::dead || letter.state == store::ParkedState::parked;
}

Object head_of(const store::Parked& letter) {
  return Object{
      {"id", letter.id}, {"connection", letter.connection}, {"stream", letter.stream}, {"key", letter.key}};
}

}  // namespace

Result<std::vector<store::Parked>> choose_letters(store::Snapshot& snapshot, const LetterChoice& choice) {
  std::vector<store::Parked> letters;
  for (const std::string& id : choice.ids) {
    auto found = snapshot.load_parked(id);
    if (!found) return make_error(ErrorClass::not_found, "there is no dead letter " + id);
    letters.push_back(std::move(*found));
  }
  if (choice.ids.empty())
    letters = snapshot.list_parked({choice.connection, choice.stream, choice.cause}, {{}, letters_max});
  std::stable_sort(letters.begin(), letters.end(), [](const store::Parked& a, const store::Parked& b) {
    return std::tie(a.opened, a.id) < std::tie(b.opened, b.id);
  });
  return letters;
}

bool is_refused_write(const store::Parked& letter) {
  const auto body = model::parse_json(letter.raw);
  return body.ok() && body->is_object() && body->as_object().size() == 1 &&
         body->find(refused_marker) != nullptr;
}

std::string refused_write_text(const Value& body) { return model::to_json(Object{{refused_marker, body}}); }

Value preview_letter(const Workspace& workspace, store::Snapshot& snapshot, const store::Parked& letter) {
  Object view = head_of(letter);
  const auto fails = [&](const std::string& cause, const std::string& message) {
    view.set("outcome", "fails");
    view.set("cause", cause);
    view.set("message", message);
    return Value(view);
  };
  if (is_refused_write(letter)) {
    view.set("outcome", "sends_again");
    view.set("body", (*model::parse_json(letter.raw))[refused_marker]);
    return view;
  }
  const auto mapping = workspace.mappings.find(letter.connection);
  const mapping::StreamMapping* stream =
      mapping == workspace.mappings.end() ? nullptr : mapping->second->stream(letter.stream);
  if (stream == nullptr) return fails("mapping", "the stream is not mapped any more");
  auto body = model::parse_json(letter.raw);
  if (!body.ok()) return fails("payload", body.error().text());
  if (!body->is_object() || letter.key.empty())
    return fails(letter.cause, "the payload is no record; correct it: huiliu dead-letter edit " + letter.id);
  ReceivedRecord record;
  record.key = letter.key;
  record.raw = letter.raw;
  record.body = std::move(*body);
  const ReadContext context{letter.connection, letter.stream, {}, letter.tried, model::unknown_time, false};
  const Translated translated = translate(record, *mapping->second, context, snapshot);
  if (translated.kind == Translated::Kind::parked) return fails(translated.cause, translated.message);
  view.set("outcome", translated.kind == Translated::Kind::filtered ? "filtered" : "passes");
  Object fields;
  for (const auto& [index, value] : translated.observation.image.fields)
    fields.set(stream->entity_model().fields[index].name, field_value_view(value));
  view.set("fields", std::move(fields));
  return view;
}

Status edit_letter(store::Transaction& transaction, const std::string& id, const std::string& raw) {
  auto letter = transaction.load_parked(id);
  if (!letter) return make_error(ErrorClass::not_found, "there is no dead letter " + id);
  if (!is_open(*letter)) return make_error(ErrorClass::stale, "the dead letter is closed", id);
  const auto body = model::parse_json(raw);
  if (!body.ok()) return make_error(ErrorClass::data, "not JSON: " + body.error().text(), id);
  if (!body->is_object()) return make_error(ErrorClass::data, "a record is a JSON object", id);
  if (is_refused_write(*letter))
    return make_error(ErrorClass::data,
                      "this is a write that was refused: correct the customer, not the letter", id);
  if (!transaction.load_value(original_space, id)) transaction.save_value(original_space, id, letter->raw);
  letter->raw = raw;
  transaction.save(*letter);
  return {};
}

std::string original_of(store::Snapshot& snapshot, const std::string& id) {
  return snapshot.load_value(original_space, id).value_or("");
}

bool send_again(Workspace& workspace, store::Transaction& transaction, const store::Parked& letter) {
  const auto sent = model::parse_json(letter.raw);
  if (sent.ok() && forget_refusal(transaction, (*sent)[refused_marker])) return true;
  const model::RecordRef ref{letter.connection, letter.stream, letter.key};
  const auto replica = transaction.load_replica(ref);
  if (!replica) return false;
  const model::Entity* entity = workspace.config->schema.find(replica->entity);
  if (entity == nullptr) return false;
  bool any = false;
  for (const auto& [index, known] : replica->fields) {
    if (!known.refused) continue;
    workspace.engine->let_go(transaction, ref, entity->fields[index].name, workspace.clock->now());
    any = true;
  }
  return any;
}

model::Array letter_groups(store::Snapshot& snapshot, const LetterChoice& choice) {
  model::Array groups;
  for (const store::ParkedCause& cause :
       snapshot.parked_causes({choice.connection, choice.stream, choice.cause}))
    groups.push_back(Object{{"connection", cause.connection},
                            {"stream", cause.stream},
                            {"cause", cause.cause},
                            {"message", cause.message},
                            {"fix", advice_view(advice_for(cause.cause))},
                            {"count", cause.count},
                            {"oldest", time_text(cause.oldest)},
                            {"newest", time_text(cause.newest)}});
  return groups;
}

}  // namespace huiliu::run
