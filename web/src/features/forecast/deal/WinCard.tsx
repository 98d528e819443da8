import { ReloadOutlined } from '@ant-design/icons'
import { Button, Segmented, Skeleton, Tooltip } from 'antd'
import { memo, type ReactNode, useMemo, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { Flash } from '@/features/crm/Flash'
import { scoreKeys } from '@/features/crm/useDeal'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useLive } from '@/shared/live'
import { Delayed, Empty, ErrorBox } from '@/shared/states'
import { Change } from '../Change'
import { useForecastTexts } from '../texts'
import type { Outlook } from '../types'
import { OutlookChart } from './OutlookChart'
import { StateBar } from './StateBar'
import { type Step, steps } from './steps'
import styles from './WinCard.module.css'

const HORIZON = 14
const STEPS_SHOWN = 4

interface Props {
  deal: number
  status: 'open' | 'won' | 'lost'
  closedAt: string | null
  onStep: (step: Step) => void
  onHint: (entries: number[]) => void
}

/** How likely the deal is won, how that came, and where it may go in two weeks. */
export const WinCard = memo(function WinCard({ deal, status, closedAt, onStep, onHint }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const path = { params: { path: { deal } } }
  const open = status === 'open'
  const outlook = api.useQuery('get', '/api/deals/{deal}/forecast', path, { enabled: open })
  const history = api.useQuery('get', '/api/deals/{deal}/forecast/history', path)
  useLive([['deal_score', deal]], scoreKeys(deal))
  const ended = useMemo(
    () => (status === 'open' ? undefined : { at: closedAt ?? '', outcome: status }),
    [status, closedAt],
  )

  const none = open && outlook.error && asProblem(outlook.error).status === 404
  if (open && outlook.error && !outlook.data)
    return (
      <section className={styles.card} aria-labelledby="win">
        <h2 id="win" className={styles.title}>
          {t('win.title')}
        </h2>
        {none ? (
          <Empty why={t('win.none')} />
        ) : (
          <ErrorBox error={outlook.error} retry={() => void outlook.refetch()} />
        )}
      </section>
    )
  if (open && !outlook.data) return <WinSkeleton />

  const now = open ? outlook.data : undefined
  const scarce = now?.tier === 'stage_rates'
  const moves = steps(history.data?.points ?? []).slice(-STEPS_SHOWN)
  const refresh = () => {
    void outlook.refetch()
    void history.refetch()
  }
  return (
    <section className={styles.card} aria-labelledby="win">
      <header className={styles.head}>
        <h2 id="win" className={styles.title}>
          {t('win.title')}
        </h2>
        {now ? (
          <Hero now={now} />
        ) : (
          <Chip kind={status === 'won' ? 'ok' : 'bad'}>
            {t(`outcome.${status}`)} · {f.day(closedAt)}
          </Chip>
        )}
        {now && (
          <span className={styles.asOf}>
            {now.stale && (
              <Tooltip title={t('win.staleWhy')}>
                <span>
                  <Chip kind="warn">{t('win.stale')}</Chip>
                </span>
              </Tooltip>
            )}
            <Tooltip title={f.full(now.at)}>
              <time dateTime={now.at}>{t('win.asOf', { at: clock(f.moment(now.at)) })}</time>
            </Tooltip>
            <Button
              type="text"
              size="small"
              icon={<ReloadOutlined />}
              loading={outlook.isFetching && !outlook.isPending}
              aria-label={t('win.refresh')}
              onClick={refresh}
            />
          </span>
        )}
      </header>
      {now && now.tier !== 'full' && (
        <p className={styles.scarce}>{t(scarce ? 'win.tierStage' : 'win.tierFew')}</p>
      )}
      {!scarce && (
        <div className={styles.body} data-single={!now}>
          <div className={styles.past}>
            {history.data ? (
              history.data.points.length > 0 || now ? (
                <OutlookChart
                  history={history.data.points}
                  outlook={now}
                  ended={ended}
                  onStep={onStep}
                  onHint={onHint}
                />
              ) : (
                <Empty why={t('win.noHistory')} />
              )
            ) : history.error ? (
              <ErrorBox error={history.error} retry={() => void history.refetch()} />
            ) : (
              <ChartSkeleton />
            )}
            {moves.length > 0 && (
              <div className={styles.moves}>
                <span>{t('win.turns')}</span>
                {moves.map((move) => (
                  <MoveChip
                    key={move.at}
                    move={move}
                    onClick={() => onStep(move)}
                    onHint={(on) => onHint(on ? move.entries : [])}
                  />
                ))}
              </div>
            )}
          </div>
          {now && <Ahead now={now} />}
        </div>
      )}
    </section>
  )
})

