#include "sdk/twin/world_vocabulary.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <unordered_map>

namespace huiliu::twin {
namespace {

// province|city|code|area code|local digits|counties with their codes
constexpr std::string_view kCities[] = {
    "江苏省|苏州市|320500|0512|8|虎丘区320505 吴中区320506 相城区320507 姑苏区320508 吴江区320509 "
    "常熟市320581 张家港市320582 昆山市320583 太仓市320585",
    "江苏省|无锡市|320200|0510|8|锡山区320205 惠山区320206 滨湖区320211 梁溪区320213 新吴区320214 "
    "江阴市320281 宜兴市320282",
    "江苏省|常州市|320400|0519|8|天宁区320402 钟楼区320404 新北区320411 武进区320412 金坛区320413 "
    "溧阳市320481",
    "江苏省|南京市|320100|025|8|玄武区320102 秦淮区320104 建邺区320105 浦口区320111 栖霞区320113 "
    "雨花台区320114 江宁区320115",
    "江苏省|南通市|320600|0513|8|通州区320612 崇川区320613 海门区320614 启东市320681 如皋市320682 "
    "海安市320685",
    "江苏省|徐州市|320300|0516|8|鼓楼区320302 云龙区320303 泉山区320311 铜山区320312",
    "江苏省|盐城市|320900|0515|8|亭湖区320902 盐都区320903 大丰区320904",
    "江苏省|扬州市|321000|0514|8|广陵区321002 邗江区321003 江都区321012",
    "江苏省|镇江市|321100|0511|8|京口区321102 润州区321111 丹徒区321112 丹阳市321181",
    "江苏省|泰州市|321200|0523|8|海陵区321202 高港区321203 姜堰区321204",
    "浙江省|杭州市|330100|0571|8|上城区330102 拱墅区330105 西湖区330106 滨江区330108 萧山区330109 "
    "余杭区330110 临平区330113 钱塘区330114",
    "浙江省|宁波市|330200|0574|8|海曙区330203 江北区330205 北仑区330206 镇海区330211 鄞州区330212 "
    "奉化区330213 余姚市330281 慈溪市330282",
    "浙江省|温州市|330300|0577|8|鹿城区330302 龙湾区330303 瓯海区330304 瑞安市330381 乐清市330382",
    "浙江省|嘉兴市|330400|0573|8|南湖区330402 秀洲区330411 海宁市330481 平湖市330482 桐乡市330483",
    "浙江省|湖州市|330500|0572|7|吴兴区330502 南浔区330503",
    "浙江省|绍兴市|330600|0575|8|越城区330602 柯桥区330603 上虞区330604 诸暨市330681",
    "浙江省|金华市|330700|0579|8|婺城区330702 金东区330703 义乌市330782 永康市330784",
    "浙江省|台州市|331000|0576|8|椒江区331002 黄岩区331003 路桥区331004 温岭市331081",
    "上海市|上海市|310000|021|8|徐汇区310104 闵行区310112 宝山区310113 嘉定区310114 浦东新区310115 "
    "松江区310117 青浦区310118 奉贤区310120",
    "北京市|北京市|110000|010|8|朝阳区110105 丰台区110106 海淀区110108 通州区110112 顺义区110113 "
    "昌平区110114 大兴区110115",
    "天津市|天津市|120000|022|8|西青区120111 津南区120112 北辰区120113 武清区120114 滨海新区120116",
    "重庆市|重庆市|500000|023|8|江北区500105 沙坪坝区500106 九龙坡区500107 渝北区500112 巴南区500113",
    "广东省|广州市|440100|020|8|天河区440106 白云区440111 黄埔区440112 番禺区440113 花都区440114 "
    "南沙区440115",
    "广东省|深圳市|440300|0755|8|福田区440304 南山区440305 宝安区440306 龙岗区440307 龙华区440309 "
    "光明区440311",
    "广东省|佛山市|440600|0757|8|禅城区440604 南海区440605 顺德区440606 三水区440607",
    "广东省|东莞市|441900|0769|8|",
    "广东省|中山市|442000|0760|8|",
    "广东省|珠海市|440400|0756|7|香洲区440402 斗门区440403 金湾区440404",
    "广东省|惠州市|441300|0752|7|惠城区441302 惠阳区441303",
    "山东省|青岛市|370200|0532|8|市南区370202 市北区370203 黄岛区370211 崂山区370212 城阳区370214 "
    "即墨区370215",
    "山东省|济南市|370100|0531|8|历下区370102 市中区370103 槐荫区370104 历城区370112 章丘区370114",
    "山东省|烟台市|370600|0535|7|芝罘区370602 福山区370611 莱山区370613",
    "山东省|潍坊市|370700|0536|7|潍城区370702 奎文区370705 诸城市370782",
    "山东省|淄博市|370300|0533|7|张店区370303 临淄区370305",
    "安徽省|合肥市|340100|0551|8|瑶海区340102 庐阳区340103 蜀山区340104 包河区340111",
    "安徽省|芜湖市|340200|0553|7|镜湖区340202 鸠江区340207 弋江区340209",
    "湖北省|武汉市|420100|027|8|江岸区420102 江汉区420103 汉阳区420105 武昌区420106 洪山区420111 "
    "东西湖区420112 江夏区420115",
    "湖南省|长沙市|430100|0731|8|芙蓉区430102 天心区430103 岳麓区430104 开福区430105 雨花区430111 "
    "望城区430112",
    "河南省|郑州市|410100|0371|8|中原区410102 二七区410103 金水区410105 惠济区410108",
    "河南省|洛阳市|410300|0379|8|老城区410302 西工区410303 涧西区410305 洛龙区410311",
    "四川省|成都市|510100|028|8|锦江区510104 青羊区510105 金牛区510106 武侯区510107 成华区510108 "
    "龙泉驿区510112 双流区510116",
    "陕西省|西安市|610100|029|8|新城区610102 碑林区610103 莲湖区610104 未央区610112 雁塔区610113 "
    "长安区610116",
    "辽宁省|沈阳市|210100|024|8|和平区210102 沈河区210103 大东区210104 铁西区210106 浑南区210112",
    "辽宁省|大连市|210200|0411|8|中山区210202 西岗区210203 沙河口区210204 甘井子区210211",
    "黑龙江省|哈尔滨市|230100|0451|8|道里区230102 南岗区230103 香坊区230110",
    "吉林省|长春市|220100|0431|8|南关区220102 宽城区220103 朝阳区220104",
    "河北省|石家庄市|130100|0311|8|长安区130102 桥西区130104 新华区130105 裕华区130108",
    "河北省|唐山市|130200|0315|7|路南区130202 路北区130203 丰润区130208",
    "河北省|保定市|130600|0312|7|竞秀区130602 莲池区130606",
    "山西省|太原市|140100|0351|7|小店区140105 迎泽区140106 杏花岭区140107",
    "福建省|福州市|350100|0591|8|鼓楼区350102 台江区350103 仓山区350104 马尾区350105",
    "福建省|厦门市|350200|0592|7|思明区350203 海沧区350205 湖里区350206 集美区350211",
    "福建省|泉州市|350500|0595|8|鲤城区350502 丰泽区350503 晋江市350582 南安市350583",
    "江西省|南昌市|360100|0791|8|东湖区360102 西湖区360103 青山湖区360111",
    "广西壮族自治区|南宁市|450100|0771|7|兴宁区450102 青秀区450103 西乡塘区450107",
    "云南省|昆明市|530100|0871|8|五华区530102 盘龙区530103 官渡区530111",
    "贵州省|贵阳市|520100|0851|8|南明区520102 云岩区520103 花溪区520111",
    "甘肃省|兰州市|620100|0931|7|城关区620102 七里河区620103",
    "新疆维吾尔自治区|乌鲁木齐市|650100|0991|7|天山区650102 新市区650104",
    "海南省|海口市|460100|0898|8|秀英区460105 龙华区460106 美兰区460108",
    "内蒙古自治区|呼和浩特市|150100|0471|7|新城区150102 回民区150103 赛罕区150105",
};

// industry: trades
constexpr std::string_view kTrades[] = {
    "机械制造:精密机械 机械 机械制造 机械设备 重型机械 工程机械 纺织机械 包装机械 食品机械 农业机械 液压机械 "
    "起重设备 输送设备 自动化设备 智能装备 成套设备 数控机床 工业机器人 减速机 轴承 齿轮 紧固件 弹簧 模具 "
    "精密模具 刀具 量具 五金 五金制品 金属制品 铸造 锻造 钣金 焊接设备",
    "流体设备:阀门 泵业 流体控制 液压 气动 密封件 管件 管道设备 压缩机 真空设备 换热设备 水处理设备 过滤设备",
    "电气设备:电气 电器 电力设备 变压器 电机 电缆 线缆 开关设备 输配电设备 新能源 光伏科技 储能科技 照明 "
    "充电设备",
    "电子信息:电子 电子科技 电子元件 半导体 光电科技 仪器仪表 传感技术 自动化 通信设备 网络科技 信息技术 "
    "软件 智能科技 物联网科技 数据科技",
    "化工材料:化工 化学 新材料 高分子材料 塑料 塑业 橡胶 橡塑制品 涂料 树脂 复合材料 胶粘制品 精细化工 "
    "石化设备",
    "冶金建材:钢铁 钢管 铝业 铜业 不锈钢 特钢 建材 玻璃 陶瓷 耐火材料 钢结构 水泥制品",
    "汽车交通:汽车零部件 汽车配件 汽车电子 轮胎 船舶配件 轨道交通设备 摩托车配件 车业",
    "轻工纺织:纺织 纺织科技 服装 服饰 家具 家居 纸业 包装 包装制品 印刷 玩具 箱包 鞋业 工艺品",
    "食品农业:食品 饮料 粮油 农业科技 生物科技 饲料 茶业 酒业 水产",
    "医药健康:医疗器械 医药 药业 生物医药 健康科技 医疗科技",
    "建筑工程:建设工程 建筑工程 建筑安装 装饰工程 环境工程 环保科技 环保设备 园林绿化 机电工程 消防工程",
    "商贸物流:贸易 商贸 国际贸易 实业 物资 供应链 物流 国际物流 仓储 电子商务 进出口",
    "专业服务:科技 技术服务 企业管理 信息咨询 检测技术 认证服务 文化传播 广告 人力资源 投资管理 控股 "
    "工业设计",
};
constexpr std::string_view kShopTrades[] = {
    "批发零售:五金 建材 机电 电器 轴承 标准件 劳保用品 日用百货 文具 轮胎 电线电缆 水暖器材 刀具 液压配件 "
    "办公用品",
    "修理加工:机械加工 电机修理 模具加工 汽车维修 焊接加工",
};

constexpr std::string_view kBrandCharacters =
    "晟sheng 禾he 启qi 朔shuo 瀚han 澜lan 柏bai 铭ming 昉fang 锐rui 卓zhuo 茗ming 旭xu 烨ye 沐mu 驰chi "
    "珩heng 恒heng 泰tai "
    "瑞rui 祥xiang 嘉jia 盛sheng 鑫xin 源yuan 宏hong 博bo 远yuan 达da 通tong 腾teng 飞fei 翔xiang 鹏peng "
    "程cheng 凯kai 润run "
    "泽ze 丰feng 裕yu 昌chang 隆long 顺shun 永yong 安an 康kang 宁ning 和he 谐xie 信xin 诚cheng 德de 义yi "
    "仁ren 智zhi 慧hui "
    "明ming 亮liang 辉hui 耀yao 光guang 华hua 星xing 辰chen 宇yu 宙zhou 天tian 地di 海hai 洋yang 江jiang "
    "河he 湖hu 川chuan "
    "山shan 峰feng 岳yue 岩yan 石shi 林lin 森sen 木mu 松song 竹zhu 梅mei 兰lan 菊ju 荷he 莲lian 桂gui 枫feng "
    "桐tong 楠nan "
    "梓zi 榕rong 樱ying 金jin 银yin 铂bo 钰yu 锦jin 绣xiu 玉yu 璟jing 琦qi 琪qi 瑜yu 瑾jin 璞pu 珂ke 琅lang "
    "珀po 东dong "
    "南nan 西xi 北bei 中zhong 兴xing 旺wang 发fa 展zhan 创chuang 新xin 立li 建jian 业ye 成cheng 功gong "
    "胜sheng 利li 凌ling "
    "云yun 霄xiao 汉han 唐tang 秦qin 楚chu 燕yan 赵zhao 晋jin 豫yu 皖wan 浙zhe 闽min 粤yue 蜀shu 滇dian "
    "黔qian 辽liao 吉ji "
    "龙long 凤feng 麟lin 鹤he 鸿hong 雁yan 骏jun 骐qi 骥ji 驭yu 奔ben 跃yue 捷jie 迅xun 速su 畅chang 越yue "
    "超chao 群qun "
    "英ying 杰jie 俊jun 豪hao 雄xiong 伟wei 彦yan 斌bin 文wen 武wu 双shuang 全quan 百bai 千qian 万wan 亿yi "
    "富fu 贵gui 福fu "
    "禄lu 寿shou 喜xi 庆qing 平ping 乐le 欣xin 悦yue 怡yi 雅ya 致zhi 韵yun 尚shang 品pin 优you 佳jia 美mei "
    "善shan 真zhen "
    "正zheng 方fang 圆yuan 大da 力li 强qiang 劲jin 健jian 坚jian 固gu 稳wen 衡heng 均jun 元yuan 亨heng "
    "贞zhen 乾qian 坤kun "
    "震zhen 坎kan 离li 艮gen 兑dui 巽xun 清qing 澄cheng 淳chun 涵han 溪xi 润run 沣feng 泓hong 淼miao 洁jie "
    "涛tao 浩hao 瀛ying "
    "霖lin 雨yu 露lu 霜shuang 雪xue 虹hong 霞xia 晨chen 曦xi 晓xiao 昊hao 昱yu 晖hui 曜yao 朗lang 春chun "
    "夏xia 秋qiu 冬dong "
    "岚lan 屹yi 峻jun 崇chong 嵘rong 巍wei 赛sai 领ling 航hang 帆fan 舟zhou 舰jian 桥qiao 路lu 途tu 迈mai "
    "进jin 拓tuo 维wei "
    "网wang 联lian 合he 聚ju 众zhong 汇hui 集ji 同tong 共gong 融rong 惠hui 普pu 施shi 泉quan 晶jing 钧jun "
    "钛tai 锋feng 铠kai "
    "锟kun 镒yi 镁mei 钜ju 铄shuo 骁xiao 彤tong 丹dan 赤chi 橙cheng 绿lv 蓝lan 紫zi 墨mo 皓hao 素su 青qing "
    "苍cang 碧bi 翠cui "
    "萌meng 芯xin 苒ran 茂mao 荣rong 菁jing 蔚wei 蕴yun 薇wei 芮rui 芃peng 垚yao 尧yao 舜shun 禹yu 轩xuan "
    "辕yuan 弘hong 毅yi "
    "勤qin 俭jian 思si 源yuan 念nian 恩en 惟wei 慎shen 谦qian 诺nuo 谊yi 颂song 颖ying 颐yi 馨xin 骄jiao";

constexpr std::string_view kStreets =
    "金枫路 工业路 科技路 创业路 兴业路 建设路 人民路 中山路 解放路 和平路 长江路 黄河路 振兴路 发展大道 "
    "开发大道 迎宾大道 滨河路 "
    "珠江路 泰山路 华山路 昆仑路 太湖大道 钱塘路 学府路 文化路 文汇路 环城路 新华路 民生路 富强路 友谊路 "
    "光华路 星湖街 苏虹路 "
    "东环路 南环路 西环路 北环路 银河路 海棠路 梧桐路 丹桂路 玉兰路 香樟路 春晖路 朝阳路 晨光路 彩虹路 "
    "通达路 通江路 "
    "腾飞路 凤凰路 麒麟路 青龙路 双龙大道 石桥路 柳荫街 莲花路 桃源路 杏林街";
constexpr std::string_view kZones = "工业园区 高新区 经济开发区 科技园 产业园 工业集中区 创新产业园 物流园";

constexpr std::string_view kSurnames =
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 邓 冯 曹 彭 曾 肖 田 "
    "董 潘 袁 蔡 蒋 余 于 "
    "杜 叶 程 魏 苏 吕 丁 任 卢 姚 沈 钟 姜 崔 谭 陆 范 汪 廖 石 金 韦 贾 夏 付 方 邹 熊 白 孟 秦 邱 侯 江 "
    "尹 薛 闫 段 雷 龙 "
    "黎 史 陶 贺 毛 郝 顾 龚 邵 万 覃 武 钱 戴 严 莫 孔 向 汤 欧阳 上官 司马 诸葛 令狐 皇甫";
constexpr std::string_view kGivenCharacters =
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀 霞 平 刚 桂 英 华 玉 兰 红 建 国 文 辉 志 海 波 "
    "斌 宇 浩 然 欣 怡 "
    "子 涵 梓 轩 雨 泽 晨 曦 佳 琪 思 源 俊 豪 嘉 诚 婷 慧 玲 萍 燕 莉 雪 梅 琳 颖 倩 鹏 飞 龙 翔 峰 林 森 "
    "凯 旋 东 升 春 晓 "
    "阳 光 宏 亮 振 兴 家 荣 永 康 安 宁 立 新 学 成 德 义 少 卿 云 帆 清 瑶 钰 琦 昊 天";

constexpr std::string_view kPositions =
    "采购经理 采购主管 采购员 总经理 副总经理 厂长 设备主管 设备工程师 技术经理 工艺工程师 财务经理 会计 "
    "仓库主管 项目经理 生产经理 "
    "法定代表人 总监 文员";
constexpr std::string_view kDepartments = "采购部 设备部 技术部 生产部 财务部 总经办 工程部 仓储部 项目部";
constexpr std::string_view kDecisionRoles = "决策人 影响者 使用者 采购 财务";
constexpr std::string_view kLevels = "A B C";
constexpr std::string_view kSources = "展会 官网 转介绍 电话开发 老客户 代理商 招投标";
constexpr std::string_view kTerms = "月结30天 月结60天 月结90天 货到付款 款到发货 预付30%";
constexpr std::string_view kMobilePrefixes =
    "130 131 132 133 134 135 136 137 138 139 150 151 152 153 155 156 157 158 159 166 173 175 176 177 178 180 "
    "181 182 183 "
    "185 186 187 188 189 191 195 198 199";

// country|city|calling code|legal form|currency
constexpr std::string_view kForeignPlaces[] = {
    "DE|Bremen|+49|GmbH|EUR",         "DE|Kassel|+49|AG|EUR",
    "JP|Nagoya|+81|Co., Ltd.|JPY",    "US|Columbus, Ohio|+1|Inc.|USD",
    "US|Houston|+1|LLC|USD",          "GB|Leeds|+44|Limited|GBP",
    "IT|Brescia|+39|S.p.A.|EUR",      "FR|Lyon|+33|SAS|EUR",
    "KR|Incheon|+82|Co., Ltd.|KRW",   "VN|Hai Phong|+84|Co., Ltd.|VND",
    "TH|Chon Buri|+66|Co., Ltd.|THB", "HK|Kowloon|+852|Limited|HKD",
    "SG|Jurong|+65|Pte. Ltd.|SGD",    "NL|Eindhoven|+31|B.V.|EUR",
    "IN|Pune|+91|Pvt. Ltd.|INR",
};
constexpr std::string_view kForeignBrands =
    "Altenwerk Brennhof Caldera Dorvan Elmstad Falkenau Grovina Halvorsen Ixmoor Jorvale Kestrel Lindqvist "
    "Marvane Norvik "
    "Ostwall Penhale Quorndon Ravenna Seldorf Tarnow Ulmane Varosz Westmark Xandria Yarrow Zellmer Ardent "
    "Bluefern Corvin "
    "Darnley Evander Foxhall Garland Hartwin Ingmar Juniper Kolbach Larkin Merrow Neuberg";
constexpr std::string_view kForeignTrades =
    "Pumps Hydraulics Valves Bearings Machinery Automation Trading Marine Tooling Drives Seals Compressors "
    "Fluidtec Motion";

// Simplified and traditional, side by side.
constexpr std::string_view kTraditional =
    "苏蘇锡錫兴興绍紹台臺华華东東广廣云雲汉漢长長济濟烟煙潍濰芜蕪郑鄭阳陽庆慶岛島连連尔爾滨濱宁寧贵貴兰蘭乌烏"
    "鲁魯齐齊"
    "头頭顺順机機电電业業设設备備仪儀动動气氣传傳轴軸阀閥门門压壓铸鑄锻鍛钢鋼铁鐵铝鋁铜銅属屬胶膠纺紡织織缝縫"
    "针針无無"
    "线線缆纜网網络絡软軟术術数數据據贸貿实實发發进進饮飲药藥医醫疗療环環净淨护護园園艺藝农農种種养養饲飼饰飾"
    "装裝筑築"
    "劳勞务務运運输輸仓倉储儲链鏈车車辆輛轮輪检檢测測认認证證计計涂塗颜顏树樹纤纖维維纸紙张張标標签簽块塊龙龍"
    "凤鳳马馬"
    "飞飛腾騰跃躍达達远遠创創优優锐銳润潤泽澤丰豐庄莊义義礼禮诚誠诺諾谦謙谊誼颖穎颂頌韵韻绿綠蓝藍红紅银銀铂鉑"
    "钧鈞锋鋒"
    "锦錦镇鎮镒鎰钰鈺铭銘铠鎧镁鎂鸿鴻鹏鵬鹤鶴骏駿骐騏骥驥骁驍驰馳岚嵐岭嶺汇匯涛濤渊淵湾灣沣灃澜瀾烨燁焕煥灿燦"
    "炼煉炽熾"
    "恒恆悦悅宾賓宝寶宫宮尧堯执執扬揚时時晓曉晔曄显顯权權条條杰傑极極枢樞栋棟桥橋桦樺梦夢楼樓欧歐欢歡毕畢汤湯"
    "沪滬沟溝"
    "泾涇责責团團资資产產经經营營销銷厂廠总總处處区區县縣乡鄉号號层層减減齿齒紧緊弹彈锅鍋过過滤濾换換热熱变變"
    "开開关關"
    "输輸充充能能轨軌风風应應际際国國万萬亿億双雙众眾领領舰艦赛賽迈邁联聯圆圓坚堅劲勁稳穩健健离離兑兌晖暉屿嶼"
    "峥崢嵘嶸"
    "荣榮苍蒼莲蓮蕴蘊轩軒辕轅俭儉颐頤骄驕绣繡钛鈦钜鉅铄鑠晋晉闽閩辽遼湖湖轿轎丽麗陈陳刘劉杨楊黄黃赵趙吴吳孙"
    "孫";

std::vector<std::string_view> split_at(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<std::string_view> words(std::string_view text) { return split_at(text, ' '); }

City parse_city(std::string_view line) {
  const std::vector<std::string_view> parts = split_at(line, '|');
  City city{parts[0], parts[1], parts[2], parts[3], parts[4] == "7" ? 7 : 8, {}};
  if (parts.size() > 5)
    for (const std::string_view county : words(parts[5]))
      city.counties.push_back({county.substr(0, county.size() - 6), county.substr(county.size() - 6)});
  return city;
}

template <std::size_t N>
std::vector<Trade> parse_trades(const std::string_view (&lines)[N]) {
  std::vector<Trade> trades;
  for (const std::string_view line : lines) {
    const std::size_t colon = line.find(':');
    for (const std::string_view name : words(line.substr(colon + 1)))
      trades.push_back({name, line.substr(0, colon)});
  }
  return trades;
}

std::vector<BrandCharacter> parse_brand_characters() {
  std::vector<BrandCharacter> characters;
  std::unordered_map<std::string_view, bool> seen;
  for (const std::string_view entry : words(kBrandCharacters)) {
    const std::string_view text = entry.substr(0, 3);  // every one of them is three bytes of UTF-8
    if (seen.emplace(text, true).second) characters.push_back({text, entry.substr(3)});
  }
  return characters;
}

ForeignPlace parse_foreign_place(std::string_view line) {
  const std::vector<std::string_view> parts = split_at(line, '|');
  return {parts[0], parts[1], parts[2], parts[3], parts[4]};
}

Vocabulary make_vocabulary() {
  Vocabulary made;
  for (const std::string_view line : kCities) made.cities.push_back(parse_city(line));
  made.trades = parse_trades(kTrades);
  made.shop_trades = parse_trades(kShopTrades);
  made.brand_characters = parse_brand_characters();
  made.streets = words(kStreets);
  made.zones = words(kZones);
  made.surnames = words(kSurnames);
  made.given_characters = words(kGivenCharacters);
  made.positions = words(kPositions);
  made.departments = words(kDepartments);
  made.decision_roles = words(kDecisionRoles);
  made.levels = words(kLevels);
  made.sources = words(kSources);
  made.terms = words(kTerms);
  made.mobile_prefixes = words(kMobilePrefixes);
  for (const std::string_view line : kForeignPlaces) made.foreign_places.push_back(parse_foreign_place(line));
  made.foreign_brands = words(kForeignBrands);
  made.foreign_trades = words(kForeignTrades);
  return made;
}

}  // namespace

const Vocabulary& vocabulary() {
  static const Vocabulary made = make_vocabulary();
  return made;
}

std::string_view pinyin_of(std::string_view character) {
  static const auto table = [] {
    std::unordered_map<std::string_view, std::string_view> made;
    for (const BrandCharacter& entry : vocabulary().brand_characters) made[entry.text] = entry.pinyin;
    return made;
  }();
  const auto found = table.find(character);
  return found == table.end() ? std::string_view{} : found->second;
}

std::string_view traditional_of(std::string_view character) {
  static const auto table = [] {
    std::unordered_map<std::string_view, std::string_view> made;
    for (std::size_t i = 0; i + 6 <= kTraditional.size(); i += 6)
      made[kTraditional.substr(i, 3)] = kTraditional.substr(i + 3, 3);
    return made;
  }();
  const auto found = table.find(character);
  return found == table.end() ? character : found->second;
}

}  // namespace huiliu::twin
