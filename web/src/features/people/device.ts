// The first that matches: browsers also name those they descend from.
const BROWSERS: readonly [RegExp, string][] = [
  [/MicroMessenger/, '微信'],
  [/DingTalk/, '钉钉'],
  [/Lark|Feishu/, '飞书'],
  [/Edg(e|A|iOS)?\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox|FxiOS/, 'Firefox'],
  [/Chrome|CriOS|Chromium/, 'Chrome'],
  [/Safari/, 'Safari'],
]
const SYSTEMS: readonly [RegExp, string][] = [
  [/iPhone/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

/** What a User-Agent header says in a word each; null for what is no browser. */
export function deviceOf(agent: string): { browser: string; system: string } | null {
  const of = (list: typeof BROWSERS) => list.find(([sign]) => sign.test(agent))?.[1]
  const browser = of(BROWSERS)
  const system = of(SYSTEMS)
  return browser && system ? { browser, system } : null
}
