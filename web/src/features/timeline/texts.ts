import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useTimelineTexts = registerTexts('timeline', zh, () => import('./locales/en.json'))
