// Sets theme and language before the first paint, so that nothing flashes, and has what the page needs fetched while the
// app's code is still on its way. A file of its own: inline scripts are refused.
;(() => {
  let state = {}
  try {
    state = JSON.parse(localStorage.getItem('foresail.prefs') || '{}').state || {}
  } catch {
    // Private windows may refuse storage; then the system's choice is taken.
  }
  const theme = state.theme || 'system'
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  const language = state.language || (/^zh/i.test(navigator.language) ? 'zh' : 'en')
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'

  // Of which pages, web/ahead.ts says.
  const told = document.getElementById('ahead')
  const here = location.pathname + location.search
  const pages = (told ? JSON.parse(told.textContent) : []).filter(({ at }) => new RegExp(at).test(here))
  for (const file of new Set(pages.flatMap(({ files }) => files))) {
    const link = document.createElement('link')
    const style = file.endsWith('.css')
    Object.assign(link, { rel: style ? 'preload' : 'modulepreload', href: file, crossOrigin: '' })
    if (style) link.as = 'style'
    document.head.append(link)
  }
  // Who never signed in here is asked for nothing.
  if (!/(?:^|;\s*)csrftoken=/.test(document.cookie)) return
  globalThis.foresailAhead = new Map(
    pages
      .flatMap(({ asks }) => asks)
      .map((path) => {
        const answer = fetch(path)
        answer.catch(() => {}) // who takes it is told
        return [path, answer]
      }),
  )
})()
