import { useFormat } from '@/shared/format'
import { useForecastTexts } from '../texts'
import type { Forecast, ScopeTotals } from '../types'
import { Bullet } from './Bullet'
import { EstimateCell } from './EstimateCell'
import styles from './Page.module.css'
import { estimateOf, type Grain, grainOf } from './scopes'

interface Props {
  forecast: Forecast
  scope: ScopeTotals
  grain: Grain
  period: string
  onPeriod: (period: string) => void
}

/** The periods ahead: won, expected with its range, best case, and one's own estimate beside the model's. */
export function PeriodsCard({ forecast, scope, grain, period, onPeriod }: Props) {
  const t = useForecastTexts()
  const f = useFormat()
  const money = (value: string | number) => f.money(value, forecast.currency)
  const shown = scope.periods.filter((total) => grainOf(total.period) === grain)
  const past = forecast.estimates.filter(
    (e) =>
      e.actual !== null &&
      grainOf(e.period) === grain &&
      e.kind === scope.kind &&
      (e.kind === 'all' || e.scope === scope.id),
  )
  const scale =
    1.04 *
    Math.max(
      1,
      ...shown.flatMap((total) => [
        Number(total.best),
        Number(total.expected.high),
        Number(estimateOf(forecast, scope, total.period)?.amount ?? 0),
      ]),
    )
  return (
    <section className={styles.card} aria-labelledby="periods">
      <header className={styles.cardHead}>
        <h2 id="periods">
          {t('periods.title', { scope: scope.kind === 'all' ? t('page.all') : scope.name })}
        </h2>
        <ul className={styles.keys}>
          <li>
            <i className={styles.keyWon} />
            {t('periods.won')}
          </li>
          <li>
            <i className={styles.keyRange} />
            {t('periods.range')}
          </li>
          <li>
            <i className={styles.keyMean} />
            {t('periods.mean')}
          </li>
          <li>
            <i className={styles.keyBest} />
            {t('periods.best')}
          </li>
          <li>
            <i className={styles.keyEstimate} />
            {t('periods.estimate')}
          </li>
        </ul>
      </header>
      <ul className={styles.periods}>
        {shown.map((total) => {
          const estimate = estimateOf(forecast, scope, total.period)
          return (
            <li
              key={total.period}
              className={styles.period}
              data-active={total.period === period || undefined}
            >
              <button
                type="button"
                className={styles.periodName}
                aria-pressed={total.period === period}
                title={t('periods.pick')}
                onClick={() => onPeriod(total.period)}
              >
                {f.period(total.period)}
              </button>
              <Bullet
                scale={scale}
                won={Number(total.won)}
                low={Number(total.expected.low)}
                mean={Number(total.expected.mean)}
                high={Number(total.expected.high)}
                best={Number(total.best)}
                estimate={estimate ? Number(estimate.amount) : null}
              />
              <dl className={styles.figures}>
                <div>
                  <dt>{t('periods.mean')}</dt>
                  <dd>
                    <b>{money(total.expected.mean)}</b>
                    <small>
                      {money(total.expected.low)}–{money(total.expected.high)}
                    </small>
                  </dd>
                </div>
                <div>
                  <dt>{t('periods.won')}</dt>
                  <dd>{money(total.won)}</dd>
                </div>
                <div>
                  <dt>{t('periods.best')}</dt>
                  <dd>{money(total.best)}</dd>
                </div>
                <div>
                  <dt>{t('periods.estimate')}</dt>
                  <dd>
                    <EstimateCell forecast={forecast} scope={scope} total={total} />
                  </dd>
                </div>
              </dl>
            </li>
          )
        })}
      </ul>
      <p className={styles.meta}>{t('periods.note')}</p>
      {past.length > 0 && (
        <ul className={styles.past}>
          {past.map((e) => (
            <li key={`${e.period}-${e.by.id}`}>
              {t('periods.past', {
                period: f.period(e.period),
                by: e.by.name,
                amount: money(e.amount),
                model: money(e.model.mean),
                actual: money(e.actual ?? 0),
              })}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
