import { AppstoreOutlined, FunnelPlotOutlined, UnorderedListOutlined } from '@ant-design/icons'
import { Segmented } from 'antd'
import type { Kind, Layout } from './kinds'
import { useRecordsTexts } from './texts'
import type { Change } from './useListState'

const ICONS: Record<Layout, React.ReactNode> = {
  board: <AppstoreOutlined aria-hidden />,
  table: <UnorderedListOutlined aria-hidden />,
  funnel: <FunnelPlotOutlined aria-hidden />,
}

/** Table, board or funnel. */
export function Layouts({ kind, layout, change }: { kind: Kind; layout: Layout; change: Change }) {
  const t = useRecordsTexts()
  return (
    <Segmented<Layout>
      aria-label={t('layout.label')}
      value={layout}
      options={kind.layouts.map((one) => ({ value: one, label: t(`layout.${one}`), icon: ICONS[one] }))}
      onChange={(one) => change({ layout: one })}
    />
  )
}
