import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useAdminTexts = registerTexts('admin', zh, () => import('./locales/en.json'))
