import { InboxOutlined } from '@ant-design/icons'
import { Segmented, Spin, Upload } from 'antd'
import { useState } from 'react'
import { useNavigate, useSearchParams } from 'react-router'
import { ApiProblem, asProblem, type Schemas } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { ErrorBox } from '@/shared/states'
import { LARGEST, upload, useTake } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

export function FileStep({ kinds }: { kinds: Schemas['KindOut'][] }) {
  const t = useImportsTexts()
  const named = useNamed()
  const navigate = useNavigate()
  const take = useTake()
  const [search, setSearch] = useSearchParams()
  const [sending, setSending] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const asked = search.get('kind')
  const kind = kinds.find(({ key }) => key === asked)?.key ?? kinds[0]?.key ?? ''
  const send = async (file: File) => {
    setError(null)
    if (file.size > LARGEST) {
      const text = { zh: t('upload.large'), en: t('upload.large') }
      setError(new ApiProblem(422, { code: 'file_unreadable', ...text }))
      return
    }
    setSending(true)
    try {
      const of = await upload(kind, file)
      take(of)
      navigate(`/imports/${of.id}`, { replace: true })
    } catch (fault) {
      setError(asProblem(fault))
      setSending(false)
    }
  }
  return (
    <div className={styles.card}>
      <h2>{t('upload.kind')}</h2>
      <div>
        <Segmented
          className={styles.kinds}
          aria-label={t('upload.kind')}
          value={kind}
          options={kinds.map((each) => ({ value: each.key, label: named(each) }))}
          onChange={(value) => setSearch({ kind: value }, { replace: true })}
        />
      </div>
      {error !== null && <ErrorBox error={error} />}
      <Spin spinning={sending} description={t('upload.sending')}>
        <Upload.Dragger
          className={styles.drop}
          accept=".csv,.txt,.tsv,.xlsx,.gz,.xes,.parquet"
          showUploadList={false}
          beforeUpload={(file) => {
            void send(file)
            return false
          }}
        >
          <p>
            <InboxOutlined aria-hidden style={{ fontSize: 28 }} />
          </p>
          <p>{t('upload.drop')}</p>
          <p className={styles.faint}>{t('upload.hint')}</p>
        </Upload.Dragger>
      </Spin>
    </div>
  )
}
