// huiliu mapping check, preview, diff, unmapped, codecs, schema
#include <CLI/CLI.hpp>
#include <filesystem>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/cli/mapping_source.hpp"
#include "hub/mapping/codec.hpp"
#include "hub/mapping/keys.hpp"
#include "hub/run/mapping_effect.hpp"
#include "hub/run/unmapped.hpp"
#include "hub/run/views.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct MappingArguments {
  std::string name, other;
  SampleOptions samples;
  bool plan = false;
};

// A mapping that loads, and the records to try it on.
struct Trial {
  MappingSource source;
  mapping::Mapping mapping;
};

void report(Session& session, const std::vector<model::Error>& errors, const char* kind) {
  for (const model::Error& error : errors)
    session.io().err << error.where << ": " << kind << error.message << '\n';
}

Value errors_view(const std::vector<model::Error>& errors) {
  model::Array rows;
  for (const model::Error& error : errors)
    rows.push_back(model::Object{{"where", error.where}, {"message", error.message}});
  return Value(std::move(rows));
}

model::Result<Trial> load(Session& session, const MappingFinder& finder, const std::string& name) {
  HUILIU_ASSIGN(MappingSource source, finder.find(name));
  auto mapping = mapping::Mapping::load(source.document->value, finder.schema());
  if (!mapping.ok()) {
    std::vector<model::Error> warnings;
    report(session, finder.errors_in(source, warnings), "");
    return source.document->locate(mapping.error());
  }
  return Trial{std::move(source), std::move(*mapping)};
}

// ---- check

// NAME.tests.yaml beside NAME.yaml: {"tests": […]}. {"run", "failed": [{"name", "where", "message"}]}
model::Result<Value> run_tests(const Trial& trial) {
  model::Array failed;
  std::int64_t count = 0;
  std::filesystem::path file = trial.source.path;
  file.replace_extension(".tests.yaml");
  std::error_code ignored;  // no file: no tests
  if (!trial.source.path.empty() && std::filesystem::is_regular_file(file, ignored)) {
    HUILIU_ASSIGN(const config::Document document, config::read_yaml(file.string(), file.string()));
    const model::Array* tests = document.value["tests"].if_array();
    if (tests == nullptr)
      return model::make_error(model::ErrorClass::config, "a list is wanted: tests: […]", document.at(""));
    for (std::size_t i = 0; i < tests->size(); ++i) {
      const std::string where = document.at("/tests/" + std::to_string(i));
      const auto failures = mapping::run_test(trial.mapping, (*tests)[i]);
      if (!failures.ok())
        return model::make_error(model::ErrorClass::config, failures.error().message, where);
      ++count;
      for (const std::string& failure : *failures)
        failed.push_back(
            model::Object{{"name", (*tests)[i]["name"].to_text()}, {"where", where}, {"message", failure}});
    }
  }
  return Value(model::Object{{"run", count}, {"failed", std::move(failed)}});
}

model::Array lens_rows(const Trial& trial, const mapping::Proof& proof) {
  model::Array rows;
  for (const mapping::StreamMapping& stream : trial.mapping.streams()) {
    const auto found = proof.streams.find(stream.stream());
    if (found == proof.streams.end()) continue;
    for (const mapping::LensView& lens : stream.lenses()) {
      const auto counted = found->second.lenses.find(lens.field);
      const mapping::LensProof count =
          counted == found->second.lenses.end() ? mapping::LensProof{} : counted->second;
      rows.push_back(model::Object{{"stream", stream.stream()},
                                   {"field", stream.entity_model().fields[lens.field].name},
                                   {"path", lens.path.empty() ? lens.write_path : lens.path},
                                   {"codec", lens.codec},
                                   {"values", count.values},
                                   {"proved", count.proved},
                                   {"broken", count.broken},
                                   {"respelled", count.respelled},
                                   {"waiting", count.waiting},
                                   {"problems", count.problems}});
    }
  }
  return rows;
}

