// Words of company names: legal forms with their class, branch tails, trade words, and the few brands and place names that
// the rules would read wrongly.
// Source: by hand, after the regulations on enterprise names and public registers.
#include "hub/normalize/data/tables.hpp"

namespace huiliu::normalize::data {

// Longest match from the end. Brackets are left out: 合伙企业（有限合伙） is 合伙企业有限合伙 here.
const char kLegalForms[] = R"~(
有限责任公司:limited 有限公司:limited 责任有限公司:limited 有限责任:limited 有限:limited 公司有限:limited 有限公:limited 有限责公司:limited
有限责任股份公司:joint_stock 股份有限公司:joint_stock 股份公司:joint_stock 股份有限责任公司:joint_stock 股份有限:joint_stock 股份:joint_stock
有限股份公司:joint_stock
合伙企业有限合伙:partnership 合伙企业普通合伙:partnership 合伙企业特殊普通合伙:partnership 合伙企业:partnership 有限合伙企业:partnership
普通合伙企业:partnership 有限合伙:partnership 普通合伙:partnership 特殊普通合伙:partnership 中心有限合伙:partnership 中心普通合伙:partnership
事务所有限合伙:partnership 事务所普通合伙:partnership 事务所特殊普通合伙:partnership
农民专业合作社联合社:cooperative 专业合作社联合社:cooperative 农民专业合作社:cooperative 专业合作社:cooperative 股份合作社:cooperative
经济合作社:cooperative 土地股份合作社:cooperative 供销合作社:cooperative 合作联社:cooperative 合作社:cooperative 信用社:cooperative
农村信用合作联社:cooperative 信用合作联社:cooperative 信用合作社:cooperative 联社:cooperative 联合社:cooperative 供销社:cooperative
总公司:enterprise 公司:enterprise 总厂:enterprise 分厂:enterprise 厂:enterprise 矿:enterprise 场:enterprise 企业:enterprise 工厂:enterprise
加工厂:enterprise 农场:enterprise 林场:enterprise 牧场:enterprise 养殖场:enterprise 种植场:enterprise 渔场:enterprise 茶场:enterprise
苗圃:enterprise 养殖户:enterprise 种植园:enterprise 果园:enterprise 家庭农场:enterprise 煤矿:enterprise 砖厂:enterprise 停车场:enterprise
市场:enterprise 批发市场:enterprise 商场:enterprise 百货商场:enterprise 游乐场:enterprise 加油站:enterprise 电站:enterprise 水电站:enterprise
电厂:enterprise 石场:enterprise 采石场:enterprise 砂场:enterprise 料场:enterprise 货场:enterprise 印刷厂:enterprise
医院:institution 学校:institution 大学:institution 学院:institution 研究院:institution 研究所:institution 委员会:institution 局:institution
厅:institution 中心:institution 协会:institution 学会:institution 商会:institution 基金会:institution 工会:institution 事务所:institution
居委会:institution 村委会:institution 村民委员会:institution 居民委员会:institution 中学:institution 小学:institution 幼儿园:institution
人民医院:institution 卫生院:institution 卫生室:institution 诊所:institution 门诊部:institution 培训中心:institution 服务中心:institution
管理委员会:institution 管委会:institution 人民政府:institution 政府:institution 出版社:institution 杂志社:institution 报社:institution
电视台:institution 博物馆:institution 图书馆:institution 纪念馆:institution 设计院:institution 勘察院:institution 测绘院:institution
科学院:institution 农科院:institution 技术学院:institution 职业学院:institution 职业技术学院:institution 联合会:institution
促进会:institution 俱乐部:institution 福利院:institution 敬老院:institution 养老院:institution 律师事务所:institution
会计师事务所:institution 税务师事务所:institution 管理局:institution 管理处:institution 管理所:institution 管理站:institution
服务站:institution 服务社:institution 财政局:institution 税务局:institution 公安局:institution 法院:institution 检察院:institution
代表处:representative 办事处:representative 联络处:representative 驻京办:representative
商店:sole_trader 商行:sole_trader 经营部:sole_trader 门市部:sole_trader 超市:sole_trader 饭店:sole_trader 餐厅:sole_trader 酒楼:sole_trader
面馆:sole_trader 药房:sole_trader 大药房:sole_trader 药店:sole_trader 理发店:sole_trader 工作室:sole_trader 店:sole_trader 部:sole_trader
行:sole_trader 坊:sole_trader 铺:sole_trader 铺子:sole_trader 馆:sole_trader 社:sole_trader 档:sole_trader 摊:sole_trader 吧:sole_trader
便利店:sole_trader 专卖店:sole_trader 专营店:sole_trader 旗舰店:sole_trader 直营店:sole_trader 加盟店:sole_trader 体验店:sole_trader
连锁店:sole_trader 分店:sole_trader 总店:sole_trader 零售店:sole_trader 小吃店:sole_trader 小卖部:sole_trader 小卖店:sole_trader
批发部:sole_trader 销售部:sole_trader 经销部:sole_trader 经销处:sole_trader 经销店:sole_trader 经营店:sole_trader 营业部:sole_trader
服务部:sole_trader 维修部:sole_trader 修理部:sole_trader 加工部:sole_trader 加工坊:sole_trader 加工店:sole_trader 综合门市:sole_trader
门市:sole_trader 批发商行:sole_trader 贸易商行:sole_trader 贸易行:sole_trader 商贸行:sole_trader 商贸店:sole_trader 百货店:sole_trader
百货商行:sole_trader 百货行:sole_trader 百货超市:sole_trader 生活超市:sole_trader 购物中心:sole_trader 酒店:sole_trader 宾馆:sole_trader
旅馆:sole_trader 旅社:sole_trader 旅行社:sole_trader 客栈:sole_trader 民宿:sole_trader 招待所:sole_trader 公寓:sole_trader 会所:sole_trader
养生馆:sole_trader 生活馆:sole_trader 美容院:sole_trader 美发店:sole_trader 美容店:sole_trader 美甲店:sole_trader 发廊:sole_trader
造型店:sole_trader 书店:sole_trader 书屋:sole_trader 书社:sole_trader 画室:sole_trader 画廊:sole_trader 影楼:sole_trader 照相馆:sole_trader
摄影店:sole_trader 网吧:sole_trader 网店:sole_trader 网咖:sole_trader 茶馆:sole_trader 茶楼:sole_trader 茶庄:sole_trader 茶行:sole_trader
茶社:sole_trader 茶室:sole_trader 酒庄:sole_trader 酒行:sole_trader 酒坊:sole_trader 酒家:sole_trader 酒吧:sole_trader 烟酒店:sole_trader
烟酒行:sole_trader 饭馆:sole_trader 饭庄:sole_trader 餐馆:sole_trader 餐饮店:sole_trader 快餐店:sole_trader 火锅店:sole_trader
烧烤店:sole_trader 面店:sole_trader 粉店:sole_trader 粥店:sole_trader 早餐店:sole_trader 奶茶店:sole_trader 咖啡店:sole_trader
咖啡馆:sole_trader 咖啡厅:sole_trader 甜品店:sole_trader 蛋糕店:sole_trader 面包店:sole_trader 食府:sole_trader 食堂:sole_trader
农家乐:sole_trader 农庄:sole_trader 山庄:sole_trader 度假村:sole_trader 花店:sole_trader 鲜花店:sole_trader 花坊:sole_trader 花艺:sole_trader
水果店:sole_trader 水果行:sole_trader 果行:sole_trader 果店:sole_trader 水果摊:sole_trader 蔬菜店:sole_trader 粮油店:sole_trader
副食店:sole_trader 副食超市:sole_trader 副食门市部:sole_trader 副食商店:sole_trader 食品店:sole_trader 食品商店:sole_trader
食品商行:sole_trader 熟食店:sole_trader 肉店:sole_trader 水产行:sole_trader 海鲜行:sole_trader 特产店:sole_trader 土特产店:sole_trader
农特产店:sole_trader 农产品店:sole_trader 农副产品店:sole_trader 农资店:sole_trader 服装店:sole_trader 服饰店:sole_trader
服装商行:sole_trader 童装店:sole_trader 鞋店:sole_trader 鞋行:sole_trader 鞋城:sole_trader 布行:sole_trader 布店:sole_trader 窗帘店:sole_trader
家纺店:sole_trader 家具店:sole_trader 家具城:sole_trader 家居馆:sole_trader 家电店:sole_trader 电器店:sole_trader 电器行:sole_trader
手机店:sole_trader 通讯店:sole_trader 电脑店:sole_trader 数码店:sole_trader 眼镜店:sole_trader 钟表店:sole_trader 珠宝店:sole_trader
珠宝行:sole_trader 珠宝商行:sole_trader 珠宝专柜:sole_trader 珠宝柜:sole_trader 饰品店:sole_trader 礼品店:sole_trader 精品店:sole_trader
精品行:sole_trader 玩具店:sole_trader 文具店:sole_trader 母婴店:sole_trader 化妆品店:sole_trader 用品店:sole_trader 百货商店:sole_trader
小百货店:sole_trader 日用百货店:sole_trader 五金店:sole_trader 五金行:sole_trader 五金商行:sole_trader 五金商店:sole_trader 五金厂:enterprise
建材店:sole_trader 建材行:sole_trader 建材商行:sole_trader 灯饰店:sole_trader 灯具店:sole_trader 门窗店:sole_trader 车行:sole_trader
汽修厂:enterprise 汽车修理厂:enterprise 汽修店:sole_trader 汽配店:sole_trader 汽车美容店:sole_trader 洗车店:sole_trader 洗车行:sole_trader
轮胎店:sole_trader 维修店:sole_trader 维修中心:sole_trader 洗衣店:sole_trader 干洗店:sole_trader 宠物店:sole_trader 图文店:sole_trader
打印店:sole_trader 广告店:sole_trader 琴行:sole_trader 健身房:sole_trader 棋牌室:sole_trader 台球厅:sole_trader 歌舞厅:sole_trader
专柜:sole_trader 授权专营店:sole_trader 淘宝店:sole_trader 超市店:sole_trader 图书店:sole_trader 艺术馆:sole_trader 艺术行:sole_trader
回收站:sole_trader 回收店:sole_trader 物资部:sole_trader 材料部:sole_trader 经营处:sole_trader 供应站:sole_trader 批发站:sole_trader
中药店:sole_trader 诊所店:sole_trader 推拿店:sole_trader 按摩店:sole_trader 足浴店:sole_trader 足浴城:sole_trader 浴室:sole_trader 浴池:sole_trader
企业社:sole_trader 行号:sole_trader 无限公司:enterprise 两合公司:enterprise 集团:group
)~";

