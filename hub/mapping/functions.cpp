#include "hub/mapping/functions.hpp"

#include <algorithm>

#include "hub/normalize/calendar.hpp"
#include "hub/normalize/divisions.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::mapping {
namespace {

using Arguments = expr::HostFunction::Arguments;
using Answer = model::Result<std::optional<model::Value>>;
using model::Value;
using normalize::DivisionCode;
using normalize::Divisions;

constexpr std::int64_t day_ms = 86'400'000;
constexpr std::int64_t china_ms = 8 * 3'600'000;  // a day without zone is one of China
constexpr std::int64_t most_days = 4'000'000;     // a date has years 1 to 9999

Answer undefined() { return std::optional<Value>{}; }
Answer answer(Value value) { return std::optional<Value>(std::move(value)); }
model::Error wrong(std::string message) {
  return model::make_error(model::ErrorClass::data, std::move(message));
}

// ---- standardizers

model::Result<normalize::Normalized> normalized(Arguments given) {
  const auto kind = normalize::kind_from(given[0]->to_text());
  if (!kind)
    return wrong(
        "\"" + given[0]->to_text() +
        "\" is no kind: text company_name person_name uscc tax_no resident_id phone email url address "
        "date money");
  return normalize::normalize(*kind, given[1]->to_text());
}

bool lacks(Arguments given, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (given.size() <= i || !given[i]) return true;
  return false;
}

Answer standard_value(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const normalize::Normalized clean, normalized(given));
  return answer(Value(clean.value));
}
Answer standard_key(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const normalize::Normalized clean, normalized(given));
  return answer(Value(clean.key));
}
Answer standard_parts(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const normalize::Normalized clean, normalized(given));
  return answer(Value(clean.parts));
}
Answer is_standard(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const normalize::Normalized clean, normalized(given));
  return answer(Value(clean.valid));
}

// ---- regions

DivisionCode region_of(const std::string& text) {
  if (text.size() >= 2 && text.find_first_not_of("0123456789") == std::string::npos) {
    DivisionCode code = 0;
    for (std::size_t i = 0; i < 6; ++i)
      code = code * 10 + static_cast<DivisionCode>(i < text.size() ? text[i] - '0' : 0);
    return Divisions::get().present(code);
  }
  const normalize::Normalized address = normalize::normalize(normalize::Kind::address, text);
  const Value* code = address.parts.find("code");
  return code == nullptr ? 0
                         : static_cast<DivisionCode>(model::Number{code->to_text()}.to_int64().value_or(0));
}

Answer region_code(Arguments given) {
  const DivisionCode code = lacks(given, 1) ? 0 : region_of(given[0]->to_text());
  return code == 0 ? undefined() : answer(Value(normalize::code_text(code)));
}
Answer region_name(Arguments given) {
  const DivisionCode code = lacks(given, 1) ? 0 : region_of(given[0]->to_text());
  return code == 0 ? undefined() : answer(Value(Divisions::get().full_name(code)));
}
Answer province(Arguments given) {
  const DivisionCode code = lacks(given, 1) ? 0 : region_of(given[0]->to_text());
  const normalize::Division* found =
      code == 0 ? nullptr : Divisions::get().find(normalize::province_of(code));
  return found == nullptr ? undefined() : answer(Value(found->name));
}
Answer in_region(Arguments given) {
  if (lacks(given, 2)) return undefined();
  const DivisionCode inner = region_of(given[0]->to_text());
  const DivisionCode outer = region_of(given[1]->to_text());
  if (inner == 0 || outer == 0) return undefined();
  return answer(Value(normalize::contains(outer, inner)));
}

// ---- days

std::optional<std::int64_t> day_of(const Value& value) {
  if (value.is_number()) {  // milliseconds since 1970, as $millis() gives them
    const auto millis = value.as_number().to_int64();
    if (!millis) return std::nullopt;
    const std::int64_t shifted = *millis + china_ms;
    return shifted >= 0 ? shifted / day_ms : -((-shifted + day_ms - 1) / day_ms);
  }
  const normalize::Normalized date = normalize::normalize(normalize::Kind::date, value.to_text());
  const Value* year = date.parts.find("year");
  const Value* month = date.parts.find("month");
  const Value* day = date.parts.find("day");
  if (!date.valid || year == nullptr || month == nullptr || day == nullptr) return std::nullopt;
  const auto number = [](const Value* part) {
    return static_cast<int>(model::Number{part->to_text()}.to_int64().value_or(0));
  };
  return normalize::days_from_date(number(year), number(month), number(day));
}

model::Result<std::int64_t> day_at(Arguments given, std::size_t i) {
  const auto day = day_of(*given[i]);
  if (!day) return wrong("\"" + given[i]->to_text() + "\" is no date");
  return *day;
}

