import { useQueryClient } from '@tanstack/react-query'
import { Button, Table, type TableProps, Tooltip } from 'antd'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from '../admin.module.css'
import { useSayWhy } from '../people/data'
import { useAdminTexts } from '../texts'

type Leaving = Schemas['LeavingOut']

const ASK_EVERY = 2_000
const KEY = ['get', '/api/everything']

/** Everything leaves: asked for here, written in the background, taken as one file. */
export default function EverythingPage() {
  const t = useAdminTexts()
  const format = useFormat()
  const sayWhy = useSayWhy()
  const queries = useQueryClient()
  useTitle(t('section.everything'))
  const query = api.useQuery(
    'get',
    '/api/everything',
    {},
    {
      refetchInterval: ({ state }) => (state.data?.some(({ ended_at }) => !ended_at) ? ASK_EVERY : false),
      staleTime: 0,
    },
  )
  const ask = api.useMutation('post', '/api/everything', {
    onError: sayWhy,
    onSettled: () => queries.invalidateQueries({ queryKey: KEY }),
  })
  const underWay = query.data?.some(({ ended_at }) => !ended_at) ?? false
  const columns: TableProps<Leaving>['columns'] = [
    { title: t('everything.asked'), key: 'asked', render: (_, one) => format.moment(one.asked_at) },
    { title: t('everything.by'), key: 'by', render: (_, one) => one.asked_by.name },
    { title: t('everything.holds'), key: 'holds', render: (_, one) => <Holds one={one} /> },
    {
      title: t('everything.size'),
      key: 'size',
      align: 'right',
      render: (_, one) => (one.bytes === null ? '' : `${format.number(one.bytes / 2 ** 20, 1)} MB`),
    },
    {
      title: t('everything.digest'),
      key: 'digest',
      render: (_, one) =>
        one.sha256 && (
          <Tooltip title={one.sha256}>
            <code>{one.sha256.slice(0, 12)}…</code>
          </Tooltip>
        ),
    },
    { title: '', key: 'take', align: 'right', fixed: 'right', render: (_, one) => <Take one={one} /> },
  ]
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('section.everything')}</h1>
        <Button
          type="primary"
          loading={ask.isPending || underWay}
          disabled={underWay}
          onClick={() => ask.mutate({})}
        >
          {t(underWay ? 'everything.underWay' : 'everything.ask')}
        </Button>
      </div>
      <p className={styles.intro}>{t('everything.intro')}</p>
      <Loaded query={query}>
        {(rows) => (
          <Table
            rowKey="id"
            size="small"
            columns={columns}
            dataSource={rows}
            pagination={false}
            scroll={{ x: 'max-content' }}
            locale={{ emptyText: t('everything.none') }}
          />
        )}
      </Loaded>
    </div>
  )
}

function Holds({ one }: { one: Leaving }) {
  const t = useAdminTexts()
  const format = useFormat()
  if (!one.ended_at) return t('everything.underWay')
  if (one.because) return <span role="alert">{t('everything.failed', { because: one.because })}</span>
  return t('everything.what', { rows: format.number(one.rows), files: format.number(one.files) })
}

function Take({ one }: { one: Leaving }) {
  const t = useAdminTexts()
  if (one.kept)
    return (
      // A plain link: the browser writes the file while it comes, however large it is.
      <Button type="link" href={`/api/everything/${one.id}/file`} download>
        {t('everything.take')}
      </Button>
    )
  return one.sha256 ? t('everything.gone') : null
}
