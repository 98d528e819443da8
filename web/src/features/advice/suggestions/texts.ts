import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useSuggestionTexts = registerTexts('suggestions', zh, () => import('./locales/en.json'))
