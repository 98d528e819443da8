import { type Kind, pathOf } from '@/features/record/kinds'
import type { Translate } from '@/shared/i18n'
import type { Notification } from './data'
import type zh from './locales/zh.json'

type Noun = keyof typeof zh.kind

/** What a notification says, in one line. What its reader may no longer see is not named. */
export function saying(each: Notification, t: Translate<typeof zh>): string {
  const count = each.more + 1
  const noun = (each.record_type || 'deal') as Noun
  const named = { name: each.record?.name ?? '', count, kind: t(`kind.${noun}`) }
  const many = count > 1 ? 'Many' : ''
  if (each.kind === 'summary') return t('what.summary', { count: each.times })
  if (each.kind === 'task') {
    const tasks = each.times + each.more
    if (tasks > 1) return t('what.tasks', { count: tasks })
    return each.task === null ? t('what.taskPlain') : t('what.task', { task: each.task })
  }
  if (each.record === null) return t(`what.${each.kind}Hidden`, named)
  switch (each.kind) {
    case 'given':
    case 'shared':
    case 'taken':
    case 'alert':
    case 'report':
    case 'mention':
      return t(`what.${each.kind}${many}`, named)
    case 'verdict':
      return t(`what.${each.said === 'won' ? 'won' : 'lost'}${many}`, named)
    case 'doubt':
      return t(`what.${each.said === 'departure' ? 'departure' : 'duplicate'}${many}`, named)
    case 'imported':
      return t(each.said === 'undone' ? 'what.undone' : 'what.done', named)
  }
}

/** Where it leads: to the record, to the queue of doubts, or nowhere. */
export function leadsTo(each: Notification): string | null {
  if (each.kind === 'task' && each.record_type === '') return '/tasks'
  if (each.record === null) return null
  if (each.record_type === 'report') return `/reports/${each.record.id}`
  if (each.record_type === 'import') return `/imports/${each.record.id}`
  const path = pathOf(each.record_type as Kind, each.record.id)
  return each.kind === 'mention' ? `${path}?tab=notes` : path
}
