// Inside the module: the dictionaries behind company names. One immutable instance, built on first use.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "hub/normalize/words.hpp"

namespace huiliu::normalize {

struct CompanyVocabulary {
  WordTree forms{WordTree::Direction::backward};  // payload: index of form_classes
  std::vector<const char*> form_classes;
  WordTree branches{WordTree::Direction::backward};
  WordTree trades{WordTree::Direction::backward};
  WordTree trades_forward;
  WordTree brands;          // whole brands that the rules would cut
  WordTree place_trades;    // trades of which a place had one company, named for the place
  WordTree statuses;        // 停用, 作废, VIP …: noise where it stands alone
  WordTree english_trades;  // one lower-case word each

  static const CompanyVocabulary& get();

 private:
  CompanyVocabulary();
};

// Noise before and behind a name, found in folded text with single spaces.
struct CompanyNoise {
  std::size_t begin = 0;  // what is left: [begin, end)
  std::size_t end = 0;
  std::vector<std::pair<std::size_t, std::size_t>> peeled;  // ranges of the folded text
};
CompanyNoise peel_company_noise(std::u32string_view folded_text);

}  // namespace huiliu::normalize
