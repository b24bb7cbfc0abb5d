// huiliu quality
#include <CLI/CLI.hpp>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/run/quality.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct QualityArguments {
  std::string connection;
  bool refresh = false;
};

model::Result<model::Array> measure_now(Session& session, const QualityArguments& arguments) {
  HUILIU_ASSIGN(const std::unique_ptr<run::Hub> hub, open_beside(session.options()));
  model::Array rows;
  HUILIU_TRY(hub->store().read([&](store::Snapshot& snapshot) -> model::Status {
    for (const config::ConnectionConfig& connection : hub->config().connections) {
      if (!connection.enabled || (!arguments.connection.empty() && connection.name != arguments.connection))
        continue;
      for (Value& row : run::measure_quality(hub->workspace(), snapshot, connection.name, 0))
        rows.push_back(std::move(row));
    }
    return {};
  }));
  return rows;
}

model::Result<model::Array> stored(Session& session, const QualityArguments& arguments) {
  model::Array rows;
  HUILIU_TRY(session.read([&](store::Snapshot& snapshot, const model::Schema&) -> model::Status {
    rows = run::stored_quality(snapshot, arguments.connection);
    return {};
  }));
  return rows;
}

// One line of the table for each field.
std::vector<Value> field_rows(const model::Array& streams) {
  std::vector<Value> rows;
  for (const Value& stream : streams)
    for (const Value& field : stream["fields"].as_array()) {
      model::Object row{
          {"connection", stream["connection"]}, {"stream", stream["stream"]}, {"score", stream["score"]}};
      for (const model::Member& member : field.as_object()) row.append(member.key, member.value);
      rows.emplace_back(std::move(row));
    }
  return rows;
}

int show_quality(Session& session, const QualityArguments& arguments) {
  const auto rows = arguments.refresh ? measure_now(session, arguments) : stored(session, arguments);
  if (!rows.ok()) return session.fail(rows.error());
  if (session.json()) {
    print_json(session, Value(*rows));
    return done;
  }
  if (rows->empty())
    session.io().err << say("还没有数据质量分；运行一次同步，或加 --refresh\n",
                            "no scores yet: run a cycle, or add --refresh\n");
  print_table(session,
              {{say("系统连接", "CONNECTION"), "connection"},
               {say("数据对象", "STREAM"), "stream"},
               {say("总分", "SCORE"), "score"},
               {say("字段", "FIELD"), "field"},
               {say("完整", "COMPLETE"), "completeness"},
               {say("有效", "VALID"), "validity"},
               {say("唯一", "UNIQUE"), "uniqueness"},
               {say("一致", "AGREES"), "agreement"},
               {say("问题", "PROBLEMS"), "problems"}},
              field_rows(*rows));
  return done;
}

}  // namespace

void add_quality_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<QualityArguments>();
  CLI::App* command = app.add_subcommand("quality", say("数据质量分", "quality scores by system and field"));
  command->add_option("connection", arguments->connection, "one connection; default: all");
  command->add_flag("--refresh", arguments->refresh,
                    "measure all records now instead of showing what the last run stored");
  command->callback([&action, arguments] {
    action = {[arguments](Session& session) { return show_quality(session, *arguments); }, false, false};
  });
}

}  // namespace huiliu::cli
