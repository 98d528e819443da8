import { Input, Modal } from 'antd'
import { useState } from 'react'
import { useSuggestionTexts } from './texts'

/** Another reason why not, in one's own words. */
export default function OtherDialog({
  dismiss,
  close,
}: {
  dismiss: (text: string) => void
  close: () => void
}) {
  const t = useSuggestionTexts()
  const [text, setText] = useState('')
  return (
    <Modal
      open
      width={400}
      title={t('otherTitle')}
      okText={t('dismiss')}
      okButtonProps={{ disabled: !text.trim() }}
      onOk={() => {
        close()
        dismiss(text)
      }}
      onCancel={close}
    >
      <Input
        autoFocus
        maxLength={300}
        value={text}
        aria-label={t('otherTitle')}
        placeholder={t('otherHint')}
        onChange={(event) => setText(event.target.value)}
      />
    </Modal>
  )
}
