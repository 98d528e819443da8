import { DatePicker, Input, Select } from 'antd'
import dayjs from 'dayjs'
import { type KeyboardEvent, useState } from 'react'
import { writeAmount } from '@/features/crm/amount'
import { api } from '@/shared/api'
import { choosable } from '@/shared/choices'
import { useFormat } from '@/shared/format'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useDebounced } from '@/shared/useDebounced'
import { type FieldOut, listOf } from './data'
import { isKind, type Kind } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { isReference, type Reference, readNumber, type Shown } from './values'

interface Props {
  field: FieldOut
  value: Shown
  /** undefined: what is typed is none. `final`: chosen, nothing more to type. */
  onChange: (value: Shown | undefined, final?: boolean) => void
  onKeyDown?: (event: KeyboardEvent) => void
  autoFocus?: boolean
  currency?: string
  id?: string
}

/** What a field of some kind is changed with. */
export function Editor({ field, value, onChange, onKeyDown, autoFocus, currency, id }: Props) {
  const t = useRecordTexts()
  const named = useNamed()
  const label = named(field)
  const common = { id, autoFocus, 'aria-label': label, style: { width: '100%' } } as const
  switch (field.kind) {
    case 'number':
    case 'money':
      return (
        <NumberEditor
          field={field}
          value={value}
          onChange={onChange}
          onKeyDown={onKeyDown}
          currency={currency}
          autoFocus={autoFocus}
          id={id}
        />
      )
    case 'long_text':
      return (
        <Input.TextArea
          {...common}
          value={typeof value === 'string' ? value : ''}
          maxLength={field.longest || undefined}
          autoSize={{ minRows: 3, maxRows: 10 }}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.ctrlKey || event.metaKey) onKeyDown?.(event)
          }}
        />
      )
    case 'date':
      return (
        <DatePicker
          {...common}
          value={typeof value === 'string' && value ? dayjs(value) : null}
          allowClear={!field.required}
          onChange={(day) => onChange(day ? day.format('YYYY-MM-DD') : null, true)}
        />
      )
    case 'bool':
      return (
        <Select
          {...common}
          allowClear={!field.required}
          value={typeof value === 'boolean' ? value : undefined}
          options={[
            { value: true, label: t('yes') },
            { value: false, label: t('no') },
          ]}
          onChange={(chosen: boolean | undefined) => onChange(chosen ?? null, true)}
        />
      )
    case 'choice':
      return (
        <Select
          {...common}
          allowClear={!field.required}
          showSearch={field.choices.length > 8 ? { optionFilterProp: 'label' } : false}
          value={typeof value === 'string' && value ? value : undefined}
          options={choosable(field.choices, value).map((each) => ({ value: each.key, label: named(each) }))}
          onChange={(chosen: string | undefined) => onChange(chosen ?? null, true)}
        />
      )
    case 'choices':
    case 'tags':
      return (
        <Select
          {...common}
          mode={field.kind === 'tags' ? 'tags' : 'multiple'}
          open={field.kind === 'tags' ? false : undefined}
          tokenSeparators={field.kind === 'tags' ? [',', '，', '、'] : undefined}
          value={Array.isArray(value) ? value : []}
          options={choosable(field.choices, value).map((each) => ({ value: each.key, label: named(each) }))}
          placeholder={field.kind === 'tags' ? t('tagsHint') : undefined}
          onChange={(chosen: string[]) => onChange(chosen)}
          onInputKeyDown={(event) => event.key === 'Escape' && onKeyDown?.(event)}
        />
      )
    case 'person':
      return <PersonSelect {...common} field={field} value={value} onChange={onChange} />
    case 'line':
      return <LineSelect {...common} field={field} value={value} onChange={onChange} />
    case 'record':
      return isKind(field.target) ? (
        <RecordSelect
          {...common}
          kind={field.target}
          clearable={!field.required}
          value={isReference(value) ? value : null}
          onChange={(chosen) => onChange(chosen, true)}
        />
      ) : null
    default:
      return (
        <Input
          {...common}
          value={typeof value === 'string' ? value : ''}
          maxLength={field.longest || undefined}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={onKeyDown}
        />
      )
  }
}

