import { Button, Table } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useFormat } from '@/shared/format'
import { useCurrencyName } from '@/shared/Lacking'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from '../admin.module.css'
import { useAdminTexts } from '../texts'
import { type Currencies, useCurrencies } from './data'
import { HouseModal } from './HouseModal'
import { PasteModal } from './PasteModal'
import { short } from './rates'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

const RatesDrawer = lazy(() => import('./RatesDrawer'))

type Currency = Currencies['currencies'][number]
type Asked = { what: 'house' } | { what: 'paste' } | { what: 'rates'; currency: string }

/** In which currency sums are told, and what the others are worth in it. */
export default function CurrenciesPage() {
  const admin = useAdminTexts()
  const query = useCurrencies()
  useTitle(admin('section.currencies'))
  return (
    <div className={styles.page}>
      <Loaded query={query}>{(told) => <Told told={told} />}</Loaded>
    </div>
  )
}

function Told({ told: { house, currencies } }: { told: Currencies }) {
  const t = useShapingTexts()
  const admin = useAdminTexts()
  const format = useFormat()
  const narrow = useNarrow()
  const name = useCurrencyName()
  const [asked, ask] = useState<Asked | null>(null)
  const close = () => ask(null)
  const others = currencies.filter(({ currency }) => currency !== house)
  const rateOf = ({ rate }: Currency) =>
    rate === null ? (
      <span className={`${styles.chip} ${styles.warn}`}>{t('currencies.noRate')}</span>
    ) : (
      short(rate)
    )
  return (
    <>
      <div className={styles.head}>
        <h1>{admin('section.currencies')}</h1>
        <span className={own.bar}>
          <Button onClick={() => ask({ what: 'paste' })}>{t('currencies.paste')}</Button>
          <Button onClick={() => ask({ what: 'rates', currency: '' })}>{t('currencies.set')}</Button>
        </span>
      </div>
      <p className={styles.intro}>{t('currencies.about')}</p>
      <section className={`${styles.card} ${own.house}`} aria-label={t('currencies.house')}>
        <span>{t('currencies.house')}</span>
        <strong>
          {name(house)} · {house}
        </strong>
        <Button size="small" onClick={() => ask({ what: 'house' })}>
          {t('currencies.change')}
        </Button>
      </section>
      {others.length === 0 ? (
        <Empty why={t('currencies.none')} />
      ) : (
        <div className={styles.table}>
          <Table<Currency>
            size="small"
            rowKey="currency"
            pagination={false}
            dataSource={others}
            columns={[
              {
                key: 'currency',
                title: t('currencies.currency'),
                render: (_, { currency }) => (
                  <button type="button" className={own.link} onClick={() => ask({ what: 'rates', currency })}>
                    {name(currency)} <span className={own.gone}>{currency}</span>
                  </button>
                ),
              },
              {
                key: 'rate',
                width: narrow ? undefined : 180,
                title: `${t('currencies.rate')} (${house})`,
                align: 'right',
                render: (_, row) => (
                  <>
                    {rateOf(row)}
                    {narrow && row.from_on && (
                      <span className={own.second}>
                        {t('currencies.since', { day: format.day(row.from_on) })}
                      </span>
                    )}
                  </>
                ),
              },
              {
                key: 'since',
                title: t('currencies.from'),
                hidden: narrow,
                width: 180,
                render: (_, { from_on }) => format.day(from_on),
              },
              {
                key: 'deals',
                title: t('currencies.deals'),
                align: 'right',
                render: (_, { open_deals }) => format.number(open_deals),
              },
            ]}
          />
        </div>
      )}
      {asked?.what === 'house' && <HouseModal house={house} onClose={close} />}
      {asked?.what === 'paste' && <PasteModal house={house} onClose={close} />}
      {asked?.what === 'rates' && (
        <Suspense fallback={null}>
          <RatesDrawer house={house} currency={asked.currency} onClose={close} />
        </Suspense>
      )}
    </>
  )
}
