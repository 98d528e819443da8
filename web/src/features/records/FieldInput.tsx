import { Input, Select, Skeleton } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { readAmount, writeAmount } from '@/features/crm/amount'
import { api } from '@/shared/api'
import { choosable } from '@/shared/choices'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useDebounced } from '@/shared/useDebounced'
import { listPath } from './data'
import { type Field, isReference, type Reference, type Shown } from './fields'
import type { KindKey } from './kinds'
import type { Names, Option } from './names'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

const DayPicker = lazy(() => import('@/features/crm/DayPicker'))

export interface InputProps {
  field: Field
  value: Shown
  onChange: (value: Shown) => void
  names: Names
  label: string
  /** In a cell: it opens at once, and tells when it closes. */
  inCell?: boolean
  onClose?: () => void
  status?: 'error' | ''
}

/** What a field is filled in with, whatever its kind. Amounts may be written 286万. */
export function FieldInput(props: InputProps): ReactNode {
  const { field, value, onChange, label, inCell, onClose, status } = props
  const opened = inCell ? { open: true, autoFocus: true, onOpenChange: closes(onClose) } : {}
  const named = useNamed()
  const t = useRecordsTexts()
  switch (field.kind) {
    case 'money':
    case 'number':
      return <NumberInput {...props} />
    case 'long_text':
      return (
        <Input.TextArea
          autoFocus={inCell}
          aria-label={label}
          status={status}
          rows={4}
          maxLength={field.longest || undefined}
          value={textOf(value)}
          onChange={(event) => onChange(event.target.value)}
        />
      )
    case 'date':
      return (
        <Suspense fallback={<Skeleton.Input active block size="small" />}>
          <DayPicker
            value={textOf(value) || null}
            onChange={onChange}
            label={label}
            clearable={!field.required}
            onClose={inCell ? onClose : undefined}
          />
        </Suspense>
      )
    case 'bool':
      return (
        <Select<string>
          {...opened}
          className={styles.wide}
          aria-label={label}
          status={status}
          allowClear={!field.required}
          value={value === null ? undefined : String(value)}
          options={[
            { value: 'true', label: t('yes') },
            { value: 'false', label: t('no') },
          ]}
          onChange={(chosen) => onChange(chosen === undefined ? null : chosen === 'true')}
        />
      )
    case 'choice':
      return (
        <Select<string>
          {...opened}
          className={styles.wide}
          aria-label={label}
          status={status}
          allowClear={!field.required}
          value={textOf(value) || undefined}
          options={choosable(field.choices, value).map((choice) => ({
            value: choice.key,
            label: named(choice),
          }))}
          onChange={(chosen) => onChange(chosen ?? null)}
        />
      )
    case 'choices':
    case 'tags':
      return (
        <Select<string[]>
          mode={field.kind === 'tags' ? 'tags' : 'multiple'}
          autoFocus={inCell}
          defaultOpen={inCell}
          className={styles.wide}
          aria-label={label}
          status={status}
          maxTagCount="responsive"
          value={Array.isArray(value) ? value : []}
          options={choosable(field.choices, value).map((choice) => ({
            value: choice.key,
            label: named(choice),
          }))}
          onChange={onChange}
        />
      )
    case 'person':
    case 'team':
    case 'line':
    case 'pipeline':
    case 'stage':
      return <NamedInput {...props} />
    case 'record':
      return <RecordInput {...props} />
    default:
      return (
        <Input
          autoFocus={inCell}
          aria-label={label}
          status={status}
          maxLength={field.longest || undefined}
          value={textOf(value)}
          onFocus={(event) => inCell && event.target.select()}
          onChange={(event) => onChange(event.target.value)}
        />
      )
  }
}

const textOf = (value: Shown) => (typeof value === 'string' ? value : '')
const closes = (onClose?: () => void) => (open: boolean) => {
  if (!open) onClose?.()
}

/** Digits, as people write them. What is not understood is kept as text, for the server to say what is wrong. */
function NumberInput({ field, value, onChange, label, inCell, status }: InputProps) {
  const zh = useLanguage() === 'zh'
  const given = textOf(value)
  const [text, setText] = useState(() => (given && field.kind === 'money' ? writeAmount(given, zh) : given))
  return (
    <Input
      autoFocus={inCell}
      inputMode="decimal"
      aria-label={label}
      status={status}
      value={text}
      onFocus={(event) => inCell && event.target.select()}
      onChange={(event) => {
        setText(event.target.value)
        const typed = event.target.value.trim()
        onChange(typed === '' ? null : field.kind === 'money' ? (readAmount(typed) ?? typed) : typed)
      }}
    />
  )
}

function NamedInput({ field, value, onChange, names, label, inCell, onClose, status }: InputProps) {
  return (
    <Select<number, Option>
      {...(inCell && { open: true, autoFocus: true, onOpenChange: closes(onClose) })}
      className={styles.wide}
      aria-label={label}
      status={status}
      allowClear={!field.required}
      showSearch={{ optionFilterProp: 'label' }}
      value={isReference(value) ? value.id : undefined}
      options={names.optionsOf(field.kind)}
      optionRender={({ data }) => <WithNote {...data} />}
      onChange={(chosen, option) =>
        onChange(
          chosen === undefined
            ? null
            : { id: chosen, name: Array.isArray(option) ? '' : (option?.label ?? '') },
        )
      }
    />
  )
}

export function WithNote({ label, note }: { label?: ReactNode; note?: string }) {
  return (
    <span className={styles.person}>
      <span>{label}</span>
      <span className={styles.faint}>{note}</span>
    </span>
  )
}

const REST = 250

/** Looks for records by their names as somebody types. */
function RecordInput({ field, value, onChange, label, inCell, onClose, status }: InputProps) {
  const known = isReference(value) ? [value] : []
  const [text, setText] = useState('')
  const found = useFound(field.target as KindKey, text)
  const options = [...known, ...found.filter(({ id }) => id !== known[0]?.id)]
  return (
    <Select<number>
      {...(inCell && { open: true, autoFocus: true, onOpenChange: closes(onClose) })}
      className={styles.wide}
      aria-label={label}
      status={status}
      allowClear={!field.required}
      showSearch={{ filterOption: false, onSearch: setText }}
      value={isReference(value) ? value.id : undefined}
      options={options.map(({ id, name }) => ({ value: id, label: name }))}
      onChange={(chosen) => onChange(options.find(({ id }) => id === chosen) ?? null)}
    />
  )
}

/** Records of a kind whose name has `text`, the first twenty. */
export function useFound(kind: KindKey, text: string): Reference[] {
  const q = useDebounced(text.trim(), REST)
  const { data } = api.useQuery(
    'get',
    listPath(kind),
    { params: { query: { ...(q && { q }), sort: 'name', columns: 'name', limit: 20 } } },
    { staleTime: 30_000 },
  )
  return data?.items.map(({ id, title }) => ({ id, name: title })) ?? []
}
