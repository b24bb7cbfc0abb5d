// Is this a build with a sanitizer? It looks for other faults than the expectations of tests do, and takes
// ten times as long: of random or exhaustive worlds it goes through the first part, the release build through
// all.
#pragma once

namespace huiliu::tests {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#elif defined(__has_feature)
inline constexpr bool sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
inline constexpr bool sanitized = false;
#endif

// How many of so many random worlds this build goes through; also for what is counted over all of them.
template <class Number>
constexpr Number worlds(Number all) {
  return sanitized ? all / 3 : all;
}

}  // namespace huiliu::tests
