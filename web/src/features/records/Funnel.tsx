import { Skeleton } from 'antd'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { asking } from './condition'
import { questionOf } from './data'
import styles from './Funnel.module.css'
import type { Names } from './names'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'

interface Props {
  state: ListState
  change: (part: Partial<ListState>) => void
  names: Names
}

/** How far the deals of a pipeline came, how many went on, and how long they stayed. A stage leads to its deals. */
export default function Funnel({ state, change, names }: Props) {
  const t = useRecordsTexts()
  const named = useNamed()
  const format = useFormat()
  const pipeline = names.pipelines.find(({ id }) => id === state.pipeline) ?? names.pipelines[0]
  // Whoever ended belongs to the funnel too: the list's usual condition leaves them out.
  const { where, q } = questionOf({ ...state, where: asking(state.where, 'status') })
  const query = api.useQuery(
    'get',
    '/api/funnel',
    { params: { query: { pipeline: pipeline?.id ?? 0, ...(where && { where }), ...(q && { q }) } } },
    { enabled: pipeline !== undefined, placeholderData: (before) => before },
  )
  if (!pipeline) return null
  const stages = new Map(pipeline.stages.map((stage) => [stage.id, stage]))
  return (
    <div className={styles.page}>
      <Loaded query={query} skeleton={<Skeleton active paragraph={{ rows: 8 }} />}>
        {(found) => {
          const steps = found.steps.filter(({ stage, reached }) => !stages.get(stage)?.retired || reached > 0)
          return (
            <>
              <p className={styles.lead} role="status">
                {t('funnel.lead', {
                  count: found.deals,
                  won: format.number(found.won),
                  lost: format.number(found.lost),
                  open: format.number(found.open),
                })}
              </p>
              <ol className={styles.steps}>
                {steps.map((step) => {
                  const stage = stages.get(step.stage)
                  const share = found.deals ? step.reached / found.deals : 0
                  return (
                    <li key={step.stage}>
                      <button
                        type="button"
                        className={styles.step}
                        onClick={() =>
                          change({
                            layout: 'table',
                            where: asking(
                              asking(state.where, 'pipeline', { op: 'in', value: [pipeline.id] }),
                              'stage',
                              { op: 'in', value: [step.stage] },
                            ),
                          })
                        }
                      >
                        <span className={styles.name}>{stage ? named(stage) : ''}</span>
                        <span className={styles.track}>
                          <span className={styles.bar} style={{ width: widthOf(share) }} />
                          <span className={styles.reached}>
                            {t('funnel.reached', { count: step.reached })}
                          </span>
                        </span>
                        <span className={styles.facts}>
                          <span title={t('funnel.medianWhy', { count: step.left })}>
                            {step.median_days === null
                              ? t('funnel.noMedian')
                              : t('funnel.median', {
                                  days: format.number(step.median_days, step.median_days < 10 ? 1 : 0),
                                })}
                          </span>
                          <span>{t('funnel.here', { count: step.here })}</span>
                          <span>{t('funnel.lost', { count: step.lost })}</span>
                        </span>
                      </button>
                      <span className={styles.conversion}>
                        ↓ {step.conversion === null ? '—' : format.percent(step.conversion)}
                        <span className="visually-hidden">{t('funnel.conversion')}</span>
                      </span>
                    </li>
                  )
                })}
                <li className={styles.end}>
                  <span className={styles.name}>{t('ended.won')}</span>
                  <span className={styles.track}>
                    <span
                      className={`${styles.bar} ${styles.won}`}
                      style={{ width: widthOf(found.deals ? found.won / found.deals : 0) }}
                    />
                    <span className={styles.reached}>{t('funnel.reached', { count: found.won })}</span>
                  </span>
                </li>
              </ol>
              <p className={styles.note}>{t('funnel.note')}</p>
            </>
          )
        }}
      </Loaded>
    </div>
  )
}

/** Beside the longest bar there is room for its number; the others are in proportion to it. */
const widthOf = (share: number) => `calc((100% - 64px) * ${Math.max(share, 0.005)})`