const clock = (moment: string) => moment.replace(/^(今天|Today),? /, '')

function Hero({ now }: { now: Outlook }) {
  const t = useForecastTexts()
  const f = useFormat()
  if (now.tier === 'stage_rates') return <span className={styles.thin}>{t('win.tooLittle')}</span>
  return (
    <>
      <Flash value={f.percent(now.p_won_final)} className={styles.hero}>
        {f.percent(now.p_won_final)}
      </Flash>
      <Change value={now.change_7d} days={7} />
      {now.tier === 'hierarchical' && <Chip>{t('win.few')}</Chip>}
      {now.alerted && <Chip kind="bad">{t('win.alerted')}</Chip>}
    </>
  )
}

function MoveChip({
  move,
  onClick,
  onHint,
}: {
  move: Step
  onClick: () => void
  onHint: (on: boolean) => void
}) {
  const f = useFormat()
  const inside = (
    <>
      {f.day(new Date(move.at))} <Change value={move.change} />
    </>
  )
  return move.entries.length ? (
    <button
      type="button"
      className={styles.move}
      onClick={onClick}
      onMouseEnter={() => onHint(true)}
      onMouseLeave={() => onHint(false)}
      onFocus={() => onHint(true)}
      onBlur={() => onHint(false)}
    >
      {inside}
    </button>
  ) : (
    <span className={styles.move}>{inside}</span>
  )
}

/** What the next weeks may bring: the state, a verdict or none, the swing, and when it may close. */
function Ahead({ now }: { now: Outlook }) {
  const t = useForecastTexts()
  const f = useFormat()
  const [days, setDays] = useState(HORIZON)
  const asked = now.chances.find((chance) => chance.days === days)
  const chance = asked ?? { won: now.p_won, lost: now.p_lost, open: now.p_open }
  return (
    <div className={styles.ahead}>
      <Row label={t('ahead.state')}>
        {now.chances.length > 1 && (
          <Segmented
            size="small"
            value={days}
            options={now.chances.map((c) => ({ value: c.days, label: t('ahead.days', { days: c.days }) }))}
            onChange={setDays}
            aria-label={t('ahead.horizon')}
          />
        )}
      </Row>
      <StateBar won={chance.won} lost={chance.lost} open={chance.open} />
      <div className={styles.verdict} data-side={now.verdict ?? 'none'}>
        <b>{t(now.verdict ? `verdict.${now.verdict}` : 'verdict.none')}</b>
        {now.verdict && (
          <span>
            {now.verdict_right_rate === null
              ? t('verdict.noRecord')
              : t('verdict.record', { rate: f.percent(now.verdict_right_rate) })}
          </span>
        )}
      </div>
      <dl className={styles.facts}>
        {now.swing && (
          <div>
            <dt>
              <Tooltip title={t('ahead.swingHelp')}>
                {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its explanation opens on focus */}
                <span tabIndex={0} className={styles.helped}>
                  {t('ahead.swing')}
                </span>
              </Tooltip>
            </dt>
            <dd>
              {f.percent(now.swing.mid)}
              <small>
                {f.percent(now.swing.low)}–{f.percent(now.swing.high)}
              </small>
            </dd>
          </div>
        )}
        {now.close_mid && (
          <div>
            <dt>{t('ahead.close')}</dt>
            <dd>
              {f.day(now.close_mid)}
              {now.close_early && now.close_late && (
                <small>
                  {f.day(now.close_early)}–{f.day(now.close_late)}
                </small>
              )}
            </dd>
          </div>
        )}
      </dl>
    </div>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <h3>{label}</h3>
      {children}
    </div>
  )
}

function ChartSkeleton() {
  return (
    <Delayed>
      <Skeleton.Node active style={{ width: '100%', height: 228 }} />
    </Delayed>
  )
}

function WinSkeleton() {
  return (
    <section className={styles.card} aria-busy="true">
      <div className={styles.blank}>
        <Delayed>
          <Skeleton active title={{ width: 160 }} paragraph={false} />
          <Skeleton.Node active style={{ width: '100%', height: 228, marginTop: 12 }} />
        </Delayed>
      </div>
    </section>
  )
}
