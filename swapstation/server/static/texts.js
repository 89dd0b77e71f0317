// Texts of the page, one dictionary per language. zh is the source; a test holds both to the same keys.

/** @type {Record<string, string>} */
const zh = {
  grid: "电网", power_limit: "充电上限", demand: "本刻钟", ready: "可换出", alarms: "报警", lane: "车道", robot: "机器人", swap: "换电", actions: "操作", bays: "充电仓",
  log_in: "登录", log_out: "退出", account: "账号", secret: "PIN 码 (本机) 或密码", totp: "动态验证码", have_code: "使用一次性代码 (首次启动或重置)", code: "一次性代码", new_pin: "新 PIN 码", new_password: "新密码",
  hold: "停止动作", language: "English", cancel: "取消", confirm: "确认", reason: "原因", vin: "车架号",
  acknowledge: "确认知悉", acknowledged_by: "已确认", no_alarms: "没有报警", no_swap: "没有进行中的换电", no_truck: "车道没有车",
  waiting_for: "还缺", from_bay: "满电取自仓", to_bay: "旧电池入仓", step: "步骤", cause: "原因", action: "处理",
  data_age: "数据", seconds: "秒前", link_lost: "与服务器断开", controller_away: "与控制器断开", no_data: "没有数据", frozen: "控制器没有新数据",
  stale: "画面不可信, 数值已划去. 停止动作按钮仍然有效.", sent: "已发送", accepted: "已接受", refused: "被拒绝",
  no_answer: "没有应答, 请再按一次", no_reason: "现在不可用", blocked: "不可用",
  lock: "电池锁", brake: "驻车制动", hv: "高压", battery: "电池", key: "钥匙", gear: "挡位",
  state: "状态", position: "位置", load: "负载", safety: "安全链",
  set: "已拉起", not_set: "未拉起", off: "已关", on: "未关", neutral: "空挡", not_neutral: "不在空挡",
  hv_down: "已下高压", hv_up: "带高压", present: "有", empty: "空", contradiction: "传感器矛盾", mated: "已插合", not_mated: "未插合",
  closed: "接触器闭合", open: "接触器断开", smoke: "烟雾!", isolation: "消防仓", transit: "中转位", unknown: "未知",
  safety_ok: "正常", safety_open: "断开",
  "state.aborted": "启动未确认", "state.stopped": "已停止", "state.idle": "待机", "state.execute": "换电中",
  "state.holding": "正在停住", "state.held": "已停住", "state.unholding": "正在恢复",
  "lock.moving": "动作中", "lock.unlocked": "已打开", "lock.locked": "已锁紧", "lock.fault": "故障",
  "robot.offline": "离线", "robot.idle": "空闲", "robot.busy": "动作中", "robot.paused": "暂停", "robot.fault": "故障",
  "robot.estop": "急停",
  "step.0": "待机位", "step.5": "定位车辆", "step.10": "抓取旧电池", "step.15": "取出并称重", "step.20": "旧电池入仓",
  "step.25": "取满电电池", "step.30": "放到车上", "step.35": "松开电池", "step.45": "回待机位", "step.50": "回零", "step.55": "仓间移动",
  "phase.idle": "静置", "phase.handshake": "握手", "phase.recognition": "辨识", "phase.config": "配置", "phase.charging": "充电中",
  "phase.stop": "正在停止", "phase.end": "已结束", "phase.error": "通信错误",
  "charger.offline": "充电机离线", "charger.idle": "静置", "charger.starting": "正在启动", "charger.charging": "充电中",
  "charger.paused": "暂停", "charger.stopping": "正在停止", "charger.finished": "已结束", "charger.fault": "充电机故障",
  "do.confirm_start_up": "确认启动", "do.swap": "开始换电", "do.resume": "恢复", "do.abandon_swap": "放弃换电",
  "do.divert_swap_go_on": "从现在的位置继续换完", "do.divert_swap_mechanical": "退回: 旧电池装回车上", "do.divert_swap_doubt": "电池可疑: 送消防仓", "do.hold": "停止动作",
  "effect.confirm_start_up": "确认已看过核查结果, 允许本次启动后的动作. 机器人可能会动.",
  "effect.swap": "开始给这辆车换电. 机器人会动.",
  "effect.resume": "从停住处继续. 机器人会动.",
  "effect.abandon_swap": "把这次换电记为失败并结束.",
  "effect.divert_swap_go_on": "原指令作废. 按“恢复”后由本站一步一步换完.",
  "effect.divert_swap_mechanical": "原指令作废. 按“恢复”后把旧电池装回并放行车辆; 新电池已锁在车上时改为完成换电.",
  "effect.divert_swap_doubt": "可疑电池被隔离登记, 不再装车. 按“恢复”后送消防仓; 车上电池可疑时车辆不放行, 司机下车, 安排拖车.",
  "mode.single_step": "单动", "mode.maintenance": "检修", "mode.fire": "消防", following: "另有 {count} 条报警由此引起.",
  held_because: "停住原因", survey: "启动核查: 记录 / 传感器",
  "sensed.present": "有", "sensed.empty": "空", "sensed.contradiction": "传感器矛盾", "sensed.loaded": "有负载", "sensed.stale": "数据过时", "sensed.refused": "设备版本不符", "sensed.never": "没有数据",
  "verdict.agrees": "一致", "verdict.contradicts": "不一致!", "verdict.in_motion": "换电中途", "verdict.unknown": "未知",
  "verdict.done": "已完成", "verdict.running": "执行中", "verdict.not_done": "未执行", "verdict.ask": "需人工判断",
  plan: "充电计划", promises: "已承诺", plan_off: "未启用, 到站即充", plan_late: "没有新计划, 到站即充", plan_waits: "等待第一份计划, 到站即充",
  plan_age: "计划于", plan_cost: "预计电费", yuan: "元", plan_full: "已充到目标", plan_pause: "暂不充电", plan_gives: "放电", plan_store: "储能", plan_ready: "可换出", plan_and: "; ",
  plan_arrival: "到站即充", plan_unbound: "尚未锁定电池", plan_power: "计划功率", plan_limit: "功率限值", plan_price: "电价 (元/kWh)", plan_chart: "计划功率, 限值和电价",
  "priority.1": "1", "priority.2": "2", "priority.3": "3", "priority.4": "D",
};

