import { FileSearchOutlined } from '@ant-design/icons'
import { Button, Segmented, Skeleton, TreeSelect } from 'antd'
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react'
import { useSearchParams } from 'react-router'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Lacking } from '@/shared/Lacking'
import { useLive } from '@/shared/live'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { AlertsCard } from './page/AlertsCard'
import { CalibrationCard } from './page/CalibrationCard'
import styles from './page/Page.module.css'
import { PeriodsCard } from './page/PeriodsCard'
import { above, find, type Grain, grainOf, keyOf, type Node, pick, tree } from './page/scopes'
import { TeamsCard } from './page/TeamsCard'
import { VerdictsCard } from './page/VerdictsCard'
import { WeekCard } from './page/WeekCard'
import { useForecastTexts } from './texts'
import type { Forecast } from './types'

const ModelDrawer = lazy(() => import('./page/ModelDrawer'))

const TOPICS = [
  ['forecast', 0],
  ['currencies', 0],
] as const
const KEYS = ['', '/changes', '/calibration', '/verdicts', '/alerts', '/models'].map((part) => [
  'get',
  `/api/forecast${part}`,
])
/** Deals are scored all the time: the sums need not follow each of them. */
const AT_MOST_EVERY = 15_000

export default function ForecastPage() {
  const t = useForecastTexts()
  useTitle(t('title'))
  useLive(TOPICS, KEYS, AT_MOST_EVERY)
  const query = api.useQuery('get', '/api/forecast', {})
  return (
    <Loaded query={query} skeleton={<PageSkeleton />}>
      {(forecast) => (forecast.at || anythingWon(forecast) ? <Page forecast={forecast} /> : <Nothing />)}
    </Loaded>
  )
}

const anythingWon = ({ totals }: Forecast) =>
  totals.some(({ periods }) => periods.some(({ won }) => Number(won) > 0))

/** No figures: either nobody has trained a model, or this person has no deals. */
function Nothing() {
  const t = useForecastTexts()
  const models = api.useQuery('get', '/api/forecast/models', {})
  return (
    <Framed>
      <div className={styles.card}>
        <Loaded query={models}>
          {(found) => (
            <Empty
              why={t(found.some(({ status }) => status === 'serving') ? 'page.noDeals' : 'page.noModel')}
            />
          )}
        </Loaded>
      </div>
    </Framed>
  )
}

function Framed({ children }: { children: ReactNode }) {
  const t = useForecastTexts()
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('title')}</h1>
      </div>
      {children}
    </div>
  )
}

function PageSkeleton() {
  return (
    <Framed>
      <div className={styles.card}>
        <Skeleton active paragraph={{ rows: 4 }} />
      </div>
      <div className={styles.card}>
        <Skeleton active paragraph={{ rows: 8 }} />
      </div>
    </Framed>
  )
}

function Page({ forecast }: { forecast: Forecast }) {
  const t = useForecastTexts()
  const f = useFormat()
  const [address, setAddress] = useSearchParams()
  const [model, setModel] = useState(false)
  const teams = api.useQuery('get', '/api/teams', {}).data
  const nodes = useMemo(() => tree(forecast.totals, teams && above(teams)), [forecast, teams])
  const scope = find(forecast.totals, address.get('scope'))
  const asked = address.get('period')
  const grain: Grain = asked ? grainOf(asked) : 'quarter'
  const period = pick(forecast.periods, grain, asked) ?? forecast.periods[0]
  if (!scope || !period)
    return (
      <Framed>
        <Empty why={t('page.noDeals')} />
      </Framed>
    )
  const set = (name: string, value: string) =>
    setAddress(
      (before) => {
        const after = new URLSearchParams(before)
        after.set(name, value)
        return after
      },
      { replace: true },
    )
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('title')}</h1>
        <span className={styles.meta}>
          {forecast.at
            ? t('page.asOf', { at: f.moment(forecast.at), count: forecast.open_deals })
            : t('page.waiting')}
        </span>
        <Lacking lacking={forecast.lacking} />
        <div className={styles.tools}>
          <TreeSelect
            value={keyOf(scope.kind, scope.id)}
            onChange={(key: string) => set('scope', key)}
            treeData={nodes.map((node) => branch(node, t('page.all')))}
            treeDefaultExpandAll
            showSearch={{ treeNodeFilterProp: 'title' }}
            aria-label={t('page.scope')}
            className={styles.scope}
          />
          <Segmented
            value={grain}
            onChange={(to) => {
              const first = pick(forecast.periods, to, null)
              if (first) set('period', first)
            }}
            aria-label={t('page.grain')}
            options={(['month', 'quarter'] as const).map((value) => ({
              value,
              label: t(`page.${value}`),
              disabled: pick(forecast.periods, value, null) === undefined,
            }))}
          />
          <Button icon={<FileSearchOutlined />} onClick={() => setModel(true)}>
            {t('model.title')}
          </Button>
        </div>
      </div>
      <PeriodsCard
        forecast={forecast}
        scope={scope}
        grain={grain}
        period={period}
        onPeriod={(to) => set('period', to)}
      />
      <TeamsCard
        forecast={forecast}
        nodes={nodes}
        period={period}
        active={keyOf(scope.kind, scope.id)}
        onScope={(key) => set('scope', key)}
      />
      <WeekCard scope={scope} currency={forecast.currency} />
      <div className={styles.three}>
        <CalibrationCard />
        <VerdictsCard />
        <AlertsCard />
      </div>
      {model && (
        <Suspense fallback={null}>
          <ModelDrawer onClose={() => setModel(false)} />
        </Suspense>
      )}
    </div>
  )
}

interface Branch {
  value: string
  title: string
  children: Branch[]
}

function branch({ key, scope, children }: Node, all: string): Branch {
  return {
    value: key,
    title: scope.kind === 'all' ? all : scope.name,
    children: children.map((child) => branch(child, all)),
  }
}
