import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useShapingTexts = registerTexts('shaping', zh, () => import('./locales/en.json'))
