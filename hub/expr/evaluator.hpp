// Evaluates a compiled expression over one input.
//
// Sequence semantics. A path yields a sequence: an array item flagged is_sequence. Whenever a node has been
// evaluated, an empty sequence becomes undefined and a sequence of one item becomes that item (unless it
// keeps_singleton). Within a path, where a step's results are joined, arrays are flattened by one level,
// except those flagged is_constructed.
//
// Memory. The arena is released behind every sub-expression whose value does not point into it: after a
// predicate, a sort key, a call that returns a number. That is sound because expressions change nothing but
// variables, and a variable set in there is gone with its frame (a predicate that binds outside of itself is
// left alone).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "hub/expr/arena.hpp"
#include "hub/expr/expr.hpp"
#include "hub/expr/function.hpp"
#include "hub/expr/node.hpp"
#include "hub/expr/pictures/date_picture.hpp"

namespace huiliu::expr {

class Groups;
class ListBuilder;

// A path's tuples: rows of cells, the context first, then the path's variables.
struct TupleStream {
  std::vector<Item> cells;
  std::uint32_t width = 1;
  std::size_t size() const noexcept { return cells.size() / width; }
  const Item* row(std::size_t i) const noexcept { return cells.data() + i * width; }
  Item* add_row(const Item* cells_of_row);
};

class Evaluator {
 public:
  explicit Evaluator(const Context& context);
  ~Evaluator();
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  // Raises. The result points into this evaluator.
  Item run(const ProgramData& program, const model::Value* input);

  // ---- for functions

  Arena& arena() noexcept { return arena_; }
  const Context& context() const noexcept { return context_; }
  std::vector<Item>& scratch() noexcept { return scratch_; }
  // Calls any function item with unchecked arguments. `input` is the context value for missing arguments. The
  // result may be a sequence of one item, or of none.
  Item call(const Function& function, const Arguments& arguments, const Item& input);
  // Calls with as many of value, index and whole as the function takes.
  Item call_with(const Function& function, const Item& value, const Item& index, const Item& whole);
  // A text assembled elsewhere, kept.
  Item keep_text(std::string_view text) { return Item::of_text(arena_.copy_text(text)); }
  // The text of `first` followed by `more`; in place where first is the newest text.
  Item append_text(const Item& first, std::string_view more);
  // The member of an object; of an array, the members of its objects as a sequence.
  Item look_up(const Item& item, std::string_view key, std::uint8_t hint = 0);
  Item evaluate_text(const Item& source, const Item& input, const CallContext& context);  // $eval
  Item clone(const Item& item) { return copied(item, 0); }
  std::uint64_t random();
  DatePicture& date_picture(std::string_view picture);
  // Counts work outside of nodes: raises U1001 when a limit is exceeded.
  void count_steps(std::uint64_t steps);
  // The same for small pieces of work, such as one of many elements.
  void spend(std::uint32_t steps) {
    if (steps < fuel_)
      fuel_ -= steps;
    else
      count_steps(steps);
  }
  const StepGuard& step_guard() const noexcept { return guard_; }
  std::string& text_buffer() noexcept {
    text_.clear();
    return text_;
  }

 private:
  Item evaluate(const Node& node, const Item& input, Frame* frame);
  Item evaluate_kind(const Node& node, const Item& input, Frame* frame);
  Item do_afterwards(const Afterwards& afterwards, Item value, Frame* frame);
  static Item normalized(const Item& value) noexcept {
    const bool is_plain = !value.is_flagged(is_sequence) || value.size > 1;
    if (is_plain || !value.is_array()) return value;
    if (value.size == 0) return {};
    return value.is_flagged(keeps_singleton) ? value : value.element(0);
  }
  void enter();        // a node
  void check_stack();  // before any other recursion
  void refuel();
  [[noreturn]] void fail_at(const Node& node, std::string_view code, std::string_view detail) const;

  // variables
  Item variable(const VariableNode& node, Frame* frame);
  Item global(const VariableNode& node);
  Item find_global(std::string_view name) const;
  Frame* make_frame(Arena& arena, std::uint32_t size, Frame* parent);
  Frame* enter_extent(const Extent& extent, Frame* frame);
  Item block(const ListNode& node, const Item& input, Frame* frame);

  // operators
  Item number_operation(const OperatorNode& node, const Item& input, Frame* frame);
  Item comparison(const OperatorNode& node, const Item& input, Frame* frame);
  Item equality(const OperatorNode& node, const Item& input, Frame* frame);
  Item inclusion(const OperatorNode& node, const Item& input, Frame* frame);
  Item range(const OperatorNode& node, const Item& input, Frame* frame);
  Item negation(const OperatorNode& node, const Item& input, Frame* frame);
  Item concatenation(const OperatorNode& node, const Item& input, Frame* frame);
  Item array(const ListNode& node, const Item& input, Frame* frame);

