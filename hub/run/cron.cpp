#include "hub/run/cron.hpp"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <span>

namespace huiliu::run {

using model::ErrorClass;
using model::make_error;
using model::Micros;
using model::Result;
using model::Status;

namespace {

constexpr int cron_years_max = 40;
constexpr std::array<std::string_view, 12> month_names = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                          "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekday_names = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};
constexpr std::pair<std::string_view, std::string_view> macros[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"}, {"@weekly", "0 0 * * 0"},
    {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@hourly", "0 * * * *"}};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::vector<std::string> split_on(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

// What a field may hold.
struct FieldSpec {
  const char* name;
  int min, max;
  std::span<const std::string_view> names = {};
  int names_from = 0;
};

}  // namespace

class CronParser {
 public:
  explicit CronParser(Cron& cron) : cron_(cron) {}

  Status parse(std::string_view expression) {
    std::vector<std::string> fields;
    for (const std::string& word : split_on(upper(expression), ' '))
      for (const std::string& part : split_on(word, '\t'))
        if (!part.empty()) fields.push_back(part);
    if (fields.size() == 5) fields.insert(fields.begin(), "0");
    if (fields.size() != 6)
      return make_error(ErrorClass::config,
                        "a cron expression has 5 fields, or 6 with seconds in front; this one has " +
                            std::to_string(fields.size()));
    HUILIU_TRY(set_field(fields[0], {"second", 0, 59}, cron_.seconds_));
    HUILIU_TRY(set_field(fields[1], {"minute", 0, 59}, cron_.minutes_));
    HUILIU_TRY(set_field(fields[2], {"hour", 0, 23}, cron_.hours_));
    HUILIU_TRY(days(fields[3]));
    HUILIU_TRY(set_field(fields[4], {"month", 1, 12, month_names, 1}, cron_.months_));
    return weekdays(fields[5]);
  }

 private:
  static model::Error wrong(const FieldSpec& spec, const std::string& item) {
    return make_error(ErrorClass::config, "\"" + item + "\" is not allowed as " + spec.name + "; it is " +
                                              std::to_string(spec.min) + " to " + std::to_string(spec.max) +
                                              ", with lists, ranges and steps");
  }

  static std::optional<int> number(const FieldSpec& spec, const std::string& text) {
    for (std::size_t i = 0; i < spec.names.size(); ++i)
      if (spec.names[i] == text) return static_cast<int>(i) + spec.names_from;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < spec.min || value > spec.max)
      return std::nullopt;
    return value;
  }

  // One item of a list: *, a, a-b, any of them with /step. Weekday ranges may wrap (FRI-MON).
  template <class Set>
  static Status add_item(const std::string& item, const FieldSpec& spec, Set set) {
    const std::vector<std::string> halves = split_on(item, '/');
    if (halves.size() > 2) return wrong(spec, item);
    int step = 1;
    if (halves.size() == 2) {
      const auto [end, error] = std::from_chars(halves[1].data(), halves[1].data() + halves[1].size(), step);
      if (error != std::errc{} || end != halves[1].data() + halves[1].size() || step < 1 || step > spec.max)
        return wrong(spec, item);
    }
    int from = spec.min;
    int to = spec.max;
    if (halves[0] != "*" && halves[0] != "?") {
      const std::vector<std::string> ends = split_on(halves[0], '-');
      const auto first = number(spec, ends[0]);
      const auto last = ends.size() == 2 ? number(spec, ends[1]) : first;
      if (ends.size() > 2 || !first || !last) return wrong(spec, item);
      from = *first;
      to = ends.size() == 1 && halves.size() == 2 ? spec.max : *last;
    }
    if (from > to) {
      if (std::string_view(spec.name) != "weekday") return wrong(spec, item);
      to += 7;
    }
    for (int value = from; value <= to; value += step) set(value);
    return {};
  }

  template <class Bits>
  static Status set_field(const std::string& text, const FieldSpec& spec, Bits& bits) {
    for (const std::string& item : split_on(text, ','))
      HUILIU_TRY(add_item(item, spec, [&](int value) { bits.set(static_cast<std::size_t>(value)); }));
    return {};
  }

  Status days(const std::string& text) {
    static const FieldSpec spec{"day of month", 1, 31};
    using Kind = Cron::DayRule::Kind;
    cron_.any_day_ = text.starts_with('*') || text == "?";
    for (const std::string& item : split_on(text, ',')) {
      if (item == "LW" || item == "WL") {
        cron_.day_rules_.push_back({Kind::last_weekday, 0, 0});
      } else if (item == "L") {
        cron_.day_rules_.push_back({Kind::last, 0, 0});
      } else if (item.starts_with("L-")) {
        const auto offset = number({"offset", 1, 30}, item.substr(2));
        if (!offset) return wrong(spec, item);
        cron_.day_rules_.push_back({Kind::last, *offset, 0});
      } else if (item.ends_with('W')) {
        const auto day = number(spec, item.substr(0, item.size() - 1));
        if (!day) return wrong(spec, item);
        cron_.day_rules_.push_back({Kind::nearest_weekday, *day, 0});
      } else {
        HUILIU_TRY(
            add_item(item, spec, [&](int value) { cron_.days_.set(static_cast<std::size_t>(value)); }));
      }
    }
    return {};
  }

  Status weekdays(const std::string& text) {
    static const FieldSpec spec{"weekday", 0, 7, weekday_names, 0};
    using Kind = Cron::DayRule::Kind;
    cron_.any_weekday_ = text.starts_with('*') || text == "?";
    for (const std::string& item : split_on(text, ',')) {
      if (const std::size_t hash = item.find('#'); hash != std::string::npos) {
        const auto day = number(spec, item.substr(0, hash));
        const auto nth = number({"week", 1, 5}, item.substr(hash + 1));
        if (!day || !nth) return wrong(spec, item);
        cron_.weekday_rules_.push_back({Kind::nth_weekday, *day % 7, *nth});
      } else if (item.size() > 1 && item.ends_with('L')) {
        const auto day = number(spec, item.substr(0, item.size() - 1));
        if (!day) return wrong(spec, item);
        cron_.weekday_rules_.push_back({Kind::last_of_weekday, *day % 7, 0});
      } else if (item == "L") {
        cron_.weekdays_.set(6);  // Saturday, as Quartz reads it
      } else if (item == "*" || item == "?") {
        cron_.weekdays_.set();
      } else {
        HUILIU_TRY(add_item(item, spec,
                            [&](int value) { cron_.weekdays_.set(static_cast<std::size_t>(value % 7)); }));
      }
    }
    return {};
  }

  Cron& cron_;
};

class CronSearch {
 public:
  CronSearch(const Cron& cron, const date::time_zone& zone, DstPolicy policy)
      : cron_(cron), zone_(zone), policy_(policy) {}

