import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Collapse, Drawer, Grid, Input, Modal, Select, Table, Tabs } from 'antd'
import { useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useForecastTexts } from '../texts'
import type { Model } from '../types'
import { type Figure, flat } from './figures'
import styles from './Page.module.css'

const STATUS = { candidate: 'warn', serving: 'ok', retired: 'plain', rejected: 'bad' } as const

/** What the models in use were made from, how good they are, and which came before. */
export default function ModelDrawer({ onClose }: { onClose: () => void }) {
  const t = useForecastTexts()
  const phone = !Grid.useBreakpoint().md
  const query = api.useQuery('get', '/api/forecast/models', {})
  const [shown, setShown] = useState<number | null>(null)
  const [tab, setTab] = useState('card')
  return (
    <Drawer open onClose={onClose} title={t('model.title')} size={phone ? '100%' : 640}>
      <Loaded query={query}>
        {(models) => {
          const model =
            models.find((m) => m.id === shown) ?? models.find((m) => m.status === 'serving') ?? models[0]
          if (!model) return <Empty why={t('page.noModel')} />
          return (
            <>
              {models.length > 1 && (
                <Select
                  aria-label={t('model.which')}
                  value={model.id}
                  onChange={setShown}
                  style={{ width: '100%' }}
                  options={models.map((m) => ({
                    value: m.id,
                    label: `${nameOf(m)} · ${t(`model.${m.status}`)}`,
                  }))}
                />
              )}
              <Tabs
                activeKey={tab}
                onChange={setTab}
                items={[
                  { key: 'card', label: t('model.card'), children: <Card key={model.id} id={model.id} /> },
                  {
                    key: 'versions',
                    label: t('model.versions', { count: models.length }),
                    children: (
                      <Versions
                        models={models}
                        onShow={(id) => {
                          setShown(id)
                          setTab('card')
                        }}
                      />
                    ),
                  },
                ]}
              />
            </>
          )
        }}
      </Loaded>
    </Drawer>
  )
}

const nameOf = (model: Model) => `${model.pool.name} v${model.version}`

/** What science writes on a card. The server sends it as it is, so nothing is taken for granted. */
interface CardFacts {
  tier?: string
  as_of?: string | null
  past?: { first?: string; deals?: number; won?: number; lost?: number; open?: number; events?: number }
  horizon?: number
  target?: number
  thresholds?: Record<string, number | null>
  hindsight?: { column: string; zh: string; en: string }[]
  features?: { name: string; zh: string; en: string; sees: string }[]
  limits?: { zh: string; en: string }[]
  traces?: Traces | null
}

/** What a second model made of the same past without the traces of interest. */
interface Traces {
  helps: boolean
  seen: number
  log_loss_with: { value: number }
  log_loss_without: { value: number }
  gain: { low: number | null; high: number | null }
}

function Card({ id }: { id: number }) {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  const query = api.useQuery('get', '/api/forecast/models/{model}', { params: { path: { model: id } } })
  return (
    <Loaded query={query}>
      {(model) => {
        const card = model.card as CardFacts
        const past = card.past ?? {}
        const threshold = (side: 'won' | 'lost') => {
          const value = card.thresholds?.[side]
          return `${t(`outcome.${side}`)} ${value == null ? t('model.silent') : `≥ ${f.percent(value)}`}`
        }
        return (
          <div className={styles.modelCard}>
            <dl className={styles.modelFacts}>
              <dt>{t('model.status')}</dt>
              <dd>
                <Chip kind={STATUS[model.status]}>{t(`model.${model.status}`)}</Chip> {nameOf(model)}
              </dd>
              <dt>{t('model.tier')}</dt>
              <dd>{t(`tier.${(card.tier ?? 'full') as 'full'}`)}</dd>
              <dt>{t('model.data')}</dt>
              <dd>
                {t('model.dataIs', {
                  first: past.first ? f.day(past.first.slice(0, 10)) : '—',
                  last: f.day(model.fitted_as_of),
                  deals: f.number(past.deals),
                  won: f.number(past.won),
                  lost: f.number(past.lost),
                  open: f.number(past.open),
                  events: f.number(past.events),
                })}
              </dd>
              <dt>{t('model.horizon')}</dt>
              <dd>{t('model.horizonIs', { count: card.horizon ?? 14 })}</dd>
              <dt>{t('model.thresholds')}</dt>
              <dd>
                {t('model.thresholdsAre', {
                  won: threshold('won'),
                  lost: threshold('lost'),
                  target: f.percent(card.target),
                })}
              </dd>
            </dl>
            <h3>{t('model.figures')}</h3>
            <Figures figures={model.figures} />
            {card.traces && (
              <>
                <h3>{t('model.traces')}</h3>
                <p className={styles.sentence}>
                  {t(card.traces.helps ? 'model.tracesHelp' : 'model.tracesNot', {
                    with: f.number(card.traces.log_loss_with.value, 4),
                    without: f.number(card.traces.log_loss_without.value, 4),
                    low: f.number(card.traces.gain.low, 4),
                    high: f.number(card.traces.gain.high, 4),
                    seen: f.number(card.traces.seen),
                  })}
                </p>
              </>
            )}
            <h3>{t('model.limits')}</h3>
            <ul>
              {card.limits?.map((limit) => (
                <li key={limit.en}>{named(limit)}</li>
              ))}
            </ul>
            <Collapse
              size="small"
              items={[
                {
                  key: 'hindsight',
                  label: t('model.hindsight', { count: card.hindsight?.length ?? 0 }),
                  children: card.hindsight?.length ? (
                    <ul>
                      {card.hindsight.map((column) => (
                        <li key={column.column}>
                          <code>{column.column}</code> {named(column)}
                        </li>
                      ))}
                    </ul>
                  ) : (
                    t('model.noHindsight')
                  ),
                },
                {
                  key: 'features',
                  label: t('model.features', { count: card.features?.length ?? 0 }),
                  children: (
                    <ul>
                      {card.features?.map((feature) => (
                        <li key={feature.name}>{named(feature)}</li>
                      ))}
                    </ul>
                  ),
                },
              ]}
            />
          </div>
        )
      }}
    </Loaded>
  )
}

