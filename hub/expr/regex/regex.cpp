#include "hub/expr/regex/regex.hpp"

#include <algorithm>
#include <cstring>

#include "hub/expr/failure.hpp"
#include "hub/expr/regex/regex_program.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

constexpr std::size_t none = std::string_view::npos;
constexpr std::size_t most_memory_bits = std::size_t{1}
                                         << 30;  // 128 MB of failed states; beyond: the budget alone
constexpr std::size_t most_stack_entries = std::size_t{1} << 23;
constexpr std::uint64_t steps_between_guards = 4096;
// For patterns that can take exponential time: this many steps per byte of text, and some more.
constexpr std::uint64_t most_steps_per_byte = 500;
constexpr std::uint64_t most_steps_base = 10'000'000;

bool is_word(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return false;
  const char c = text[at];
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
}

bool is_line_end(char32_t c) noexcept { return c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029; }

}  // namespace

class RegexScan::Machine {
 public:
  Machine(const RegexProgram& program, std::string_view text, const StepGuard& guard)
      : program_(program),
        text_(text),
        guard_(guard),
        slots_(program.slot_count, none),
        runs_(program.run_count) {
    memory_bits_ = program.split_count * (text.size() + 1);
    remembers_splits_ = memory_bits_ > 0 && memory_bits_ <= most_memory_bits;
  }

  bool find(std::size_t from) {
    if (program_.only_step != Instruction::no_memory) return find_step(from);
    if (program_.begins_at_start && from > 0) return false;
    for (std::size_t start = next_start(from); start != none; start = next_start(behind_failure(start))) {
      std::fill(slots_.begin(), slots_.end(), none);
      if (run(0, start, 0)) {
        stack_.clear();
        forget_success();
        return true;
      }
      if (program_.begins_at_start) break;
    }
    return false;
  }

  Span group(std::size_t number) const noexcept {
    const Span span{slots_[2 * number], slots_[2 * number + 1]};
    return span.begin == none || span.end == none ? Span{} : span;
  }

 private:
  using Instruction = RegexInstruction;
  using Code = Instruction::Code;

  // What to do when the way taken fails.
  struct Retreat {
    enum class Kind : std::uint32_t { branch, restore, shorter_run } kind;
    std::uint32_t index;  // instruction, or slot
    std::size_t position;
    std::size_t lowest;  // of shorter_run
  };

  // A run of characters seen last, and from where on its ends have been tried.
  struct Run {
    std::size_t begin = none;
    std::size_t end = none;
    std::size_t lowest_tried = none;
  };

  // The whole expression is one run or one character: nothing to come back to.
  bool find_step(std::size_t from) {
    const Instruction& step = program_.instructions[program_.only_step];
    const CharacterSet& set = program_.sets[step.a];
    const std::uint32_t least = step.code == Code::run ? step.b : 1;
    for (std::size_t start = next_start(from); start != none; start = next_start(from)) {
      std::size_t end = start;
      std::uint32_t taken = 0;
      while (taken < least && take_one(set, end)) ++taken;
      if (taken == least) {
        if (step.code == Code::run) end = end_of_run(set, end);
        count_steps(1 + (end - start) / 16);
        slots_[0] = start;
        slots_[1] = end;
        return true;
      }
      count_steps(1 + (end - start) / 16);
      from = std::max(end, start + 1);  // what was taken ends before a character that is no member
    }
    return false;
  }

  // Where a match can begin at the earliest when none began at `start`.
  std::size_t behind_failure(std::size_t start) const {
    if (program_.leading_run == Instruction::no_memory) return start + 1;
    const Run& run = runs_[program_.leading_run];
    const bool is_inside = run.begin != none && run.begin <= start && start < run.end;
    return is_inside ? run.end : start + 1;
  }

  // The earliest place from which the leading run reaches the byte that must stand behind it.
  std::size_t start_before_byte(std::size_t from) const {
    const CharacterSet& set = program_.sets[program_.leading_set];
    for (std::size_t at = from; at < text_.size(); ++at) {
      const void* found = std::memchr(text_.data() + at, program_.byte_behind_run, text_.size() - at);
      if (found == nullptr) return none;
      at = static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      std::size_t start = at;
      std::uint32_t length = 0;
      while (start > from) {
        const std::size_t before = start;
        if (!set.contains(previous_character(text_, start)) || start < from) {
          start = before;
          break;
        }
        ++length;
      }
      if (length >= program_.leading_least) return start;
    }
    return none;
  }