  std::optional<Micros> after(Micros moment) const {
    using namespace std::chrono;
    const date::sys_seconds from{floor<seconds>(microseconds{moment})};
    const auto local = zone_.to_local(from);
    // A day earlier than `from`: a clock change may put a later local time before it.
    auto day = date::floor<date::days>(local) - date::days{1};
    const auto last = day + date::days{366 * cron_years_max};
    std::optional<Micros> best;
    // Only these policies can put a later local time before an earlier one, by less than a day.
    const int look_ahead = policy_ == DstPolicy::twice || policy_ == DstPolicy::shift ? 1 : 0;
    int days_more = look_ahead;
    for (; day < last; day += date::days{1}) {
      if (best && days_more-- == 0) return best;
      if (day_fits(day)) search_day(day, moment, best);
    }
    return best;
  }

 private:
  using LocalDay = date::local_days;

  bool day_fits(LocalDay day) const {
    const date::year_month_day date{day};
    if (!cron_.months_.test(static_cast<unsigned>(date.month()))) return false;
    const bool by_day = day_of_month_fits(day, date);
    const bool by_weekday = weekday_fits(day, date);
    if (cron_.any_day_ || cron_.any_weekday_) return by_day && by_weekday;
    return by_day || by_weekday;
  }

  bool day_of_month_fits(LocalDay day, const date::year_month_day& date) const {
    const unsigned number = static_cast<unsigned>(date.day());
    if (cron_.days_.test(number)) return true;
    return std::any_of(cron_.day_rules_.begin(), cron_.day_rules_.end(),
                       [&](const Cron::DayRule& rule) { return rule_day(rule, date) == day; });
  }

  bool weekday_fits(LocalDay day, const date::year_month_day& date) const {
    const unsigned weekday = date::weekday{day}.c_encoding();
    if (cron_.weekdays_.test(weekday)) return true;
    const unsigned number = static_cast<unsigned>(date.day());
    const unsigned last = static_cast<unsigned>(last_day(date).day());
    return std::any_of(cron_.weekday_rules_.begin(), cron_.weekday_rules_.end(),
                       [&](const Cron::DayRule& rule) {
                         if (rule.value != static_cast<int>(weekday)) return false;
                         if (rule.kind == Cron::DayRule::Kind::last_of_weekday) return number + 7 > last;
                         return (number - 1) / 7 + 1 == static_cast<unsigned>(rule.nth);
                       });
  }

  static date::year_month_day last_day(const date::year_month_day& date) {
    return date::year_month_day{date.year() / date.month() / date::last};
  }

