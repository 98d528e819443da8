import { CopyOutlined } from '@ant-design/icons'
import { App, Button } from 'antd'

/** Puts `text` where it can be pasted from. */
export function CopyButton({ text, label, done }: { text: string; label: string; done: string }) {
  const { message } = App.useApp()
  return (
    <Button
      icon={<CopyOutlined aria-hidden />}
      onClick={() => void copy(text).then((worked) => worked && void message.success(done))}
    >
      {label}
    </Button>
  )
}

/** Without TLS a browser has no clipboard for pages; then the text stays selected for the hand. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
