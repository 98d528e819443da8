import { Button, Input, Modal, Radio, Select, Skeleton } from 'antd'
import { lazy, Suspense, useId, useState } from 'react'
import { type All, asAll, finished, type Node } from '@/features/records/condition'
import type { Fields } from '@/features/records/fields'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Topic, useAfter } from '../data'
import { useInterestTexts } from '../texts'
import styles from './Topics.module.css'
import { KINDS, NO_NAMES, Pages } from './TopicsTab'

const FilterBuilder = lazy(() => import('@/features/records/FilterBuilder'))

const STATUSES = ['draft', 'active', 'retired'] as const

/** One topic: what it is called, the rule that finds it, what that would have found, and whether it counts. */
export function TopicEditor({
  topic,
  fields,
  close,
}: {
  topic: Topic | undefined
  fields: Fields
  close: () => void
}) {
  const t = useInterestTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const id = useId()
  const { say, again } = useAfter()
  const [kind, setKind] = useState<Topic['kind']>(topic?.kind ?? 'product')
  const [zh, setZh] = useState(topic?.zh ?? '')
  const [en, setEn] = useState(topic?.en ?? '')
  const [status, setStatus] = useState<Topic['status']>(topic?.status ?? 'draft')
  const [root, setRoot] = useState<All>(() => asAll(topic?.rule as unknown as Node | undefined))
  const [missing, setMissing] = useState('')
  const counts = status === 'active' || topic?.status === 'active'
  const done = {
    onSuccess: () => {
      say(t(counts ? 'topics.savedActive' : 'topics.saved'))
      again()
      close()
    },
  }
  const add = api.useMutation('post', '/api/topics', done)
  const change = api.useMutation('patch', '/api/topics/{topic}', done)
  const trial = api.useMutation('post', '/api/topics/try')
  const failed = add.error ?? change.error ?? trial.error
  const ruleOf = () => {
    const asked = finished(root, (key) => fields.get(key)?.kind)
    const [only, ...others] = asked.all
    if (!only) return null
    return (others.length ? asked : only) as unknown as Topic['rule']
  }
  const tryIt = () => {
    const rule = ruleOf()
    setMissing(rule ? '' : t('topics.ruleNeeded'))
    if (rule) trial.mutate({ body: { rule } })
  }
  const save = () => {
    const rule = ruleOf()
    const lacks = !(zh.trim() && en.trim()) ? t('topics.namesNeeded') : rule ? '' : t('topics.ruleNeeded')
    setMissing(lacks)
    if (lacks || !rule) return
    const body = { kind, zh, en, rule, status }
    if (topic) change.mutate({ params: { path: { topic: topic.id } }, body })
    else add.mutate({ body })
  }
  return (
    <Modal
      open
      width={680}
      title={topic ? t('topics.editOf', { name: named(topic) }) : t('topics.new')}
      footer={null}
      onCancel={close}
    >
      <div className={styles.form}>
        <div className={styles.fields}>
          <div className={styles.field}>
            <label htmlFor={`${id}-zh`}>{t('topics.zh')}</label>
            <Input id={`${id}-zh`} maxLength={60} value={zh} onChange={({ target }) => setZh(target.value)} />
          </div>
          <div className={styles.field}>
            <label htmlFor={`${id}-en`}>{t('topics.en')}</label>
            <Input id={`${id}-en`} maxLength={60} value={en} onChange={({ target }) => setEn(target.value)} />
          </div>
          <div className={styles.field}>
            <span>{t('topics.kind')}</span>
            <Select
              aria-label={t('topics.kind')}
              value={kind}
              options={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
              onChange={setKind}
            />
          </div>
        </div>
        <div className={styles.field}>
          <span>{t('topics.rule')}</span>
          <Suspense fallback={<Skeleton active paragraph={{ rows: 1 }} />}>
            <FilterBuilder
              root={root}
              change={(next) => {
                setRoot(next)
                trial.reset()
              }}
              fields={fields}
              names={NO_NAMES}
              none={t('topics.ruleNone')}
            />
          </Suspense>
          <div>
            <Button loading={trial.isPending} onClick={tryIt}>
              {t('topics.try')}
            </Button>
          </div>
        </div>
        {trial.data && <Found trial={trial.data} />}
        <div className={styles.field}>
          <span id={`${id}-status`}>{t('topics.status')}</span>
          <Radio.Group
            className={styles.statuses}
            aria-labelledby={`${id}-status`}
            value={status}
            onChange={({ target }) => setStatus(target.value as Topic['status'])}
            options={STATUSES.filter((each) => topic || each !== 'retired').map((value) => ({
              value,
              label: (
                <>
                  {t(`status.${value}`)} <span className={styles.faint}>{t(`statusAbout.${value}`)}</span>
                </>
              ),
            }))}
          />
        </div>
        {(missing || failed) && (
          <p role="alert" className={styles.wrong}>
            {missing || named(asProblem(failed))}
          </p>
        )}
        <div className={styles.buttons}>
          <Button onClick={close}>{shared('cancel')}</Button>
          <Button type="primary" loading={add.isPending || change.isPending} onClick={save}>
            {shared('save')}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function Found({ trial }: { trial: Schemas['TopicTrial'] }) {
  const t = useInterestTexts()
  const { number } = useFormat()
  if (trial.signals === 0)
    return (
      <div className={styles.result} role="status">
        {t('topics.foundNothing')}
      </div>
    )
  return (
    <div className={styles.result} role="status">
      <div className={styles.figures}>
        <span>{t('topics.tried')}</span>
        {(['signals', 'visitors', 'accounts'] as const).map((each) => (
          <span key={each} data-found={each}>
            <b>{number(trial[each])}</b> {t(`topics.${each}`)}
          </span>
        ))}
      </div>
      <Pages pages={trial.pages} />
    </div>
  )
}
