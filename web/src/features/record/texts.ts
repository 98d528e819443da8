import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useRecordTexts = registerTexts('record', zh, () => import('./locales/en.json'))
