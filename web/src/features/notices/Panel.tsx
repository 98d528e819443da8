import { ArrowLeftOutlined, EllipsisOutlined, SettingOutlined } from '@ant-design/icons'
import { useQueryClient } from '@tanstack/react-query'
import { App, Button, Drawer, Dropdown, type MenuProps } from 'antd'
import { useState } from 'react'
import { Link, useNavigate } from 'react-router'
import { isKind } from '@/features/record/kinds'
import { api, asProblem, client } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, ErrorBox, Waiting } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { LIST, type Notification, UNREAD, useChangePreferences, useSetMuted, type Wanted } from './data'
import styles from './Panel.module.css'
import { useNoticesTexts } from './texts'
import { leadsTo, saying } from './words'

const PAGE = 30

/** What one was told, newest first; a summary opens what it stands for. */
export default function Panel({ quietUntil, close }: { quietUntil: string | null; close: () => void }) {
  const t = useNoticesTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const format = useFormat()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const { message } = App.useApp()
  const [summary, setSummary] = useState<Notification | null>(null)
  const list = api.useInfiniteQuery(
    'get',
    '/api/notifications',
    { params: { query: { limit: PAGE, summary: summary?.id } } },
    {
      pageParamName: 'after',
      initialPageParam: undefined,
      getNextPageParam: ({ next }) => next ?? undefined,
    },
  )
  const rows = list.data?.pages.flatMap(({ items }) => items) ?? []

  async function asked(question: Promise<unknown>): Promise<void> {
    try {
      await question
    } catch (error) {
      void message.error(named(asProblem(error)))
    }
    for (const queryKey of [LIST, UNREAD]) void queries.invalidateQueries({ queryKey })
  }
  const read = (each: Notification) => {
    const params = { path: { notification: each.id } }
    if (!each.read) void asked(client.POST('/api/notifications/{notification}/read', { params }))
  }
  const open = (each: Notification) => {
    read(each)
    const path = leadsTo(each)
    if (each.kind === 'summary') setSummary(each)
    else if (path) {
      close()
      void navigate(path)
    }
  }
  return (
    <Drawer
      open
      onClose={close}
      size={400}
      placement="right"
      styles={{ header: { padding: '12px 16px' }, body: { padding: 0 }, wrapper: { maxWidth: '100vw' } }}
      title={summary ? saying(summary, t) : t('title')}
      extra={
        <span className={styles.tools}>
          <Button type="text" size="small" onClick={() => void asked(client.POST('/api/notifications/read'))}>
            {t('readAll')}
          </Button>
          <Link
            to="/me#notifications"
            className={styles.icon}
            aria-label={t('settings')}
            title={t('settings')}
            onClick={close}
          >
            <SettingOutlined aria-hidden />
          </Link>
        </span>
      }
      closable={{ 'aria-label': shared('close') }}
    >
      {summary && (
        <button type="button" className={styles.line} onClick={() => setSummary(null)}>
          <ArrowLeftOutlined aria-hidden /> {t('back')}
        </button>
      )}
      {quietUntil && !summary && (
        <p className={styles.line}>{t('quiet', { when: format.moment(quietUntil) })}</p>
      )}
      {list.error ? (
        <div className={styles.pad}>
          <ErrorBox error={list.error} retry={() => void list.refetch()} />
        </div>
      ) : list.isPending ? (
        <div className={styles.pad}>
          <Waiting />
        </div>
      ) : rows.length === 0 ? (
        <Empty why={t(summary ? 'noneInside' : 'none')} />
      ) : (
        <ul className={styles.list}>
          {rows.map((each) => (
            <Row key={each.id} each={each} open={() => open(each)} read={() => read(each)} />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <div className={styles.pad}>
          <Button block loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </Button>
        </div>
      )}
    </Drawer>
  )
}

function Row({ each, open, read }: { each: Notification; open: () => void; read: () => void }) {
  const t = useNoticesTexts()
  const format = useFormat()
  const { message } = App.useApp()
  const setMuted = useSetMuted()
  const change = useChangePreferences()
  const { record, record_type: kind } = each
  const hidden = record === null && each.kind !== 'summary' && kind !== ''
  const where = each.kind === 'task' ? record?.name : null
  const meta = [hidden ? t('unseen') : where, each.actor, format.moment(each.at)].filter(Boolean).join(' · ')
  const leave = async (wanted: Wanted) => {
    const data = (await client.GET('/api/notifications/preferences')).data
    if (data && (await change({ kinds: { ...data.kinds, [wanted]: false } })))
      void message.success(t('left', { kind: t(`wanted.${wanted}`) }))
  }
  const items: MenuProps['items'] = [
    ...(each.read ? [] : [{ key: 'read', label: t('read'), onClick: read }]),
    ...(record && isKind(kind)
      ? [
          {
            key: 'mute',
            label: t('mute', { kind: t(`kind.${kind}`) }),
            onClick: () => void setMuted(kind, record.id, true),
          },
        ]
      : []),
    ...(each.kind === 'summary'
      ? []
      : [
          {
            key: 'leave',
            label: t('leave', { kind: t(`wanted.${each.kind}`) }),
            onClick: () => void leave(each.kind as Wanted),
          },
        ]),
  ]
  return (
    <li className={styles.row} data-read={each.read || undefined}>
      <button type="button" className={styles.open} onClick={open}>
        <span className={styles.dot} aria-hidden />
        <span className={styles.text}>
          {!each.read && <span className="visually-hidden">{t('unread')}: </span>}
          <span className={styles.what}>{saying(each, t)}</span>
          <span className={styles.meta}>{meta}</span>
        </span>
      </button>
      {items.length > 0 && (
        <Dropdown trigger={['click']} menu={{ items }} placement="bottomRight" autoFocus>
          <Button
            type="text"
            size="small"
            className={styles.menu}
            icon={<EllipsisOutlined />}
            aria-label={`${t('menu')}: ${saying(each, t)}`}
          />
        </Dropdown>
      )}
    </li>
  )
}
