import type { ComponentType } from 'react'
import { type Action, type Me, may } from '@/shared/me'
import type zh from './locales/zh.json'

type Page = Promise<{ default: ComponentType }>

interface Section {
  /** Its name in the texts: section.<name>, and about.<name> */
  name: keyof typeof zh.section
  /** Below /admin */
  path: string
  needs: Action
  load: () => Page
}

/** What /admin holds, in its order. A section is entered here, and named in the texts; the router reads this too. */
export const SECTIONS: readonly Section[] = [
  { name: 'people', path: 'people', needs: 'administer', load: () => import('./people/PeoplePage') },
  {
    name: 'organisation',
    path: 'organisation',
    needs: 'administer',
    load: () => import('./organisation/OrganisationPage'),
  },
  { name: 'roles', path: 'roles', needs: 'administer', load: () => import('./roles/RolesPage') },
  { name: 'why', path: 'why', needs: 'administer', load: () => import('./why/WhyPage') },
  { name: 'audit', path: 'audit', needs: 'administer', load: () => import('./audit/AuditPage') },
  {
    name: 'quality',
    path: 'quality',
    needs: 'configure',
    load: () => import('@/features/quality/QualityPage'),
  },
  {
    name: 'fields',
    path: 'fields',
    needs: 'configure',
    load: () => import('./shaping/FieldsPage'),
  },
  {
    name: 'pipelines',
    path: 'pipelines',
    needs: 'configure',
    load: () => import('./shaping/PipelinesPage'),
  },
  {
    name: 'currencies',
    path: 'currencies',
    needs: 'configure',
    load: () => import('./shaping/CurrenciesPage'),
  },
  {
    name: 'signIn',
    path: 'sign-in',
    needs: 'administer',
    load: () => import('@/features/people/admin/SignInSettings'),
  },
  {
    name: 'everything',
    path: 'everything',
    needs: 'administer',
    load: () => import('./everything/EverythingPage'),
  },
  { name: 'jobs', path: 'jobs', needs: 'administer', load: () => import('@/features/jobs/JobsPage') },
]

export function sectionsFor(me: Me): readonly Section[] {
  return SECTIONS.filter(({ needs }) => may(me, needs))
}
