import {
  BellOutlined,
  CalendarOutlined,
  CheckSquareOutlined,
  ClockCircleOutlined,
  EnvironmentOutlined,
  FileTextOutlined,
  FlagOutlined,
  GlobalOutlined,
  MailOutlined,
  MessageOutlined,
  PhoneOutlined,
  SettingOutlined,
} from '@ant-design/icons'
import { Tooltip } from 'antd'
import { type ComponentType, memo, useLayoutEffect, useRef, useState } from 'react'
import { Link } from 'react-router'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { capital, type Entry, late } from './entries'
import styles from './Timeline.module.css'
import { useTimelineTexts } from './texts'

/** A driver behind which an entry stands. */
export interface Tag {
  code: string
  text: string
  positive: boolean
}

const ICONS: Record<string, ComponentType> = {
  mail: MailOutlined,
  call: PhoneOutlined,
  meeting: CalendarOutlined,
  visit: EnvironmentOutlined,
  chat: MessageOutlined,
  web: GlobalOutlined,
  quote: FileTextOutlined,
  stage: FlagOutlined,
  task: CheckSquareOutlined,
  signal: BellOutlined,
}

const BASES = ['contract', 'legitimate_interest', 'consent', 'own_record'] as const

export const entryId = (id: number) => `entry-${id}`

interface Props {
  entry: Entry
  lit: boolean
  hinted: boolean
  fresh: boolean
  tags: Tag[] | undefined
  onTag: (code: string) => void
}

/** Kept as it is while nothing of it changed: there may be hundreds, and the page around them changes often. */
export const EntryItem = memo(function EntryItem({ entry, lit, hinted, fresh, tags, onTag }: Props) {
  const t = useTimelineTexts()
  const f = useFormat()
  const named = useNamed()
  const Icon = ICONS[entry.group] ?? SettingOutlined
  const behind = late(entry)
  const basis = BASES.find((b) => b === entry.basis)
  const by = entry.actor?.name ?? entry.actor_label
  const kind = capital(named(entry))
  const meta = [entry.title ? kind : null, entry.people.join(t('and')) || null, by].filter(Boolean)
  return (
    <li
      id={entryId(entry.id)}
      tabIndex={-1}
      className={styles.entry}
      data-lit={lit || undefined}
      data-hinted={hinted || undefined}
      data-fresh={fresh || undefined}
    >
      <span className={styles.icon} data-key={entry.key || undefined}>
        <Icon />
      </span>
      <div className={styles.what}>
        <div className={styles.name}>{entry.title ?? kind}</div>
        {entry.text && <Text text={entry.text} />}
        {(meta.length > 0 || entry.deal || behind || tags) && (
          <div className={styles.meta}>
            {meta.map((part) => (
              <span key={part}>{part}</span>
            ))}
            {entry.deal && <Link to={`/deals/${entry.deal.id}`}>{entry.deal.name}</Link>}
            {behind && (
              <Tooltip title={t('lateWhy', { known: f.moment(entry.known_at) })}>
                <span className={styles.late}>
                  <ClockCircleOutlined /> {t(`late.${behind.unit}`, { count: behind.count })}
                </span>
              </Tooltip>
            )}
            {tags?.map((tag) => (
              <button
                key={tag.code}
                type="button"
                className={tag.positive ? styles.tagUp : styles.tagDown}
                title={t('tagHint')}
                onClick={() => onTag(tag.code)}
              >
                <span aria-hidden="true">{tag.positive ? '▲' : '▼'}</span> <span>{tag.text}</span>
              </button>
            ))}
          </div>
        )}
      </div>
      <Tooltip
        title={
          <>
            {f.full(entry.at)}
            <br />
            {t('source', { source: entry.source })}
            <br />
            {t('basisIs', { basis: basis ? t(`basis.${basis}`) : entry.basis })}
          </>
        }
      >
        <time dateTime={entry.at} className={styles.at}>
          {f.moment(entry.at)}
        </time>
      </Tooltip>
    </li>
  )
})

/** Two lines, and the rest when asked for. */
function Text({ text }: { text: string }) {
  const t = useTimelineTexts()
  const box = useRef<HTMLDivElement>(null)
  const [long, setLong] = useState(false)
  const [open, setOpen] = useState(false)
  useLayoutEffect(() => {
    const element = box.current
    if (element && text) setLong(element.scrollHeight > element.clientHeight + 2)
  }, [text])
  return (
    <>
      <div ref={box} className={open ? styles.text : styles.clamped}>
        {text}
      </div>
      {long && (
        <button type="button" className={styles.expand} aria-expanded={open} onClick={() => setOpen(!open)}>
          {t(open ? 'fold' : 'unfold')}
        </button>
      )}
    </>
  )
}
