import { useParams } from 'react-router'
import { Empty } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useRecord } from './data'
import type { Kind } from './kinds'
import styles from './Record.module.css'
import { RecordView } from './RecordView'
import { useRecordTexts } from './texts'

/** The page of one record. */
function RecordPage({ kind }: { kind: Kind }) {
  const t = useRecordTexts()
  const id = Number(useParams().id)
  if (!Number.isSafeInteger(id) || id < 1)
    return (
      <div className={styles.alone}>
        <Empty why={t('notFound', { kind: t(`kind.${kind}`) })} />
      </div>
    )
  return <Titled key={`${kind}-${id}`} kind={kind} id={id} />
}

function Titled({ kind, id }: { kind: Kind; id: number }) {
  const t = useRecordTexts()
  useTitle(useRecord(kind, id).data?.title ?? t(`kind.${kind}`))
  return <RecordView kind={kind} id={id} surface="page" />
}

export const AccountPage = () => <RecordPage kind="account" />
export const ContactPage = () => <RecordPage kind="contact" />
export const LeadPage = () => <RecordPage kind="lead" />
export const ProductPage = () => <RecordPage kind="product" />
