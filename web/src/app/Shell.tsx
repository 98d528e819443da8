import { EllipsisOutlined, SearchOutlined } from '@ant-design/icons'
import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Navigate, NavLink, Outlet, ScrollRestoration, useLocation, useMatch } from 'react-router'
import { Bell } from '@/features/notices/Bell'
import { useCreate, useCreating } from '@/features/record/create'
import { kindAt } from '@/features/record/kinds'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { setLanguage, useLanguage } from '@/shared/i18n'
import { Logo } from '@/shared/Logo'
import { live } from '@/shared/live'
import { type Me, may, useMe } from '@/shared/me'
import { usePrefs } from '@/shared/prefs'
import { Delayed, ErrorBox, Waiting } from '@/shared/states'
import { Avatar } from './Avatar'
import { ConnectionBar } from './ConnectionBar'
import { useKeys } from './keys'
import { entriesFor } from './nav'
import styles from './Shell.module.css'
import { useShellTexts } from './texts'

const Palette = lazy(() => import('./Palette'))
const KeysHelp = lazy(() => import('./KeysHelp'))
const CreateDialog = lazy(() => import('@/features/record/CreateDialog'))
const MoreSheet = lazy(() => import('./MoreSheet'))
const PinnedViews = lazy(() => import('./PinnedViews'))

const ON_PHONE = 4

/** Where everything happens that needs somebody signed in. */
export function Shell() {
  const query = useMe()
  const error: unknown = query.error
  const { pathname, search } = useLocation()
  const { refetch } = query
  const unreached = !query.data && error != null && asProblem(error).code === 'offline'
  useEffect(() => {
    if (!unreached) return
    const again = () => void refetch()
    addEventListener('online', again)
    return () => removeEventListener('online', again)
  }, [unreached, refetch])
  if (query.data) return <Frame me={query.data} />
  if (!error)
    return (
      <Delayed>
        <div className={styles.alone}>
          <Waiting />
        </div>
      </Delayed>
    )
  if (asProblem(error).status === 401) {
    const next = pathname === '/' ? '' : `?next=${encodeURIComponent(pathname + search)}`
    return <Navigate replace to={`/sign-in${next}`} />
  }
  return (
    <main className={styles.alone}>
      <ErrorBox error={error} retry={() => void query.refetch()} />
    </main>
  )
}

function Frame({ me }: { me: Me }) {
  const t = useShellTexts()
  const language = useLanguage()
  const { pathname } = useLocation()
  const [opened, setOpened] = useState<'palette' | 'keys' | 'more' | null>(null)
  const main = useRef<HTMLElement>(null)
  const entries = entriesFor(me)
  const close = () => setOpened(null)
  const create = useCreate()
  const creating = useCreating((state) => state.asked !== null)
  const mayCreate = may(me, 'change')
  useKeys(entries, (what) => {
    if (what !== 'create') setOpened(what)
    else if (mayCreate) create(pathname === '/tasks' ? 'task' : (kindAt(pathname) ?? 'deal'))
  })
  useLiveConnection(me.live)
  useRememberSeen()
  useEffect(() => usePrefs.getState().belongTo(me.id), [me.id])
  useEffect(() => void setLanguage(me.language), [me.language])
  const first = useRef(true)
  useEffect(() => {
    // After a change of page, screen readers and the Tab key go on in the new page, not in the old link.
    if (!first.current && pathname) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [pathname])

  const link = ({ name, path, icon: Icon }: (typeof entries)[number]) => (
    <NavLink key={name} to={path} className={styles.entry} title={t(`nav.${name}`)}>
      <Icon aria-hidden />
      <span>{t(`nav.${name}`)}</span>
    </NavLink>
  )
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t('skip')}
      </a>
      <header className={styles.top}>
        <NavLink to="/" className={styles.brand} aria-label={t('product')}>
          <Logo />
          <span>{t('product')}</span>
        </NavLink>
        <button
          type="button"
          className={styles.search}
          onClick={() => setOpened('palette')}
          aria-keyshortcuts="Control+K Meta+K"
        >
          <SearchOutlined aria-hidden />
          <span className={styles.long}>{t('palette.open')}</span>
          <span className={styles.short}>{t('palette.openShort')}</span>
          <kbd>{MAC ? '⌘ K' : 'Ctrl K'}</kbd>
        </button>
        <div className={styles.own}>
          <Bell me={me} label={(count) => t(count ? 'bell.unread' : 'bell.none', { count })} />
          <Avatar me={me} onKeys={() => setOpened('keys')} />
        </div>
      </header>
      <nav className={styles.nav} aria-label={t('nav.label')}>
        {entries.map(link)}
        <Suspense fallback={null}>
          <PinnedViews />
        </Suspense>
      </nav>
      <main
        ref={main}
        id="main"
        className={styles.main}
        tabIndex={-1}
        lang={language === 'zh' ? 'zh-CN' : 'en'}
      >
        <ConnectionBar />
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </main>
      <nav className={styles.bottom} aria-label={t('nav.label')}>
        {entries.slice(0, ON_PHONE).map(link)}
        <button type="button" className={styles.entry} onClick={() => setOpened('more')}>
          <EllipsisOutlined aria-hidden />
          <span>{t('nav.more')}</span>
        </button>
      </nav>
      <Suspense fallback={null}>
        {creating && <CreateDialog me={me} />}
        {opened === 'palette' && <Palette me={me} close={close} />}
        {opened === 'keys' && <KeysHelp entries={entries} mayCreate={mayCreate} close={close} />}
        {opened === 'more' && <MoreSheet me={me} entries={entries.slice(ON_PHONE)} close={close} />}
      </Suspense>
      <ScrollRestoration />
    </div>
  )
}

const MAC = /Mac|iP(hone|ad)/.test(navigator.platform)

/** Deals that somebody looked at come first in the palette. The page fetches; this only watches. */
function useRememberSeen(): void {
  const id = Number(useMatch('/deals/:deal')?.params.deal)
  const format = useFormat()
  const { data: deal } = api.useQuery(
    'get',
    '/api/deals/{deal}',
    { params: { path: { deal: id } } },
    { enabled: false },
  )
  const note = deal && [deal.account.name, format.money(deal.amount, deal.currency)].join(' · ')
  useEffect(() => {
    if (deal && note) usePrefs.getState().remember({ kind: 'deal', id: deal.id, name: deal.name, note })
  }, [deal, note])
}

function useLiveConnection(address: string): void {
  useEffect(() => {
    // In development the page's own server passes the socket on.
    live.connect(import.meta.env.DEV ? `ws://${location.host}/live` : address)
    const wake = () => {
      if (document.visibilityState === 'visible') live.wake()
    }
    addEventListener('online', wake)
    document.addEventListener('visibilitychange', wake)
    return () => {
      removeEventListener('online', wake)
      document.removeEventListener('visibilitychange', wake)
      live.connect(null)
    }
  }, [address])
}
