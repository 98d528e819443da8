import { Button } from 'antd'
import { type FormEvent, useState } from 'react'
import { useNamed } from '@/shared/i18n'
import { useSharedTexts } from '@/shared/texts'
import styles from './Board.module.css'
import { FieldInput } from './FieldInput'
import type { Shown } from './fields'
import type { Names } from './names'
import { useRecordsTexts } from './texts'
import type { Asks } from './useMove'

/** Asks only for what the stage needs and the deal lacks. */
export default function StageAsk({
  asks,
  names,
  answer,
  giveUp,
}: {
  asks: Asks
  names: Names
  answer: (values: Record<string, Shown>) => Promise<void>
  giveUp: () => void
}) {
  const t = useRecordsTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const [values, setValues] = useState<Record<string, Shown>>({})
  const [busy, setBusy] = useState(false)
  const ready = asks.fields.every(({ key }) => values[key] != null && values[key] !== '')
  async function send(event: FormEvent) {
    event.preventDefault()
    if (!ready) return
    setBusy(true)
    await answer(values)
    setBusy(false)
  }
  return (
    <form
      className={styles.asks}
      onSubmit={(event) => void send(event)}
      onKeyDown={(event) => event.key === 'Escape' && giveUp()}
    >
      <p>{t('board.asks', { stage: named(asks.stage) })}</p>
      {asks.fields.map((field) => (
        <div key={field.key} className={styles.ask}>
          <span aria-hidden>{named(field)}</span>
          <FieldInput
            field={field}
            value={values[field.key] ?? null}
            names={names}
            label={named(field)}
            onChange={(value) => setValues((now) => ({ ...now, [field.key]: value }))}
          />
        </div>
      ))}
      {asks.refused && (
        <p role="alert" className={styles.refused}>
          {asks.refused}
        </p>
      )}
      <div className={styles.buttons}>
        <Button size="small" onClick={giveUp}>
          {shared('cancel')}
        </Button>
        <Button size="small" type="primary" htmlType="submit" disabled={!ready} loading={busy}>
          {t('board.go')}
        </Button>
      </div>
    </form>
  )
}
