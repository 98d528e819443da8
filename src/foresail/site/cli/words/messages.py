"""Errors, steps of the work and notes that several commands share."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
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
}
