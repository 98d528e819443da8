import { LeftOutlined, RightOutlined } from '@ant-design/icons'
import { Suspense } from 'react'
import { Link, Navigate, NavLink, Outlet, useLocation } from 'react-router'
import { useMe } from '@/shared/me'
import { NoPermission, Waiting } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import styles from './AdminPage.module.css'
import { SECTIONS, sectionsFor } from './sections'
import { useAdminTexts } from './texts'

/** The sections at the left and one of them beside; on a phone one after the other. */
export default function AdminPage() {
  const t = useAdminTexts()
  const narrow = useNarrow()
  const { data: me } = useMe()
  const { pathname } = useLocation()
  useTitle(t('title'))
  if (!me) return null
  const sections = sectionsFor(me)
  const [first] = sections
  const [, , here] = pathname.split('/')
  if (!first || SECTIONS.some(({ path }) => path === here && !sections.some((one) => one.path === here)))
    return <NoPermission />
  if (!here) return narrow ? <List sections={sections} /> : <Navigate replace to={first.path} />
  return (
    <div className={styles.frame}>
      {narrow ? (
        <Link to="/admin" className={styles.back}>
          <LeftOutlined aria-hidden /> {t('title')}
        </Link>
      ) : (
        <nav className={styles.nav} aria-label={t('sections')}>
          {sections.map(({ name, path }) => (
            <NavLink key={name} to={path} className={styles.entry}>
              {t(`section.${name}`)}
            </NavLink>
          ))}
        </nav>
      )}
      <div className={styles.section}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </div>
    </div>
  )
}

function List({ sections }: { sections: ReturnType<typeof sectionsFor> }) {
  const t = useAdminTexts()
  return (
    <div className={styles.alone}>
      <h1>{t('title')}</h1>
      <nav className={styles.list} aria-label={t('sections')}>
        {sections.map(({ name, path }) => (
          <Link key={name} to={path} className={styles.row}>
            <span>
              <strong>{t(`section.${name}`)}</strong>
              <span>{t(`about.${name}`)}</span>
            </span>
            <RightOutlined aria-hidden />
          </Link>
        ))}
      </nav>
    </div>
  )
}
