// Every public function with what it must refuse: the documented code, a message that says
// something, out parameters empty, and no crash. The cases are in arguments/.
#include <fstream>
#include <set>

#include "tests/abi/arguments/cases.h"

namespace rmq::test::abi {
namespace {

const CaseTable& all_cases() {
  static const CaseTable all = [] {
    CaseTable joined;
    for (const CaseTable* part :
         {&kConfigCases, &kRuntimeCases, &kMessageCases, &kProducerCases, &kPushConsumerCases}) {
      joined.insert(part->begin(), part->end());
    }
    return joined;
  }();
  return all;
}

TEST(Arguments, of_every_listed_function_have_a_case) {
  std::ifstream file(RMQ_SYMBOLS_FILE);
  std::set<std::string> listed;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("rmq_", 0) == 0) listed.insert(line.substr(0, line.find(' ')));
  }
  ASSERT_FALSE(listed.empty());
  for (const std::string& name : listed) EXPECT_TRUE(all_cases().contains(name)) << name;
  for (const auto& [name, run] : all_cases()) EXPECT_TRUE(listed.contains(name)) << name;
}

TEST(Arguments, that_are_wrong_are_refused_with_code_and_message) {
  for (const auto& [name, run] : all_cases()) {
    SCOPED_TRACE(name);
    Arguments arguments;
    run(arguments);
  }
}

}  // namespace
}  // namespace rmq::test::abi
