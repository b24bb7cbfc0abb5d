// Dates and moments.
#include "hub/mapping/codecs/codec_kit.hpp"
#include "hub/mapping/zones.hpp"
#include "hub/model/hint.hpp"

namespace huiliu::mapping {
namespace {

// 2024-05-01, 2024-05 or 2024; "" when it is no date.
std::string calendar_date(std::string_view text) {
  normalize::Normalized date = normalize::normalize(normalize::Kind::date, text);
  if (!date.valid) return {};
  return date.value.substr(0, date.value.find('T'));
}

// A calendar date without time. Canonical: 2024-05-01, 2024-05 or 2024.
class DateCodec final : public FieldCodec {
 public:
  enum class Form { iso, compact, slash, chinese, midnight };
  static constexpr std::string_view form_names[] = {"iso", "compact", "slash", "chinese", "midnight"};

  DateCodec(const model::Field& field, Form form) : FieldCodec(field), form_(form) {}
  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    std::string date = calendar_date(text.trimmed_text());
    if (date.empty()) return problem("bad_date", "no date in a known form");
    return keyed(Value(std::move(date)));
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return written(Value(""));
    const std::string text = calendar_date(value.value.to_text());
    if (text.empty()) return impossible("not a date");
    const std::string_view year = std::string_view(text).substr(0, 4);
    const std::string_view month =
        text.size() >= 7 ? std::string_view(text).substr(5, 2) : std::string_view{};
    const std::string_view day = text.size() >= 10 ? std::string_view(text).substr(8, 2) : std::string_view{};
    switch (form_) {
      case Form::iso:
        return written(Value(text.substr(0, 10)));
      case Form::compact:
        if (!month.empty() && day.empty()) return impossible("the system wants a whole date");
        return written(Value(joined(year, month, day, "", "", "")));
      case Form::slash:
        return written(Value(joined(year, month, day, "/", "/", "")));
      case Form::chinese:
        return written(Value(joined(year, plain(month), plain(day), "年", "月", "日")));
      case Form::midnight:
        if (day.empty()) return impossible("the system wants a whole date");
        return written(Value(text.substr(0, 10) + " 00:00:00"));
    }
    return {};
  }

 private:
  static std::string_view plain(std::string_view digits) {
    return digits.starts_with('0') ? digits.substr(1) : digits;
  }
  // Separators follow their part; a Chinese unit ends the last part too.
  std::string joined(std::string_view year, std::string_view month, std::string_view day,
                     std::string_view after_year, std::string_view after_month,
                     std::string_view after_day) const {
    const bool closes = form_ == Form::chinese;
    std::string out(year);
    if (!month.empty() || closes) out += after_year;
    out += month;
    if (!month.empty() && (!day.empty() || closes)) out += after_month;
    out += day;
    if (!day.empty()) out += after_day;
    return out;
  }

  Form form_;
};

CodecResult make_date(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const Value& form = parameters.is_object() ? parameters["form"] : parameters;
  HUILIU_ASSIGN(const std::size_t index, choice(form, "form", DateCodec::form_names, 0));
  return CodecResult(std::make_unique<DateCodec>(field, static_cast<DateCodec::Form>(index)));
}

// A moment. Canonical: RFC 3339 in UTC.
class DateTimeCodec final : public FieldCodec {
 public:
  enum class Form { rfc3339, local, seconds, millis };
  static constexpr std::string_view form_names[] = {"rfc3339", "local", "seconds", "millis"};

