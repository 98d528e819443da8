import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Checkbox, Input, Skeleton } from 'antd'
import dayjs from 'dayjs'
import { type FormEvent, lazy, Suspense, useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import styles from './Panel.module.css'
import type { Deal } from './stages'
import { useDealTexts } from './texts'

const DayPicker = lazy(() => import('./DayPicker'))

type Task = Schemas['TaskOut']

/** What is to be done for the deal. A tick shows at once, and goes back if the server refuses it. */
export function Tasks({ deal }: { deal: Deal }) {
  const t = useDealTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [adding, setAdding] = useState(false)
  const [showDone, setShowDone] = useState(false)
  const options = { params: { path: { deal: deal.id } } }
  const { queryKey } = api.queryOptions('get', '/api/deals/{deal}/tasks', options)
  const query = api.useQuery('get', '/api/deals/{deal}/tasks', options)
  useLive([['deal_tasks', deal.id]], [queryKey])
  const settle = () => {
    void queries.invalidateQueries({ queryKey })
    void queries.invalidateQueries({ queryKey: ['get', '/api/tasks'] })
    void queries.invalidateQueries({ queryKey: ['get', '/api/deals/{deal}/timeline', options] })
  }
  const change = api.useMutation('patch', '/api/tasks/{task}', {
    onMutate: async ({ params, body }) => {
      await queries.cancelQueries({ queryKey })
      const before = queries.getQueryData<Task[]>(queryKey)
      queries.setQueryData<Task[]>(queryKey, (tasks) =>
        tasks?.map((task) =>
          task.id === params.path.task
            ? {
                ...task,
                ...(body.done != null && { done_at: body.done ? new Date().toISOString() : null }),
                ...(body.due_on !== undefined && { due_on: body.due_on }),
              }
            : task,
        ),
      )
      return before
    },
    onError: (error, _, before) => {
      queries.setQueryData(queryKey, before)
      message.error(named(asProblem(error)))
    },
    onSettled: settle,
  })
  const patch = (task: number, body: Schemas['ChangeTask']) =>
    change.mutate({ params: { path: { task } }, body })
  return (
    <section className={styles.card} aria-labelledby="tasks">
      <header className={styles.head}>
        <h2 id="tasks">{t('tasks.title')}</h2>
        {deal.may_change && (
          <Button
            type="text"
            size="small"
            icon={<PlusOutlined />}
            aria-label={t('tasks.add')}
            aria-expanded={adding}
            onClick={() => setAdding(!adding)}
          />
        )}
      </header>
      {adding && <AddTask deal={deal.id} onDone={settle} onClose={() => setAdding(false)} />}
      <Loaded query={query}>
        {(tasks) => {
          const open = tasks.filter((task) => !task.done_at).sort(byDue)
          const done = tasks.filter((task) => task.done_at)
          const row = (task: Task) => (
            <TaskRow
              key={task.id}
              task={task}
              editable={deal.may_change}
              onChange={(body) => patch(task.id, body)}
            />
          )
          return (
            <>
              {open.length === 0 && !adding && <p className={styles.none}>{t('tasks.none')}</p>}
              <ul className={styles.list}>{open.map(row)}</ul>
              {done.length > 0 && (
                <button
                  type="button"
                  className={styles.fold}
                  aria-expanded={showDone}
                  onClick={() => setShowDone(!showDone)}
                >
                  {t('tasks.done', { count: done.length })}
                </button>
              )}
              {showDone && <ul className={styles.list}>{done.map(row)}</ul>}
            </>
          )
        }}
      </Loaded>
    </section>
  )
}

const byDue = (a: Task, b: Task) => (a.due_on ?? '9').localeCompare(b.due_on ?? '9') || a.id - b.id

function TaskRow({
  task,
  editable,
  onChange,
}: {
  task: Task
  editable: boolean
  onChange: (body: Schemas['ChangeTask']) => void
}) {
  const t = useDealTexts()
  const f = useFormat()
  const late = !task.done_at && task.due_on !== null && dayjs(task.due_on).isBefore(dayjs(), 'day')
  const days = late ? dayjs().startOf('day').diff(dayjs(task.due_on), 'day') : 0
  const [picking, setPicking] = useState(false)
  const due = task.due_on ? f.day(task.due_on) : editable ? t('tasks.noDue') : ''
  return (
    <li className={styles.task}>
      <Checkbox
        checked={task.done_at !== null}
        disabled={!editable}
        onChange={(event) => onChange({ done: event.target.checked })}
      >
        <span className={task.done_at ? styles.struck : undefined}>{task.title}</span>
        <small>{task.assignee.name}</small>
      </Checkbox>
      {editable && !task.done_at ? (
        <span className={styles.due}>
          <button
            type="button"
            className={styles.dueButton}
            data-late={late || undefined}
            aria-label={t('tasks.changeDue', { title: task.title, due })}
            onClick={() => setPicking(true)}
          >
            {late ? t('tasks.late', { count: days }) : due}
          </button>
          {picking && (
            <Suspense fallback={null}>
              <DayPicker
                className={styles.picker}
                value={task.due_on}
                label={t('tasks.due')}
                onClose={() => setPicking(false)}
                onChange={(day) => {
                  setPicking(false)
                  onChange({ due_on: day })
                }}
              />
            </Suspense>
          )}
        </span>
      ) : (
        <span className={styles.due}>{due}</span>
      )}
    </li>
  )
}

function AddTask({ deal, onDone, onClose }: { deal: number; onDone: () => void; onClose: () => void }) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const [title, setTitle] = useState('')
  const [due, setDue] = useState<string | null>(null)
  const add = api.useMutation('post', '/api/tasks', {
    onSuccess: () => {
      setTitle('')
      setDue(null)
      onDone()
    },
  })
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (title.trim()) add.mutate({ body: { deal, title: title.trim(), due_on: due } })
  }
  return (
    <form className={styles.add} onSubmit={send}>
      <Input
        autoFocus
        value={title}
        maxLength={300}
        placeholder={t('tasks.hint')}
        aria-label={t('tasks.what')}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && onClose()}
      />
      <div className={styles.addRow}>
        <Suspense fallback={<Skeleton.Input active block />}>
          <DayPicker value={due} onChange={setDue} label={t('tasks.due')} placeholder={t('tasks.due')} />
        </Suspense>
        <Button onClick={onClose}>{shared('cancel')}</Button>
        <Button htmlType="submit" type="primary" ghost loading={add.isPending} disabled={!title.trim()}>
          {t('tasks.save')}
        </Button>
      </div>
      {add.error && (
        <p role="alert" className={styles.wrong}>
          {named(asProblem(add.error))}
        </p>
      )}
    </form>
  )
}
