// Evaluation of whole requests, as `huiliu expr --batch` takes them.
#include <cmath>

#include "hub/expr/expr.hpp"

namespace huiliu::expr {
namespace {

model::Value error_answer(const model::Error& error) {
  return model::Object{{"code", error.code}, {"message", error.message}};
}

model::Value malformed_request(std::string message) {
  return model::Object{{"code", "S0500"}, {"message", std::move(message)}};
}

// A positive number of a request, or 0.
double positive_number(const model::Value& value) {
  const model::Number* number = value.if_number();
  const double positive = number == nullptr ? 0 : number->to_double();
  return positive > 0 ? positive : 0;
}

bool is_surrogate_escape(std::string_view text, std::size_t at, char low, char high) {
  if (at + 6 > text.size() || text[at] != '\\' || text[at + 1] != 'u' || (text[at + 2] | 0x20) != 'd') return false;
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

}  // namespace

model::Value evaluate_request(const model::Value& request, const Clock& clock, const Context& context) {
  const std::string* source = request["expr"].if_string();
  if (source == nullptr) return malformed_request("a request needs \"expr\", a string");
  Result<Program> program = compile(*source);
  if (!program.ok()) return error_answer(program.error());

  Context own = context;
  own.bindings = request["bindings"].if_object();
  own.now_ms = clock();
  own.limits.depth = static_cast<std::uint32_t>(std::min(positive_number(request["depth"]), 4e9));
  own.limits.expired = nullptr;
  if (const double milliseconds = positive_number(request["timelimit"]); milliseconds > 0) {
    own.limits.expired = [&clock, end = static_cast<double>(own.now_ms) + milliseconds] { return static_cast<double>(clock()) > end; };
  }
  Result<std::optional<model::Value>> result = evaluate(*program, request.find("data"), own);
  if (!result.ok()) return error_answer(result.error());
  if (!result.value()) return model::Object{{"undefined", true}};
  return model::Object{{"result", std::move(*result.value())}};
}

std::string evaluate_request_line(std::string_view line, const Clock& clock, const Context& context) {
  Result<model::Value> request = model::parse_json(line);
  if (!request.ok()) request = model::parse_json(with_escaped_surrogates(line));
  if (!request.ok()) return to_json(malformed_request(request.error().message));
  return to_json(evaluate_request(*request, clock, context));
}

}  // namespace huiliu::expr
