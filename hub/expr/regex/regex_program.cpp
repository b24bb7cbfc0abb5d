#include "hub/expr/regex/regex_program.hpp"

#include <algorithm>

#include "hub/expr/failure.hpp"
#include "hub/expr/utf8.hpp"

namespace huiliu::expr {
namespace {

using Part = RegexNode;
using Code = RegexInstruction::Code;

constexpr std::size_t most_instructions = 10'000;
// Longer sequences are compiled without looking ahead.
constexpr std::size_t most_analyzed_parts = 300;

// What the text at some place can begin with, if the pattern is to match from there.
struct First {
  CharacterSet set;
  bool can_be_empty = true;
};

First first_of(const Part& node) {
  First first;
  switch (node.kind) {
    case Part::Kind::set:
      return {node.set, false};
    case Part::Kind::sequence:
      for (const auto& part : node.parts) {
        const First next = first_of(*part);
        first.set.add(next.set);
        if (!next.can_be_empty) {
          first.can_be_empty = false;
          break;
        }
      }
      break;
    case Part::Kind::choice:
      first.can_be_empty = false;
      for (const auto& part : node.parts) {
        const First next = first_of(*part);
        first.set.add(next.set);
        first.can_be_empty = first.can_be_empty || next.can_be_empty;
      }
      break;
    case Part::Kind::group:
      return first_of(*node.parts[0]);
    case Part::Kind::loop:
      first = first_of(*node.parts[0]);
      first.can_be_empty = first.can_be_empty || node.least == 0;
      break;
    case Part::Kind::back_reference:
      first.set = CharacterSet::all();
      break;
    default:
      break;  // assertions take nothing
  }
  first.set.normalize();
  return first;
}

// Bytes that the characters of a set begin with.
ByteSet leading_bytes(const CharacterSet& set) {
  ByteSet bytes{};
  for (const auto& [low, high] : set.ranges()) {
    std::string low_text;
    std::string high_text;
    append_character(low_text, low);
    append_character(high_text, high);
    for (unsigned byte = static_cast<unsigned char>(low_text[0]);
         byte <= static_cast<unsigned char>(high_text[0]); ++byte)
      bytes[byte] = true;
  }
  return bytes;
}

// What comes behind a part: characters, or the end of the whole expression, where nothing can fail any more.
struct Follow {
  CharacterSet set;
  bool may_end = false;
  bool only_end = false;
};

class RegexCompiler {
 public:
  RegexCompiler(const RegexSyntax& syntax, RegexProgram& program) : syntax_(syntax), program_(program) {}

  void compile() {
    program_.group_count = syntax_.group_count;
    program_.slot_count = 2 * (syntax_.group_count + 1);
    emit({.code = Code::save, .a = 0});
    compile_node(*syntax_.root, Follow{{}, true, true}, false);
    emit({.code = Code::save, .a = 1});
    emit({.code = Code::accept});
    find_beginning();
    find_next_bytes();
  }

 private:
  // Beyond so many, branches are tried instead of looked at.
  static constexpr std::size_t most_byte_sets = 256;

  std::uint32_t here() const { return static_cast<std::uint32_t>(program_.instructions.size()); }
  std::uint32_t emit(const RegexInstruction& instruction) {
    if (program_.instructions.size() >= most_instructions) fail("S0303", "too large");
    program_.instructions.push_back(instruction);
    return here() - 1;
  }
  RegexInstruction& at(std::uint32_t place) { return program_.instructions[place]; }
  bool has_memory() const { return look_depth_ == 0 && !syntax_.has_back_references; }
  std::uint32_t new_split_memory() {
    return has_memory() ? program_.split_count++ : RegexInstruction::no_memory;
  }

