import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Lacking, lackingOf } from '@/shared/Lacking'
import { askedOf, asking } from './condition'
import type { Field, Fields } from './fields'
import { summed, testOf, useGroupLabel } from './groups'
import type { Kind } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'
import { useGroupCounts } from './useGroups'

/** How many records there are of each value of a field, and what they are worth; a value leads to its records: groups on a phone. */
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
  const money = summed(kind, fields)
  const { data } = useGroupCounts(kind, field, { ...state, where: asking(state.where, field.key) }, fields)
  const chosen = askedOf(state.where, field.key)
  const label = useGroupLabel(field, names)
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
