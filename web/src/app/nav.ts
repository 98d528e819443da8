import {
  FundProjectionScreenOutlined,
  ImportOutlined,
  LineChartOutlined,
  OrderedListOutlined,
} from '@ant-design/icons'
import type { ComponentType } from 'react'
import { type Action, type Me, may } from '@/shared/me'

interface Entry {
  /** Its name in the texts: nav.<name> */
  name: 'deals' | 'forecast' | 'imports' | 'jobs'
  path: string
  icon: ComponentType<{ 'aria-hidden'?: boolean }>
  /** G, then this key, goes there. */
  key?: string
  needs: Action
}

/** An entry appears here when its page works. */
const ENTRIES: readonly Entry[] = [
  { name: 'deals', path: '/deals', icon: FundProjectionScreenOutlined, key: 'd', needs: 'see' },
  { name: 'forecast', path: '/forecast', icon: LineChartOutlined, key: 'f', needs: 'see' },
  { name: 'imports', path: '/imports', icon: ImportOutlined, needs: 'change' },
  { name: 'jobs', path: '/jobs', icon: OrderedListOutlined, needs: 'administer' },
]

export function entriesFor(me: Me): readonly Entry[] {
  return ENTRIES.filter(({ needs }) => may(me, needs))
}
