"""Every text of the command line in Chinese and English: key → (zh, en)."""

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
    "user.added": ("已添加 {email}。", "{email} was added."),
    "error.role": ("没有角色 {given}。可选：{known}。", "There is no role {given}. There is: {known}."),
    "opt.openapi_out": (
        "写到哪个文件；- 表示标准输出。",
        "Where to write it; - is stdout.",
    ),
    "opt.port": (
        "网页进程的端口，只在本机可访问。",
        "The port of the web process, reached from this machine alone.",
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
    # Errors
    "error": ("错误：", "Error: "),
    "error.language": ("--lang 只能是 zh 或 en，不能是“{given}”。", "--lang is zh or en, not {given!r}."),
    "error.interrupted": ("已中断；没有留下写了一半的文件。", "Interrupted; no half-written file is left."),
    "error.fault": (
        "先见自身出了故障，不是你的数据的问题。请把上面的内容附在问题报告里；也可先运行 foresail doctor。",
        "This is a fault of Foresail. Please report it with the lines above; foresail doctor may tell more.",
    ),
    "error.duration": (
        "“{given}”不是时长；请写成 2d、14d 或 2w（1 到 366 天）。",
        "{given!r} is no duration. Write one such as 2d, 14d or 2w (1 to 366 days).",
    ),
    "error.date": (
        "“{given}”不是日期；请写成 2025-06-01。",
        "{given!r} is no date. Write one such as 2025-06-01.",
    ),
    "error.moment": (
        "“{given}”不是日期或时刻；请写成 2025-06-01 或 2025-06-01T09:30。",
        "{given!r} is no date or time. Write one such as 2025-06-01 or 2025-06-01T09:30.",
    ),
    "error.every": (
        "--every（{every} 天）必须能整除 --horizon（{horizon} 天）；可选：{divisors}。",
        "--every ({every} days) must divide --horizon ({horizon} days). Choose one of {divisors}.",
    ),
    "error.until": (
        "--until（{until}）必须晚于 --cutoff（{cutoff}）。",
        "--until ({until}) must be later than --cutoff ({cutoff}).",
    ),
    "error.ending": (
        "“{path}”的扩展名看不出格式；请用 {endings}。",
        "The ending of {path} says no format. Use one of {endings}.",
    ),
    "error.same_file": (
        "“{path}”既要读又要写，或要写两次；请换一个文件名。",
        "{path} would be written over an input or another output. Choose another name.",
    ),
    "error.is_folder": (
        "“{path}”是文件夹，写不了文件；请写上文件名。",
        "{path} is a folder. Name a file to write.",
    ),
    "error.folder_given": ("“{path}”是文件夹，需要的是文件。", "{path} is a folder, but a file is needed."),
    "error.no_folder": ("文件夹“{folder}”不存在；请先建好。", "There is no folder {folder}. Make it first."),
    "error.no_folder_file": ("“{path}”是文件，需要的是文件夹。", "{path} is a file, but a folder is needed."),
    "error.write": (
        "写不了“{path}”（{why}）；请换一个位置，或检查权限和磁盘空间。",
        "{path} cannot be written ({why}). Choose another place, or look at permissions and free space.",
    ),
    "error.no_log": (
        "找不到日志文件“{path}”；请核对路径，或把日志写在命令里。",
        "There is no log {path}. Check the path, or name the log on the command line.",
    ),
    "error.no_mapping": (
        "找不到映射文件“{path}”；可用 foresail describe 日志文件 --write-mapping {path} 先猜一份。",
        "There is no mapping {path}. To have one guessed: foresail describe LOG --write-mapping {path}",
    ),
    "error.which_log": (
        "映射“{mapping}”没有写日志文件；请在命令里写上日志。",
        "The mapping {mapping} names no log file. Name one on the command line.",
    ),
    "error.log_or_mapping": (
        "请给出日志文件，或用 --mapping 给出映射。",
        "Name a log, or a mapping with --mapping.",
    ),
    "error.mapping_and_guess": (
        "--write-mapping 写的是猜出的映射，不能与 --mapping 同时使用。",
        "--write-mapping writes a guess, so it does not go with --mapping.",
    ),
    "error.guess_unfit": (
        "照猜出的映射读不了这份日志：{why} 请按上面的问题改好映射，再用 --mapping 试一次。",
        "The log cannot be read by the guessed mapping: {why} Mend the mapping by the questions above and try it "
        "with --mapping.",
    ),
    "error.rejects": ("{why}（继续请加 --allow-rejects）", "{why} The option for that is --allow-rejects."),
    "error.not_simulated": (
        "“{folder}”里已有不是模拟生成的 {file}；请换一个文件夹。",
        "{folder} holds a {file} that is not a simulation's. Choose another folder.",
    ),
    "error.not_a_model": (
        "“{folder}”里有别的东西，不是模型；为免覆盖，请换一个文件夹。",
        "{folder} is not empty and holds no model. So that nothing is lost, choose another folder.",
    ),
    "error.deal_args": (
        "请写上商机编号，前面可加日志文件：foresail explain [日志] 商机。",
        "Name one deal, and before it, if you like, the log: foresail explain [LOG] DEAL.",
    ),
    "error.no_deal": (
        "日志里没有商机“{deal}”。{near}",
        "There is no deal {deal!r} in the log. {near}",
    ),
    "error.not_open": (
        "商机“{deal}”在 {at} 不是在途状态（{opened} 创建，{closed} 结束）；请用 --at 换一天。",
        "Deal {deal!r} is not open on {at} (opened {opened}, closed {closed}). Choose another day with --at.",
    ),
    "error.what_if": (
        "看不懂“{given}”；请写成 event=call、stage=negotiation、amount=-10% 或 amount=200000。",
        "{given!r} is not understood. Write event=call, stage=negotiation, amount=-10% or amount=200000.",
    ),
    "error.what_if_undated": (
        "日志没有日期，做不了假设推演。",
        "The log has no dates, so there is no what-if.",
    ),
    "error.no_amount": (
        "这个商机没有金额，算不出“{given}”；请写成 amount=200000。",
        "The deal has no amount to take {given!r} of. Write amount=200000.",
    ),
    "near": ("是不是“{name}”？", "Did you mean {name!r}?"),
    "never": ("尚未", "not yet"),
    # Errors of science by their code, said before the details
    "code.science_error": ("数据或问题有误：", "Data or question at fault: "),
    "code.mapping_invalid": ("映射有误：", "Mapping at fault: "),
    "code.data_unreadable": ("数据无法读取：", "Data unreadable: "),
    "code.too_many_rejects": ("无法识别的行太多：", "Too many rejects: "),
    "code.log_unsuitable": ("这份日志答不了这个问题：", "The log cannot answer this: "),
    "code.model_unusable": ("模型无法使用：", "Model unusable: "),
    "code.openmp_missing": ("缺少 OpenMP：", "OpenMP is missing: "),
    # Wrong usage, as the parser finds it
    "misuse.missing": ("缺少 {name}。", "{name} is missing."),
    "misuse.option": ("没有选项 {name}。{near}", "There is no option {name}. {near}"),
    "misuse.command": ("没有子命令 {name}。{near}", "There is no command {name}. {near}"),
    "misuse.no_command": (
        "请写上子命令；foresail --help 列出全部。",
        "Name a command; foresail --help lists them.",
    ),
    "misuse.no_value": ("选项 {name} 后面要写值。", "The option {name} needs a value."),
    "misuse.surplus": ("多余的参数：{name}。", "Too many arguments: {name}."),
    "misuse.value": ("{name} 有误：{why}", "{name}: {why}"),
    "misuse.near": ("是不是 {near}？", "Did you mean {near}?"),
    # Steps of the work
    "step.read": ("读取日志", "Reading the log"),
    "step.describe": ("查看日志", "Looking at the log"),
    "step.simulate": ("模拟公司", "Simulating a company"),
    "step.train": ("训练模型", "Training"),
    "step.load": ("载入模型", "Loading the model"),
    "step.forecast": ("预测", "Forecasting"),
    "step.explain": ("找出原因", "Finding reasons"),
    "step.score": ("打分", "Scoring"),
    "step.check": ("检查数据", "Looking for leaks"),
    "step.judge": ("评估", "Judging"),
    "step.done": ("完成", "Done"),
    "wrote": ("已写入", "Wrote"),
    "seconds": ("用时 {seconds} 秒", "{seconds} s"),
    # Notes
    "note.rejects": ("剔除了 {n} 行：{why}。", "{n} rows set aside: {why}. "),
    "note.rejects.hint": (
        "用 backtest --rejects 可逐行查看。",
        "To see them line by line: backtest --rejects.",
    ),
    "note.rejects.file": ("逐行见 {path}。", "Line by line in {path}."),
    "note.model_is_later": (
        "注意：模型学到 {learnt}，比 {at} 晚，已经见过后来的事，这里的数字偏乐观。",
        "Note: the model learned until {learnt}, later than {at}. It has seen what came after, so these figures "
        "flatter.",
    ),
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
    "backup.program": ("{program} 没有成功：{why}", "{program} failed: {why}"),
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
    "doctor.audit": ("审计记录", "Audit trail"),
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
