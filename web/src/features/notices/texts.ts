import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useNoticesTexts = registerTexts('notices', zh, () => import('./locales/en.json'))
