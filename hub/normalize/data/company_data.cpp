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
加工厂:enterprise 鞋厂:enterprise 制鞋厂:enterprise 陶瓷厂:enterprise 瓷厂:enterprise 基地:enterprise 酿酒厂:enterprise 织布厂:enterprise 砖瓦厂:enterprise 制茶厂:enterprise 酒厂:enterprise 茶厂:enterprise 布厂:enterprise 瓦厂:enterprise 铁厂:enterprise 农场:enterprise 林场:enterprise 牧场:enterprise 养殖场:enterprise 种植场:enterprise 渔场:enterprise 茶场:enterprise
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
副食店:sole_trader 副食品店:sole_trader 副食品商店:sole_trader 副食品商行:sole_trader 副食品经营部:sole_trader 农副产品商行:sole_trader 副食超市:sole_trader 副食门市部:sole_trader 副食商店:sole_trader 食品店:sole_trader 食品商店:sole_trader
食品商行:sole_trader 熟食店:sole_trader 肉店:sole_trader 水产行:sole_trader 海鲜行:sole_trader 特产店:sole_trader 土特产店:sole_trader
农特产店:sole_trader 农产品店:sole_trader 农副产品店:sole_trader 农资店:sole_trader 服装店:sole_trader 服饰店:sole_trader
服装商行:sole_trader 童装店:sole_trader 鞋店:sole_trader 鞋行:sole_trader 鞋城:sole_trader 布行:sole_trader 茶餐厅:sole_trader 臭豆腐店:sole_trader 螺蛳粉店:sole_trader 麻花店:sole_trader 米粉店:sole_trader 米线店:sole_trader 包子店:sole_trader 包子铺:sole_trader 布店:sole_trader 窗帘店:sole_trader
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
大饭店:sole_trader 大酒店:sole_trader 大酒楼:sole_trader 菜馆:sole_trader 粉馆:sole_trader 冰室:sole_trader
美食城:sole_trader 庄园:sole_trader 度假酒店:sole_trader 面庄:sole_trader 面坊:sole_trader 粥铺:sole_trader
汤馆:sole_trader 汤包馆:sole_trader 包子馆:sole_trader 饺子馆:sole_trader 饺子店:sole_trader 馄饨店:sole_trader
烤鸭店:sole_trader 烧鹅店:sole_trader 牛肉店:sole_trader 羊肉店:sole_trader 牛肉馆:sole_trader 羊肉馆:sole_trader
牛肉面馆:sole_trader 拉面馆:sole_trader 拉面店:sole_trader 火锅城:sole_trader 烧烤城:sole_trader 海鲜城:sole_trader
酒城:sole_trader 洗浴中心:sole_trader 便民店:sole_trader 快餐部:sole_trader 干果店:sole_trader 炒货店:sole_trader
美发厅:sole_trader 美容厅:sole_trader 美容美发店:sole_trader 婚纱店:sole_trader 摄影部:sole_trader 口腔诊所:sole_trader
中医诊所:sole_trader 卫生站:sole_trader 卫生服务站:sole_trader 代销店:sole_trader 代办点:sole_trader 服务点:sole_trader
收购站:sole_trader 收购点:sole_trader 供销站:sole_trader 加气站:sole_trader 充电站:sole_trader 奶站:sole_trader
驿站:sole_trader 托运部:sole_trader 货运部:sole_trader 配货站:sole_trader 信息部:sole_trader 修配厂:enterprise
修理厂:enterprise 汽车修理店:sole_trader 油坊:sole_trader 磨坊:sole_trader 豆腐坊:sole_trader 豆腐店:sole_trader
鱼馆:sole_trader 烤鱼店:sole_trader 小吃部:sole_trader 小吃馆:sole_trader 酒馆:sole_trader 书院:sole_trader
琴房:sole_trader 药铺:sole_trader 药行:sole_trader 茶坊:sole_trader 茶铺:sole_trader
茶店:sole_trader 咖啡屋:sole_trader 甜品屋:sole_trader 蛋糕房:sole_trader 面包房:sole_trader 花屋:sole_trader
糖水店:sole_trader 糕点店:sole_trader 卤味店:sole_trader 烤肉店:sole_trader 烧腊店:sole_trader 早点店:sole_trader
食杂店:sole_trader 杂货店:sole_trader 杂货铺:sole_trader 农机店:sole_trader 种子店:sole_trader 饲料店:sole_trader
兽药店:sole_trader 渔具店:sole_trader 灯饰商行:sole_trader 皮具店:sole_trader 箱包店:sole_trader 内衣店:sole_trader
家私店:sole_trader 木器店:sole_trader 石材店:sole_trader 玻璃店:sole_trader 油漆店:sole_trader 电动车店:sole_trader
摩托车店:sole_trader 自行车店:sole_trader 配件店:sole_trader 轮胎行:sole_trader
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
酒厂 鞋 鞋帽 客车 轿车 卡车 黄酒 白银 米线 米粉 人参 鹿茸 参茸 滋补品 电冰箱 冰箱 洗衣机 热水器 油烟机 燃气灶 灶具 缝纫机 易购 出行 灯会 枸杞 农家乐 智家 味业 百货大楼
葡萄酒庄 凉皮 面皮 馄饨 饺子 水饺 包子 馒头 烧饼 煎饼 麻辣烫 串串 串串香 冒菜 干锅 酸菜鱼 烤鱼 烤鸭 烤肉 炸鸡 鸡排 汉堡 披萨 寿司 料理 牛排 牛肉面 拉面 刀削面 热干面 螺蛳粉
土菜 私房菜 家常菜 川菜 湘菜 粤菜 早点 早餐 夜宵 大排档 排档 卤味 卤菜 鸭脖 凉菜 熟食 羊肉 牛肉 鲜肉 猪肉 鱼庄 豆腐 豆花 豆浆 奶茶 甜品 蛋糕 西点 点心 月饼 粽子 腊味 香肠
火腿 榨菜 酱菜 泡菜 酱油 食醋 老陈醋 醋业 味精 鸡精 蜂蜜 燕窝 海参 大闸蟹 小龙虾 螃蟹 龙虾 淡水鱼 水族 观赏鱼 鱼苗 鱼种 橄榄油 菜籽油 茶油 山茶油 花生 大豆 玉米 小麦 马铃薯
土豆 红薯 大蒜 生姜 辣椒 花椒 香菇 木耳 银耳 核桃 红枣 柑橘 脐橙 猕猴桃 草莓 西瓜 樱桃 蓝莓 火龙果 芒果 香蕉 荔枝 龙眼 油茶 茶树 烟叶 甘蔗 甜菜 橡胶制品 塑料制品 塑胶制品
五金制品 金属制品 木器 竹器 藤器 铁艺 铁器 铜器 银器 玻璃制品 陶瓷制品 水泥制品 石膏 石灰 红砖 页岩砖 空心砖 砖瓦 瓷砖 磁砖 大理石 花岗岩 石雕 石艺 木雕工艺 铝塑 铝制品 铝箔
铜箔 钢丝 钢丝绳 钢板 钢绞线 钢球 钢格板 丝网 筛网 过滤 滤清器 滤材 除尘设备 环保设备 干燥设备 食品机械 包装机械 印刷机械 纺织机械 工程机械 农业机械 矿山机械 建筑机械 起重机械
起重设备 输送 输送机 输送带 提升机 减速机 减速器 电磁阀 蝶阀 球阀 消声器 换热器 冷却塔 冷库 冰柜 展示柜 电热水器 电风扇 风扇 吸尘器 插座 插头 灯泡 路灯 太阳能热水器 蓄电池
干电池 纽扣电池 手电筒 电动工具 电焊机 焊机 焊条 焊材 砂轮 磨具 磨料 磨具磨料 刃具 锯业 链锯 量仪 衡器 电子秤 天平 秤业 温控 温控器 仪控 变频器 逆变器 整流器 稳压器 互感器
断路器 开关柜 配电柜 机柜 机箱 机房 服务器 显示器 投影机 投影 打印机 复印机 扫描 条码 射频识别 读卡 智能卡 制卡 ic卡 芯片设计 晶体 晶振 石英晶体 压电 磁电 永磁 磁铁 磁钢
电感 变压 线圈 漆包线 铜线 电磁线 排线 端子 插件 接插件 贴片 背光源 背光 触控 触摸屏 液晶 面板 光学仪器 镜片 镜头 望远镜 显微镜 安检 门禁 对讲 报警 指纹 人脸识别 智能家居
智能科技 智能制造 智造 智控 智联 机器视觉 语音 算法 云计算机 云服务 云数据 数据科技 数据服务 信息安全 网络安全 网信 信息系统 系统集成 信息工程 信息服务 信息咨询 网络信息 电子政务
软件开发 软件技术 互动娱乐 互娱 游戏软件 电子竞技 数字传媒 影视文化 影视传媒 影视制作 文化艺术 文化产业 文化创意 教育科技 教育信息咨询 职业培训 职业技能 外语 英语 书法 绘画 画业
美育 艺教 体能 武道 拳击 健身器材 体育用品 体育文化 户外用品 帐篷 钓具 渔具用品 自行车业 童车 婴童 奶粉 尿布 纸尿裤 卫生巾 卫生用品 生活用纸 纸杯 纸袋 纸管 塑料包装 包装材料
包装制品 彩盒 礼盒 不干胶标签 商标织造 织带 花边织造 毛衫 毛巾 毛毯 羊毛 羊绒 羊绒衫 兔毛 麻纺 棉纺 棉纺织 纱业 纺纱 印花 绣花 服装辅料 衬布 里布 面料 服装设计 服饰设计 礼服
婚纱 婚纱摄影 西服 西装 衬衫 牛仔 牛仔服 泳装 运动服 工作服 劳保 劳保用品 袜子 领带 围巾 丝巾 帽子 皮衣 皮毛 毛皮 裘皮 皮件 皮包 鞋底 鞋楦 鞋机 布鞋 童鞋 凉鞋 拖鞋 雨具
雨伞 伞具 家电维修 电器维修 汽车维修 汽车美容 汽车服务 汽车用品 汽车配件 汽车零部件 汽车销售 汽车租赁 汽车贸易 汽车装饰 汽车检测 机动车检测 摩配 摩托车配件 车灯 刹车片 制动 制动器
离合器 变速箱 变速器 发动机 内燃机 柴油机 汽油机 发电机 电动机 水轮机 汽轮机 压铸 注塑 吹塑 吸塑 滚塑 挤塑 钣金 电泳 阳极氧化 抛光 喷砂 丝印 移印 雕塑工艺 激光切割 线切割
机加工 机械加工 数控机床 数控设备 数控机械 游艇 船舶修造 船舶工程 海工 海洋工程 水下 潜水 打捞 打桩 打井 凿井 水井 灌溉 节水 节水灌溉 喷灌 喷泉 水景 假山 古建 古建筑 仿古
园林古建筑 防雷 防静电 净化工程 钢结构工程 幕墙工程 建筑装饰 建筑装饰工程 装饰设计 装饰工程 室内装饰 家装 软装设计 空间设计 建筑设计 工程设计 工程咨询 工程管理 工程监理 建设监理
工程造价 造价咨询 项目管理 工程项目管理 招标代理 房地产经纪 房地产中介 房产中介 房地产评估 土地评估 资产评估 企业管理 企业管理咨询 企业服务 企业策划 营销策划 市场营销 品牌管理
品牌策划 商业管理 商务咨询 商务服务 经济信息咨询 投资咨询 投资基金 投资发展 股权投资 投资管理 资产管理 基金管理 股权投资管理 互联网金融 金融服务 金融信息服务 融资租赁 融资担保
非融资性担保 商业保理 寄售 外汇 保险代理 保险经纪 保险公估 汽车保险 人力资源 人力资源服务 劳务服务 家政服务 保洁服务 清洁服务 物业管理 物业服务 停车服务 停车管理
电梯工程 电梯维修 管道疏通 防水工程 防腐保温 防腐工程 保温工程 拆除工程 土石方工程 运输服务 物流服务 货物运输 货运代理 国际货运 国际货运代理 国际货代 快递服务 仓储服务 冷链物流
搬家服务 搬运服务 租车 车辆租赁 旅游汽车 旅游客运 旅游开发 旅游服务 酒店管理 餐饮服务 餐饮文化 农业开发 农业科技 农业发展 生态农业 农林科技 农牧业 畜牧业 养殖业 种植业 渔业养殖
水产养殖 生猪养殖 养猪 养鸡 养鸭 养牛 养羊 养鱼 养蜂 养蚕 蔬菜种植 水果种植 果树种植 苗木种植 花卉种植 中药材种植 茶叶种植 粮食种植 农机服务 农业机械服务 植保服务 农技 农技服务
农产品购销 粮食购销 粮食收购 废品回收 再生资源 再生资源回收 物资回收 金属回收 废金属 废旧金属 废纸 废塑料 报废车 油脂回收 检测技术 检测服务 检验检测 环境检测 环境监测 环境技术
环境科技 环境工程 环保科技 环保工程 环保技术 水处理设备 空气净化 净化设备 净化科技 新风 节能科技 节能技术 节能服务 合同能源 光伏科技 光伏发电 新能源科技 新能源汽车 充换电 能源科技
能源发展 电力工程 电力设备 电力技术 电力安装 电力科技 电力建设 输变电工程 送变电 送变电工程 照明工程 照明科技 照明电器 光电科技 光电技术 半导体照明 生物科技 生物技术 生物医药 生物工程
生物制品 医药科技 医疗科技 医疗器械 医疗设备 医疗管理 医疗投资 医疗服务 健康管理 健康咨询 健康科技 养老服务 口腔门诊 体检 药用包装 药包材
药用辅料 原料药 中药饮片 保健食品 营养食品 美容美发 美容美体 美甲 纹绣 纹身 理发 美发造型 养发 足疗保健 沐浴 桑拿洗浴 棋牌室 台球 桌球 保龄球 射击 射箭 密室 剧本 轰趴 网络技术
网络服务 网络工程 网络文化 网络传媒 网络游戏 互联网信息服务 互联网服务 互联网技术 电子商务服务 电子科技 电子技术 电子产品 电子元件 电子材料 电子设备 电子器件 电子工程 电子电器 电子工业
电器设备 电器制造 电气设备 电气工程 电气技术 电气科技 电气自动化 自动化设备 自动化科技 自动化技术 自动化工程 自动化系统 工业自动化 智能装备 智能设备 智能系统 风味 视觉 互动 存储
葡萄
纺机 法兰 低压 高压 汽摩 塑编 针纺 莲藕 枣业 泡馍 花炮 烟花 鞭炮 烟花爆竹 古砚 移动信息技术 移动互联网 移动信息 移动科技 移动网络 拍摄 盐化 玉雕 空运 陆运 租房 臭豆腐 贡酒 普洱茶 白茶 红茶 绿茶 黑茶 岩茶 铁观音 毛尖 唐卡
年画 剪纸 文房四宝 宣纸 毛笔 墨业 砚台 紫砂 茶具 瓷器 青瓷 白瓷 酒具 木偶 古琴 二胡 吉他 电子琴 乐器制造 家具制造 灯具制造 机械制造 机械设备 设备制造 设备租赁
设备安装 机电设备 机电工程 机电安装 机电科技 制冷设备 空调设备 通风设备 消防设备 消防器材 消防工程 消防科技 安防科技 安防设备 安防工程 安全技术 安全科技 安全设备 安全服务 保安服务
劳务工程 建筑劳务 建筑劳务分包 建筑安装 建筑安装工程 建筑工程 建设工程 建设集团 建设发展 市政工程 路桥工程 公路工程 园林工程 园林绿化 园林景观 景观工程 绿化工程 水利工程 水利水电
水利水电工程 水电安装 水电工程 管道工程 地基工程 基础设施建设 城市建设 城市建设投资 城市开发 城乡 新农村 乡村旅游 旅游文化 文化旅游 文旅发展 文化发展 文化投资 文化策划 广告设计
广告装饰 广告传媒 广告策划 广告制作 图文广告 图文设计 图文制作 数码图文 数码科技 数码产品 数码快印 快印 打字复印 打字 复印 印刷包装 包装印刷 纸箱包装 包装设计 包装机械设备 标签印刷
彩色包装 塑料包装制品 塑料科技 塑料机械 塑料模具 模具制造 模具科技 精密模具 精密机械 精密五金 五金机械 五金机电 五金交电 五金塑胶 五金塑料 五金电器 五金电子 五金工具 五金建材 五金模具
五金配件 五金水暖 水暖器材 水暖建材 建材贸易 建材装饰 装饰材料 建筑材料 防水材料 保温材料 耐火 防火材料 防火门 钢木 钢木家具 办公家具 酒店家具 校具 教具 幼教用品 办公用品 办公设备
文化用品 文体用品 体育器材 户外运动 劳保服装 服装加工 服装制造 服装贸易 服饰贸易 针织服装 针织品 羊毛衫 毛织 毛纺织 棉制品 家纺用品 布业贸易 纺织贸易 纺织科技 纺织印染 染料
染化 颜料化工 化工贸易 化工科技 化工原料 化工产品 化工机械 化工设备 化学品 危险化学品 化学试剂 试剂仪器 科学仪器 仪器仪表 仪器设备 实验设备 检测设备 检测仪器 测量仪器 测绘仪器
地理信息 地理信息系统 测绘科技 测绘工程 勘测设计 规划设计 建筑规划设计 城乡规划 景观设计 工业设计 产品设计 创意设计 设计咨询 工程技术 工程技术咨询 技术服务 技术咨询 技术开发 科技开发
科技发展 科技服务 科技咨询 科技推广 科技信息 科技投资 科技园区 科技孵化器 创业孵化 创业服务 众创空间 共享单车 电单车 电动自行车 电动汽车 电动摩托车 三轮车 电动三轮车 拖拉机 收割机
播种机 农用车 农用机械 农机配件 农机销售 农资贸易 化肥销售 种业科技 种苗科技 园艺科技 花卉苗木 苗木花卉 绿化苗木 果蔬种植 果蔬贸易 蔬果 蔬菜配送 农产品配送 食材 食材配送 餐饮配送
团餐 膳食 食堂管理 食品加工 食品贸易 食品科技 食品配送 食品批发 副食批发 糖酒副食 烟酒副食 酒水贸易 酒业贸易 进口食品 休闲食品 零食 坚果 蜜饯 罐头 膨化食品 糖果制造 巧克力
冰棍 山泉水 送水 粉丝 粉条 挂面 面条 年糕 米制品 糯米 杂粮 粮食加工 粮食贸易 粮油贸易 粮油食品 粮油购销 油脂加工 榨油 饲料科技 饲料添加剂
畜牧科技 畜牧养殖 禽业养殖 养殖基地 水产科技 水产贸易 海洋食品 海洋生物 海藻 紫菜 海带 鲍鱼 对虾 甲鱼 牛蛙 泥鳅 黄鳝 石斛 灵芝 天麻 党参 金银花 菊花 玫瑰 薰衣草 油用牡丹
香樟 桂花 红豆杉 杨梅 枇杷 石榴 柿子 板栗 山楂 葵花 芝麻 黄豆 绿豆 高粱 谷子 小米 荞麦 燕麦 青稞 藜麦 魔芋 竹笋 笋业 莲子 莴笋 黄瓜 番茄 西红柿 南瓜 甜瓜 哈密瓜 豆角 芦笋
韭菜 大葱 洋葱 白菜 土鸡 山鸡 肉鸭 鹅业 肉羊 奶牛 奶羊 肉兔 獭兔 鸽业 鹌鹑 鸵鸟 梅花鹿 驴业 驴肉 马业 骆驼 貂业 狐狸 蚯蚓 黄粉虫 配货
货运信息 零担 专线 物流专线 托运 快运服务 汽车运输 汽车货运 出租汽车 加油加气 加气 换电 石油销售 石油化工 石油技术
石油工程 石油机械 石油装备 石油设备 油田技术 油田服务 油气技术 天然气销售 燃气设备 燃气工程 燃气具 热力设备 供热设备 锅炉设备 锅炉安装 压力管道 特种设备 特种设备检测 电梯销售 电梯设备
电梯配件 立体车库 车库 停车设备 道闸 岗亭 护栏 铁艺护栏 交通设施 交通工程 交通器材 交通科技 交通建设 交通运输 轨道交通 铁路设备 铁道 铁道器材 航空科技 航空设备 航空服务 航空货运
航空器材 通用航空 航天科技 卫星通信 通信工程 通信技术 通信设备 通信科技 通信服务 通讯设备 通讯科技 通讯器材 通讯工程 手机配件 手机维修 手机通讯 手机销售 电脑维修 电脑科技 电脑设备
计算机科技 计算机系统 计算机网络 计算机技术 计算机工程 计算机服务 计算机软件 软件科技 软件开发服务 软件服务 软件信息技术 信息科技 信息技术服务 信息产业 信息网络 网络信息技术 网络信息科技
网络安全科技 数据技术 数据信息 大数据科技 大数据服务 云技术 物联网科技 物联网技术 物联科技 人工智能科技 机器人科技 智能机器人 智能工程 智能化工程 智能系统工程 楼宇智能 弱电工程 弱电
音响设备 音响工程 灯光音响 舞台设备 舞美 舞美设计 演出服务 演艺经纪 文化经纪 体育经纪 体育发展 体育产业 体育设施 体育科技 体育赛事 体育管理 健身服务 健身管理
舞蹈培训 艺术培训 艺术教育 美术培训 文化培训 文化课 课外辅导 辅导 教育培训 教育管理 教育投资 教育发展 教育服务 教育信息 教育文化 教育软件 教育装备 教育设备 学前教育 幼儿教育 早期教育
出国留学 留学服务 留学咨询 移民 移民咨询 出入境 出入境服务 签证服务 国际旅游 商务旅行 航空票务 票务服务 酒店投资 酒店用品 酒店设备 宾馆用品 洗涤服务 布草 洗涤用品 洗涤设备
日化用品 日用百货 日用化工 日用化学品 日用商品 日用杂品 杂货 杂品 百货贸易 百货商贸 小商品 工艺礼品 工艺制品 工艺美术 工艺饰品 礼品贸易 饰品贸易 珠宝首饰 珠宝贸易 珠宝玉石 黄金珠宝
黄金饰品 首饰加工 钟表眼镜 眼镜科技 眼镜贸易 光学科技 光学眼镜 视光 视光学 视力 验光配镜 助听 听力 医学检验 医学科技 医药贸易 医药销售 医药连锁 医药物流 医药化工 医药包装
药业连锁 药品销售 药材种植 药材贸易 医疗美容 整形美容 美容科技 美容养生 养生保健 养生科技 保健按摩 足疗养生 健康产业 健康发展 健康服务 健康食品 健康信息 健康信息咨询 母婴用品
母婴护理 母婴服务 月子护理 育婴 家庭服务 养老护理 殡葬 殡仪 殡葬服务 宠物用品 宠物食品 宠物美容 动物药业 兽药销售
房地产营销策划 房地产营销 房地产投资 房地产咨询 房地产代理 房地产顾问 房地产信息咨询 置业顾问 置业投资 置业发展 物业发展 物业投资 商业运营 商业管理服务 商业投资 商业发展 商业连锁
商业贸易 商贸物流 商贸发展 贸易发展 国际贸易发展 国际商贸 国际投资 国际控股 国际实业 国际集团 国际文化 国际文化传媒 国际文化交流 国际教育 国际酒店 国际家居 国际供应链
供应链科技 供应链服务 供应链管理 供应链金融 进出口贸易 跨境电商 跨境贸易 跨境电子商务 电商科技 电商服务 电子商务科技 电子商贸 网络商务 网络销售 实业发展 实业投资 实业控股 投资控股
投资咨询服务 投资顾问 投资实业 投资集团 投资基金管理 产业投资 产业发展 产业基金 股权投资基金 股权投资基金管理 股权投资中心 创业投资管理 创业投资基金 创业投资中心 投资管理中心 投资中心
投资管理咨询 资本管理 资本投资 资产经营 资产运营 资产投资 财富投资 财富投资管理 金融信息 金融信息科技 金融科技 金融投资 金融控股 金融外包 商业保险 汽车金融 保险销售 保险代理服务
财税服务 财税咨询 财务咨询 财务管理 财务顾问 会计服务 会计代理 代理记账 税务代理 税务咨询 税务服务 商标代理 商标事务 知识产权代理 知识产权服务 专利代理 专利代理事务 法律服务 法律咨询
法务咨询 信用管理 信用评估 征信服务 调查 市场调查 市场研究 信息调查 公关策划 公关顾问 会展服务 会议服务 会议展览 会议会展 展览展示 展览服务 展示设计 展示工程 展示器材 展柜制作
婚庆服务 婚庆策划 婚庆礼仪 礼仪庆典 庆典礼仪 婚介 婚姻介绍 摄影服务 影像科技 影视发行 影视科技 影视投资 影视策划 影业投资 电影发行 电影放映 戏剧 话剧
曲艺 相声 杂技 马戏 动漫科技 动漫设计 动漫文化 动画制作 游戏科技 游戏开发 数字娱乐 数字科技 数字技术 数字文化 数字传媒科技 数字营销 数字信息 数据处理 数据通信 数据中心 呼叫 客服外包
服务外包 软件外包 基业
经济开发 经济发展 经济贸易 经济技术 经济技术开发 经济技术合作 经济信息 经济文化 快捷 风景区 名胜区 民俗 卷粉 锅盔 刀剪 葱油饼 油饼 豆瓣 豆瓣酱 水资源 森林 铝型材 型材 乘用车
商用车 无线 无线电 有轨电车 配售电 售电 公益 新零售 图像 先进技术 创业 农商银行 农村商业银行 村镇银行 驾驶学校 酒 米酒 果酒 药酒 茶酒 高速 游乐场 移动技术 风力 核能 氢能
氢能源 泵阀 加固 装配式建筑 绿色建筑 绿色建材 绿色能源 绿色农业 绿色环保 绿色科技 水环境 水生态 危险货物运输 汽车内饰 汽车饰件 汽车改装 新型墙体材料 磁性 粉体 矿产品
天然气利用 炉业 工业炉 电炉 细胞科技 体育场馆 餐厨 农副产品购销 农业观光 农业生产资料 观光农业 观光园 有机农业
有机食品 有机肥 有机肥料 植物保护 林产品 林产 木制工艺品 竹制品 竹制工艺品 形象管理 工艺美术品 企业登记代理 劳务输出 对外劳务合作 典当行 拍卖行 房屋拆迁 不动产登记 土地整治
吊装 金具 光通信 电子线材 自控 自动控制 自动控制技术 模具钢 塑料编织 胶粘剂 粘合剂 玻璃深加工 木门业 不锈钢管 再生资源利用 资源利用 资源综合利用 固体废物处置 垃圾焚烧 污水治理 空气能
热泵 安全防范 安全防范技术 安全评价 劳动防护用品 护卫 押运 检测评价 工程质量检测 地质勘查 政府采购
足道 蒸汽 碳晶 球团 胶合板 密度板 纤维板 刨花板 生态板 细木工板 单板 装载机 挖掘机 挖机 塔机 破碎机 离心机 空压机 空气压缩机 真空 压滤机 制砖机 卷帘门 伸缩门 旋转门 自动门
感应门 车库门 雨棚 遮阳 遮阳篷 膜结构 充气 喷码 喷码机 打标 点胶 绕线机 贴标机 称重 包装机 封口机 制袋 吹膜 流延 淋膜 离型 保护膜 光学膜 车床 铣床 磨床 钻床 锯床 镗床 冲床
折弯机 剪板机 卷板机 钻头 铣刀 涂层 滚丝 螺丝 螺栓 螺母 铆钉 垫片 卡箍 链轮 皮带轮 联轴器 滚珠 丝杠 丝杆 导轨 滑台 气缸 油缸 油封 油嘴 喷油嘴 滤芯 火花塞 散热片 导热 硅橡胶
硅树脂 环氧 聚氨酯 聚酯 涤纶 锦纶 氨纶 腈纶 粘胶 无纺 水刺 熔喷 口罩 防护服 注射器 输液器 导管 支架 牙刷 牙膏 洗发 洗发水 沐浴露 洗手液 消毒液 香皂 肥皂 洗衣液 洗衣粉 洗洁精
蜡烛 香薰 精油 香水 彩妆 面膜 假发 睫毛 发制品 剃须刀 指甲 梳子 镜业 镜子 相框 画框 油画 装饰画 墙绘 奖杯 奖牌 徽章 锦旗 旗帜 横幅 灯箱 发光字 化粪池 井盖 管桩 管片 预应力
锚具 橡胶支座 伸缩缝 声屏障 隔离栅 标线 反光 交通标志 信号灯 立体停车 路缘石 彩砖 透水砖 加气块 砌块 轻质隔墙 隔墙 隔断 石膏板 硅钙板 岩棉 玻璃棉 挤塑板 聚苯板 泡沫板 苯板 瓦楞
瓦楞纸 蜂窝纸 纸板 纸护角 纸浆 纸筒 泡棉 珍珠棉 气泡膜 缠绕膜 打包带 塑料袋 编织袋 集装袋 吨袋 托盘 周转箱 物流箱 垃圾桶 塑料桶 铁桶 钢桶 油桶 气瓶 储罐 压力罐 反应釜 蒸发器
冷凝器 换热设备 冷却设备 冷水机 热水 地暖 壁挂炉 电锅炉 生物质颗粒 木炭 机制炭 果壳炭 煤球 型煤 洗煤 焦炭 兰炭 硅铁 锰铁 铁合金 铸铁 铸钢 锻件 法兰盘 弯头 焊管 无缝钢管 镀锌
热镀锌 镀锌管 镀膜 电镀锌 彩涂 带钢 型钢 角钢 槽钢 工字钢 螺纹钢 线材 盘条 钢筋 钢坯 废钢 钢构件 网架 钢网架 护坡 边坡 支护 注浆 盾构 顶管 非开挖 管网 水工 闸门 启闭机
水电站设备 光热 跟踪支架 汇流箱 熔断器 避雷器 绝缘子 绝缘 云母 电极 电解 电解铝 氧化铝 氧化锌 钛白粉 炭黑 白炭黑 硫酸 盐酸 硝酸 烧碱 纯碱 氯碱 双氧水 甲醇 乙醇 酒精 甲醛
冰醋酸 尿素 复合肥 磷肥 钾肥 氮肥 水溶肥 叶面肥 菌肥 农膜 地膜 棚膜 滴灌 喷雾器 割草机 微耕机 旋耕机 烘干机 烘干设备 碾米机 磨粉机 榨油机 笼具 兽用 鱼药 体外诊断 培养基 轮椅
矫形 隐形眼镜 验光 配镜 种植牙 正畸 医美 中医馆管理 艾灸 艾草 拔罐 刮痧 药膳 滋补 虫草 冬虫夏草 阿胶 枫斗 三七 丹参 黄芪 当归 白芷 葛根 螺旋藻 益生菌 酵素 胶原蛋白 蛋白粉
奶酪 酸奶 羊奶 驼奶 炼乳 冰激凌 雪糕 饼干 蛋卷 薯片 瓜子 葵花籽 杏仁 腰果 果仁 果脯 果干 果汁 果酱 果冻 果醋 凉茶 茶饮 茶饮料 功能饮料 苏打水 矿物质水 饮水 饮水机 直饮水
管道直饮 净饮 咖啡豆 可可 方便面 河粉 粉皮 凉粉 豆干 腐竹 豆皮 面筋 辣条 酱料 酱香 底料 复合调味料 白糖 红糖 冰糖 淀粉 变性淀粉 麦芽 麦片 燕麦片 面包糠 速冻水饺 丸子 肉丸
鱼丸 鱼糜 虾仁 鱿鱼 墨鱼 海蜇 海苔 裙带菜 石花菜 三文鱼 鳗鱼 鲟鱼 罗非鱼 草鱼 鳜鱼 黑鱼 鲈鱼 河蟹 梭子蟹 牡蛎 扇贝 蛤蜊 泥螺 田螺 肉鸽 鸭业 鸡业 乌鸡 蛋鸭 种鸡 种鸭 兔业
鹿业 鹿场 奶山羊 湖羊 黑山羊 黑猪 土猪 野猪 仔猪 竹鼠 蝎子 蜈蚣 地鳖虫 汗蒸 理疗 美睫 皮肤管理 产后恢复 产后康复 月子会所 胎教 亲子 研学 夏令营 冬令营 拓展 拓展训练 军训 国学
围棋 象棋 乐高 编程 少儿编程 日语 韩语 考研 公考 自考 学历教育 远程教育 在线教育 教学 教辅 学具 书包 校车 校外托管 午托 作业辅导 家教 催眠 情感咨询 婚恋 婚车 婚宴 喜糖 喜铺
墓地 公墓 寿衣 花圈 骨灰盒 犬业 猫舍 观赏鸟 鱼缸 盆栽 多肉 绿植租摆 花盆 花器 园艺资材 假花 仿真花 仿真植物 人造草坪 运动场 运动场地 健身路径 蹦床 滑梯 滑板 轮滑 溜冰 冰雪
冰上运动 帆船 皮划艇 赛艇 漂流 露营 房车 越野 赛车 卡丁车 摩托艇 飞行 飞行器 滑翔伞 热气球 直升机 航拍 示波器 硬度计 流量计 液位计 压力表 温度计 水表 电表 燃气表 热量表 抄表
计价器 行车记录仪 车载 车联网 倒车影像 贴膜 隔热膜 汽车坐垫 座套 座椅 脚垫 轮毂 车桥 车架 车厢 挂车 半挂车 罐车 洒水车 环卫车 搅拌车 泵车 高空作业 升降机 升降平台 登高车 堆垛机
立体仓库 收银 自助设备 自助终端 自动售货机 自动售货 售货机 投币机 游戏机 电玩 电玩城 调音台 麦克风 耳机 音箱 扬声器 喇叭 蓝牙 充电器 移动电源 数据线 手机壳 平板电脑 笔记本电脑
键盘 鼠标 硬盘 内存 数据恢复 综合布线 视频监控 视频会议 视频技术 视频制作 视频科技 宣传片 微电影 纪录片 三维 3d打印 增材制造 快速成型 手板 沙盘 博物馆设计 展陈 布展 美陈 橱窗
陈列 门头 招牌 楼体亮化 夜景 剧院 剧场 戏曲 魔术 民乐 合唱 乐队 录音 录音棚 配音 版权 著作权 商标注册 工商注册 工商代理 工商财税 企业登记 资质代办 体系认证 验厂 清关 报检 退税
信用卡 贷款 按揭 抵押 车贷 房贷 消费金融 众筹 p2p 聚合支付 预付卡 积分 会员 团购 拼团 社群 微商 网红 主播 模特 群众演员 选角 化妆 高级定制 制服 职业装 工装 团体服 刺绣厂
织标 吊牌 吊粒 线带 松紧带 魔术贴 鞋带 鞋扣 皮带 腰带 钱包 卡包 行李箱 拉杆箱 旅行箱 登山包 背包 双肩包 睡袋 登山 钓鱼 鱼竿 乒乓球 健身车 跑步机 按摩椅 足浴盆 泡脚 电热毯
电热水壶 电饭煲 电磁炉 微波炉 烤箱 豆浆机 榨汁机 破壁机 料理机 咖啡机 电烤箱 电熨斗 挂烫机 加湿器 除湿机 空气净化器 新风机 中央净水 软水机 净水机 滤水器 水龙头 花洒 淋浴房 浴室柜
浴缸 马桶 地漏 晾衣架 晾衣机 衣架 挂钩 置物架 收纳 保鲜 保鲜盒 保温杯 玻璃杯 水杯 杯业 锅具 不粘锅 压力锅 铸铁锅 刀业 菜刀 砧板 筷子 竹筷 一次性餐具 餐盒 吸管 牙签 竹签
烧烤炉 烤炉 炉灶 节能灶 醇基燃料 柴油 汽油 成品油 油库 润滑油脂 润滑脂 防冻液 玻璃水 车用尿素 除锈 防锈 防锈油 切削液 金属加工液 研磨 砂带 砂纸 金刚石 超硬材料 立方氮化硼 锯片
刀片 裁刀 刀模 模切 油墨 烫金 烫印 凹印 柔印 制版 转印 热转印 水转印 升华 水贴 花纸 墙贴 贴纸 卡纸 纸卡 贺卡 明信片 邮品 邮票 钱币 红酒 洋酒 酒窖 酒柜 酒水商行 酱酒 清酒
米酒厂 黄酒厂 老酒 酒坛 酒瓶 瓶业 玻璃瓶 塑料瓶 瓶胚 喷雾 喷头 泵头 软管 铝管 气雾剂 气雾 包材 表面活性剂 水处理剂 絮凝剂 阻垢剂 混凝剂 离子交换 膜科技 膜技术 反渗透 超滤
海水淡化 中水 雨水收集 雨水利用 黑臭水体 河道治理 河湖 清淤 底泥 湿地 人工湿地 水土保持 防沙治沙 沙漠 荒漠 草原生态 林草 林木 林果 经济林 速生林 苗圃场 沉香 檀香 楠木 黄花梨
花梨木 明清家具 古典家具 实木 板式家具 藤艺 软体家具 沙发 床具 学生家具 医院家具 餐桌椅 桌椅 办公椅 转椅 升降桌 保险箱 文件柜 更衣柜 钢柜 铁皮柜 密集架 书架 黑板 白板 实验台
通风柜 净化工作台 无尘 洁净 洁净室 静电 安全帽 安全网 安全绳 防坠 救生 救生衣 应急 消防车 灭火器 灭火设备 防火卷帘 防火板 耐磨 地坪 地坪漆 自流平 固化地坪 pvc地板 架空地板
木塑 塑木 竹地板 竹炭 竹纤维 竹浆 笋制品 草编 柳编 藤编 芒编 编织工艺 结绳 绳网 绳业 绳缆 缆绳 渔网具 网业 网箱 遮阳网 防虫网 围网 勾花网 刀片刺网 石笼网 焊接网 轧花网
不锈钢网 筛板 冲孔网 冲孔板 铝单板 铝塑板 铝扣板 铝天花 铝蜂窝板 蜂窝板 铝模 铝模板 爬架 盘扣 钢模板 凿岩 凿岩机 钎具 钻具 钻机 抽油机 抽油杆 井下 压裂 酸化 测井 录井 固井
完井 油气田 页岩气 煤层气 lng 氢气 氧气 氮气 氩气 二氧化碳 干冰 制氧 制氮 空分 国际机场 国际港务 酒家
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
heavy molds tooling fasteners bearings valves pumps cables wires lamps lights lenses robots robotics drones sensors
meters appliances kitchenware sanitary tiles fabrics yarn bags crafts locks screws springs castings forgings stamping
pipes tubes alloys coal coatings paints inks adhesives resins foodstuffs seafood aquatic seeds fertilizer forestry
livestock veterinary biopharma genomics diagnostics dental warehousing retail wholesale supermarket landscape testing
inspection certification treatment cloud computing parts
)~";

