import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Form, Modal, Segmented, Select } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { type ApiProblem, api, asProblem, client, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { type Me, may } from '@/shared/me'
import { Waiting } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { type Creatable, type Preset, useCreating } from './create'
import { at, besideOf, type FieldOut, listOf, useRefresh, useType } from './data'
import { Editor, RecordSelect } from './Editor'
import { type Kind, pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { type Reference, type Shown, sent } from './values'

/** The form for something new. Asks for what it must know first; the rest may come later. */
export default function CreateDialog({ me }: { me: Me }) {
  const asked = useCreating((state) => state.asked)
  const ask = useCreating((state) => state.ask)
  const t = useRecordTexts()
  if (!asked) return null
  const close = () => ask(null)
  const kinds: Creatable[] = [
    'deal',
    'account',
    'contact',
    'lead',
    'task',
    ...(may(me, 'configure') ? (['product'] as const) : []),
  ]
  // Opened from a record, it is clear what is wanted.
  const free = Object.keys(asked.preset).length === 0
  return (
    <Modal
      open
      title={t('create.of', { kind: t(`kind.${asked.kind}`) })}
      footer={null}
      width={520}
      onCancel={close}
      destroyOnHidden
      // Without motion, the dialog takes the focus to its × after the first field had it.
      afterOpenChange={(open) => open && focusFirst()}
    >
      {free && (
        <div className={`${styles.scroll} ${styles.kinds}`}>
          <Segmented<Creatable>
            value={asked.kind}
            aria-label={t('create.what')}
            options={kinds.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))}
            onChange={(kind) => ask({ kind, preset: asked.preset })}
          />
        </div>
      )}
      {asked.kind === 'task' ? (
        <TaskForm preset={asked.preset} onClose={close} />
      ) : (
        <RecordForm key={asked.kind} kind={asked.kind} preset={asked.preset} me={me} onClose={close} />
      )}
    </Modal>
  )
}

const BODY = '.ant-modal-body'
const focusFirst = () => {
  if (document.activeElement?.closest(BODY)) return
  document.querySelector<HTMLElement>(`${BODY} input:not([type=radio]), ${BODY} textarea`)?.focus()
}

const NOT_ASKED = new Set(['tags'])

