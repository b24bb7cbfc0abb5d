// Chinese surnames, commonest first, then the rest of the traditional list and double surnames. Readings are given where
// they differ from the character's usual one.
// Source: by hand; the order follows the published frequency lists of the 2020 census summary.
#include "hub/normalize/data/tables.hpp"

namespace huiliu::normalize::data {

const char kSurnames[] = R"~(
王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹
彭 曾=zeng 肖=xiao 萧=xiao 田 董 袁 潘 于 余 叶=ye 蒋 杜 苏 魏 程 吕 丁 沈=shen 任=ren 姚 卢 傅 钟 姜 崔 谭 廖 范
汪 陆 金 石=shi 戴 贾=jia 韦 夏 邱 方 侯 邹 熊 孟 秦 白 江 阎 闫 薛=xue 尹 段 雷 黎 史 龙 陶 贺 顾 毛 郝 龚
邵 万=wan 钱 覃=qin 武 戚 莫 孔 向 汤 常 温 康 施 文 牛 樊 葛=ge 邢 安 齐 易 乔 伍 庞 颜 倪 庄 聂 章 鲁
岳 翟=zhai 殷=yin 詹 申 欧 耿 关 兰 焦 俞 左 柳 甘 祝 包 宁=ning 尚 符 舒 阮 柯 纪=ji 梅 童 凌 毕 单=shan
季 裴 霍 涂 成 苗 谷 盛=sheng 曲=qu 翁 冉 骆 蓝 路 游 辛 靳 管 柴 蒙 鲍 华=hua 喻 祁 蒲 房 滕 屈 饶 解=xie
牟=mou 艾 尤 时 穆 农 司 卓 古 吉 缪=miao 简 车=che 项 连 芦 麦 褚=chu 娄 窦 岑 景 党 宫 费 卜=bu 冷 晏 席 卫
米 柏=bai 宗 瞿=qu 桂 全 佟 应=ying 臧=zang 闵 苟 邬 边 卞 姬 师 和=he 仇=qiu 栾 隋 商 刁 沙 荣 巫 寇 桑 郎 甄
丛 仲 虞 敖 巩 明 佘 池 查=zha 麻 苑 迟 邝 官 封 谈 匡 鞠 惠 荆 乐=yue 冀 郁 胥 南 班 储 原 栗 燕=yan 楚
鄢 劳 谌=chen 奚 皮 粟 冼=xian 蔺 楼 盘 满 闻 位 厉 伊 仝=tong 区=ou 郜 海 阚 花 权 强=qiang 帅 屠 豆 朴=piao 盖=ge
练 廉 禹 井 祖 漆 巴 丰 支 卿 国 狄 平 计 索 宣 晋 相 初 门 云 容 敬 来 扈 晁 芮 都=du 普 阙 浦 戈 伏
鹿 薄=bo 邸 雍 辜 羊 阿 乌 母 裘 亓=qi 修 邰 赫 杭 况 那=na 宿=su 鲜 印 逯 隆 茹 诺 战 慕 危 玉 银 亢 嵇 公
哈 湛 宾 戎 勾 茅 利 於 呼 居 揭 干 但 尉=wei 冶 斯 元 束 檀 衣 信 展 阴 昝 智 幸 奉 植 衡 富 尧 闭 由
繁=po 员=yun 黑=he 种=chong 折=she 召=shao 洗=xian 尹 乜=nie 句=gou 晟=cheng 适=kuo 祭=zhai 郗=xi 过=guo 弋 么=yao 尉=wei
卢 尕 拓 竺 钮 计 郏 濮 贝 毋 佴 生 暴 钦 巢 沃 逄=pang 泮 贡 邴 郦 滑 喇 翦 粘 占 黄 肇 撖 鱼 苍 双 薄
付 代 肖 幺 岩 央 才 仁 布 扎 阳 迪 依 旦 格 索 拉 达 热 买 艾 库 图 吐 乃 木 玛 孜 塔
欧阳=ou,yang 上官=shang,guan 司马=si,ma 诸葛=zhu,ge 尉迟=yu,chi 令狐=ling,hu 皇甫=huang,fu 万俟=mo,qi 长孙=zhang,sun
澹台=tan,tai 单于=chan,yu 司徒=si,tu 司空=si,kong 夏侯=xia,hou 东方=dong,fang 公孙=gong,sun 慕容=mu,rong 宇文=yu,wen
轩辕=xuan,yuan 端木=duan,mu 独孤=du,gu 南宫=nan,gong 赫连=he,lian 钟离=zhong,li 闻人=wen,ren 东郭=dong,guo 百里=bai,li
呼延=hu,yan 公羊=gong,yang 淳于=chun,yu 太史=tai,shi 申屠=shen,tu 濮阳=pu,yang 西门=xi,men 公冶=gong,ye 拓跋=tuo,ba
纳兰=na,lan 完颜=wan,yan 叶赫=ye,he 耶律=ye,lv 第五=di,wu 乐正=yue,zheng 宰父=zai,fu 谷梁=gu,liang 颛孙=zhuan,sun
仲孙=zhong,sun 亓官=qi,guan 司寇=si,kou 子车=zi,ju 左丘=zuo,qiu 东门=dong,men 北堂=bei,tang 鲜于=xian,yu 闾丘=lv,qiu
)~";

}  // namespace huiliu::normalize::data