model::Result<std::int64_t> count_at(Arguments given, std::size_t i) {
  const model::Number* number = given[i]->if_number();
  const auto count = number == nullptr ? std::nullopt : number->to_int64();
  if (!count || *count > most_days || *count < -most_days) return wrong("a whole number of days is wanted");
  return *count;
}

model::Result<std::string> text_of_day(std::int64_t day) {
  if (day < normalize::days_from_date(1, 1, 1) || day > normalize::days_from_date(9999, 12, 31))
    return wrong("that day is beyond the calendar");
  const normalize::CalendarDate date = normalize::date_from_days(day);
  return normalize::date_text(date.year, date.month, date.day);
}

Answer days_between(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const std::int64_t from, day_at(given, 0));
  HUILIU_ASSIGN(const std::int64_t to, day_at(given, 1));
  return answer(Value(to - from));
}
Answer add_days(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(const std::int64_t from, day_at(given, 0));
  HUILIU_ASSIGN(const std::int64_t count, count_at(given, 1));
  HUILIU_ASSIGN(std::string text, text_of_day(from + count));
  return answer(Value(std::move(text)));
}
int weekday_of(std::int64_t day) { return static_cast<int>((day % 7 + 7 + 3) % 7) + 1; }  // 1: Monday
Answer weekday(Arguments given) {
  if (lacks(given, 1)) return undefined();
  HUILIU_ASSIGN(const std::int64_t day, day_at(given, 0));
  return answer(Value(weekday_of(day)));
}

// {"holidays": [dates], "workdays": [dates on which one works although it is a weekend]}
class Calendar {
 public:
  static model::Result<Calendar> read(Arguments given, std::size_t i) {
    Calendar calendar;
    if (given.size() <= i || !given[i]) return calendar;
    for (const auto& [name, days] :
         {std::pair("holidays", &calendar.holidays_), std::pair("workdays", &calendar.workdays_)}) {
      const model::Array* list = (*given[i])[name].if_array();
      for (std::size_t k = 0; list != nullptr && k < list->size(); ++k) {
        const auto day = day_of((*list)[k]);
        if (!day) return wrong("\"" + (*list)[k].to_text() + "\" in the calendar is no date");
        days->push_back(*day);
      }
      std::sort(days->begin(), days->end());
    }
    return calendar;
  }
  bool is_workday(std::int64_t day) const {
    if (std::binary_search(workdays_.begin(), workdays_.end(), day)) return true;
    return weekday_of(day) <= 5 && !std::binary_search(holidays_.begin(), holidays_.end(), day);
  }

 private:
  std::vector<std::int64_t> holidays_, workdays_;
};

Answer is_workday(Arguments given) {
  if (lacks(given, 1)) return undefined();
  HUILIU_ASSIGN(const std::int64_t day, day_at(given, 0));
  HUILIU_ASSIGN(const Calendar calendar, Calendar::read(given, 1));
  return answer(Value(calendar.is_workday(day)));
}
Answer add_workdays(Arguments given) {
  if (lacks(given, 2)) return undefined();
  HUILIU_ASSIGN(std::int64_t day, day_at(given, 0));
  HUILIU_ASSIGN(const std::int64_t count, count_at(given, 1));
  HUILIU_ASSIGN(const Calendar calendar, Calendar::read(given, 2));
  constexpr std::int64_t most = 10'000;
  if (count > most || count < -most) return wrong("at most 10,000 workdays");
  const std::int64_t step = count < 0 ? -1 : 1;
  std::int64_t left = count * step;
  for (std::int64_t looked = 0; left > 0; ++looked) {
    if (looked > 10 * most) return wrong("the calendar has too few workdays");
    day += step;
    if (calendar.is_workday(day)) --left;
  }
  HUILIU_ASSIGN(std::string text, text_of_day(day));
  return answer(Value(std::move(text)));
}

