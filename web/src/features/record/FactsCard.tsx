import { CheckOutlined, CloseOutlined, EditOutlined, LockOutlined } from '@ant-design/icons'
import { Button, Collapse, Modal, Tooltip } from 'antd'
import { type KeyboardEvent, lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { type Conflict, type FieldOut, type RecordOut, useChangeField } from './data'
import type { Kind } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { ValueText } from './ValueText'
import { type Shown, same } from './values'

const Editor = lazy(() => import('./Editor').then(({ Editor }) => ({ default: Editor })))

/** What Foresail itself notes: shown folded, below. */
const KEPT = new Set(['created_at', 'created_by', 'changed_at', 'team', 'line', 'owner'])
/** Shown in the header. */
const ABOVE = new Set(['name'])

/** What is known of a record, field by field; a value becomes its editor where it is touched. */
export function FactsCard({
  kind,
  record,
  fields,
  except,
}: {
  kind: Kind
  record: RecordOut
  fields: FieldOut[]
  except?: ReadonlySet<string>
}) {
  const t = useRecordTexts()
  const [conflict, setConflict] = useState<Conflict | null>(null)
  const change = useChangeField(kind, record.id, setConflict)
  const currency = typeof record.values.currency === 'string' ? record.values.currency : undefined
  const shown = fields.filter(({ key }) => key in record.values && !except?.has(key))
  const editable = (field: FieldOut) =>
    record.may_change && field.changeable && !record.locked.includes(field.key)
  const row = (field: FieldOut) => (
    <Fact
      key={field.key}
      field={field}
      value={record.values[field.key] ?? null}
      editable={editable(field)}
      locked={record.may_change && record.locked.includes(field.key)}
      currency={currency}
      onSave={(mine, known) => change(field, mine, known)}
    />
  )
  const main = shown.filter(
    (field) =>
      !KEPT.has(field.key) &&
      (!ABOVE.has(field.key) || editable(field)) &&
      (field.changeable || !isEmpty(record.values[field.key])),
  )
  const kept = shown.filter(({ key }) => KEPT.has(key) && !(kind === 'product' && key === 'line'))
  return (
    <section className={styles.card} aria-labelledby={`facts-${kind}-${record.id}`}>
      <header className={styles.cardHead}>
        <h2 id={`facts-${kind}-${record.id}`}>{t('facts')}</h2>
      </header>
      <dl className={styles.facts}>
        {main.map(row)}
        {kind === 'product' && shown.filter(({ key }) => key === 'line').map(row)}
      </dl>
      <Collapse
        ghost
        size="small"
        className={styles.fold}
        items={[
          { key: 'kept', label: t('kept'), children: <dl className={styles.facts}>{kept.map(row)}</dl> },
        ]}
      />
      {conflict && (
        <ConflictDialog
          conflict={conflict}
          currency={currency}
          onClose={() => setConflict(null)}
          onMine={() => {
            setConflict(null)
            void change(conflict.field, conflict.mine, conflict.theirs)
          }}
        />
      )}
    </section>
  )
}

const isEmpty = (value: Shown | undefined) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

function Fact({
  field,
  value,
  editable,
  locked,
  currency,
  onSave,
}: {
  field: FieldOut
  value: Shown
  editable: boolean
  locked: boolean
  currency?: string
  onSave: (mine: Shown, known: Shown) => Promise<boolean>
}) {
  const t = useRecordTexts()
  const named = useNamed()
  const shared = useSharedTexts()
  const [open, setOpen] = useState(false)
  const [mine, setMine] = useState<Shown | undefined>(value)
  // What the editor began from: what others do meanwhile is not overwritten.
  const [known, setKnown] = useState<Shown>(value)
  const button = useRef<HTMLButtonElement>(null)
  const [wasOpen, setWasOpen] = useState(false)
  useEffect(() => {
    if (!open && wasOpen) button.current?.focus({ preventScroll: true })
    setWasOpen(open)
  }, [open, wasOpen])

  const begin = () => {
    setMine(value)
    setKnown(value)
    setOpen(true)
  }
  const save = useCallback(
    (wanted: Shown | undefined) => {
      if (wanted === undefined) return
      if (field.required && isEmpty(wanted)) return
      setOpen(false)
      if (!same(wanted, known)) void onSave(wanted, known)
    },
    [field.required, known, onSave],
  )
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return
    if (event.key === 'Enter') {
      event.preventDefault()
      save(mine)
    } else if (event.key === 'Escape') {
      event.stopPropagation()
      event.nativeEvent.stopImmediatePropagation()
      setOpen(false)
    }
  }
  const label = named(field)
  const missing = field.required && mine !== undefined && isEmpty(mine)
  return (
    <div className={styles.fact} data-editing={open || undefined}>
      <dt>
        {label}
        {locked && (
          <Tooltip title={t('locked')}>
            <LockOutlined className={styles.lock} aria-label={t('locked')} />
          </Tooltip>
        )}
      </dt>
      <dd>
        {open ? (
          // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the editor within
          <div className={styles.editor} onKeyDown={(event) => event.key === 'Escape' && onKeyDown(event)}>
            <Suspense fallback={<span className={styles.editorWait} />}>
              <Editor
                field={field}
                value={mine ?? null}
                currency={currency}
                autoFocus
                onKeyDown={onKeyDown}
                onChange={(wanted, final) => {
                  setMine(wanted)
                  if (final) save(wanted)
                }}
              />
            </Suspense>
            {missing && <small className={styles.wrong}>{t('needed', { label })}</small>}
            <span className={styles.editorButtons}>
              <Button
                size="small"
                type="primary"
                icon={<CheckOutlined />}
                aria-label={shared('save')}
                disabled={mine === undefined || missing}
                onClick={() => save(mine)}
              />
              <Button
                size="small"
                icon={<CloseOutlined />}
                aria-label={shared('cancel')}
                onClick={() => setOpen(false)}
              />
            </span>
          </div>
        ) : editable ? (
          <span className={styles.editable}>
            <ValueText field={field} value={value} currency={currency} />
            <button
              ref={button}
              type="button"
              className={styles.pencil}
              aria-label={t('edit', { label })}
              onClick={begin}
            >
              <EditOutlined aria-hidden />
            </button>
          </span>
        ) : (
          <ValueText field={field} value={value} currency={currency} />
        )}
      </dd>
    </div>
  )
}

/** Two people changed the same field: who was slower sees both, and decides. */
function ConflictDialog({
  conflict,
  currency,
  onClose,
  onMine,
}: {
  conflict: Conflict
  currency?: string
  onClose: () => void
  onMine: () => void
}) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const label = named(conflict.field)
  return (
    <Modal
      open
      title={t('conflict.title', { label })}
      okText={t('conflict.mine')}
      cancelText={t('conflict.theirs')}
      onOk={onMine}
      onCancel={onClose}
      width={480}
    >
      <p className={styles.lead}>
        {t('conflict.told', {
          who: conflict.who || t('conflict.somebody'),
          when: conflict.when ? f.relative(conflict.when) : '',
          label,
        })}
      </p>
      <dl className={styles.versus}>
        <div>
          <dt>{t('conflict.theirsIs', { who: conflict.who || t('conflict.somebody') })}</dt>
          <dd>
            <ValueText field={conflict.field} value={conflict.theirs} currency={currency} linked={false} />
          </dd>
        </div>
        <div>
          <dt>{t('conflict.mineIs')}</dt>
          <dd>
            <ValueText field={conflict.field} value={conflict.mine} currency={currency} linked={false} />
          </dd>
        </div>
      </dl>
    </Modal>
  )
}
