import {
  AimOutlined,
  BankOutlined,
  BookOutlined,
  CheckSquareOutlined,
  ContactsOutlined,
  FileTextOutlined,
  FireOutlined,
  FundProjectionScreenOutlined,
  HomeOutlined,
  ImportOutlined,
  InboxOutlined,
  LineChartOutlined,
  SafetyCertificateOutlined,
  SettingOutlined,
  ShoppingOutlined,
  ThunderboltOutlined,
  UserAddOutlined,
} from '@ant-design/icons'
import type { ComponentType } from 'react'
import { sectionsFor } from '@/features/admin/sections'
import { type Action, type Me, may } from '@/shared/me'

interface Entry {
  /** Its name in the texts: nav.<name> */
  name:
    | 'today'
    | 'deals'
    | 'tasks'
    | 'accounts'
    | 'contacts'
    | 'leads'
    | 'pool'
    | 'interest'
    | 'products'
    | 'forecast'
    | 'targets'
    | 'reports'
    | 'library'
    | 'triggers'
    | 'imports'
    | 'governance'
    | 'admin'
  path: string
  icon: ComponentType<{ 'aria-hidden'?: boolean }>
  /** G, then this key, goes there. */
  key?: string
  needs: Action | ((me: Me) => boolean)
}

/** An entry appears here when its page works. */
const ENTRIES: readonly Entry[] = [
  { name: 'today', path: '/today', icon: HomeOutlined, key: 'h', needs: 'see' },
  { name: 'deals', path: '/deals', icon: FundProjectionScreenOutlined, key: 'd', needs: 'see' },
  { name: 'tasks', path: '/tasks', icon: CheckSquareOutlined, key: 't', needs: 'see' },
  { name: 'accounts', path: '/accounts', icon: BankOutlined, key: 'a', needs: 'see' },
  { name: 'contacts', path: '/contacts', icon: ContactsOutlined, key: 'c', needs: 'see' },
  { name: 'leads', path: '/leads', icon: UserAddOutlined, key: 'l', needs: 'see' },
  { name: 'pool', path: '/pool', icon: InboxOutlined, key: 'o', needs: 'see' },
  { name: 'interest', path: '/interest', icon: FireOutlined, key: 'i', needs: 'see' },
  { name: 'products', path: '/products', icon: ShoppingOutlined, key: 'p', needs: 'see' },
  { name: 'forecast', path: '/forecast', icon: LineChartOutlined, key: 'f', needs: 'see' },
  { name: 'targets', path: '/targets', icon: AimOutlined, key: 'q', needs: 'see' },
  { name: 'reports', path: '/reports', icon: FileTextOutlined, key: 'r', needs: 'see' },
  { name: 'library', path: '/library', icon: BookOutlined, key: 'b', needs: 'see' },
  { name: 'triggers', path: '/triggers', icon: ThunderboltOutlined, needs: 'configure' },
  { name: 'imports', path: '/imports', icon: ImportOutlined, needs: 'change' },
  {
    name: 'governance',
    path: '/governance',
    icon: SafetyCertificateOutlined,
    key: 'v',
    needs: (me) => me.offers.includes('governance'),
  },
  {
    name: 'admin',
    path: '/admin',
    icon: SettingOutlined,
    key: 'm',
    needs: (me) => sectionsFor(me).length > 0,
  },
]

export function entriesFor(me: Me): readonly Entry[] {
  return ENTRIES.filter(({ needs }) => (typeof needs === 'string' ? may(me, needs) : needs(me)))
}

/** Where somebody begins: with today, with what they administer, or with whatever else there is for them. */
export function firstFor(me: Me): string {
  const paths = entriesFor(me).map(({ path }) => path)
  return ['/today', '/admin'].find((path) => paths.includes(path)) ?? paths[0] ?? '/me'
}