constexpr FunctionInfo infos[] = {
    {"normalize", "<ss:s>", "(kind, text)", "标准写法；种类同 huiliu normalize",
     "the canonical spelling; kinds as in huiliu normalize", "$normalize('phone', '+86 (0)755-8612 3456')",
     "\"+8675586123456\""},
    {"comparisonKey", "<ss:s>", "(kind, text)", "比较键：写法不同而相同的值，键相同",
     "the comparison key: equal but for spelling is equal",
     "$comparisonKey('company_name', '上海(某某)有限公司') = $comparisonKey('company_name', "
     "'上海（某某）有限责任公司')",
     "true"},
    {"parts", "<ss:o>", "(kind, text)", "各组成部分", "the parts by name",
     "$parts('address', '浙江省杭州市西湖区文三路9号').county", "\"西湖区\""},
    {"isValid", "<ss:b>", "(kind, text)", "是否有效", "is it valid?", "$isValid('uscc', '123')", "false"},
    {"regionCode", "<(sn):s>", "(text)", "名称、地址或旧代码的现行 GB/T 2260 六位代码",
     "today's GB/T 2260 code of a name, an address or a former code", "$regionCode('广东省深圳市南山区')",
     "\"440305\""},
    {"regionName", "<(sn):s>", "(text)", "行政区划全称", "the full name of a region", "$regionName('440305')",
     "\"广东省深圳市南山区\""},
    {"province", "<(sn):s>", "(text)", "所属省份", "the province it lies in", "$province('440305')",
     "\"广东省\""},
    {"inRegion", "<(sn)(sn):b>", "(inner, outer)", "前者是否在后者之内", "does the first lie in the second?",
     "$inRegion('杭州市', '浙江省')", "true"},
    {"daysBetween", "<(sn)(sn):n>", "(from, to)", "相隔天数", "days from one date to another",
     "$daysBetween('2024-02-28', '2024年3月1日')", "2"},
    {"addDays", "<(sn)n:s>", "(date, days)", "若干天后的日期", "the date so many days later",
     "$addDays('2024-12-31', 1)", "\"2025-01-01\""},
    {"weekday", "<(sn):n>", "(date)", "星期几，1 为周一", "day of the week, 1 is Monday",
     "$weekday('2024-05-01')", "3"},
    {"isWorkday", "<(sn)o?:b>", "(date, calendar?)",
     "是否工作日；日历：{\"holidays\": […], \"workdays\": […]}",
     "is it a workday? calendar: {\"holidays\": […], \"workdays\": […]}",
     "$isWorkday('2024-05-01', {'holidays': ['2024-05-01']})", "false"},
    {"addWorkdays", "<(sn)no?:s>", "(date, days, calendar?)", "若干工作日后的日期",
     "the date so many workdays later", "$addWorkdays('2024-05-10', 1, {'workdays': ['2024-05-11']})",
     "\"2024-05-11\""},
    {"daysSince", "<(sn):n>", "(date)", "距今天数（映射中不可用）", "days since that date (not in mappings)",
     "$daysSince($now()) >= 0", "true"},
    {"today", "<:s>", "()", "今天的日期（映射中不可用）", "today's date (not in mappings)",
     "$daysBetween($today(), $addDays($today(), 7))", "7"},
};

using Call = Answer (*)(Arguments);
constexpr std::pair<std::string_view, Call> calls[] = {
    {"normalize", standard_value}, {"comparisonKey", standard_key},
    {"parts", standard_parts},     {"isValid", is_standard},
    {"regionCode", region_code},   {"regionName", region_name},
    {"province", province},        {"inRegion", in_region},
    {"daysBetween", days_between}, {"addDays", add_days},
    {"weekday", weekday},          {"isWorkday", is_workday},
    {"addWorkdays", add_workdays},
};

void add(expr::FunctionTable& table, std::string_view name, std::function<Answer(Arguments)> call) {
  for (const FunctionInfo& info : infos)
    if (info.name == name)
      // The signatures above are constants of this file: they cannot be malformed.
      static_cast<void>(table.add({std::string(name), std::string(info.signature), std::move(call)}));
}

void add_record_functions(expr::FunctionTable& table) {
  for (const auto& [name, call] : calls) add(table, name, call);
}

}  // namespace

std::span<const FunctionInfo> product_functions() { return infos; }

const expr::FunctionTable& record_functions() {
  static const std::unique_ptr<const expr::FunctionTable> table = [] {
    auto made = std::make_unique<expr::FunctionTable>();
    add_record_functions(*made);
    return made;
  }();
  return *table;
}

std::unique_ptr<expr::FunctionTable> functions_at(std::function<std::int64_t()> now_ms) {
  auto table = std::make_unique<expr::FunctionTable>();
  add_record_functions(*table);
  const auto today = [now_ms] { return *day_of(Value(now_ms())); };
  add(*table, "daysSince", [today](Arguments given) -> Answer {
    if (lacks(given, 1)) return undefined();
    HUILIU_ASSIGN(const std::int64_t day, day_at(given, 0));
    return answer(Value(today() - day));
  });
  add(*table, "today", [today](Arguments) -> Answer {
    HUILIU_ASSIGN(std::string text, text_of_day(today()));
    return answer(Value(std::move(text)));
  });
  return table;
}

model::Result<std::optional<Value>> evaluate_with_functions(const expr::Program& program,
                                                            const Value* input) {
  expr::Context context;
  context.functions = &record_functions();
  return expr::evaluate(program, input, context);
}

}  // namespace huiliu::mapping