  std::size_t next_start(std::size_t from) const {
    if (program_.byte_behind_run >= 0) return start_before_byte(from);
    if (program_.can_be_empty) {
      while (from < text_.size() && is_utf8_trail(text_[from])) ++from;
      return from <= text_.size() ? from : none;
    }
    if (program_.prefix.size() > 1) {
      const void* found = from < text_.size() ? ::memmem(text_.data() + from, text_.size() - from,
                                                         program_.prefix.data(), program_.prefix.size())
                                              : nullptr;
      return found == nullptr ? none
                              : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    }
    if (program_.only_first_byte >= 0) {
      const void* found = from < text_.size() ? std::memchr(text_.data() + from, program_.only_first_byte,
                                                            text_.size() - from)
                                              : nullptr;
      return found == nullptr ? none
                              : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
    }
    while (from < text_.size() && !program_.first_bytes[static_cast<unsigned char>(text_[from])]) ++from;
    return from < text_.size() ? from : none;
  }

  // The states on the way to a match did not fail: they may be met again from its end on.
  void forget_success() {
    std::fill(runs_.begin(), runs_.end(), Run{});
    if (failed_.empty()) return;
    const std::size_t first = slots_[1] * program_.split_count;
    for (std::size_t bit = first; bit < first + program_.split_count; ++bit) {
      failed_[bit / 64] &= ~(std::uint64_t{1} << (bit % 64));
    }
  }

  void count_steps(std::uint64_t steps) {
    steps_ += steps;
    if (steps_ < next_guard_) return;
    if (guard_) guard_(steps_ + steps_between_guards - next_guard_);
    next_guard_ = steps_ + steps_between_guards;
    if (steps_ > most_steps_base + most_steps_per_byte * text_.size()) {
      fail_with("U1001", "the regular expression needs too many steps");
    }
  }

  void push(const Retreat& retreat) {
    if (stack_.size() >= most_stack_entries)
      fail_with("U1001", "the regular expression needs too much memory");
    stack_.push_back(retreat);
  }
  // Where there is no way back, nothing need be restored.
  void set_slot(std::uint32_t slot, std::size_t value) {
    if (!stack_.empty() || is_looking_) push({Retreat::Kind::restore, slot, slots_[slot], 0});
    slots_[slot] = value;
  }

  // Marks the state as tried. False: it has been, so it failed.
  bool is_new_state(const Instruction& split, std::size_t position) {
    if (!remembers_splits_ || split.memory == Instruction::no_memory) return true;
    if (failed_.empty()) failed_.resize((memory_bits_ + 63) / 64);  // many texts match or fail before
    const std::size_t bit = position * program_.split_count + split.memory;
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    if ((failed_[bit / 64] & mask) != 0) return false;
    failed_[bit / 64] |= mask;
    return true;
  }

  bool can_go_on(std::uint16_t filter, std::size_t position) const {
    if (filter == Instruction::no_filter) return true;
    return position < text_.size() && program_.byte_sets[filter][static_cast<unsigned char>(text_[position])];
  }

  // Where the next byte rules one way out, there is nothing to come back to; the heads of loops are
  // remembered all the same, since what begins later may come by here again.
  bool take_branch(const Instruction& split, std::uint32_t& pc, std::size_t position) {
    const bool can_a = can_go_on(split.first_a, position);
    const bool can_b = can_go_on(split.first_b, position);
    pc = can_a ? split.a : split.b;
    if (!can_a && !can_b) return false;
    if ((can_a && can_b) || split.is_loop) {
      if (!is_new_state(split, position)) return false;
    }
    if (can_a && can_b) push({Retreat::Kind::branch, split.b, position, 0});
    return true;
  }

  // Runs from an instruction to the next accept. On success the retreats above `base` stay on the stack.
  bool run(std::uint32_t pc, std::size_t position, std::size_t base) {
    for (;;) {
      count_steps(1);
      const Instruction& instruction = program_.instructions[pc];
      bool is_ok = true;
      ++pc;
      switch (instruction.code) {
        case Code::text:
          is_ok = match_text(instruction, position);
          break;
        case Code::set:
          is_ok = match_set(instruction, position);
          break;
        case Code::repeat:
          is_ok = match_repeat(instruction, position);
          break;
        case Code::run:
          is_ok = match_run(instruction, pc - 1, position);
          break;
        case Code::split:
          is_ok = take_branch(instruction, pc, position);
          break;
        case Code::jump:
          pc = instruction.a;
          break;
        case Code::save:
          set_slot(instruction.a, position);
          break;
        case Code::clear:
          for (std::uint32_t group = instruction.a; group <= instruction.b; ++group) {
            if (slots_[2 * group] != none) set_slot(2 * group, none);
            if (slots_[2 * group + 1] != none) set_slot(2 * group + 1, none);
          }
          break;
        case Code::progress:
          is_ok = slots_[instruction.a] != position;
          break;
        case Code::line_begin:
          is_ok = is_at_line_begin(position);
          break;
        case Code::line_end:
          is_ok = is_at_line_end(position);
          break;
        case Code::word_edge:
          is_ok = is_at_word_edge(position);
          break;
        case Code::no_word_edge:
          is_ok = !is_at_word_edge(position);
          break;
        case Code::back_reference:
          is_ok = match_reference(instruction, position);
          break;
        case Code::look:
          is_ok = look(instruction, pc, position);
          pc = instruction.a;
          break;
        case Code::accept:
          return true;
      }
      if (!is_ok && !retreat(pc, position, base)) return false;
    }
  }

