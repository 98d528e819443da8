import type { Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import zh from '../locales/zh.json'
import { useAdminTexts } from '../texts'
import { ROLES, useJoined, useRoleName } from '../words'

type Value = Schemas['AuditValue']
type Verb = keyof typeof zh.verb
type Kind = keyof typeof zh.kind
type Field = keyof typeof zh.field

export const VERBS = Object.keys(zh.verb) as Verb[]
/** Kinds as the trail names them: people.User. In the texts there is no dot. */
export const KINDS = Object.keys(zh.kind).map((kind) => kind.replace('_', '.'))

const LONG = 60
const INSTANT = /^\d{4}-\d\d-\d\dT/
const DAY = /^\d{4}-\d\d-\d\d$/

/** The trail in words. What is not known yet is shown by its own name: nothing is left out. */
export function useAuditWords() {
  const t = useAdminTexts()
  const format = useFormat()
  const roleName = useRoleName()
  const joined = useJoined()
  const plain = (name: string) => name.replaceAll('_', ' ')

  function verb(name: string): string {
    return name in zh.verb ? t(`verb.${name as Verb}`) : plain(name)
  }
  function kind(subject: string): string {
    const name = subject.replace('.', '_')
    return name in zh.kind ? t(`kind.${name as Kind}`) : subject
  }
  function field(name: string): string {
    return name in zh.field ? t(`field.${name as Field}`) : plain(name)
  }
  function value(of: string, it: unknown, text: string | null | undefined): string {
    if (text) return text
    if (it === null || it === undefined || it === '') return t('audit.empty')
    if (typeof it === 'boolean') return t(it ? 'audit.yes' : 'audit.no')
    if (typeof it === 'number') return of in zh.field && KEYS.has(of) ? `#${it}` : format.number(it)
    if (typeof it === 'string') {
      const role = of === 'role' && ROLES.find((one) => one === it)
      if (role) return roleName(role)
      if (of === 'language') return { zh: '中文', en: 'English' }[it] ?? it
      if (of === 'sha256') return `${it.slice(0, 12)}…`
      if (INSTANT.test(it)) return format.full(it)
      if (DAY.test(it)) return format.day(it)
      return it.length > LONG ? `${it.slice(0, LONG)}…` : it
    }
    if (Array.isArray(it) && it.every((one) => typeof one === 'string')) return joined(it)
    const json = JSON.stringify(it)
    return json.length > LONG ? `${json.slice(0, LONG)}…` : json
  }
  return {
    verb,
    kind,
    field,
    value: ({ name, value: it, text }: Value) => value(name, it, text),
    before: ({ name, before, before_text }: Value) => value(name, before, before_text),
  }
}

/** Values that are keys of records: a number among them is a name, not an amount. */
const KEYS = new Set([
  'owner',
  'team',
  'line',
  'parent',
  'manager',
  'assignee',
  'to',
  'account',
  'lead',
  'product',
  'contact',
  'deal',
  'pipeline',
  'session',
  'kept',
])
