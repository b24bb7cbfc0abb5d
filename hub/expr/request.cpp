// Evaluation of whole requests, as `huiliu expr --batch` takes them.
#include <cmath>

#include "hub/expr/expr.hpp"

namespace huiliu::expr {
namespace {

model::Value error_answer(const model::Error& error) {
  return model::Object{{"code", error.code}, {"message", error.message}};
}

// A positive number of a request, or 0.
double positive_number(const model::Value& value) {
  const model::Number* number = value.if_number();
  const double positive = number == nullptr ? 0 : number->to_double();
  return positive > 0 ? positive : 0;
}

bool is_surrogate_escape(std::string_view text, std::size_t at, char low, char high) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u' || (text[at + 2] | 0x20) != 'd')
    return false;
  const char digit = static_cast<char>(text[at + 3] | 0x20);
  return digit >= low && digit <= high;
}

// An unpaired \uD800…\uDFFF becomes \\uD800…: within a string literal of an expression both mean the same.
std::string with_escaped_surrogates(std::string_view line) {
  std::string out;
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] != '\\') {
      out += line[at];
    } else if (is_surrogate_escape(line, at, '8', 'b') && is_surrogate_escape(line, at + 6, 'c', 'f')) {
      out += line.substr(at, 12);
      at += 11;
    } else {
      if (is_surrogate_escape(line, at, '8', 'f')) out += '\\';
      out += line.substr(at, 2);
      ++at;
    }
  }
  return out;
}

// A request taken apart; `expired` refers to the clock.
struct Request {
  Program program;
  const model::Value* data = nullptr;
  Context context;
};

Result<Request> read_request(const model::Value& request, const Clock& clock, const Context& context) {
  const std::string* source = request["expr"].if_string();
  if (source == nullptr) {
    model::Error error = model::make_error(model::ErrorClass::config, "a request needs \"expr\", a string");
    error.code = "S0500";
    return error;
  }
  HUILIU_ASSIGN(Program program, compile(*source));
  Request read{std::move(program), request.find("data"), context};
  read.context.bindings = request["bindings"].if_object();
  read.context.now_ms = clock();
  Limits& limits = read.context.limits;
  limits.depth = static_cast<std::uint32_t>(std::min(positive_number(request["depth"]), 4e9));
  limits.expired = nullptr;
  if (const double milliseconds = positive_number(request["timelimit"]); milliseconds > 0) {
    const double end = static_cast<double>(read.context.now_ms) + milliseconds;
    limits.expired = [&clock, end] { return static_cast<double>(clock()) > end; };
  }
  return read;
}

}  // namespace

model::Value evaluate_request(const model::Value& request, const Clock& clock, const Context& context) {
  const Result<Request> read = read_request(request, clock, context);
  if (!read.ok()) return error_answer(read.error());
  Result<std::optional<model::Value>> result = evaluate(read->program, read->data, read->context);
  if (!result.ok()) return error_answer(result.error());
  if (!result.value()) return model::Object{{"undefined", true}};
  model::Object answer;
  answer.append("result", std::move(*result.value()));
  return answer;
}

std::string evaluate_request_line(std::string_view line, const Clock& clock, const Context& context) {
  Result<model::Value> request = model::parse_json(line);
  if (!request.ok()) request = model::parse_json(with_escaped_surrogates(line));
  if (!request.ok()) return to_json(model::Object{{"code", "S0500"}, {"message", request.error().message}});
  const Result<Request> read = read_request(*request, clock, context);
  if (!read.ok()) return to_json(error_answer(read.error()));
  std::string answer = R"({"result":)";
  const Result<bool> result = evaluate_to_json(read->program, read->data, read->context, answer);
  if (!result.ok()) return to_json(error_answer(result.error()));
  return *result ? answer + "}" : R"({"undefined":true})";
}

}  // namespace huiliu::expr
