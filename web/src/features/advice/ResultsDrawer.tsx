import { Drawer, Grid } from 'antd'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { Loaded } from '@/shared/states'
import styles from './Advice.module.css'
import type { Asset } from './data'
import { useAdviceTexts } from './texts'

type Side = Schemas['SideOut']

/** What came of an asset, against similar deals without it; where there are too few, no rate is told. */
export default function ResultsDrawer({ asset, close }: { asset: Asset; close: () => void }) {
  const t = useAdviceTexts()
  const f = useFormat()
  const phone = !Grid.useBreakpoint().md
  const query = api.useQuery('get', '/api/assets/{asset}/results', { params: { path: { asset: asset.id } } })
  return (
    <Drawer
      open
      onClose={close}
      title={t('resultsOf', { title: asset.title })}
      size={480}
      placement={phone ? 'bottom' : 'right'}
      styles={phone ? { wrapper: { height: '90dvh' } } : undefined}
    >
      <Loaded query={query}>
        {({ sent, without, opened, enough }) => (
          <div className={styles.result}>
            <p className={styles.faint}>{t('result.intro')}</p>
            <One
              title={t('result.sent')}
              side={sent}
              note={t('result.opened', { opened: f.number(opened) })}
            />
            <One title={t('result.without')} side={without} />
            {enough ? (
              <p className={styles.faint}>{t('result.note')}</p>
            ) : (
              <p className={styles.few}>{t('result.few')}</p>
            )}
          </div>
        )}
      </Loaded>
    </Drawer>
  )
}

function One({ title, side, note }: { title: string; side: Side; note?: string }) {
  const t = useAdviceTexts()
  const f = useFormat()
  const { deals, won, lost, open, rate, low, high } = side
  const at = (share: number) => `${100 * share}%`
  return (
    <section className={styles.one}>
      <h3>{title}</h3>
      {rate !== null && low !== null && high !== null && (
        <>
          <div className={styles.figure}>{t('result.rate', { rate: f.percent(rate) })}</div>
          <div className={styles.bar} aria-hidden>
            <span className={styles.range} style={{ left: at(low), width: at(high - low) }} />
            <span className={styles.mark} style={{ left: at(rate) }} />
          </div>
          <div className={styles.faint}>
            {t('result.range', { low: f.percent(low), high: f.percent(high) })}
          </div>
        </>
      )}
      <div>
        {t('result.count', {
          deals: f.number(deals),
          won: f.number(won),
          lost: f.number(lost),
          open: f.number(open),
        })}
      </div>
      {note && <div className={styles.faint}>{note}</div>}
    </section>
  )
}
