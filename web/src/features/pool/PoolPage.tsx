import { SearchOutlined } from '@ant-design/icons'
import { Input, Segmented } from 'antd'
import { useState } from 'react'
import { useSearchParams } from 'react-router'
import { TabBar } from '@/features/record/TabBar'
import { useFormat } from '@/shared/format'
import { may, useMe } from '@/shared/me'
import { NoPermission } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useDebounced } from '@/shared/useDebounced'
import { KINDS, type Kind, leftToday, type Overview, type Share, useOverview } from './data'
import styles from './Pool.module.css'
import { PoolList } from './PoolList'
import { Rules } from './Rules'
import { usePoolTexts } from './texts'

const REST = 300
const TABS = ['pool', 'rules'] as const

/** What belongs to nobody: found, claimed, and for sales operations the rules by which it comes here. */
export default function PoolPage() {
  const t = usePoolTexts()
  useTitle(t('title'))
  const { data: me } = useMe()
  const [search, setSearch] = useSearchParams()
  const { data: overview } = useOverview()
  if (me && !may(me, 'see')) return <NoPermission />
  const rules = overview?.may_configure === true && search.get('tab') === 'rules'
  const body = rules ? <Rules /> : <Pool overview={overview} />
  return (
    <div className={styles.page}>
      <h1>{t('title')}</h1>
      <p className={styles.intro}>{t('intro')}</p>
      {overview?.may_configure ? (
        <TabBar
          label={t('title')}
          active={rules ? 'rules' : 'pool'}
          tabs={TABS.map((key) => ({ key, label: t(`tab.${key}`) }))}
          onChange={(key) => setSearch(key === 'rules' ? { tab: key } : {}, { replace: true })}
        >
          {body}
        </TabBar>
      ) : (
        body
      )}
    </div>
  )
}

function Pool({ overview }: { overview: Overview | undefined }) {
  const t = usePoolTexts()
  const format = useFormat()
  const [search, setSearch] = useSearchParams()
  const kind: Kind = search.get('kind') === 'lead' ? 'lead' : 'account'
  const [words, setWords] = useState('')
  const q = useDebounced(words.trim(), REST)
  const share = overview?.kinds.find((each) => each.kind === kind)
  const total = (each: Kind) => format.number(overview?.kinds.find((one) => one.kind === each)?.total)
  return (
    <div className={styles.page}>
      <div className={styles.bar}>
        <Segmented<Kind>
          aria-label={t('kind.label')}
          value={kind}
          options={KINDS.map((value) => ({
            value,
            label: overview
              ? t('count', { kind: t(`kind.${value}`), number: total(value) })
              : t(`kind.${value}`),
          }))}
          onChange={(to) => {
            setWords('')
            setSearch(to === 'lead' ? { kind: to } : {}, { replace: true })
          }}
        />
        <Input
          className={styles.words}
          allowClear
          prefix={<SearchOutlined aria-hidden />}
          aria-label={t(`search.${kind}`)}
          placeholder={t(`search.${kind}`)}
          value={words}
          onChange={({ target }) => setWords(target.value)}
        />
        {share?.allowance && <Allowance share={share} allowance={share.allowance} />}
      </div>
      <PoolList key={kind} kind={kind} q={q} share={share} mayAssign={overview?.may_assign === true} />
    </div>
  )
}

/** What the person may still claim today, and how much they hold. */
function Allowance({ share, allowance }: { share: Share; allowance: NonNullable<Share['allowance']> }) {
  const t = usePoolTexts()
  const left = leftToday(share)
  const { claimed, quota, held, limit } = allowance
  return (
    <span className={styles.allowance} role="status">
      <span>{left === null || quota === null ? t('leftAny', { claimed }) : t('left', { left, quota })}</span>
      {limit !== null && <span>{t('held', { held, limit })}</span>}
    </span>
  )
}
