// Mail against a server of our own on the loopback.
#include "hub/host/mail.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "hub/host/alert_hook.hpp"

namespace huiliu::host {
namespace mail_test {

using testing::HasSubstr;

// Takes one session; refuses at the command that it is told to refuse.
class SmtpServer {
 public:
  explicit SmtpServer(std::string refuse = {}, std::string with = "550 no\r\n")
      : refuse_(std::move(refuse)), with_(std::move(with)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 1), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~SmtpServer() { join(); }
  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  std::string finish() {
    join();
    return said_;
  }

 private:
  void join() {
    if (thread_.joinable()) thread_.join();
    if (listener_ >= 0) ::close(std::exchange(listener_, -1));
  }
  void serve() {
    const int peer = ::accept(listener_, nullptr, nullptr);
    const auto answer = [peer](const std::string& text) {
      EXPECT_EQ(::send(peer, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
    };
    answer("220 here\r\n");
    std::string line;
    bool body = false;
    for (char c = 0; ::recv(peer, &c, 1, 0) == 1;) {
      line += c;
      if (!line.ends_with("\r\n")) continue;
      said_ += line;
      if (body) {
        if (line == ".\r\n") {
          body = false;
          answer("250 taken\r\n");
        }
      } else if (!refuse_.empty() && line.starts_with(refuse_)) {
        answer(with_);
      } else if (line.starts_with("DATA")) {
        body = true;
        answer("354 go on\r\n");
      } else {
        answer(line.starts_with("QUIT") ? "221 bye\r\n" : "250 fine\r\n");
        if (line.starts_with("QUIT")) break;
      }
      line.clear();
    }
    ::close(peer);
  }

  std::string refuse_, with_, said_;
  int listener_ = -1;
  unsigned port_ = 0;
  std::thread thread_;
};

const Mail mail = {"hub@example.com",
                   {"it@example.com", "ops@example.com"},
                   "汇流：ERP 已暂停",
                   "正文\n第二行\n",
                   "alert-1@huiliu"};

TEST(Mail, ArrivesWhole) {
  SmtpServer server;
  const auto sent = send_mail({server.url(), "", ""}, mail, 1'800'000'000'000'000);
  ASSERT_TRUE(sent.ok()) << sent.error().text();
  const std::string said = server.finish();
  EXPECT_THAT(said, HasSubstr("MAIL FROM:<hub@example.com>"));
  EXPECT_THAT(said, HasSubstr("RCPT TO:<it@example.com>"));
  EXPECT_THAT(said, HasSubstr("RCPT TO:<ops@example.com>"));
  EXPECT_THAT(said, HasSubstr("Subject: =?UTF-8?B?"));
  EXPECT_THAT(said, HasSubstr("Date: Fri, 15 Jan 2027 08:00:00 +0000"));
  EXPECT_THAT(said, HasSubstr("5q2j5paHCuesrOS6jOihjAo=")) << "the text";
}

TEST(Mail, SaysWhyNot) {
  SmtpServer refuses("RCPT");
  const auto refused = send_mail({refuses.url(), "", ""}, mail, 0);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().error_class, model::ErrorClass::config) << refused.error().text();
  SmtpServer later("MAIL", "451 try later\r\n");
  const auto busy = send_mail({later.url(), "", ""}, mail, 0);
  ASSERT_FALSE(busy.ok());
  EXPECT_EQ(busy.error().error_class, model::ErrorClass::retry);
  const auto nobody = send_mail({"smtp://127.0.0.1:1", "hub", "geheim"}, mail, 0);
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().text().find("geheim"), std::string::npos);
  // A password needs TLS, which this server does not speak.
  SmtpServer plain;
  const auto unsafe = send_mail({plain.url(), "hub", "geheim"}, mail, 0);
  EXPECT_FALSE(unsafe.ok());
  EXPECT_EQ(plain.finish().find("AUTH"), std::string::npos);
}

TEST(Mail, NoHeaderIsSmuggledIn) {
  Mail evil = mail;
  evil.subject = "x\r\nBcc: thief@example.com";
  EXPECT_EQ(mail_text(evil, 0).find("\r\nBcc:"), std::string::npos);
  evil.subject = std::string(300, 'x') + "中文";
  const std::string text = mail_text(evil, 0);
  for (std::size_t at = 0, end = 0; (end = text.find("\r\n", at)) != std::string::npos; at = end + 2)
    EXPECT_LE(end - at, 998U);
}

TEST(AlertHook, IsSignedAsTheStandardSays) {
  // The published example of the Standard Webhooks specification.
  const auto signature =
      webhook_signature("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek",
                        1'614'265'330LL * model::second, "{\"test\": 2432232314}");
  ASSERT_TRUE(signature.ok());
  EXPECT_EQ(*signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_FALSE(webhook_signature("whsec_***", "id", 0, "").ok());
}

}  // namespace mail_test
}  // namespace huiliu::host
