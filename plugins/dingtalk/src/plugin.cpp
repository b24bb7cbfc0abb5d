#include "plugins/dingtalk/src/dingtalk.hpp"

HUILIU_PLUGIN("dingtalk", "1.0.0", /* lowest host minor */ 0, dingtalk::DingTalk);
