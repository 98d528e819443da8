import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { Chip } from '@/features/crm/Chip'
import { useDealTexts } from '@/features/crm/texts'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useLive } from '@/shared/live'
import { may, useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useCreate } from './create'
import { listOf, type RecordOut } from './data'
import { type Kind, pathOf } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { isReference } from './values'

type Row = Schemas['RecordRow']
const MOST = 100

function useLinked(kind: Kind, field: string, id: number, columns: string, sort: string) {
  useLive([[`${kind}s`, 0]], [['get', listOf(kind)]], 1_000)
  const where = JSON.stringify({ field, op: 'in', value: [id] })
  return api.useQuery('get', listOf(kind), { params: { query: { where, columns, sort, limit: MOST } } })
}

const text = (value: Row['values'][string] | undefined): string =>
  typeof value === 'string' ? value : isReference(value) ? value.name : ''

function Rows({
  kind,
  items,
  total,
  none,
  add,
  children,
}: {
  kind: Kind
  items: Row[]
  total: number
  none: string
  add?: ReactNode
  children: (row: Row) => ReactNode
}) {
  const t = useRecordTexts()
  if (items.length === 0) return <Empty why={none} action={add} />
  return (
    <>
      {add && <div className={styles.bar}>{add}</div>}
      <ul className={styles.rows}>
        {items.map((row) => (
          <li key={row.id}>
            <Link className={styles.rowMain} to={pathOf(kind, row.id)}>
              {row.title}
            </Link>
            {children(row)}
          </li>
        ))}
      </ul>
      {total > items.length && <p className={styles.lead}>{t('more', { count: total - items.length })}</p>}
    </>
  )
}

function AddButton({ kind, preset }: { kind: Kind; preset: Parameters<ReturnType<typeof useCreate>>[1] }) {
  const t = useRecordTexts()
  const create = useCreate()
  return (
    <Button icon={<PlusOutlined />} onClick={() => create(kind, preset)}>
      {t('create.of', { kind: t(`kind.${kind}`) })}
    </Button>
  )
}

export function AccountDeals({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const f = useFormat()
  const { data: me } = useMe()
  const query = useLinked('deal', 'account', record.id, 'stage,status,amount,currency,owner', '-opened_at')
  return (
    <Loaded query={query}>
      {({ items, total }) => (
        <Rows
          kind="deal"
          items={items}
          total={total}
          none={t('linked.noDeals')}
          add={
            me &&
            may(me, 'change') && (
              <AddButton kind="deal" preset={{ account: { id: record.id, name: record.title } }} />
            )
          }
        >
          {({ values }) => (
            <>
              <Status status={text(values.status)} stage={text(values.stage)} />
              <span className={styles.rowSide}>
                {f.money(text(values.amount) || null, text(values.currency) || 'CNY')}
              </span>
              <span className={styles.rowWho}>{text(values.owner)}</span>
            </>
          )}
        </Rows>
      )}
    </Loaded>
  )
}

function Status({ status, stage }: { status: string; stage: string }) {
  const t = useRecordTexts()
  if (status === 'won') return <Chip kind="ok">{t('status.won')}</Chip>
  if (status === 'lost') return <Chip kind="bad">{t('status.lost')}</Chip>
  return <Chip>{stage}</Chip>
}

export function AccountPeople({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const query = useLinked('contact', 'account', record.id, 'title,department,phone,left_at', 'name')
  return (
    <Loaded query={query}>
      {({ items, total }) => (
        <Rows
          kind="contact"
          items={items.toSorted((a, b) => Number(!!a.values.left_at) - Number(!!b.values.left_at))}
          total={total}
          none={t('linked.noPeople')}
          add={
            record.may_change && (
              <AddButton kind="contact" preset={{ account: { id: record.id, name: record.title } }} />
            )
          }
        >
          {({ values }) => (
            <>
              {values.left_at && <Chip kind="warn">{t('left.badge')}</Chip>}
              <span className={styles.rowSide}>
                {[text(values.department), text(values.title)].filter(Boolean).join(' · ')}
              </span>
              <span className={styles.rowWho}>{text(values.phone)}</span>
            </>
          )}
        </Rows>
      )}
    </Loaded>
  )
}

export function Hierarchy({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const query = useLinked('account', 'parent', record.id, 'level,owner', 'name')
  const parent = record.values.parent
  return (
    <div className={styles.stack}>
      {isReference(parent) && (
        <p className={styles.lead}>
          {t('linked.parent')}
          {parent.name ? (
            <Link to={pathOf('account', parent.id)}>{parent.name}</Link>
          ) : (
            <span className={styles.nothing}>{t('unseen')}</span>
          )}
        </p>
      )}
      <Loaded query={query}>
        {({ items, total }) => (
          <Rows
            kind="account"
            items={items}
            total={total}
            none={t(isReference(parent) ? 'linked.noChildren' : 'linked.alone')}
            add={
              <AddButton
                kind="account"
                preset={{ values: { parent: { id: record.id, name: record.title } } }}
              />
            }
          >
            {({ values }) => <span className={styles.rowWho}>{text(values.owner)}</span>}
          </Rows>
        )}
      </Loaded>
    </div>
  )
}

export function ContactDeals({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const tDeal = useDealTexts()
  const f = useFormat()
  const named = useNamed()
  const query = api.useQuery('get', '/api/contacts/{contact}/deals', {
    params: { path: { contact: record.id } },
  })
  return (
    <Loaded query={query}>
      {(items) =>
        items.length === 0 ? (
          <Empty why={t('linked.noRoles')} />
        ) : (
          <ul className={styles.rows}>
            {items.map(({ deal, role }) => (
              <li key={deal.id}>
                <Link className={styles.rowMain} to={pathOf('deal', deal.id)}>
                  {deal.name}
                </Link>
                <Chip kind={role === 'blocker' ? 'bad' : 'plain'}>{tDeal(`role.${role}`)}</Chip>
                <Status status={deal.status} stage={named(deal.stage)} />
                <span className={styles.rowSide}>{f.money(deal.amount, deal.currency)}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  )
}

/** Where the same person works now, and worked before. */
export function OtherJobs({ record }: { record: RecordOut }) {
  const t = useRecordTexts()
  const query = useLinked('contact', 'previous', record.id, 'account,title', 'name')
  const items = query.data?.items ?? []
  const previous = record.values.previous
  if (items.length === 0 && !isReference(previous)) return null
  return (
    <ul className={styles.jobs}>
      {items.map(({ id, values }) => (
        <li key={id}>
          {t('left.now')}{' '}
          <Link to={pathOf('contact', id)}>
            {[text(values.account), text(values.title)].filter(Boolean).join(' · ')}
          </Link>
        </li>
      ))}
      {isReference(previous) && previous.name && (
        <li>
          {t('left.before')} <Link to={pathOf('contact', previous.id)}>{previous.name}</Link>
        </li>
      )}
    </ul>
  )
}
