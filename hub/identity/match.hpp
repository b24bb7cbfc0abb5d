// Which records are the same customer? First cut: exact identifiers. Pure functions over images; fetching
// candidates is the caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hub/model/record.hpp"

namespace huiliu::identity {

// A key by which candidates are found; see sync::MatchKey. Strong kinds can link alone, the others only
// agree.
struct Key {
  std::string kind, value;
  friend auto operator<=>(const Key&, const Key&) = default;
};

// Keys of this kind tell what a record refers to (golden ids), so that "who refers to this customer?" has an
// answer. They are no likeness.
inline constexpr std::string_view reference_kind = "reference";

// The keys of an image: credit code, organisation code (also the one inside a credit code or a 15-digit tax
// number), external links, full legal name, phones, e-mails, sites; for persons: mobile, e-mail, name with
// employer. Placeholders and service numbers make no key. `entity` is the model's entity.
std::vector<Key> keys_of(const model::Entity& entity, const model::Image& image);

enum class Verdict {
  same,       // link
  possible,   // a question for a person
  different,  // not the same, or vetoed
};

struct Evidence {
  Verdict verdict = Verdict::different;
  bool veto = false;  // something forbids that they are the same
  std::vector<std::string>
      reasons;  // "uscc equal", "legal name equal", "phone equal", "veto: two valid credit codes"
};

// Compares two images of one entity. Links by: credit code; organisation code inside it; normalized full
// legal name plus one more agreement (phone, address, e-mail or site domain, tax number). Equal legal name
// alone: possible. Never by a phone alone; a branch and its parent are different; two different valid credit
// codes are a veto. Persons: mobile plus name; same employer plus name; never a person to a company.
// Agreement on a key in `hot` (shared by too many records: a switchboard, an agent's mobile) is no evidence.
Evidence compare(const model::Entity& entity, const model::Image& a, const model::Image& b,
                 const std::vector<Key>& hot = {});

}  // namespace huiliu::identity
