import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { queries } from './app/queries'
import { keepAhead } from './shared/ahead'
import { setLanguage } from './shared/i18n'
import { usePrefs } from './shared/prefs'
import { registerWorker } from './shared/worker'
import './app/base.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

// English texts are there before the first paint, and what the page asks for whatever it shows.
await Promise.all([
  setLanguage(usePrefs.getState().language),
  keepAhead((path, body) => queries.setQueryData(['get', path, {}], body)),
])
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
if (import.meta.env.PROD) void registerWorker()
