// answer.hpp - what a body of the vendor means.
//
// Nearly every answer is HTTP 200; whether it is a success stands in `code`, which is a number here, a text
// there, and now and then a text with quotes inside. A batch that failed in part says so in data.failCount
// under a code of success. Some refusals are plain text. Pure values.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/yonyou/src/json_read.hpp"

namespace yonyou {

struct Answer {
  bool ok = false;          ///< the envelope says success; the items of a batch are judged apart
  bool understood = false;  ///< JSON of the known form, or a plain text that is known
  std::string code;         ///< normalized: no quotes, a number as text
  std::string message;      ///< the vendor's own words
  json::value data;         ///< null when there is none
  int http = 0;

  std::size_t fail_count() const;  ///< of a batch; 0 for anything else
  std::vector<std::string> messages()
      const;  ///< of a batch: `messages` is a list of texts or objects, or one text

  /// data as rows: a bare array, data.recordList, or a single object. Null: none of these.
  json::array rows() const;
};

Answer classify(int http, std::string_view body);

}  // namespace yonyou
