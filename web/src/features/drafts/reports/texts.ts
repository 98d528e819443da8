import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useReportsTexts = registerTexts('reports', zh, () => import('./locales/en.json'))
