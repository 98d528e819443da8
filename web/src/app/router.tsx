import { createBrowserRouter, Navigate, useLocation } from 'react-router'
import { SECTIONS } from '@/features/admin/sections'
import type { KindKey } from '@/features/records/kinds'
import { textsReady } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { NotFound, PageBroke } from './NotFound'
import { firstFor } from './nav'
import { Shell } from './Shell'

function Home() {
  const { data: me } = useMe()
  if (!me) return null
  return <Navigate replace to={firstFor(me)} />
}

type Page = Promise<{ default: React.ComponentType }>
const page = (load: () => Page) => async () => {
  const { default: Component } = await load()
  // What a page registered as it was loaded: waiting for it while drawing makes React lose count of hooks.
  await textsReady()
  return { Component }
}

/** The list of a kind of record: one page for all kinds, loaded once. */
const list = (kind: KindKey) => async () => {
  const { RecordsPage } = await import('@/features/records/RecordsPage')
  await textsReady()
  return { Component: () => <RecordsPage kind={kind} /> }
}

type Records = 'AccountPage' | 'ContactPage' | 'LeadPage' | 'ProductPage'
const record = (name: Records) => async () => ({
  Component: (await import('@/features/record/RecordPage'))[name],
})

export const router = createBrowserRouter([
  {
    path: '/sign-in',
    lazy: page(() => import('@/features/people/SignInPage')),
    ErrorBoundary: PageBroke,
    HydrateFallback: Nothing,
  },
  {
    path: '/welcome',
    lazy: page(() => import('@/features/admin/WelcomePage')),
    ErrorBoundary: PageBroke,
    HydrateFallback: Nothing,
  },
  {
    path: '/',
    Component: Shell,
    ErrorBoundary: PageBroke,
    HydrateFallback: Nothing,
    children: [
      {
        ErrorBoundary: PageBroke,
        children: [
          { index: true, Component: Home },
          { path: 'today', lazy: page(() => import('@/features/advice/today/TodayPage')) },
          { path: 'triggers', lazy: page(() => import('@/features/advice/triggers/TriggersPage')) },
          { path: 'deals', lazy: list('deal') },
          { path: 'accounts', lazy: list('account') },
          { path: 'contacts', lazy: list('contact') },
          { path: 'leads', lazy: list('lead') },
          { path: 'products', lazy: list('product') },
          { path: 'deals/:deal', lazy: page(() => import('@/features/crm/DealPage')) },
          { path: 'accounts/:id', lazy: record('AccountPage') },
          { path: 'contacts/:id', lazy: record('ContactPage') },
          { path: 'leads/:id', lazy: record('LeadPage') },
          { path: 'products/:id', lazy: record('ProductPage') },
          { path: 'tasks', lazy: page(() => import('@/features/record/TasksPage')) },
          { path: 'bin', lazy: page(() => import('@/features/record/BinPage')) },
          { path: 'pool', lazy: page(() => import('@/features/pool/PoolPage')) },
          { path: 'interest/:part?', lazy: page(() => import('@/features/interest/InterestPage')) },
          { path: 'forecast', lazy: page(() => import('@/features/forecast/ForecastPage')) },
          { path: 'targets', lazy: page(() => import('@/features/targets/TargetsPage')) },
          { path: 'reports/:report?', lazy: page(() => import('@/features/drafts/reports/ReportsPage')) },
          { path: 'library', lazy: page(() => import('@/features/advice/LibraryPage')) },
          { path: 'imports', lazy: page(() => import('@/features/imports/ImportsPage')) },
          { path: 'imports/:import', lazy: page(() => import('@/features/imports/ImportPage')) },
          { path: 'governance', lazy: page(() => import('@/features/governance/GovernancePage')) },
          { path: 'me', lazy: page(() => import('@/features/people/MePage')) },
          {
            path: 'admin',
            lazy: page(() => import('@/features/admin/AdminPage')),
            children: SECTIONS.map(({ path, load }) => ({ path, lazy: page(load) })),
          },
          { path: 'jobs', element: <Moved to="/admin/jobs" /> },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
])

/** An address that somebody may have kept; what stands behind its ? stays. */
function Moved({ to }: { to: string }) {
  const { search } = useLocation()
  return <Navigate replace to={to + search} />
}

function Nothing() {
  return null
}
