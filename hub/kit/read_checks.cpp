// Reading: complete, once, repeatable, resumable, and blind to nothing that people do meanwhile.
#include <algorithm>

#include "hub/kit/check.hpp"

namespace huiliu::kit {
namespace {

using model::ErrorClass;
using model::Value;

constexpr std::size_t cursors_tried = 16;

// The stream in a quiet system; judges what must hold of any reading.
std::optional<Reading> quiet_read(Lab& lab, const host::StreamSpec& stream, Judge& judge) {
  auto bench = lab.open();
  if (!bench.ok()) {
    judge.fail("does not open: " + bench.error().text(), "open must not need the network");
    return std::nullopt;
  }
  Reading all = lab.read(*bench, stream.name);
  if (!all.status.ok()) {
    judge.fail("a full read ends with: " + all.status.error().text(), "read to the end and return OK");
    return std::nullopt;
  }
  return all;
}

void reads_all(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto all = quiet_read(lab, *stream, judge);
  if (!all) return;
  if (!all->bad.empty())
    judge.fail(
        std::to_string(all->bad.size()) + " records cannot be used, the first: " + all->bad[0].error.text(),
        "every record has a key and is one JSON object");
  if (!all->repeated.empty())
    judge.fail("delivered more than once in one pass: " + some_of(all->repeated),
               "pages must not overlap: sort by a unique key, or continue after the last key");
  if (all->cursors.empty())
    judge.fail("there was no checkpoint", "call checkpoint after each page, at least once at the end");
  if (!lab.has_twin()) return;
  // What the system holds that the read did not deliver, and that a look-up by key does.
  if (!lab.manifest().capabilities.contains("lookup")) return;
  const auto state = lab.get("/state?stream=" + stream->name);
  if (!state.ok() || !state->is_array()) return;
  std::vector<std::string> absent;
  for (const Value& body : state->as_array())
    if (const Value* key = body.at_path(stream->key);
        key != nullptr && !all->records.contains(key->to_text()))
      absent.push_back(key->to_text());
  if (absent.empty()) return;
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading looked = lab.lookup(*bench, stream->name, absent);
  std::vector<std::string> dropped;
  for (const std::string& key : absent)
    if (const auto found = looked.records.find(key); found != looked.records.end() && !found->second.deleted)
      dropped.push_back(key);
  if (!dropped.empty())
    judge.fail(std::to_string(dropped.size()) + " records are there and were not read: " + some_of(dropped),
               "read every page: do not trust a page that is shorter than asked for to be the last");
}

void repeats(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  const auto first = quiet_read(lab, *stream, judge);
  const auto second = first ? quiet_read(lab, *stream, judge) : std::nullopt;
  if (!second) return;
  std::vector<std::string> differing;
  for (const auto& [key, seen] : first->records)
    if (const auto again = second->records.find(key); again == second->records.end() || again->second != seen)
      differing.push_back(key);
  if (!differing.empty() || first->records.size() != second->records.size())
    judge.fail("two reads of a quiet system differ: " + some_of(differing),
               "keep times of reading, request ids and orders of hash tables out of the body");
}

void resumes(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!stream->read.contains("changes")) return judge.skip("the stream is always read whole");
  const auto all = quiet_read(lab, *stream, judge);
  if (!all) return;
  const std::size_t step = std::max<std::size_t>(1, all->cursors.size() / cursors_tried);
  for (std::size_t i = 0; i < all->cursors.size(); i += step) {
    auto bench = lab.open();
    if (!bench.ok()) return;
    Reading rest = lab.read(*bench, stream->name, all->cursors[i]);
    const std::string where = "continued from cursor " + std::to_string(i + 1) + " of " +
                              std::to_string(all->cursors.size()) + ", ";
    if (!rest.status.ok() && rest.status.error().error_class == ErrorClass::resync) continue;
    if (!rest.status.ok())
      return judge.fail(where + "the read ends with: " + rest.status.error().text(),
                        "a cursor holds everything that the next process needs");
    std::map<std::string, Seen> got = rest.records;
    for (std::size_t n = 0; n < all->covered[i]; ++n) got.insert(*all->records.find(all->order[n]));
    if (const auto lost = missing(all->records, got); !lost.empty())
      return judge.fail(where + std::to_string(lost.size()) + " records are lost: " + some_of(lost),
                        "checkpoint only what was emitted before it, and continue right after it");
  }
}

void quiet_changes(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!stream->read.contains("changes")) return judge.skip("the stream is always read whole");
  const auto all = quiet_read(lab, *stream, judge);
  if (!all || all->cursors.empty()) return;
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading since = lab.read(*bench, stream->name, all->cursors.back());
  if (!since.status.ok())
    return judge.fail("reading changes of a quiet system ends with: " + since.status.error().text(),
                      "nothing new is no error");
  for (const auto& [key, seen] : since.records)
    if (const auto known = all->records.find(key); known == all->records.end() || known->second != seen)
      return judge.fail("a quiet system's changes contain " + key + " in another form than the full read",
                        "build the body in one place for both modes");
}