// Brands that begin with a division or end in a trade word, where registers and people agree on the whole.
const char kBrandPhrases[] = R"~(
盐津铺子 良品铺子 智慧城市 诺亚方舟 神州数码 东方园林 网易云音乐 长江存储 自由王国 电子城
宁德时代 北京现代 上海滩 海南航空 海底捞 中国平安 中国人寿 中国移动 中国联通 中国电信 中国石化 中国石油 中国海油 中国银行 中国工商银行 中国农业银行 中国建设银行
中国中车 中国中铁 中国铁建 中国交建 中国建筑 中国电建 中国能建 中国邮政 中国国际航空 中国南方航空 中国东方航空 中国人民保险 中国太平洋保险 大疆创新 北方工业 南方电网
国家电网 国家能源 海康威视 京东方 科大讯飞 东方财富 东方雨虹 东方航空 南方航空 南方基金 平安银行 招商银行 招商证券 兴业银行 民生银行 光大银行 浦发银行 中信银行 华夏银行
交通银行 工商银行 建设银行 农业银行 邮政储蓄银行 广发银行 浙商银行 恒丰银行 渤海银行 网易有道 阳光保险 太平洋保险 中华联合 中华联合财产保险 中联重科
中国移动通信 中国联合网络通信 上海电气 东方电气 哈尔滨电气
阿里云 首都机场 古井贡 浦东发展 国家开发 北京地铁 酒鬼 天津港 青岛港 大连港 唐山港 日照港 宁波港 宁波舟山港 北仑港 盐田港 广州港 厦门港 锦州港 营口港 北部湾港
)~";

// Trades of which a place had one company, named for the place: 黄山|旅游发展, 四川|路桥建设. Of other names that hold
// nothing but trades the first one is the brand: 杭州|智慧|科技.
const char kPlaceTrades[] = R"~(
旅游 路桥 石化 煤业 煤炭 煤化工 有色金属 钢铁 汽车 建工 城建 燃气 水务 公交 公共交通 港务 港口 农垦 烟草 卷烟 盐业 供电 高速 高速公路 出版 银行
农村商业银行 农商银行 国际机场 国际港务 粮食 外贸 机床 轴承 水泥 铁路 航空 机场 地铁 自来水 天然气 热力
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
