// answers.hpp - the one shape in which the product answers all but queries, and what requests hold. Pure.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <cstddef>
#include <string>
#include <string_view>

namespace kingdee_twin {

/// A member of a request as text, whatever its type; "" when it is absent or null.
std::string request_text(const boost::json::object& object, std::string_view name);
boost::json::object complaint(std::string_view field, std::string_view message, std::size_t index);
/// {"Result":{"ResponseStatus":{…}, more…}}
boost::json::value status_answer(boost::json::array errors, boost::json::array reached, int msg_code,
                                 boost::json::object more = {});
boost::json::value failure(int msg_code, std::string_view message);

}  // namespace kingdee_twin
