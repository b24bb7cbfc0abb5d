// A reading cut at its cursors into legs, so that something can happen at every call of it and each trial
// costs one leg and not the whole. A stream that can only be read whole is one leg.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hub/kit/check.hpp"

namespace huiliu::kit {

enum class Counted {
  requests,    // HTTP exchanges
  host_calls,  // everything that the plugin asks of the host and that may fail (CallOptions::before_service)
};

struct Leg {
  std::string cursor;             // where it begins; empty: the start of the stream
  std::vector<std::string> keys;  // what comes until its next checkpoint
  std::size_t calls = 0;          // that this takes a session which begins there
};

struct Course {
  Reading whole;
  std::vector<Leg> legs;
  std::size_t calls = 0;   // of all legs
  bool resumable = false;  // there is a leg after each cursor
};

// Reads the stream in a quiet system. Nothing, and the reason told to the judge, when it cannot be read or
// makes no such call.
std::optional<Course> course_of(Lab& lab, const host::StreamSpec& stream, Judge& judge, Counted counted);

// Runs `trial` for every call of every leg, until the judge has a finding. Of a reading longer than what can
// be tried in a reasonable time, calls spread evenly over it. Notes how many of how many.
using Trial = std::function<void(const Leg& leg, std::size_t call)>;
void at_every_call(const Course& course, Judge& judge, const Trial& trial);

// What a trial is: "a stop at call 3 of 7 from cursor …".
std::string trial_name(const std::string& what, const Leg& leg, std::size_t call);

// Reads a leg, and a little into the next one, where there is one: what stops between two must not pass for
// the end.
Reading read_leg(Lab& lab, Bench& bench, const host::StreamSpec& stream, const Course& course, const Leg& leg,
                 const host::CallOptions& call = {});
// There is enough when the leg's records have come.
Lab::Enough whole_leg(const Leg& leg);

// Of a leg that was broken off only what a checkpoint covers is kept. Judges that a new session, from the
// last cursor, brings the rest.
void judge_rest(Lab& lab, const host::StreamSpec& stream, Judge& judge, const Course& course, const Leg& leg,
                const Reading& part, const std::string& what);

}  // namespace huiliu::kit