/** In the order in which they are told; what judges the model comes before what it was judged on. */
const KNOWN = [
  'final',
  'state',
  'verdicts',
  'swing',
  'alerts',
  'won',
  'lost',
  'open',
  'gain',
  'difference',
  'auc',
  'ap',
  'brier',
  'brier_skill',
  'ece',
  'log_loss',
  'base_rate',
  'accuracy',
  'right',
  'coverage',
  'share',
  'precision',
  'recall',
  'rival_auc',
  'rival_brier',
  'rival_log_loss',
  'serving',
  'better',
  'against',
  'n',
  'rows',
  'deals',
  'first',
  'stop',
]
const place = ({ path }: Figure) => KNOWN.indexOf(path.split('.')[0] ?? '')

function Figures({ figures }: { figures: Record<string, unknown> }) {
  const t = useForecastTexts()
  const f = useFormat()
  const named = useNamed()
  const { zh, en, ...rest } = figures
  const rows = flat(rest).toSorted((a, b) => place(a) - place(b))
  if (rows.length === 0) return <p className={styles.none}>{t('model.noFigures')}</p>
  const word = (key: string) => (KNOWN.includes(key) ? t(`figure.${key as 'auc'}`) : key)
  const shown = (value: number) => (Number.isInteger(value) ? f.number(value) : f.number(value, 3))
  return (
    <>
      {typeof zh === 'string' && typeof en === 'string' && (
        <p className={styles.sentence}>{named({ zh, en })}</p>
      )}
      <Table
        size="small"
        pagination={false}
        rowKey="path"
        dataSource={rows}
        columns={[
          { title: t('model.figure'), render: (_, { path }) => path.split('.').map(word).join(' · ') },
          {
            title: t('model.value'),
            align: 'right',
            render: (_, { value }) =>
              typeof value === 'number'
                ? shown(value)
                : typeof value === 'boolean'
                  ? value
                    ? '✓'
                    : '✕'
                  : value,
          },
          {
            title: t('model.interval'),
            align: 'right',
            render: (_, { low, high }) =>
              low === null || high === null ? '' : `${shown(low)} – ${shown(high)}`,
          },
          { title: t('figure.n'), align: 'right', render: (_, { n }) => (n === null ? '' : f.number(n)) },
        ]}
      />
    </>
  )
}

function Versions({ models, onShow }: { models: Model[]; onShow: (id: number) => void }) {
  const t = useForecastTexts()
  const f = useFormat()
  const { data: me } = useMe()
  const [chosen, setChosen] = useState<Model | null>(null)
  const allowed = me !== undefined && may(me, 'configure')
  return (
    <>
      <ul className={styles.rows}>
        {models.map((model) => (
          <li key={model.id}>
            <div className={styles.dealName}>
              <button type="button" className={styles.scopeLink} onClick={() => onShow(model.id)}>
                {nameOf(model)}
              </button>{' '}
              <Chip kind={STATUS[model.status]}>{t(`model.${model.status}`)}</Chip>
              <small>
                {t('model.made', { as_of: f.day(model.fitted_as_of), at: f.moment(model.created_at) })}
              </small>
            </div>
            {allowed && model.status !== 'serving' && (
              <Button size="small" onClick={() => setChosen(model)}>
                {t(isBack(model) ? 'model.rollBack' : 'model.promote')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {!allowed && <p className={styles.meta}>{t('model.whoMay')}</p>}
      {chosen && <Promote model={chosen} back={isBack(chosen)} onClose={() => setChosen(null)} />}
    </>
  )
}

/** One that has served before is gone back to. */
const isBack = (model: Model) => model.status === 'retired'

function Promote({ model, back, onClose }: { model: Model; back: boolean; onClose: () => void }) {
  const t = useForecastTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const queries = useQueryClient()
  const [reason, setReason] = useState('')
  const promote = api.useMutation('post', '/api/forecast/models/{model}/promote', {
    onSuccess: (promoted: Schemas['ModelOut']) => {
      message.success(t('model.promoted', { name: nameOf(promoted) }))
      for (const path of ['/api/forecast/models', '/api/forecast/models/{model}', '/api/forecast'])
        void queries.invalidateQueries({ queryKey: ['get', path] })
      onClose()
    },
  })
  return (
    <Modal
      open
      title={t(back ? 'model.rollBackTo' : 'model.promoteThis', { name: nameOf(model) })}
      okText={t(back ? 'model.rollBack' : 'model.promote')}
      cancelText={shared('cancel')}
      confirmLoading={promote.isPending}
      okButtonProps={{ disabled: !reason.trim() }}
      onCancel={onClose}
      onOk={() => promote.mutate({ params: { path: { model: model.id } }, body: { reason: reason.trim() } })}
    >
      <p style={{ marginBottom: 12 }}>{t('model.promoteNote')}</p>
      <Input.TextArea
        rows={3}
        maxLength={500}
        value={reason}
        aria-label={t('model.reason')}
        placeholder={t('model.reason')}
        onChange={(event) => setReason(event.target.value)}
      />
      {promote.error && (
        <p role="alert" className={styles.wrong}>
          {named(asProblem(promote.error))}
        </p>
      )}
    </Modal>
  )
}
