"""What single commands say."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # describe
    "describe.title": ("日志 {log}", "The log {log}"),
    "describe.guessed": ("猜出的映射", "guessed mapping"),
    "describe.guess": ("从数据猜出的映射：", "A mapping, guessed from the data:"),
    "describe.questions": ("请核对：", "Please check:"),
    "describe.wrote_mapping": ("映射已写入", "Wrote the mapping to"),
    "describe.deals": ("商机", "Deals"),
    "describe.deals.of": (
        "{deals}（赢单 {won}，丢单 {lost}，在途 {open}）",
        "{deals} ({won} won, {lost} lost, {open} open)",
    ),
    "describe.events": ("事件", "Events"),
    "describe.time": ("时间", "Time"),
    "describe.period": ("{first} 至 {last}（{zone}）", "{first} to {last} ({zone})"),
    "describe.kinds": ("事件类型", "Kinds of event"),
    "describe.stages": ("阶段", "Stages"),
    "describe.actors": ("执行人", "Actors"),
    "describe.owners": ("负责人", "Owners"),
    "describe.lasts.won": ("赢单历时", "Won within"),
    "describe.lasts.lost": ("丢单历时", "Lost within"),
    "describe.lasts.of": (
        "中位 {mid} 天（十分之八在 {low} 至 {high} 天）",
        "{mid} days (median; eight in ten: {low} to {high})",
    ),
    "describe.missing": ("缺失", "Empty"),
    "describe.more": ("，另有 {n} 项", ", and {n} more"),
    "describe.findings": ("发现的问题：", "What is odd:"),
    "describe.no_findings": ("没有发现问题。", "Nothing odd was found."),
    "describe.hindsight": (
        "事后字段 {column}（不会用于预测）：{why}",
        "Hindsight column {column} (kept out of the forecast): {why}",
    ),
    # simulate
    "simulate.done": (
        "模拟了 {months} 个月、{deals} 个商机、{events} 个事件（种子 {seed}）。",
        "Simulated {deals} deals with {events} events over {months} months (seed {seed}).",
    ),
    "simulate.truth": ("真相已写入", "Wrote the truth to"),
    "simulate.next": (
        "下一步：foresail backtest --mapping {mapping}",
        "Next: foresail backtest --mapping {mapping}",
    ),
    # train
    "train.full": ("模型从 {closed} 个已结商机中学习。", "The model learned from {closed} closed deals."),
    "train.hierarchical": (
        "只有 {closed} 个已结商机，不足以建完整的模型：预测偏向先验，区间较宽。",
        "Only {closed} deals have closed, too few for a full model: forecasts lean on a prior, with wide bands.",
    ),
    "train.stage_rates": (
        "只有 {closed} 个已结商机：只能给出各阶段的赢率。",
        "Only {closed} deals have closed: only rates per stage can be given.",
    ),
    "train.wrote": ("模型与模型卡已写入", "Wrote the model and its card to"),
    # forecast
    "forecast.title": ("{at} 的 {n} 个在途商机，按风险排序", "{n} open deals on {at}, by risk"),
    "forecast.undated": ("{n} 个在途商机（没有日期）", "{n} open deals (no dates)"),
    "forecast.nobody": ("日志里没有在途商机。", "No deal in the log is open."),
    "forecast.nobody_at": ("{at} 没有在途商机。", "No deal is open on {at}."),
    "forecast.deal": ("商机", "Deal"),
    "forecast.won": ("赢率", "p(won)"),
    "forecast.risk": ("{days} 天内丢单", "lost in {days} d"),
    "forecast.won_soon": ("{days} 天内赢单", "won in {days} d"),
    "forecast.swing": ("{days} 天后赢率（80%）", "p(won) in {days} d (80%)"),
    "forecast.close": ("预计结束", "closes"),
    "forecast.verdict": ("定论", "verdict"),
    "forecast.rest": (
        "另有 {n} 个未显示；用 --top 多看，用 --out 或 --json 全部写出。",
        "{n} more; --top shows more, --out and --json write all.",
    ),
    "won": ("赢单", "won"),
    "lost": ("丢单", "lost"),
    # backtest
    "backtest.title": ("主要数字（下行为 95% 区间）", "Main figures (below: 95% interval)"),
    "backtest.figure": ("指标", "Figure"),
    "backtest.rows": ("逐行预测已写入", "Wrote the rows to"),
    "backtest.report": ("报告已写入", "Wrote the report to"),
    "backtest.rejects": ("剔除的行已写入", "Wrote the rejects to"),
    "backtest.json": ("全部数字已写入", "Wrote all figures to"),
    # explain
    "explain.now": ("赢率 {p}", "p(won) {p}"),
    "explain.state": (
        "{days} 天内：赢单 {won}，丢单 {lost}，仍在途 {open}",
        "within {days} days: won {won}, lost {lost}, still open {open}",
    ),
    "explain.swing": (
        "{days} 天后若仍在途，赢率多半在 {low} 至 {high}（80%）",
        "if still open in {days} days, p(won) will likely read {low} to {high} (80%)",
    ),
    "explain.verdict": ("定论：{verdict}", "verdict: {verdict}"),
    "explain.no_verdict": ("尚难定论", "no verdict"),
    "explain.drivers": (
        "驱动因素（对数几率；右为推高，左为拉低）",
        "Drivers (log-odds; right pushes up, left pulls down)",
    ),
    "explain.driver": ("因素", "Driver"),
    "explain.size": ("大小", "Size"),
    "explain.events": ("相关事件", "Events behind it"),
    "explain.base": ("走到这一步的商机通常的起点", "Where deals that have come this far stand"),
    "explain.rest": ("其余因素合计", "All other factors"),
    "explain.calibration": ("校准", "Calibration"),
    "explain.what_if": ("假设推演（只是关联，不是承诺）", "What if (an association, not a promise)"),
    "explain.change": ("改变", "Change"),
    "explain.before": ("现在", "now"),
    "explain.after": ("改变后", "then"),
    # doctor
    "serve.ready": ("先见已启动（{seconds} 秒）：{address}", "Foresail is up ({seconds} s): {address}"),
    "serve.home": ("数据在 {folder}。按 Ctrl-C 停止。", "Its data is in {folder}. Ctrl-C stops it."),
    "serve.database": (
        "数据库停了，正在不断重试启动：{why}",
        "The database is gone; starting it is tried again and again: {why}",
    ),
    "serve.stopped": ("已停止。", "Stopped."),
    "serve.twice": (
        "另一个先见正在用 {folder}。先停掉它，或用 FORESAIL_HOME 换一个文件夹。",
        "Another Foresail is serving {folder}. Stop it, or choose another folder with FORESAIL_HOME.",
    ),
    "serve.port": (
        "{host} 的 {port} 端口用不了（{why}）。用 --port 换一个端口。",
        "Port {port} of {host} cannot be had ({why}). Choose another with --port.",
    ),
    "serve.port_live": (
        "{host} 的 {port} 端口用不了（{why}）；实时更新用的是网页的下一个端口。用 --port 换一个端口。",
        "Port {port} of {host} cannot be had ({why}): live updates use the port after the web's. "
        "Choose another with --port.",
    ),
    "serve.dies.web": (
        "网页进程一启动就退出，原因见 {log}。",
        "The web process ends as soon as it starts; {log} says why.",
    ),
    "serve.dies.live": (
        "实时更新进程一启动就退出，原因见 {log}。",
        "The process for live updates ends as soon as it starts; {log} says why.",
    ),
    "backup.made": (
        "已备份到 {file}（{size} MB）。请妥善保管，里面是全部数据。",
        "Backed up to {file} ({size} MB). Keep it safe: it holds everything.",
    ),
    "export.made": (
        "已导出到 {file}：{rows} 行、{files} 个附件（{size} MB）。请妥善保管，里面是全部数据。",
        "Written to {file}: {rows} rows and {files} files ({size} MB). Keep it safe: it holds everything.",
    ),
    "backup.unwritable": (
        "写不了 {file}（{why}）。请换一个位置。",
        "{file} cannot be written ({why}). Choose another place.",
    ),
    "backup.program": ("{program} 没有成功：{why}", "{program} failed: {why}"),
    "backup.no_program": (
        "这台机器上没有 {program}。请安装 PostgreSQL 的客户端程序，版本不低于服务器。",
        "This machine has no {program}. Install PostgreSQL's client programs, no older than the server.",
    ),
    "restore.done": ("已从 {file} 恢复。", "Restored from {file}."),
    "restore.data": (
        "这里已有数据。确定要覆盖，请加 --replace；建议先备份。",
        "There is data here already. Back it up, then say --replace to give it up.",
    ),
    "restore.no_backup": ("{file} 不是先见的备份文件。", "{file} is no backup of Foresail."),
    "restore.damaged": (
        "{file} 已损坏，校验和不符。请换一份备份。",
        "{file} is damaged: its checksums do not match. Use another backup.",
    ),
    "restore.newer": (
        "这份备份来自另一版本的先见（{version}），请用该版本恢复。",
        "This backup is of another version of Foresail ({version}). Restore it with that one.",
    ),
    "doctor.python": ("Python", "Python"),
    "doctor.python.old": ("请安装 Python 3.11 或更新的版本。", "Install Python 3.11 or newer."),
    "doctor.packages": ("依赖包", "Packages"),
    "doctor.packages.missing": (
        "缺少上述包；请运行 make clean run。",
        "These are missing. Run: make clean run",
    ),
    "doctor.packages.unknown": (
        "先见没有作为软件包安装；请在项目文件夹运行 make run。",
        "Foresail runs without being installed. In its folder, run: make run",
    ),
    "doctor.openmp": ("OpenMP", "OpenMP"),
    "doctor.openmp.fails": ("请安装 OpenMP（libgomp）。", "Install OpenMP (libgomp)."),
    "doctor.lightgbm": ("LightGBM 训练小模型", "LightGBM trains a tiny model"),
    "doctor.lightgbm.fails": (
        "LightGBM 不能用；请重新安装：make clean run。",
        "LightGBM does not work. Install it again: make clean run",
    ),
    "doctor.lightgbm.nonsense": ("预测结果不是数字", "its forecasts are no numbers"),
    "doctor.memory": ("内存", "Memory"),
    "doctor.memory.little": (
        "建议至少 {least} GiB；数据大时可能不够。",
        "At least {least} GiB are advised; large logs may not fit.",
    ),
    "doctor.memory.unknown": ("看不出有多少内存；建议至少 4 GiB。", "At least 4 GiB are advised."),
    "doctor.cores": ("处理器核", "Cores"),
    "doctor.cores.one": ("只有一个核，训练会慢。", "With one core training is slow."),
    "doctor.folder": ("输出文件夹", "Output folder"),
    "doctor.disk": ("剩余磁盘", "Free disk"),
    "doctor.disk.little": ("建议至少留出 {least} GiB。", "At least {least} GiB are advised."),
    "doctor.database": ("内置数据库", "Embedded database"),
    "doctor.database.closed": (
        "这个文件夹不让我们进；换个用户，或用 FORESAIL_HOME 换一个文件夹。",
        "The folder is closed to us; use its owner, or another folder with FORESAIL_HOME.",
    ),
    "doctor.database.stranded": (
        "这里的数据属于 PostgreSQL {major}：先用原来的先见备份，再在这里恢复。",
        "The data here is of PostgreSQL {major}: back it up with the Foresail that made it, then restore it here.",
    ),
    "doctor.journal": ("删除记录", "Journal of erasures"),
    "doctor.journal.count": (
        "{count} 条，恢复备份时会再次删除",
        "{count} entries, erased again when a backup is restored",
    ),
    "doctor.journal.waiting": (
        "刚恢复的备份里还有已删除者的数据：运行一次 foresail serve 即会删除。",
        "A restored backup still holds who was erased: start foresail serve once, and they go.",
    ),
    "doctor.audit": ("审计记录", "Audit trail"),
    "doctor.audit.none": ("还没有数据表，首次启动时建立", "No tables yet: the first start makes them"),
    "doctor.audit.whole": ("{rows} 条，首尾相连", "{rows} entries, the chain is whole"),
    "doctor.audit.broken": (
        "审计记录被人改过：先停用，再请人查清楚。",
        "Somebody changed the audit trail: stop, and have it looked into.",
    ),
    "doctor.works": ("正常", "works"),
    "doctor.fails": ("不能用", "does not work"),
    "doctor.unknown": ("未知", "unknown"),
    "doctor.fit": ("这台机器可以用。", "This machine is fit."),
    "doctor.unfit": (
        "这台机器还不能用：请先处理标有 ✗ 的行。",
        "This machine is not fit yet: see to the lines marked ✗.",
    ),
    # make run
    "quick.simulated": (
        "没有给日志，于是模拟了一家公司：{deals} 个商机、{events} 个事件。",
        "No log was given, so a company was simulated: {deals} deals, {events} events.",
    ),
    "quick.guessed": (
        "没有给映射，于是猜了一份；请核对后再用：{path}",
        "No mapping was given, so one was guessed; check it before you trust the rest: {path}",
    ),
    "quick.kept_mapping": (
        "没有给映射，用的是上次留下的：{path}（想重新猜就删掉它）",
        "No mapping was given, so the one from last time is used: {path} (to guess anew, remove it)",
    ),
    "quick.report": ("报告", "Report"),
    "quick.table": ("预测", "Forecast"),
    "quick.model": ("模型", "Model"),
    "quick.figures": ("全部数字", "All figures"),
    "quick.own": ("用自己的数据：make run LOG=… MAPPING=…", "Your own data: make run LOG=… MAPPING=…"),
}
