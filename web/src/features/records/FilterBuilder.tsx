import { DeleteOutlined, PlusOutlined } from '@ant-design/icons'
import { Button, Input, InputNumber, Segmented, Select } from 'antd'
import { lazy, Suspense, useEffect, useMemo, useState } from 'react'
import { readAmount, writeAmount } from '@/features/crm/amount'
import { useLanguage, useNamed } from '@/shared/i18n'
import {
  type All,
  changedAt,
  finished,
  groupOf,
  inputOf,
  isTest,
  type Join,
  joinOf,
  type Node,
  partsOf,
  sameCondition,
  type Test,
} from './condition'
import { useFound, WithNote } from './FieldInput'
import type { Field, Fields } from './fields'
import type { KindKey } from './kinds'
import type { Names, Option } from './names'
import styles from './Records.module.css'
import { RecordName, useOperator } from './Told'
import { useRecordsTexts } from './texts'

const DayPicker = lazy(() => import('@/features/crm/DayPicker'))

const DEEPEST = 3
const UNITS = ['day', 'week', 'month', 'quarter', 'year'] as const

interface Props {
  root: All
  change: (root: All) => void
  fields: Fields
  names: Names
  /** What is said while nothing is asked. */
  none?: string
}

/** Builds a condition. The list follows at once with what can be asked already. */
export default function FilterBuilder({ root, change, fields, names, none }: Props) {
  const t = useRecordsTexts()
  const [draft, setDraft] = useState<All>(root)
  const kindOf = (field: string) => fields.get(field)?.kind
  // A chip taken away outside takes its row away here.
  const [told, setTold] = useState(root)
  if (!sameCondition(told, root)) {
    setTold(root)
    if (!sameCondition(finished(draft, kindOf), root)) setDraft(root)
  }
  const take = (next: Node | null) => {
    const all: All = next && 'all' in next ? next : { all: next ? [next] : [] }
    setDraft(all)
    const asked = finished(all, kindOf)
    if (!sameCondition(asked, finished(root, kindOf))) {
      setTold(asked)
      change(asked)
    }
  }
  return (
    <fieldset className={styles.builder} aria-label={t('filter.open')}>
      {draft.all.length === 0 && <p className={styles.hint}>{none ?? t('filter.none')}</p>}
      <Group
        node={draft}
        path={[]}
        fields={fields}
        names={names}
        take={(path, to) => take(changedAt(draft, path, to))}
      />
    </fieldset>
  )
}

type Take = (path: readonly number[], to: (part: Node) => Node | null) => void

interface PartProps {
  path: readonly number[]
  fields: Fields
  names: Names
  take: Take
}

function Group({ node, path, fields, names, take }: PartProps & { node: Node }) {
  const t = useRecordsTexts()
  const join = joinOf(node) ?? 'all'
  const parts = partsOf(node)
  const askable = useMemo(() => [...fields.values()].filter((field) => field.askable), [fields])
  const first = askable[0]
  const add = (part: Node) => take(path, (now) => groupOf(joinOf(now) ?? 'all', [...partsOf(now), part]))
  const fresh = (): Test => ({ field: first?.key ?? 'name', op: first?.operators[0] ?? 'contains' })
  return (
    <div className={path.length ? styles.subgroup : styles.group}>
      {(parts.length > 1 || path.length > 0) && (
        <div className={styles.joinRow}>
          <Segmented<Join>
            size="small"
            aria-label={t('filter.join')}
            value={join}
            disabled={path.length === 0}
            options={[
              { value: 'all', label: t('filter.all') },
              { value: 'any', label: t('filter.any') },
            ]}
            onChange={(to) => take(path, (now) => groupOf(to, partsOf(now)))}
          />
          {path.length > 0 && (
            <Remove onClick={() => take(path, () => null)} label={t('filter.removeGroup')} />
          )}
        </div>
      )}
      {parts.map((part, place) => {
        const at = [...path, place]
        const key = at.join('.')
        if (isTest(part))
          return (
            <Row
              key={key}
              test={part}
              path={at}
              fields={fields}
              names={names}
              take={take}
              askable={askable}
            />
          )
        if (joinOf(part))
          return <Group key={key} node={part} path={at} fields={fields} names={names} take={take} />
        return (
          <div key={key} className={styles.joinRow}>
            <span className={styles.hint}>{t('filter.not')}</span>
            <Remove onClick={() => take(at, () => null)} label={t('filter.remove')} />
          </div>
        )
      })}
      <div className={styles.joinRow}>
        <Button size="small" type="text" icon={<PlusOutlined aria-hidden />} onClick={() => add(fresh())}>
          {t('filter.add')}
        </Button>
        {path.length < DEEPEST - 1 && (
          <Button
            size="small"
            type="text"
            icon={<PlusOutlined aria-hidden />}
            onClick={() => add(groupOf(path.length % 2 ? 'all' : 'any', [fresh()]))}
          >
            {t('filter.addGroup')}
          </Button>
        )}
      </div>
    </div>
  )
}

