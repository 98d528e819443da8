import { ColumnHeightOutlined, SearchOutlined } from '@ant-design/icons'
import { Button, Input, Segmented, Select, Tag } from 'antd'
import { useEffect, useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { usePrefs } from '@/shared/prefs'
import { useDebounced } from '@/shared/useDebounced'
import styles from './DealsPage.module.css'
import { type Filter, narrows, SORTS, STATUSES } from './filter'
import { useDealsTexts } from './texts'

const REST = 300

export function FilterBar({
  filter,
  change,
  pipelines,
}: {
  filter: Filter
  change: (part: Partial<Filter>) => void
  pipelines: readonly Schemas['PipelineOut'][]
}) {
  const t = useDealsTexts()
  const named = useNamed()
  const { dense, setDense } = usePrefs()
  const users = api.useQuery('get', '/api/users', {}, { staleTime: 10 * 60_000 })
  const chosen =
    pipelines.find(({ id }) => id === filter.pipeline) ?? (pipelines.length === 1 ? pipelines[0] : undefined)
  return (
    <div className={styles.filters}>
      <Segmented
        aria-label={t('status.label')}
        value={filter.status}
        options={STATUSES.map((status) => ({ value: status, label: t(`status.${status}`) }))}
        onChange={(status) => change({ status })}
      />
      <Words q={filter.q} change={change} />
      {pipelines.length > 1 && (
        <Select
          className={styles.select}
          aria-label={t('filter.pipeline')}
          placeholder={t('filter.pipeline')}
          allowClear
          value={filter.pipeline}
          options={pipelines.map(({ id, name }) => ({ value: id, label: name }))}
          onChange={(pipeline: number | undefined) => change({ pipeline, stage: undefined })}
        />
      )}
      {chosen && (
        <Select
          className={styles.select}
          aria-label={t('filter.stage')}
          placeholder={t('filter.stage')}
          allowClear
          value={filter.stage}
          options={chosen.stages.map((stage) => ({ value: stage.id, label: named(stage) }))}
          onChange={(stage: number | undefined) => change({ stage })}
        />
      )}
      {users.data && users.data.length > 1 && (
        <Select
          className={styles.select}
          aria-label={t('filter.owner')}
          placeholder={t('filter.owner')}
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          value={filter.owner}
          options={users.data.map(({ id, name, team }) => ({ value: id, label: name, team: team?.name }))}
          optionRender={({ data }) => (
            <span className={styles.person}>
              {data.label}
              <span className={styles.faint}>{data.team}</span>
            </span>
          )}
          onChange={(owner: number | undefined) => change({ owner })}
        />
      )}
      {filter.account !== undefined && (
        <Account id={filter.account} close={() => change({ account: undefined })} />
      )}
      {narrows(filter) && (
        <Button
          type="text"
          onClick={() =>
            change({ q: '', pipeline: undefined, stage: undefined, owner: undefined, account: undefined })
          }
        >
          {t('filter.clear')}
        </Button>
      )}
      <div className={styles.right}>
        <Select
          className={styles.sort}
          aria-label={t('filter.sort')}
          value={filter.sort}
          options={SORTS.map((sort) => ({ value: sort, label: t(`sort.${sort}`) }))}
          onChange={(sort) => change({ sort })}
        />
        <Button
          className={styles.density}
          icon={<ColumnHeightOutlined aria-hidden />}
          aria-pressed={dense}
          aria-label={t('dense')}
          title={t(dense ? 'loose' : 'dense')}
          onClick={() => setDense(!dense)}
        />
      </div>
    </div>
  )
}

function Words({ q, change }: { q: string; change: (part: Partial<Filter>) => void }) {
  const t = useDealsTexts()
  const [text, setText] = useState(q)
  const rested = useDebounced(text.trim(), REST)
  // The address may change behind the box (Back, a cleared filter): then the box follows.
  const [shown, setShown] = useState(q)
  if (shown !== q) {
    setShown(q)
    if (q !== text.trim()) setText(q)
  }
  useEffect(() => {
    if (rested === text.trim() && rested !== q) change({ q: rested })
  }, [rested, text, q, change])
  return (
    <Input
      className={styles.words}
      data-filter
      role="searchbox"
      enterKeyHint="search"
      aria-label={t('filter.q')}
      placeholder={t('filter.q')}
      prefix={<SearchOutlined aria-hidden />}
      suffix={text ? undefined : <kbd>/</kbd>}
      allowClear
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => change({ q: text.trim() })}
      onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
    />
  )
}

function Account({ id, close }: { id: number; close: () => void }) {
  const t = useDealsTexts()
  const { data } = api.useQuery('get', '/api/accounts/{account}', { params: { path: { account: id } } })
  return (
    <Tag closable onClose={close} className={styles.chip}>
      {t('filter.account', { name: data?.name ?? '…' })}
    </Tag>
  )
}