Value stream_rows(const mapping::Proof& proof) {
  model::Array rows;
  for (const auto& [name, stream] : proof.streams) {
    model::Object problems;
    for (const auto& [problem, count] : stream.problems) problems.set(problem, count);
    rows.push_back(model::Object{{"stream", name},
                                 {"records", stream.records},
                                 {"filtered", stream.filtered},
                                 {"parked", stream.parked},
                                 {"problems", std::move(problems)}});
  }
  return Value(std::move(rows));
}

Value broken_rows(const mapping::Proof& proof) {
  model::Array rows;
  for (const mapping::Broken& broken : proof.broken)
    rows.push_back(model::Object{{"stream", broken.stream},
                                 {"key", broken.key},
                                 {"field", broken.field},
                                 {"path", broken.path},
                                 {"law", broken.law},
                                 {"before", broken.before},
                                 {"after", broken.after}});
  return Value(std::move(rows));
}

int check_mapping(Session& session, const MappingArguments& arguments) {
  const auto finder = MappingFinder::open(session.options());
  if (!finder.ok()) return session.fail(finder.error());
  auto source = finder->find(arguments.name);
  if (!source.ok()) return session.fail(source.error());
  std::vector<model::Error> warnings;
  const std::vector<model::Error> errors = finder->errors_in(*source, warnings);
  report(session, errors, "");
  report(session, warnings, say("提示：", "warning: "));
  model::Object result{{"mapping", arguments.name},
                       {"valid", errors.empty()},
                       {"errors", errors_view(errors)},
                       {"warnings", errors_view(warnings)}};
  if (!errors.empty()) {
    if (session.json()) print_json(session, Value(std::move(result)));
    return failed;
  }
  auto loaded = mapping::Mapping::load(source->document->value, finder->schema());
  const Trial trial{std::move(*source), std::move(*loaded)};
  const auto tests = run_tests(trial);
  if (!tests.ok()) return session.fail(tests.error());
  // Without a word about records, what the store holds is tried, where a connection uses the mapping.
  std::vector<mapping::Sample> samples;
  const bool asked =
      !arguments.samples.file.empty() || arguments.samples.live > 0 || arguments.samples.limit > 0;
  if (asked) {
    auto collected = collect_samples(session, trial.source, trial.mapping, arguments.samples);
    if (!collected.ok()) return session.fail(collected.error());
    samples = std::move(*collected);
  }
  mapping::SampleReferences references(trial.mapping, samples, false);
  const mapping::Proof proof = mapping::prove(trial.mapping, samples, references);
  const bool good = proof.broken.empty() && (*tests)["failed"].as_array().empty();
  result.set("streams", stream_rows(proof));
  result.set("lenses", lens_rows(trial, proof));
  result.set("broken", broken_rows(proof));
  result.set("parked", errors_view(proof.parked));
  result.set("tests", *tests);
  result.set("proved", good);
  if (session.json()) {
    print_json(session, Value(std::move(result)));
    return good ? done : failed;
  }
  for (const Value& failure : (*tests)["failed"].as_array())
    session.io().err << failure["where"].to_text() << ": " << failure["name"].to_text() << ": "
                     << failure["message"].to_text() << '\n';
  for (const mapping::Broken& broken : proof.broken)
    session.io().err << broken.stream << '/' << broken.key << ": " << broken.field << " (" << broken.path
                     << ") " << broken.law << ": " << model::to_json(broken.before) << " -> "
                     << model::to_json(broken.after) << '\n';
  for (const model::Error& parked : proof.parked)
    session.io().err << parked.where << ": " << say("将成为异常数据：", "would be parked: ") << parked.message
                     << '\n';
  if (!samples.empty())
    print_table(session,
                {{say("数据对象", "STREAM"), "stream"},
                 {say("字段", "FIELD"), "field"},
                 {say("路径", "PATH"), "path"},
                 {say("编解码", "CODEC"), "codec"},
                 {say("有值", "VALUES"), "values"},
                 {say("通过", "PROVED"), "proved"},
                 {say("不符", "BROKEN"), "broken"},
                 {say("改写", "RESPELLED"), "respelled"},
                 {say("等待", "WAITING"), "waiting"},
                 {say("问题", "PROBLEMS"), "problems"}},
                lens_rows(trial, proof));
  session.io().out << (good ? say("映射有效", "the mapping is valid")
                            : say("映射不成立", "the mapping does not hold"))
                   << say("；测试 ", "; tests ") << (*tests)["run"].to_text() << say("，样本 ", ", samples ")
                   << samples.size() << '\n';
  return good ? done : failed;
}