function Remove({ onClick, label }: { onClick: () => void; label: string }) {
  return (
    <Button
      size="small"
      type="text"
      className={styles.remove}
      icon={<DeleteOutlined aria-hidden />}
      aria-label={label}
      onClick={onClick}
    />
  )
}

function Row({
  test,
  path,
  fields,
  names,
  take,
  askable,
}: PartProps & { test: Test; askable: readonly Field[] }) {
  const t = useRecordsTexts()
  const named = useNamed()
  const operator = useOperator()
  const field = fields.get(test.field)
  const set = (part: Partial<Test>) => take(path, (now) => ({ ...(now as Test), ...part }))
  return (
    <div className={styles.test}>
      <Select
        aria-label={t('filter.field')}
        showSearch={{ optionFilterProp: 'label' }}
        value={test.field}
        options={askable.map((one) => ({ value: one.key, label: named(one) }))}
        onChange={(key) => {
          const other = fields.get(key)
          const keep = other && other.kind === field?.kind && other.operators.includes(test.op)
          set({
            field: key,
            op: keep ? test.op : other?.operators[0],
            value: keep && !choosy(other) ? test.value : undefined,
          })
        }}
      />
      <Select
        aria-label={t('filter.operator')}
        value={test.op}
        options={(field?.operators ?? [test.op]).map((op) => ({ value: op, label: operator(op) }))}
        onChange={(op) =>
          set({
            op,
            value: field && inputOf(field.kind, op) === inputOf(field.kind, test.op) ? test.value : undefined,
          })
        }
      />
      {field ? (
        <ValueInput test={test} field={field} names={names} set={(value) => set({ value })} />
      ) : (
        <span />
      )}
      <Remove onClick={() => take(path, () => null)} label={t('filter.remove')} />
    </div>
  )
}

const choosy = (field: Field) => field.choices.length > 0 || field.kind === 'record'

interface ValueProps {
  test: Test
  field: Field
  names: Names
  set: (value: unknown) => void
}

function ValueInput({ test, field, names, set }: ValueProps) {
  const t = useRecordsTexts()
  const named = useNamed()
  const { value } = test
  const label = t('filter.value')
  switch (inputOf(field.kind, test.op)) {
    case 'none':
      return <span />
    case 'bool':
      return (
        <Select<boolean>
          aria-label={label}
          value={typeof value === 'boolean' ? value : undefined}
          options={[
            { value: true as never, label: t('yes') },
            { value: false as never, label: t('no') },
          ]}
          onChange={set}
        />
      )
    case 'count':
      return (
        <InputNumber
          aria-label={label}
          min={0}
          max={36_500}
          precision={0}
          suffix={t('filter.daysUnit')}
          value={typeof value === 'number' ? value : null}
          onChange={set}
        />
      )
    case 'unit':
      return (
        <Select
          aria-label={label}
          value={value as string | undefined}
          options={UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
          onChange={set}
        />
      )
    case 'number':
      return <NumberValue field={field} value={value} set={set} label={label} />
    case 'numbers':
      return (
        <Pair value={value} set={set}>
          {(one, put, side) => (
            <NumberValue key={side} field={field} value={one} set={put} label={t(`filter.${side}`)} />
          )}
        </Pair>
      )
    case 'day':
      return <DayValue value={value} set={set} label={label} />
    case 'days':
      return (
        <Pair value={value} set={set}>
          {(one, put, side) => <DayValue key={side} value={one} set={put} label={t(`filter.${side}`)} />}
        </Pair>
      )
    case 'choices':
      return (
        <Select<string[]>
          mode={field.kind === 'tags' ? 'tags' : 'multiple'}
          aria-label={label}
          maxTagCount="responsive"
          showSearch={{ optionFilterProp: 'label' }}
          value={Array.isArray(value) ? (value as string[]) : []}
          options={field.choices.map((choice) => ({ value: choice.key, label: named(choice) }))}
          onChange={set}
        />
      )
    case 'keys':
      return field.kind === 'record' ? (
        <RecordsValue kind={field.target as KindKey} value={value} set={set} label={label} />
      ) : (
        <KeysValue field={field} value={value} set={set} names={names} label={label} />
      )
    default:
      return <TextValue value={value} set={set} label={label} />
  }
}

type Side = 'from' | 'to'

function Pair({
  value,
  set,
  children,
}: {
  value: unknown
  set: (value: unknown) => void
  children: (one: unknown, put: (value: unknown) => void, side: Side) => React.ReactNode
}) {
  const [low, high] = Array.isArray(value) ? value : []
  return (
    <span className={styles.pair}>
      {children(low, (one) => set([one, high]), 'from')}
      <span aria-hidden>–</span>
      {children(high, (one) => set([low, one]), 'to')}
    </span>
  )
}

interface OneProps {
  value: unknown
  set: (value: unknown) => void
  label: string
}

/** Rests a moment before it is asked: a list for each letter would be many. */
function TextValue({ value, set, label }: OneProps) {
  const [text, setText] = useState(typeof value === 'string' ? value : '')
  useEffect(() => {
    if (text === (value ?? '')) return
    const timer = setTimeout(() => set(text || undefined), 350)
    return () => clearTimeout(timer)
  })
  return (
    <Input
      aria-label={label}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => text !== (value ?? '') && set(text || undefined)}
    />
  )
}

