// Types of columns from their header and content.
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "hub/identity/linkage/dataset.hpp"
#include "hub/normalize/fold.hpp"
#include "hub/normalize/normalize.hpp"

namespace huiliu::identity {
namespace {

struct TypeName {
  ColumnType type;
  const char* name;
};
constexpr std::array<TypeName, 15> kTypeNames{{{ColumnType::ignore, "ignore"},
                                               {ColumnType::name, "name"},
                                               {ColumnType::text, "text"},
                                               {ColumnType::address, "address"},
                                               {ColumnType::number, "number"},
                                               {ColumnType::year, "year"},
                                               {ColumnType::date, "date"},
                                               {ColumnType::phone, "phone"},
                                               {ColumnType::email, "email"},
                                               {ColumnType::url, "url"},
                                               {ColumnType::code, "code"},
                                               {ColumnType::category, "category"},
                                               {ColumnType::company_name, "company_name"},
                                               {ColumnType::person_name, "person_name"},
                                               {ColumnType::uscc, "uscc"}}};

bool has_any(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view w) { return text.find(w) != std::string_view::npos; });
}

bool is_digit_char(char c) { return c >= '0' && c <= '9'; }

// Shares of the values that look like something.
struct Content {
  double filled = 0, digits_only = 0, numeric = 0, year = 0, date = 0, phone = 0, email = 0, url = 0, han = 0;
  double company = 0, uscc = 0, words = 0, distinct = 0, mixed_code = 0, same_length = 0;
  std::size_t sample = 0, different = 0;
};

bool looks_numeric(std::string_view v) {
  std::size_t digits = 0;
  std::size_t others = 0;
  for (const char c : v) {
    if (is_digit_char(c))
      ++digits;
    else if (std::string_view("$.,-+ %").find(c) == std::string_view::npos)
      ++others;
  }
  return digits > 0 && (others == 0 || (others <= 3 && (v.front() < 'A' || v.substr(0, 3) == "EUR" ||
                                                        v.substr(0, 3) == "USD")));
}

bool looks_like_date(std::string_view v) {
  std::size_t digits = 0;
  std::size_t marks = 0;
  for (const char c : v) {
    if (is_digit_char(c))
      ++digits;
    else if (c == '-' || c == '/' || c == '.')
      ++marks;
  }
  if (digits == 8 && v.size() == 8) {
    const int month = (v[4] - '0') * 10 + (v[5] - '0');
    const bool century = v.substr(0, 2) == "19" || v.substr(0, 2) == "20" || v.substr(0, 2) == "18";
    return century && month <= 19;
  }
  if (v.find("年") != std::string_view::npos && v.find("月") != std::string_view::npos) return true;
  return marks >= 2 && digits >= 5 && digits <= 8 && v.size() <= 10;
}

bool looks_like_phone(std::string_view v) {
  std::size_t digits = 0;
  bool separated = false;
  for (const char c : v) {
    if (is_digit_char(c))
      ++digits;
    else if (std::string_view(" -()/+.x").find(c) == std::string_view::npos)
      return false;
    else
      separated = true;
  }
  return digits >= 7 && digits <= 15 && (separated || digits == 11 || digits == 10);
}

Content look_at(const std::vector<std::string_view>& values) {
  Content content;
  std::set<std::string_view> seen;
  std::size_t length = values.empty() ? 0 : values.front().size();
  double same_length = 0;
  for (const std::string_view v : values) {
    seen.insert(v);
    if (v.size() == length) ++same_length;
    const bool all_digits = std::all_of(v.begin(), v.end(), is_digit_char);
    content.digits_only += all_digits ? 1 : 0;
    content.numeric += looks_numeric(v) ? 1 : 0;
    content.date += looks_like_date(v) ? 1 : 0;
    content.phone += looks_like_phone(v) ? 1 : 0;
    content.email += v.find('@') != std::string_view::npos && v.find(' ') == std::string_view::npos ? 1 : 0;
    content.url += v.starts_with("http") || v.starts_with("www.") ? 1 : 0;
    if (all_digits && v.size() == 4 && v >= "1500" && v <= "2100") content.year += 1;
    const bool han =
        std::any_of(v.begin(), v.end(), [](char c) { return static_cast<unsigned char>(c) >= 0xE3; });
    content.han += han ? 1 : 0;
    content.words += 1 + static_cast<double>(std::count(v.begin(), v.end(), ' '));
    const bool letters =
        std::any_of(v.begin(), v.end(), [](char c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; });
    const bool digits = std::any_of(v.begin(), v.end(), is_digit_char);
    content.mixed_code += (letters && digits && v.find(' ') == std::string_view::npos) ? 1 : 0;
    content.company +=
        han ? (has_any(v, {"公司", "厂", "合作社", "事务所", "经营部", "商行", "企业", "集团"}) ? 1 : 0)
            : (has_any(v, {" Ltd", " LTD", " Inc", " INC", " Corp", " LLC", " GmbH", "Co.,"}) ? 1 : 0);
    if (v.size() == 18 && !all_digits) content.uscc += 1;
    if (v.size() == 18 && all_digits) content.uscc += v[0] == '9' || v[0] == '1' || v[0] == '5' ? 1 : 0;
  }
  const auto n = static_cast<double>(values.size());
  content.sample = values.size();
  content.different = seen.size();
  if (n == 0) return content;
  for (double* share :
       {&content.digits_only, &content.numeric, &content.year, &content.date, &content.phone, &content.email,
        &content.url, &content.han, &content.words, &content.company, &content.uscc, &content.mixed_code})
    *share /= n;
  content.distinct = static_cast<double>(seen.size()) / n;
  content.same_length = same_length / n;
  return content;
}