/** @type {Record<string, string>} */
const en = {
  grid: "Grid", power_limit: "Charging limit", demand: "this quarter", ready: "Ready", alarms: "Alarms", lane: "Lane", robot: "Robot", swap: "Swap", actions: "Actions", bays: "Bays",
  log_in: "Log in", log_out: "Log out", account: "Account", secret: "PIN (at this machine) or password", totp: "Code of the authenticator app", have_code: "Use a one-time code (first start or reset)", code: "One-time code", new_pin: "New PIN", new_password: "New password",
  hold: "Hold", language: "中文", cancel: "Cancel", confirm: "Confirm", reason: "Reason", vin: "VIN",
  acknowledge: "Ack", acknowledged_by: "Seen by", no_alarms: "No alarms", no_swap: "No swap is running", no_truck: "No truck in the lane",
  waiting_for: "Still missing", from_bay: "fresh from bay", to_bay: "old to bay", step: "Step", cause: "Cause", action: "Action",
  data_age: "Data", seconds: "s ago", link_lost: "Server link lost", controller_away: "Controller link lost", no_data: "No data", frozen: "Nothing new from the controller",
  stale: "Do not trust this picture, its values are struck through. Hold still works.", sent: "sent", accepted: "accepted", refused: "refused",
  no_answer: "no answer, press again", no_reason: "not possible now", blocked: "Not possible",
  lock: "Battery locks", brake: "Parking brake", hv: "High voltage", battery: "Battery", key: "Key", gear: "Gear",
  state: "State", position: "Position", load: "Load", safety: "Safety chain",
  set: "set", not_set: "not set", off: "off", on: "on", neutral: "neutral", not_neutral: "not neutral",
  hv_down: "powered down", hv_up: "live", present: "present", empty: "empty", contradiction: "sensors disagree", mated: "plugged in", not_mated: "not plugged in",
  closed: "contactor closed", open: "contactor open", smoke: "SMOKE", isolation: "Isolation", transit: "Transit", unknown: "unknown",
  safety_ok: "closed", safety_open: "open",
  "state.aborted": "Start-up not confirmed", "state.stopped": "Stopped", "state.idle": "Idle", "state.execute": "Swapping",
  "state.holding": "Coming to hold", "state.held": "Held", "state.unholding": "Resuming",
  "lock.moving": "moving", "lock.unlocked": "open", "lock.locked": "locked", "lock.fault": "fault",
  "robot.offline": "offline", "robot.idle": "idle", "robot.busy": "moving", "robot.paused": "paused", "robot.fault": "fault",
  "robot.estop": "emergency stop",
  "step.0": "standby", "step.5": "locate truck", "step.10": "grip old battery", "step.15": "lift and weigh", "step.20": "put old battery",
  "step.25": "pick fresh battery", "step.30": "place on truck", "step.35": "let go of battery", "step.45": "park", "step.50": "home", "step.55": "move between bays",
  "phase.idle": "idle", "phase.handshake": "handshake", "phase.recognition": "recognition", "phase.config": "config", "phase.charging": "charging",
  "phase.stop": "stopping", "phase.end": "ended", "phase.error": "comms error",
  "charger.offline": "charger offline", "charger.idle": "idle", "charger.starting": "starting", "charger.charging": "charging",
  "charger.paused": "paused", "charger.stopping": "stopping", "charger.finished": "ended", "charger.fault": "charger fault",
  "do.confirm_start_up": "Confirm start-up", "do.swap": "Start swap", "do.resume": "Resume", "do.abandon_swap": "Abandon swap",
  "do.divert_swap_go_on": "Finish from here", "do.divert_swap_mechanical": "Back out: old battery onto the truck", "do.divert_swap_doubt": "Battery in doubt: isolate", "do.hold": "Hold",
  "effect.confirm_start_up": "You have looked at the survey and allow motion for this start. The robot may move.",
  "effect.swap": "Swaps this truck's battery. The robot will move.",
  "effect.resume": "Goes on from where it was held. The robot will move.",
  "effect.abandon_swap": "Ends this swap as failed.",
  "effect.divert_swap_go_on": "The running order is dropped. After Resume the station finishes the swap move by move.",
  "effect.divert_swap_mechanical": "The running order is dropped. After Resume the old battery goes back and the truck is released; once the fresh one is locked on, the swap is finished instead.",
  "effect.divert_swap_doubt": "The battery in doubt is quarantined and goes onto no truck. After Resume it goes to the isolation place; a truck with a battery in doubt is not released: driver out, plan a tow.",
  "mode.single_step": "single step", "mode.maintenance": "maintenance", "mode.fire": "fire", following: "{count} more alarms follow from this one.",
  held_because: "Held because", survey: "Survey at start: record / sensors",
  "sensed.present": "present", "sensed.empty": "empty", "sensed.contradiction": "sensors disagree", "sensed.loaded": "loaded", "sensed.stale": "stale", "sensed.refused": "device of another version", "sensed.never": "no data",
  "verdict.agrees": "agrees", "verdict.contradicts": "CONTRADICTS", "verdict.in_motion": "mid-swap", "verdict.unknown": "unknown",
  "verdict.done": "done", "verdict.running": "running", "verdict.not_done": "not done", "verdict.ask": "ASK A PERSON",
  plan: "Charging plan", promises: "Promised", plan_off: "not used: charged on arrival", plan_late: "no new plan: charged on arrival", plan_waits: "waits for the first plan: charged on arrival",
  plan_age: "made", plan_cost: "expected cost", yuan: "yuan", plan_full: "at its target", plan_pause: "waits", plan_gives: "gives", plan_store: "Store", plan_ready: "ready", plan_and: "; ",
  plan_arrival: "charged on arrival", plan_unbound: "no battery set aside yet", plan_power: "planned power", plan_limit: "limit", plan_price: "price (yuan/kWh)", plan_chart: "planned power, limit and price",
  "priority.1": "1", "priority.2": "2", "priority.3": "3", "priority.4": "D",
};

/** @typedef {"zh" | "en"} Language */

const dictionaries = { zh, en };
const KEY = "swapstation.language";

/** @type {Language} */
export let language = localStorage.getItem(KEY) === "en" ? "en" : "zh";

/** @param {Language} chosen */
export function choose(chosen) {
  language = chosen;
  localStorage.setItem(KEY, chosen);
}

/** @param {string} key @returns {string} the text, or the key itself when there is none */
export function text(key) {
  return dictionaries[language][key] ?? key;
}

/** @param {{zh: string, en: string} | undefined} both @param {string} fallback */
export function either(both, fallback) {
  return both ? both[language] : fallback;
}
