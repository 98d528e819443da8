import { InboxOutlined } from '@ant-design/icons'
import { Segmented, Spin, Upload } from 'antd'
import { useState } from 'react'
import { Link, useNavigate, useSearchParams } from 'react-router'
import { ApiProblem, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Empty, ErrorBox, Loaded } from '@/shared/states'
import { useNarrow } from '@/shared/useNarrow'
import { type Collecting, nameOf } from './data'
import { FileBringing } from './FileBringing'
import { LARGEST, type Listed, sendFile, useSignalFiles, useTakeFile } from './filesData'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

/** Files for channels without a tracker: one that comes in, one that is looked at, and those that came. */
export function Files({ collecting }: { collecting: Collecting }) {
  const [search] = useSearchParams()
  const file = Number(search.get('file'))
  return file > 0 ? <FileBringing id={file} collecting={collecting} /> : <List collecting={collecting} />
}

function List({ collecting }: { collecting: Collecting }) {
  const t = useGovernanceTexts()
  const { data: me } = useMe()
  const query = useSignalFiles()
  const may = me && (me.scopes.configure === 'all' || me.scopes.administer === 'all')
  return (
    <section className={styles.part} aria-labelledby="files">
      <div className={styles.head}>
        <h2 id="files">{t('tab.files')}</h2>
      </div>
      <p className={styles.faint}>{t('files.intro')}</p>
      <Loaded query={query}>
        {({ sources, items }) => (
          <>
            {may && <NewFile sources={sources} collecting={collecting} />}
            {items.length === 0 ? (
              <Empty why={t('files.none')} />
            ) : (
              <div>
                {items.map((each) => (
                  <Row key={each.id} of={each} collecting={collecting} />
                ))}
              </div>
            )}
          </>
        )}
      </Loaded>
    </section>
  )
}

function NewFile({ sources, collecting }: { sources: string[]; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const navigate = useNavigate()
  const take = useTakeFile()
  const narrow = useNarrow()
  const [source, setSource] = useState(sources[0] ?? '')
  const [sending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const send = async (file: File) => {
    setError(null)
    if (file.size > LARGEST) {
      const text = { zh: t('files.large'), en: t('files.large') }
      setError(new ApiProblem(422, { code: 'file_unreadable', ...text }))
      return
    }
    setSending(true)
    try {
      const of = await sendFile(source, file)
      take(of)
      navigate(`/governance?tab=files&file=${of.id}`)
    } catch (fault) {
      setError(asProblem(fault))
      setSending(false)
    }
  }
  return (
    <div className={styles.bringing}>
      <div>
        <Segmented
          aria-label={t('files.source')}
          vertical={narrow}
          value={source}
          options={sources.map((key) => ({ value: key, label: nameOf(key, collecting, named) }))}
          onChange={setSource}
        />
      </div>
      {error !== null && <ErrorBox error={error} />}
      <Spin spinning={sending} description={t('files.sending')}>
        <Upload.Dragger
          accept=".csv,.txt,.tsv,.xlsx,.gz"
          showUploadList={false}
          beforeUpload={(file) => {
            void send(file)
            return false
          }}
        >
          <p>
            <InboxOutlined aria-hidden style={{ fontSize: 28 }} />
          </p>
          <p>{t('files.drop')}</p>
          <p className={styles.faint}>{t('files.hint')}</p>
        </Upload.Dragger>
      </Spin>
    </div>
  )
}

function Row({ of, collecting }: { of: Listed; collecting: Collecting }) {
  const t = useGovernanceTexts()
  const named = useNamed()
  const format = useFormat()
  const left = Object.entries(of.counts.left_out ?? {})
    .filter(([reason]) => !reason.startsWith('field_'))
    .reduce((sum, [, count]) => sum + count, 0)
  const wrong = Object.values(of.counts.wrong ?? {}).reduce((sum, count) => sum + count, 0)
  const style = { read: styles.warn, running: '', done: styles.ok }[of.state]
  return (
    <div className={styles.key}>
      <div className={styles.grow}>
        <span className={styles.line}>
          <Link className={styles.name} to={`/governance?tab=files&file=${of.id}`}>
            {of.name}
          </Link>
          <span className={styles.chip}>{nameOf(of.source, collecting, named)}</span>
          <span className={`${styles.chip} ${style}`}>{t(`files.state.${of.state}`)}</span>
        </span>
        <span className={styles.faint}>
          {[
            t('files.rows', { count: of.rows }),
            of.by?.name ?? t('files.bySystem'),
            format.moment(of.ended_at ?? of.created_at),
          ].join(' · ')}
        </span>
      </div>
      {of.state !== 'read' && (
        <span className={styles.faint}>
          {[
            t('files.keptOf', { number: format.number(of.counts.kept ?? 0) }),
            ...(left ? [t('files.leftOf', { number: format.number(left) })] : []),
            ...(wrong ? [t('files.wrongOf', { number: format.number(wrong) })] : []),
          ].join(' · ')}
        </span>
      )}
    </div>
  )
}
