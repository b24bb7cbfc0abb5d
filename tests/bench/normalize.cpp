// normalize [SECONDS]: values per second of processor time on one core, for the standardizers whose speed
// matters. Names and addresses are composed, so that no real register is needed; the figure in brackets is
// comparison_key alone.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "hub/normalize/normalize.hpp"

namespace {

using huiliu::normalize::Kind;

std::vector<std::string> combined(const std::vector<std::vector<std::string>>& columns, std::size_t count) {
  std::vector<std::string> rows;
  rows.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    std::string row;
    std::size_t seed = i * 2654435761U + 12345;
    for (const auto& column : columns) {
      row += column[seed % column.size()];
      seed = seed / column.size() + i * 40503U;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

template <class Work>
double per_second(const std::vector<std::string>& rows, double seconds, Work work) {
  std::size_t done = 0;
  std::size_t sink = 0;
  const std::clock_t start = std::clock();
  const auto limit = static_cast<std::clock_t>(seconds * CLOCKS_PER_SEC);
  while (std::clock() - start < limit) {
    for (const std::string& row : rows) sink += work(row);
    done += rows.size();
  }
  const double spent = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  if (sink == 1) std::puts("");  // keeps the work alive
  return static_cast<double>(done) / spent;
}

void measure(const char* title, Kind kind, const std::vector<std::string>& rows, double seconds) {
  const double whole = per_second(rows, seconds, [kind](const std::string& row) {
    return huiliu::normalize::normalize(kind, row).key.size();
  });
  const double key = per_second(rows, seconds, [kind](const std::string& row) {
    return huiliu::normalize::comparison_key(kind, row).size();
  });
  std::printf("%-14s %12.0f /s  (%.0f /s)\n", title, whole, key);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 1.0;
  const std::vector<std::string> places{"深圳市", "广东省深圳市", "北京", "上海浦东新区", "杭州", "义乌市",
                                        "新疆",   "苏州",         "",     "昆山市"};
  const std::vector<std::string> brands{"迈瑞",   "宏达", "天天向上", "联众", "锦鑫",
                                        "优乐天", "长虹", "ABC",      "同创", "瑞格泰博"};
  const std::vector<std::string> trades{"科技",     "贸易",     "生物医疗电子", "机械设备",
                                        "餐饮管理", "国际物流", "文化传播",     "建筑工程"};
  const std::vector<std::string> forms{"有限公司",           "有限责任公司", "股份有限公司",
                                       "有限公司合肥分公司", "厂",           "（集团）有限公司"};
  measure("company_name", Kind::company_name, combined({places, brands, trades, forms}, 2000), seconds);
  const std::vector<std::string> counties{"广东省深圳市南山区", "北京市朝阳区",   "浙江省杭州市西湖区",
                                          "苏州市吴中区",       "四川成都武侯区", "湖北省仙桃市"};
  const std::vector<std::string> streets{"粤海街道科技南十二路", "建国路", "文三路", "木渎镇中山东路",
                                         "人民南路四段"};
  const std::vector<std::string> details{"2号", "88号3号楼2单元501室", "199号A座12层1203", "1号院",
                                         "一百二十号"};
  measure("address", Kind::address, combined({counties, streets, details}, 2000), seconds);
  measure("phone", Kind::phone,
          {"0755-86123456", "13812345678", "+86 (0)755 86123456", "021-68889999-8001", "0755-86123456/57"},
          seconds);
  measure("uscc", Kind::uscc, {"9144030071526726XG", "91110000600037341L"}, seconds);
  measure("person_name", Kind::person_name, {"张三", "王总", "欧阳修远", "Zhang Wei"}, seconds);
  return 0;
}
