// Every function of the language is named in the documentation.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "hub/expr/builtins.hpp"

namespace huiliu::expr {
namespace {

TEST(ExprReference, NamesEveryFunction) {
  for (const char* page : {"docs/expressions.md", "docs/zh/expressions.md"}) {
    std::ifstream in(std::string(HUILIU_SOURCE_DIR) + "/" + page, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    for (const auto entries :
         {string_builtins(), pattern_builtins(), encoding_builtins(), number_builtins(), array_builtins(),
          object_builtins(), higher_order_builtins(), date_builtins(), general_builtins()})
      for (const BuiltinEntry& entry : entries)
        EXPECT_NE(text.str().find("`$" + std::string(entry.name) + "`"), std::string::npos)
            << page << " lacks " << entry.name;
  }
}

}  // namespace
}  // namespace huiliu::expr
