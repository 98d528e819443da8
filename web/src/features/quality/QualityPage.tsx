import { useSearchParams } from 'react-router'
import { TabBar } from '@/features/record/TabBar'
import { useTitle } from '@/shared/title'
import { Departures } from './Departures'
import { Duplicates } from './Duplicates'
import { Merges } from './Merges'
import styles from './Quality.module.css'
import { Settings } from './Settings'
import { useQualityTexts } from './texts'

const TABS = { duplicates: Duplicates, departures: Departures, merges: Merges, settings: Settings } as const
type Tab = keyof typeof TABS
const NAMES = Object.keys(TABS) as Tab[]

/** What is wrong with the records: duplicates, contacts who left, what was merged, and how it is wanted. */
export default function QualityPage() {
  const t = useQualityTexts()
  const [search, setSearch] = useSearchParams()
  useTitle(t('title'))
  const tab = NAMES.find((each) => each === search.get('tab')) ?? 'duplicates'
  const Shown = TABS[tab]
  return (
    <div className={styles.page}>
      <h1>{t('title')}</h1>
      <p className={styles.intro}>{t('intro')}</p>
      <TabBar
        label={t('title')}
        active={tab}
        tabs={NAMES.map((name) => ({ key: name, label: t(`tab.${name}`) }))}
        onChange={(key) => setSearch(key === 'duplicates' ? {} : { tab: key }, { replace: true })}
      >
        <div className={styles.page}>
          <Shown />
        </div>
      </TabBar>
    </div>
  )
}
