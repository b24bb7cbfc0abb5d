// mapping [SECONDS]: records per second of processor time on one core, for a typical record of 1 KB with 15
// lenses: decoding it into canonical fields with their comparison keys (mapping + normalization), and the
// share of each stage. Names, phones and addresses are composed, all records differ.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "hub/config/config.hpp"
#include "hub/mapping/mapping.hpp"
#include "hub/normalize/normalize.hpp"

namespace {

using huiliu::model::Value;
namespace mapping = huiliu::mapping;
namespace normalize = huiliu::normalize;

constexpr const char* document = R"({"streams":{"customers":{"entity":"customer","key":"id","lenses":[
  {"field":"names.legal","path":"name","codec":"company_name","required":true},
  {"field":"names.short","path":"short","codec":"text"},
  {"field":"identifiers.uscc","path":"credit_code","codec":"uscc"},
  {"field":"identifiers.tax","path":"tax","codec":"tax_no"},
  {"field":"identifiers.main_number","path":"number","codec":"code"},
  {"field":"phones[switchboard]","path":"tel","codec":"phone"},
  {"field":"phones[fax]","path":"fax","codec":"phone"},
  {"field":"emails[general]","path":"mail","codec":"email"},
  {"field":"website","path":"web","codec":"url"},
  {"field":"address[business]","path":"addr","codec":"address"},
  {"field":"legal_person","path":"boss","codec":"person_name"},
  {"field":"lifecycle","path":"state","codec":{"enum":{"A":"customer","B":"lost"}}},
  {"field":"level","path":"grade","codec":"text"},
  {"field":"source","path":"source","codec":"text"},
  {"field":"tags","path":"tags"}]}}})";

class NoReferences final : public mapping::References {
 public:
  std::string golden_of(std::string_view, std::string_view) override { return {}; }
  std::optional<Target> record_of(std::string_view, std::string_view) override { return std::nullopt; }
};

std::vector<std::string> records(std::size_t count) {
  static constexpr const char* places[] = {"深圳市", "上海", "杭州", "苏州市", "广东省佛山市", "北京"};
  static constexpr const char* brands[] = {"迈瑞", "宏达", "天天向上", "联众", "锦鑫", "优乐天", "瑞格泰博"};
  static constexpr const char* trades[] = {"科技", "贸易", "机械设备", "餐饮管理", "国际物流", "建筑工程"};
  static constexpr const char* streets[] = {"广东省深圳市南山区科技南路", "浙江省杭州市西湖区文三路",
                                            "上海市浦东新区张江路", "江苏省苏州市吴中区中山东路"};
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string n = std::to_string(10'000 + i);
    huiliu::model::Object record;
    record.append("id", static_cast<std::int64_t>(i));
    record.append("name", std::string(places[i % 6]) + brands[i % 7] + n + trades[i / 7 % 6] + "有限公司");
    record.append("short", std::string(brands[i % 7]) + n);
    record.append("credit_code", "9144030071526726XG");
    record.append("tax", "44030071526" + n.substr(1));
    record.append("number", "C-" + n);
    record.append("tel", "0755-861" + n);
    record.append("fax", "+86 (0)21 6888" + n.substr(1));
    record.append("mail", "sales" + n + "@example.com");
    record.append("web", "www.example" + n + ".com");
    record.append("addr", std::string(streets[i % 4]) + n.substr(2) + "号3号楼501室");
    record.append("boss", i % 2 == 0 ? "欧阳修远" : "王建国");
    record.append("state", i % 9 == 0 ? "B" : "A");
    record.append("grade", "重点客户");
    record.append("source", "展会");
    record.append("tags", huiliu::model::Array{"华东", "直销"});
    std::string remark;
    while (huiliu::model::to_json(Value(record)).size() + remark.size() < 1000) remark += "备注" + n;
    record.append("remark", remark);
    lines.push_back(huiliu::model::to_json(Value(std::move(record))));
  }
  return lines;
}

// Seconds of processor time for one item.
template <class Items, class Work>
double seconds_each(const Items& items, double seconds, Work work) {
  std::size_t done = 0;
  const std::clock_t start = std::clock();
  const auto limit = static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
  do {
    for (const auto& item : items) work(item);
    done += items.size();
  } while (std::clock() - start < limit);
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC / static_cast<double>(done);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const auto loaded = huiliu::config::load({"", std::string(HUILIU_SOURCE_DIR) + "/config"});
  if (loaded.config == nullptr) return 1;
  const auto made = mapping::Mapping::load(*huiliu::model::parse_json(document), loaded.config->schema);
  if (!made.ok()) {
    std::printf("%s\n", made.error().text().c_str());
    return 1;
  }
  const mapping::StreamMapping& stream = *made->stream("customers");
  NoReferences references;
  const std::vector<std::string> lines = records(2000);
  std::vector<Value> parsed;
  std::size_t bytes = 0;
  for (const std::string& line : lines) {
    parsed.push_back(*huiliu::model::parse_json(line));
    bytes += line.size();
  }
  std::size_t sink = 0;
  const double parse = seconds_each(
      lines, seconds, [&](const std::string& line) { sink += huiliu::model::parse_json(line).ok(); });
  const double decode = seconds_each(parsed, seconds, [&](const Value& record) {
    const auto decoded = stream.decode(record, references);
    sink += decoded.ok() ? decoded->image.fields.size() : 0;
  });
  std::printf("records of %zu bytes, 15 lenses\n", bytes / lines.size());
  std::printf("mapping + normalization %12.0f records/s   %6.2f us\n", 1 / decode, decode * 1e6);
  std::printf("JSON to values          %12.0f records/s   %6.2f us\n", 1 / parse, parse * 1e6);
  // The standardizers alone, on the same values.
  struct Stage {
    const char* field;
    normalize::Kind kind;
    bool canonical;  // the codec asks for the canonical spelling besides the key
  };
  constexpr Stage stages[] = {
      {"name", normalize::Kind::company_name, false}, {"credit_code", normalize::Kind::uscc, true},
      {"tax", normalize::Kind::tax_no, true},         {"tel", normalize::Kind::phone, false},
      {"fax", normalize::Kind::phone, false},         {"mail", normalize::Kind::email, true},
      {"web", normalize::Kind::url, false},           {"addr", normalize::Kind::address, false},
      {"boss", normalize::Kind::person_name, false},  {"short", normalize::Kind::text, false}};
  double standardized = 0;
  for (const Stage& stage : stages) {
    const double each = seconds_each(parsed, seconds / 4, [&](const Value& record) {
      const std::string& text = record[stage.field].as_string();
      if (!stage.canonical)
        sink += normalize::comparison_key(stage.kind, text).size();
      else if (const auto spelling = normalize::canonical_spelling(stage.kind, text))
        sink += spelling->value.size();
    });
    standardized += each;
    std::printf("  %-12s %-14s %6.2f us  %4.1f %%\n", stage.field, normalize::to_string(stage.kind),
                each * 1e6, 100 * each / decode);
  }
  std::printf("  lenses, paths, image        %6.2f us  %4.1f %%\n", (decode - standardized) * 1e6,
              100 * (decode - standardized) / decode);
  return sink == 1 ? 1 : 0;
}
