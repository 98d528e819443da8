"""Every word of the report, Chinese and English side by side: name → (zh, en).

Written for a sales director first. Terms: 定论 verdict, 波动 swing, 赢率 p(won), 覆盖率 coverage,
判对率 right rate, 提前量 lead, 基线 baselines, 校准 calibration, 丢单 lost.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, str]] = {
    # Shell
    "brand": ("先见", "Foresail"),
    "title": ("回测报告", "Backtest report"),
    "language": ("语言", "Language"),
    "theme": ("外观", "Theme"),
    "theme.auto": ("自动", "Auto"),
    "theme.light": ("浅色", "Light"),
    "theme.dark": ("深色", "Dark"),
    "contents": ("目录", "Contents"),
    "data_table": ("看数据表", "Data table"),
    "footer": (
        "由先见 {version} 生成。这是一个独立的文件：不联网，不加载任何外部内容。内含商机编号，转发前请留意。",
        "Made by Foresail {version}. One file that loads nothing from anywhere. "
        "It names deals: mind whom you send it to.",
    ),
    "unit.points": (" 个百分点", " pts"),
    "unit.days": (" 天", " days"),
    "unit.day": (" 天", " day"),
    "to": (" 至 ", " to "),
    "no_interval": ("无区间", "no interval"),
    "interval95": ("95% 区间", "95% interval"),
    "none": ("没有", "None"),
    "not_measured": ("未测", "Not measured"),
    "n": ("样本数", "n"),
    "won": ("赢单", "won"),
    "lost": ("丢单", "lost"),
    "open": ("在途", "open"),
    # The verdict of the report
    "s.verdict": ("结论", "In short"),
    "level.use": ("可以用：在这份数据上，它比阶段赢率更准", "Use it: on this data it beats stage rates"),
    "level.simulated": ("在模拟数据上，它比阶段赢率更准", "On simulated data it beats stage rates"),
    "level.state": (
        "只看未来 {days}：最终赢还是丢，它还看不出",
        "Use it for the next {days} only: it cannot tell who wins in the end",
    ),
    "level.undated": (
        "仅供参考：数据没有日期，成绩偏乐观",
        "For orientation only: undated data make the figures look too good",
    ),
    "level.few": (
        "谨慎使用：已结商机太少，结果还不稳",
        "Use it with care: too few closed deals for firm figures",
    ),
    "level.rates": (
        "还不能建模：已结商机不足 10 个，只给阶段赢率",
        "No model yet: fewer than 10 closed deals, so stage rates only",
    ),
    "level.stage": (
        "谨慎使用：没有显示出比阶段赢率更好",
        "Use it with care: not shown to be better than stage rates",
    ),
    "level.none": ("暂不要用：在这份数据上看不出预测能力", "Do not use it yet: no skill shown on this data"),
    "level.unknown": (
        "无法下结论：数据不足以检验",
        "No conclusion: the data are not enough for a test",
    ),
    "simulated": ("模拟数据", "simulated data"),
    "q.good": ("准不准？", "How good is it?"),
    "q.many": ("测了多少？", "On how many deals?"),
    "q.better": ("比阶段赢率强吗？", "Better than stage rates?"),
    "q.use": ("能用来做什么？", "What may I use it for?"),
    "q.not": ("不能做什么？", "What can it not do?"),
    "a.good": (
        "任取一个赢单和一个丢单，它把赢单排在前面的机会是 {auc}（95% 区间 {interval}）；抛硬币是 50%。",
        "Take a won deal and a lost one: it ranks the won deal higher {auc} of the time "
        "(95% interval {interval}); a coin does so 50%.",
    ),
    "a.good.ece": (
        "给出的赢率与实际平均相差 {ece}。",
        "The probabilities it states are off by {ece} on average.",
    ),
    "a.good.unknown": ("没有测出来。", "This could not be measured."),
    "a.wide": (
        "区间很宽：样本少，换一批数据结果可能差不少。",
        "The interval is wide: few cases, and another test could differ a lot.",
    ),
    "a.many.dated": (
        "数据里有 {deals} 个商机（赢单 {won}、丢单 {lost}、在途 {open}）。只用 {cutoff}之前的记录学习，再拿此后的 {rows} 次预测对答案（一个商机在一个观察点算一次）。",
        "The data hold {deals} deals ({won} won, {lost} lost, {open} open). It learned only from what was known "
        "before {cutoff}, and was then marked on {rows} looks at deals (one deal on one day) after it.",
    ),
    "a.many.undated": (
        "数据里有 {deals} 个商机（赢单 {won}、丢单 {lost}、在途 {open}），没有日期，只能随机分组轮流检验（{rows} 行）。",
        "The data hold {deals} deals ({won} won, {lost} lost, {open} open) without dates, so they were split at "
        "random and tested in turn ({rows} rows).",
    ),
    "a.better.yes": (
        "强，两项差值的 95% 区间都大于零。与阶段赢率之差（正数为好）：{details}。",
        "Yes, both intervals lie above zero. Difference from stage rates (positive is better): {details}.",
    ),
    "a.better.partly": (
        "只强在一部分。与阶段赢率之差（正数为好）：{details}。",
        "In part. Difference from stage rates (positive is better): {details}.",
    ),
    "a.better.no": (
        "没有显示出更好：没有一项差值的 95% 区间大于零。与阶段赢率之差（正数为好）：{details}。",
        "Not shown to be better: no interval lies above zero. Difference from stage rates (positive is better): {details}.",
    ),
    "a.better.one": ("{name} {gain}，{said}", "{name} {gain}, {said}"),
    "list.mark": ("；", "; "),
    "comma": ("、", ", "),
    "a.better.unknown": ("没有做配对比较，不能说更好。", "No paired comparison was made, so no claim."),
    "a.use.use": (
        "排跟进的优先级、提前找出可能丢的单、看未来 {days}的走势。重要决定仍由人来做。",
        "Ranking whom to work on, finding deals about to be lost, and the outlook for the next {days}. "
        "People still decide what matters.",
    ),
    "a.use.simulated": (
        "这是一家模拟的公司，只用来看报告能回答什么；换成自己的日志再做决定。",
        "This company is simulated, to show what the report can answer. Decide on a report of your own log.",
    ),
    "a.use.state": (
        "只用来看哪些商机会在 {days} 内结束；不要用它给最终赢率排名。",
        "Only to see which deals will close within {days}; do not rank final win chances by it.",
    ),
    "a.use.undated": (
        "看看哪些因素有关；不要据此承诺业绩。补上日期后重测。",
        "To see which factors matter; promise nothing on it. Add dates and test again.",
    ),
    "a.use.few": (
        "当作第二意见，看区间而不是单个数字；每多结一批商机就重测一次。",
        "As a second opinion: read the intervals, not the single figures, and test again as deals close.",
    ),
    "a.use.rates": (
        "只能当作各阶段的平均赢率来看。",
        "Only as the average win rate of each stage.",
    ),
    "a.use.stage": (
        "它给的理由和预警可以参考；单看预测，继续用阶段赢率也不吃亏。",
        "Its reasons and alerts may help; for the forecast itself, stage rates serve as well.",
    ),
    "a.use.none": (
        "现在先不用。请先查数据：日期、阶段变化和客户往来是否记全。",
        "Nothing for now. Look at the data first: are dates, stage moves and customer contacts recorded?",
    ),
    "a.use.unknown": ("先补数据，再重测。", "Add data, then test again."),
    "a.not.verdict": (
        "只对 {coverage} 的在途商机下定论，其余如实写“尚难定论”。",
        "It gives a verdict on only {coverage} of open deals; for the others it says “too early to tell”.",
    ),
    "a.not.silent": (
        "不会给出“{side}”的定论：过往数据撑不起这样的把握。",
        "It never names a deal {side}: past weeks do not support that certainty.",
    ),
    "a.not.silent.all": (
        "完全不下定论：过往数据撑不起这样的把握。",
        "It gives no verdicts at all: past weeks do not support that certainty.",
    ),
    "a.not.always": (
        "不证明因果，不保证未来，也看不见没有记录的事。",
        "It proves no cause, guarantees no future, and cannot see what was not recorded.",
    ),
    # Tiles
    "tile.auc": ("区分度（AUC）", "Ranking (AUC)"),
    "tile.coverage": ("定论覆盖率", "Coverage of verdicts"),
    "tile.right": ("定论判对率", "Verdicts that were right"),
    "tile.lead": ("预警提前量（中位）", "Lead of alerts (median)"),
    "tile.skill": ("误差比平均赢率低", "Error below the prior's"),
    "tile.ece": ("概率的平均偏差", "Stated chances off by"),
    "tile.target": ("目标\u00a0{target}", "target\u00a0{target}"),
    # What was measured
    "s.measured": ("测了什么，怎么测", "What was measured, and how"),
    "measured.how": (
        "站在过去某一天（观察点），只看当天已知的事，预测之后会怎样，再翻开答案。每隔 {every}设一个观察点，各向前看 {horizon}。学习、校准和所有门槛都只用切分点之前的数据，切分点之后不再改动。",
        "We stand on a past day (a landmark), look only at what was known then, forecast, and turn the answer over. "
        "Landmarks lie {every} apart and look {horizon} ahead. Learning, calibration and every threshold use only "
        "what lies before the cutoff; nothing is changed after it.",
    ),
    "measured.undated": (
        "数据没有日期，无法站到过去去看。商机分成 {folds} 组，轮流用其余组学习、在这一组检验，内容相同的行放在同一组。这样的成绩偏乐观：真实使用时，未来和过去并不一样。状态、波动和预警也因此无法检验。",
        "Without dates one cannot stand in the past. Deals were split into {folds} parts, each tested by a model "
        "learned from the others, identical rows kept together. Such figures flatter: in use, the future differs "
        "from the past. State, swing and alerts cannot be tested this way.",
    ),
    "strip.title": ("时间切分", "How time was cut"),
    "strip.desc": (
        "记录从 {first} 到 {last}；{cutoff} 之前用来学习，{cutoff} 到 {until} 用来检验，之后只用来等结果。",
        "The log runs from {first} to {last}; before {cutoff} it is learned from, {cutoff} to {until} is the test, "
        "and what follows only tells the outcomes.",
    ),
    "strip.learn": ("学习", "Learn"),
    "strip.test": ("检验", "Test"),
    "strip.wait": ("等结果", "Outcomes"),
    "f.log": ("数据", "Data"),
    "f.mapping": ("字段映射", "Mapping"),
    "f.deals": ("商机", "Deals"),
    "f.events": ("事件", "Events"),
    "f.outcomes": ("赢单 / 丢单 / 在途", "Won / lost / open"),
    "f.period": ("记录期间", "Period of the log"),
    "f.rows": ("学习 / 检验行数", "Rows learned / tested"),
    "f.cutoff": ("切分点", "Cutoff"),
    "f.until": ("检验截至", "Tested until"),
    "f.steps": ("观察点间隔 / 预测期", "Landmark step / horizon"),
    "f.zone": ("时区", "Time zone"),
    "f.closed": ("已知最终输赢的占比", "Deals whose end is known"),
    "f.seconds": ("用时", "Time taken"),
    "f.seconds.of": (
        "读取 {read}，特征 {features}，训练 {train}，打分 {score} 秒",
        "read {read}, features {features}, train {train}, score {score}\u00a0s",
    ),
    # Baselines
    "s.baselines": ("与基线对比", "Side by side with the baselines"),
    "baselines.how": (
        "同样的行，同样的规则。阶段赢率是多数 CRM 的做法，朴素贝叶斯是部分 CRM 的做法，平均赢率则什么都不看。差值的区间含零，就写“未显示更好”。",
        "Same rows, same rules. Stage rates are what most CRMs offer, naive Bayes what some do; the prior looks at "
        "nothing. Where the interval of a difference includes zero we write “not shown to be better”.",
    ),
    "b.ours": ("先见", "Foresail"),
    "b.stage_rate": ("阶段赢率", "Stage rate"),
    "b.naive_bayes": ("朴素贝叶斯", "Naive Bayes"),
    "b.prior": ("平均赢率", "Prior"),
    "better": ("更好", "better"),
    "worse": ("更差", "worse"),
    "unclear": ("未显示更好", "not shown to be better"),
    "baselines.gain": (
        "先见比基线好多少（正数为好，括号内为 95% 区间）",
        "How much better than the baselines (positive is better; 95% interval)",
    ),
    "gains.over": ("对比{baseline}", "Against: {baseline}"),
    "baselines.all": ("全部指标对比", "All figures side by side"),
    "baselines.metric": ("指标", "Figure"),
    "baselines.chart.desc": (
        "每行一个方法，标记为数值，横线为 95% 区间：{rows}。",
        "One method per row, the mark is the value, the line its 95% interval: {rows}.",
    ),
    "higher": ("越高越好", "higher is better"),
    "lower": ("越低越好", "lower is better"),
    "method": ("方法", "Method"),
    "value": ("数值", "Value"),
    # Calibration
    "s.calibration": ("说三成，真有三成吗（校准）", "Does 30% mean 30%? (calibration)"),
    "calibration.how": (
        "把给出的概率相近的商机放在一起，看实际发生了多少。点落在斜线上，就是说到做到；竖线是 95% 区间，空心点是区间碰不到斜线的组。",
        "Deals given about the same chance are put together and counted. A point on the slanted line means the stated chance came true; the bar is its 95% interval, a hollow point one whose interval misses the line.",
    ),
    "cal.final": ("最终赢率", "Won in the end"),
    "cal.won": ("{days}内赢单", "Won within {days}"),
    "cal.lost": ("{days}内丢单", "Lost within {days}"),
    "cal.x": ("给出的概率", "stated chance"),
    "cal.y": ("实际比例", "what came"),
    "cal.desc": (
        "{k} 组商机，共 {n} 行；{off} 组的区间碰不到斜线。",
        "{k} groups of deals, {n} rows in all; the interval of {off} of them misses the line.",
    ),
    "cal.finding": (
        "{name}：{k} 组里有 {ok} 组说到做到（区间碰到斜线）。",
        "{name}: {ok} of {k} groups agree with what was stated (interval touches the line).",
    ),
    "cal.finding.ece": ("平均偏差 {ece}。", "Off by {ece} on average."),
    # Verdicts
    "s.verdicts": ("定论：敢说多少，说对多少", "Verdicts: how many, and how many right"),
    "verdicts.how": (
        "把握够大才下定论：{days}内赢单或丢单。门槛用过去几周的数据定好，目标是至少 {target} 判对；做不到的一侧就不下定论。判对率受控并持续监测，但不是保证。",
        "A verdict (won or lost within {days}) is given only when sure enough. The threshold is set on past weeks "
        "so that at least {target} are right; a side that cannot hold that stays silent. Right rates are controlled "
        "and monitored, not guaranteed.",
    ),
    "verdicts.chart": ("覆盖率与判对率", "Coverage against right rate"),
    "verdicts.chart.desc": (
        "横轴是下定论的商机占比，纵轴是其中判对的比例。{points}",
        "Across: the share of open deals given a verdict; up: the share of those that were right. {points}",
    ),
    "verdicts.point": (
        "{side}侧取覆盖率 {share}、判对率 {right}。",
        "The {side} side uses {share} at {right} right.",
    ),
    "verdicts.point.silent": ("{side}侧不下定论。", "The {side} side is silent."),
    "verdicts.x": ("覆盖率", "coverage"),
    "verdicts.y": ("判对率", "right"),
    "verdicts.threshold": ("目标\u00a0{target}", "target\u00a0{target}"),
    "verdicts.chosen": ("选用点", "chosen"),
    "verdicts.side": ("哪一侧", "Side"),
    "verdicts.met": (
        "{share} 的在途商机得到定论，其中 {right} 判对（95% 区间 {interval}），达到 {target} 的目标。",
        "{share} of open deals got a verdict, {right} of them right (95% interval {interval}): the target of "
        "{target} was met.",
    ),
    "verdicts.near": (
        "{share} 的在途商机得到定论，其中 {right} 判对（95% 区间 {interval}）；区间含 {target} 的目标，还不能说稳稳达到。",
        "{share} of open deals got a verdict, {right} of them right (95% interval {interval}); the interval includes "
        "the target of {target}, so it is not shown to be held.",
    ),
    "verdicts.missed": (
        "{share} 的在途商机得到定论，但只有 {right} 判对（95% 区间 {interval}），没达到 {target} 的目标。",
        "{share} of open deals got a verdict, but only {right} were right (95% interval {interval}): the target of "
        "{target} was missed.",
    ),
    "verdicts.nobody": ("两侧都没有下定论。", "Both sides stayed silent: no verdicts."),
    "verdicts.one": (
        "{side}侧：给 {share} 的在途商机下定论，{right} 判对。",
        "The {side} side: verdicts on {share} of open deals, {right} of them right.",
    ),
    "verdicts.silent": ("{side}侧不下定论：{why}", "The {side} side is silent: {why}"),
    "verdicts.silent.both": ("赢单、丢单两侧都不下定论：{why}", "Both sides are silent: {why}"),
    "verdicts.silent.why": ("过去几周里达不到目标判对率。", "it could not hold the target in past weeks."),
    # Alerts
    "s.alerts": ("预警：能提前多少天", "Alerts: how many days ahead"),
    "alerts.how": (
        "在每个观察点，给风险最高的十分之一在途商机发预警。提前量是从第一次预警到真正丢单的天数，重复预警不另算。",
        "At each landmark the tenth of open deals most at risk is alerted. The lead is the time from the first alert "
        "to the loss; a repeat is not a new alert.",
    ),
    "alerts.chart": (
        "首次预警比丢单早几天",
        "Days from first alert to loss",
    ),
    "alerts.chart.desc": (
        "{caught} 个丢单事先预警过，中位提前 {median}；{missed} 个从未预警。",
        "{caught} lost deals had been alerted, the median {median} before; {missed} never were.",
    ),
    "alerts.x": ("提前天数", "days ahead"),
    "alerts.bin": ("提前", "Lead"),
    "alerts.deals": ("丢单数", "Lost deals"),
    "alerts.missed": ("未预警", "missed"),
    "alerts.missed.of": ("另有 {n} 个丢单未预警", "{n} more losses were never alerted"),
    "alerts.median": ("中位 {median}", "median {median}"),
    "alerts.recall": (
        "丢掉的商机里，{recall} 至少被预警过一次（95% 区间 {interval}）。",
        "Of the deals that were lost, {recall} had been alerted at least once (95% interval {interval}).",
    ),
    "alerts.precision": (
        "发出的预警里，{precision} 在预测期内确实丢单；随机挑的话是 {base}。",
        "Of the alerts, {precision} were lost within the horizon; picked at random it would be {base}.",
    ),
    "alerts.lead": (
        "中位提前量 {lead}（95% 区间 {interval}）。",
        "The median lead is {lead} (95% interval {interval}).",
    ),
    # Swing
    "s.swing": ("波动：赢率接下来会走到哪", "Swing: where the win chance will stand"),
    "swing.how": (
        "对 {days}后仍在途的商机，预测那时的赢率会落在什么范围。左边色带是预测（内层 50%，外层 80%），右边的线是实际（粗线 50%，细线 80%，圆点为中位）。两边越重合，预测越准。",
        "For deals still open {days} later we forecast the range in which their win chance will then lie. The band on "
        "the left is the forecast (inner 50%, outer 80%), the line on the right what came (thick 50%, thin 80%, dot the "
        "median). The more they agree the better.",
    ),
    "swing.chart": ("预测的波动与实际的波动", "Swing forecast and swing seen"),
    "swing.chart.desc": (
        "按当前赢率分 {k} 组；每组左为预测的中位与 50%、80% 区间，右为实际的。",
        "{k} groups by the present win chance; left in each the forecast median with 50% and 80% bands, right what came.",
    ),
    "swing.x": ("现在的赢率", "win chance now"),
    "swing.y": ("{days}后的赢率", "win chance {days} later"),
    "swing.predicted": ("预测", "Forecast"),
    "swing.realised": ("实际", "Seen"),
    "swing.median": ("中位", "Median"),
    "swing.band50": ("50% 区间", "50% band"),
    "swing.band80": ("80% 区间", "80% band"),
    "swing.in80.ok": (
        "{share} 的商机落在 80% 区间里（95% 区间 {interval}），与承诺相符。",
        "{share} of deals ended inside the 80% band (95% interval {interval}): as it should be.",
    ),
    "swing.in80.narrow": (
        "{share} 的商机落在 80% 区间里（95% 区间 {interval}）：区间偏窄，实际波动更大。",
        "{share} of deals ended inside the 80% band (95% interval {interval}): the band is too narrow.",
    ),
    "swing.in80.wide": (
        "{share} 的商机落在 80% 区间里（95% 区间 {interval}）：区间偏宽，过于保守。",
        "{share} of deals ended inside the 80% band (95% interval {interval}): the band is wider than needed.",
    ),
    "swing.in50": ("落在 50% 区间里的有 {share}。", "{share} ended inside the 50% band."),
    "swing.pinball": (
        "分位误差（pinball）为 {ours}；若假定赢率不变，则为 {same}，越小越好。",
        "Its quantile error (pinball) is {ours}; assuming no change gives {same}. Smaller is better.",
    ),
    "swing.drift.none": (
        "赢率平均移动 {drift}（95% 区间 {interval}），没有发现可以事先料到的移动。",
        "Win chances moved by {drift} on average (95% interval {interval}): no foreseeable movement is shown.",
    ),
    "swing.drift.some": (
        "赢率平均移动 {drift}（95% 区间 {interval}）：其中一部分本可事先料到，模型反应慢了。",
        "Win chances moved by {drift} on average (95% interval {interval}): part of it could be foreseen, so the "
        "model was late.",
    ),
    "swing.beside": (
        "波动只针对届时仍在途的商机；在那之前就结束的机会有多大，见下面每个商机的状态条。",
        "The swing speaks of deals still open; the chance of closing before then is in the state bar of each deal.",
    ),
    # Over time
    "s.weeks": ("随时间稳不稳", "Was it steady over time?"),
    "weeks.how": (
        "每个检验观察点各算一次。上图是 {metric}，下图是当时的在途商机数。单个观察点样本少，有些跳动属正常。",
        "Each test landmark on its own. Above: {metric}; below: the open deals then. One landmark has few cases, so "
        "some jumping is normal.",
    ),
    "weeks.chart": ("各观察点的 {metric}", "{metric} by landmark"),
    "weeks.chart.desc": (
        "{k} 个观察点，{metric} 在 {low} 到 {high} 之间。",
        "{k} landmarks, {metric} between {low} and {high}.",
    ),
    "weeks.finding": (
        "能判分的 {k} 个观察点里，{metric} 最低 {low}，最高 {high}。",
        "Over the {k} landmarks that could be scored, {metric} was {low} at its lowest and {high} at its highest.",
    ),
    "weeks.coin": (
        "其中 {n} 个观察点不比抛硬币好（0.5 及以下）。",
        "At {n} of them it was no better than a coin (0.5 or less).",
    ),
    "weeks.date": ("观察点", "Landmark"),
    "weeks.open": ("在途商机数", "Open deals"),
    # Drivers
    "s.drivers": ("哪些因素在起作用", "What moves the number"),
    "drivers.how": (
        "各因素在全部检验行里占总影响的比例。它们与输赢有关联，但不等于造成输赢。",
        "Each factor's share of all influence over the test rows. They go with the outcome; they need not cause it.",
    ),
    "drivers.up": ("多为拉高", "mostly raises"),
    "drivers.down": ("多为拉低", "mostly lowers"),
    "drivers.both": ("有高有低", "either way"),
    "drivers.rest": ("其余因素合计 {share}。", "All other factors together: {share}."),
    # Deals
    "s.deals": ("{n} 个商机，逐个说明", "{n} deals explained"),
    "deals.how": (
        "每个都按当时所知来说明，并给出后来的结局，判错的也列在内。",
        "Each as it was seen then, with what became of it, mistakes included.",
    ),
    "deal.at": ("截至 {date}", "As seen on {date}"),
    "deal.p": ("最终赢率", "Chance to win in the end"),
    "deal.state": ("{days}后的状态", "State in {days}"),
    "deal.swing": ("若仍在途，{days}后的赢率", "Win chance in {days} if still open"),
    "deal.swing.text": (
        "▼ 现在 {now}，竖线为中位 {median}；一半落在 {low50} 至 {high50}，八成落在 {low80} 至 {high80}",
        "▼ now {now}, line: median {median}; half between {low50} and {high50}, 80% between {low80} and {high80}",
    ),
    "deal.verdict.won": ("定论：赢单", "Verdict: won"),
    "deal.verdict.lost": ("定论：丢单", "Verdict: lost"),
    "deal.verdict.none": ("尚难定论", "Too early to tell"),
    "deal.verdict.undated": ("没有日期，不下定论", "No dates, so no verdict"),
    "deal.later": ("后来", "Later"),
    "deal.later.won": ("赢单", "won"),
    "deal.later.lost": ("丢单", "lost"),
    "deal.later.open": ("到记录结束仍在途", "still open when the log ends"),
    "deal.later.on": ("{how}（{date}）", "{how} on {date}"),
    "deal.hit": ("定论判对", "verdict right"),
    "deal.miss": ("定论判错", "verdict wrong"),
    "deal.why": ("为什么是这个数", "Why this number"),
    "deal.base": ("走到这一步的商机通常的起点", "Where deals that have come this far stand"),
    "deal.rest": ("其余因素合计", "All other factors"),
    "deal.rest.of": ("其余 {n} 个因素合计", "The other {n} factors"),
    "deal.calibration": ("校准（按近期实际比例修正）", "Calibration (to recent rates)"),
    "deal.unexplained": ("未归因（取整与一致性修正）", "Not attributed (rounding, coherence)"),
    "deal.sum": ("合计", "Sum"),
    "deal.events": ("依据：", "Seen in: "),
    "deal.events.more": ("，另有 {n} 次", " and {n} more"),
    "deal.whatif": ("假设推演：如果……", "What if"),
    "deal.whatif.mark": ("只是关联，不是承诺", "association, not a promise"),
    "deal.log_odds": ("对数几率", "Log-odds"),
    "deal.points": ("百分点", "Points"),
    "deal.reason": ("因素", "Factor"),
    "deal.table": ("查看加总过程（对数几率）", "How it adds up (log-odds)"),
    # Refused
    "s.refused": ("排除了什么，为什么", "What was refused, and why"),
    "refused.how": (
        "宁可少看，也不偷看答案。下列内容没有用于预测。",
        "Better to see less than to peek at the answer. The following was kept out of the forecast.",
    ),
    "refused.hindsight": ("事后字段", "Columns known only in hindsight"),
    "refused.hindsight.none": ("没有发现事后字段。", "No hindsight columns were found."),
    "refused.rejects": ("剔除的行", "Rows that could not be read"),
    "refused.rejects.sum": (
        "共 {n} 行；回测时加 --rejects 可逐行导出。",
        "{n} rows in all; backtest with --rejects to have each written out.",
    ),
    "refused.rejects.none": ("每一行都读进来了，没有剔除。", "Every row was read."),
    "refused.rows": ("{n} 行", "{n} rows"),
    "refused.line": ("，例如第 {line} 行", ", e.g. line {line}"),
    "refused.duplicates": ("完全重复的行", "Exact duplicates"),
    "refused.duplicates.some": (
        "{n} 行与别的行完全相同；没有让它们分处学习和检验两边。",
        "{n} rows equal another row; they were kept off opposite sides of the split.",
    ),
    "refused.duplicates.none": ("没有完全重复的行。", "None were found."),
    "refused.tier": ("模型的档位", "Tier of the model"),
    "tier.full": (
        "完整模型：学习用到 {n} 个已结商机（至少 80 个）。",
        "Full model: learned from {n} closed deals (80 or more).",
    ),
    "tier.hierarchical": (
        "已结商机只有 {n} 个，不足 80：改用分层先验，区间放宽。",
        "Only {n} closed deals, fewer than 80: a hierarchical prior with wide bands was used instead.",
    ),
    "tier.stage_rates": (
        "已结商机只有 {n} 个，不足 10：不建模，只给阶段赢率。",
        "Only {n} closed deals, fewer than 10: no model, stage rates only.",
    ),
    "refused.silent": ("不下定论的一侧", "Verdicts kept silent"),
    "refused.silent.none": ("赢单、丢单两侧都会下定论。", "Both sides give verdicts."),
    "refused.silent.undated": ("没有日期，两侧都不下定论。", "No dates, so neither side gives verdicts."),
    # Limits
    "s.limits": ("这些数字没有告诉你的", "What these figures do not say"),
    "limit.cause": (
        "不说明因果。某个因素常与赢单相伴，不等于照着做就会赢；假设推演也是如此。",
        "They do not say why. A factor that goes with winning need not bring it about; the same holds for "
        "every “what if”.",
    ),
    "limit.future": (
        "不保证将来。成绩来自 {period}；市场、团队和流程一变，赢率就会漂移，要定期重测。",
        "They do not promise the future. They come from {period}; markets, teams and processes change, rates drift, "
        "so test again regularly.",
    ),
    "limit.past": ("过去的这份数据", "this past data"),
    "limit.one": (
        "不能断定单个商机。赢率 30% 的商机，十个里约有三个会赢；其中一个赢了，不算判错。",
        "They do not settle one deal. Of ten deals at 30%, about three are won, and winning one is no mistake.",
    ),
    "limit.unseen": (
        "不含没有记录的事。没录入的电话、饭局和微信，模型一概不知；没有定论也不等于没有风险。",
        "They hold nothing unrecorded. Calls, dinners and chats that nobody logged are unknown to it, and no verdict "
        "does not mean no risk.",
    ),
    "limit.people": (
        "不评价人。负责人之间的差别混着客户和分工，不要据此考核或排名。",
        "They do not rate people. Differences between owners mix with customers and territories: never use them for "
        "appraisal or ranking.",
    ),
    "limit.money": (
        "不是金额预测。这里数的是商机个数，没有按金额加权。",
        "They are no revenue forecast. Deals were counted, not weighted by amount.",
    ),
    "limit.use": (
        "不含使用后的影响。回测期间没有人看着预测做事；一旦有人据此行动，结果会随之改变。",
        "They leave out the effect of use. Nobody acted on these forecasts during the test; once people do, outcomes "
        "change.",
    ),
    "limit.slow": (
        "最终输赢只看记录结束前已结的商机（{share}）；拖得久的商机偏少。",
        "The final outcome is judged on deals closed by the end of the log ({share}); slow deals are "
        "under-represented.",
    ),
    "limit.undated": (
        "没有日期：成绩偏乐观，且说不出何时赢、何时输。",
        "Without dates the figures flatter, and nothing is said of when a deal is won or lost.",
    ),
    "limit.few": (
        "样本少：区间宽，排名和理由都可能因几个商机而变。",
        "Few deals: intervals are wide, and a handful of deals can change rankings and reasons.",
    ),
    # All figures
    "s.figures": ("全部指标与定义", "All figures and definitions"),
    "figures.how": (
        "供核对用。区间是按商机重抽 200 次得到的 95% 自助法区间；样本数因指标而异，多数是行（一个商机在一个观察点），召回率和提前量则是商机。",
        "For those who check. Intervals are 95% bootstrap intervals, resampling deals 200 times; n is what the figure "
        "rests on: rows (a deal at a landmark) for most, deals for recall and lead.",
    ),
    "figures.open": ("展开全部", "Show all"),
    "g.final": ("最终输赢", "Final outcome"),
    "g.state": ("{days}后的状态", "State in {days}"),
    "g.state.won": ("{days}内赢单", "Won within {days}"),
    "g.state.lost": ("{days}内丢单", "Lost within {days}"),
    "g.state.open": ("{days}后仍在途", "Still open after {days}"),
    "g.verdicts": ("定论", "Verdicts"),
    "g.verdicts.won": ("定论：赢单", "Verdicts: won"),
    "g.verdicts.lost": ("定论：丢单", "Verdicts: lost"),
    "g.swing": ("波动", "Swing"),
    "g.alerts": ("预警", "Alerts"),
    "meaning": ("含义", "Meaning"),
    "m.auc": ("AUC", "AUC"),
    "m.ap": ("平均精度 AP", "Average precision"),
    "m.brier": ("Brier 误差", "Brier score"),
    "m.brier_skill": ("Brier 提升", "Brier skill"),
    "m.ece": ("校准误差 ECE", "Calibration error (ECE)"),
    "m.log_loss": ("对数损失", "Log loss"),
    "m.base_rate": ("基础比例", "Base rate"),
    "m.closed_share": ("已结比例", "Closed share"),
    "m.accuracy": ("准确率", "Accuracy"),
    "m.target": ("目标判对率", "Target"),
    "m.coverage": ("覆盖率", "Coverage"),
    "m.right": ("判对率", "Right rate"),
    "m.share": ("占在途商机", "Share of open deals"),
    "m.band50": ("落在 50% 区间", "Inside 50% band"),
    "m.band80": ("落在 80% 区间", "Inside 80% band"),
    "m.pinball": ("pinball 误差", "Pinball loss"),
    "m.pinball_no_change": ("pinball（假定不变）", "Pinball, no change"),
    "m.drift_mean": ("平均漂移", "Mean drift"),
    "m.drift_slope": ("漂移斜率", "Drift slope"),
    "m.precision": ("预警命中率", "Precision"),
    "m.recall": ("丢单召回率", "Recall"),
    "m.median_lead_days": ("提前量中位数", "Median lead"),
    "d.auc": (
        "把发生的排在没发生的前面的机会；0.5 等于抛硬币",
        "Chance to rank a case above a non-case; 0.5 is a coin",
    ),
    "d.ap": ("按概率从高到低看的平均命中率", "Mean precision going down the ranking"),
    "d.brier": (
        "概率与结果之差的平方均值，越小越好",
        "Mean squared gap of chance and outcome; smaller is better",
    ),
    "d.brier_skill": (
        "1 − Brier ÷ 平均赢率的 Brier；大于零才算有预测能力",
        "1 − Brier ÷ Brier of the prior; skill if above zero",
    ),
    "d.ece": (
        "15 个等量组里，给出的概率与实际之差的平均",
        "Mean gap of stated and seen over 15 equal-mass bins",
    ),
    "d.log_loss": ("对错得离谱的概率罚得最重，越小越好", "Punishes confident errors most; smaller is better"),
    "d.base_rate": ("实际发生的比例", "How often it happened"),
    "d.closed_share": ("到记录结束时已有输赢的比例", "Share with a known end when the log ends"),
    "d.accuracy": ("可能性最大的状态说对的比例", "How often the likeliest state came true"),
    "d.target": ("门槛要守住的判对率", "The right rate the thresholds must hold"),
    "d.coverage": ("得到定论的在途商机占比", "Share of open deals given a verdict"),
    "d.right": ("定论中判对的比例", "Share of verdicts that were right"),
    "d.share": ("这一侧得到定论的占比", "Share given this verdict"),
    "d.band50": ("实际落在 50% 区间的比例，应约 50%", "How often inside the 50% band; should be about 50%"),
    "d.band80": ("实际落在 80% 区间的比例，应约 80%", "How often inside the 80% band; should be about 80%"),
    "d.pinball": ("波动分位数的误差，越小越好", "Error of the swing quantiles; smaller is better"),
    "d.pinball_no_change": ("假定赢率不变时的误差", "The same, assuming no change"),
    "d.drift_mean": ("赢率的平均移动，应约为零", "Mean movement of the win chance; should be about zero"),
    "d.drift_slope": (
        "移动与当前赢率的关系，应约为零",
        "Movement against the present chance; should be about zero",
    ),
    "d.precision": ("预警后在预测期内确实丢单的比例", "Alerts followed by a loss within the horizon"),
    "d.recall": ("丢单中曾被预警的比例", "Lost deals alerted at least once"),
    "d.median_lead_days": ("首次预警到丢单的天数", "From the first alert to the loss"),
}
