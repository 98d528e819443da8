import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const usePoolTexts = registerTexts('pool', zh, () => import('./locales/en.json'))
