// Events of an XML text that nobody vouches for: no document type (so no entities of its own), bounded depth.
#pragma once

#include <istream>
#include <string>
#include <string_view>

#include "hub/model/result.hpp"

namespace huiliu::table {

class XmlAttributes {
 public:
  virtual ~XmlAttributes() = default;
  // By local name, in whatever namespace; "" when there is none.
  virtual std::string get(std::string_view name) const = 0;
  // An attribute r:NAME of the relationships namespace.
  virtual std::string reference(std::string_view name) const = 0;
};

// Names come without their prefix. An error ends the parse and is what parse_xml returns.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual model::Status start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual model::Status end(std::string_view /*name*/) { return {}; }
  virtual model::Status text(std::string_view /*text*/) { return {}; }
};

// `what` names the text in messages.
model::Status parse_xml(std::istream& in, const std::string& what, std::size_t depth, XmlHandler& handler);

}  // namespace huiliu::table
