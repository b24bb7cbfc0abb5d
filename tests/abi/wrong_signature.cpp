// Must not compile: read has a wrong signature, and the compiler says which one is wanted.
#include <huiliu/plugin.hpp>

struct Wrong {
  static constexpr std::string_view manifest = "{}";
  explicit Wrong(std::string_view) {}
  void read(huiliu::Call&, std::string_view) {}
};
HUILIU_PLUGIN("wrong", "1.0.0", 0, Wrong);
