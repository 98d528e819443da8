import { lazy, Suspense } from 'react'
import { useNavigate, useParams } from 'react-router'
import { TabBar } from '@/features/record/TabBar'
import { may, useMe } from '@/shared/me'
import { NoPermission, Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from './Interest.module.css'
import { MapTab } from './MapTab'
import { useInterestTexts } from './texts'

const TopicsTab = lazy(() => import('./topics/TopicsTab'))
const TABS = ['map', 'topics'] as const

/** What accounts care about and why, and which topics and weights that is counted by. */
export default function InterestPage() {
  const t = useInterestTexts()
  const navigate = useNavigate()
  const { part } = useParams()
  const { data: me } = useMe()
  useTitle(t('title'))
  if (me && !may(me, 'see')) return <NoPermission />
  const tab = part === 'topics' ? 'topics' : 'map'
  return (
    <div className={styles.page}>
      <h1>{t('title')}</h1>
      <p className={styles.intro}>{t('intro')}</p>
      <TabBar
        label={t('title')}
        active={tab}
        tabs={TABS.map((key) => ({ key, label: t(`tab.${key}`) }))}
        onChange={(key) => void navigate(key === 'topics' ? '/interest/topics' : '/interest')}
      >
        {tab === 'topics' ? (
          <Suspense fallback={<Waiting />}>
            <TopicsTab />
          </Suspense>
        ) : (
          <MapTab />
        )}
      </TabBar>
    </div>
  )
}
