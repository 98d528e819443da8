import { useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import dayjs, { type Dayjs } from 'dayjs'
import { lazy, Suspense, useState } from 'react'
import { useSearchParams } from 'react-router'
import { api, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLive } from '@/shared/live'
import { useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { isKind } from './kinds'
import styles from './Record.module.css'
import { RecordPanel } from './RecordPanel'
import { AddTask, type Task, TaskRows } from './TaskList'
import { useRecordTexts } from './texts'
import { useWalk } from './useWalk'

const MyProposals = lazy(() =>
  import('@/features/drafts/Proposals').then((all) => ({ default: all.MyProposals })),
)

const KEYS = [['get', '/api/tasks']]

/** My tasks: what is overdue first, then day by day. */
export default function TasksPage() {
  const t = useRecordTexts()
  const f = useFormat()
  const queries = useQueryClient()
  const { data: me } = useMe()
  const [showDone, setShowDone] = useState(false)
  const [search, setSearch] = useSearchParams()
  useTitle(t('tasks.title'))
  useLive(me ? [['tasks', me.id]] : [], KEYS)
  const open = api.useQuery('get', '/api/tasks', { params: { query: { done: false } } })
  const done = api.useQuery('get', '/api/tasks', { params: { query: { done: true } } }, { enabled: showDone })
  const groups = groupsOf(open.data ?? [], dayjs())
  const inOrder = groups.flatMap(([, some]) => some)
  const [kind = '', id] = (search.get('open') ?? '').split('-')
  const panel = isKind(kind) && Number(id) > 0 ? { kind, id: Number(id) } : null
  const show = (task: Task | undefined) =>
    setSearch(task?.record ? { open: `${task.record.type}-${task.record.id}` } : {}, { replace: true })
  const walked = useWalk(inOrder.length, {
    to: (index) => {
      const task = inOrder[index]
      document.getElementById(`task-${task?.id}`)?.scrollIntoView({ block: 'nearest' })
      if (panel) show(task)
    },
    enter: (index) => show(inOrder[index]),
  })
  const current = inOrder[walked]?.id
  return (
    <div className={styles.single} data-beside={panel !== null || undefined}>
      <div className={styles.pageHead}>
        <h1>{t('tasks.title')}</h1>
        {open.data && (
          <span role="status">
            {t('tasks.count', { count: open.data.length, number: f.number(open.data.length) })}
          </span>
        )}
      </div>
      <section className={styles.card}>
        <AddTask
          onAdd={async (body) => {
            await client.POST('/api/tasks', { body })
            await queries.invalidateQueries({ queryKey: ['get', '/api/tasks'] })
          }}
        />
      </section>
      <Suspense fallback={null}>
        <MyProposals />
      </Suspense>
      <Loaded query={open}>
        {(tasks) =>
          tasks.length === 0 ? (
            <section className={styles.card}>
              <Empty why={t('tasks.none')} />
            </section>
          ) : (
            groups.map(([group, some]) => (
              <section key={group} className={styles.card} aria-labelledby={`tasks-${group}`}>
                <header className={styles.cardHead}>
                  <h2 id={`tasks-${group}`} data-late={group === 'late' || undefined}>
                    {t(`tasks.group.${group}`)}
                  </h2>
                  <span>{some.length}</span>
                </header>
                <TaskRows tasks={some} editable current={current} onOpen={show} />
              </section>
            ))
          )
        }
      </Loaded>
      <div>
        <Button type="text" aria-expanded={showDone} onClick={() => setShowDone(!showDone)}>
          {t(showDone ? 'tasks.hideDone' : 'tasks.showDone')}
        </Button>
      </div>
      {showDone && (
        <Loaded query={done}>
          {(tasks) => (
            <section className={styles.card} aria-label={t('tasks.finished')}>
              {tasks.length === 0 ? <Empty why={t('tasks.noneDone')} /> : <TaskRows tasks={tasks} editable />}
            </section>
          )}
        </Loaded>
      )}
      {panel && <RecordPanel kind={panel.kind} id={panel.id} onClose={() => show(undefined)} />}
    </div>
  )
}

const GROUPS = ['late', 'today', 'tomorrow', 'week', 'later', 'someday'] as const
type Group = (typeof GROUPS)[number]

/** Tasks by when they are due, in order; groups without any are left out. */
export function groupsOf(tasks: Task[], now: Dayjs): [Group, Task[]][] {
  const day = (away: number) => now.add(away, 'day').format('YYYY-MM-DD')
  const of = ({ due_on }: Task): Group => {
    if (!due_on) return 'someday'
    if (due_on < day(0)) return 'late'
    if (due_on === day(0)) return 'today'
    if (due_on === day(1)) return 'tomorrow'
    return due_on <= day(7) ? 'week' : 'later'
  }
  const found = new Map<Group, Task[]>()
  for (const task of tasks) found.set(of(task), [...(found.get(of(task)) ?? []), task])
  return GROUPS.flatMap((group) => {
    const some = found.get(group)
    return some ? [[group, some] as [Group, Task[]]] : []
  })
}
