// Amounts: a decimal text and an ISO 4217 code, never binary floating point.
//
// The amount keeps no more digits than were given; `precision` says what the last given digit counts (500万:
// 10000).
#include <algorithm>
#include <optional>

#include "hub/normalize/numerals.hpp"
#include "hub/normalize/standardizers.hpp"
#include "hub/normalize/utf8.hpp"

namespace huiliu::normalize {
namespace {

struct CurrencyWord {
  std::u32string_view word;  // upper case
  const char* code;
};
// Longest first where one contains another.
constexpr CurrencyWord kCurrencies[] = {
    {U"人民币", "CNY"}, {U"人民幣", "CNY"},   {U"RMB", "CNY"},        {U"CNY", "CNY"},
    {U"新台币", "TWD"}, {U"新臺幣", "TWD"},   {U"台币", "TWD"},       {U"TWD", "TWD"},
    {U"NTD", "TWD"},    {U"NT$", "TWD"},      {U"港元", "HKD"},       {U"港币", "HKD"},
    {U"港幣", "HKD"},   {U"HKD", "HKD"},      {U"HK$", "HKD"},        {U"澳门元", "MOP"},
    {U"MOP", "MOP"},    {U"美元", "USD"},     {U"美金", "USD"},       {U"USD", "USD"},
    {U"US$", "USD"},    {U"欧元", "EUR"},     {U"歐元", "EUR"},       {U"EUR", "EUR"},
    {U"€", "EUR"},      {U"日元", "JPY"},     {U"日圆", "JPY"},       {U"JPY", "JPY"},
    {U"英镑", "GBP"},   {U"英鎊", "GBP"},     {U"GBP", "GBP"},        {U"£", "GBP"},
    {U"韩元", "KRW"},   {U"KRW", "KRW"},      {U"新加坡元", "SGD"},   {U"新元", "SGD"},
    {U"SGD", "SGD"},    {U"澳元", "AUD"},     {U"澳大利亚元", "AUD"}, {U"AUD", "AUD"},
    {U"加元", "CAD"},   {U"加拿大元", "CAD"}, {U"CAD", "CAD"},        {U"瑞士法郎", "CHF"},
    {U"CHF", "CHF"},    {U"瑞典克朗", "SEK"}, {U"SEK", "SEK"},        {U"丹麦克朗", "DKK"},
    {U"DKK", "DKK"},    {U"挪威克朗", "NOK"}, {U"NOK", "NOK"},        {U"卢布", "RUB"},
    {U"RUB", "RUB"},    {U"泰铢", "THB"},     {U"THB", "THB"},        {U"林吉特", "MYR"},
    {U"MYR", "MYR"},    {U"印度卢比", "INR"}, {U"INR", "INR"},        {U"新西兰元", "NZD"},
    {U"NZD", "NZD"}};

// Multiplies the decimal text `number` ("12", "104.1667", ".5") by 10^power, without leading or trailing
// zeros to spare.
std::string shifted(std::string number, int power) {
  const std::size_t dot = std::min(number.find('.'), number.size());
  std::string whole = number.substr(0, dot);
  std::string fraction = dot < number.size() ? number.substr(dot + 1) : std::string();
  while (power > 0) {
    whole.push_back(fraction.empty() ? '0' : fraction[0]);
    if (!fraction.empty()) fraction.erase(0, 1);
    --power;
  }
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size()));
  if (whole.empty()) whole = "0";
  return fraction.empty() ? whole : whole + "." + fraction;
}

std::string without_trailing_zeros(std::string amount) {
  if (amount.find('.') == std::string::npos) return amount;
  while (amount.back() == '0') amount.pop_back();
  if (amount.back() == '.') amount.pop_back();
  return amount;
}

// What one unit of the last given digit counts: 0.01, 1, 10000.
std::string precision_text(std::size_t decimals, int power) {
  const int exponent = power - static_cast<int>(decimals);
  if (exponent >= 0) return "1" + std::string(static_cast<std::size_t>(exponent), '0');
  return "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + "1";
}

