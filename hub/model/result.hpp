// One way to fail, everywhere in the hub: an expected failure is a value.
//
// An Error's class names what the caller does next, not what went wrong; the codes are those of the
// plugin ABI (sdk/include/huiliu/plugin.h) plus three that exist only inside the hub. The message is for
// a person: what happened, to which record, what to do. It never carries secrets or unmasked personal data.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace huiliu::model {

enum class ErrorClass {
  cancelled = 1,    // a stop was asked for: not an error
  retry = 2,        // transient: try again with backoff
  throttled = 3,    // as retry, not before retry_after_ms
  auth = 4,         // credential refused: pause, ask its owner
  config = 5,       // settings or arguments are wrong: nothing helps until they change
  resync = 6,       // the remote dropped the cursor: read the stream from the start
  data = 7,         // this payload is wrong: park it, go on
  unsupported = 8,  // not offered here
  bug = 9,          // a broken invariant
  not_found = 10,   // the named thing does not exist
  stale = 11,       // the world moved since the caller looked
  in_doubt = 12,    // may have happened: look before doing it again
};

// The stable name used in logs, metrics and JSON, e.g. "retry".
const char* to_string(ErrorClass error_class) noexcept;

struct Error {
  ErrorClass error_class = ErrorClass::bug;
  std::string message;
  std::string code = {};          // the origin's own code, verbatim (a vendor's, an errno name, a rule's id)
  std::string where = {};         // file:line, or connection/stream/key, or a JSON Pointer
  long long retry_after_ms = -1;  // -1: not known

  // "where: message (code)", leaving out what is empty.
  std::string text() const;
};

inline Error make_error(ErrorClass error_class, std::string message, std::string where = {}) {
  return Error{error_class, std::move(message), {}, std::move(where)};
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value)
      : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT(google-explicit-constructor)
  Result(Error error)
      : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  // Only when ok().
  T& value() & { return *std::get_if<0>(&state_); }
  const T& value() const& { return *std::get_if<0>(&state_); }
  T&& value() && { return std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Only when not ok().
  const Error& error() const& { return *std::get_if<1>(&state_); }
  Error& error() & { return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  bool ok() const noexcept { return ok_; }
  explicit operator bool() const noexcept { return ok_; }
  const Error& error() const { return error_; }
  Error& error() { return error_; }

 private:
  Error error_{};
  bool ok_ = true;
};

using Status = Result<void>;

}  // namespace huiliu::model

// HUILIU_TRY(expr);               returns the error of a Status or Result from the calling function
// HUILIU_ASSIGN(auto x, expr);    the same, and binds the value otherwise
#define HUILIU_TRY(expression)                                                                              \
  do {                                                                                                      \
    if (auto huiliu_status_ = (expression); !huiliu_status_.ok()) return std::move(huiliu_status_.error()); \
  } while (false)
#define HUILIU_CONCAT_(a, b) a##b
#define HUILIU_CONCAT(a, b) HUILIU_CONCAT_(a, b)
#define HUILIU_ASSIGN_(holder, declaration, expression) \
  auto holder = (expression);                           \
  if (!holder.ok()) return std::move(holder.error());   \
  declaration = std::move(*holder)
#define HUILIU_ASSIGN(declaration, expression) \
  HUILIU_ASSIGN_(HUILIU_CONCAT(huiliu_result_, __LINE__), declaration, expression)