  void find_beginning() {
    const First first = first_of(*syntax_.root);
    program_.can_be_empty = first.can_be_empty;
    program_.first_bytes = leading_bytes(first.set);
    std::fill(program_.first_bytes.begin() + 0x80, program_.first_bytes.begin() + 0xC0,
              false);  // inside characters
    if (std::count(program_.first_bytes.begin(), program_.first_bytes.end(), true) == 1)
      program_.only_first_byte =
          static_cast<int>(std::find(program_.first_bytes.begin(), program_.first_bytes.end(), true) -
                           program_.first_bytes.begin());
    const Part* start = syntax_.root.get();
    while ((start->kind == Part::Kind::sequence || start->kind == Part::Kind::group) &&
           !start->parts.empty()) {
      start = start->parts[0].get();
    }
    program_.begins_at_start = start->kind == Part::Kind::line_begin && !program_.is_multiline;
    const auto first_step =
        std::find_if(program_.instructions.begin(), program_.instructions.end(),
                     [](const RegexInstruction& step) { return step.code != Code::save; });
    if (first_step->code == Code::text) program_.prefix = program_.texts[first_step->a];
    const bool is_alone =
        program_.instructions.size() == 4 && first_step == program_.instructions.begin() + 1;
    if (is_alone && ((first_step->code == Code::run && first_step->is_possessive) ||
                     (first_step->code == Code::set && !first_step->is_backward)))
      program_.only_step = 1;
    if (first_step->code == Code::run && first_step->is_possessive &&
        first_step->memory != RegexInstruction::no_memory) {
      program_.leading_run = first_step->c;
      program_.leading_set = first_step->a;
      program_.leading_least = first_step->b;
      const auto next = std::find_if(first_step + 1, program_.instructions.end(),
                                     [](const RegexInstruction& step) { return step.code != Code::save; });
      program_.byte_behind_run = next == program_.instructions.end() ? -1 : ascii_of(*next);
      if (program_.byte_behind_run >= 0 &&
          program_.sets[first_step->a].contains(static_cast<char32_t>(program_.byte_behind_run)))
        program_.byte_behind_run = -1;
    }
  }

  // A run that is too long is shortened to where its successor can stand.
  void find_next_bytes() {
    auto& steps = program_.instructions;
    for (std::size_t i = 0; i < steps.size(); ++i) {
      if (steps[i].code != Code::run || steps[i].is_possessive) continue;
      std::size_t next = i + 1;
      while (steps[next].code == Code::save) ++next;  // the last one is an accept
      if (steps[next].code == Code::text)
        steps[i].next_byte = static_cast<unsigned char>(program_.texts[steps[next].a][0]);
      else
        steps[i].next_byte = static_cast<std::int16_t>(ascii_of(steps[next]));
    }
  }

  // What the text goes on with when it is to match `first` and, should that be empty, what follows.
  std::uint16_t filter_of(const First& first, const Follow& follow, bool is_backward) {
    const bool is_open = first.can_be_empty && follow.may_end;
    if (is_open || is_backward || program_.byte_sets.size() >= most_byte_sets)
      return RegexInstruction::no_filter;
    CharacterSet set = first.set;
    if (first.can_be_empty) set.add(follow.set);
    set.normalize();
    program_.byte_sets.push_back(leading_bytes(set));
    return static_cast<std::uint16_t>(program_.byte_sets.size() - 1);
  }

  // The ASCII character that a step wants, if it wants one only.
  int ascii_of(const RegexInstruction& step) const {
    char32_t character = 0xFFFFFFFF;
    if (step.code == Code::text) character = static_cast<unsigned char>(program_.texts[step.a][0]);
    if (step.code == Code::set && !step.is_backward) character = program_.sets[step.a].single();
    return character < 0x80 ? static_cast<int>(character) : -1;
  }

  void compile_node(const Part& node, const Follow& follow, bool is_backward) {
    switch (node.kind) {
      case Part::Kind::empty:
        break;
      case Part::Kind::set:
        emit_set(node.set, is_backward);
        break;
      case Part::Kind::sequence:
        compile_sequence(node, follow, is_backward);
        break;
      case Part::Kind::choice:
        compile_choice(node, follow, is_backward);
        break;
      case Part::Kind::group:
        compile_group(node, follow, is_backward);
        break;
      case Part::Kind::loop:
        compile_loop(node, follow, is_backward);
        break;
      case Part::Kind::line_begin:
        emit({.code = Code::line_begin});
        break;
      case Part::Kind::line_end:
        emit({.code = Code::line_end});
        break;
      case Part::Kind::word_edge:
        emit({.code = Code::word_edge});
        break;
      case Part::Kind::no_word_edge:
        emit({.code = Code::no_word_edge});
        break;
      case Part::Kind::back_reference:
        emit({.code = Code::back_reference, .is_backward = is_backward, .a = node.group});
        break;
      case Part::Kind::look:
        compile_look(node);
        break;
    }
  }

