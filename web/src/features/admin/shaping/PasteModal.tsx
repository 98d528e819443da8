import { Input, Modal } from 'antd'
import { useMemo, useState } from 'react'
import { client } from '@/shared/api'
import { useSharedTexts } from '@/shared/texts'
import { useSend } from './data'
import { readRates } from './rates'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

const TOLD = 5

/** Rates as they come from a spreadsheet or a CSV: what was read, and which lines were not, before anything is kept. */
export function PasteModal({ house, onClose }: { house: string; onClose: () => void }) {
  const t = useShapingTexts()
  const shared = useSharedTexts()
  const send = useSend()
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)
  const { rates, wrong } = useMemo(() => readRates(text, house), [text, house])
  async function save() {
    setBusy(true)
    const done = await send(() => client.PUT('/api/currency-rates', { body: { rates } }), shared('saved'))
    setBusy(false)
    if (done) onClose()
  }
  return (
    <Modal
      open
      title={t('currencies.paste')}
      okText={t('currencies.pasteSave', { count: rates.length })}
      okButtonProps={{ disabled: rates.length === 0 || wrong.length > 0 }}
      cancelText={shared('cancel')}
      confirmLoading={busy}
      onCancel={onClose}
      onOk={() => void save()}
    >
      <p className={own.hint}>{t('currencies.pasteAbout', { house })}</p>
      <Input.TextArea
        autoFocus
        rows={8}
        aria-label={t('currencies.pasteLabel')}
        placeholder={'USD,2026-01-01,7.12\nEUR,2026-01-01,7.85'}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div aria-live="polite">
        {rates.length > 0 && <p className={own.good}>{t('currencies.pasteGood', { count: rates.length })}</p>}
        {wrong.length > 0 && (
          <ul className={own.wrong}>
            {wrong.slice(0, TOLD).map(({ line, why }) => (
              <li key={line}>{t('currencies.pasteBad', { line, why: t(`currencies.why.${why}`) })}</li>
            ))}
            {wrong.length > TOLD && <li>{t('currencies.pasteMore', { count: wrong.length - TOLD })}</li>}
          </ul>
        )}
      </div>
    </Modal>
  )
}
