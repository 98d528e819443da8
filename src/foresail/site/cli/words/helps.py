"""What `--help` tells of commands, options and arguments."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    # Help
    "help.foresail": (
        "先见：从销售日志里提前看出商机的走向。",
        "Foresail sees a deal turn before it turns, from the log of what happened in it.",
    ),
    "help.exit": (
        "退出码：0 正常；1 数据或问题本身有误；2 命令用法有误；3 程序自身的意外故障；130 被中断。",
        "Exit codes: 0 fine, 1 the data or the question is at fault, 2 wrong usage, 3 an unexpected fault of "
        "Foresail, 130 interrupted.",
    ),
    "help.describe": (
        "看看日志里有什么、有什么问题；没有映射就先猜一份。",
        "Tell what is in a log and what is wrong with it; guess a mapping where there is none.",
    ),
    "help.backtest": (
        "回测：站在过去某天做预测，再用后来的事实打分。",
        "Forecast as if on past days, and judge it by what came after.",
    ),
    "help.train": (
        "训练模型，连同模型卡存入文件夹。",
        "Learn a model and keep it in a folder, with its card.",
    ),
    "help.forecast": (
        "预测某一天所有在途商机，最可能丢单的排在最前。",
        "Forecast every deal open on a day, the one most likely to be lost first.",
    ),
    "help.explain": (
        "说明一个商机的赢率由什么决定，并做假设推演。",
        "Tell what moves the number of one deal, and what if a fact were another.",
    ),
    "help.simulate": (
        "模拟一家公司的销售日志，真相另存。",
        "Write the log of a simulated company and, apart from it, the truth behind it.",
    ),
    "help.serve": (
        "启动先见的全部服务（数据库、网页、实时更新、后台任务），Ctrl-C 停止。",
        "Start all of Foresail (database, web, live updates, background jobs); Ctrl-C stops it.",
    ),
    "help.user": (
        "添加一位用户；第一位系统管理员就这样来。密码在终端里输入，或从标准输入读第一行。",
        "Add a user, the first administrator above all. The password is asked for, or read from stdin's first line.",
    ),
    "help.backup": (
        "把这套先见的全部数据和模型备份成一个文件；服务可以照常运行。",
        "Put all that this Foresail knows, models included, into one file. It may be serving meanwhile.",
    ),
    "help.export": (
        "导出全部数据为一个通用格式的压缩包（JSON Lines 和附件），供其他程序读取；服务可以照常运行。",
        "Write all data into one zip that other programs read (JSON Lines, and files). It may be serving meanwhile.",
    ),
    "help.restore": (
        "用备份文件恢复全部数据和模型；先停止服务。",
        "Put what a backup holds in the place of what is here. Stop serving first.",
    ),
    "help.demo": (
        "填入一家演示公司（启明自动化）和十八个月的历史，直到今天；只能填入空的先见。",
        "Fill an empty Foresail with a made-up company and eighteen months of history, up to today.",
    ),
    "help.import": (
        "把公司自己的销售日志导入为商机和时间线；再导入一次只添加新商机。",
        "Bring in a company's own log as deals with their timeline. Done again, it adds only new deals.",
    ),
    "help.signals": (
        "导入一个信号文件（展会扫码、拜访记录、社交媒体导出），经采集边界放行的才保存；同一行只算一次。",
        "Bring a file of signals (fair scans, visit notes, social media); what the boundary allows is kept, each row once.",
    ),
    "arg.signals_file": ("CSV 或 Excel 文件。", "A CSV file or an Excel workbook."),
    "opt.signals_source": ("来源：fair_scan、visit_note 或 social。", "fair_scan, visit_note or social."),
    "opt.signals_day": (
        "没有时间列时，这些事发生在哪一天，如 2026-11-20。",
        "On which day it was, such as 2026-11-20, where no column holds times.",
    ),
    "help.openapi": (
        "输出 HTTP 接口的描述（OpenAPI 3.1），客户端代码由它生成。",
        "Write the description of the HTTP interface (OpenAPI 3.1), from which clients are generated.",
    ),
    "help.doctor": (
        "检查这台机器能不能用，不能用该怎么办。",
        "Tell whether this machine is fit, and if not, what to do.",
    ),
    "title.options": ("选项", "Options"),
    "title.arguments": ("参数", "Arguments"),
    "title.commands": ("子命令", "Commands"),
    "title.default": ("[默认：{}]", "[default: {}]"),
    "title.required": ("[必填]", "[required]"),
    "arg.log": (
        "日志文件（CSV、Parquet、XES，可为 .gz）；写了就代替映射里的文件。",
        "The log (CSV, Parquet or XES, gzipped or not); it goes before the file named in the mapping.",
    ),
    "arg.log_and_deal": (
        "[日志文件] 商机编号；日志省略时用映射里的文件。",
        "[log file] and the id of the deal; without a log, the file named in the mapping is read.",
    ),
    "opt.help": ("显示这份说明。", "Show this help."),
    "opt.version": ("显示版本号。", "Show the version."),
    "opt.lang": (
        "界面语言；默认随系统（LC_ALL、LANG）。写在哪里都行。",
        "Language of what is said; default: that of the system (LC_ALL, LANG). May stand anywhere.",
    ),
    "opt.mapping": ("映射文件（TOML）：各列是什么意思。", "The mapping (TOML): what the columns mean."),
    "opt.mapping_or_guess": (
        "映射文件（TOML）；省略时从数据里猜一份。",
        "The mapping (TOML); without it one is guessed from the data.",
    ),
    "opt.write_mapping": ("把猜出的映射写到这里。", "Write the guessed mapping here."),
    "opt.json": ("以 JSON 写入文件；- 表示标准输出。", "Write JSON to a file, or to stdout for -."),
    "opt.seed": ("随机种子：同样的数据和种子，同样的结果。", "Same data and seed, same result."),
    "opt.allow_rejects": (
        "即使超过 5% 的行无法识别，也继续。",
        "Go on even if more than 5 % of the rows cannot be read.",
    ),
    "opt.rejects": ("把被剔除的行写到这里（CSV）。", "Write the rows set aside here (CSV)."),
    "opt.model": (
        "train 存下的模型文件夹；省略时现场训练。",
        "The folder of a model kept by train; without it one is trained now.",
    ),
    "opt.model_new": (
        "模型存入的文件夹；其中若有旧模型，会被替换。",
        "The folder to keep the model in; a model that is there is replaced.",
    ),
    "opt.as_of": (
        "只用这一天之前已知的事来学习；默认学到日志末尾。",
        "Learn from what was known before this day; default: the whole log.",
    ),
    "opt.at": (
        "站在哪一天（或时刻）看；默认日志结束的次日。",
        "The day (or instant) to look at; default: the day after the log's end.",
    ),
    "opt.cutoff": (
        "切分点：模型只学这一天之前的事；默认自动选取。",
        "The day at which the model stops learning; default: chosen from the log.",
    ),
    "opt.until": (
        "检验到这一天为止；默认自动选取。",
        "The day at which the test ends; default: chosen from the log.",
    ),
    "opt.every": (
        "观察点的间隔，如 2d；必须能整除预测期。",
        "How far landmarks lie apart, such as 2d; it must divide the horizon.",
    ),
    "opt.horizon": ("预测期：向前看多久，如 14d、2w。", "How far ahead to look, such as 14d or 2w."),
    "opt.rows": (
        "每个商机在每个观察点的预测，写成 .csv 或 .parquet。",
        "One line per deal and landmark, as .csv or .parquet.",
    ),
    "opt.report": ("把报告写成一个 HTML 文件。", "Write the report as one HTML file."),
    "opt.forecast_out": ("预测结果写成 .csv 或 .parquet。", "Write the forecast as .csv or .parquet."),
    "opt.top": ("屏幕上最多显示几个商机。", "How many deals to show on the screen."),
    "opt.what_if": (
        "假设推演，可多次：event=call、stage=negotiation、amount=-10% 或 amount=200000。",
        "What if, any number of times: event=call, stage=negotiation, amount=-10% or amount=200000.",
    ),
    "opt.deals": ("商机数。", "How many deals."),
    "opt.months": ("商机在多少个月内陆续创建。", "Over how many months deals open."),
    "opt.sim_out": ("日志和映射写入的文件夹。", "The folder for the log and its mapping."),
    "opt.truth": (
        "植入的原因和隐藏的概率，另写到这里（JSON）。",
        "Write the planted causes and hidden chances here (JSON).",
    ),
    "opt.demo_deals": (
        "模拟到本月底为止的商机数；今天以后的不会填入。",
        "How many deals are simulated up to the end of this month; those after today are left out.",
    ),
    "opt.no_train": (
        "现在不训练，由后台任务去做。",
        "Leave the learning to the background jobs.",
    ),
    "opt.import_line": (
        "业务线；没有就新建，默认与销售流程同名。",
        "The business line, made if need be; default: the pipeline's name.",
    ),
    "opt.import_team": ("商机归属的团队；没有就新建。", "The team the deals belong to, made if need be."),
    "opt.import_name": (
        "销售流程的名称；默认取日志文件名。",
        "The pipeline's name; default: that of the log.",
    ),
    "opt.user_email": ("登录用的邮箱。", "The e-mail address to sign in with."),
    "opt.user_name": ("姓名。", "The user's name."),
    "opt.user_existing": (
        "为已有用户设置新密码并补充角色；单点登录不可用或管理员忘记密码时使用。",
        "Give somebody known a new password and roles: when single sign-on or the administrator's memory fails.",
    ),
    "opt.user_role": (
        "角色，可写多次：rep、manager、sales_operations、legal、engineering、logistics、admin、read_only。",
        "A role, any number of times: rep, manager, sales_operations, legal, engineering, logistics, admin, read_only.",
    ),
    "user.password": ("密码", "Password"),
    "user.again": ("再输一次", "Once more"),
    "demo.step.simulate": ("模拟公司", "simulating"),
    "demo.step.people": ("添加用户和团队", "adding people"),
    "demo.step.deals": ("添加客户和商机", "adding accounts and deals"),
    "demo.step.history": ("写入时间线", "writing the timeline"),
    "demo.step.doubles": ("查找重复记录", "looking for duplicates"),
    "demo.step.train": ("训练模型", "learning"),
    "demo.step.replay": ("回放最近的预测", "replaying past forecasts"),
    "demo.step.score": ("计算预测", "forecasting"),
    "demo.filled": (
        "已填入启明自动化：{people} 位用户、{accounts} 个客户、{deals} 个商机（{open} 个在途）、{entries} 条时间线记录。",
        "启明自动化 is here: {people} people, {accounts} accounts, {deals} deals ({open} open), {entries} timeline entries.",
    ),
    "demo.learned": (
        "模型已就绪，在途商机均已预测。",
        "The model is ready, and every open deal has its forecast.",
    ),
    "demo.learns_later": (
        "预测模型将由后台任务训练，请保持 foresail serve 运行。",
        "The model will be learned in the background, while foresail serve runs.",
    ),
    "demo.logins": ("可用以下账号登录", "Sign in as"),
    "demo.email": ("邮箱", "E-mail"),
    "demo.password": ("密码", "Password"),
    "demo.name": ("姓名", "Name"),
    "demo.role": ("角色", "Role"),
    "demo.next": ("运行 foresail serve，然后打开 {address}。", "Run foresail serve, then open {address}."),
    "import.step": ("导入日志", "importing"),
    "import.done": (
        "已导入“{name}”：{deals} 个商机（{open} 个在途）、{accounts} 个客户、{entries} 条时间线记录。",
        "Imported {name}: {deals} deals ({open} open), {accounts} accounts, {entries} timeline entries.",
    ),
    "import.known": (
        "另有 {n} 个商机以前已导入，保持不变。",
        "{n} further deals were imported before and stay as they are.",
    ),
    "signals.no_file": ("没有文件 {file}。", "There is no file {file}."),
    "signals.no_source": (
        "没有来源 {given}。可选：{known}。",
        "There is no source {given}. There is: {known}.",
    ),
    "signals.unreadable": ("{file} 无法读取：{why}。", "{file} cannot be read: {why}."),
    "signals.done": (
        "共 {rows} 行：保存 {kept} 条信号，{seen} 条以前已有。",
        "{rows} rows: {kept} signals were kept, {seen} were here before.",
    ),
    "signals.left_out": ("未保存或未完整保存：{why}，{n}。", "Not kept, or not whole: {why}, {n}."),
    "signals.doubtful": (
        "{n} 行写了同意，但缺少同意时间或告知文案版本，不算同意。",
        "{n} rows say that somebody agreed, but not when or to which wording: that is no consent.",
    ),
    "signals.wrong": (
        "{n} 行缺少有效的时间或人员信息，未读取（不计表头和空行的第几条）：{rows}",
        "{n} rows lack a time or say not who it was (counted without header and empty rows): {rows}",
    ),
    "signals.because.no_boundary": ("没有生效的采集边界", "no boundary is in force"),
    "signals.because.source": ("来源不在采集边界内", "the source is outside the boundary"),
    "signals.because.kind": ("信号类型不在采集边界内", "the kind is outside the boundary"),
    "signals.because.consent": ("没有有效的同意", "no valid consent"),
    "signals.because.unproven": ("身份未经证明", "identity not proven"),
    "signals.because.too_old": ("已超过保存期限", "past its time"),
    "signals.because.field_dropped": ("不采集的字段", "fields left out"),
    "signals.because.field_masked": ("已脱敏的字段", "fields masked"),
    "user.changed": (
        "已为 {email} 设置新密码，其他设备上的登录已退出。",
        "{email} has the new password, and is signed out everywhere.",
    ),
    "user.added": ("已添加 {email}。", "{email} was added."),
    "error.user_name": (
        "新用户请用 --name 指定姓名；已有用户请用 --existing。两者只能选一个。",
        "Name a new user with --name, or say --existing for one there is. One of the two.",
    ),
    "error.role": ("没有角色 {given}。可选：{known}。", "There is no role {given}. There is: {known}."),
    "opt.openapi_out": (
        "写到哪个文件；- 表示标准输出。",
        "Where to write it; - is stdout.",
    ),
    "opt.port": (
        "网页进程的端口，只在本机可访问。",
        "The port of the web process, reached from this machine alone.",
    ),
    "opt.everything": (
        "写入的压缩包：全部记录、变更记录、时间线、附件和审计记录，不含密码和密钥。",
        "The zip to write: all records, histories, the timeline, files and the audit trail, without passwords and keys.",
    ),
    "opt.backup_file": ("备份文件。", "The backup file."),
    "opt.restore_replace": (
        "覆盖这里已有的数据。",
        "Give up the data that is here.",
    ),
    "opt.serve_demo": (
        "空的先见里先放入演示公司。",
        "Put the demo company into an empty Foresail first.",
    ),
    "opt.doctor_out": ("打算把结果写到哪个文件夹。", "The folder that results are to be written to."),
    "opt.sim_seed": ("模拟的随机种子。", "The seed of the simulation."),
    "opt.quick_log": ("自己的日志；省略时模拟一家公司。", "Your own log; without it a company is simulated."),
    "opt.quick_mapping": ("它的映射；省略时猜一份。", "Its mapping; without it one is guessed."),
    "opt.quick_out": ("结果写入的文件夹。", "The folder for everything that is written."),
    "help.quickstart": (
        "从一份日志（没有就模拟一份）到预测、回测和报告，一步走完。",
        "From a log (simulated, if you give none) to forecast, backtest and report in one go.",
    ),
}
