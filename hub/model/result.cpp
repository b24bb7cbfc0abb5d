#include "hub/model/result.hpp"

namespace huiliu::model {

const char* to_string(ErrorClass error_class) noexcept {
  switch (error_class) {
    case ErrorClass::cancelled:
      return "cancelled";
    case ErrorClass::retry:
      return "retry";
    case ErrorClass::throttled:
      return "throttled";
    case ErrorClass::auth:
      return "auth";
    case ErrorClass::config:
      return "config";
    case ErrorClass::resync:
      return "resync";
    case ErrorClass::data:
      return "data";
    case ErrorClass::unsupported:
      return "unsupported";
    case ErrorClass::bug:
      return "bug";
    case ErrorClass::not_found:
      return "not_found";
    case ErrorClass::stale:
      return "stale";
    case ErrorClass::in_doubt:
      return "in_doubt";
  }
  return "bug";
}

std::string Error::text() const {
  std::string text;
  if (!where.empty()) text = where + ": ";
  text += message;
  if (!code.empty()) text += " (" + code + ")";
  return text;
}

}  // namespace huiliu::model
