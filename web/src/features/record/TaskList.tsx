import { PlusOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Checkbox, DatePicker, Input } from 'antd'
import dayjs from 'dayjs'
import { type FormEvent, useState } from 'react'
import { Link } from 'react-router'
import { api, asProblem, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { at, besideOf, type RecordOut, useRefresh } from './data'
import { type Kind, pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { useUndoable } from './undo'

export type Task = Schemas['TaskOut']

/** What is to be done for one record. */
export function TasksTab({ kind, record }: { kind: Kind; record: RecordOut }) {
  const t = useRecordTexts()
  const refresh = useRefresh()
  const query = api.useQuery('get', besideOf(kind, 'tasks'), { params: at(kind, record.id) })
  const done = () => refresh(kind, record.id)
  return (
    <div className={styles.stack}>
      {record.may_change && (
        <AddTask
          onAdd={async (body) => {
            await client.POST(besideOf(kind, 'tasks'), { params: at(kind, record.id), body })
            done()
          }}
        />
      )}
      <Loaded query={query}>
        {(tasks) =>
          tasks.length === 0 ? (
            <Empty why={t('tasks.noneHere')} />
          ) : (
            <TaskRows tasks={tasks} editable={record.may_change} who />
          )
        }
      </Loaded>
    </div>
  )
}

/** A box for one more task: what, until when, Enter. */
export function AddTask({
  onAdd,
}: {
  onAdd: (task: { title: string; due_on: string | null }) => Promise<unknown>
}) {
  const t = useRecordTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const [title, setTitle] = useState('')
  const [due, setDue] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (!title.trim() || busy) return
    setBusy(true)
    try {
      await onAdd({ title: title.trim(), due_on: due })
      setTitle('')
      setDue(null)
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <form className={styles.addTask} onSubmit={(event) => void send(event)}>
      <Input
        value={title}
        maxLength={300}
        prefix={<PlusOutlined aria-hidden />}
        placeholder={t('tasks.hint')}
        aria-label={t('tasks.what')}
        onChange={(event) => setTitle(event.target.value)}
      />
      <DatePicker
        value={due ? dayjs(due) : null}
        placeholder={t('tasks.due')}
        aria-label={t('tasks.due')}
        onChange={(day) => setDue(day ? day.format('YYYY-MM-DD') : null)}
      />
      <Button type="primary" htmlType="submit" loading={busy} disabled={!title.trim()}>
        {t('tasks.add')}
      </Button>
    </form>
  )
}

/** Tasks with ticks. A tick shows at once, goes back if it is refused, and can be taken back for ten seconds. */
export function TaskRows({
  tasks,
  editable,
  who = false,
  current,
  onOpen,
}: {
  tasks: Task[]
  editable: boolean
  /** Name whose they are, instead of what they are for. */
  who?: boolean
  /** The task on which J and K stand. */
  current?: number
  /** Show what a task is for beside the list, instead of going there. */
  onOpen?: (task: Task) => void
}) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const refresh = useRefresh()
  const undoable = useUndoable()
  const [ticked, setTicked] = useState<Record<number, boolean>>({})
  const settle = (task: Task) => {
    if (task.record) refresh(task.record.type, task.record.id)
    return queries.invalidateQueries({ queryKey: ['get', '/api/tasks'] })
  }
  const tick = async (task: Task, done: boolean, quiet = false) => {
    setTicked((now) => ({ ...now, [task.id]: done }))
    try {
      await client.PATCH('/api/tasks/{task}', { params: { path: { task: task.id } }, body: { done } })
      if (done && !quiet) undoable(t('tasks.done', { title: task.title }), () => tick(task, false, true))
      await settle(task)
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setTicked(({ [task.id]: _, ...others }) => others)
    }
  }
  const move = async (task: Task, due_on: string | null) => {
    try {
      await client.PATCH('/api/tasks/{task}', { params: { path: { task: task.id } }, body: { due_on } })
    } catch (error) {
      message.error(named(asProblem(error)))
    }
    await settle(task)
  }
  const today = dayjs().format('YYYY-MM-DD')
  return (
    <ul className={styles.tasks}>
      {tasks.map((task) => {
        const done = ticked[task.id] ?? task.done_at !== null
        const late = !done && task.due_on !== null && task.due_on < today
        return (
          <li key={task.id} id={`task-${task.id}`} data-current={task.id === current || undefined}>
            <Checkbox
              checked={done}
              disabled={!editable}
              onChange={(event) => void tick(task, event.target.checked)}
            >
              <span className={done ? styles.struck : undefined}>{task.title}</span>
            </Checkbox>
            <span className={styles.taskMeta}>
              {who
                ? task.assignee.name
                : task.record && (
                    <Link
                      to={pathOf(task.record.type, task.record.id)}
                      onClick={(event) => {
                        if (!onOpen || event.ctrlKey || event.metaKey || event.shiftKey) return
                        event.preventDefault()
                        onOpen(task)
                      }}
                    >
                      {task.record.name}
                    </Link>
                  )}
            </span>
            {editable && !done ? (
              <DatePicker
                size="small"
                variant="borderless"
                className={styles.taskDue}
                data-late={late || undefined}
                value={task.due_on ? dayjs(task.due_on) : null}
                format={(day) => f.day(day.format('YYYY-MM-DD'))}
                placeholder={t('tasks.noDue')}
                aria-label={t('tasks.dueOf', { title: task.title })}
                status={late ? 'error' : undefined}
                suffixIcon={null}
                onChange={(day) => void move(task, day ? day.format('YYYY-MM-DD') : null)}
              />
            ) : (
              <span className={styles.taskWhen}>
                {task.done_at ? f.moment(task.done_at) : task.due_on ? f.day(task.due_on) : ''}
              </span>
            )}
          </li>
        )
      })}
    </ul>
  )
}
