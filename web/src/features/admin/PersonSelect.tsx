import { keepPreviousData } from '@tanstack/react-query'
import { Select } from 'antd'
import { useState } from 'react'
import { api } from '@/shared/api'
import { useDebounced } from '@/shared/useDebounced'
import styles from './admin.module.css'
import { useAdminTexts } from './texts'

const REST = 250

interface Props {
  value?: number
  onChange?: (person: number | undefined) => void
  /** What stands before the people, such as the system itself. */
  before?: { value: number; label: string }[]
  /** Nobody can choose this one. */
  without?: number
  /** Also those who left. */
  everybody?: boolean
  label: string
  placeholder?: string
  className?: string
  clearable?: boolean
  id?: string
}

/** Choose somebody by name or address: asks the server, which may know thousands. */
export function PersonSelect({
  value,
  onChange,
  before = [],
  without,
  everybody = false,
  label,
  placeholder,
  className,
  clearable = false,
  id,
}: Props) {
  const t = useAdminTexts()
  const [q, setQ] = useState('')
  const asked = useDebounced(q.trim(), REST)
  const found = api.useQuery(
    'get',
    '/api/people',
    { params: { query: { q: asked, active: everybody ? undefined : true, limit: 30 } } },
    { placeholderData: keepPreviousData },
  )
  const chosen = usePerson(value && !before.some((one) => one.value === value) ? value : undefined)
  const people = found.data?.items.filter((one) => one.id !== without) ?? []
  const shown = chosen && !people.some(({ id }) => id === chosen.id) && !q ? [chosen, ...people] : people
  return (
    <Select
      id={id}
      className={className}
      aria-label={label}
      placeholder={placeholder ?? t('choosePerson')}
      allowClear={clearable}
      showSearch={{ filterOption: false, onSearch: setQ, searchValue: q }}
      loading={found.isFetching}
      value={value}
      options={[
        ...(q ? [] : before.map((one) => ({ ...one, note: undefined }))),
        ...shown.map(({ id, name, team }) => ({ value: id, label: name, note: team?.name })),
      ]}
      optionRender={({ data }) => (
        <span className={styles.option}>
          {data.label}
          {data.note && <span>{data.note}</span>}
        </span>
      )}
      notFoundContent={found.isPending ? null : undefined}
      onChange={(person: number | undefined) => {
        setQ('')
        onChange?.(person)
      }}
    />
  )
}

/** One person, as administrators see them. */
export function usePerson(person: number | undefined) {
  const query = api.useQuery(
    'get',
    '/api/people/{person}',
    { params: { path: { person: person ?? 0 } } },
    { enabled: person !== undefined },
  )
  return query.data
}
