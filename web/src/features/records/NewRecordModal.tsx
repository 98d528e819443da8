import { Modal, Select } from 'antd'
import { useState } from 'react'
import { asProblem, client } from '@/shared/api'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import { listPath, useRefetch } from './data'
import { FieldInput } from './FieldInput'
import { type Field, type Fields, isReference, plainOf, type Row, type Shown } from './fields'
import type { Kind, KindKey } from './kinds'
import type { Names } from './names'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

/** What is asked for when a record begins, beside what is required anyway. */
const ASKED: Record<KindKey, readonly string[]> = {
  deal: ['name', 'account', 'amount', 'expected_close_on', 'next_step'],
  account: ['name', 'industry', 'region', 'phone', 'domain'],
  contact: ['name', 'account', 'title', 'phone', 'email'],
  lead: ['name', 'company', 'phone', 'email', 'source'],
  product: ['name', 'code', 'line', 'price', 'unit'],
}
/** Sent beside the values, because they say where the record belongs. */
const BESIDE = new Set(['account', 'pipeline', 'line'])
/** Has what is usual, so that nobody needs to be asked. */
const USUAL = new Set(['currency', 'active'])

/** Begin a record with what matters most; the rest is filled in on its page. */
export default function NewRecordModal({
  kind,
  fields,
  names,
  close,
  made,
}: {
  kind: Kind
  fields: Fields
  names: Names
  close: () => void
  made: (row: Row) => void
}) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const refetch = useRefetch(kind.key)
  const [values, setValues] = useState<Record<string, Shown>>({})
  const [wrong, setWrong] = useState<Record<string, string>>({})
  const [refused, setRefused] = useState('')
  const [busy, setBusy] = useState(false)
  const [pipeline, setPipeline] = useState(names.pipelines[0]?.id)
  const lines = names.optionsOf('line')
  const [line, setLine] = useState<number>()
  const shown = [...fields.values()]
    .filter(
      (field) =>
        ASKED[kind.key].includes(field.key) || (field.required && field.changeable && !USUAL.has(field.key)),
    )
    .toSorted((one, other) => place(kind.key, one) - place(kind.key, other))
  const needed = (field: Field) => field.required || (field.key === 'account' && kind.key !== 'lead')
  const ready = shown.every((field) => !needed(field) || values[field.key])

  async function save() {
    setBusy(true)
    setRefused('')
    const own = Object.entries(values).filter(
      ([key, value]) => value !== null && (!BESIDE.has(key) || (kind.key === 'product' && key === 'line')),
    )
    try {
      const { data } = await client.POST(listPath(kind.key), {
        body: {
          values: Object.fromEntries(own.map(([key, value]) => [key, plainOf(value) as never])),
          account: isReference(values.account) ? values.account.id : undefined,
          pipeline: kind.key === 'deal' ? pipeline : undefined,
          line,
          facts: {},
        },
      })
      if (data) {
        refetch()
        made(data)
      }
    } catch (error) {
      const problem = asProblem(error)
      setWrong(problem.fields)
      setRefused(named(problem))
    } finally {
      setBusy(false)
    }
  }
  return (
    <Modal
      open
      width={460}
      title={t(`new.${kind.key}`)}
      okText={t('new.ok')}
      okButtonProps={{ disabled: !ready }}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onCancel={close}
      onOk={() => void save()}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (ready && !busy) void save()
        }}
      >
        {kind.key === 'deal' && names.pipelines.length > 1 && (
          <>
            <span>{t('board.pipeline')}</span>
            <Select
              aria-label={t('board.pipeline')}
              value={pipeline}
              options={names.optionsOf('pipeline')}
              onChange={setPipeline}
            />
          </>
        )}
        {(kind.key === 'account' || kind.key === 'lead') && lines.length > 1 && (
          <>
            <span>{t('new.line')}</span>
            <Select
              allowClear
              aria-label={t('new.line')}
              placeholder={t('new.ownLine')}
              value={line}
              options={lines}
              onChange={setLine}
            />
          </>
        )}
        {shown.map((field) => (
          <NewField key={field.key} field={field} needed={needed(field)}>
            <FieldInput
              field={{ ...field, required: needed(field) }}
              value={values[field.key] ?? null}
              names={names}
              label={named(field)}
              autoFocus={field.key === 'name'}
              status={wrong[field.key] ? 'error' : ''}
              onChange={(value) => setValues((now) => ({ ...now, [field.key]: value }))}
            />
          </NewField>
        ))}
        <button type="submit" hidden aria-hidden tabIndex={-1} />
      </form>
      {refused && (
        <div role="alert" className={styles.wrong}>
          {refused}
        </div>
      )}
    </Modal>
  )
}

function place(kind: KindKey, field: Field): number {
  const at = ASKED[kind].indexOf(field.key)
  return at < 0 ? 99 : at
}

function NewField({ field, needed, children }: { field: Field; needed: boolean; children: React.ReactNode }) {
  const named = useNamed()
  return (
    <>
      <span aria-hidden>
        {named(field)}
        {needed && <span className={styles.star}>*</span>}
      </span>
      {children}
    </>
  )
}
