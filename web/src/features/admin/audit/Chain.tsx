import { CheckCircleOutlined, CopyOutlined, WarningOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Tooltip } from 'antd'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { ErrorBox } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useSayWhy } from '../people/data'
import { useAdminTexts } from '../texts'
import own from './Audit.module.css'

const ASK_EVERY = 2_000

/** Whether the trail is whole, where it ends, and having it read anew. */
export function Chain() {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const { message } = App.useApp()
  const sayWhy = useSayWhy()
  const queries = useQueryClient()
  const query = api.useQuery(
    'get',
    '/api/audit/chain',
    {},
    { refetchInterval: ({ state }) => (state.data?.under_way ? ASK_EVERY : false), staleTime: 0 },
  )
  const verify = api.useMutation('post', '/api/audit/verify', {
    onError: sayWhy,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/api/audit/chain'] }),
  })
  if (query.error && !query.data) return <ErrorBox error={query.error} retry={() => void query.refetch()} />
  if (!query.data) return <div className={own.chain} />
  const { head, last, under_way } = query.data
  const copy = async () => {
    await navigator.clipboard?.writeText(`${head.sequence} ${head.hash}`)
    void message.success(shared('copied'))
  }
  return (
    <section className={own.chain} aria-label={t('audit.chain')}>
      <div className={own.state}>
        <Verdict last={last} head={head} />
      </div>
      <div className={own.head}>
        <span>{t('audit.head')}</span>
        <Tooltip title={t('audit.headHint')}>
          <code>
            {format.number(head.sequence)} · {head.hash.slice(0, 12)}…
          </code>
        </Tooltip>
        <Button
          size="small"
          type="text"
          icon={<CopyOutlined aria-hidden />}
          aria-label={t('audit.copyHead')}
          title={t('audit.copyHead')}
          onClick={() => void copy()}
        />
      </div>
      <Button
        size="small"
        loading={verify.isPending || under_way}
        disabled={under_way}
        onClick={() => verify.mutate({})}
      >
        {t(under_way ? 'audit.underWay' : 'audit.verify')}
      </Button>
    </section>
  )
}

function Verdict({ last, head }: { last: Schemas['ChainOut']['last']; head: Schemas['HeadOut'] }) {
  const t = useAdminTexts()
  const format = useFormat()
  if (!last?.ended_at) return <span>{t('audit.neverVerified')}</span>
  if (last.broken)
    return (
      <span className={own.broken} role="alert">
        <WarningOutlined aria-hidden />
        <strong>{t('audit.broken', { number: format.number(last.broken.sequence) })}</strong>
        <span title={last.broken.because}>
          {t(`audit.broke.${last.broken.what}`)} · {t('audit.held', { number: format.number(last.rows) })} ·{' '}
          {format.moment(last.ended_at)}
        </span>
      </span>
    )
  const later = head.sequence - (last.rows ?? 0)
  return (
    <span className={own.whole}>
      <CheckCircleOutlined aria-hidden />
      <strong>{t('audit.whole')}</strong>
      <span>
        {t('audit.wholeWhat', { number: format.number(last.rows), when: format.moment(last.ended_at) })}
        {later > 0 && ` · ${t('audit.later', { count: later, number: format.number(later) })}`}
      </span>
    </span>
  )
}
