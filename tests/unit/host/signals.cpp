// As in the programs: a peer that goes away is an error of the write, not a signal that ends the process.
#include <csignal>

namespace {
[[maybe_unused]] const auto ignored_sigpipe = std::signal(SIGPIPE, SIG_IGN);
}
