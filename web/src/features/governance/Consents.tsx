import { Button, Input, Table } from 'antd'
import { useState } from 'react'
import { api, client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useDebounced } from '@/shared/useDebounced'
import { type Collecting, useAfter } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

type Entry = Schemas['ConsentOut']
const REST = 300
const PAGE = 200

/** The ledger of consent, the last word first. */
export function Consents({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const [typed, setTyped] = useState('')
  const subject = useDebounced(typed.trim(), REST)
  const query = api.useQuery('get', '/api/consents', { params: { query: { subject } } })
  return (
    <>
      <p className={styles.intro}>{t('consents.intro')}</p>
      <Input.Search
        allowClear
        aria-label={t('consents.search')}
        placeholder={t('consents.search')}
        style={{ maxWidth: 420 }}
        value={typed}
        onChange={({ target }) => setTyped(target.value)}
      />
      <Loaded query={query}>
        {(rows) => <Ledger key={subject} first={rows} subject={subject} collecting={collecting} />}
      </Loaded>
    </>
  )
}

function Ledger({ first, subject, collecting }: { first: Entry[]; subject: string; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const { fail } = useAfter()
  const [earlier, setEarlier] = useState<Entry[]>([])
  const [over, setOver] = useState(first.length < PAGE)
  const rows = [...first, ...earlier]
  async function more() {
    try {
      const { data } = await client.GET('/api/consents', {
        params: { query: { subject, before: rows.at(-1)?.id } },
      })
      setEarlier((now) => [...now, ...(data ?? [])])
      setOver((data ?? []).length < PAGE)
    } catch (error) {
      fail(error)
    }
  }
  return (
    <>
      <Table<Entry>
        rowKey="id"
        size="small"
        pagination={false}
        dataSource={rows}
        locale={{ emptyText: t('consents.none') }}
        columns={[
          { title: t('consents.at'), key: 'at', render: (_, one) => format.moment(one.at) },
          {
            title: t('consents.subject'),
            key: 'subject',
            render: (_, one) => <code className={styles.subject}>{one.subject}</code>,
          },
          {
            title: t('consents.purpose'),
            key: 'purpose',
            render: (_, one) => {
              const found = collecting.purposes.find(({ key }) => key === one.purpose)
              return found && named(found)
            },
          },
          {
            title: t('consents.said'),
            key: 'said',
            render: (_, { given, takes_back }) =>
              takes_back === null ? (
                <span className={`${styles.chip} ${styles.whole} ${given ? styles.ok : styles.bad}`}>
                  {t(given ? 'consents.given' : 'consents.withdrawn')}
                </span>
              ) : (
                <span className={`${styles.chip} ${styles.whole}`}>{t('consents.takenBack')}</span>
              ),
          },
          {
            title: t('consents.wording'),
            key: 'wording',
            responsive: ['md'],
            render: (_, one) => one.wording !== null && t('consents.wordingOf', { version: one.wording }),
          },
        ]}
      />
      {!over && (
        <Button className={styles.more} onClick={() => void more()}>
          {t('consents.more')}
        </Button>
      )}
    </>
  )
}