  // paths
  Item path(const PathNode& node, const Item& input, Frame* frame);
  Item step_value(const Step& step, const Item& item, Frame* frame);
  Item step_over(const Step& step, bool is_last, const Item& items, Frame* frame);
  Item finish_path(const PathNode& node, const Item& value, bool is_many, Frame* frame);
  Item member(const Item& object, std::string_view key, std::uint8_t hint);
  void append_members(ListBuilder& list, const Item& item, std::string_view key, std::uint8_t hint);
  Item wildcard(const Item& input);
  void append_flat(ListBuilder& list, const Item& array);
  Item descendants(const Item& input);
  void append_descendants(ListBuilder& list, const Item& item);
  Item filter(const Stage& stage, const Item& value, Frame* frame);
  bool passes(const Stage& stage, const Item& item, std::uint32_t index, std::uint32_t count, Frame* frame);
  Item sorted(const SortNode& node, const Item& items, Frame* frame);

  // tuples
  Item tuple_path(const PathNode& node, std::size_t first, const Item& items, bool is_many, Frame* frame);
  TupleStream tuple_step(const PathNode& node, const Step& step, const TupleStream& tuples, Frame* frame);
  void add_tuples(const Step& step, const Item* row, const Item& result, TupleStream& out);
  void tuple_stage(const PathNode& node, const Stage& stage, TupleStream& tuples, Frame* frame);
  void sort_tuples(const PathNode& node, const SortNode& sort, TupleStream& tuples, Frame* frame);
  Frame* bind_tuple(const PathNode& node, const Item* row, Frame* frame);
  Item group_tuples(const PathNode& node, const TupleStream& tuples, Frame* frame);

  // objects
  Item object(const ObjectNode& node, const Item& input, Frame* frame);
  Item fixed_object(const ObjectNode& node, const Item& context, Frame* frame);
  Item group(const ObjectNode& node, const Item& items, bool is_many, Frame* frame);
  void add_to_groups(Groups& groups, const ObjectNode& node, std::uint32_t index, const Item& context,
                     Frame* frame);

  // functions
  Item call_node(const CallNode& node, const Item& input, Frame* frame, const Item* first_argument = nullptr);
  Item call_later(const CallNode& node, const Item& input, Frame* frame);
  [[noreturn]] void fail_no_function(const CallNode& node, const Item& procedure) const;
  Item procedure_of(const CallNode& node, const Item& input, Frame* frame);
  Item partial(const CallNode& node, const Item& input, Frame* frame);
  Item apply(const OperatorNode& node, const Item& input, Frame* frame);
  Item lambda(const LambdaNode& node, const Item& input, Frame* frame);
  Item call_in(const Function& function, const Arguments& arguments, const CallContext& context,
               std::string_view name);
  Item call_lambda(const LambdaFunction& function, const Arguments& arguments, const CallContext& context,
                   std::string_view name);
  Item call_builtin(const BuiltinFunction& function, const Arguments& arguments, const CallContext& context);
  Item call_host(const HostFunctionItem& function, const Arguments& arguments, const CallContext& context);
  Item call_partial(const PartialFunction& function, const Arguments& arguments, const CallContext& context);
  Item call_transform(const TransformFunction& function, const Item& value);
  void update_match(const TransformNode& node, const Item& match, std::uint32_t copy_number, Frame* frame);
  Item copied(const Item& item, std::uint32_t copy_number);

  const Context& context_;
  Arena arena_;
  Arena frames_;               // of calls whose frames nothing can keep
  std::vector<Item> scratch_;  // elements of arrays that are being built
  std::string text_;
  Item input_;  // $$
  std::uint32_t depth_ = 0;
  std::uint32_t depth_limit_;
  std::uint32_t fuel_;
  std::uint64_t steps_ = 0;
  std::uintptr_t stack_limit_ = 0;
  StepGuard guard_;
  struct TailCall {
    const Function* function = nullptr;
    const CallNode* node = nullptr;
    Frame* frame = nullptr;
    Arguments arguments;
  };
  TailCall tail_;                              // what the lambda that has just ended calls last
  std::uint32_t copies_ = 0;                   // transforms so far
  std::array<std::uint16_t, 64> positions_{};  // where names were found last
  std::array<std::pair<const VariableNode*, Item>, 16> globals_{};
  struct DocumentIndex;
  std::unique_ptr<DocumentIndex> document_index_;
  std::unique_ptr<model::Random> own_random_;
  std::map<std::pair<std::string, const Scope*>, std::unique_ptr<ProgramData>> evaluated_;
  std::map<std::string, DatePicture, std::less<>> date_pictures_;
  std::vector<std::unique_ptr<model::Value>> host_results_;
  std::unique_ptr<TupleStream> nested_tuples_;  // of a path within parentheses, for the path around it
};

}  // namespace huiliu::expr
