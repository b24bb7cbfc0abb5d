// What to do about an error: a sentence for each code and class, in both languages. A vendor's own codes are
// explained by its connector; what is said here is what the hub itself knows.
#pragma once

#include <string>

#include "hub/model/result.hpp"
#include "hub/model/value.hpp"

namespace huiliu::run {

struct Advice {
  const char *zh, *en;
};

// By the code under which dead letters and errors are grouped; by class where the code says nothing.
Advice advice_for(const std::string& code, model::ErrorClass error_class = model::ErrorClass::data);
model::Value advice_view(const Advice& advice);  // {"zh","en"}

// {"code","class","record","message","fix":{zh,en}}
model::Value error_view(const model::Error& error);

}  // namespace huiliu::run
