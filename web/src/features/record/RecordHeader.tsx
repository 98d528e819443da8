import { CloseOutlined, DownOutlined, ExpandAltOutlined } from '@ant-design/icons'
import { App, Button, Dropdown, type MenuProps, Popover } from 'antd'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { useMuteItem } from '@/features/notices/data'
import { usePoolTexts } from '@/features/pool/texts'
import { api, asProblem, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { may, useMe } from '@/shared/me'
import { useSharedTexts } from '@/shared/texts'
import { useCreate } from './create'
import { at, besideOf, type FieldOut, oneOf, type RecordOut, useRefresh } from './data'
import { isPooled, type Kind, pathOf, WITH_TASKS } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { useUndoable } from './undo'
import { isReference } from './values'

const ConvertDialog = lazy(() => import('./LeadDialogs').then((all) => ({ default: all.ConvertDialog })))
const DiscardDialog = lazy(() => import('./LeadDialogs').then((all) => ({ default: all.DiscardDialog })))
const LeftDialog = lazy(() => import('./ContactDialogs').then((all) => ({ default: all.LeftDialog })))
const EmployerDialog = lazy(() => import('./ContactDialogs').then((all) => ({ default: all.EmployerDialog })))
const ReturnDialog = lazy(() => import('@/features/pool/ReturnDialog'))
const ReturnsChip = lazy(() =>
  import('@/features/pool/Standing').then((all) => ({ default: all.ReturnsChip })),
)

const ShareDialog = lazy(() => import('@/features/sharing/ShareDialog'))

type Dialog = 'share' | 'convert' | 'discard' | 'left' | 'employer' | 'return'

/** Which record this is, whose it is, and what can be done with it. */
export function RecordHeader({
  kind,
  record,
  fields,
  surface,
  onClose,
}: {
  kind: Kind
  record: RecordOut
  fields: FieldOut[]
  surface: 'page' | 'panel'
  onClose?: () => void
}) {
  const t = useRecordTexts()
  const named = useNamed()
  const shared = useSharedTexts()
  const pool = usePoolTexts()
  const navigate = useNavigate()
  const create = useCreate()
  const [dialog, setDialog] = useState<Dialog | null>(null)
  const remove = useRemove(kind, record, onClose)
  const actions = useKindActions(kind, record, setDialog)
  const mute = useMuteItem(kind, record.id)
  const { values } = record
  const account = isReference(values.account) && kind !== 'lead' ? values.account : null
  const owner = isReference(values.owner) ? values.owner.name : shared('nobody')
  const items: MenuProps['items'] = [
    ...actions.more,
    ...(WITH_TASKS.has(kind) && record.may_change
      ? [
          {
            key: 'task',
            label: t('create.of', { kind: t('kind.task') }),
            onClick: () => create('task', { record: { kind, id: record.id, name: record.title } }),
          },
        ]
      : []),
    ...(isPooled(kind) && record.may_delete && isReference(values.owner) && isLiving(kind, record)
      ? [{ key: 'return', label: pool('return.action'), onClick: () => setDialog('return') }]
      : []),
    mute,
    ...(record.may_delete
      ? [
          { type: 'divider' as const },
          { key: 'delete', danger: true, label: t('delete.title'), onClick: () => void remove() },
        ]
      : []),
  ]
  const close = () => setDialog(null)
  const Title = surface === 'page' ? 'h1' : 'h2' // beside a list, the page is the list
  return (
    <header className={styles.header} data-surface={surface}>
      <div className={styles.headMain}>
        <div className={styles.kindLine}>
          <span>{t(`kind.${kind}`)}</span>
          {surface === 'panel' && (
            <span className={styles.panelButtons}>
              <Link
                to={pathOf(kind, record.id)}
                className={styles.iconLink}
                aria-label={t('openFull')}
                title={`${t('openFull')} (Ctrl Enter)`}
              >
                <ExpandAltOutlined aria-hidden />
              </Link>
              <Button
                type="text"
                icon={<CloseOutlined />}
                aria-label={shared('close')}
                title={`${shared('close')} (Esc)`}
                onClick={onClose}
              />
            </span>
          )}
        </div>
        <Title className={styles.name}>{record.title}</Title>
        <div className={styles.under}>
          <Badges kind={kind} record={record} fields={fields} />
          {isPooled(kind) && typeof values.returns_on === 'string' && (
            <Suspense fallback={null}>
              <ReturnsChip kind={kind} id={record.id} />
            </Suspense>
          )}
          {account && (
            <span>
              {account.name ? <Link to={pathOf('account', account.id)}>{account.name}</Link> : t('unseen')}
            </span>
          )}
          {typeof values.company === 'string' && values.company && <span>{values.company}</span>}
          {typeof values.title === 'string' && values.title && <span>{values.title}</span>}
          {kind !== 'product' && <span>{t('ownerIs', { owner })}</span>}
          {Array.isArray(values.tags) && values.tags.map((tag) => <Chip key={tag}>{tag}</Chip>)}
          <Popover
            trigger="click"
            content={<p className={styles.why}>{named({ zh: record.why_zh, en: record.why_en })}</p>}
          >
            <button type="button" className={styles.textButton}>
              {t('why')}
            </button>
          </Popover>
        </div>
      </div>
      <div className={styles.actions}>
        {actions.first}
        {(record.may_share || record.shares > 0) && (
          <Button type="text" onClick={() => setDialog('share')}>
            {record.shares > 0 ? t('shareCount', { count: record.shares }) : t('share')}
          </Button>
        )}
        <Dropdown trigger={['click']} menu={{ items }}>
          <Button>
            {t('actions')} <DownOutlined className={styles.small} />
          </Button>
        </Dropdown>
      </div>
      <Suspense fallback={null}>
        {dialog === 'share' && <ShareDialog kind={kind} id={record.id} name={record.title} onClose={close} />}
        {dialog === 'convert' && <ConvertDialog lead={record} onClose={close} />}
        {dialog === 'discard' && <DiscardDialog lead={record} onClose={close} />}
        {dialog === 'left' && <LeftDialog contact={record} onClose={close} />}
        {dialog === 'employer' && <EmployerDialog contact={record} onClose={close} />}
        {dialog === 'return' && isPooled(kind) && (
          <ReturnDialog
            kind={kind}
            record={record}
            onClose={(done) => {
              close()
              // Whoever returned it may not see it any more.
              if (done && onClose) onClose()
              else if (done) void navigate(`/${kind}s`, { replace: true })
            }}
          />
        )}
      </Suspense>
    </header>
  )
}

/** Whether an account or a lead is still worked on. */
const isLiving = (kind: Kind, { values }: RecordOut) =>
  kind === 'account' || values.status === 'new' || values.status === 'working'

function Badges({ kind, record, fields }: { kind: Kind; record: RecordOut; fields: FieldOut[] }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const { values } = record
  const choice = (key: string) => {
    const found = fields.find((field) => field.key === key)?.choices.find((each) => each.key === values[key])
    return found && named(found)
  }
  if (kind === 'contact' && typeof values.left_at === 'string')
    return (
      <span title={[f.full(values.left_at), choice('left_reason')].filter(Boolean).join(' · ')}>
        <Chip kind="warn">{t('left.badge')}</Chip>
      </span>
    )
  if (kind === 'product' && values.active === false) return <Chip kind="warn">{t('offSale')}</Chip>
  if (kind === 'deal' || kind === 'lead') {
    const status = String(values.status ?? '')
    const tone = { won: 'ok', converted: 'ok', lost: 'bad', discarded: 'warn' }[status] as
      | 'ok'
      | 'bad'
      | 'warn'
      | undefined
    return <Chip kind={tone ?? 'plain'}>{choice('status') ?? status}</Chip>
  }
  return null
}

function useKindActions(
  kind: Kind,
  record: RecordOut,
  open: (dialog: Dialog) => void,
): { first: ReactNode; more: NonNullable<MenuProps['items']> } {
  const t = useRecordTexts()
  const named = useNamed()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const create = useCreate()
  const { data: me } = useMe()
  const take = api.useMutation('post', '/api/leads/{lead}/take-up', {
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => refresh('lead', record.id),
  })
  const stays = api.useMutation('post', '/api/contacts/{contact}/stays', {
    onError: (error) => message.error(named(asProblem(error))),
    onSettled: () => refresh('contact', record.id),
  })
  if (kind === 'account') {
    const account = { id: record.id, name: record.title }
    return {
      // A deal is its owner's, whosever the account is: who may change none at all may begin none.
      first: me && may(me, 'change') && (
        <Button type="primary" onClick={() => create('deal', { account })}>
          {t('create.of', { kind: t('kind.deal') })}
        </Button>
      ),
      more: record.may_change
        ? [
            {
              key: 'contact',
              label: t('create.of', { kind: t('kind.contact') }),
              onClick: () => create('contact', { account }),
            },
          ]
        : [],
    }
  }
  if (!record.may_change) return { first: null, more: [] }
  if (kind === 'lead') {
    const status = record.values.status
    if (status === 'converted' || status === 'discarded') return { first: null, more: [] }
    return {
      first: (
        <>
          {status === 'new' && (
            <Button
              loading={take.isPending}
              onClick={() => take.mutate({ params: { path: { lead: record.id } } })}
            >
              {t('takeUp')}
            </Button>
          )}
          <Button type="primary" onClick={() => open('convert')}>
            {t('convert.action')}
          </Button>
        </>
      ),
      more: [{ key: 'discard', label: t('discard.action'), onClick: () => open('discard') }],
    }
  }
  if (kind === 'contact')
    return record.values.left_at
      ? {
          first: (
            <Button type="primary" onClick={() => open('employer')}>
              {t('employer.action')}
            </Button>
          ),
          more: [
            {
              key: 'stays',
              label: t('left.stays'),
              onClick: () => stays.mutate({ params: { path: { contact: record.id } } }),
            },
          ],
        }
      : {
          first: <Button onClick={() => open('left')}>{t('left.action')}</Button>,
          more: [{ key: 'employer', label: t('employer.action'), onClick: () => open('employer') }],
        }
  return { first: null, more: [] }
}

/** Put the record into the bin, with a way back. */
export function useRemove(kind: Kind, record: { id: number; title: string }, onClose?: () => void) {
  const t = useRecordTexts()
  const named = useNamed()
  const navigate = useNavigate()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const undoable = useUndoable()
  return async () => {
    try {
      await client.DELETE(oneOf(kind), { params: at(kind, record.id) })
    } catch (error) {
      message.error(named(asProblem(error)))
      return
    }
    if (onClose) onClose()
    else await navigate(`/bin?kind=${kind}`, { replace: true })
    refresh(kind, record.id)
    undoable(t('delete.done', { title: record.title }), async () => {
      await client.POST(besideOf(kind, 'bring-back'), { params: at(kind, record.id) })
      refresh(kind, record.id)
      if (!onClose) await navigate(pathOf(kind, record.id))
    })
  }
}
