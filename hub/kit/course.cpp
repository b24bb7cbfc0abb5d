#include "hub/kit/course.hpp"

#include <algorithm>
#include <set>

namespace huiliu::kit {
namespace {

using model::ErrorClass;

constexpr std::size_t most_trials = 512;    // of one check on one stream
constexpr std::size_t most_calls = 40'000;  // that they make together

// Calls of one leg, counted in a session of its own.
std::optional<std::size_t> calls_of(Lab& lab, const host::StreamSpec& stream, const Course& course,
                                    const Leg& leg, Counted counted) {
  auto bench = lab.open();
  if (!bench.ok()) return std::nullopt;
  std::atomic<std::size_t> asked = 0;
  const Reading part =
      read_leg(lab, *bench, stream, course, leg, {.before_service = [&](const char*) -> model::Status {
                 ++asked;
                 return {};
               }});
  if (!part.status.ok()) return std::nullopt;
  return counted == Counted::requests ? bench->network->exchanges() : asked.load();
}

void cut(Course& course) {
  const Reading& whole = course.whole;
  const auto keys = [&](std::size_t from, std::size_t to) {
    return std::vector<std::string>(whole.order.begin() + static_cast<std::ptrdiff_t>(from),
                                    whole.order.begin() + static_cast<std::ptrdiff_t>(to));
  };
  std::size_t begin = 0;
  std::string cursor;
  for (std::size_t i = 0; course.resumable && i + 1 < whole.cursors.size(); ++i) {
    if (whole.cursors[i] == cursor) continue;
    course.legs.push_back({cursor, keys(begin, whole.covered[i])});
    cursor = whole.cursors[i];
    begin = whole.covered[i];
  }
  course.legs.push_back({cursor, keys(begin, whole.order.size())});
}

}  // namespace

std::optional<Course> course_of(Lab& lab, const host::StreamSpec& stream, Judge& judge, Counted counted) {
  Course course;
  auto bench = lab.open();
  if (!bench.ok()) return judge.skip("it does not open"), std::nullopt;
  course.whole = lab.read(*bench, stream.name);
  if (!course.whole.status.ok())
    return judge.skip("the stream cannot be read"), std::nullopt;  // read.complete says so
  course.resumable = stream.read.contains("changes");
  cut(course);
  for (Leg& leg : course.legs) {
    // A cursor from which it does not go on is read.resume's to judge.
    leg.calls = calls_of(lab, stream, course, leg, counted).value_or(0);
    course.calls += leg.calls;
  }
  if (course.calls == 0)
    return judge.skip(counted == Counted::requests ? "it reads without the network"
                                                   : "it asks nothing of the host"),
           std::nullopt;
  return course;
}

void at_every_call(const Course& course, Judge& judge, const Trial& trial) {
  // A trial makes the calls of its leg about twice.
  std::size_t cost = 0;
  for (const Leg& leg : course.legs) cost += leg.calls * leg.calls * 2;
  const std::size_t step = std::max(
      {std::size_t{1}, (course.calls + most_trials - 1) / most_trials, (cost + most_calls - 1) / most_calls});
  std::size_t number = 0, tried = 0;
  for (const Leg& leg : course.legs)
    for (std::size_t call = 1; call <= leg.calls; ++call) {
      const bool last = &leg == &course.legs.back() && call == leg.calls;
      if (number++ % step != 0 && !last) continue;
      trial(leg, call);
      ++tried;
      if (judge.failed()) return;
    }
  judge.note(tried == course.calls ? "at each of " + std::to_string(tried) + " calls"
                                   : "at " + std::to_string(tried) + " of " + std::to_string(course.calls) +
                                         " calls, evenly spread");
}

std::string trial_name(const std::string& what, const Leg& leg, std::size_t call) {
  return what + " at call " + std::to_string(call) + " of " + std::to_string(leg.calls) +
         (leg.cursor.empty() ? std::string() : " from cursor " + leg.cursor.substr(0, 60));
}

Reading read_leg(Lab& lab, Bench& bench, const host::StreamSpec& stream, const Course& course, const Leg& leg,
                 const host::CallOptions& call) {
  if (&leg == &course.legs.back()) return lab.read(bench, stream.name, leg.cursor, call);
  return lab.read_until(
      bench, stream.name, leg.cursor,
      [](const Reading& so_far) {
        return so_far.cursors.size() > 1 ||
               (!so_far.cursors.empty() && so_far.order.size() > so_far.covered[0]);
      },
      call);
}

Lab::Enough whole_leg(const Leg& leg) {
  return [&leg](const Reading& so_far) {
    return !leg.keys.empty() && std::all_of(leg.keys.begin(), leg.keys.end(), [&](const std::string& key) {
      return so_far.records.contains(key);
    });
  };
}

void judge_rest(Lab& lab, const host::StreamSpec& stream, Judge& judge, const Course& course, const Leg& leg,
                const Reading& part, const std::string& what) {
  std::set<std::string> absent(leg.keys.begin(), leg.keys.end());
  // What can only be read whole begins again.
  const bool goes_on = course.resumable && !part.cursors.empty();
  if (course.resumable || part.status.ok())
    for (std::size_t i = 0; i < part.kept(); ++i) absent.erase(part.order[i]);
  const auto some = [&] { return some_of({absent.begin(), absent.end()}); };
  // Where it ended by itself there is more, when a later leg has records.
  if (part.status.ok() && !part.left)
    for (const Leg* later = &leg + 1; later <= &course.legs.back(); ++later)
      absent.insert(later->keys.begin(), later->keys.end());
  if (part.status.ok()) {
    if (!absent.empty())
      judge.fail(what + ": the read says that it is done, and it is not: " + some() + " are missing",
                 "a refused call ends the read: pass its status on");
    return;
  }
  if (absent.empty()) return;
  auto bench = lab.open();
  if (!bench.ok())
    return judge.fail(what + ": afterwards it does not open: " + bench.error().text(), "start anew");
  const auto go_on = [&](const std::string& cursor) {
    return lab.read_until(*bench, stream.name, cursor, [&](const Reading& so_far) {
      return std::all_of(absent.begin(), absent.end(),
                         [&](const std::string& key) { return so_far.records.contains(key); });
    });
  };
  Reading rest = go_on(goes_on ? part.cursors.back() : leg.cursor);
  if (!rest.status.ok() && rest.status.error().error_class == ErrorClass::resync) rest = go_on({});
  if (!rest.status.ok())
    return judge.fail(what + ": the next read ends with " + rest.status.error().text(),
                      "a cursor must be enough to go on from: keep nothing else between two reads");
  for (const auto& [key, seen] : rest.records) absent.erase(key);
  if (!absent.empty())
    judge.fail(what + ": records are lost: " + some(),
               "emit first, then checkpoint; keep nothing but the cursor between two reads");
}

}  // namespace huiliu::kit
