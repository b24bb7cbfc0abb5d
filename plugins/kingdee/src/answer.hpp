// answer.hpp - what a body of the vendor means.
//
// Nearly every answer is HTTP 200. An error hides in it in four shapes: a ResponseStatus (bare, or dressed up
// as a row of a query), the input firewall's list, the text "response_error:…", and pages that are no JSON at
// all. This classifier stands in front of everything else; nobody reads rows before it has spoken. Pure
// values.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace kingdee {

enum class Shape {
  rows,       ///< a query's rows: arrays (ExecuteBillQuery) or objects (BillQuery)
  result,     ///< an object: of a write, a login, a view. `ok` tells how it went
  firewall,   ///< refused by the input firewall before it reached the product
  exception,  ///< "response_error:…" or other plain text
  gateway,    ///< the cloud gateway's {"errcode",…}
  page,       ///< an HTML page: some proxy, or the site is down
  garbage,    ///< neither JSON nor a known text
};

/// One complaint of a ResponseStatus. `index` (DIndex) is the place in the batch, -1 when it is not said.
struct Complaint {
  std::string field, message;
  int index = -1;
};

/// One record that a write did reach. Ids are text, whatever the site sent.
struct Reached {
  std::string id, number;
  int index = -1;
};

struct Answer {
  Shape shape = Shape::garbage;
  bool ok = false;
  boost::json::value body;            ///< the parsed JSON; null when there was none
  std::vector<Complaint> complaints;  ///< never empty when !ok
  std::vector<Reached> reached;       ///< may be non-empty although !ok: partial success is normal
  int msg_code = 0;                   ///< 0 or absent on old sites even for real errors
  std::string error_code;             ///< ErrorCode or errcode as text; may be empty

  /// All complaints in one line.
  std::string text() const;
  /// Rows of a query. Precondition: shape == rows.
  const boost::json::array& rows() const { return body.get_array(); }
};

/// Reads a whole body. Never throws for what a remote may send. Numbers with a fraction or an exponent, and
/// whole numbers beyond 64 bits, become strings of their own text, so that no digit is lost.
Answer classify(std::string_view body);

}  // namespace kingdee
