import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useTriggersTexts = registerTexts('triggers', zh, () => import('./locales/en.json'))
