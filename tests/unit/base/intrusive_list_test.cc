#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "tests/support/assertion.h"

namespace rmq::base {
namespace {

struct Element : ListNode<Element> {
  explicit Element(char its_name) : name(its_name) {}
  char name;
};
using test::is_noticed;
using List = IntrusiveList<Element, Element>;

std::string names(List& list) {
  std::string text;
  for (Element* element = list.front(); element != nullptr; element = list.next_of(*element)) {
    text += element->name;
  }
  return text;
}

TEST(IntrusiveList, keeps_the_order_and_lets_elements_leave_from_anywhere) {
  Element a('a');
  Element b('b');
  Element c('c');
  List list;
  for (Element* element : {&a, &b, &c}) list.push_back(*element);
  EXPECT_EQ(names(list), "abc");
  b.unlink();
  b.unlink_if_linked();
  EXPECT_EQ(names(list), "ac");
  list.push_back(b);
  EXPECT_EQ(list.pop_front(), &a);
  EXPECT_EQ(names(list), "cb");
  c.unlink();
  b.unlink();
  EXPECT_TRUE(list.is_empty());
  EXPECT_EQ(list.pop_front(), nullptr);
}

TEST(IntrusiveList, notices_faults_of_its_users_before_they_damage_another_object) {
  EXPECT_TRUE(is_noticed([] {
    Element a('a');
    List list;
    list.push_back(a);
    list.push_back(a);
  })) << "in a list already";
  EXPECT_TRUE(is_noticed([] { Element('a').unlink(); })) << "in no list";
  EXPECT_TRUE(is_noticed([] {
    Element a('a');
    List list;
    list.next_of(a);
  })) << "in no list";
  EXPECT_TRUE(is_noticed([] {
    List list;
    auto a = std::make_unique<Element>('a');
    list.push_back(*a);
    a.reset();
  })) << "an element ends in a list";
  EXPECT_TRUE(is_noticed([] {
    Element a('a');
    List list;
    list.push_back(a);
  })) << "a list ends with an element";
}

}  // namespace
}  // namespace rmq::base