  static LocalDay rule_day(const Cron::DayRule& rule, const date::year_month_day& date) {
    const date::year_month_day last = last_day(date);
    const auto first_day = LocalDay{date.year() / date.month() / 1};
    const auto end = LocalDay{last};
    switch (rule.kind) {
      case Cron::DayRule::Kind::last:
        return end - date::days{rule.value};
      case Cron::DayRule::Kind::last_weekday:
        return nearest_weekday(end, first_day, end);
      case Cron::DayRule::Kind::nearest_weekday: {
        const auto wanted = first_day + date::days{rule.value - 1};
        return wanted > end ? LocalDay{} : nearest_weekday(wanted, first_day, end);
      }
      default:
        return LocalDay{};
    }
  }

  // The weekday (Monday to Friday) nearest to a day, within its month.
  static LocalDay nearest_weekday(LocalDay day, LocalDay first, LocalDay end) {
    const unsigned weekday = date::weekday{day}.c_encoding();
    if (weekday == 6) return day == first ? day + date::days{2} : day - date::days{1};
    if (weekday == 0) return day == end ? day - date::days{2} : day + date::days{1};
    return day;
  }

  void search_day(LocalDay day, Micros moment, std::optional<Micros>& best) const {
    using namespace std::chrono;
    for (std::size_t hour = 0; hour < 24; ++hour) {
      if (!cron_.hours_.test(hour)) continue;
      // Hours that surely lie before the moment need no look at their seconds; a change moves them by less
      // than a day.
      const auto start = date::local_seconds{day} + hours{hour};
      const Micros earliest =
          Micros{(start.time_since_epoch() - zone_.get_info(start).first.offset).count()} * model::second;
      if (earliest + Micros{26 * 3600} * model::second < moment) continue;
      if (best && policy_ != DstPolicy::twice && policy_ != DstPolicy::shift) return;
      for (std::size_t minute = 0; minute < 60; ++minute) {
        if (!cron_.minutes_.test(minute)) continue;
        for (std::size_t second = 0; second < 60; ++second)
          if (cron_.seconds_.test(second)) consider(start + minutes{minute} + seconds{second}, moment, best);
      }
    }
  }

  void consider(date::local_seconds local, Micros moment, std::optional<Micros>& best) const {
    const auto take = [&](date::sys_seconds instant) {
      const Micros micros = Micros{instant.time_since_epoch().count()} * model::second;
      if (micros > moment && (!best || micros < *best)) best = micros;
    };
    const date::local_info info = zone_.get_info(local);
    if (info.result == date::local_info::nonexistent) {
      if (policy_ == DstPolicy::skip) return;
      if (policy_ == DstPolicy::shift)
        return take(date::sys_seconds{local.time_since_epoch() - info.first.offset});
      return take(info.first.end);
    }
    take(date::sys_seconds{local.time_since_epoch() - info.first.offset});
    if (info.result == date::local_info::ambiguous && policy_ == DstPolicy::twice)
      take(date::sys_seconds{local.time_since_epoch() - info.second.offset});
  }

  const Cron& cron_;
  const date::time_zone& zone_;
  DstPolicy policy_;
};

namespace {

Result<const date::time_zone*> zone_named(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::exception&) {
    return make_error(ErrorClass::config,
                      "unknown time zone \"" + name + "\"; use a name such as Asia/Shanghai");
  }
}

}  // namespace

std::optional<DstPolicy> dst_policy_from(std::string_view name) noexcept {
  if (name == "once") return DstPolicy::once;
  if (name == "skip") return DstPolicy::skip;
  if (name == "twice") return DstPolicy::twice;
  if (name == "shift") return DstPolicy::shift;
  return std::nullopt;
}

Result<Cron> Cron::parse(std::string_view expression) {
  for (const auto& [name, meaning] : macros)
    if (expression == name) return parse(meaning);
  Cron cron;
  HUILIU_TRY(CronParser(cron).parse(expression));
  return cron;
}

Result<std::optional<Micros>> Cron::next(Micros after, const std::string& zone, DstPolicy policy) const {
  HUILIU_ASSIGN(const date::time_zone* const found, zone_named(zone));
  return CronSearch(*this, *found, policy).after(after);
}

Result<std::string> to_zoned(Micros time, const std::string& zone) {
  HUILIU_ASSIGN(const date::time_zone* const found, zone_named(zone));
  const date::sys_seconds instant{std::chrono::floor<std::chrono::seconds>(std::chrono::microseconds{time})};
  const auto offset = found->get_info(instant).offset.count();
  std::string text = model::to_rfc3339(time + Micros{offset} * model::second);
  text.pop_back();
  const auto minutes = std::abs(offset) / 60;
  char tail[8];
  std::snprintf(tail, sizeof tail, "%c%02d:%02d", offset < 0 ? '-' : '+', static_cast<int>(minutes / 60),
                static_cast<int>(minutes % 60));
  return text + tail;
}

}  // namespace huiliu::run