function NumberEditor({ field, value, onChange, onKeyDown, autoFocus, currency, id }: Props) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const zh = useLanguage() === 'zh'
  const money = field.kind === 'money'
  const [text, setText] = useState(
    typeof value !== 'string' || !value ? '' : money ? writeAmount(value, zh) : String(Number(value)),
  )
  const read = readNumber(field.kind, text)
  return (
    <div className={styles.number}>
      <Input
        id={id}
        autoFocus={autoFocus}
        aria-label={named(field)}
        inputMode="decimal"
        value={text}
        status={read === undefined ? 'error' : ''}
        onChange={(event) => {
          setText(event.target.value)
          onChange(readNumber(field.kind, event.target.value))
        }}
        onKeyDown={onKeyDown}
      />
      {(money || read === undefined) && (
        <small className={read === undefined ? styles.wrong : undefined}>
          {read === undefined
            ? t(money ? 'amountHint' : 'numberHint')
            : read === null
              ? t('amountHint')
              : f.moneyExact(read, field.currency ?? currency)}
        </small>
      )}
    </div>
  )
}

interface SelectProps {
  id?: string
  autoFocus?: boolean
  'aria-label': string
  style: { width: string }
}

function PersonSelect({
  field,
  value,
  onChange,
  ...common
}: SelectProps & Pick<Props, 'field' | 'value' | 'onChange'>) {
  const users = api.useQuery('get', '/api/users', {}, { staleTime: 60_000 })
  const people = (users.data ?? []).filter((user) => user.active)
  const chosen = isReference(value) ? value : null
  return (
    <Select
      {...common}
      allowClear={!field.required}
      showSearch={{ optionFilterProp: 'label' }}
      loading={users.isLoading}
      value={chosen?.id}
      options={[
        ...(chosen && !people.some(({ id }) => id === chosen.id)
          ? [{ value: chosen.id, label: chosen.name, title: chosen.name }]
          : []),
        ...people.map(({ id, name, team }) => ({
          value: id,
          label: team ? `${name} · ${team.name}` : name,
          title: name,
        })),
      ]}
      onChange={(id: number | undefined) => {
        const found = people.find((each) => each.id === id)
        onChange(found ? { id: found.id, name: found.name } : null, true)
      }}
    />
  )
}

function LineSelect({
  field,
  value,
  onChange,
  ...common
}: SelectProps & Pick<Props, 'field' | 'value' | 'onChange'>) {
  const pipelines = api.useQuery('get', '/api/pipelines', {}, { staleTime: 10 * 60_000 })
  const lines = new Map((pipelines.data ?? []).map(({ line }) => [line.id, line]))
  if (isReference(value)) lines.set(value.id, value)
  return (
    <Select
      {...common}
      allowClear={!field.required}
      loading={pipelines.isLoading}
      value={isReference(value) ? value.id : undefined}
      options={[...lines.values()].map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(id: number | undefined) => onChange(lines.get(id ?? 0) ?? null, true)}
    />
  )
}

const WAIT = 200

/** Finds a record of a kind by a few letters of what it is called. */
export function RecordSelect({
  kind,
  value,
  onChange,
  clearable = true,
  where,
  placeholder,
  ...common
}: Partial<SelectProps> & {
  kind: Kind
  value: Reference | null
  onChange: (chosen: Reference | null) => void
  clearable?: boolean
  where?: object
  placeholder?: string
}) {
  const t = useRecordTexts()
  const [text, setText] = useState('')
  const [open, setOpen] = useState(false)
  const q = useDebounced(text.trim(), WAIT)
  const found = api.useQuery(
    'get',
    listOf(kind),
    {
      params: {
        query: {
          q: q || null,
          columns: '',
          limit: 20,
          sort: q ? 'name' : '-changed_at',
          where: where ? JSON.stringify(where) : null,
        },
      },
    },
    { enabled: open, staleTime: 10_000, placeholderData: (before) => before },
  )
  const options = (found.data?.items ?? []).map(({ id, title }) => ({ value: id, label: title }))
  if (value && !options.some((each) => each.value === value.id))
    options.unshift({ value: value.id, label: value.name || t('unseen') })
  return (
    <Select
      style={{ width: '100%' }}
      {...common}
      showSearch={{ filterOption: false, onSearch: setText }}
      allowClear={clearable}
      placeholder={placeholder ?? t('searchHint')}
      loading={found.isFetching}
      notFoundContent={found.isFetching ? null : t('nothingFound')}
      onOpenChange={setOpen}
      value={value?.id}
      options={options}
      onChange={(id: number | undefined) => {
        const chosen = options.find((each) => each.value === id)
        onChange(chosen ? { id: chosen.value, name: String(chosen.label) } : null)
      }}
    />
  )
}
