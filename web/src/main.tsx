import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { setLanguage } from './shared/i18n'
import { usePrefs } from './shared/prefs'
import { registerWorker } from './shared/worker'
import './app/base.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')

// English texts are there before the first paint.
await setLanguage(usePrefs.getState().language)
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
)
if (import.meta.env.PROD) void registerWorker()