// The first text field of a record that a person could have edited.
std::string editable_field(const host::StreamSpec& stream, const Value& body) {
  for (const auto& [path, field] : stream.fields)
    if (field.operations.contains("update"))
      if (const Value* value = body.at_path(path);
          value != nullptr && value->is_string() && !value->as_string().empty())
        return path;
  return {};
}

struct Edit {
  std::string key, field, value;
};

// A person edits one of these records in the twin.
std::optional<Edit> person_edits(Lab& lab, const host::StreamSpec& stream,
                                 const std::vector<std::string>& keys,
                                 const std::map<std::string, Seen>& records) {
  static int number = 0;
  for (const std::string& key : keys) {
    const auto body = model::parse_json(records.at(key).body);
    if (!body.ok() || records.at(key).deleted) continue;
    const std::string field = editable_field(stream, *body);
    if (field.empty()) continue;
    const std::string value = "改" + std::to_string(++number);
    const auto done = lab.post(
        "/edit",
        model::Object{{"stream", stream.name}, {"key", key}, {"fields", model::Object{{field, value}}}});
    if (done.ok()) return Edit{key, field, value};
  }
  return std::nullopt;
}

bool shows(const std::map<std::string, Seen>& records, const Edit& edit) {
  const auto found = records.find(edit.key);
  if (found == records.end()) return false;
  const auto body = model::parse_json(found->second.body);
  const Value* value = body.ok() ? body->at_path(edit.field) : nullptr;
  return value != nullptr && value->to_text() == edit.value;
}

void sees_edits(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!stream->read.contains("changes")) return judge.skip("the stream is always read whole");
  if (!lab.has_twin()) return judge.skip("needs a twin");
  const auto all = quiet_read(lab, *stream, judge);
  if (!all || all->cursors.empty()) return;
  std::vector<Edit> edits;
  std::string cursor = all->cursors.back();
  for (std::size_t i = 0; i < std::min<std::size_t>(3, all->order.size()); ++i)
    if (const auto edit = person_edits(lab, *stream, {all->order[all->order.size() - 1 - i]}, all->records))
      edits.push_back(*edit);
  if (edits.empty()) return judge.skip("no field of it can be edited in the twin");
  std::map<std::string, Seen> got;
  for (int pass = 0; pass < 2; ++pass) {
    auto bench = lab.open();
    if (!bench.ok()) return;
    const Reading since = lab.read(*bench, stream->name, cursor);
    if (!since.status.ok())
      return judge.fail("reading changes ends with: " + since.status.error().text(),
                        "read to the end and return OK");
    for (const auto& [key, seen] : since.records) got[key] = seen;
    if (!since.cursors.empty()) cursor = since.cursors.back();
  }
  for (const Edit& edit : edits)
    if (!shows(got, edit))
      return judge.fail("an edit of " + edit.key + "." + edit.field + " is not among the changes",
                        "ask for what changed since the start of the last scan, with an overlap");
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading again = lab.read(*bench, stream->name);
  for (const Edit& edit : edits)
    if (const auto whole = again.records.find(edit.key);
        whole != again.records.end() && whole->second != got[edit.key])
      return judge.fail("the changes show " + edit.key + " in another form than a full read",
                        "build the body in one place for both modes");
}

void edits_meanwhile(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!lab.has_twin()) return judge.skip("needs a twin");
  const auto before = quiet_read(lab, *stream, judge);
  if (!before || before->order.empty()) return;
  std::vector<Edit> edits;
  std::size_t turn = 0;
  // At every request somebody edits a record somewhere else in the list.
  const Plan people = [&](std::size_t number, const host::HttpRequest&) {
    if (number <= 1 || edits.size() >= 12) return Fault::none;
    const std::string& key = before->order[(turn++ * 7 + 3) % before->order.size()];
    if (const auto edit = person_edits(lab, *stream, {key}, before->records)) {
      std::erase_if(edits,
                    [&](const Edit& other) { return other.key == edit->key && other.field == edit->field; });
      edits.push_back(*edit);
    }
    return Fault::none;
  };
  Reading all = lab.read_persistently(stream->name, people);
  if (!all.status.ok())
    return judge.fail("a read while people work ends with: " + all.status.error().text(), "read on");
  if (const auto lost = missing(before->records, all.records); !lost.empty())
    return judge.fail(
        "records that were there all the time are missed when others change: " + some_of(lost),
        "page by a key that edits do not move, and never by offset in an order that they change");
  if (!stream->read.contains("changes") || all.cursors.empty()) return;
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading since = lab.read(*bench, stream->name, all.cursors.back());
  for (const auto& [key, seen] : since.records) all.records[key] = seen;
  for (const Edit& edit : edits)
    if (!shows(all.records, edit))
      return judge.fail("an edit of " + edit.key + "." + edit.field + " made during the scan is never seen",
                        "count the next window from the start of this scan, not from its end");
}

