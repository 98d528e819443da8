import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useAdviceTexts = registerTexts('advice', zh, () => import('./locales/en.json'))
