// Envelopes that others made: the vendor's guide, three SDKs' suites and a package of the vendor's; all of
// them were recomputed. pad: bytes of padding.
// clang-format off
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace wecom::tests {

struct Vector {
  std::string_view id, token, aes_key, receive_id, timestamp, nonce, encrypted, signature, random;
  std::size_t pad;
  std::string_view plaintext;
};

inline constexpr std::array<Vector, 8> kVectors{{
    {"W1", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C", "wx5823bf96d3bd56c7", "1409659813", "1372623149", "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==", "477715d11cdb4164915debcba66cb864d751f3e6", "0960688932c47ef1", 30, R"~(<xml><ToUserName><![CDATA[wx5823bf96d3bd56c7]]></ToUserName>
<FromUserName><![CDATA[mycreate]]></FromUserName>
<CreateTime>1409659813</CreateTime>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[hello]]></Content>
<MsgId>4561255354251345929</MsgId>
<AgentID>218</AgentID>
</xml>)~"},
    {"W2", "123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a", "1411443780", "437374425", "4ByGGj+sVCYcvGeQYhaKIk1o0pQRNbRjxybjTGblXrBaXlTXeOo1+bXFXDQQb1o6co6Yh9Bv41n7hOchLF6p+Q==", "dd6b9c95b495b3f7e2901bfbc76c664930ffdb96", "2304fc2fe146f1f8", 7, R"~(5927782489442352469)~"},
    {"W3", "123456", "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR", "wx49f0ab532d5d035a", "1411525903", "461056294", "9s4gMv99m88kKTh/H8IdkOiMg6bisoy3ypwy9H4hvSPe9nsGaqyw5hhSjdYbcrKk+j3nba4HMOTzHrluLBYqxgNcBqGsL8GqxlhZgURnAtObvesEl5nZ+uBE8bviY0LWke8Zy9V/QYKxNV2FqllNXcfmstttyIkMKCCmVbCFM2JTF5wY0nFhHZSjPUL2Q1qvSUCUld+/WIXrx0oyKQmpB6o8NRrrNrsDf03oxI1p9FxUgMnwKKZeOA/uu+2IEvEBtb7muXsVbwbgX05UPPJvFurDXafG0RQyPR+mf1nDnAtQmmNOuiR5MIkdQ39xn1vWwi1O5oazPoQJz0nTYjxxEE8kv3kFxtAGVRe3ypD3WeK2XeFYFMNMpatF9XiKzHo3", "407518b7649e86ef23978113f92d27afa9296533", "1234567890123456", 3, R"~(<xml>
<MsgType><![CDATA[text]]></MsgType>
<Content><![CDATA[test]]></Content>
<FromUserName><![CDATA[wx49f0ab532d5d035a]]></FromUserName>
<ToUserName><![CDATA[messense]]></ToUserName>
<AgentID>1</AgentID>
<CreateTime>1411525903</CreateTime>
</xml>)~"},
    {"W5", "kjr2TKI8umCBfVF3wAHk8JiPwma5VBme", "4Ma3YBrSBbX2aez8MJpXGBne5LSDwgGqHbhM9WPYIws", "ww6a112864f8022910", "1583940690", "VHh7ymSeb0jc4lSb", "6KmUQuPVu7UhjyVqRdbo5SfcRqaHvbUlKSHFvBV2ZuR6TIlKsygcfeSd1GDplg1C5KSKr6UPHCaC/nIX3ZNt9w==", "1ba3cb09c0d2c2b3ed6900d37f91a6efae6cb011", "5QMsYcwjR95t2vmC", 3, R"~(94966531020182955848408)~"},
    {"W8", "pamtest", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wxb11529c136998cb6", "1409304348", "xxxxxx", "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==", "82c962d39941aa48552f90ef55aa323dc620cc10", "aaaabbbbccccdddd", 7, R"~(我是中文abcd123)~"},
    {"C1", "wecomTokenC1", "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG", "ww1234567890abcdef", "1700000000", "n0nceC1", "B2yGn7kE3nDyRso+xhlT9gJyORTBGnOwdgLzDK0mdQKND9iouThJUeVzJBz0dYti8hPHvvXOBbMRlJq91s/zMt7pqp7seRotwRP8LyhbjwTDB2g46zXyVZslr3L72JYK", "f6cfea362b27d3bf4cb8312fa5d88887fae7b0cb", "ABCDEFGHIJKLMNOP", 32, R"~(12345678901234567890123456)~"},
    {"C2", "Tk2026", "QWERTYUIOPASDFGHJKLZXCVBNMqwertyuiopasdfghj", "wwcorpidexample001", "1700000101", "837465", "eF/wtf8YWItQ72STaRHGaYUYGaK5QzaiuIO3/lMNMu0A0WzCM5Hmnf17VPT+q9RlbvyBwAA2pTfTQK2dD2RKGLmY+qNsH6LlfJxvJxBmhqCvypw/6FCzNiIZYEC1u+EHdwyeWppI8GBCq+lILPEvRNOdq3VokuRzTIZ33ZRD6YXQivZdUKHLh1teTOZ6z/9VjF6LeHI0e/Emg5xYdUYc0cMVFO2FpVdtaiIigs0o++Ig03izeKbXblIGJKnf45Z4b/180XinLZ2D+tJNxcECBe5ly8lDZkLaWYDAzZmdiYKr1WtP9HrzuTY0bgcFXji1NDvbu1sB5jB6zvyKq/SPHqmLFotOzWLnY74BJwNHVZBKY7KKp9SoCe4IqX/96Gq7uq6QId1mbxHD+OvWINZEMr/EWk7uelx4hUK8VSnEqjzOzXjCz81gPdwU8bEUGEJUOZkJY4Nfqw9jqO+05IuBUxcyr8s4WRc819+Y42z/p1hh/B3GKJImUCjtidBd17PSYKwO56BUIWwJ6DmB+rgkhDtcCcVq3TY7mJi/eP6KLTh0Z2BcgDWC/3tJiDDI3Gv1n1qUWh5oZ6M+2UspiIMfKCmP98qYqU4s/uLYr2AlRnlx3eg8TTm+g4c5L6aMd3QBO42xCLYSHXb6C9qPIbe3DsaqBQVWen1cLrwzuNYLKA6RZWb+I5Ibw67yVOfn1OwAk5LEcCaTDk3d5jgX7Gjg8A==", "eb295e1eb0818b28bf8399a603979f006cf21b50", "0f1e2d3c4b5a6978", 19, R"~(<xml><ToUserName><![CDATA[wwcorpidexample001]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName><CreateTime>1700000100</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[change_external_contact]]></Event><ChangeType><![CDATA[add_external_contact]]></ChangeType><UserID><![CDATA[zhangsan]]></UserID><ExternalUserID><![CDATA[wmExampleExternalUser0000000001]]></ExternalUserID><State><![CDATA[展会渠道]]></State><WelcomeCode><![CDATA[WELCOME1]]></WelcomeCode></xml>)~"},
    {"C3", "tok", "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLKJ", "", "1", "0", "8aoRZuuc3mafjcIGNzVAf/5r6inYw+6l9/DT9Pnk3RI=", "582467d644f5cbb8c02b677ad744624f6ef86076", "0000000000000000", 10, R"~(ok)~"},
}};

inline const Vector& vector(std::string_view id) {
  for (const Vector& candidate : kVectors)
    if (candidate.id == id) return candidate;
  return kVectors.front();
}

}  // namespace wecom::tests
