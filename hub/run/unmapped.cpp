#include "hub/run/unmapped.hpp"

#include <set>

#include "hub/run/views.hpp"

namespace huiliu::run {
namespace {

using model::Value;

constexpr std::size_t most_values =
    2000;  // of a connection: a free text mapped as a code must not flood the store
constexpr const char* index_space = "unmapped";  // which connections have some

std::string space_of(const std::string& connection) { return "unmapped/" + connection; }

std::int64_t integer(const Value& value) { return model::Number{value.to_text()}.to_int64().value_or(0); }

}  // namespace

void note_unmapped(store::Transaction& transaction, const model::RecordRef& ref,
                   const std::vector<mapping::Problem>& problems, model::Micros read_started) {
  const std::string space = space_of(ref.connection);
  for (const mapping::Problem& problem : problems) {
    if (problem.value.empty()) continue;
    const std::string key = model::to_json(model::Array{ref.stream, problem.field, problem.value});
    std::int64_t count = 1;
    model::Micros read = read_started;
    if (const auto stored = transaction.load_value(space, key)) {
      const auto before = model::parse_json(*stored);
      const model::Micros newest = before.ok() ? integer((*before)["read"]) : 0;
      if (newest >= read_started) {  // the same read, or an older one that is decoded again
        count += integer((*before)["count"]);
        read = newest;
      }
    } else {
      if (transaction.list_values(space).size() >= most_values) continue;
      transaction.save_value(index_space, ref.connection, "");
    }
    transaction.save_value(space, key,
                           model::to_json(model::Object{{"connection", ref.connection},
                                                        {"stream", ref.stream},
                                                        {"field", problem.field},
                                                        {"value", problem.value},
                                                        {"count", count},
                                                        {"example", ref.key},
                                                        {"read", std::int64_t{read}}}));
  }
}

bool has_unmapped(store::Snapshot& snapshot, const std::string& connection) {
  return snapshot.load_value(index_space, connection).has_value();
}

void forget_unmapped(store::Transaction& transaction, const std::string& connection,
                     const std::string& stream, model::Micros read_started) {
  if (!has_unmapped(transaction, connection)) return;
  bool any = false;
  for (const auto& [key, text] : transaction.list_values(space_of(connection))) {
    const auto entry = model::parse_json(text);
    const bool gone =
        entry.ok() && (*entry)["stream"].to_text() == stream && integer((*entry)["read"]) < read_started;
    if (gone) transaction.erase_value(space_of(connection), key);
    any |= !gone;
  }
  if (!any) transaction.erase_value(index_space, connection);
}

model::Array unmapped_values(store::Snapshot& snapshot, const std::string& connection) {
  std::set<std::string> connections{connection};
  if (connection.empty()) {
    connections.clear();
    for (const auto& [name, nothing] : snapshot.list_values(index_space)) connections.insert(name);
  }
  model::Array rows;
  for (const std::string& name : connections)
    for (const auto& [key, text] : snapshot.list_values(space_of(name))) {
      auto entry = model::parse_json(text);
      if (!entry.ok()) continue;
      const model::Micros read = integer((*entry)["read"]);
      const auto cursor = snapshot.load_cursor(name, (*entry)["stream"].to_text());
      if (cursor && cursor->complete && cursor->mode == store::ReadMode::full && read < cursor->scan_started)
        continue;  // everything was read since, and it was not met
      entry->as_object().erase("read");
      entry->as_object().set("last", Value(time_text(read)));
      rows.push_back(std::move(*entry));
    }
  return rows;
}

}  // namespace huiliu::run
