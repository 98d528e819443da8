import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useRecordsTexts = registerTexts('records', zh, () => import('./locales/en.json'))
