// $now, $millis, $fromMillis, $toMillis.
#include "hub/expr/builtins.hpp"
#include "hub/expr/failure.hpp"
#include "hub/expr/pictures/date_picture.hpp"

namespace huiliu::expr {
namespace {

Item formatted_time(Evaluator& evaluator, double millis, const Item& picture, const Item& timezone) {
  static const DatePicture iso("[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]");
  const int offset = timezone.is_string() ? timezone_minutes(timezone.as_string()) : 0;
  if (!picture.is_string()) return evaluator.keep_text(iso.format(millis, offset));
  return evaluator.keep_text(evaluator.date_picture(picture.as_string()).format(millis, offset));
}

Item now(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  return formatted_time(evaluator, static_cast<double>(evaluator.context().now_ms), arguments[0],
                        arguments[1]);
}

Item millis_of_now(Evaluator& evaluator, const Arguments&, const CallContext&) {
  return Item::of_number(static_cast<double>(evaluator.context().now_ms));
}

Item from_millis(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  return formatted_time(evaluator, arguments[0].as_number(), arguments[1], arguments[2]);
}

Item to_millis(Evaluator& evaluator, const Arguments& arguments, const CallContext&) {
  if (arguments[0].is_undefined()) return {};
  const std::string_view text = arguments[0].as_string();
  if (!arguments[1].is_string()) {
    const std::optional<double> millis = parse_iso_time(text);
    if (!millis) fail("D3110");
    return Item::of_number(*millis);
  }
  DatePicture& picture = evaluator.date_picture(arguments[1].as_string());
  const std::optional<double> millis =
      picture.parse(text, evaluator.context().now_ms, evaluator.step_guard());
  return millis ? Item::of_number(*millis) : Item();
}

constexpr BuiltinEntry date_entries[] = {
    {"now", "<s?s?:s>", 2, now},
    {"millis", "<:n>", 0, millis_of_now},
    {"fromMillis", "<n-s?s?:s>", 3, from_millis},
    {"toMillis", "<s-s?:n>", 2, to_millis},
};

}  // namespace

std::span<const BuiltinEntry> date_builtins() { return date_entries; }

}  // namespace huiliu::expr
