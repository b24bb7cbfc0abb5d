// Numbers kept as decimal text, and money with its unit and currency.
#include "hub/mapping/codecs/codec_kit.hpp"
#include "hub/mapping/decimal.hpp"

namespace huiliu::mapping {
namespace {

constexpr std::string_view form_names[] = {"number", "text"};
constexpr int any_decimals = 1000;

model::Result<int> read_decimals(const Value& given) {
  if (given.is_null()) return any_decimals;
  const model::Number* number = given.if_number();
  const auto decimals = number == nullptr ? std::nullopt : number->to_int64();
  if (!decimals || *decimals < 0 || *decimals > 20)
    return make_error(ErrorClass::config, "decimals is a number from 0 to 20");
  return static_cast<int>(*decimals);
}

Value in_form(const Decimal& decimal, bool as_text) {
  return as_text ? Value(decimal.text()) : Value(model::Number{decimal.text()});
}

class NumberCodec final : public FieldCodec {
 public:
  NumberCodec(const model::Field& field, bool as_text, int decimals)
      : FieldCodec(field), as_text_(as_text), decimals_(decimals) {}
  In decode(const Value& shown, References&) const override {
    const ShownText text(shown);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    const auto decimal = Decimal::parse(text.trimmed_text());
    if (!decimal) return problem("not_number", "not a decimal number");
    return keyed(Value(model::Number{decimal->text()}));
  }
  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return written(as_text_ ? Value("") : Value());
    const auto decimal = Decimal::parse(value.value.to_text());
    if (!decimal) return impossible("not a decimal number");
    return written(in_form(decimal->rounded(decimals_), as_text_));
  }

 private:
  bool as_text_;
  int decimals_;
};

CodecResult make_number(const CodecInfo&, const model::Field& field, const Value& parameters) {
  HUILIU_ASSIGN(const std::size_t form, choice(parameters["as"], "as", form_names, 0));
  HUILIU_ASSIGN(const int decimals, read_decimals(parameters["decimals"]));
  return CodecResult(std::make_unique<NumberCodec>(field, form == 1, decimals));
}

struct Unit {
  std::string_view name;
  int zeros;  // one of it is ten to this power of the base unit
};
constexpr Unit units[] = {{"元", 0},   {"角", -1},    {"分", -2}, {"千元", 3},
                          {"万元", 4}, {"百万元", 6}, {"亿元", 8}};
constexpr std::string_view unit_names[] = {"元", "角", "分", "千元", "万元", "百万元", "亿元"};

// An amount. Canonical: decimal text in the base unit for a field of type number; "35000 CNY" for money.
class MoneyCodec final : public FieldCodec {
 public:
  struct Settings {
    int zeros = 0;
    std::string currency = "CNY";
    bool as_text = false;
    int decimals = any_decimals;
    std::string amount_path, currency_path;
    std::vector<std::pair<std::string, std::string>> currencies;  // code there, ISO 4217
  };
  MoneyCodec(const model::Field& field, Settings settings)
      : FieldCodec(field), keeps_currency_(field.type != "number"), settings_(std::move(settings)) {}

  bool takes_record() const override { return !settings_.amount_path.empty(); }

  In decode(const Value& shown, References&) const override {
    const Value* amount = takes_record() ? shown.at_path(settings_.amount_path) : &shown;
    if (amount == nullptr) return empty();
    const ShownText text(*amount);
    if (!text.is_text()) return not_text();
    if (text.trimmed_text().empty()) return empty();
    std::string currency = settings_.currency;
    if (takes_record() && !settings_.currency_path.empty())
      if (const Value* shown_currency = shown.at_path(settings_.currency_path))
        if (const std::string code = shown_currency->to_text(); !code.empty()) {
          currency = iso_of(code);
          if (currency.empty())
            return problem("unmapped_value", "the currency \"" + code + "\" is not in currencies", code);
        }
    if (const auto plain = Decimal::parse(text.trimmed_text()))
      return value_of(plain->shifted(settings_.zeros), currency);
    // Written out with its own unit: 3.5万元, ¥1,200.00, 壹万元整.
    const normalize::Normalized money = normalize::normalize(normalize::Kind::money, text.trimmed_text());
    const Value* read = money.parts.find("amount");
    const auto decimal = money.valid && read != nullptr ? Decimal::parse(read->to_text()) : std::nullopt;
    if (!decimal) return problem("not_money", "no amount in a known form");
    if (const Value* named = money.parts.find("currency")) currency = named->to_text();
    return value_of(*decimal, currency);
  }

  Out encode(const FieldValue& value, References&) const override {
    if (!value.has_value()) return in_members(settings_.as_text ? Value("") : Value(), "");
    const std::string text = value.value.to_text();
    const std::size_t blank = text.find(' ');
    const std::string currency = blank == std::string::npos ? settings_.currency : text.substr(blank + 1);
    const auto decimal = Decimal::parse(std::string_view(text).substr(0, blank));
    if (!decimal) return impossible("not an amount");
    if (settings_.currency_path.empty() && currency != settings_.currency)
      return impossible("the system holds " + settings_.currency + " only");
    const std::string code = code_of(currency);
    if (code.empty()) return impossible("no code for the currency " + currency);
    const Decimal amount = decimal->shifted(-settings_.zeros).rounded(settings_.decimals);
    return in_members(in_form(*Decimal::parse(amount.canonical()), settings_.as_text), code);
  }

