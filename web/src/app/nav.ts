import {
  BankOutlined,
  ContactsOutlined,
  FundProjectionScreenOutlined,
  LineChartOutlined,
  OrderedListOutlined,
  ShoppingOutlined,
  UserAddOutlined,
} from '@ant-design/icons'
import type { ComponentType } from 'react'
import { type Action, type Me, may } from '@/shared/me'

interface Entry {
  /** Its name in the texts: nav.<name> */
  name: 'deals' | 'accounts' | 'contacts' | 'leads' | 'products' | 'forecast' | 'jobs'
  path: string
  icon: ComponentType<{ 'aria-hidden'?: boolean }>
  /** G, then this key, goes there. */
  key?: string
  needs: Action
}

/** An entry appears here when its page works. */
const ENTRIES: readonly Entry[] = [
  { name: 'deals', path: '/deals', icon: FundProjectionScreenOutlined, key: 'd', needs: 'see' },
  { name: 'accounts', path: '/accounts', icon: BankOutlined, key: 'a', needs: 'see' },
  { name: 'contacts', path: '/contacts', icon: ContactsOutlined, key: 'c', needs: 'see' },
  { name: 'leads', path: '/leads', icon: UserAddOutlined, key: 'l', needs: 'see' },
  { name: 'products', path: '/products', icon: ShoppingOutlined, key: 'p', needs: 'see' },
  { name: 'forecast', path: '/forecast', icon: LineChartOutlined, key: 'f', needs: 'see' },
  { name: 'jobs', path: '/jobs', icon: OrderedListOutlined, needs: 'administer' },
]

export function entriesFor(me: Me): readonly Entry[] {
  return ENTRIES.filter(({ needs }) => may(me, needs))
}
