import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Segmented, Select, Table, type TableProps, Tag } from 'antd'
import { useSearchParams } from 'react-router'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { may, useMe } from '@/shared/me'
import { Empty, Loaded, NoPermission } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from './JobsPage.module.css'
import { useJobsTexts } from './texts'

type Job = Schemas['JobOut']

const STATUSES = ['todo', 'doing', 'failed', 'succeeded', 'cancelled', 'aborting', 'aborted'] as const
const QUEUES = ['default', 'scoring', 'training'] as const
const COLOURS: Record<string, string | undefined> = {
  doing: 'processing',
  succeeded: 'success',
  failed: 'error',
}
const KEY = ['get', '/api/jobs']

export default function JobsPage() {
  const t = useJobsTexts()
  const { data: me } = useMe()
  useTitle(t('title'))
  if (!me) return null
  return (
    <div className={styles.page}>
      <div>
        <h1>{t('title')}</h1>
        <p className={styles.intro}>{t('intro')}</p>
      </div>
      {may(me, 'administer') ? <Jobs /> : <NoPermission />}
    </div>
  )
}

function Jobs() {
  const t = useJobsTexts()
  const format = useFormat()
  const [search, setSearch] = useSearchParams()
  const queue = search.get('queue') ?? undefined
  const status = search.get('status') ?? undefined
  const choose = (name: 'queue' | 'status', value: string | undefined) =>
    setSearch(
      (now) => {
        if (value) now.set(name, value)
        else now.delete(name)
        return now
      },
      { replace: true },
    )
  const jobs = api.useQuery(
    'get',
    '/api/jobs',
    { params: { query: { queue, status } } },
    { refetchInterval: 10_000, placeholderData: (before: Schemas['JobsOut'] | undefined) => before },
  )
  useLive([['jobs', 0]], [KEY], 1_000)
  return (
    <Loaded query={jobs}>
      {({ counts, jobs: rows }) => {
        const queues = [...new Set([...QUEUES, ...Object.keys(counts)])]
        const sum = (name: string) =>
          Object.entries(counts).reduce(
            (total, [of, each]) => total + (!queue || of === queue ? (each[name] ?? 0) : 0),
            0,
          )
        const known = STATUSES.filter((name) => sum(name) > 0 || STATUSES.indexOf(name) < 4)
        return (
          <>
            <div className={styles.filters}>
              <Segmented
                aria-label={t('column.status')}
                value={status ?? ''}
                options={[
                  { value: '', label: t('all') },
                  ...known.map((name) => ({
                    value: name,
                    label: `${t(`status.${name}`)} ${format.number(sum(name))}`,
                  })),
                ]}
                onChange={(value) => choose('status', value)}
              />
              <Select
                className={styles.queue}
                aria-label={t('queue')}
                placeholder={t('allQueues')}
                allowClear
                value={queue}
                options={queues.map((name) => ({ value: name, label: <QueueName name={name} /> }))}
                onChange={(value: string | undefined) => choose('queue', value)}
              />
            </div>
            {rows.length ? (
              <JobTable rows={rows} />
            ) : queue || status ? (
              <Empty
                why={t('none')}
                action={<Button onClick={() => setSearch({}, { replace: true })}>{t('showAll')}</Button>}
              />
            ) : (
              <Empty
                why={t('quiet')}
                action={<Button onClick={() => void jobs.refetch()}>{t('reload')}</Button>}
              />
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function QueueName({ name }: { name: string }) {
  const t = useJobsTexts()
  const known = QUEUES.find((queue) => queue === name)
  return known ? t(`queues.${known}`) : name
}

function Status({ status }: { status: string }) {
  const t = useJobsTexts()
  const known = STATUSES.find((each) => each === status)
  return <Tag color={COLOURS[status]}>{known ? t(`status.${known}`) : status}</Tag>
}

function JobTable({ rows }: { rows: Job[] }) {
  const t = useJobsTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const task = {
    key: 'task',
    title: t('column.task'),
    render: (_: unknown, job: Job) => (
      <span className={styles.task}>
        <code>{job.task}</code> <span>#{job.id}</span>
        {narrow && (
          <div>
            <QueueName name={job.queue} />
            {job.started_at && ` · ${format.moment(job.started_at)}`}
            {job.ended_at && (
              <>
                {' · '}
                <Took job={job} />
              </>
            )}
          </div>
        )}
      </span>
    ),
  }
  const status = {
    key: 'status',
    title: t('column.status'),
    width: narrow ? 88 : 100,
    render: (_: unknown, job: Job) => (
      <>
        <Status status={job.status} />
        {narrow && job.status === 'failed' && (
          <div className={styles.under}>
            <Retry id={job.id} />
          </div>
        )}
      </>
    ),
  }
  const columns: TableProps<Job>['columns'] = [
    task,
    {
      key: 'queue',
      title: t('column.queue'),
      width: 100,
      render: (_, { queue }) => <QueueName name={queue} />,
    },
    status,
    { key: 'attempts', title: t('column.attempts'), width: 80, dataIndex: 'attempts' },
    {
      key: 'scheduled',
      title: t('column.scheduled'),
      width: 140,
      render: (_, job) => format.moment(job.scheduled_at),
    },
    {
      key: 'started',
      title: t('column.started'),
      width: 140,
      render: (_, job) => format.moment(job.started_at),
    },
    { key: 'took', title: t('column.took'), width: 100, render: (_, job) => <Took job={job} /> },
    {
      key: 'retry',
      title: <span className="visually-hidden">{t('retry')}</span>,
      width: 100,
      align: 'right',
      render: (_, job) => job.status === 'failed' && <Retry id={job.id} />,
    },
  ]
  return (
    <div className={styles.table}>
      <Table<Job>
        size="small"
        rowKey="id"
        columns={narrow ? [task, status] : columns}
        dataSource={rows}
        pagination={false}
        scroll={narrow ? undefined : { x: 880 }}
        expandable={{
          rowExpandable: (job) => Object.keys(job.arguments).length > 0,
          expandedRowRender: (job) => (
            <pre className={styles.arguments}>
              {t('arguments')}: {JSON.stringify(job.arguments, null, 2)}
            </pre>
          ),
        }}
      />
    </div>
  )
}

function Took({ job }: { job: Job }) {
  const t = useJobsTexts()
  const format = useFormat()
  if (!job.started_at || !job.ended_at) return format.number(null)
  const seconds = (Date.parse(job.ended_at) - Date.parse(job.started_at)) / 1000
  if (seconds < 0.05) return t('seconds', { number: `<${format.number(0.1, 1)}` })
  return seconds < 90
    ? t('seconds', { number: format.number(seconds, seconds < 10 ? 1 : 0) })
    : t('minutes', { number: format.number(seconds / 60, 1) })
}

function Retry({ id }: { id: number }) {
  const t = useJobsTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const retry = api.useMutation('post', '/api/jobs/{job}/retry', {
    onSuccess: () => {
      void message.success(t('retried'))
      return queries.invalidateQueries({ queryKey: KEY })
    },
    onError: (error) => void message.error(named(asProblem(error))),
  })
  return (
    <Button
      size="small"
      title={t('retryThat', { id })}
      loading={retry.isPending}
      onClick={() => retry.mutate({ params: { path: { job: id } } })}
    >
      {t('retry')}
    </Button>
  )
}
