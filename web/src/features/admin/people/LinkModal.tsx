import { App, Button, Input, type InputRef, Modal } from 'antd'
import { useRef } from 'react'
import type { Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useSharedTexts } from '@/shared/texts'
import { useAdminTexts } from '../texts'
import own from './People.module.css'

/** A link to choose a password by, shown this once. Behind the # it reaches no server and no log on its way. */
export function LinkModal({
  made,
  invited = false,
  onClose,
}: {
  made: Schemas['PersonWithLink']
  invited?: boolean
  onClose: () => void
}) {
  const t = useAdminTexts()
  const shared = useSharedTexts()
  const format = useFormat()
  const { message } = App.useApp()
  const field = useRef<InputRef>(null)
  const address = `${location.origin}/welcome#${made.link.token}`
  const name = made.person.name
  async function copy() {
    field.current?.select()
    // Without https the browser has no clipboard to write to; what is selected can still be copied.
    if (navigator.clipboard) await navigator.clipboard.writeText(address)
    else document.execCommand('copy')
    void message.success(shared('copied'))
  }
  return (
    <Modal
      open
      title={t(invited ? 'link.invited' : 'link.title', { name })}
      width={520}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <Button type="primary" onClick={onClose}>
          {t('link.done')}
        </Button>
      }
    >
      <p className={own.text}>{t('link.what')}</p>
      <div className={own.address}>
        <Input ref={field} readOnly aria-label={t('link.address')} value={address} />
        <Button onClick={() => void copy()}>{shared('copy')}</Button>
      </div>
      <p>{t('link.until', { when: format.full(made.link.ends_at) })}</p>
      <p className={own.hint}>{t('link.once')}</p>
    </Modal>
  )
}
