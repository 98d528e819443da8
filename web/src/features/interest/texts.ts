import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useInterestTexts = registerTexts('interest', zh, () => import('./locales/en.json'))