struct Amount {
  std::string digits;  // plain decimal, without sign
  std::string precision;
  bool negative = false;
  bool yuan = false;  // 元 or 圆 was written: CNY unless another currency is named
};

class MoneyReader {
 public:
  explicit MoneyReader(std::u32string_view text) {
    for (const char32_t c : text) {
      if (c != U' ') text_.push_back(c >= U'a' && c <= U'z' ? c - 32 : c);
    }
  }

  std::string take_currency();
  std::optional<Amount> read();
  bool bare_yen_sign() const { return yen_sign_; }
  bool only_unit() const { return only_unit_; }

 private:
  std::optional<std::string> take_arabic();
  std::optional<std::string> take_chinese();
  int take_unit();
  bool skip(std::u32string_view word) {
    if (text_.compare(at_, word.size(), word) != 0) return false;
    at_ += word.size();
    return true;
  }

  std::u32string text_;
  std::size_t at_ = 0;
  bool yen_sign_ = false;
  bool dollar_sign_ = false;
  bool only_unit_ = false;
};

// Removes every currency word and sign and returns its code; "" when there is none.
std::string MoneyReader::take_currency() {
  std::string code;
  for (const CurrencyWord& currency : kCurrencies) {
    for (std::size_t at = text_.find(currency.word); at != std::u32string::npos;
         at = text_.find(currency.word)) {
      // 500万美元: what is left must still read as an amount of 元.
      const bool unit = currency.word.back() == U'元';
      text_.replace(at, currency.word.size(), unit ? U"元" : U"");
      if (code.empty()) code = currency.code;
    }
  }
  const auto drop = [this](char32_t sign, char32_t wide) {
    const std::size_t before = text_.size();
    text_.erase(
        std::remove_if(text_.begin(), text_.end(), [&](char32_t c) { return c == sign || c == wide; }),
        text_.end());
    return text_.size() != before;
  };
  yen_sign_ = drop(0xA5, 0xFFE5);
  dollar_sign_ = drop(U'$', U'＄');
  if (code.empty() && dollar_sign_) code = "USD";
  if (code.empty() && yen_sign_) code = "CNY";
  return code;
}

// 1234.50, 1,234.50 with groups of three; digits after the point may be missing.
std::optional<std::string> MoneyReader::take_arabic() {
  std::string digits;
  std::size_t since_comma = 0;
  bool commas = false;
  const std::size_t start = at_;
  for (; at_ < text_.size(); ++at_) {
    if (is_digit(text_[at_])) {
      digits.push_back(static_cast<char>(text_[at_]));
      ++since_comma;
    } else if (text_[at_] == U',' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
      if (digits.empty() || (commas && since_comma != 3) || since_comma > 3) return std::nullopt;
      commas = true;
      since_comma = 0;
    } else {
      break;
    }
  }
  if (commas && since_comma != 3) return std::nullopt;
  if (at_ < text_.size() && text_[at_] == U'.' && at_ + 1 < text_.size() && is_digit(text_[at_ + 1])) {
    digits.push_back('.');
    ++at_;
    while (at_ < text_.size() && is_digit(text_[at_])) digits.push_back(static_cast<char>(text_[at_++]));
  }
  if (at_ == start || digits.empty()) return std::nullopt;
  if (digits[0] == '.') digits.insert(0, "0");
  return digits;
}

