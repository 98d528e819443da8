import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Drawer, Input, InputNumber, Segmented, Select, Skeleton } from 'antd'
import { lazy, type ReactNode, Suspense, useId, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { type All, asAll, finished, type Node } from '@/features/records/condition'
import type { Field } from '@/features/records/fields'
import { useNames } from '@/features/records/names'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useNarrow } from '@/shared/useNarrow'
import styles from './Triggers.module.css'
import { TRIGGERS, type Trigger } from './TriggersPage'
import { useTriggersTexts } from './texts'

const FilterBuilder = lazy(() => import('@/features/records/FilterBuilder'))

type Draft = Required<Omit<Schemas['TriggerIn'], 'condition'>> & { condition: All }

const ABOUT = ['deal', 'account'] as const
const ACTIONS = ['send_content', 'call', 'meeting', 'task'] as const
const TOPICS = ['product', 'price', 'implementation', 'security', 'competitor', 'other'] as const
const STATUSES = ['draft', 'active', 'retired'] as const

const FRESH: Draft = {
  zh: '',
  en: '',
  about: 'deal',
  condition: { all: [] },
  action: 'call',
  action_zh: '',
  action_en: '',
  topic_kind: '',
  cooldown_days: 14,
  expiry_days: 14,
  whose: 'owner',
  priority: 3,
  status: 'draft',
}

function draftOf(trigger: Trigger | undefined): Draft {
  if (!trigger) return FRESH
  const { zh, en, about, action, action_zh, action_en, topic_kind, cooldown_days, expiry_days, whose } =
    trigger
  const { priority, status } = trigger
  const condition = asAll(trigger.condition as unknown as Node)
  return {
    zh, en, about, condition, action, action_zh, action_en, topic_kind, cooldown_days, expiry_days, whose, priority, status,
  } // biome-ignore format: as it is sent
}

/** One trigger: when, what is suggested to whom, and what it would have done. */
export default function TriggerDialog({
  trigger,
  onClose,
}: {
  trigger: Trigger | undefined
  onClose: () => void
}) {
  const t = useTriggersTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const narrow = useNarrow()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const names = useNames()
  const [draft, setDraft] = useState(() => draftOf(trigger))
  const asked = api.useQuery('get', '/api/triggers/fields', { params: { query: { about: draft.about } } })
  const fields = useMemo(
    () => new Map((asked.data ?? []).map((each) => [each.key, fieldOf(each)])),
    [asked.data],
  )
  const done = () => {
    message.success(t('saved'))
    void queries.invalidateQueries({ queryKey: TRIGGERS })
    onClose()
  }
  const add = api.useMutation('post', '/api/triggers', { onSuccess: done })
  const change = api.useMutation('patch', '/api/triggers/{trigger}', { onSuccess: done })
  const attempt = api.useMutation('post', '/api/triggers/try')
  const put = (part: Partial<Draft>) => {
    setDraft((now) => ({ ...now, ...part }))
    if (!('zh' in part || 'en' in part)) attempt.reset()
  }
  const condition = finished(draft.condition, (key) => fields.get(key)?.kind)
  const body = { ...draft, condition: condition as unknown as Schemas['TriggerIn']['condition'] }
  const save = () =>
    trigger ? change.mutate({ params: { path: { trigger: trigger.id } }, body }) : add.mutate({ body })
  const failed = add.error ?? change.error ?? attempt.error
  const empty = condition.all.length === 0
  const days = (name: 'cooldown_days' | 'expiry_days', least: number) => (
    <InputNumber
      aria-label={t(name === 'cooldown_days' ? 'form.cooldown' : 'form.expiry')}
      min={least}
      max={365}
      precision={0}
      suffix={t('form.daysUnit')}
      value={draft[name]}
      onChange={(to) => to !== null && put({ [name]: to })}
    />
  )
  const text = (name: 'zh' | 'en' | 'action_zh' | 'action_en', label: string, most: number) => (
    <Labelled label={label}>
      {(id) => (
        <Input
          id={id}
          maxLength={most}
          value={draft[name]}
          onChange={(event) => put({ [name]: event.target.value })}
        />
      )}
    </Labelled>
  )
  return (
    <Drawer
      open
      size={narrow ? '100%' : 720}
      title={trigger ? t('edit', { name: named(trigger) }) : t('new')}
      onClose={onClose}
      footer={
        <div className={styles.buttons}>
          <Button
            disabled={empty}
            loading={attempt.isPending}
            title={t('tryAbout')}
            onClick={() =>
              attempt.mutate({
                body: {
                  about: draft.about,
                  condition: body.condition,
                  cooldown_days: draft.cooldown_days,
                  expiry_days: draft.expiry_days,
                },
              })
            }
          >
            {t('try')}
          </Button>
          <Button onClick={onClose}>{shared('cancel')}</Button>
          <Button
            type="primary"
            disabled={
              empty ||
              !draft.zh.trim() ||
              !draft.en.trim() ||
              !draft.action_zh.trim() ||
              !draft.action_en.trim()
            }
            loading={add.isPending || change.isPending}
            onClick={save}
          >
            {shared('save')}
          </Button>
        </div>
      }
    >
      <div className={styles.form}>
        <div className={styles.fields}>
          {text('zh', t('form.zh'), 60)}
          {text('en', t('form.en'), 60)}
        </div>
        <Labelled label={t('about.label')}>
          {() => (
            <Segmented
              aria-label={t('about.label')}
              vertical={narrow}
              value={draft.about}
              options={ABOUT.map((value) => ({ value, label: t(`about.${value}`) }))}
              onChange={(about) => put({ about, condition: { all: [] } })}
            />
          )}
        </Labelled>
        <div className={styles.field}>
          <span>{t('form.condition')}</span>
          <Loaded query={asked} skeleton={<Skeleton active paragraph={{ rows: 2 }} />}>
            {() => (
              <Suspense fallback={<Skeleton active paragraph={{ rows: 2 }} />}>
                <FilterBuilder
                  key={draft.about}
                  root={draft.condition}
                  change={(to) => put({ condition: to })}
                  fields={fields}
                  names={names}
                  none={t('form.conditionNone')}
                />
              </Suspense>
            )}
          </Loaded>
        </div>
        {attempt.data && <Result trial={attempt.data} about={draft.about} />}
        <div className={styles.fields}>
          <Labelled label={t('form.action')}>
            {(id) => (
              <Select
                id={id}
                value={draft.action}
                options={ACTIONS.map((value) => ({ value, label: t(`action.${value}`) }))}
                onChange={(action) => put({ action })}
              />
            )}
          </Labelled>
          <Labelled label={t('form.topic')}>
            {(id) => (
              <Select
                id={id}
                value={draft.topic_kind}
                options={[
                  { value: '' as const, label: t('form.noTopic') },
                  ...TOPICS.map((value) => ({ value, label: t(`topicKind.${value}`) })),
                ]}
                onChange={(topic_kind) => put({ topic_kind })}
              />
            )}
          </Labelled>
        </div>
        {text('action_zh', t('form.actionZh'), 120)}
        {text('action_en', t('form.actionEn'), 200)}
        <p className={styles.faint}>{t('form.places')}</p>
        <div className={styles.fields}>
          <div className={styles.field}>
            <span>{t('form.cooldown')}</span>
            {days('cooldown_days', 0)}
            <span className={styles.faint}>{t('form.cooldownAbout')}</span>
          </div>
          <div className={styles.field}>
            <span>{t('form.expiry')}</span>
            {days('expiry_days', 1)}
          </div>
        </div>
        <div className={styles.fields}>
          <Labelled label={t('whose.label')}>
            {(id) => (
              <Select
                id={id}
                value={draft.whose}
                options={(['owner', 'manager'] as const).map((value) => ({
                  value,
                  label: t(`whose.${value}`),
                }))}
                onChange={(whose) => put({ whose })}
              />
            )}
          </Labelled>
          <div className={styles.field}>
            <span>{t('form.priority')}</span>
            <InputNumber
              aria-label={t('form.priority')}
              min={1}
              max={5}
              precision={0}
              value={draft.priority}
              onChange={(to) => to !== null && put({ priority: to })}
            />
          </div>
        </div>
        <Labelled label={t('form.status')}>
          {() => (
            <Segmented
              aria-label={t('form.status')}
              value={draft.status}
              options={STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))}
              onChange={(status) => put({ status })}
            />
          )}
        </Labelled>
        {failed && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(failed))}
          </p>
        )}
      </div>
    </Drawer>
  )
}

