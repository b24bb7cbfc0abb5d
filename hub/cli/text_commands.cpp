// huiliu normalize, expr
#include <CLI/CLI.hpp>
#include <chrono>
#include <fstream>
#include <istream>
#include <iterator>
#include <ostream>

#include "hub/cli/app.hpp"
#include "hub/expr/expr.hpp"
#include "hub/mapping/functions.hpp"
#include "hub/normalize/normalize.hpp"
#include "hub/run/clock.hpp"

namespace huiliu::cli {
namespace {

using model::Value;

struct TextArguments {
  std::string kind;
  std::vector<std::string> values;
  std::string expression, expression_file, bindings, batch;
};

int wrong_usage(Session& session, const std::string& message) {
  session.io().err << "huiliu: " << message << '\n';
  return usage;
}

Value normalized(normalize::Kind kind, const std::string& input) {
  const normalize::Normalized result = normalize::normalize(kind, input);
  model::Array findings;
  for (const normalize::Finding& finding : result.findings) {
    model::Array repair;
    for (const std::string& candidate : finding.repair) repair.emplace_back(candidate);
    findings.push_back(model::Object{{"code", finding.code},
                                     {"severity", normalize::to_string(finding.severity)},
                                     {"message", finding.message},
                                     {"repair", std::move(repair)}});
  }
  return model::Object{{"input", input},        {"value", result.value}, {"key", result.key},
                       {"parts", result.parts}, {"valid", result.valid}, {"findings", std::move(findings)}};
}

int run_normalize(Session& session, const TextArguments& arguments) {
  const auto kind = normalize::kind_from(arguments.kind);
  if (!kind)
    return wrong_usage(session,
                       "a kind is text company_name person_name uscc tax_no resident_id phone email url "
                       "address date money, not \"" +
                           arguments.kind + "\"");
  const bool from_stdin =
      arguments.values.empty() || (arguments.values.size() == 1 && arguments.values[0] == "-");
  if (!from_stdin) {
    for (const std::string& value : arguments.values) print_line(session, normalized(*kind, value));
    return done;
  }
  std::string line;
  while (std::getline(session.io().in, line)) {
    if (line.ends_with('\r')) line.pop_back();
    print_line(session, normalized(*kind, line));
  }
  return done;
}

// Time limits of a batch are measured on the steady clock.
std::int64_t steady_milliseconds() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::int64_t now_ms() { return run::SystemClock().now() / 1000; }

model::Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return model::make_error(model::ErrorClass::config, "cannot be read", path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

int run_batch(Session& session, const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path, std::ios::binary);
    if (!file) return session.fail(model::make_error(model::ErrorClass::config, "cannot be read", path));
  }
  std::istream& in = path == "-" ? session.io().in : file;
  const auto functions = mapping::functions_at(now_ms);
  std::string line;
  while (std::getline(in, line))
    if (line.find_first_not_of(" \t\r") != std::string::npos)
      session.io().out << expr::evaluate_request_line(line, steady_milliseconds,
                                                      {.functions = functions.get(), .now_ms = now_ms()})
                       << '\n';
  return done;
}

int run_expression(Session& session, const TextArguments& arguments) {
  if (!arguments.batch.empty()) return run_batch(session, arguments.batch);
  std::string source = arguments.expression;
  if (!arguments.expression_file.empty()) {
    auto text = text_of(arguments.expression_file);
    if (!text.ok()) return session.fail(text.error());
    source = std::move(*text);
  } else if (source.empty()) {
    return wrong_usage(session,
                       "an expression is wanted: huiliu expr EXPR, --expr-file FILE or --batch FILE");
  }
  std::optional<Value> input;
  const std::string text(std::istreambuf_iterator<char>(session.io().in), {});
  if (text.find_first_not_of(" \t\r\n") != std::string::npos) {
    auto parsed = model::parse_json(text, {.depth = 512, .bytes = std::size_t{1} << 30});
    if (!parsed.ok()) return session.fail(parsed.error());
    input = std::move(*parsed);
  }
  Value bindings;
  if (!arguments.bindings.empty()) {
    auto read = text_of(arguments.bindings);
    if (!read.ok()) return session.fail(read.error());
    auto parsed = model::parse_json(*read);
    if (!parsed.ok() || !parsed->is_object())
      return session.fail(parsed.ok() ? model::make_error(model::ErrorClass::config, "bindings are an object",
                                                          arguments.bindings)
                                      : parsed.error());
    bindings = std::move(*parsed);
  }
  const auto report = [&](const model::Error& error) {
    session.io().err << (error.code.empty() ? std::string("U1001") : error.code) << ": " << error.message
                     << '\n';
    return failed;
  };
  const auto program = expr::compile(source);
  if (!program.ok()) return report(program.error());
  expr::Context context;
  const auto functions = mapping::functions_at(now_ms);
  context.bindings = bindings.if_object();
  context.functions = functions.get();
  context.now_ms = now_ms();
  context.limits.expired = [&session] { return session.stop().load(); };
  const auto result = expr::evaluate(*program, input ? &*input : nullptr, context);
  if (!result.ok()) return report(result.error());
  if (*result) print_json(session, **result);
  return done;
}

}  // namespace

void add_text_commands(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<TextArguments>();
  const auto set = [&action, arguments](int (*run)(Session&, const TextArguments&)) {
    return [&action, arguments, run] {
      action = {[arguments, run](Session& session) { return run(session, *arguments); }, false, true};
    };
  };
  CLI::App* normalizes = app.add_subcommand("normalize", say("标准化", "standardize values"));
  normalizes->add_option("kind", arguments->kind, "what they are")->required();
  // A value in brackets is one value, not a list of its parts.
  normalizes->add_option("values", arguments->values, "values; - or none: lines on stdin")
      ->allow_extra_args(false);
  normalizes->callback(set(run_normalize));

  CLI::App* expression =
      app.add_subcommand("expr", say("计算 JSONata 表达式", "evaluate JSONata over a document on stdin"));
  expression->add_option("expression", arguments->expression, "expression");
  expression->add_option("--expr-file", arguments->expression_file, "file with the expression");
  expression->add_option("--bindings", arguments->bindings, "JSON file: variables");
  expression->add_option("--batch", arguments->batch, "file of lines, - for stdin");
  expression->callback(set(run_expression));
}

}  // namespace huiliu::cli