function RecordForm({
  kind,
  preset,
  me,
  onClose,
}: {
  kind: Kind
  preset: Preset
  me: Me
  onClose: () => void
}) {
  const t = useRecordTexts()
  const named = useNamed()
  const shared = useSharedTexts()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const type = useType(kind)
  const [values, setValues] = useState<Record<string, Shown | undefined>>(() => ({
    ...(kind === 'product' ? { currency: 'CNY', active: true } : {}),
    ...preset.values,
  }))
  const [account, setAccount] = useState<Reference | null>(preset.account ?? null)
  const [chosenPipeline, setPipeline] = useState<number | null>(null)
  const [all, setAll] = useState(false)
  const [tried, setTried] = useState(false)
  const [problem, setProblem] = useState<ApiProblem | null>(null)
  const [doubles, setDoubles] = useState<Schemas['DoublesOut'] | null>(null)
  const [busy, setBusy] = useState(false)
  const [chosenLine, setLine] = useState<number | null>(null)
  // Who works for no line of business says for which this is.
  const needsLine = (kind === 'account' || kind === 'lead') && me.line === null
  const pipelines = api.useQuery(
    'get',
    '/api/pipelines',
    {},
    { enabled: kind === 'deal' || needsLine, staleTime: 10 * 60_000 },
  )
  const lines = new Map((pipelines.data ?? []).map(({ line }) => [line.id, line.name]))
  if (!type) return <Waiting rows={6} />
  const line = chosenLine ?? [...lines.keys()][0] ?? null
  const own = pipelines.data?.find((each) => each.line.id === me.line?.id) ?? pipelines.data?.[0]
  const pipeline = chosenPipeline ?? own?.id ?? null
  const given = new Set(Object.keys(preset.values ?? {}))
  const offered = type.fields.filter(
    (field) =>
      !NOT_ASKED.has(field.key) &&
      (field.changeable || (kind === 'product' && field.key === 'line')) &&
      !(kind === 'deal' && field.key === 'currency'),
  )
  const first = offered.filter(
    (field) => field.required || FIRST[kind]?.includes(field.key) || given.has(field.key),
  )
  const shown = all ? offered : first
  const isEmpty = (value: Shown | undefined) =>
    value === undefined || value === null || value === '' || (Array.isArray(value) && !value.length)
  const missing = (field: FieldOut) => field.required && isEmpty(values[field.key])
  const needsAccount = kind === 'deal' || kind === 'contact'
  const wrong = (field: FieldOut) => values[field.key] === undefined && field.key in values
  const ready =
    offered.every((field) => !missing(field) && !wrong(field)) &&
    (!needsAccount || account) &&
    (kind !== 'deal' || pipeline) &&
    (!needsLine || line)
  const send = async () => {
    setTried(true)
    if (!ready || busy) return
    setBusy(true)
    setProblem(null)
    try {
      const filled = Object.entries(values).filter(([, value]) => !isEmpty(value))
      const told = Object.fromEntries(filled.map(([key, value]) => [key, sent(value ?? null)]))
      // Asked once, not with each key: of what somebody may not see, the audit trail keeps that it was asked for.
      if (isMatched(kind) && !doubles) {
        const { data: found } = await client.POST(checkOf(kind), {
          body: { values: told, belongs_to: account?.id ?? null },
        })
        if (found && found.matches.length + found.hidden.length > 0) {
          setDoubles(found)
          return
        }
      }
      const { data } = await client.POST(listOf(kind), {
        body: {
          values: told,
          ...(needsAccount && { account: account?.id }),
          ...(kind === 'deal' && { pipeline }),
          ...(needsLine && { line }),
          facts: {},
        },
      })
      if (!data) return
      refresh(kind, data.id)
      if (account) refresh('account', account.id)
      message.success(t('create.done', { title: data.title }))
      onClose()
      void navigate(pathOf(kind, data.id))
    } catch (error) {
      setProblem(asProblem(error))
    } finally {
      setBusy(false)
    }
  }
  const state = (field: FieldOut) => {
    const told = problem?.fields[field.key]
    if (told) return { validateStatus: 'error', help: told } as const
    if (tried && missing(field))
      return { validateStatus: 'error', help: t('needed', { label: named(field) }) } as const
    return {}
  }
  return (
    <Form layout="vertical" requiredMark={false} onFinish={() => void send()} className={styles.form}>
      {needsAccount && (
        <Form.Item
          label={t('create.account')}
          htmlFor="create-account"
          {...(tried && !account
            ? ({ validateStatus: 'error', help: t('needed', { label: t('kind.account') }) } as const)
            : {})}
        >
          <RecordSelect
            id="create-account"
            kind="account"
            autoFocus={!account}
            value={account}
            onChange={(chosen) => {
              setAccount(chosen)
              setDoubles(null)
            }}
            clearable={false}
          />
        </Form.Item>
      )}
      {kind === 'deal' && (pipelines.data?.length ?? 0) > 1 && (
        <Form.Item label={t('convert.pipeline')} htmlFor="create-pipeline">
          <Select
            id="create-pipeline"
            value={pipeline}
            options={pipelines.data?.map(({ id, name }) => ({ value: id, label: name }))}
            onChange={setPipeline}
          />
        </Form.Item>
      )}
      {shown.map((field, place) => (
        <Form.Item
          key={field.key}
          label={field.required ? named(field) : t('optional', { label: named(field) })}
          htmlFor={`create-${field.key}`}
          {...state(field)}
        >
          <Editor
            id={`create-${field.key}`}
            field={field}
            autoFocus={place === 0 && (!needsAccount || account !== null)}
            value={values[field.key] ?? null}
            onChange={(value) => {
              setValues((now) => ({ ...now, [field.key]: value }))
              setDoubles(null)
            }}
          />
        </Form.Item>
      ))}
      {needsLine && (
        <Form.Item label={t('create.line')} htmlFor="create-line">
          <Select
            id="create-line"
            value={line}
            options={[...lines].map(([value, label]) => ({ value, label }))}
            onChange={setLine}
          />
        </Form.Item>
      )}
      {problem && (
        <p role="alert" className={styles.wrong}>
          {named(problem)}
        </p>
      )}
      {doubles && (
        <section role="alert" className={styles.doubles}>
          <strong>{t('create.doubles')}</strong>
          <ul>
            {doubles.matches.map((match) => (
              <li key={match.id}>
                <Link to={pathOf(kind, match.id)} onClick={onClose}>
                  {match.title}
                </Link>
                <small>
                  {[match.owner, ...match.reasons.filter(({ supports }) => supports).map(named)]
                    .filter(Boolean)
                    .join(' · ')}
                </small>
              </li>
            ))}
            {doubles.hidden.map(({ team }, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: of these, nothing else is told
              <li key={place}>{team ? t('create.hiddenOf', { team }) : t('create.hidden')}</li>
            ))}
          </ul>
        </section>
      )}
      <div className={styles.buttons}>
        {offered.length > first.length && (
          <Button type="text" aria-expanded={all} onClick={() => setAll(!all)}>
            {t(all ? 'create.less' : 'create.more')}
          </Button>
        )}
        <span className={styles.grow} />
        <Button onClick={onClose}>{shared('cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t(doubles ? 'create.anyway' : 'create.ok')}
        </Button>
      </div>
    </Form>
  )
}

type MatchedKind = 'account' | 'contact' | 'lead'
const isMatched = (kind: Kind): kind is MatchedKind =>
  kind === 'account' || kind === 'contact' || kind === 'lead'
const checkOf = (kind: MatchedKind) => `/api/records/${kind}-check` as '/api/records/account-check'

/** Asked for at once although they may stay empty: nobody comes back for them. */
const FIRST: Partial<Record<Kind, string[]>> = {
  deal: ['amount', 'expected_close_on'],
  contact: ['title', 'phone'],
  lead: ['company', 'phone', 'source'],
  product: ['price', 'unit'],
}

function TaskForm({ preset, onClose }: { preset: Preset; onClose: () => void }) {
  const t = useRecordTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const refresh = useRefresh()
  const target = preset.record
  const [title, setTitle] = useState<Shown | undefined>('')
  const [due, setDue] = useState<Shown | undefined>(null)
  const [tried, setTried] = useState(false)
  const [busy, setBusy] = useState(false)
  const text = typeof title === 'string' ? title.trim() : ''
  const send = async () => {
    setTried(true)
    if (!text || busy) return
    setBusy(true)
    const body = { title: text, due_on: typeof due === 'string' ? due : null }
    try {
      if (target)
        await client.POST(besideOf(target.kind, 'tasks'), { params: at(target.kind, target.id), body })
      else await client.POST('/api/tasks', { body })
      if (target) refresh(target.kind, target.id)
      void queries.invalidateQueries({ queryKey: ['get', '/api/tasks'] })
      message.success(t('create.done', { title: text }))
      onClose()
    } catch (error) {
      message.error(named(asProblem(error)))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Form layout="vertical" requiredMark={false} onFinish={() => void send()} className={styles.form}>
      {target && <p className={styles.lead}>{t('tasks.for', { name: target.name })}</p>}
      <Form.Item
        label={t('tasks.what')}
        htmlFor="task-title"
        {...(tried && !text
          ? ({ validateStatus: 'error', help: t('needed', { label: t('tasks.what') }) } as const)
          : {})}
      >
        <Editor id="task-title" field={TITLE} value={title ?? ''} onChange={setTitle} autoFocus />
      </Form.Item>
      <Form.Item label={t('tasks.due')} htmlFor="task-due">
        <Editor id="task-due" field={DUE} value={due ?? null} onChange={setDue} />
      </Form.Item>
      <div className={styles.buttons}>
        <span className={styles.grow} />
        <Button onClick={onClose}>{shared('cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={busy}>
          {t('create.ok')}
        </Button>
      </div>
    </Form>
  )
}

const plainField: FieldOut = {
  key: 'title',
  kind: 'text',
  zh: '任务内容',
  en: 'What is to be done',
  required: true,
  changeable: true,
  askable: false,
  sortable: false,
  custom: false,
  longest: 300,
  choices: [],
  target: '',
  operators: [],
  groupable: false,
  share: false,
  currency: null,
}
const TITLE = plainField
const DUE: FieldOut = {
  ...plainField,
  key: 'due_on',
  kind: 'date',
  zh: '截止日期',
  en: 'Due',
  required: false,
}
