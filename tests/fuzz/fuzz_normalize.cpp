// Every standardizer: no crash, valid UTF-8 out, the fast key is the key, and a second time changes nothing.
// The first byte chooses the kind.
#include "hub/model/value.hpp"
#include "hub/normalize/normalize.hpp"
#include "tests/fuzz/fuzz.hpp"

using huiliu::fuzz::require;
namespace normalize = huiliu::normalize;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto kind = static_cast<normalize::Kind>(data[0] % 12);
  const std::string_view text = huiliu::fuzz::text_of(data + 1, size - 1);
  const normalize::Normalized once = normalize::normalize(kind, text);
  require(huiliu::model::is_utf8(once.value) && huiliu::model::is_utf8(once.key), "UTF-8", text);
  require(normalize::comparison_key(kind, text) == once.key, "one key", text);
  if (once.value.empty()) return 0;
  const normalize::Normalized twice = normalize::normalize(kind, once.value);
  require(twice.value == once.value, "the value of a value is the value", text);
  require(twice.key == once.key, "the key of a value is the key", text);
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const char* text : {"深圳市迈瑞生物医疗电子股份有限公司",
                           "【VIP】C0012-腾讯科技（深圳）有限公司 张三",
                           "Shenzhen Mindray Co., Ltd.",
                           "常州途畅科技有限公司合肥分公司",
                           "王总",
                           "欧阳修远",
                           "Zhang Wei",
                           "9144030071526726XG",
                           "91110000600037341N",
                           "440301600037341",
                           "11010519491231002X",
                           "0755-86123456转8001/57",
                           "+86 (0)755 86123456",
                           "138****5678",
                           "a.b@例子.cn <x@qq.com>",
                           "https://www.example.com.cn:80/a?b#c",
                           "广东省深圳市南山区科技南十二路2号3栋501室",
                           "上海上海市浦东新区",
                           "襄樊市",
                           "2024年3月5日",
                           "二〇二四年三月",
                           "民国113年",
                           "2024-03-05T10:00:00+08:00",
                           "45356",
                           "500万元人民币",
                           "壹佰贰拾万元整",
                           "￥1,234.50",
                           "&amp;&#x4e2d;",
                           "臺灣積體電路",
                           "\xff\xe6\xb7"}) {
    for (char kind = 0; kind < 12; ++kind) out.push_back(kind + std::string(text));
  }
  return out;
}

std::vector<std::string> long_units() {
  // Only the first unit's first byte chooses the kind; the others are control characters, which are deleted.
  std::vector<std::string> out;
  for (char kind = 0; kind < 12; ++kind) {
    for (const char* text : {"深圳市", "(", "有限公司 张三 ", "1-", "a@b.", "省市区号", "&amp;", "镇路 "})
      out.push_back(kind + std::string(text));
  }
  return out;
}

}  // namespace huiliu::fuzz
