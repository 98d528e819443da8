import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useGovernanceTexts = registerTexts('governance', zh, () => import('./locales/en.json'))
