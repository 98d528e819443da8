import { useSearchParams } from 'react-router'
import { TabBar } from '@/features/record/TabBar'
import { Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { BoundaryTab } from './BoundaryTab'
import { Consents } from './Consents'
import { useCollecting } from './data'
import { Files } from './Files'
import styles from './Governance.module.css'
import { Keys } from './Keys'
import { LeftOut } from './LeftOut'
import { useGovernanceTexts } from './texts'
import { Wordings } from './Wordings'

const TABS = ['boundary', 'keys', 'files', 'wordings', 'consents', 'leftOut'] as const

/** What may be collected and who decided it, under which keys and in which files it comes, what people are asked and said, what was left out. */
export default function GovernancePage() {
  const t = useGovernanceTexts()
  const [search, setSearch] = useSearchParams()
  const query = useCollecting()
  useTitle(t('title'))
  const tab = TABS.find((each) => each === search.get('tab')) ?? 'boundary'
  return (
    <div className={styles.page}>
      <h1>{t('title')}</h1>
      <p className={styles.intro}>{t('intro')}</p>
      <TabBar
        label={t('title')}
        active={tab}
        tabs={TABS.map((name) => ({ key: name, label: t(`tab.${name}`) }))}
        onChange={(key) => setSearch(key === 'boundary' ? {} : { tab: key }, { replace: true })}
      >
        <div className={styles.page}>
          <Loaded query={query}>
            {(collecting) => {
              if (tab === 'keys') return <Keys collecting={collecting} />
              if (tab === 'files') return <Files collecting={collecting} />
              if (tab === 'wordings') return <Wordings collecting={collecting} />
              if (tab === 'consents') return <Consents collecting={collecting} />
              if (tab === 'leftOut') return <LeftOut collecting={collecting} />
              return <BoundaryTab collecting={collecting} />
            }}
          </Loaded>
        </div>
      </TabBar>
    </div>
  )
}
