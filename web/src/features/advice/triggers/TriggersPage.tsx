import { Button } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { api, type Schemas } from '@/shared/api'
import { useLanguage, useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from './Triggers.module.css'
import { useTriggersTexts } from './texts'

const TriggerDialog = lazy(() => import('./TriggerDialog'))

export type Trigger = Schemas['TriggerOut']
export const TRIGGERS = ['get', '/api/triggers']

const REASONS = ['not_true', 'not_useful', 'not_now', 'done', 'other'] as const

/** What is watched for, and for who shapes it what people made of that. */
export default function TriggersPage() {
  const t = useTriggersTexts()
  useTitle(t('title'))
  const query = api.useQuery('get', '/api/triggers')
  useLive([['triggers', 0]], [TRIGGERS], 1_000)
  const [editing, setEditing] = useState<Trigger | 'new' | null>(null)
  return (
    <div className={styles.page}>
      <header className={styles.head}>
        <h1>{t('title')}</h1>
        {query.data?.may_shape && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('new')}
          </Button>
        )}
      </header>
      <p className={styles.intro}>{t('intro')}</p>
      <Loaded query={query}>
        {({ items, may_shape }) => (
          <ul className={styles.list}>
            {items.map((trigger) => (
              <Row
                key={trigger.id}
                trigger={trigger}
                edit={may_shape ? () => setEditing(trigger) : undefined}
              />
            ))}
          </ul>
        )}
      </Loaded>
      {editing && (
        <Suspense fallback={null}>
          <TriggerDialog trigger={editing === 'new' ? undefined : editing} onClose={() => setEditing(null)} />
        </Suspense>
      )}
    </div>
  )
}

function Row({ trigger, edit }: { trigger: Trigger; edit?: () => void }) {
  const t = useTriggersTexts()
  const named = useNamed()
  const language = useLanguage()
  const { share } = trigger
  const name = named(trigger)
  const reasons = REASONS.filter((reason) => share?.reasons[reason])
  return (
    <li className={styles.row} data-off={trigger.status !== 'active' || undefined}>
      <div className={styles.name}>
        <h2>{name}</h2>
        <Chip kind={trigger.status === 'active' ? 'ok' : 'plain'}>{t(`status.${trigger.status}`)}</Chip>
        {trigger.shipped && <Chip>{t('shipped')}</Chip>}
        {share?.look_again && <Chip kind="bad">{t('lookAgain')}</Chip>}
        {edit && (
          <Button size="small" aria-label={t('editOf', { name })} onClick={edit}>
            {t('editOf', { name: '' }).replace(/[:：]\s*$/, '')}
          </Button>
        )}
      </div>
      <dl className={styles.says}>
        <div>
          <dt>{t('when')}</dt>
          <dd>{language === 'zh' ? trigger.says_zh : trigger.says_en}</dd>
        </div>
        <div>
          <dt>{t('then')}</dt>
          <dd>
            {t(`action.${trigger.action}`)} ·{' '}
            {(language === 'zh' ? trigger.action_zh : trigger.action_en).replace(
              /\{(account|deal|topic)\}/g,
              (_, place: 'account' | 'deal' | 'topic') => t(`place.${place}`),
            )}
          </dd>
        </div>
      </dl>
      <p className={styles.faint}>
        {t(`whose.${trigger.whose}`)} ·{' '}
        {t('days', {
          cooldown: trigger.cooldown_days,
          expiry: trigger.expiry_days,
          priority: trigger.priority,
        })}
      </p>
      {share && (
        <p className={styles.faint}>
          {share.made === 0 ? t('shareNone') : t('share', { ...share })}
          {reasons.length > 0 &&
            ` · ${t('reasons', {
              parts: reasons.map((reason) => `${t(`reason.${reason}`)} ${share.reasons[reason]}`).join(' · '),
            })}`}
        </p>
      )}
    </li>
  )
}