// ---- preview

int preview_mapping(Session& session, const MappingArguments& arguments) {
  const auto finder = MappingFinder::open(session.options());
  if (!finder.ok()) return session.fail(finder.error());
  const auto trial = load(session, *finder, arguments.name);
  if (!trial.ok()) return session.fail(trial.error());
  const auto samples = collect_samples(session, trial->source, trial->mapping, arguments.samples);
  if (!samples.ok()) return session.fail(samples.error());
  mapping::SampleReferences references(trial->mapping, *samples, true);
  for (const mapping::Sample& sample : *samples) {
    const mapping::StreamMapping& stream = *trial->mapping.stream(sample.stream);
    const auto decoded = stream.decode(sample.record, references);
    model::Object line{{"stream", sample.stream}, {"key", sample.key}};
    if (!decoded.ok()) {
      line.set("parked", decoded.error().text());
    } else if (decoded->filtered) {
      line.set("filtered", true);
    } else {
      model::Object fields;
      for (const mapping::LensView& lens : stream.lenses()) {
        const std::string& field = stream.entity_model().fields[lens.field].name;
        const Value* before = lens.path.empty() ? nullptr : sample.record.at_path(lens.path);
        const auto found = decoded->image.fields.find(lens.field);
        if (before == nullptr && found == decoded->image.fields.end()) continue;
        fields.set(
            field,
            model::Object{{"before", before == nullptr ? Value() : *before},
                          {"after", found == decoded->image.fields.end() ? Value() : found->second.value}});
      }
      line.set("fields", std::move(fields));
      model::Array problems;
      for (const mapping::Problem& problem : decoded->problems)
        problems.push_back(
            model::Object{{"field", problem.field}, {"code", problem.code}, {"message", problem.message}});
      line.set("problems", std::move(problems));
    }
    const Value view(std::move(line));
    if (session.json()) {
      print_line(session, view);
      continue;
    }
    session.io().out << sample.stream << '/' << sample.key << '\n';
    if (view.find("parked") != nullptr)
      session.io().out << "  " << say("异常数据：", "parked: ") << view["parked"].to_text() << '\n';
    if (view.find("filtered") != nullptr) session.io().out << "  " << say("不在范围内", "filtered") << '\n';
    if (const model::Object* fields = view["fields"].if_object())
      for (const model::Member& field : *fields)
        session.io().out << "  " << field.key << ": " << model::to_json(field.value["before"]) << " -> "
                         << model::to_json(field.value["after"]) << '\n';
    if (const model::Array* problems = view["problems"].if_array())
      for (const Value& problem : *problems)
        session.io().out << "  ! " << problem["field"].to_text() << ' ' << problem["code"].to_text() << ": "
                         << problem["message"].to_text() << '\n';
  }
  return done;
}

// ---- diff

