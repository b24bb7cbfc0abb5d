// A regular expression as instructions for the matcher.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "hub/expr/regex/character_set.hpp"
#include "hub/expr/regex/regex_syntax.hpp"

namespace huiliu::expr {

struct RegexInstruction {
  enum class Code : std::uint8_t {
    text,      // texts[a]
    set,       // one character of sets[a]
    repeat,    // exactly b characters of sets[a]
    run,       // as many characters of sets[a] as there are, at least b; runs[c] remembers
    split,     // try a, then b
    jump,      // to a
    save,      // position into slot a
    clear,     // groups a … b have not matched
    progress,  // fail if the position is the one in slot a
    line_begin,
    line_end,
    word_edge,
    no_word_edge,
    back_reference,  // group a
    look,            // the instructions behind this one match here (or do not); go on at a
    accept,          // the end of the expression or of a look-around
  };
  static constexpr std::uint32_t no_memory = 0xFFFFFFFFU;
  static constexpr std::uint16_t no_filter = 0xFFFFU;

  Code code;
  bool is_backward = false;    // of text, set, back_reference: matches what lies before the position
  bool is_negative = false;    // of look
  bool is_possessive = false;  // of run: a shorter run cannot help
  bool is_loop = false;        // of split: it stands at the head of a loop
  // Of run: the byte that must follow it; -1: not known.
  std::int16_t next_byte = -1;
  // Of split: byte_sets that the text must go on with for a and b; no_filter: not known.
  std::uint16_t first_a = no_filter;
  std::uint16_t first_b = no_filter;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  std::uint32_t c = 0;
  std::uint32_t memory =
      no_memory;  // of split: its column in the table of failed states; of run: used if not none
};

using ByteSet = std::array<bool, 256>;

struct RegexProgram {
  std::vector<RegexInstruction> instructions;
  std::vector<ByteSet> byte_sets;
  std::vector<CharacterSet> sets;
  std::vector<std::string> texts;
  std::uint32_t group_count = 0;
  std::uint32_t slot_count = 0;   // two per group, group 0 first, then the loops' own
  std::uint32_t split_count = 0;  // splits with memory
  std::uint32_t run_count = 0;
  bool ignores_case = false;
  bool is_multiline = false;
  bool begins_at_start = false;  // can match at position 0 only
  // The possessive run that every match begins with: where it failed once, it fails for the rest of its
  // characters. no_memory: there is none.
  std::uint32_t leading_run = RegexInstruction::no_memory;
  // Behind that run stands this byte, which is no member of its set: a match can begin only in a run that
  // ends before such a byte. -1: not known.
  int byte_behind_run = -1;
  std::uint32_t leading_set = 0;
  std::uint32_t leading_least = 0;
  bool can_be_empty = true;  // then first_bytes says nothing
  ByteSet first_bytes = {};  // bytes that a match can begin with
  int only_first_byte = -1;  // when there is but one
  std::string prefix = {};   // every match begins with it; empty: not known
  // The whole expression is this one instruction (run or set), without groups. no_memory: it is not.
  std::uint32_t only_step = RegexInstruction::no_memory;
};

RegexProgram compile_regex(const RegexSyntax& syntax, bool ignores_case, bool is_multiline);

}  // namespace huiliu::expr
