import { createBrowserRouter, Navigate } from 'react-router'
import type { KindKey } from '@/features/records/kinds'
import { may, useMe } from '@/shared/me'
import { NotFound, PageBroke } from './NotFound'
import { Shell } from './Shell'

function Home() {
  const { data: me } = useMe()
  if (!me) return null
  return <Navigate replace to={may(me, 'see') ? '/deals' : may(me, 'administer') ? '/jobs' : '/me'} />
}

type Page = Promise<{ default: React.ComponentType }>
const page = (load: () => Page) => async () => ({ Component: (await load()).default })

/** The list of a kind of record: one page for all kinds, loaded once. */
const list = (kind: KindKey) => async () => {
  const { RecordsPage } = await import('@/features/records/RecordsPage')
  return { Component: () => <RecordsPage kind={kind} /> }
}

export const router = createBrowserRouter([
  {
    path: '/sign-in',
    lazy: page(() => import('@/features/people/SignInPage')),
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
          { path: 'deals', lazy: list('deal') },
          { path: 'accounts', lazy: list('account') },
          { path: 'contacts', lazy: list('contact') },
          { path: 'leads', lazy: list('lead') },
          { path: 'products', lazy: list('product') },
          { path: 'deals/:deal', lazy: page(() => import('@/features/crm/DealPage')) },
          { path: 'forecast', lazy: page(() => import('@/features/forecast/ForecastPage')) },
          { path: 'me', lazy: page(() => import('@/features/people/MePage')) },
          { path: 'jobs', lazy: page(() => import('@/features/jobs/JobsPage')) },
          { path: '*', Component: NotFound },
        ],
      },
    ],
  },
])

function Nothing() {
  return null
}
