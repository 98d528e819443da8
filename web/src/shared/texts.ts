import { registerTexts } from './i18n'
import zh from './locales/zh.json'

/** Words that many pages need. */
export const useSharedTexts = registerTexts('shared', zh, () => import('./locales/en.json'))
