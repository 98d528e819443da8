import { Drawer } from 'antd'
import { Fragment } from 'react'
import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { lasting, pointsIn } from './cells'
import { type Contribution, useInterestLive, useTopicName, useWeights } from './data'
import styles from './Interest.module.css'
import { useInterestTexts } from './texts'

interface Props {
  account: { id: number; name: string }
  day?: string
  topic?: number
  /** Why a cell that is empty may not be filled. */
  barred?: 'before' | 'refused'
  /** Whether what is beside it can be used meanwhile. */
  beside: boolean
  close: () => void
}

/** Why a strength is what it is: the signals, what each still counts, and what allows that they are here. */
export default function WhyPanel({ account, day, topic, barred, beside, close }: Props) {
  const t = useInterestTexts()
  const format = useFormat()
  const nameOf = useTopicName(t('why.other'))
  const query = api.useQuery('get', '/api/accounts/{account}/interest/why', {
    params: {
      path: { account: account.id },
      query: { ...(day && { day }), ...(topic !== undefined && { topic }) },
    },
  })
  useInterestLive([account.id])
  const strength = query.data ? format.number(query.data.strength) : '…'
  return (
    <Drawer
      open
      onClose={close}
      title={t('why.title', { strength })}
      placement={beside ? 'right' : 'bottom'}
      size={beside ? 440 : '88dvh'}
      mask={!beside}
      {...(beside && { 'aria-modal': false })}
      classNames={{ body: styles.why }}
    >
      <p className={styles.whyOf}>
        <Link to={`/accounts/${account.id}`}>{account.name || t('account')}</Link>
        <span>{day ? format.full(day) : topic === undefined ? t('why.whole') : nameOf(topic)}</span>
      </p>
      <Loaded query={query}>
        {({ events, others, others_part, strength }) =>
          events.length === 0 ? (
            <Empty why={t(`why.${barred ?? 'nothing'}`)} />
          ) : (
            <>
              <p className={styles.faint}>{t(day ? 'why.dayOnly' : 'why.faded')}</p>
              <ol className={styles.events} aria-label={t('why.events')}>
                {events.map((event) => (
                  <Event key={event.signal} event={event} topics={topic === undefined} nameOf={nameOf} />
                ))}
              </ol>
              <dl className={styles.sum}>
                {others > 0 && (
                  <div>
                    <dt>{t('why.others', { count: others })}</dt>
                    <dd data-points={others_part}>{pointsIn(others_part, format.number)}</dd>
                  </div>
                )}
                <div>
                  <dt>{t(day ? 'why.sumOfDay' : 'why.sum')}</dt>
                  <dd data-sum={strength}>{format.number(strength, 1)}</dd>
                </div>
              </dl>
            </>
          )
        }
      </Loaded>
    </Drawer>
  )
}

function Event({
  event,
  topics,
  nameOf,
}: {
  event: Contribution
  topics: boolean
  nameOf: (topic: number) => string
}) {
  const t = useInterestTexts()
  const format = useFormat()
  const named = useNamed()
  const kind = useWeights().data?.find((each) => each.kind === event.kind)
  const { page, part, seconds, contact } = event
  const points = pointsIn(part, format.number)
  const said = [
    page.query && t('why.query', { query: page.query }),
    seconds !== null && t('why.stayed', { time: stayed(t, seconds) }),
  ].filter(Boolean)
  const about = event.topics.filter((topic) => topic !== 0)
  return (
    <li>
      <div className={styles.eventHead}>
        <b className={styles.kind}>{kind ? named(kind) : event.kind}</b>
        <time className={styles.when} dateTime={event.at} title={format.full(event.at)}>
          {format.moment(event.at)}
        </time>
        <b className={styles.points} data-points={part} title={t('why.points', { points })}>
          {points}
        </b>
      </div>
      {(page.title || said.length > 0) && <div>{[page.title, ...said].filter(Boolean).join(' · ')}</div>}
      {[page.url, page.file].filter(Boolean).map((address) => (
        <div key={address} className={styles.address}>
          {address === page.file ? t('why.file', { file: address }) : address}
        </div>
      ))}
      {topics && about.length > 0 && (
        <div className={styles.about}>
          {about.map((topic) => (
            <Chip key={topic}>{nameOf(topic)}</Chip>
          ))}
        </div>
      )}
      <dl className={styles.grounds}>
        <dt>{t('why.who')}</dt>
        <dd>{contact ? <Link to={`/contacts/${contact.id}`}>{contact.name}</Link> : t('why.visitor')}</dd>
        <dt>{t('why.because')}</dt>
        <dd>
          {t(`why.reason.${event.reason}`)} · {t('why.sure', { percent: format.percent(event.confidence) })}
        </dd>
        <dt>{t('why.basis')}</dt>
        <dd>
          {[
            t(`why.ground.${event.basis as 'consent'}`),
            event.consented_at && t('why.consented', { when: format.moment(event.consented_at) }),
            t('why.until', { day: format.day(event.until) }),
          ]
            .filter(Boolean)
            .map((text, place) => (
              <Fragment key={text}>
                {place > 0 && ' · '}
                {text}
              </Fragment>
            ))}
        </dd>
      </dl>
    </li>
  )
}

function stayed(t: ReturnType<typeof useInterestTexts>, length: number): string {
  const { minutes, seconds } = lasting(length)
  return minutes > 0 ? t('why.minutes', { minutes, seconds }) : t('why.seconds', { seconds })
}