const char kBranchTails[] = R"~(
分公司 支公司 分行 支行 营业部 办事处 代表处 分店 分厂 分院 分校 项目部 经营部 服务部 门市部 储蓄所 分理处 营业厅 营业所 营业厅 分部 分社 分中心
分所 分局 工程部 销售部 生产基地 分厂 联络处 工程处 管理部 中心支公司 分公司营业部 支公司营业部 证券营业部 营销服务部 项目经理部 子公司
)~";

// Read from the end of the name, greedily, as long as two characters are left for the brand.
const char kTradeWords[] = R"~(
科技 高科技 高科 新技术 高新技术 技术 信息 资讯 信息化 网络 互联网 互联 物联网 物联 移动互联 云计算 大数据 数据 数字 数码 智能 智能化 人工智能 自动化 软件 系统 集成 计算机
电脑 电子 微电子 电商 跨境 通信 通讯 移动通信 电信 卫星 导航 半导体 集成电路 芯片 光电 光电子 光学 光纤 光缆 光伏 激光 传感 传感器 仪器 仪表 测控 测量 检测 检验 计量 认证
监测 测试 试验 实验 实验室 分析 科学 科研 研究 研发 开发 创新 创意 孵化 孵化器 设计 制造 制作 生产 加工 装配 安装 维修 维护 修理 检修 维保 修缮 改造 施工 工程 建设 建筑
建工 建安 建材 新型建材 装饰 装修 装潢 幕墙 防水 防腐 保温 防火 消防 安防 安全 保安 安保 监控 市政 公路 路桥 桥梁 隧道 铁路 轨道 交通 水利 水电 电力 电气 电器 供电 供水
供热 热力 燃气 天然气 液化气 自来水 给排水 水务 污水处理 水处理 净水 净化 净水器 环保 环境 环境保护 环卫 生态 节能 低碳 新能源 能源 太阳能 风电 风能 核电 水能 发电 电源
电池 锂电 锂电池 充电桩 储能 电机 微电机 电动 电动车 变压器 开关 电缆 线缆 电线 电路 电路板 线路板 元件 元器件 零件 零部件 部件 配件 组件 模块 模组 连接器 继电器 电容 电阻
显示 显示屏 照明 灯饰 灯具 灯光 led 音响 音视频 视听 影音 影像 影视 影业 电影 电视 广播 传媒 文化 传播 广告 会展 展览 展示 策划 营销 品牌 公关 公共关系 礼仪 庆典 婚庆
婚礼 演艺 演出 经纪 艺术 美术 动漫 动画 游戏 音乐 舞蹈 摄影 摄像 图文 印刷 印务 彩印 包装 纸业 纸品 纸制品 造纸 纸箱 出版 发行 图书 书刊 文具 文体 办公 教育 培训 留学
出国 幼教 早教 托育 职业 技能 人才 人力 劳务 派遣 外包 猎头 家政 保洁 清洁 清洗 保姆 养老 养生 健康 大健康 医疗 器械 医药 药业 制药 中药 中药材 药材 医学 生物 生化 基因
诊断 试剂 康复 保健 保健品 口腔 美容 美发 美业 美妆 化妆品 日化 护肤 护理 体育 健身 运动 户外 旅游 旅行 旅行社 酒店 宾馆 度假 民宿 景区 餐饮 饮食 食品 粮油 粮食 米业
面业 面粉 油脂 食用油 调味品 饮料 饮品 乳业 乳品 酒业 酒类 白酒 葡萄酒 啤酒 酿酒 酿造 茶业 茶叶 茶文化 咖啡 水产 水产品 海产品 海鲜 渔业 肉类 肉制品 肉联 禽业 禽蛋 蛋品
果业 果品 水果 果蔬 蔬菜 农产品 农副产品 副食 副食品 特产 土特产 干果 炒货 糖业 糖酒 烟草 盐业 生鲜 冷链 冷冻 冷藏 制冷 空调 暖通 冷暖 通风 设备 机电 机械 机床 机器
机器人 装备 重工 重型 重机 精密 精工 五金 工具 刀具 量具 模具 工模具 模塑 冲压 铸造 铸件 锻造 锻压 热处理 表面处理 电镀 涂装 喷涂 焊接 焊割 数控 液压 气动 传动 轴承 齿轮
链条 阀门 泵业 水泵 泵 管业 管道 管材 管件 钢管 钢铁 钢材 特钢 钢构 钢结构 不锈钢 金属 有色金属 贵金属 铝业 铝材 铝合金 铜业 铜材 合金 稀土 矿业 矿产 煤业 煤炭 煤化工
石油 石化 油田 石材 石业 陶瓷 瓷业 卫浴 洁具 玻璃 水泥 混凝土 商砼 砂石 砂浆 涂料 油漆 化工 化学 精细化工 化肥 肥业 肥料 农药 农化 塑料 塑胶 塑业 橡胶 橡塑 树脂 高分子
复合材料 新材料 材料 硅业 硅胶 胶粘 胶带 薄膜 纤维 化纤 玻纤 纺织 纺织品 针织 织造 印染 染整 服装 服饰 制衣 时装 童装 女装 男装 内衣 羽绒 家纺 床上用品 鞋业 鞋服 鞋材
皮革 皮具 皮草 箱包 手袋 饰品 首饰 珠宝 黄金 玉器 工艺 工艺品 礼品 玩具 乐器 钟表 表业 眼镜 家具 家俱 家居 家私 木业 木制品 木材 板材 板业 地板 地毯 门业 门窗 窗业 布艺
窗帘 床垫 寝具 卫生 日用品 用品 母婴 儿童 孕婴 宠物 家电 厨具 厨卫 电梯 起重 叉车 锅炉 压力容器 容器 压缩机 风机 水暖 农机 农业 农牧 农林 农资 农贸 畜牧 畜禽 牧业 养殖
种植 种养殖 种养 种业 种子 种苗 苗木 花卉 园林 景观 绿化 园艺 林业 饲料 兽药 动物 动保 贸易 国际贸易 商贸 经贸 工贸 科贸 外贸 进出口 进口 出口 国贸 商业 商务 百货 超市
零售 批发 购物 连锁 实业 产业 企业 工业 发展 集团 控股 投资 创业投资 创投 风险投资 股权 基金 资本 资产 财富管理 证券 期货 信托 保险 财产保险 人寿保险 担保 融资 租赁 典当
拍卖 小额贷款 小贷 保理 银行 支付 金融 理财 财务 财税 税务 会计 审计 评估 咨询 顾问 管理 服务 物业 房地产 房产 房屋 地产 置业 置地 土地 不动产 住宅 楼宇 招标 招投标 造价
监理 勘测 勘察 勘探 测绘 规划 知识产权 专利 商标 法律 法务 律师 翻译 物流 物流园 货运 货代 运输 客运 公交 出租车 航运 海运 船舶 船务 船业 港口 港务 航空 航天 机场 仓储
储运 配送 快递 快运 速递 速运 搬家 搬运 装卸 供应链 供应 汽车 汽贸 汽配 汽修 车业 车辆 摩托车 自行车 轮胎 二手车 石英 化玻 医院管理 代理 中介 置换 再生 资源 回收 物资
废旧物资 物产 国际 娱乐 休闲 俱乐部 文娱 文旅 文创 文化交流 空间 众创 运营 经营 营运 市场 推广 销售 经销 专卖 直销 采购 招商 招聘 票务 商旅 签证 家庭 社区 城市 乡村 农家
综合 基础设施 设施 配套 项目 造型 形象设计 平面设计 产品 制品 器材 耗材 原料 辅料 助剂 添加剂 润滑油 燃料 油品 加油 气体 粉末 磁业 磁性材料 磁材 电磁 电声 电热 电控 控制
工控 生命科学 生命科技 心理 婚姻 交友 网吧 网咖 上网服务 增值电信 呼叫中心 客服 搅拌 预拌混凝土 预制 构件 模板 脚手架 爆破 拆除 土石方 地基基础 岩土 基础工程 桩基 钻探 矿山
选矿 冶金 冶炼 炉料 耐火材料 焦化 炭素 石墨 碳素 活性炭 水晶 玉石 珍珠 古玩 字画 收藏 文物 雕塑 雕刻 木雕 根雕 红木 竹业 竹木 藤业 棉业 棉麻 丝绸 丝业 麻业 毛纺 纱线
布业 无纺布 快捷酒店 大酒店 火锅 烧烤 小吃 快餐 糕点 烘焙 面包 糖果 方便食品 速冻食品 豆制品 调料 香料 香精 添加 水饮料 矿泉水 纯净水 饮用水 桶装水 制罐 制盖 印铁 瓶盖 标签
不干胶 标识 标牌 展具 货架 展柜 道具 舞台 教学设备 教学仪器 科教 科普 校园 校服 文教 赛事 竞技 电竞 网游 手游 直播 短视频 自媒体 新媒体 融媒体 云科技 区块链 虚拟现实 无人机
航模 模型 遥感 北斗 微波 射频 天线 雷达 军工 国防 警用 特种 专用设备 专用车 专用汽车 成套 输变电 输配电 配电 高低压 风力发电 水力发电 热电 热能 地热 供暖 采暖 暖气 冷气
洗涤 洗衣 干洗 洗化 消毒 杀虫 有害生物防治 防治 植保 病虫 气象 地质 海洋 疏浚 航道 水运 内河 船员 报关 保税 免税 手机 智慧 餐具 厨房 家饰 软装 墙纸 壁纸 墙布 集成墙面
吊顶 橱柜 衣柜 全屋定制 定制 整木 木门 防盗门 锁业 锁具 智能锁 拉链 纽扣 线业 花边 绣品 刺绣 帽业 手套 袜业 伞业 打火机 制笔 电筒 炊具 搪瓷 陶艺 紧固件 标准件 弹簧 密封件
密封 总承包 养护 路面 沥青 停车 停车场 驾驶培训 驾驶员培训 驾校 机动车 洗车 代驾 网约车 救援 道路 危险品 彩色印刷 纸塑 发泡 泡沫 海绵 保温板 彩钢 彩板 活动房 集装箱 门市
会务 会议 影院 影城 院线 唱片 音像 票据 印章 档案 文件 速记 商账 征信 信用 大宗商品 商品 交易 交易中心 商场 商城 广场 园区 产业园 工业园 科技园 开发区 国有资产 城建 城投
交投 建投 旅投 水投 土地整理 现代农业 固废 危废 垃圾处理 废弃物 废物 处理 治理 修复 土壤修复 车险 卫材 敷料 义齿 假肢 助听器 医用 药品 零售药店 大药房连锁 中医药 中医 国医
针灸 推拿 按摩 足浴 足疗 沐足 水疗 温泉 洗浴 桑拿 ktv 量贩 歌舞 酒吧 茶艺 棋牌 桌游 垂钓 马术 高尔夫 游泳 滑雪 攀岩 武术 跆拳道 瑜伽 水上 游乐 游艺 益智 卡通 科幻
主题公园 公园 乐园 煤气 液化石油气 油服 钻采 钻井 采油 煤矿机械 烟酒 酒水 名酒 营养 冷饮 冰淇淋 花木 花艺 鲜花 盆景 绿植 草业 草坪 菌业 食用菌 蜂业 蜂产品 蚕业 蚕丝 桑蚕
茧丝绸 蛋业 奶业 牛业 羊业 猪业 生猪 蛋鸡 肉鸡 肉牛 屠宰 家禽 孵化场 棉被 印业 铁塔 兰花 动力 天然 水生 渔具 渔网 兽医 宠物医院 开锁 清洗剂 分离 吊车 洗车机 会展中心
锂业 锌业 钛业 镍业 钨业 钼业 镁业 锰业 钢业 铁业 电业 水业 砂业 窑业 砖业 瓦业 轮业 机业 阀业 灯业 缆业 箱业 袋业 胶业 漆业 烟业 粮业 油业 肉业 鱼业
虾业 菜业 花业 衣业 服业 革业 皮业 毛业 绒业 床业 金业 银业 旅业 餐业 食业 饼业 饰业 陶业 玻业 锂能 光能 视像 调味 新药 电工 电力电子 绿能 重科 事业 生活用品 生活服务 家居生活
通用机械 通用设备 会计师 土建 土木 生物质 土特产品 传动轴 渣土 货物 大米 别墅 中央空调 饮片 售后 地理 地铁 脱硫 除尘 脱硝 防护 水净化 水稻 琴行 机具 附件 画册设计 社会保险
商贸城 塑化 网站 跑道 酒坊 塔吊 展馆 托管 散热器 散热 煤电 彩票 公共交通 公共设施 公共汽车 公用事业 公用 硬质合金 镭射 轮轴 驱动 干货 平价超市 陵园 扶贫开发 艺术品 白水泥
宣传 长途 活动策划 庆典活动 二手 美体 窑炉 隔音 颜料 农村 鲜果 废料 废水 股票 计算 钢制品 钢圈 钢琴 室内 交通事故 产权 骨科 亮化 邮政 邮电 皮鞋 新型材料 记账 劳动服务 家用
喷塑 喷绘 油气 油轮 玻璃钢 器皿 设计院 检测仪 私募 寄卖 装饰品 拆装 出租 减排 监制 机组 绒毛 结构 高技术 高速公路 绝热材料 保险柜 烟具 代办 工业品 泥浆 零售网 零配件
对外贸易 绿色食品 报废汽车 地基 大棚 温室 图书网 疏通 繁育 育种 良种 种猪 整形 眼科 牙科 齿科 护肤品 日用 粮贸 棉花 足球 篮球 羽毛球 培训学校 后勤 食品配料 形象策划 交电
劳务分包 合同能源管理 纳米 高新材料 干细胞 免疫 疫苗 月子 月嫂 早教中心
)~";

