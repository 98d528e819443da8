import { ArrowLeftOutlined } from '@ant-design/icons'
import { Steps } from 'antd'
import { useState } from 'react'
import { Link, useParams } from 'react-router'
import { Loaded, NoPermission } from '@/shared/states'
import { useTitle } from '@/shared/title'
import { useNarrow } from '@/shared/useNarrow'
import { CheckStep } from './CheckStep'
import { ColumnsStep } from './ColumnsStep'
import { type Import, useImport, useImports } from './data'
import { FileStep } from './FileStep'
import styles from './Imports.module.css'
import { RunStep } from './RunStep'
import { useImportsTexts } from './texts'

const STEPS = ['file', 'columns', 'check', 'run'] as const

/** The wizard: a new file, or one on its way. Which step is shown follows from how far the file is. */
export default function ImportPage() {
  const { import: id } = useParams()
  return id === 'new' || id === undefined ? <Fresh /> : <Known id={Number(id)} />
}

function Fresh() {
  const t = useImportsTexts()
  const query = useImports()
  useTitle(t('start'))
  return (
    <Frame title={t('start')} step={0}>
      <Loaded query={query}>
        {({ kinds }) => (kinds.length ? <FileStep kinds={kinds} /> : <NoPermission />)}
      </Loaded>
    </Frame>
  )
}

function Known({ id }: { id: number }) {
  const t = useImportsTexts()
  const query = useImport(id)
  const [editing, setEditing] = useState(false)
  const of = query.data
  useTitle(of?.file_name ?? t('title'))
  return (
    <Frame title={of?.file_name ?? ''} step={of ? stepOf(of, editing) : 0}>
      <Loaded query={query}>
        {(found) => {
          const step = stepOf(found, editing)
          if (step === 1)
            return (
              <ColumnsStep
                key={`${found.id}-${found.kind}-${JSON.stringify(found.log)}`}
                of={found}
                done={() => setEditing(false)}
              />
            )
          return step === 2 ? <CheckStep of={found} edit={() => setEditing(true)} /> : <RunStep of={found} />
        }}
      </Loaded>
    </Frame>
  )
}

function stepOf(of: Import, editing: boolean): number {
  if (of.status === 'read' || (of.status === 'checked' && editing)) return 1
  return of.status === 'checking' || of.status === 'checked' ? 2 : 3
}

function Frame({ title, step, children }: { title: string; step: number; children: React.ReactNode }) {
  const t = useImportsTexts()
  const narrow = useNarrow()
  return (
    <div className={styles.page}>
      <div>
        <Link to="/imports" className={styles.faint}>
          <ArrowLeftOutlined aria-hidden /> {t('back')}
        </Link>
        <h1 className={styles.title}>{title}</h1>
      </div>
      <nav className={styles.steps} aria-label={t('step.label')}>
        {narrow ? (
          <span className={styles.faint}>
            {step + 1}/{STEPS.length} {t(`step.${STEPS[step] ?? 'file'}`)}
          </span>
        ) : (
          <Steps size="small" current={step} items={STEPS.map((name) => ({ title: t(`step.${name}`) }))} />
        )}
      </nav>
      {children}
    </div>
  )
}
