import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useShellTexts = registerTexts('shell', zh, () => import('./locales/en.json'))