 private:
  In value_of(const Decimal& decimal, const std::string& currency) const {
    if (keeps_currency_) return keyed(Value(decimal.canonical() + " " + currency));
    if (currency != settings_.currency)
      return problem("other_currency", "an amount in " + currency + " stands in a field without currency");
    return keyed(Value(model::Number{decimal.canonical()}));
  }
  Out in_members(Value amount, const std::string& currency) const {
    if (!takes_record()) return written(std::move(amount));
    model::Object body{{settings_.amount_path, std::move(amount)}};
    if (!settings_.currency_path.empty() && !currency.empty())
      body.append(settings_.currency_path, Value(currency));
    return written(std::move(body));
  }
  std::string iso_of(const std::string& code) const {
    for (const auto& [there, iso] : settings_.currencies)
      if (there == code) return iso;
    return settings_.currencies.empty() ? code : std::string{};
  }
  std::string code_of(const std::string& iso) const {
    for (const auto& [there, known] : settings_.currencies)
      if (known == iso) return there;
    return settings_.currencies.empty() ? iso : std::string{};
  }

  bool keeps_currency_;
  Settings settings_;
};

CodecResult make_money(const CodecInfo&, const model::Field& field, const Value& parameters) {
  MoneyCodec::Settings settings;
  const Value& unit = parameters.is_object() ? parameters["unit"] : parameters;
  HUILIU_ASSIGN(const std::size_t index, choice(unit, "unit", unit_names, 0));
  settings.zeros = units[index].zeros;
  HUILIU_ASSIGN(const std::size_t form, choice(parameters["as"], "as", form_names, 0));
  settings.as_text = form == 1;
  HUILIU_ASSIGN(settings.decimals, read_decimals(parameters["decimals"]));
  if (const Value* currency = parameters.find("currency")) settings.currency = currency->to_text();
  if (settings.currency.size() != 3)
    return make_error(ErrorClass::config, "currency is three letters, such as CNY", "/money/currency");
  settings.amount_path = parameters["amount_path"].to_text();
  settings.currency_path = parameters["currency_path"].to_text();
  if (settings.amount_path.empty() && !settings.currency_path.empty())
    return make_error(ErrorClass::config, "currency_path needs amount_path beside it",
                      "/money/currency_path");
  if (const model::Object* table = parameters["currencies"].if_object())
    for (const model::Member& member : *table)
      settings.currencies.emplace_back(member.key, member.value.to_text());
  return CodecResult(std::make_unique<MoneyCodec>(field, std::move(settings)));
}

constexpr std::string_view as_schema = R"({"enum": ["number", "text"]})";
constexpr std::string_view decimals_schema = R"({"type": "integer", "minimum": 0, "maximum": 20})";

constexpr CodecParameter number_parameters[] = {
    {"as", as_schema, "写成数字还是文本", "written as a number or as text"},
    {"decimals", decimals_schema, "系统保留的小数位，写入时四舍五入",
     "digits behind the point that the system keeps; rounded"}};

constexpr CodecParameter money_parameters[] = {
    {"unit", R"({"enum": ["元", "角", "分", "千元", "万元", "百万元", "亿元"]})", "系统中的单位，默认元",
     "the unit there; default: 元"},
    {"currency", R"({"type": "string", "minLength": 3, "maxLength": 3})", "没有写明时的币种，默认 CNY",
     "the currency where none is said; default: CNY"},
    {"as", as_schema, "写成数字还是文本", "written as a number or as text"},
    {"decimals", decimals_schema, "系统保留的小数位",
     "digits behind the point that the system keeps; rounded"},
    {"amount_path", R"({"type": "string"})", "金额所在路径（币种在另一成员时）",
     "where the amount stands, when the currency has its own member"},
    {"currency_path", R"({"type": "string"})", "币种所在路径", "where the currency stands"},
    {"currencies", R"({"type": "object", "additionalProperties": {"type": "string"}})",
     "币种编码对应 ISO 4217", "currency codes there: {PRE001: CNY}"}};

constexpr CodecInfo number_entries[] = {
    {"number", number_parameters, "", "{number: {decimals: 2}}", "十进制数，按文本保存，不经过浮点",
     "a decimal number, kept as text and never as a binary float", "千分位逗号；decimals 之外的小数位",
     "grouping commas; digits beyond decimals", make_number},
    {"money", money_parameters, R"({"type": "string"})", "{money: {unit: 万元, decimals: 2}}",
     "金额：单位换算精确，也读 3.5万元、¥1,200、壹万元整",
     "an amount: units change exactly; reads 3.5万元, ¥1,200, 壹万元整 too",
     "写法；decimals 之外的小数位；number 字段不存币种",
     "its spelling; digits beyond decimals; the currency in a field of type number", make_money},
};

}  // namespace

std::span<const CodecInfo> number_codecs() { return number_entries; }

}  // namespace huiliu::mapping