  bool retreat(std::uint32_t& pc, std::size_t& position, std::size_t base) {
    while (stack_.size() > base) {
      Retreat& top = stack_.back();
      if (top.kind == Retreat::Kind::restore) {
        slots_[top.index] = top.position;
        stack_.pop_back();
      } else if (top.kind == Retreat::Kind::branch) {
        pc = top.index;
        position = top.position;
        stack_.pop_back();
        return true;
      } else if (take_shorter_run(top)) {
        pc = top.index + 1;
        position = top.position;
        return true;
      } else {
        stack_.pop_back();
      }
    }
    return false;
  }

  bool match_text(const Instruction& instruction, std::size_t& position) const {
    const std::string& expected = program_.texts[instruction.a];
    if (text_.size() - position < expected.size()) return false;
    if (std::memcmp(text_.data() + position, expected.data(), expected.size()) != 0) return false;
    position += expected.size();
    return true;
  }

  bool match_set(const Instruction& instruction, std::size_t& position) const {
    const CharacterSet& set = program_.sets[instruction.a];
    if (!instruction.is_backward) return take_one(set, position);
    if (position == 0) return false;
    return set.contains(previous_character(text_, position));
  }
  bool take_one(const CharacterSet& set, std::size_t& position) const {
    if (position == text_.size()) return false;
    if (const auto byte = static_cast<unsigned char>(text_[position]); byte < 0x80) {
      position += set.contains(byte) ? 1 : 0;
      return set.contains(byte);
    }
    std::size_t behind = position;
    if (!set.contains(next_character(text_, behind))) return false;
    position = behind;
    return true;
  }

  bool match_repeat(const Instruction& instruction, std::size_t& position) {
    const CharacterSet& set = program_.sets[instruction.a];
    std::size_t end = position;
    for (std::uint32_t i = 0; i < instruction.b; ++i)
      if (!take_one(set, end)) return false;
    count_steps((end - position) / 16);
    position = end;
    return true;
  }

  // ASCII, which most runs are, without the steps of decoding.
  std::size_t end_of_run(const CharacterSet& set, std::size_t at) const {
    for (;;) {
      while (at < text_.size() && static_cast<unsigned char>(text_[at]) < 0x80) {
        if (!set.contains(static_cast<unsigned char>(text_[at]))) return at;
        ++at;
      }
      if (!take_one(set, at)) return at;
    }
  }

  // Goes to the end of the run; with memory, to the longest end that has not failed yet.
  bool match_run(const Instruction& instruction, std::uint32_t pc, std::size_t& position) {
    const CharacterSet& set = program_.sets[instruction.a];
    std::size_t lowest = position;
    for (std::uint32_t i = 0; i < instruction.b; ++i) {
      if (!take_one(set, lowest)) return false;
    }
    Run& seen = runs_[instruction.c];
    const bool is_seen = is_in_run(set, seen, position, lowest);
    std::size_t end = seen.end;
    if (is_seen && instruction.memory != Instruction::no_memory) {
      if (instruction.is_possessive || seen.lowest_tried <= lowest) return false;
      end = seen.lowest_tried;
      previous_character(text_, end);
    }
    seen.lowest_tried = end;
    if (!instruction.is_possessive && end > lowest) push({Retreat::Kind::shorter_run, pc, end, lowest});
    position = end;
    return true;
  }

  // Makes `seen` the run of characters of the set around a position, of which those before `known` are known
  // to belong to it. True if it was that already, at least in part.
  bool is_in_run(const CharacterSet& set, Run& seen, std::size_t position, std::size_t known) {
    std::size_t end = known;
    if (seen.begin != none && position < seen.begin) {
      while (end < seen.begin && take_one(set, end)) {
      }
      count_steps((end - known) / 16);
    }
    if (seen.begin != none && seen.begin <= end && end <= seen.end) {
      seen.begin = std::min(seen.begin, position);
      return true;
    }
    const std::size_t begin = end;
    end = end_of_run(set, end);
    count_steps((end - begin) / 16);
    seen = {position, end, end};
    return false;
  }

