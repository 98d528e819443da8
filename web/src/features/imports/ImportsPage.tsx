import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Popconfirm, Table, type TableProps, Tag } from 'antd'
import { Link, useNavigate } from 'react-router'
import { api, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded, NoPermission } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import { download, type ImportRow, useImports, useRefused, useTake } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

const COLOURS: Record<string, string | undefined> = {
  checking: 'processing',
  running: 'processing',
  undoing: 'processing',
  done: 'success',
}
const STATUSES = ['read', 'checking', 'checked', 'running', 'done', 'undoing', 'undone'] as const

export default function ImportsPage() {
  const t = useImportsTexts()
  const query = useImports()
  const navigate = useNavigate()
  useTitle(t('title'))
  const start = (
    <Button type="primary" onClick={() => navigate('/imports/new')}>
      {t('start')}
    </Button>
  )
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <div>
          <h1>{t('title')}</h1>
          <p className={styles.intro}>{t('intro')}</p>
        </div>
        {query.data?.kinds.length ? start : null}
      </div>
      <Loaded query={query}>
        {({ kinds, items }) =>
          !kinds.length ? (
            <NoPermission />
          ) : items.length ? (
            <List items={items} kinds={kinds} />
          ) : (
            <Empty why={t('none')} action={start} />
          )
        }
      </Loaded>
    </div>
  )
}

export function Status({ status }: { status: string }) {
  const t = useImportsTexts()
  const known = STATUSES.find((each) => each === status)
  return <Tag color={COLOURS[status]}>{known ? t(`status.${known}`) : status}</Tag>
}

/** What came of it, in numbers; what is nothing is not said. */
export function Counts({ of }: { of: ImportRow }) {
  const t = useImportsTexts()
  const format = useFormat()
  const told = (['added', 'updated', 'same', 'rejected'] as const).filter((name) => of[name] > 0)
  return (
    <span className={styles.counts}>
      {told.map((name) => (
        <span key={name} className={name === 'rejected' ? styles.bad : undefined}>
          {t(`result.${name}`, { number: format.number(of[name]) })}
        </span>
      ))}
      {of.accounts_made > 0 && (
        <span>{t('result.accounts', { number: format.number(of.accounts_made) })}</span>
      )}
    </span>
  )
}

function List({ items, kinds }: { items: ImportRow[]; kinds: Schemas['KindOut'][] }) {
  const t = useImportsTexts()
  const format = useFormat()
  const named = useNamed()
  const narrow = useNarrow()
  const kindOf = (key: string) => named(kinds.find((kind) => kind.key === key) ?? { zh: key, en: key })
  const file = (of: ImportRow) => (
    <span>
      <Link className={styles.name} to={`/imports/${of.id}`}>
        {of.file_name}
      </Link>
      <div className={styles.faint}>
        {kindOf(of.kind)} · {t('rowsOf', { count: of.rows, number: format.number(of.rows) })}
      </div>
    </span>
  )
  if (narrow)
    return (
      <div className={styles.table}>
        {items.map((of) => (
          <div key={of.id} className={styles.item}>
            <div className={`${styles.row} ${styles.spread}`}>
              {file(of)}
              <Status status={of.status} />
            </div>
            <Counts of={of} />
            <div className={styles.faint}>
              {of.by.name} · {format.moment(of.created_at)}
            </div>
            <Actions of={of} />
          </div>
        ))}
      </div>
    )
  const columns: TableProps<ImportRow>['columns'] = [
    { key: 'file', title: t('file'), render: (_, of) => file(of) },
    {
      key: 'outcome',
      title: t('outcome'),
      render: (_, of) => (
        <span className={styles.row}>
          <Status status={of.status} />
          <Counts of={of} />
        </span>
      ),
    },
    { key: 'who', title: t('who'), width: 110, render: (_, of) => of.by.name },
    { key: 'when', title: t('when'), width: 150, render: (_, of) => format.moment(of.created_at) },
    { key: 'actions', title: t('actions'), width: 260, render: (_, of) => <Actions of={of} /> },
  ]
  return (
    <div className={styles.table}>
      <Table<ImportRow> size="small" rowKey="id" columns={columns} dataSource={items} pagination={false} />
    </div>
  )
}

export function Actions({ of }: { of: ImportRow }) {
  const t = useImportsTexts()
  const navigate = useNavigate()
  return (
    <span className={styles.row}>
      {(of.status === 'read' || of.status === 'checked') && (
        <Button size="small" onClick={() => navigate(`/imports/${of.id}`)}>
          {t('go')}
        </Button>
      )}
      {of.rejected > 0 && of.kept && of.status !== 'undone' && <Rejected of={of} />}
      {of.may_undo && <Undo of={of} />}
      {(of.status === 'read' || of.status === 'checked') && <Discard of={of} />}
    </span>
  )
}

export function Rejected({ of }: { of: ImportRow }) {
  const t = useImportsTexts()
  const refused = useRefused()
  const take = () => void fetch(`/api/imports/${of.id}/rejected`).then(download).catch(refused)
  return (
    <Button size="small" title={t('rejectedOf', { file: of.file_name })} onClick={take}>
      {t('rejected')}
    </Button>
  )
}

export function Undo({ of }: { of: ImportRow }) {
  const t = useImportsTexts()
  const format = useFormat()
  const { message } = App.useApp()
  const refused = useRefused()
  const take = useTake()
  const undo = api.useMutation('post', '/api/imports/{import}/undo', {
    onSuccess: (now) => {
      take(now)
      void message.success(t('undoBegun'))
    },
    onError: refused,
  })
  return (
    <Popconfirm
      title={t('undoSure')}
      description={
        <div style={{ maxWidth: 300 }}>
          {t('undoWhat', { added: format.number(of.added), updated: format.number(of.updated) })}
        </div>
      }
      okText={t('undoYes')}
      cancelText={t('keep')}
      onConfirm={() => undo.mutate({ params: { path: { import: of.id } } })}
    >
      <Button size="small" danger title={t('undoOf', { file: of.file_name })} loading={undo.isPending}>
        {t('undo')}
      </Button>
    </Popconfirm>
  )
}

function Discard({ of }: { of: ImportRow }) {
  const t = useImportsTexts()
  const { message } = App.useApp()
  const refused = useRefused()
  const queries = useQueryClient()
  const discard = async () => {
    try {
      await client.DELETE('/api/imports/{import}', { params: { path: { import: of.id } } })
      void message.success(t('discarded'))
      await queries.invalidateQueries({ queryKey: ['get', '/api/imports'] })
    } catch (error) {
      refused(error)
    }
  }
  return (
    <Popconfirm
      title={t('discardSure')}
      okText={t('discardYes')}
      cancelText={t('keep')}
      onConfirm={() => void discard()}
    >
      <Button size="small" type="text" title={t('discardOf', { file: of.file_name })}>
        {t('discard')}
      </Button>
    </Popconfirm>
  )
}
