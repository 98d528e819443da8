import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Lacking, lackingOf } from '@/shared/Lacking'
import { askedOf, asking } from './condition'
import { groupsPath, questionOf } from './data'
import type { Field, Fields } from './fields'
import type { Kind } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'

/** Tests that name one value, by the kind of field. */
function testOf(field: Field, value: string | number | boolean | null): { op: string; value?: unknown } {
  if (value === null || value === '') return { op: 'empty' }
  return field.kind === 'bool' ? { op: 'is', value } : { op: 'in', value: [value] }
}

/** How many records there are of each value of a field, and what they are worth; a value leads to its records. */
export function GroupStrip({
  kind,
  field,
  state,
  change,
  fields,
  names,
}: {
  kind: Kind
  field: Field
  state: ListState
  change: (part: Partial<ListState>) => void
  fields: Fields
  names: Names
}) {
  const t = useRecordsTexts()
  const named = useNamed()
  const format = useFormat()
  const money = kind.key === 'deal' && fields.get('amount')?.askable ? 'amount' : ''
  const { where, q } = questionOf({ ...state, where: asking(state.where, field.key) })
  const { data } = api.useQuery(
    'get',
    groupsPath(kind.key),
    {
      params: {
        query: { by: field.key, ...(money && { sums: money }), ...(where && { where }), ...(q && { q }) },
      },
    },
    { placeholderData: (before) => before },
  )
  const chosen = askedOf(state.where, field.key)
  // Pipelines may have stages of the same name: then each says which pipeline it is of.
  const nameIn = (key: number) => {
    const options = names.optionsOf(field.kind)
    const found = options.find((option) => option.value === key)
    const twice = options.some((option) => option.value !== key && option.label === found?.label)
    return found ? (twice && found.note ? `${found.label} · ${found.note}` : found.label) : '…'
  }
  const label = (value: string | number | boolean | null) => {
    if (value === null || value === '') return t('group.none', { label: named(field) })
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
    if (typeof value === 'number') return nameIn(value)
    const choice = field.choices.find(({ key }) => key === value)
    return choice ? named(choice) : value
  }
  return (
    <fieldset className={styles.strip} aria-label={t('group.by', { label: named(field) })}>
      {data?.map(({ value, count, sums, currency }) => {
        const test = testOf(field, value)
        const on = JSON.stringify(chosen) === JSON.stringify({ field: field.key, ...test })
        return (
          <button
            key={String(value)}
            type="button"
            className={styles.groupButton}
            aria-pressed={on}
            onClick={() => change({ where: asking(state.where, field.key, on ? undefined : test) })}
          >
            <span>{label(value)}</span>
            <strong>{format.number(count)}</strong>
            {money && <span className={styles.faint}>{format.money(sums[money], currency)}</span>}
          </button>
        )
      })}
      {money && data && <Lacking lacking={lackingOf(data)} />}
    </fieldset>
  )
}