// The effect of a changed mapping on the connection that uses it, as a plan: lines as `plan` prints them,
// then the sum.
int plan_mapping(Session& session, const MappingArguments& arguments) {
  const auto finder = MappingFinder::open(session.options());
  if (!finder.ok()) return session.fail(finder.error());
  const auto before = finder->find(arguments.name);
  if (!before.ok()) return session.fail(before.error());
  const auto after = load(session, *finder, arguments.other);
  if (!after.ok()) return session.fail(after.error());
  const std::string connection = before->connection.empty() ? after->source.connection : before->connection;
  if (connection.empty())
    return session.fail(model::make_error(
        model::ErrorClass::config, say("没有系统连接使用此映射，无从计算影响",
                                       "no connection uses this mapping, so it has no effect to show")));
  const auto hub_with = [&](const MappingSource& source) {
    run::HubOptions options = hub_options(session.options(), store::OpenMode::reader, true);
    options.mappings[connection] = source.document;
    return run::Hub::open(options);
  };
  const auto present = hub_with(*before);
  if (!present.ok()) return session.fail(present.error());
  const auto changed = hub_with(after->source);
  if (!changed.ok()) return session.fail(changed.error());
  const auto effect = run::mapping_effect((*present)->workspace(), (*changed)->workspace(), connection);
  if (!effect.ok()) return session.fail(effect.error());
  for (const sync::PlannedWrite& write : effect->writes) {
    const Value line = run::planned_write_view(finder->schema(), write);
    if (session.json())
      print_line(session, line);
    else
      session.io().out << line["connection"].to_text() << '/' << line["stream"].to_text() << '/'
                       << line["key"].to_text() << "  " << line["op"].to_text() << "  " << write.golden
                       << "  " << model::to_json(line["fields"]) << "  " << write.reason << '\n';
  }
  model::Object fields;
  for (const auto& [field, count] : effect->fields) fields.set(field, count);
  const Value sum = model::Object{{"connection", connection},
                                  {"records", effect->records},
                                  {"changed", effect->changed},
                                  {"fields", std::move(fields)},
                                  {"excluded", effect->excluded},
                                  {"parked", effect->parked},
                                  {"customers", effect->customers},
                                  {"questions", effect->questions},
                                  {"writes", static_cast<std::int64_t>(effect->writes.size())},
                                  {"no_longer_due", effect->no_longer_due},
                                  {"old", (*present)->workspace().mappings.at(connection)->version()},
                                  {"new", (*changed)->workspace().mappings.at(connection)->version()}};
  if (session.json()) {
    print_line(session, sum);
    return done;
  }
  session.io().out << effect->records << say(" 条记录，其中变化 ", " records, of which change ")
                   << effect->changed << say("；改变的客户 ", "; customers that change ") << effect->customers
                   << say("；新增写入 ", "; writes to follow ") << effect->writes.size()
                   << say("；待处理问题 ", "; questions ") << effect->questions
                   << say("；不再在范围内 ", "; excluded ") << effect->excluded
                   << say("；将成为异常数据 ", "; parked ") << effect->parked << '\n';
  for (const model::Member& field : sum["fields"].as_object())
    session.io().out << "  " << field.key << ": " << field.value.to_text() << '\n';
  return done;
}

int diff_mappings(Session& session, const MappingArguments& arguments) {
  if (arguments.plan) return plan_mapping(session, arguments);
  const auto finder = MappingFinder::open(session.options());
  if (!finder.ok()) return session.fail(finder.error());
  const auto before = load(session, *finder, arguments.name);
  if (!before.ok()) return session.fail(before.error());
  const auto after = load(session, *finder, arguments.other);
  if (!after.ok()) return session.fail(after.error());
  const MappingSource& source = before->source.connection.empty() ? after->source : before->source;
  const auto samples = collect_samples(session, source, before->mapping, arguments.samples);
  if (!samples.ok()) return session.fail(samples.error());
  mapping::SampleReferences references(before->mapping, *samples, true);
  const mapping::Difference difference =
      mapping::compare(before->mapping, after->mapping, *samples, references);
  model::Object fields;
  for (const auto& [field, count] : difference.fields) fields.set(field, count);
  model::Array examples;
  for (const mapping::Change& change : difference.examples)
    examples.push_back(model::Object{{"stream", change.stream},
                                     {"key", change.key},
                                     {"field", change.field},
                                     {"before", change.before},
                                     {"after", change.after}});
  if (session.json()) {
    print_json(session, model::Object{{"records", difference.records},
                                      {"changed", difference.changed},
                                      {"fields", std::move(fields)},
                                      {"examples", std::move(examples)},
                                      {"old", before->mapping.version()},
                                      {"new", after->mapping.version()}});
    return done;
  }
  session.io().out << difference.records << say(" 条记录，其中变化 ", " records, of which change ")
                   << difference.changed << '\n';
  for (const model::Member& field : fields)
    session.io().out << "  " << field.key << ": " << field.value.to_text() << '\n';
  for (const Value& example : examples)
    session.io().out << example["stream"].to_text() << '/' << example["key"].to_text() << ' '
                     << example["field"].to_text() << ": " << model::to_json(example["before"]) << " -> "
                     << model::to_json(example["after"]) << '\n';
  return done;
}

