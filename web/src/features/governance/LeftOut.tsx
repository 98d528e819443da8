import { Table } from 'antd'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import type { Collecting } from './data'
import { useReasons } from './FileCounts'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

/** How much the gate left out, by day, source and reason. */
export function LeftOut({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const because = useReasons()
  return (
    <>
      <p className={styles.intro}>{t('leftOut.intro')}</p>
      <Table
        rowKey={({ on, source, reason }) => `${on} ${source} ${reason}`}
        size="small"
        pagination={false}
        dataSource={collecting.left_out}
        locale={{ emptyText: t('leftOut.none') }}
        columns={[
          { title: t('leftOut.on'), key: 'on', render: (_, one) => format.day(one.on) },
          {
            title: t('leftOut.source'),
            key: 'source',
            render: (_, { source }) => {
              const found = collecting.sources.find(({ key }) => key === source)
              return found ? named(found) : t('leftOut.unknown')
            },
          },
          { title: t('leftOut.reason'), key: 'reason', render: (_, { reason }) => because[reason] ?? reason },
          {
            title: <span className={styles.whole}>{t('leftOut.count')}</span>,
            key: 'count',
            align: 'right',
            render: (_, { count }) => format.number(count),
          },
        ]}
      />
    </>
  )
}
