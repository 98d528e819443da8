import { Settings } from '@/features/notices/Settings'
import { useMe } from '@/shared/me'
import { useTitle } from '@/shared/title'
import styles from './MePage.module.css'
import { ApiKeys } from './me/ApiKeys'
import { Password } from './me/Password'
import { Profile } from './me/Profile'
import { SecondStep } from './me/SecondStep'
import { Sessions } from './me/Sessions'
import { usePeopleTexts } from './texts'

export default function MePage() {
  const t = usePeopleTexts()
  const { data: me } = useMe()
  useTitle(t('me.title'))
  if (!me) return null
  return (
    <div className={styles.page}>
      <h1>{t('me.title')}</h1>
      <Profile me={me} />
      <Settings className={styles.card} head={styles.head} />
      {me.password && (
        <>
          <Password email={me.email} />
          <SecondStep me={me} />
        </>
      )}
      <Sessions />
      <ApiKeys />
    </div>
  )
}
