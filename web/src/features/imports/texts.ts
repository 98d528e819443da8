import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useImportsTexts = registerTexts('imports', zh, () => import('./locales/en.json'))
