import { Drawer, Segmented } from 'antd'
import { Link } from 'react-router'
import { useChangeLanguage, useSignOut } from '@/features/people/person'
import { useLanguage } from '@/shared/i18n'
import { type Me, may } from '@/shared/me'
import { type Language, usePrefs } from '@/shared/prefs'
import styles from './MoreSheet.module.css'
import type { entriesFor } from './nav'
import { useShellTexts } from './texts'

/** On a phone: what has no place in the bar below. */
export default function MoreSheet({
  me,
  entries,
  close,
}: {
  me: Me
  entries: ReturnType<typeof entriesFor>
  close: () => void
}) {
  const t = useShellTexts()
  const language = useLanguage()
  const { theme, setTheme } = usePrefs()
  const changeLanguage = useChangeLanguage()
  const signOut = useSignOut()
  return (
    <Drawer open placement="bottom" size="auto" title={t('nav.more')} onClose={close}>
      <div className={styles.rows}>
        {entries.map(({ name, path }) => (
          <Link key={name} to={path} className={styles.row} onClick={close}>
            {t(`nav.${name}`)}
          </Link>
        ))}
        {may(me, 'see') && (
          <Link to="/bin" className={styles.row} onClick={close}>
            {t('bin')}
          </Link>
        )}
        <Link to="/me" className={styles.row} onClick={close}>
          {t('person.profile')}
        </Link>
        <div className={styles.row}>
          {t('person.language')}
          <Segmented<Language>
            aria-label={t('person.language')}
            value={language}
            options={[
              { value: 'zh', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
            onChange={(chosen) => void changeLanguage(chosen)}
          />
        </div>
        <div className={styles.row}>
          {t('person.theme')}
          <Segmented
            aria-label={t('person.theme')}
            value={theme}
            options={(['light', 'dark', 'system'] as const).map((name) => ({
              value: name,
              label: t(`person.${name}`),
            }))}
            onChange={setTheme}
          />
        </div>
        <button type="button" className={styles.row} onClick={() => void signOut()}>
          {t('person.signOut')}
        </button>
      </div>
    </Drawer>
  )
}
