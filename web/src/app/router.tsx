import { createBrowserRouter, Navigate } from 'react-router'
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
          { path: 'deals', lazy: page(() => import('@/features/deals/DealsPage')) },
          { path: 'deals/:deal', lazy: page(() => import('@/features/crm/DealPage')) },
          { path: 'forecast', lazy: page(() => import('@/features/forecast/ForecastPage')) },
          { path: 'imports', lazy: page(() => import('@/features/imports/ImportsPage')) },
          { path: 'imports/:import', lazy: page(() => import('@/features/imports/ImportPage')) },
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
