#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <csignal>
#include <functional>
#include <iostream>

#include <sys/wait.h>
#include <unistd.h>

#include "sdk/twin/http_client.hpp"
#include "sdk/twin/twin.hpp"

namespace huiliu::twin {
namespace {

class BareTwin : public Twin {
 public:
  using Twin::Twin;
  HttpResponse handle(const HttpRequest&) override { return json_response("{}"); }
  void populate(const World& world) override {
    for (const SystemCustomer& customer : world.system("dingtalk").customers)
      load("customers", {{"id", std::to_string(customer.ordinal)}, {"name", customer.name}});
  }
  std::string key_of(std::string_view, const boost::json::object& body) const override {
    return std::string(body.at("id").as_string());
  }
};

const std::vector<VendorEntry> kVendors{
    {"bare", "dingtalk",
     [](const TwinOptions& options) -> std::unique_ptr<Twin> { return std::make_unique<BareTwin>(options); },
     [](const SystemCustomer& customer) {
       return std::vector<RecordName>{{"customers", std::to_string(customer.ordinal)}};
     },
     nullptr}};

int run(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "huiliu-twin");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  return twin_main(static_cast<int>(argv.size()), argv.data(), kVendors);
}

// The program in a child of its own, with its stdin and stdout in our hands.
class Child {
 public:
  explicit Child(const std::vector<std::string>& arguments) {
    int in[2], out[2];
    if (pipe(in) != 0 || pipe(out) != 0) throw std::runtime_error("pipe");
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
      _exit(run(arguments));
    }
    close(in[0]);
    close(out[1]);
    stdin_ = in[1];
    stdout_ = out[0];
  }
  ~Child() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close_stdin();
    close(stdout_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::string line() const {
    std::string text;
    char c = 0;
    while (read(stdout_, &c, 1) == 1 && c != '\n') text += c;
    return text;
  }
  void close_stdin() {
    if (stdin_ >= 0) close(stdin_);
    stdin_ = -1;
  }
  void send(int signal) const { kill(pid_, signal); }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int stdin_ = -1, stdout_ = -1;
};

TEST(TwinProgram, RefusesWrongUse) {
  // A program of one twin needs no --vendor.
  for (const std::vector<std::string>& wrong : {std::vector<std::string>{"--vendor"},
                                                {"--vendor", "nobody"},
                                                {"--vendor", "bare", "--port", "70000"},
                                                {"--vendor", "bare", "--generate", "x"},
                                                {"--vendor", "bare", "--data", "d", "--generate", "1"},
                                                {"--vendor", "bare", "--what", "1"},
                                                {"--vendor", "bare", "--quota-factor", "-1"}})
    EXPECT_EQ(run(wrong), 2);
  EXPECT_EQ(run({"--vendor", "bare", "--data", "/no/such/directory"}), 1);
  EXPECT_EQ(run({"--list"}), 0);
  EXPECT_EQ(run({"--help"}), 0);
}

TEST(TwinProgram, ServesUntilStdinCloses) {
  Child child({"--vendor=dingtalk", "--generate", "50", "--seed", "4", "--until-stdin-closes"});
  const boost::json::value ready = boost::json::parse(child.line());
  EXPECT_EQ(ready.at("vendor"), "bare");
  EXPECT_EQ(http_send({"GET", std::string(ready.at("url").as_string())}).status, 200);
  const std::string control(ready.at("control").as_string());
  const boost::json::value truth = boost::json::parse(http_send({"GET", control + "/truth"}).body);
  EXPECT_GE(truth.at("customers").as_array().size(), 14U);
  EXPECT_EQ(truth.at("customers").at(0).at("members").at(0).at("system"), "dingtalk");
  child.close_stdin();
  EXPECT_EQ(child.wait(), 0);
}

TEST(TwinProgram, EndsOnASignal) {
  for (const int signal : {SIGTERM, SIGINT}) {
    Child child({"--vendor", "bare"});
    EXPECT_NE(child.line(), "");
    child.send(signal);
    EXPECT_EQ(child.wait(), 0);
  }
}

}  // namespace
}  // namespace huiliu::twin
