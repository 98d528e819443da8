import { keepPreviousData } from '@tanstack/react-query'
import { App, Button, DatePicker, Select } from 'antd'
import dayjs from 'dayjs'
import { useMemo, useState } from 'react'
import { api, client, type Schemas } from '@/shared/api'
import { Empty, ErrorBox, Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from '../admin.module.css'
import { PersonSelect } from '../PersonSelect'
import { useSayWhy } from '../people/data'
import { useAdminTexts } from '../texts'
import { useAddress } from '../useAddress'
import own from './Audit.module.css'
import { Chain } from './Chain'
import { Rows } from './Rows'
import { KINDS, useAuditWords, VERBS } from './words'

const ITSELF = 0

export default function AuditPage() {
  const t = useAdminTexts()
  const { filter, change, search } = useFilter()
  const query = api.useInfiniteQuery(
    'get',
    '/api/audit',
    { params: { query: { ...filter, limit: 50 } } },
    {
      pageParamName: 'before',
      initialPageParam: undefined as number | undefined,
      getNextPageParam: (page: Schemas['AuditPage']) => page.next ?? undefined,
      placeholderData: keepPreviousData,
      // A trail is looked at as it is now.
      staleTime: 0,
    },
  )
  const rows = useMemo(() => query.data?.pages.flatMap(({ items }) => items), [query.data])
  useTitle(t('section.audit'))
  const narrowed = ['who', 'kind', 'key', 'verb', 'from', 'to'].some((name) => search.has(name))
  const clear = () =>
    change({
      who: undefined,
      kind: undefined,
      key: undefined,
      verb: undefined,
      from: undefined,
      to: undefined,
    })
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.audit')}</h1>
        <Export filter={filter} done={() => void query.refetch()} />
      </div>
      <p className={styles.intro}>{t('audit.intro')}</p>
      <Chain />
      <Filters clear={narrowed ? clear : undefined} />
      {query.error && !rows ? (
        <ErrorBox error={query.error} retry={() => void query.refetch()} />
      ) : !rows ? (
        <Waiting rows={8} />
      ) : rows.length === 0 ? (
        <Empty
          why={t('audit.nothing')}
          action={narrowed && <Button onClick={clear}>{t('audit.clear')}</Button>}
        />
      ) : (
        <Rows rows={rows} stale={query.isPlaceholderData} of={(kind, key) => change({ kind, key })} />
      )}
      {query.hasNextPage && (
        <Button
          className={styles.more}
          loading={query.isFetchingNextPage}
          danger={query.isFetchNextPageError}
          onClick={() => void query.fetchNextPage()}
        >
          {t(query.isFetchNextPageError ? 'moreFailed' : 'more')}
        </Button>
      )}
    </div>
  )
}

/** What the address filters by; days are the reader's, from the first instant of one to the last of the other. */
function useFilter() {
  const { search, change, number } = useAddress()
  const from = day(search.get('from'))
  const to = day(search.get('to'))
  const filter = {
    actor: number('who'),
    subject: search.get('kind') ?? undefined,
    key: search.get('key') ?? undefined,
    verb: search.get('verb') ?? undefined,
    since: from?.startOf('day').toISOString(),
    until: to?.add(1, 'day').startOf('day').toISOString(),
  }
  return { filter, change, search, number, from, to }
}

function day(text: string | null) {
  const read = text && /^\d{4}-\d\d-\d\d$/.test(text) ? dayjs(text) : undefined
  return read?.isValid() ? read : undefined
}

function Filters({ clear }: { clear?: () => void }) {
  const t = useAdminTexts()
  const words = useAuditWords()
  const { filter, change, number, from, to } = useFilter()
  return (
    <div className={styles.filters}>
      <PersonSelect
        everybody
        clearable
        className={own.who}
        label={t('audit.who')}
        placeholder={t('audit.who')}
        before={[{ value: ITSELF, label: t('audit.itself') }]}
        value={number('who')}
        onChange={(who) => change({ who })}
      />
      <Select
        className={own.select}
        aria-label={t('audit.kind')}
        placeholder={t('audit.kind')}
        allowClear
        value={filter.subject}
        options={KINDS.map((kind) => ({ value: kind, label: words.kind(kind) }))}
        onChange={(kind?: string) => change({ kind, key: undefined })}
      />
      <Select
        className={own.verb}
        aria-label={t('audit.verb')}
        placeholder={t('audit.verb')}
        allowClear
        showSearch={{ optionFilterProp: 'label' }}
        value={filter.verb}
        options={VERBS.map((verb) => ({ value: verb, label: words.verb(verb) }))}
        onChange={(verb?: string) => change({ verb })}
      />
      <DatePicker.RangePicker
        className={own.period}
        aria-label={t('audit.when')}
        placeholder={[t('audit.from'), t('audit.to')]}
        allowEmpty={[true, true]}
        value={[from ?? null, to ?? null]}
        onChange={(days) =>
          change({ from: days?.[0]?.format('YYYY-MM-DD'), to: days?.[1]?.format('YYYY-MM-DD') })
        }
      />
      {filter.key && (
        <span className={styles.chip}>
          {t('audit.of', { name: `${words.kind(filter.subject ?? '')} #${filter.key}` })}
        </span>
      )}
      {clear && (
        <Button type="text" onClick={clear}>
          {t('audit.clear')}
        </Button>
      )}
    </div>
  )
}

function Export({ filter, done }: { filter: Schemas['AuditFilter']; done: () => void }) {
  const t = useAdminTexts()
  const { message } = App.useApp()
  const sayWhy = useSayWhy()
  const [busy, setBusy] = useState(false)
  async function run() {
    setBusy(true)
    try {
      const { data, response } = await client.POST('/api/audit/export', { body: filter, parseAs: 'blob' })
      const name = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '')?.[1]
      save(data as unknown as Blob, name ?? 'foresail-audit.csv')
      void message.success(t('audit.exported'))
      done()
    } catch (error) {
      sayWhy(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Button loading={busy} onClick={() => void run()}>
      {t('audit.export')}
    </Button>
  )
}

function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  URL.revokeObjectURL(address)
}
