#include "hub/run/connection_view.hpp"

#include "hub/run/connection_list.hpp"
#include "hub/run/policy_view.hpp"

namespace huiliu::run {
namespace {

using model::Array;
using model::Object;
using model::Value;

const Value* declared_stream(const Value& manifest, const std::string& name) {
  if (const Array* streams = manifest["streams"].if_array())
    for (const Value& stream : *streams)
      if (stream["name"].to_text() == name) return &stream;
  return nullptr;
}

bool is_true(const Value& value) {
  const bool* boolean = value.if_bool();
  return boolean != nullptr && *boolean;
}

// What the grade of a system means for the people who rely on the hub.
Array promises_of(const Value& grade, bool zh) {
  Array promises;
  const auto say = [&](bool holds, const char* name_zh, const char* name_en, const char* why_zh,
                       const char* why_en) {
    promises.push_back(
        Object{{"promise", zh ? name_zh : name_en}, {"holds", holds}, {"why", zh ? why_zh : why_en}});
  };
  const std::string write = grade["write"].to_text();
  const bool conditional = write == "A";
  const bool recorded = conditional || write == "B";
  say(conditional, "不会覆盖写入瞬间他人刚做的修改", "never overwrites an edit made while it writes",
      conditional ? "支持按版本的条件写入" : "没有条件写入：写前先读，之间的修改可能被覆盖",
      conditional ? "writes are conditional on the version"
                  : "no conditional write: it is read right before, an edit in between may be overwritten");
  say(recorded, "被覆盖的值一定留有记录", "whatever is overwritten is recorded",
      recorded ? "写入返回或要求旧值" : "写前读取的值留在历史中，之间的修改看不到",
      recorded ? "the previous state is known"
               : "the value read before is kept, an edit in between is not seen");
  const bool unique = grade["key"].to_text() == "U";
  say(unique, "应答丢失时不会重复建档", "a lost answer never makes a second record",
      unique ? "系统检查唯一键" : "新建前后按自然键查找",
      unique ? "the system enforces a unique key" : "it is looked up by natural keys first");
  const bool deletes = is_true(grade["deletes_visible"]);
  say(deletes, "删除即时可见", "a deletion is seen at once",
      deletes ? "增量读取包含删除" : "由每日的主键比较或全量读取发现",
      deletes ? "reads of changes show it" : "it is found by the daily comparison of keys, or a full read");
  const model::Number* lag = grade["lag_seconds"].if_number();
  const bool current = lag == nullptr || !(lag->to_double() > 0);
  say(current, "列表即时反映修改", "lists show a change at once",
      current ? "无延迟" : "列表有延迟，按主键再读一次才作准",
      current ? "no lag" : "lists lag: records count when read by key");
  const bool verbatim = !is_true(grade["respells"]);
  say(verbatim, "写入的文本原样保存", "text is stored as it was sent",
      verbatim ? "不改写" : "系统会改写，视为同值",
      verbatim ? "no respelling" : "the system respells; that is no edit");
  return promises;
}

Value field_row(const Hub& hub, const sync::ConnectionRules& rules, const sync::StreamRules& stream,
                const mapping::StreamMapping& mapped, const Value& declared, model::FieldIndex field,
                bool zh) {
  const model::Entity& entity = *hub.config().schema.find(stream.entity);
  const std::string path = mapped.write_path(field);
  const sync::FieldOps& ops = stream.ops.at(field);
  const auto reason = hub.right_reasons().find({rules.name, stream.stream, field});
  static constexpr const char* directions[] = {"both", "in", "out"};
  const auto right = stream.rights.at(field);
  const bool writes = entity.reference_data ? false : true;
  return Object{{"field", entity.fields[field].name},
                {"path", path},
                {"direction", directions[static_cast<std::size_t>(mapped.direction(field))]},
                {"create", writes && stream.creatable && ops.create},
                {"update", writes && stream.writable && ops.update},
                {"clear", writes && stream.writable && ops.clear},
                {"length", ops.max_length == 0 ? Value() : Value(static_cast<std::int64_t>(ops.max_length))},
                {"unique", is_true(declared["fields"][path]["unique"])},
                {"right", std::string(1, static_cast<char>(right))},
                {"meaning", meaning_of(right, zh)},
                {"line", reason == hub.right_reasons().end() ? std::string() : reason->second.line}};
}

}  // namespace

model::Result<Value> connection_view(Hub& hub, const std::string& name, bool zh) {
  const config::ConnectionConfig* connection = hub.connection(name);
  const sync::ConnectionRules* rules = hub.rules().connection(name);
  const Value* manifest = hub.manifest(name);
  const mapping::Mapping* mapping = hub.mapping(name);
  if (connection == nullptr || rules == nullptr || manifest == nullptr || mapping == nullptr)
    return model::make_error(model::ErrorClass::not_found,
                             connection == nullptr
                                 ? "there is no connection \"" + name + "\"; see huiliu connection list"
                                 : "the connection \"" + name + "\" is not enabled");
  static const Value nothing;
  Array streams;
  for (const auto& [stream_name, stream] : rules->streams) {
    const Value* found = declared_stream(*manifest, stream_name);
    const Value& declared = found == nullptr ? nothing : *found;
    const mapping::StreamMapping& mapped = *mapping->stream(stream_name);
    Array fields;
    for (const model::FieldIndex field : mapped.fields())
      fields.push_back(field_row(hub, *rules, stream, mapped, declared, field, zh));
    streams.push_back(Object{{"stream", stream_name},
                             {"entity", stream.entity},
                             {"read", declared["capabilities"]["read"]},
                             {"write", declared["capabilities"]["write"]},
                             {"fields", std::move(fields)}});
  }
  Value grade;
  HUILIU_TRY(hub.store().read([&](store::Snapshot& snapshot) -> model::Status {
    grade = grade_of(snapshot, name, (*manifest)["grade"]);
    return {};
  }));
  const auto messages = hub.message_streams().find(name);
  return Value(
      Object{{"name", name},
             {"connector", connection->connector},
             {"role", connection->role},
             {"column", policy_column(hub.config(), *connection)},
             {"stage", config::to_string(connection->stage)},
             {"create", config::to_string(connection->create)},
             {"scope", connection->scope},
             {"grade", grade},
             {"promises", promises_of(grade, zh)},
             {"streams", std::move(streams)},
             {"messages", messages == hub.message_streams().end() ? std::string() : messages->second}});
}

}  // namespace huiliu::run
