import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const usePeopleTexts = registerTexts('people', zh, () => import('./locales/en.json'))