  bool take_shorter_run(Retreat& top) {
    if (top.position <= top.lowest) return false;
    const Instruction& instruction = program_.instructions[top.index];
    Run& seen = runs_[instruction.c];
    const bool remembers = instruction.memory != Instruction::no_memory && seen.begin != none &&
                           seen.begin <= top.lowest && top.position <= seen.end;
    if (remembers) top.position = std::min(top.position, seen.lowest_tried);
    if (top.position <= top.lowest) return false;
    if (instruction.next_byte >= 0) {
      const void* found =
          ::memrchr(text_.data() + top.lowest, instruction.next_byte, top.position - top.lowest);
      const std::size_t shorter =
          found == nullptr ? top.lowest
                           : static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
      count_steps((top.position - shorter) / 16);
      top.position = shorter;
      if (found == nullptr) {
        if (remembers) seen.lowest_tried = shorter;
        return false;
      }
    } else {
      previous_character(text_, top.position);
    }
    if (remembers) seen.lowest_tried = top.position;
    return true;
  }

  bool is_at_line_begin(std::size_t position) const {
    if (position == 0) return true;
    return program_.is_multiline && is_line_end(previous_character(text_, position));
  }
  bool is_at_line_end(std::size_t position) const {
    if (position == text_.size()) return true;
    return program_.is_multiline && is_line_end(next_character(text_, position));
  }
  bool is_at_word_edge(std::size_t position) const {
    return (position > 0 && is_word(text_, position - 1)) != is_word(text_, position);
  }

  bool match_reference(const Instruction& instruction, std::size_t& position) {
    const Span span = group(instruction.a);
    if (span.begin == none) return true;
    const std::string_view expected = text_.substr(span.begin, span.end - span.begin);
    count_steps(expected.size() / 16);
    if (instruction.is_backward) {
      if (position < expected.size() ||
          !is_same(expected, text_.substr(position - expected.size(), expected.size())))
        return false;
      position -= expected.size();
      return true;
    }
    if (!is_same(expected, text_.substr(position, expected.size()))) return false;
    position += expected.size();
    return true;
  }
  bool is_same(std::string_view a, std::string_view b) const {
    if (a == b) return true;
    if (!program_.ignores_case || a.size() != b.size()) return false;
    for (std::size_t i = 0, k = 0; i < a.size() && k < b.size();) {
      if (canonical_case(next_character(a, i)) != canonical_case(next_character(b, k))) return false;
    }
    return true;
  }

  bool look(const Instruction& instruction, std::uint32_t body, std::size_t position) {
    const std::vector<std::size_t> before = slots_;
    const std::size_t base = stack_.size();
    const bool was_looking = std::exchange(is_looking_, true);
    const bool is_match = run(body, position, base);
    is_looking_ = was_looking;
    stack_.resize(base);
    std::vector<std::size_t> after = std::exchange(slots_, before);
    if (is_match && !instruction.is_negative) {
      for (std::uint32_t slot = 0; slot < after.size(); ++slot) {
        if (after[slot] != before[slot]) set_slot(slot, after[slot]);
      }
    }
    return is_match != instruction.is_negative;
  }

  const RegexProgram& program_;
  std::string_view text_;
  const StepGuard& guard_;
  std::vector<std::size_t> slots_;
  std::vector<Run> runs_;
  std::vector<Retreat> stack_;
  std::vector<std::uint64_t> failed_;
  std::size_t memory_bits_ = 0;
  bool remembers_splits_ = false;
  bool is_looking_ = false;  // inside a look-around
  std::uint64_t steps_ = 0;
  std::uint64_t next_guard_ = steps_between_guards;
};

Regex::Regex(std::string_view pattern, bool ignores_case, bool is_multiline)
    : program_(std::make_shared<const RegexProgram>(
          compile_regex(parse_regex(pattern, ignores_case), ignores_case, is_multiline))) {}

std::size_t Regex::group_count() const noexcept { return program_->group_count; }

RegexScan::RegexScan(const Regex& regex, std::string_view text, const StepGuard& guard)
    : machine_(std::make_unique<Machine>(regex.program(), text, guard)) {}

RegexScan::~RegexScan() = default;

bool RegexScan::find(std::size_t from) { return machine_->find(from); }

RegexScan::Span RegexScan::group(std::size_t number) const noexcept { return machine_->group(number); }

}  // namespace huiliu::expr
