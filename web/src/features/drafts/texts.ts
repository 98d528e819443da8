import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useDraftsTexts = registerTexts('drafts', zh, () => import('./locales/en.json'))
