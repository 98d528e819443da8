import { Fragment, type ReactNode } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { inputOf, isTest, joinOf, type Node, partsOf, type Test } from './condition'
import { keyOf, onePath } from './data'
import type { Field, Fields } from './fields'
import type { KindKey } from './kinds'
import type { Names } from './names'
import { useRecordsTexts } from './texts'

const SHOWN = 2

/** A condition in words, as short as it can be told. */
export function Told({ node, fields, names }: { node: Node; fields: Fields; names: Names }): ReactNode {
  const t = useRecordsTexts()
  if (isTest(node)) {
    const field = fields.get(node.field)
    return field ? (
      <ToldTest test={node} field={field} names={names} />
    ) : (
      t('chip.unknown', { field: node.field })
    )
  }
  const join = joinOf(node)
  const parts = partsOf(node)
  if (!join)
    return (
      <>
        {t('chip.not')}
        {parts[0] && <Told node={parts[0]} fields={fields} names={names} />}
      </>
    )
  return parts.map((part, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no names, and are not moved
    <Fragment key={place}>
      {place > 0 && <em>{t(`chip.${join}`)}</em>}
      {isTest(part) ? (
        <Told node={part} fields={fields} names={names} />
      ) : (
        <>
          (<Told node={part} fields={fields} names={names} />)
        </>
      )}
    </Fragment>
  ))
}

function ToldTest({ test, field, names }: { test: Test; field: Field; names: Names }) {
  const t = useRecordsTexts()
  const named = useNamed()
  const label = named(field)
  const input = inputOf(field.kind, test.op)
  if (input === 'none') return t(test.op === 'empty' ? 'chip.empty' : 'chip.filled', { label })
  if (input === 'bool') return t(test.value ? 'chip.true' : 'chip.false', { label })
  return (
    <>
      {label}
      <Operator op={test.op} kind={field.kind} />
      <ToldValue test={test} field={field} names={names} />
    </>
  )
}

/** Operators that are plainer in a chip than in the list of operators. */
function Operator({ op, kind }: { op: string; kind: Field['kind'] }) {
  const t = useRecordsTexts()
  const operator = useOperator()
  return op === 'in' || op === 'on' || (op === 'is' && kind !== 'bool') ? t('chip.is') : ` ${operator(op)} `
}

export function useOperator(): (op: string) => string {
  const t = useRecordsTexts()
  return (op) => t(`op.${op as 'is'}`)
}

function ToldValue({ test, field, names }: { test: Test; field: Field; names: Names }) {
  const t = useRecordsTexts()
  const format = useFormat()
  const named = useNamed()
  const number = (value: unknown) => {
    if (field.share) return format.percent(Number(value), Number.isInteger(Number(value) * 100) ? 0 : 1)
    return field.kind === 'money' ? format.money(String(value), field.currency ?? undefined) : String(value)
  }
  const several = (parts: ReactNode[]) => (
    <strong>
      {parts.slice(0, SHOWN).map((part, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: in the order of the values
        <Fragment key={place}>
          {place > 0 && t('chip.or')}
          {part}
        </Fragment>
      ))}
      {parts.length > SHOWN && t('chip.more', { count: parts.length })}
    </strong>
  )
  const { value } = test
  switch (inputOf(field.kind, test.op)) {
    case 'number':
      return <strong>{number(value)}</strong>
    case 'numbers':
      return <strong>{(value as unknown[]).map(number).join(' – ')}</strong>
    case 'day':
      return <strong>{format.day(String(value))}</strong>
    case 'days':
      return <strong>{(value as unknown[]).map((day) => format.day(String(day))).join(' – ')}</strong>
    case 'count':
      return <strong>{t('days', { count: Number(value) })}</strong>
    case 'unit':
      return <strong>{t(`unit.${value as 'day'}`)}</strong>
    case 'choices':
      return several(
        (value as string[]).map((key) => {
          const found = field.choices.find((choice) => choice.key === key)
          return found ? named(found) : key
        }),
      )
    case 'keys':
      return several(
        (value as (number | string)[]).map((key) => (
          <KeyName key={key} of={key} field={field} names={names} />
        )),
      )
    default:
      return <strong>{String(value)}</strong>
  }
}

function KeyName({ of, field, names }: { of: number | string; field: Field; names: Names }) {
  const t = useRecordsTexts()
  if (of === 'me') return t('chip.me')
  if (of === 'my_team') return t('chip.myTeam')
  if (field.kind === 'record') return <RecordName kind={field.target as KindKey} id={Number(of)} />
  return names.nameOf(field.kind, Number(of)) ?? '…'
}

export function RecordName({ kind, id }: { kind: KindKey; id: number }) {
  const t = useRecordsTexts()
  const { data, error } = api.useQuery(
    'get',
    onePath(kind),
    { params: keyOf(kind, id) },
    { staleTime: 60_000 },
  )
  return error ? t('unseen') : (data?.title ?? '…')
}
