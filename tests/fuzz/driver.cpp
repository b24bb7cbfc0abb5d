// fuzz_NAME [ROUNDS [SEED]]: runs the entry point on its seeds, on ROUNDS mutations of them, and on long
// inputs. The same arguments give the same inputs. An input that takes too long is reported and fails.
#include <ctime>
#include <exception>

#include "tests/fuzz/fuzz.hpp"
#include "tests/support/sanitized.hpp"
#include "tests/unit/normalize/support.hpp"

namespace {

using huiliu::normalize::Dice;

// Of processor time, for the longest input; a quadratic step takes minutes.
constexpr double kMostSeconds = 10;
constexpr std::size_t kLongInput = huiliu::tests::sanitized ? 100'000 : 1'000'000;

std::string mutated(Dice& dice, const std::vector<std::string>& seeds) {
  std::string text = dice.pick(seeds);
  for (std::size_t changes = 1 + dice.below(6); changes > 0; --changes) {
    const std::size_t at = dice.below(text.size() + 1);
    switch (dice.below(7)) {
      case 0:
        text.insert(at, 1, static_cast<char>(dice.below(256)));
        break;
      case 1:
        if (at < text.size()) text[at] = static_cast<char>(dice.below(256));
        break;
      case 2:
        text.erase(at, 1 + dice.below(4));
        break;
      case 3: {
        const std::string other = dice.pick(seeds);
        const std::size_t from = dice.below(other.size() + 1);
        text.insert(at, other.substr(from, dice.below(24)));
        break;
      }
      case 4:
        text.insert(at, text.substr(at, dice.below(16)));
        break;
      case 5:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << dice.below(8)));
        break;
      default:
        text.resize(at);
    }
  }
  return text;
}

double run(const std::string& text) {
  const std::clock_t start = std::clock();
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  } catch (const std::exception& error) {
    huiliu::fuzz::require(false, error.what(), text);
  }
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rounds = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  Dice dice(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 1);
  const auto seeds = huiliu::fuzz::seeds();
  double slowest = 0;
  for (const std::string& seed : seeds) run(seed);
  for (std::size_t round = 0; round < rounds; ++round) {
    const std::string text = mutated(dice, seeds);
    const double seconds = run(text);
    slowest = std::max(slowest, seconds);
    huiliu::fuzz::require(seconds < kMostSeconds, "bounded time", text);
  }
  for (const std::string& unit : huiliu::fuzz::long_units()) {
    std::string text;
    while (text.size() < kLongInput) text += unit;
    const double seconds = run(text);
    std::printf("%zu bytes of \"%.30s\": %.3f s\n", text.size(), unit.c_str(), seconds);
    huiliu::fuzz::require(seconds < kMostSeconds, "time in proportion to the input", unit);
  }
  std::printf("%zu inputs, slowest %.3f s\n", rounds, slowest);
  return 0;
}
