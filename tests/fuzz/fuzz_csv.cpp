// Tables: any bytes are a table or an error; its rows have no more cells than its header; it is text.
#include "hub/identity/linkage/csv.hpp"
#include "hub/model/value.hpp"
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = huiliu::fuzz::text_of(data, size);
  const auto table = huiliu::identity::parse_csv(text, "fuzz.csv");
  if (!table.ok()) return 0;
  for (const auto& row : table->rows) {
    huiliu::fuzz::require(row.size() <= table->header.size(), "no more cells than the header", text);
    for (const std::string& cell : row) huiliu::fuzz::require(huiliu::model::is_utf8(cell), "UTF-8", text);
  }
  return 0;
}

namespace huiliu::fuzz {

std::vector<std::string> seeds() {
  return {"id,name\n1,\"a, \"\"b\"\"\"\n2,c\n",
          "a;b\r\n1;2\r\n",
          "\xEF\xBB\xBF名称,电话\n深圳,1\n",
          "\xC3\xFB\xB3\xC6,b\n\xC9\xEE\xDB\xDA,1\n",
          "\xFF\xFE"
          "a\0,\0b\0\n\0",
          "a,b\n\"open\nc,d\n",
          "caf\xE9,b\n"};
}

std::vector<std::string> long_units() {
  return {"\"", "\",", "a,", "\n", "\"\"", "\xC3\xFB", "\xE9 ", "\"a\"b\n"};
}

}  // namespace huiliu::fuzz
