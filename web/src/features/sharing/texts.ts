import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useSharingTexts = registerTexts('sharing', zh, () => import('./locales/en.json'))