// ---- codes that no value map knows

int list_unmapped(Session& session, const MappingArguments& arguments) {
  model::Array rows;
  const model::Status read =
      session.read([&](store::Snapshot& snapshot, const model::Schema&) -> model::Status {
        rows = run::unmapped_values(snapshot, arguments.name);
        return {};
      });
  if (!read.ok()) return session.fail(read.error());
  print_list(session,
             {{say("系统连接", "CONNECTION"), "connection"},
              {say("数据对象", "STREAM"), "stream"},
              {say("字段", "FIELD"), "field"},
              {say("编码", "VALUE"), "value"},
              {say("次数", "COUNT"), "count"},
              {say("例", "EXAMPLE"), "example"},
              {say("最近", "LAST"), "last"}},
             std::move(rows));
  return done;
}

int list_codecs(Session& session, const MappingArguments&) {
  model::Array rows;
  for (const mapping::CodecInfo* codec : mapping::codecs())
    rows.push_back(model::Object{{"name", codec->name},
                                 {"example", codec->example},
                                 {"reads", say(codec->zh.data(), codec->en.data())},
                                 {"loses", say(codec->zh_loses.data(), codec->en_loses.data())}});
  print_list(session,
             {{say("编解码", "CODEC"), "name"},
              {say("读写", "READS AND WRITES"), "reads"},
              {say("丢失", "LOSES"), "loses"}},
             std::move(rows));
  return done;
}

int print_schema(Session& session, const MappingArguments&) {
  session.io().out << model::to_pretty_json(mapping::mapping_schema()) << '\n';
  return done;
}

}  // namespace

void add_mapping_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<MappingArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const MappingArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, false};
    };
  };
  CLI::App* command =
      app.add_subcommand("mapping", say("字段映射", "mappings between systems and the model"));
  command->require_subcommand(1);
  const auto add_samples = [&](CLI::App* to) {
    to->add_option("--samples", arguments->samples.file, "file of lines: a record, or {stream, record}");
    to->add_option("--stream", arguments->samples.stream, "stream of plain records (default: the first)");
    to->add_option("--live", arguments->samples.live,
                   "read so many records of each stream from the system now");
    to->add_option("--stored", arguments->samples.limit, "so many records of each stream as last observed");
  };
  CLI::App* check = command->add_subcommand(
      "check", say("检查并逐条证明可往返", "validate it and prove its round trips record by record"));
  check->add_option("name", arguments->name, "file, mapping, connection or connector")->required();
  add_samples(check);
  check->callback(set(check_mapping));
  CLI::App* preview =
      command->add_subcommand("preview", say("逐条前后对照", "before and after, record by record"));
  preview->add_option("name", arguments->name, "file, mapping, connection or connector")->required();
  add_samples(preview);
  preview->callback(set(preview_mapping));
  CLI::App* diff = command->add_subcommand(
      "diff", say("换成另一映射会改变什么", "what another mapping would make different"));
  diff->add_option("old", arguments->name, "file, mapping, connection or connector")->required();
  diff->add_option("new", arguments->other, "the same")->required();
  diff->add_flag("--plan", arguments->plan,
                 say("以变更预览的形式显示：存量记录、客户与写入",
                     "its effect on the stored records as a plan: customers and writes"));
  add_samples(diff);
  diff->callback(set(diff_mappings));
  CLI::App* unmapped =
      command->add_subcommand("unmapped", say("未对应的编码", "codes that no value map knows"));
  unmapped->add_option("connection", arguments->name, "one connection; default: all");
  unmapped->callback(set(list_unmapped));
  command->add_subcommand("codecs", say("编解码一览", "the codecs"))->callback(set(list_codecs));
  command->add_subcommand("schema", say("映射文件的 JSON Schema", "the JSON Schema of mapping files"))
      ->callback(set(print_schema));
}

}  // namespace huiliu::cli
