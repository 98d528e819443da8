// Sets theme and language before the first paint, so that nothing flashes. A file of its own: inline scripts are refused.
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
})()