/** What the trigger would have done, and how the deals it would have fired for ended. */
function Result({ trial, about }: { trial: Schemas['TrialOut']; about: Draft['about'] }) {
  const t = useTriggersTexts()
  const f = useFormat()
  const { days, fired, subjects, ended, lost, low, high } = trial
  const usual = f.percent(trial.usual_ended ? trial.usual_lost / trial.usual_ended : null)
  const told = {
    ended,
    lost,
    usual,
    low: f.percent(low),
    high: f.percent(high),
    share: f.percent(lost / (ended || 1)),
  }
  return (
    <div className={styles.result} role="status">
      <strong>
        {fired === 0
          ? t('trial.never', { days })
          : t('trial.fired', {
              days,
              fired,
              subjects,
              what: t(about === 'deal' ? 'trial.deals' : 'trial.accounts'),
            })}
      </strong>
      {fired > 0 && (
        <p>{ended === 0 ? t('trial.none') : t(low === null ? 'trial.few' : 'trial.ended', told)}</p>
      )}
      {trial.examples.length > 0 && (
        <>
          <p className={styles.faint}>{t('trial.examples')}</p>
          <ul>
            {trial.examples.map((each) => (
              <li key={each.deal ?? each.account}>
                <Link to={each.deal === null ? `/accounts/${each.account}` : `/deals/${each.deal}`}>
                  {each.deal === null ? each.name : `${each.account_name} · ${each.name}`}
                </Link>
                <span className={styles.faint}>
                  {[f.day(each.on), each.status && t(`trial.${each.status}`)].filter(Boolean).join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  )
}

/** A fact, as the builder of conditions knows fields. */
function fieldOf({ key, kind, label_zh, label_en, operators, choices }: Schemas['ConditionField']): Field {
  return {
    key,
    kind: kind as Field['kind'],
    zh: label_zh,
    en: label_en,
    operators,
    choices: choices.map((choice) => ({ ...choice, retired: false })),
    required: false,
    changeable: false,
    askable: true,
    sortable: false,
    custom: false,
    groupable: false,
    share: false,
    currency: null,
    longest: 0,
    target: '',
  }
}
