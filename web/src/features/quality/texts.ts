import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useQualityTexts = registerTexts('quality', zh, () => import('./locales/en.json'))