  std::uint32_t index_of(const CharacterSet& set) {
    program_.sets.push_back(set);
    return static_cast<std::uint32_t>(program_.sets.size() - 1);
  }
  void emit_set(const CharacterSet& set, bool is_backward) {
    emit({.code = Code::set, .is_backward = is_backward, .a = index_of(set)});
  }

  void compile_sequence(const Part& node, const Follow& follow, bool is_backward) {
    if (is_backward) {
      for (auto part = node.parts.rbegin(); part != node.parts.rend(); ++part)
        compile_node(**part, {CharacterSet::all()}, true);
      return;
    }
    const std::vector<Follow> follows = follows_of(node, follow);
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const std::size_t behind = end_of_text(node, i);
      if (behind > i + 1) {
        emit_text(node, i, behind);
        i = behind - 1;
      } else {
        compile_node(*node.parts[i], follows.empty() ? Follow{CharacterSet::all(), true} : follows[i], false);
      }
    }
  }
  // The end of the longest row of single characters that begins at a part.
  static std::size_t end_of_text(const Part& node, std::size_t begin) {
    std::size_t end = begin;
    while (end < node.parts.size() && node.parts[end]->kind == Part::Kind::set &&
           node.parts[end]->set.single() != 0xFFFFFFFF) {
      ++end;
    }
    return end;
  }
  void emit_text(const Part& node, std::size_t begin, std::size_t end) {
    std::string text;
    for (std::size_t i = begin; i < end; ++i) append_character(text, node.parts[i]->set.single());
    program_.texts.push_back(std::move(text));
    emit({.code = Code::text, .a = static_cast<std::uint32_t>(program_.texts.size() - 1)});
  }
  // What comes behind each part of a sequence. Empty: not known.
  static std::vector<Follow> follows_of(const Part& sequence, const Follow& outer) {
    if (sequence.parts.size() > most_analyzed_parts) return {};
    std::vector<Follow> follows(sequence.parts.size());
    Follow follow = outer;
    for (std::size_t i = sequence.parts.size(); i-- > 0;) {
      follows[i] = follow;
      First first = first_of(*sequence.parts[i]);
      if (first.can_be_empty) {
        follow.set.add(first.set);
        follow.set.normalize();
      } else {
        follow = {std::move(first.set)};
      }
      follow.only_end = false;
    }
    return follows;
  }

  void compile_choice(const Part& node, const Follow& follow, bool is_backward) {
    std::vector<std::uint32_t> ends;
    // Of each alternative, and of those behind it together.
    std::vector<First> firsts, rests(node.parts.size());
    for (const auto& part : node.parts) firsts.push_back(first_of(*part));
    for (std::size_t i = node.parts.size() - 1; i-- > 0;) {
      rests[i] = i + 2 == node.parts.size() ? First{{}, false} : rests[i + 1];
      rests[i].set.add(firsts[i + 1].set);
      rests[i].set.normalize();
      rests[i].can_be_empty = rests[i].can_be_empty || firsts[i + 1].can_be_empty;
    }
    for (std::size_t i = 0; i < node.parts.size(); ++i) {
      const bool is_last = i + 1 == node.parts.size();
      const std::uint32_t split = is_last ? 0
                                          : emit({.code = Code::split,
                                                  .first_a = filter_of(firsts[i], follow, is_backward),
                                                  .first_b = filter_of(rests[i], follow, is_backward),
                                                  .memory = new_split_memory()});
      if (!is_last) at(split).a = here();
      compile_node(*node.parts[i], follow, is_backward);
      if (is_last) break;
      ends.push_back(emit({.code = Code::jump}));
      at(split).b = here();
    }
    for (const std::uint32_t end : ends) at(end).a = here();
  }

  void compile_group(const Part& node, const Follow& follow, bool is_backward) {
    if (node.group != 0) emit({.code = Code::save, .a = 2 * node.group + (is_backward ? 1U : 0U)});
    compile_node(*node.parts[0], follow, is_backward);
    if (node.group != 0) emit({.code = Code::save, .a = 2 * node.group + (is_backward ? 0U : 1U)});
  }

