import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useDealTexts = registerTexts('crm', zh, () => import('./locales/en.json'))
