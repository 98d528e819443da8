import { Button } from 'antd'
import { useMemo, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import type { Node } from '@/features/records/condition'
import type { Field, Fields } from '@/features/records/fields'
import type { Names } from '@/features/records/names'
import { Told } from '@/features/records/Told'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { type Topic, useAfter, useTopics, useTopicsLive } from '../data'
import { useInterestTexts } from '../texts'
import { TopicEditor } from './TopicEditor'
import styles from './Topics.module.css'
import { Weights } from './Weights'

export const KINDS = ['product', 'price', 'implementation', 'security', 'competitor', 'other'] as const
const STATUSES = ['active', 'draft', 'retired'] as const
const TONE = { active: 'ok', draft: 'warn', retired: 'plain' } as const
const LONG = 10 * 60_000

/** Rules of topics name nothing by a key. */
export const NO_NAMES: Names = { users: [], pipelines: [], optionsOf: () => [], nameOf: () => undefined }

/** Which topics are looked for, and what each kind of signal counts: everybody may read it. */
export default function TopicsTab() {
  const { data: me } = useMe()
  const t = useInterestTexts()
  useTopicsLive()
  const edits = me !== undefined && may(me, 'configure')
  return (
    <div className={styles.page}>
      {!edits && <p className={styles.faint}>{t('topics.readOnly')}</p>}
      <TopicList edits={edits} />
      {edits && <Suggestions />}
      <Weights edits={edits} />
    </div>
  )
}

/** What a rule may ask, as the builder of conditions takes it. */
function useTopicFields(): Fields {
  const { data } = api.useQuery('get', '/api/topics/fields', {}, { staleTime: LONG })
  return useMemo(() => new Map(data?.map((field) => [field.key, fieldOf(field)])), [data])
}

const fieldOf = ({ key, kind, label_zh, label_en, operators }: Schemas['ConditionField']): Field => ({
  key,
  kind: kind as Field['kind'],
  zh: label_zh,
  en: label_en,
  operators,
  choices: [],
  askable: true,
  required: false,
  changeable: false,
  sortable: false,
  custom: false,
  groupable: false,
  share: false,
  currency: null,
  longest: 0,
  target: '',
})

function TopicList({ edits }: { edits: boolean }) {
  const t = useInterestTexts()
  const query = useTopics()
  const fields = useTopicFields()
  const [edited, setEdited] = useState<Topic | 'new'>()
  return (
    <section className={styles.part} aria-labelledby="topics">
      <div className={styles.head}>
        <h2 id="topics">{t('topics.title')}</h2>
        {edits && (
          <Button type="primary" onClick={() => setEdited('new')}>
            {t('topics.add')}
          </Button>
        )}
      </div>
      <p className={styles.faint}>{t('topics.intro')}</p>
      <Loaded query={query}>
        {(topics) =>
          topics.length === 0 ? (
            <Empty why={t('topics.none')} />
          ) : (
            <ul className={styles.list}>
              {topics.toSorted(inOrder).map((topic) => (
                <Row
                  key={topic.id}
                  topic={topic}
                  fields={fields}
                  edit={edits ? () => setEdited(topic) : undefined}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
      {edited && fields.size > 0 && (
        <TopicEditor
          topic={edited === 'new' ? undefined : edited}
          fields={fields}
          close={() => setEdited(undefined)}
        />
      )}
    </section>
  )
}

/** By kind; of each kind first those that count. */
function inOrder(one: Topic, other: Topic): number {
  return (
    KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind) ||
    STATUSES.indexOf(one.status) - STATUSES.indexOf(other.status)
  )
}

function Row({ topic, fields, edit }: { topic: Topic; fields: Fields; edit?: () => void }) {
  const t = useInterestTexts()
  const named = useNamed()
  const format = useFormat()
  const { status, rule, changed_by, changed_at } = topic
  return (
    <li className={styles.topic}>
      <span className={styles.faint}>{t(`kind.${topic.kind}`)}</span>
      <span className={styles.line}>
        <b>{named(topic)}</b>
        <Chip kind={TONE[status]}>{t(`status.${status}`)}</Chip>
      </span>
      <span className={styles.rule}>
        <Told node={rule as unknown as Node} fields={fields} names={NO_NAMES} />
        {changed_by && (
          <span className={styles.faint}>
            {t('topics.changed', { who: changed_by.name, when: format.relative(changed_at) })}
          </span>
        )}
      </span>
      {edit && (
        <Button size="small" aria-label={t('topics.editOf', { name: named(topic) })} onClick={edit}>
          {t('topics.edit')}
        </Button>
      )}
    </li>
  )
}

function Suggestions() {
  const t = useInterestTexts()
  const { data: topics } = useTopics()
  const { data } = api.useQuery('get', '/api/topics/suggestions')
  const { fail, say, again } = useAfter()
  const add = api.useMutation('post', '/api/topics', {
    onSuccess: () => say(t('topics.drafted')),
    onError: fail,
    onSettled: again,
  })
  const known = new Set(topics?.map(({ rule }) => JSON.stringify(rule)))
  const fresh = data?.filter(({ rule }) => !known.has(JSON.stringify(rule)))
  if (!fresh?.length) return null
  return (
    <section className={styles.part} aria-labelledby="suggested">
      <div className={styles.head}>
        <h2 id="suggested">{t('topics.suggested')}</h2>
      </div>
      <p className={styles.faint}>{t('topics.suggestedIntro')}</p>
      <ul className={styles.list}>
        {fresh.map(({ zh, rule, signals, pages }) => (
          <li key={JSON.stringify(rule)} className={styles.row}>
            <div className={styles.grow}>
              <b>{zh}</b>
              <span className={styles.faint}>{t('topics.suggestedRead', { count: signals })}</span>
              <Pages pages={pages} />
            </div>
            <Button
              disabled={add.isPending}
              onClick={() => add.mutate({ body: { kind: 'other', zh, en: zh, rule, status: 'draft' } })}
            >
              {t('topics.draft')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** Pages, and how often each was looked at. */
export function Pages({ pages }: { pages: readonly Schemas['PageReadOut'][] }) {
  const t = useInterestTexts()
  return (
    <ul className={styles.pages}>
      {pages.map(({ page, signals }) => (
        <li key={JSON.stringify(page)}>
          <span>{[page.title, page.file, page.query, page.url].filter(Boolean).join(' · ')}</span>
          <span>{t('topics.read', { count: signals })}</span>
        </li>
      ))}
    </ul>
  )
}
