import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useTargetsTexts = registerTexts('targets', zh, () => import('./locales/en.json'))
