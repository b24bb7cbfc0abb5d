// The vendor's XML: one root, elements of one level (some with further elements inside), text or CDATA.
//
// Deliberately small: no attributes are read, no entities but the five of XML, and a document type
// declaration is refused outright, so that nothing is ever expanded or fetched. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wecom {

class Xml {
 public:
  // Nothing for what is not well formed in this sense, or larger or deeper than any event.
  static std::optional<Xml> parse(std::string_view text);

  // Text of the first element of this name below the root; "" when it is missing.
  std::string text(std::string_view name) const;
  bool has(std::string_view name) const;

 private:
  std::vector<std::pair<std::string, std::string>> elements_;
};

}  // namespace wecom
