import { useLanguage } from '@/shared/i18n'
import { usePeopleTexts } from '../people/texts'

export const ROLES = [
  'rep',
  'manager',
  'sales_operations',
  'legal',
  'engineering',
  'logistics',
  'admin',
  'read_only',
] as const
export type Role = (typeof ROLES)[number]

export function useRoleName(): (role: Role) => string {
  const t = usePeopleTexts()
  return (role) => t(`roles.${role}`)
}

/** Names in a row: 甲、乙, or A, B. */
export function useJoined(): (names: readonly string[]) => string {
  const language = useLanguage()
  return (names) => names.join(language === 'zh' ? '、' : ', ')
}