std::optional<ColumnType> by_header(std::string_view header, const Content& c) {
  if (has_any(header, {"uscc", "credit_code", "信用代码", "税号", "纳税人"}) && c.uscc > 0.5)
    return ColumnType::uscc;
  if (has_any(header, {"email", "e-mail", "邮箱"}) && c.email > 0.3) return ColumnType::email;
  if (has_any(header, {"phone", "tel", "mobile", "fax", "电话", "手机"}) && c.numeric + c.phone > 0.5)
    return ColumnType::phone;
  if (has_any(header, {"postcode", "zip", "postal", "邮编", "ssn", "soc_sec", "isbn", "issn", "upc", "ean",
                       "sku", "model"}) &&
      c.words < 1.6)
    return ColumnType::code;
  if (has_any(header, {"year"}) && c.numeric > 0.7) return ColumnType::year;
  if (has_any(header, {"dob", "birth", "date", "日期", "生日"}) && c.date + c.digits_only > 0.5)
    return ColumnType::date;
  if (has_any(header, {"price", "amount", "weight", "salary", "价格", "金额", "注册资本"}) && c.numeric > 0.5)
    return ColumnType::number;
  if (has_any(header, {"website", "url", "homepage", "网址", "官网"}) && c.words < 1.5)
    return ColumnType::url;
  if (has_any(header, {"company", "employer", "客户名称", "公司", "企业名称", "单位名称"}) && c.company > 0.3)
    return ColumnType::company_name;
  if (has_any(header, {"地址", "住所"})) return ColumnType::address;
  if (has_any(header, {"姓名", "联系人"}) && c.han > 0.5) return ColumnType::person_name;
  return std::nullopt;
}

}  // namespace

const char* to_string(ColumnType type) noexcept {
  const auto at = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                               [type](const TypeName& n) { return n.type == type; });
  return at->name;
}

std::optional<ColumnType> column_type_from(std::string_view name) noexcept {
  const auto at = std::find_if(kTypeNames.begin(), kTypeNames.end(),
                               [name](const TypeName& n) { return name == n.name; });
  if (at == kTypeNames.end()) return std::nullopt;
  return at->type;
}

ColumnType infer_type(std::string_view header, const std::vector<std::string_view>& values) {
  const Content c = look_at(values);
  if (c.sample == 0 || (c.different == 1 && c.sample > 1)) return ColumnType::ignore;  // tells nothing
  const std::string folded_header = normalize::folded(header);
  if (const auto type = by_header(folded_header, c)) return *type;
  if (c.email > 0.7) return ColumnType::email;
  if (c.url > 0.7) return ColumnType::url;
  if (c.uscc > 0.7) return ColumnType::uscc;
  if (c.year > 0.8) return ColumnType::year;
  if (c.date > 0.7) return ColumnType::date;
  if (c.phone > 0.7 && c.digits_only < 0.9) return ColumnType::phone;
  if (c.digits_only > 0.9 && c.distinct > 0.2 && c.same_length > 0.9) return ColumnType::code;
  if (c.numeric > 0.9) return c.distinct < 0.02 ? ColumnType::category : ColumnType::number;
  if (c.company > 0.5) return ColumnType::company_name;
  if (c.mixed_code > 0.6) return ColumnType::code;
  const bool chinese = c.han > 0.5;
  if (!chinese && c.words > 2.4) return ColumnType::text;
  if (has_any(folded_header, {"address", "addr", "street"}) && c.words > 1.4) return ColumnType::address;
  if (chinese && has_any(folded_header, {"名称"})) return ColumnType::company_name;
  if (c.different <= 12 && c.distinct < 0.05) return ColumnType::category;
  return chinese && values.size() > 3 && values[values.size() / 2].size() > 18 ? ColumnType::text
                                                                               : ColumnType::name;
}

}  // namespace huiliu::identity
