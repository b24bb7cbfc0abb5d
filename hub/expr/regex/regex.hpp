// Regular expressions with JavaScript's syntax and meaning, as JSONata uses them (flags i and m), over UTF-8.
//
// A backtracking matcher that remembers which states have failed already, so that its time is proportional to
// the length of the text; only patterns with back references or with loops inside look-around can take
// longer, and for them the budget of steps is the limit. Unlike JavaScript without its u flag, a character
// beyond U+FFFF is one character here. Threads: a Regex is immutable; a RegexScan belongs to one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace huiliu::expr {

struct RegexProgram;

class Regex {
 public:
  // Raises S0303 when the pattern is malformed or too large.
  Regex(std::string_view pattern, bool ignores_case, bool is_multiline);

  // Groups of the pattern, without the whole match.
  std::size_t group_count() const noexcept;
  const RegexProgram& program() const noexcept { return *program_; }

 private:
  std::shared_ptr<const RegexProgram> program_;
};

// Called every few thousand steps of a match; raises when it has been enough.
using StepGuard = std::function<void(std::uint64_t steps)>;

// Finds the matches of one regex in one text from left to right. Both must outlive it.
class RegexScan {
 public:
  RegexScan(const Regex& regex, std::string_view text, const StepGuard& guard);
  ~RegexScan();
  RegexScan(const RegexScan&) = delete;
  RegexScan& operator=(const RegexScan&) = delete;

  // Looks for the first match that begins at or after `from`; successive calls must not go backwards.
  bool find(std::size_t from);

  struct Span {
    std::size_t begin = std::string_view::npos;  // npos: the group took no part
    std::size_t end = std::string_view::npos;
  };
  // Of the match just found: 0 is the whole, then the groups. Byte offsets.
  Span group(std::size_t number) const noexcept;

 private:
  class Machine;
  std::unique_ptr<Machine> machine_;
};

}  // namespace huiliu::expr
