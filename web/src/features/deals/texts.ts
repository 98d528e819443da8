import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useDealsTexts = registerTexts('deals', zh, () => import('./locales/en.json'))
