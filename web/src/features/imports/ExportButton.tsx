import { ExportOutlined } from '@ant-design/icons'
import { Alert, Button, Modal, Segmented } from 'antd'
import { useEffect, useState } from 'react'
import { client, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { ErrorBox, Waiting } from '@/shared/states'
import { download, useRefused } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

type Kind = 'account' | 'contact' | 'lead' | 'deal' | 'product'

interface Asked {
  kind: Kind
  name: string
  /** A condition as JSON. */
  where?: string
  q?: string
  sort?: string
  columns?: string
}

/** Takes what a list shows out as a file, after saying how much of it may leave. */
export default function ExportButton(asked: Asked) {
  const t = useImportsTexts()
  const [open, setOpen] = useState(false)
  return (
    <>
      <Button icon={<ExportOutlined aria-hidden />} onClick={() => setOpen(true)}>
        {t('export.button')}
      </Button>
      {open && <ExportDialog {...asked} close={() => setOpen(false)} />}
    </>
  )
}

function ExportDialog({ kind, name, where, q, sort, columns, close }: Asked & { close: () => void }) {
  const t = useImportsTexts()
  const format = useFormat()
  const refused = useRefused()
  const [count, setCount] = useState<Schemas['ExportCount'] | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [as, setAs] = useState<'csv' | 'xlsx'>('csv')
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    client
      .GET(`/api/records/${kind}-export` as '/api/records/deal-export', { params: { query: { where, q } } })
      .then(({ data }) => setCount(data ?? null))
      .catch(setError)
  }, [kind, where, q])
  const take = async () => {
    setBusy(true)
    try {
      const { response, data } = await client.POST(
        `/api/records/${kind}-export` as '/api/records/deal-export',
        { body: { format: as, sort: sort ?? '', columns, where, q }, parseAs: 'blob' },
      )
      await download(new Response(data as unknown as Blob, { headers: response.headers }))
      close()
    } catch (fault) {
      refused(fault)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      title={t('export.title', { name })}
      onCancel={close}
      okText={t('export.take')}
      okButtonProps={{ disabled: !count?.count, loading: busy }}
      onOk={() => void take()}
    >
      <div className={styles.page}>
        {error !== null && <ErrorBox error={error} />}
        {!count && error === null && <Waiting rows={1} />}
        {count && (
          <>
            <div>
              {count.count ? t('export.count', { number: format.number(count.count) }) : t('export.none')}
            </div>
            {count.left_out > 0 && (
              <Alert type="info" title={t('export.leftOut', { number: format.number(count.left_out) })} />
            )}
            <Segmented
              aria-label={t('export.button')}
              value={as}
              options={[
                { value: 'csv', label: t('export.csv') },
                { value: 'xlsx', label: t('export.xlsx') },
              ]}
              onChange={(value) => setAs(value as 'csv' | 'xlsx')}
            />
            <div className={styles.faint}>{t('export.kept')}</div>
          </>
        )}
      </div>
    </Modal>
  )
}
