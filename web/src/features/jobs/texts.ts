import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useJobsTexts = registerTexts('jobs', zh, () => import('./locales/en.json'))
