#include "hub/expr/expr.hpp"

#include <algorithm>
#include <new>

#include "hub/expr/evaluator.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/item_text.hpp"

namespace huiliu::expr {

using model::ErrorClass;

Result<Program> compile(std::string_view source) {
  try {
    return Program(make_program(source));
  } catch (const Failure& failure) {
    return failure.to_error(ErrorClass::config);
  }
}

namespace {

// Evaluates and makes something of the result while the evaluation is still there.
template <class Use>
auto evaluate_and(const Program& program, const model::Value* input, const Context& context, Use&& use)
    -> Result<decltype(use(Item()))> {
  if (program.data() == nullptr) return use(Item());
  try {
    Evaluator evaluator(context);
    return use(evaluator.run(*program.data(), input));
  } catch (const Failure& failure) {
    return failure.to_error(ErrorClass::data);
  } catch (const std::bad_alloc&) {
    return Failure{"U1001", {}, no_position, "not enough memory for the expression"}.to_error(
        ErrorClass::data);
  }
}

}  // namespace

Result<std::optional<model::Value>> evaluate(const Program& program, const model::Value* input,
                                             const Context& context) {
  return evaluate_and(program, input, context, [](const Item& item) { return to_model(item); });
}

Result<bool> evaluate_to_json(const Program& program, const model::Value* input, const Context& context,
                              std::string& out) {
  const std::size_t size = out.size();
  Result<bool> result = evaluate_and(program, input, context,
                                     [&out](const Item& item) { return append_result_json(out, item); });
  if (!result.ok()) out.resize(size);
  return result;
}

// ---- host functions

FunctionTable::FunctionTable() = default;
FunctionTable::~FunctionTable() = default;

model::Status FunctionTable::add(HostFunction function) {
  auto entry = std::make_unique<Entry>();
  try {
    if (!function.signature.empty()) entry->signature.emplace(function.signature);
  } catch (const Failure& failure) {
    return failure.to_error(ErrorClass::config);
  }
  entry->function = std::move(function);
  // As many arguments as a function like $map has to offer, unless a signature says how many it takes.
  const std::size_t arity = entry->signature ? entry->signature->parameter_count() : 3;
  entry->item.kind = Function::Kind::host;
  entry->item.arity = static_cast<std::uint8_t>(std::min<std::size_t>(arity, 255));
  entry->item.entry = entry.get();
  std::erase_if(entries_, [&](const auto& other) { return other->function.name == entry->function.name; });
  entries_.push_back(std::move(entry));
  return {};
}

const FunctionTable::Entry* FunctionTable::find(std::string_view name) const noexcept {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const auto& entry) { return entry->function.name == name; });
  return found == entries_.end() ? nullptr : found->get();
}

}  // namespace huiliu::expr