const char kTradeWordsEnglish[] = R"~(
technology technologies tech technical science sciences scientific information network networks internet software hardware electronic electronics
electric electrical electricity energy power solar photovoltaic battery batteries semiconductor semiconductors microelectronics optical optics
optoelectronics communication communications telecom telecommunications digital data intelligent intelligence automation automatic automotive
automobile auto motor motors machinery machine machines mechanical equipment instrument instruments tool tools hardware metal metals steel iron
aluminium aluminum copper mining mineral minerals chemical chemicals chemistry petrochemical petroleum oil gas material materials plastic
plastics rubber glass ceramic ceramics paper packaging printing textile textiles garment garments clothing apparel fashion shoes footwear leather
furniture home household toy toys gift gifts jewelry jewellery watch food foods beverage beverages tea coffee wine dairy agriculture agricultural
biotech biotechnology bio biological biomedical medical medicine medicines pharmaceutical pharmaceuticals pharma health healthcare hospital
cosmetics trade trading import export international commerce commercial business consulting consultants consultancy management investment
investments holdings holding capital fund financial finance bank banking insurance securities leasing logistics supply chain transportation
transport shipping express freight forwarding aviation airlines airline marine environmental environment ecology engineering construction building
decoration design architecture architectural estate property properties real development industrial industry industries manufacturing manufacture
manufacturer products product enterprise enterprises service services media culture cultural advertising film entertainment games game education
educational training sports travel tourism hotel hotels catering restaurant e-commerce ecommerce system systems solutions solution group lighting
laser precision mold mould moulds packing water fire security safety laboratory laboratories research
)~";

