// JSONata 2, the one expression language of the hub: mapping, filters, rules, segments, declarative
// connectors.
//
// Idea: a source text is compiled once into a Program and evaluated many times over model::Values. The input
// is read in place, never copied, so it must stay unchanged while evaluate() runs; numbers that an expression
// only passes through keep their own text, all arithmetic is in doubles. Threads: a Program is immutable and
// may be shared; an evaluation belongs to the calling thread, keeps nothing afterwards, and needs about
// Limits::stack bytes of its stack. Errors: class config from compile(), class data from evaluate().
// Error::code is JSONata's own ("S0201", "T2001", "D3001" …; "U1001" for every exceeded limit), Error::where
// is "position N", a byte offset in the source, where one is known.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hub/model/id.hpp"
#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::expr {

using model::Result;

struct ProgramData;

// A compiled expression; cheap to copy. Made by compile(); a default-constructed one is the expression
// `undefined`.
class Program {
 public:
  Program() = default;
  explicit Program(std::shared_ptr<const ProgramData> data) noexcept : data_(std::move(data)) {}
  const std::shared_ptr<const ProgramData>& data() const noexcept { return data_; }

 private:
  std::shared_ptr<const ProgramData> data_;
};

Result<Program> compile(std::string_view source);

// What one evaluation may use up. Whatever is exceeded raises U1001.
struct Limits {
  std::uint32_t depth = 0;  // nested evaluations, counted as the public test suite does; 0: no limit
  std::uint64_t steps = 300'000'000;  // evaluated nodes and regular expression steps, some 20 s; 0: no limit
  std::size_t bytes = std::size_t{1} << 29;  // memory for intermediate values
  std::size_t stack =
      std::size_t{2} << 20;       // of the calling thread's stack; keep well below what it has left
  std::function<bool()> expired;  // asked every few thousand steps: is the time over? Empty: never
};

// A function of the host that expressions call as $name. Arguments are JSON values, nullopt for undefined;
// functions cannot be passed in. `signature` is JSONata's ("<s-n?:s>"); empty: any arguments.
struct HostFunction {
  using Arguments = std::span<const std::optional<model::Value>>;
  std::string name;  // without the $
  std::string signature;
  std::function<Result<std::optional<model::Value>>(Arguments)> call;
};

// The host functions an evaluation can see. Filled before use, then shared read-only.
class FunctionTable {
 public:
  FunctionTable();
  ~FunctionTable();
  FunctionTable(const FunctionTable&) = delete;
  FunctionTable& operator=(const FunctionTable&) = delete;
  // Replaces one of the same name. Fails (S0401, S0402) when the signature is malformed.
  model::Status add(HostFunction function);

  struct Entry;
  const Entry* find(std::string_view name) const noexcept;

 private:
  std::vector<std::unique_ptr<Entry>> entries_;
};

// Everything an evaluation takes from outside. What is pointed to must outlive the call.
struct Context {
  const model::Object* bindings = nullptr;   // variables: {"rate": 7.1} is $rate
  const FunctionTable* functions = nullptr;  // looked up after bindings and before the built-in functions
  model::Random* random = nullptr;           // for $random and $shuffle; null: a fixed seed
  std::int64_t now_ms = 0;                   // $now and $millis, ms since 1970-01-01T00:00:00Z
  Limits limits = {};
};

// input: null means undefined. Result: nullopt means undefined. A function as the result is undefined too;
// within an array it becomes null, within an object its member is left out; so do numbers that are not finite
// (null).
Result<std::optional<model::Value>> evaluate(const Program& program, const model::Value* input,
                                             const Context& context = {});

// The same as JSON text, which is appended to `out` without making a Value of it. false: undefined, nothing
// appended.
Result<bool> evaluate_to_json(const Program& program, const model::Value* input, const Context& context,
                              std::string& out);

// Milliseconds since 1970-01-01T00:00:00Z.
using Clock = std::function<std::int64_t()>;

// One line of `huiliu expr --batch`: {"expr", "data"?, "bindings"?, "timelimit"?: ms, "depth"?} gives
// {"result"},
// {"undefined": true} or {"code", "message"}. Members other than these are ignored; the context's bindings,
// now_ms, depth and expired are replaced by those of the request and the clock.
model::Value evaluate_request(const model::Value& request, const Clock& clock, const Context& context = {});

// The same from and to JSON text. Unlike the hub's other JSON it accepts an unpaired surrogate escape within
// "expr", which JSONata can express.
std::string evaluate_request_line(std::string_view line, const Clock& clock, const Context& context = {});

}  // namespace huiliu::expr
