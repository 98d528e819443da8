import { DownOutlined, EditOutlined } from '@ant-design/icons'
import { Avatar, Button, Dropdown, Space, Tooltip } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { Link } from 'react-router'
import { useMuteItem } from '@/features/notices/data'
import { useFormat } from '@/shared/format'
import { useSharedTexts } from '@/shared/texts'
import { Chip } from './Chip'
import styles from './DealHeader.module.css'
import { AmountFact, DayFact } from './EditableFact'
import { StagePath } from './StagePath'
import type { Deal } from './stages'
import { useDealTexts } from './texts'

const EndDeal = lazy(() => import('./DealModals').then(({ EndDeal }) => ({ default: EndDeal })))
const AssignDeal = lazy(() => import('./DealModals').then(({ AssignDeal }) => ({ default: AssignDeal })))

const ShareDialog = lazy(() => import('@/features/sharing/ShareDialog'))

type Dialog = 'won' | 'lost' | 'assign' | 'share'

/** Which deal this is, where it stands, and what can be done with it. */
export function DealHeader({ deal, onRecord }: { deal: Deal; onRecord: () => void }) {
  const t = useDealTexts()
  const shared = useSharedTexts()
  const f = useFormat()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const [moving, setMoving] = useState(false)
  const open = deal.status === 'open'
  const mayChange = open && deal.may_change
  const close = () => setDialog(null)
  const mute = useMuteItem('deal', deal.id)
  const items = [
    ...(mayChange
      ? [
          { key: 'move', label: t('move.title') },
          { type: 'divider' as const },
          { key: 'won', label: t('end.won') },
          { key: 'lost', label: t('end.lost') },
        ]
      : []),
    ...(open && deal.may_assign
      ? [{ type: 'divider' as const }, { key: 'assign', label: t('assign.title') }]
      : []),
    ...(mayChange || (open && deal.may_assign) ? [{ type: 'divider' as const }] : []),
    mute,
  ]
  const owner = deal.owner?.name ?? shared('nobody')
  return (
    <header className={styles.header}>
      <div className={styles.top}>
        <div className={styles.who}>
          <h1 className={styles.name}>{deal.name}</h1>
          <div className={styles.facts}>
            <Link to={`/accounts/${deal.account.id}`}>{deal.account.name}</Link>
            <AmountFact deal={deal} editable={mayChange} />
            {deal.status === 'open' ? (
              <DayFact deal={deal} editable={mayChange} />
            ) : (
              <Tooltip title={deal.close_reason || t('noReason')}>
                <span>
                  <Chip kind={deal.status === 'won' ? 'ok' : 'bad'}>
                    {t(`ended.${deal.status}`, { day: f.day(deal.closed_at) })}
                  </Chip>
                </span>
              </Tooltip>
            )}
          </div>
        </div>
        <Tooltip title={t('ownerIs', { owner, team: deal.team?.name ?? '' })}>
          <span className={styles.owner}>
            <Avatar size={26} className={styles.avatar} aria-hidden="true">
              {owner.slice(0, 1)}
            </Avatar>
            {owner}
          </span>
        </Tooltip>
        <Space wrap size={8} className={styles.actions}>
          {(deal.may_share || deal.shares > 0) && (
            <Button type="text" onClick={() => setDialog('share')}>
              {deal.shares > 0 ? t('shareCount', { count: deal.shares }) : t('share')}
            </Button>
          )}
          <Dropdown
            trigger={['click']}
            menu={{
              items,
              onClick: ({ key }) => {
                if (key === 'move') setMoving(true)
                else if (key !== 'mute') setDialog(key as Dialog)
              },
            }}
          >
            <Button>
              {t('actions')} <DownOutlined className={styles.small} />
            </Button>
          </Dropdown>
          {deal.may_change && (
            <Button type="primary" icon={<EditOutlined />} onClick={onRecord}>
              {t('record.title')}
            </Button>
          )}
        </Space>
      </div>
      <StagePath deal={deal} moving={moving} onMoving={setMoving} />
      <Suspense fallback={null}>
        {(dialog === 'won' || dialog === 'lost') && <EndDeal deal={deal} outcome={dialog} onClose={close} />}
        {dialog === 'share' && <ShareDialog kind="deal" id={deal.id} name={deal.name} onClose={close} />}
        {dialog === 'assign' && <AssignDeal deal={deal} onClose={close} />}
      </Suspense>
    </header>
  )
}