/** Amounts as people write them; shares in percent. */
function NumberValue({ field, value, set, label }: OneProps & { field: Field }) {
  const zh = useLanguage() === 'zh'
  const [text, setText] = useState(() => {
    if (typeof value !== 'string') return ''
    if (field.share) return String(Number((Number(value) * 100).toFixed(8)))
    return field.kind === 'money' ? writeAmount(value, zh) : value
  })
  const digits =
    field.kind === 'money' ? readAmount(text) : /^-?\d+(\.\d+)?$/.test(text.trim()) ? text.trim() : null
  const asked =
    digits === null ? undefined : field.share ? String(Number((Number(digits) / 100).toFixed(10))) : digits
  useEffect(() => {
    if (asked === value) return
    const timer = setTimeout(() => set(asked), 350)
    return () => clearTimeout(timer)
  })
  return (
    <Input
      aria-label={label}
      inputMode="decimal"
      status={text && digits === null ? 'error' : ''}
      suffix={field.share ? '%' : undefined}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  )
}

function DayValue({ value, set, label }: OneProps) {
  return (
    <Suspense fallback={<span />}>
      <DayPicker
        value={typeof value === 'string' ? value : null}
        onChange={set}
        label={label}
        clearable={false}
      />
    </Suspense>
  )
}

function KeysValue({ field, value, set, names, label }: OneProps & { field: Field; names: Names }) {
  const t = useRecordsTexts()
  const words: { value: number | string; label: string; note?: string }[] =
    field.kind === 'person'
      ? [
          { value: 'me', label: t('chip.me') },
          { value: 'my_team', label: t('chip.myTeam') },
        ]
      : field.kind === 'team'
        ? [{ value: 'my_team', label: t('chip.myTeam') }]
        : []
  return (
    <Select<(number | string)[], Option>
      mode="multiple"
      aria-label={label}
      maxTagCount="responsive"
      showSearch={{ optionFilterProp: 'label' }}
      value={Array.isArray(value) ? value : []}
      options={[...words, ...names.optionsOf(field.kind)] as Option[]}
      optionRender={({ data }) => <WithNote {...data} />}
      onChange={set}
    />
  )
}

function RecordsValue({ kind, value, set, label }: OneProps & { kind: KindKey }) {
  const [text, setText] = useState('')
  const chosen = Array.isArray(value) ? (value as number[]) : []
  const found = useFound(kind, text)
  return (
    <Select<number[]>
      mode="multiple"
      aria-label={label}
      maxTagCount="responsive"
      showSearch={{ filterOption: false, onSearch: setText }}
      value={chosen}
      options={found.map(({ id, name }) => ({ value: id, label: name }))}
      labelRender={({ value: id, label: known }) => known ?? <RecordName kind={kind} id={Number(id)} />}
      onChange={set}
    />
  )
}
