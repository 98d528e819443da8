import { registerTexts } from '@/shared/i18n'
import zh from './locales/zh.json'

export const useForecastTexts = registerTexts('forecast', zh, () => import('./locales/en.json'))