std::optional<std::string> MoneyReader::take_chinese() {
  const NumeralMatch numeral = leading_numeral(std::u32string_view(text_).substr(at_));
  if (numeral.length == 0 ||
      (numeral.length == 1 && chinese_unit(text_[at_]) != 0 && text_[at_] != U'十' && text_[at_] != U'拾')) {
    return std::nullopt;
  }
  if (chinese_unit(text_[at_]) >= 10'000) return std::nullopt;  // 万元 without its number
  at_ += numeral.length;
  return std::to_string(numeral.value);
}

// The power of ten of 千 万 百万 千万 亿 万亿, K, W, million, billion.
int MoneyReader::take_unit() {
  int power = 0;
  for (; at_ < text_.size(); ++at_) {
    const char32_t c = text_[at_];
    if (c == U'百')
      power += 2;
    else if (c == U'千')
      power += 3;
    else if (c == U'万' || c == U'萬' || c == U'W')
      power += 4;
    else if (c == U'亿' || c == U'億')
      power += 8;
    else if (c == U'K')
      power += 3;
    else
      break;
    if (power > 16) break;
  }
  if (power == 0 && (skip(U"MILLION") || skip(U"MN"))) return 6;
  if (power == 0 && (skip(U"BILLION") || skip(U"BN"))) return 9;
  return power;
}

std::optional<Amount> MoneyReader::read() {
  Amount amount;
  const bool bracketed = text_.size() > 2 && text_.front() == U'(' && text_.back() == U')';
  if (bracketed) text_ = text_.substr(1, text_.size() - 2);
  amount.negative = bracketed || skip(U"-") || skip(U"−") || skip(U"负");
  skip(U"+");
  std::optional<std::string> number = take_arabic();
  bool spelled = false;
  if (!number && at_ < text_.size() &&
      (chinese_digit(text_[at_]) >= 0 || chinese_unit(text_[at_]) != 0 || text_[at_] == U'廿' ||
       text_[at_] == U'卅')) {
    number = take_chinese();
    spelled = number.has_value();
  }
  if (!number) {
    only_unit_ = take_unit() > 0;
    return std::nullopt;
  }
  const int power = take_unit();
  std::size_t decimals = number->find('.') == std::string::npos ? 0 : number->size() - number->find('.') - 1;
  amount.digits = shifted(*number, power);
  amount.precision = precision_text(decimals, power);
  if (skip(U"元") || skip(U"圆") || skip(U"圓") || skip(U"块")) amount.yuan = true;
  skip(U"零");
  std::string cents = "00";
  bool any = false;
  const auto take_part = [&](std::u32string_view unit, std::size_t place) {
    if (at_ + 1 >= text_.size() || text_.compare(at_ + 1, unit.size(), unit) != 0) return;
    const int digit = is_digit(text_[at_]) ? static_cast<int>(text_[at_] - U'0') : chinese_digit(text_[at_]);
    if (digit < 0) return;
    cents[place] = static_cast<char>('0' + digit);
    at_ += 1 + unit.size();
    any = true;
  };
  if (amount.yuan || spelled) {
    take_part(U"角", 0);
    skip(U"零");
    take_part(U"分", 1);
  }
  if (any && decimals == 0) {
    amount.digits += "." + cents;
    amount.precision = "0.01";
    amount.yuan = true;
  }
  if (!skip(U"整")) skip(U"正");
  skip(U"元");
  return at_ == text_.size() ? std::optional<Amount>(amount) : std::nullopt;
}

}  // namespace

Normalized normalize_money(std::string_view raw) {
  const std::u32string text = plain(raw);
  if (text.empty()) return empty_value();
  Normalized result;
  MoneyReader reader(text);
  std::string currency = reader.take_currency();
  const std::optional<Amount> amount = reader.read();
  if (!amount) {
    add_finding(result, reader.only_unit() ? "number_missing" : "form", Severity::error,
                reader.only_unit() ? "a unit without its number" : "no amount in a known form");
    set_part(result, "currency", currency);
    result.value = to_utf8(text);
    result.key = folded(result.value);
    return finished(std::move(result));
  }
  if (currency.empty() && amount->yuan) currency = "CNY";
  if (currency.empty())
    add_finding(result, "currency_unknown", Severity::info, "no currency: known by context only");
  if (reader.bare_yen_sign() && currency == "CNY")
    add_finding(result, "yen_sign", Severity::info, "¥ is also the sign of JPY");
  const std::string exact = without_trailing_zeros(amount->digits);
  const std::string sign = amount->negative && exact != "0" ? "-" : "";
  result.value = sign + amount->digits + (currency.empty() ? "" : " " + currency);
  result.key = sign + exact + currency;
  result.parts.append("amount", sign + amount->digits);
  set_part(result, "currency", currency);
  result.parts.append("precision", amount->precision);
  return finished(std::move(result));
}

}  // namespace huiliu::normalize