  void compile_loop(const Part& node, const Follow& follow, bool is_backward) {
    const Part& body = *node.parts[0];
    const bool is_run =
        body.kind == Part::Kind::set && node.is_greedy && node.most == Part::unbounded && !is_backward;
    if (is_run) return emit_run(node, body.set, follow);
    Follow body_follow = follow;
    body_follow.set.add(first_of(body).set);
    body_follow.set.normalize();
    body_follow.only_end = false;
    if (body.kind == Part::Kind::set && node.least > 1 && !is_backward) {
      emit({.code = Code::repeat, .a = index_of(body.set), .b = node.least});
    } else {
      for (std::uint32_t i = 0; i < node.least; ++i) {
        clear_groups(node);
        compile_node(body, body_follow, is_backward);
      }
    }
    const std::uint16_t inside = filter_of(first_of(body), body_follow, is_backward);
    const std::uint16_t outside = filter_of(First{}, follow, is_backward);
    if (node.most == Part::unbounded)
      compile_star(node, body_follow, is_backward, inside, outside);
    else
      compile_optionals(node, body_follow, is_backward, inside, outside);
  }

  void emit_run(const Part& node, const CharacterSet& set, const Follow& follow) {
    const bool is_possessive = follow.only_end || (!follow.may_end && follow.set.is_disjoint_from(set));
    emit({.code = Code::run,
          .is_possessive = is_possessive,
          .a = index_of(set),
          .b = node.least,
          .c = program_.run_count++,
          .memory = has_memory() ? 0 : RegexInstruction::no_memory});
  }

  void clear_groups(const Part& node) {
    if (node.last_group > node.group) emit({.code = Code::clear, .a = node.group + 1, .b = node.last_group});
  }
  // The body, which must not match nothing.
  void compile_iteration(const Part& node, const Follow& follow, bool is_backward) {
    clear_groups(node);
    const bool can_be_empty = first_of(*node.parts[0]).can_be_empty;
    const std::uint32_t slot = can_be_empty ? program_.slot_count++ : 0;
    if (can_be_empty) emit({.code = Code::save, .a = slot});
    compile_node(*node.parts[0], follow, is_backward);
    if (can_be_empty) emit({.code = Code::progress, .a = slot});
  }
  void set_branches(std::uint32_t split, std::uint32_t body, std::uint32_t exit, bool is_greedy) {
    at(split).a = is_greedy ? body : exit;
    at(split).b = is_greedy ? exit : body;
  }
  std::uint32_t emit_loop_split(const Part& node, std::uint16_t inside, std::uint16_t outside) {
    return emit({.code = Code::split,
                 .is_loop = true,
                 .first_a = node.is_greedy ? inside : outside,
                 .first_b = node.is_greedy ? outside : inside,
                 .memory = new_split_memory()});
  }
  void compile_star(const Part& node, const Follow& follow, bool is_backward, std::uint16_t inside,
                    std::uint16_t outside) {
    const std::uint32_t split = emit_loop_split(node, inside, outside);
    compile_iteration(node, follow, is_backward);
    emit({.code = Code::jump, .a = split});
    set_branches(split, split + 1, here(), node.is_greedy);
  }
  void compile_optionals(const Part& node, const Follow& follow, bool is_backward, std::uint16_t inside,
                         std::uint16_t outside) {
    std::vector<std::uint32_t> splits;
    for (std::uint32_t i = node.least; i < node.most; ++i) {
      splits.push_back(emit_loop_split(node, inside, outside));
      compile_iteration(node, follow, is_backward);
    }
    for (const std::uint32_t split : splits) set_branches(split, split + 1, here(), node.is_greedy);
  }

  void compile_look(const Part& node) {
    const std::uint32_t look = emit({.code = Code::look, .is_negative = node.is_negative});
    ++look_depth_;
    compile_node(*node.parts[0], Follow{{}, true, true}, node.is_behind);
    --look_depth_;
    emit({.code = Code::accept});
    at(look).a = here();
  }

  const RegexSyntax& syntax_;
  RegexProgram& program_;
  int look_depth_ = 0;
};

}  // namespace

RegexProgram compile_regex(const RegexSyntax& syntax, bool ignores_case, bool is_multiline) {
  RegexProgram program;
  program.ignores_case = ignores_case;
  program.is_multiline = is_multiline;
  RegexCompiler(syntax, program).compile();
  return program;
}

}  // namespace huiliu::expr