// Brands that begin with a division or end in a trade word, where registers and people agree on the whole.
const char kBrandPhrases[] = R"~(
宁德时代 北京现代 上海滩 海南航空 海底捞 中国平安 中国人寿 中国移动 中国联通 中国电信 中国石化 中国石油 中国海油 中国银行 中国工商银行 中国农业银行 中国建设银行
中国中车 中国中铁 中国铁建 中国交建 中国建筑 中国电建 中国能建 中国邮政 中国国际航空 中国南方航空 中国东方航空 中国人民保险 中国太平洋保险 大疆创新 北方工业 南方电网
国家电网 国家能源 海康威视 京东方 科大讯飞 东方财富 东方雨虹 东方航空 南方航空 南方基金 平安银行 招商银行 招商证券 兴业银行 民生银行 光大银行 浦发银行 中信银行 华夏银行
交通银行 工商银行 建设银行 农业银行 邮政储蓄银行 广发银行 浙商银行 恒丰银行 渤海银行 网易有道 阳光保险 太平洋保险 中华联合 中华联合财产保险 中联重科
中国移动通信 中国联合网络通信 上海电气 东方电气 哈尔滨电气
)~";

// Short names of counties that are ordinary words or usual brands: no division unless their 县, 市, 区 is written.
const char kPlainWords[] = R"~(
七星 万全 万安 万山 万年 万源 万荣 万载 三元 三原 三台 三水 三河 三门 上思 上林 上犹 上街 上高 东丰 东丽 东光 东兴 东坡 东城 东安 东宝 东山 东平 东方 东昌 东明 东河
东洲 东海 东港 东湖 东源 东胜 东至 东风 中原 中宁 中山 中方 中江 中牟 中站 中阳 义安 乌兰 乐业 乐安 乐都 九原 九台 九龙 云和 云城 云安 云岩 云州 云梦 云溪 云阳 云霄
云龙 五华 五台 五河 五莲 仁化 仁和 仁寿 仁布 会东 会同 修文 光山 光明 光泽 八步 兰陵 共和 兴业 兴仁 兴和 兴国 兴安 兴宾 兴山 兴庆 兴文 兴海 兴隆 凌云 凤凰 凤城 凤山
凤泉 凤翔 前进 华坪 华宁 华安 华容 华龙 南关 南华 南和 南城 南山 南岸 南开 南明 南江 南沙 南浔 南湖 博望 博爱 友好 友谊 双塔 双峰 双桥 双流 双清 双湖 双滦 双阳 叠彩
吉安 吉州 吉水 同德 同心 同江 名山 向阳 吴中 吴兴 吴桥 吴江 吴起 和平 和静 和顺 和龙 咸安 商城 商都 嘉定 嘉祥 嘉禾 嘉荫 嘉鱼 团风 城东 城中 城关 城北 城口 城西 多伦
大东 大丰 大余 大关 大兴 大同 大名 大城 大姚 大宁 大安 大悟 大新 大方 大洼 大田 大祥 大英 大观 大足 大通 天元 天全 天宁 天山 天峻 天心 天柱 天桥 天河 天等 天长 天门
太和 太平 太康 太湖 太白 孝南 孝昌 宁化 宁强 宁明 宁晋  宁远 安图 安多 安宁 安平 安泽 安福 安达 安远 定兴 定南 定安 定日 定海 定襄 定边 定远 宝丰 宝兴 宝坻 宝塔
宝安 宝山 宝清 宣化 富宁 富平 富民 富源 富裕 富顺 小金 尚义 山丹 山亭 山阳 岳塘 岳池 岳西 岳阳 岳麓 崇义 崇仁 崇信 崇川 嵩明 平乐 平利 平原 平和 平安 平定 平昌 平远
平顺 广丰 广宁 广平 广昌 广河 广灵 广陵 康乐 康保 康平 康马 延长 建华 建始 建平 建水 开化 开原 开江 开福 开远 开阳 徐汇 德保 德兴 德安 德昌 德江 德钦 恒山 惠农 惠山
惠民 惠水 惠阳 成华 成安 成武 政和 文圣 文峰 文成 文昌 新丰 新乐 新兴 新华 新和 新城 新安 新建 新民 新河 新源 新邵 新龙 方城 方山 方正 无极 昌图 昌宁 昌平 昌江 明光
明山 明水 明溪 晋安 晋源 普兰 普安 普定 普格 景泰 望江 望花 朝阳 木兰 杨陵 桃城 桃山 桃江 梅县 梅江 正宁 正安 正阳 武侯 武功 武城 武宁 武宣 武强 武昌 武进 武陵 民丰
民乐 民勤 民权 永丰 永仁 永修 永兴 永吉 永和 永善 永安 永定 永寿 永川 永平 永年 永德 永新 永昌 永泰 永清 永登 永胜 永靖 永顺 汇川 汉南 汉台 汉寿 汉源 汉滨 汉阳 汉阴
江北 江南 江口 江城 江夏 江安 江山 江岸 江海 沈河 沙市 沙洋 沙雅 泰和 泰山 泰来 泽州 泽库 泽普 洪山 洪泽 洪雅 济阳 海兴 海原 海州 海晏 海曙 海沧 海港 海珠 海陵 涵江
清丰 清城 清徐 清新 清水 清河 清流 清涧 清苑 温泉 湖口 湖滨 湖里 湘桥 源城 源汇 滨城 滨江 滨海 滨湖 灯塔 灵宝 灵山 点军 牡丹 玉山 玉州 玉泉 玉门 珠山 珠晖 瑞昌 白云
白塔 白朗 白水 白河 白玉 相城 相山 石城 石峰 石泉 石龙 碧江 祥云 祥符 福安 福山 福泉 福海 福田 福绵 福贡 秀屿 秀峰 秀洲 秀英 竹山 竹溪 紫金 紫阳 红原 红塔 红山 红岗
红旗 红桥 美兰 美姑 翠屏 舟曲 花山 花溪 茂南 荣昌 莲花 营山 蓝山 衡山 裕华 裕安 裕民 西华 西吉 西和 西安 西山 西岗 西林 西湖 西秀 解放 象山 象州 资中 资源 迎江 迎泽
远安 通山 通川 通江 通河 通海 金东 金乡 金凤 金台 金塔 金安 金山 金川 金平 金水 金沙 金湖 金溪 金牛 金门 金阳 钟山 钟楼 铁东 铁力 铁山 铁西 铁锋 铜官 铜山 铜鼓 银州
银海 镇原 镇坪 镇安 镇巴 镇平 镇康 镇海 镇雄 长丰 长乐 长宁 长安 长岭 长武 长海 阳东 阳信 阳原 阳城 阳山 阳明 阳春 阳曲 阳朔 阳西 阳高 隆化 隆回 隆安 隆德 雁塔 雁山
雁峰 雁江 集宁 集美 青原 青山 青川 青田 青神 青秀 青阳 顺平 顺庆 顺昌 香坊 香洲 马山 马龙 高坪 高平 高明 高港 麒麟 黄岩 黄州 黄梅 黄浦 黄龙 黑水 鼎城 鼎湖 鼓楼 龙凤
龙华 龙城 龙山 龙川 龙江 龙沙 龙海 龙湖 龙湾 龙潭 龙里 龙门 龙陵
)~";

}  // namespace huiliu::normalize::data
