#include "plugins/wecom/src/wecom.hpp"

HUILIU_PLUGIN("wecom", "1.0.0", 0, wecom::WeCom);
