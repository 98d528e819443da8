import { Button, Modal } from 'antd'
import { CopyButton } from '@/features/people/CopyButton'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useMe } from '@/shared/me'
import { snippetOf } from './data'
import styles from './Governance.module.css'
import { useGovernanceTexts } from './texts'

const LOOK_EVERY = 2_000

/** The code that a site carries, and whether anything comes from it yet. */
export function Snippet({
  name,
  id,
  token,
  close,
}: {
  name: string
  id: number
  token: string
  close: () => void
}) {
  const t = useGovernanceTexts()
  const format = useFormat()
  const { data: me } = useMe()
  const latest = api.useQuery(
    'get',
    '/api/intake-keys/{intake_key}/latest',
    { params: { path: { intake_key: id } } },
    { refetchInterval: LOOK_EVERY, staleTime: 0 },
  )
  const code = snippetOf(me?.live ?? '', token)
  const [last] = latest.data ?? []
  return (
    <Modal
      open
      width={640}
      title={t('keys.snippetOf', { name })}
      onCancel={close}
      footer={<Button onClick={close}>{t('keys.close')}</Button>}
    >
      <div className={styles.page}>
        <p className={styles.faint}>{t('keys.snippetHelp')}</p>
        <pre className={styles.code}>{code}</pre>
        <div>
          <CopyButton text={code} label={t('keys.copy')} done={t('keys.copied')} />
        </div>
        <p role="status" className={last ? `${styles.chip} ${styles.ok}` : styles.faint}>
          {last ? t('keys.seen', { kind: last.kind, at: format.moment(last.known_at) }) : t('keys.notSeen')}
        </p>
      </div>
    </Modal>
  )
}