void looks_up(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!lab.manifest().capabilities.contains("lookup")) return judge.skip("no lookup slot");
  const auto all = quiet_read(lab, *stream, judge);
  if (!all || all->order.empty()) return;
  std::vector<std::string> keys(
      all->order.begin(),
      all->order.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, all->order.size())));
  const std::string unknown = "999999999999999";
  keys.push_back(unknown);
  auto bench = lab.open();
  if (!bench.ok()) return;
  const Reading looked = lab.lookup(*bench, stream->name, keys);
  if (!looked.status.ok()) {
    if (looked.status.error().error_class == ErrorClass::unsupported)
      return judge.skip(looked.status.error().text());
    return judge.fail("looking up known keys and an unknown one ends with: " + looked.status.error().text(),
                      "a key that the remote does not have is a deleted record, not an error");
  }
  for (const std::string& key : keys) {
    const auto found = looked.records.find(key);
    if (key == unknown) {
      if (found == looked.records.end() || !found->second.deleted)
        judge.fail("an unknown key is not answered as deleted",
                   "Batch::remove(key) for what the remote does not have");
    } else if (found == looked.records.end() || found->second.deleted) {
      judge.fail("lookup does not find " + key + ", which read delivered", "use the same key in both");
    } else if (found->second != all->records.at(key)) {
      judge.fail("lookup shows " + key + " in another form than read",
                 "build the body in one place for both");
    }
    if (judge.failed()) return;
  }
}

void finds(Lab& lab, const host::StreamSpec* stream, Judge& judge) {
  if (!lab.manifest().capabilities.contains("find") || stream->natural_keys.empty())
    return judge.skip("no natural keys");
  const auto all = quiet_read(lab, *stream, judge);
  if (!all) return;
  auto bench = lab.open();
  if (!bench.ok()) return;
  for (const std::string& path : stream->natural_keys) {
    for (const std::string& key : all->order) {
      const auto body = model::parse_json(all->records.at(key).body);
      const Value* value = body.ok() ? body->at_path(path) : nullptr;
      if (value == nullptr || !value->is_string() || value->as_string().empty()) continue;
      Reading found;
      found.status = bench->instance->find(
          {.stream = stream->name, .fields = {{path, value->as_string()}}},
          {[&](host::Page page) -> model::Status {
             for (auto& record : page.records) found.records[record.key] = {record.raw, record.deleted};
             return {};
           },
           [](std::string_view, const host::StateChanges&) -> model::Status { return {}; }});
      if (!found.status.ok())
        judge.fail("find by " + path + " ends with: " + found.status.error().text(),
                   "find accepts its natural keys");
      else if (!found.records.contains(key))
        judge.fail("find by " + path + " does not find " + key, "match the value exactly as read shows it");
      break;
    }
  }
}

}  // namespace

const std::vector<Check>& read_checks() {
  using Per = Check::Per;
  static const std::vector<Check> checks = {
      {"read.complete", "a full read delivers every record once, with a key and a checkpoint",
       Per::readable_stream, reads_all},
      {"read.repeatable", "two reads of a quiet system are equal", Per::readable_stream, repeats},
      {"read.resume", "a read continues from every cursor and loses nothing", Per::readable_stream, resumes},
      {"read.quiet_changes", "the changes of a quiet system are nothing new", Per::readable_stream,
       quiet_changes},
      {"read.edits", "what people edit is among the changes", Per::readable_stream, sees_edits},
      {"read.edits_meanwhile", "edits during a scan hide no record and are seen", Per::readable_stream,
       edits_meanwhile},
      {"lookup.keys", "known keys are found as read shows them, unknown ones are deleted records",
       Per::readable_stream, looks_up},
      {"find.natural_keys", "records are found by their natural keys", Per::readable_stream, finds},
  };
  return checks;
}

}  // namespace huiliu::kit