  DateTimeCodec(const model::Field& field, Form form, Zone zone, bool as_text)
      : FieldCodec(field), form_(form), zone_(zone), as_text_(as_text) {}
  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    const auto micros = read(std::string(text.trimmed_text()));
    if (!micros.ok()) return problem("bad_date", micros.error().message);
    return keyed(Value(model::to_rfc3339(*micros)));
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value())
      return written(form_ == Form::seconds || form_ == Form::millis ? Value() : Value(""));
    const auto micros = model::parse_rfc3339(value.value.to_text());
    if (!micros.ok()) return impossible(micros.error().message);
    switch (form_) {
      case Form::rfc3339:
        return written(Value(model::to_rfc3339(*micros)));
      case Form::local:
        return written(Value(model::to_local(*micros, zone_.offset_at(*micros))));
      case Form::seconds:
        return epoch(floored(*micros, model::second));
      case Form::millis:
        return epoch(floored(*micros, 1000));
    }
    return {};
  }

 private:
  static std::int64_t floored(std::int64_t value, std::int64_t unit) {
    return value >= 0 ? value / unit : -((-value + unit - 1) / unit);
  }
  Out epoch(std::int64_t number) const {
    return written(as_text_ ? Value(std::to_string(number)) : Value(number));
  }
  model::Result<model::Micros> read(const std::string& text) const {
    constexpr std::int64_t most_seconds = 253'402'300'799;  // the year 9999
    switch (form_) {
      case Form::rfc3339:
        return model::parse_rfc3339(text);
      case Form::local: {
        // A time that names its own offset is taken at its word.
        const std::size_t time = text.find_first_of("T ");
        if (time != std::string::npos && text.find_first_of("Z+-", time) != std::string::npos)
          return model::parse_rfc3339(text);
        HUILIU_ASSIGN(const model::Micros local, model::parse_local(text, 0));
        return zone_.to_utc(local);
      }
      default: {
        const auto number = model::Number{text}.to_int64();
        const std::int64_t unit = form_ == Form::seconds ? model::second : 1000;
        if (!number || *number > most_seconds * (model::second / unit) ||
            *number < -most_seconds * (model::second / unit))
          return make_error(ErrorClass::data, "not an epoch time");
        return *number * unit;
      }
    }
  }

  Form form_;
  Zone zone_;
  bool as_text_;
};

CodecResult make_datetime(const CodecInfo&, const model::Field& field, const Value& parameters) {
  const Value& form = parameters.is_object() ? parameters["form"] : parameters;
  HUILIU_ASSIGN(const std::size_t index, choice(form, "form", DateTimeCodec::form_names, 0));
  Zone zone = Zone::fixed(480);
  if (const Value* offset = parameters.find("offset_minutes")) {
    const model::Number* number = offset->if_number();
    const auto minutes = number == nullptr ? std::nullopt : number->to_int64();
    if (!minutes || *minutes < -840 || *minutes > 840)
      return make_error(ErrorClass::config, "offset_minutes is a number from -840 to 840",
                        "/datetime/offset_minutes");
    zone = Zone::fixed(static_cast<int>(*minutes));
  }
  if (const Value* named = parameters.find("zone")) {
    const std::string name = named->to_text();
    const auto found = Zone::find(name);
    if (!found)
      return make_error(ErrorClass::config,
                        "the zone \"" + name +
                            "\" is not known to mappings; write its offset, such as +08:00" +
                            model::did_you_mean(name, Zone::names()),
                        "/datetime/zone");
    zone = *found;
  }
  const bool as_text = parameters["as"].to_text() == "text";
  return CodecResult(
      std::make_unique<DateTimeCodec>(field, static_cast<DateTimeCodec::Form>(index), zone, as_text));
}

constexpr CodecParameter date_parameters[] = {
    {"form", R"({"enum": ["iso", "compact", "slash", "chinese", "midnight"]})",
     "2024-05-01、20240501、2024/05/01、2024年5月1日、2024-05-01 00:00:00",
     "2024-05-01, 20240501, 2024/05/01, 2024年5月1日, 2024-05-01 00:00:00"}};

constexpr CodecParameter datetime_parameters[] = {
    {"form", R"({"enum": ["rfc3339", "local", "seconds", "millis"]})", "RFC 3339、本地时间、纪元秒、纪元毫秒",
     "RFC 3339, local time, epoch seconds, epoch milliseconds"},
    {"zone", R"({"type": "string"})", "本地时间的时区，如 Asia/Shanghai、+08:00",
     "zone of local times: Asia/Shanghai, +08:00"},
    {"offset_minutes", R"({"type": "integer", "minimum": -840, "maximum": 840})",
     "固定时差（分钟），默认 480", "a fixed offset in minutes; default: 480"},
    {"as", R"({"enum": ["number", "text"]})", "纪元时间写成数字还是文本",
     "epoch times written as a number or as text"}};

constexpr CodecInfo time_entries[] = {
    {"date", date_parameters, R"({"type": "string"})", "{date: compact}", "日期；读各种写法，按 form 写",
     "a date; reads every usual form, writes the one of `form`", "时刻部分；原来的写法",
     "a time of day beside it; its spelling", make_date},
    {"datetime", datetime_parameters, R"({"type": "string"})",
     "{datetime: {form: local, zone: Asia/Shanghai}}", "时刻；内部为 UTC", "a moment, UTC inside",
     "原来的时差；格式容不下的小数秒；重复的那一小时",
     "its offset; fractions that the form does not hold; which of two equal hours it was", make_datetime},
};

}  // namespace

std::span<const CodecInfo> time_codecs() { return time_entries; }

}  // namespace huiliu::mapping
