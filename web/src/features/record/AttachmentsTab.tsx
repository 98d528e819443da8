import { DownloadOutlined, PaperClipOutlined, UploadOutlined } from '@ant-design/icons'
import { App, Button, Popconfirm, Progress } from 'antd'
import { type DragEvent, useRef, useState } from 'react'
import { ApiProblem, api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { at, besideOf, type RecordOut, useRefresh } from './data'
import type { Kind } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'
import { readableSize } from './values'

const MOST_BYTES = 25 * 2 ** 20

interface Sending {
  id: number
  name: string
  share: number
}

/** Files kept with a record: dropped or chosen, and always saved to the disk, never opened by the browser here. */
export function AttachmentsTab({ kind, record }: { kind: Kind; record: RecordOut }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const refresh = useRefresh()
  const input = useRef<HTMLInputElement>(null)
  const [sending, setSending] = useState<Sending[]>([])
  const [over, setOver] = useState(false)
  const query = api.useQuery('get', besideOf(kind, 'attachments'), { params: at(kind, record.id) })
  const remove = api.useMutation('delete', '/api/attachments/{attachment}', {
    onSuccess: () => refresh(kind, record.id),
    onError: (error) => message.error(named(asProblem(error))),
  })
  const send = async (files: Iterable<File>) => {
    for (const file of files) {
      if (file.size > MOST_BYTES) {
        message.error(t('files.tooLarge', { name: file.name }))
        continue
      }
      const id = Math.random()
      const tell = (share: number) =>
        setSending((now) => now.map((each) => (each.id === id ? { ...each, share } : each)))
      setSending((now) => [...now, { id, name: file.name, share: 0 }])
      try {
        await upload(`/api/records/${kind}/${record.id}/attachments`, file, tell)
        refresh(kind, record.id)
      } catch (error) {
        message.error(named(asProblem(error)))
      } finally {
        setSending((now) => now.filter((each) => each.id !== id))
      }
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void send(Array.from(event.dataTransfer.files))
  }
  const choose = record.may_change && (
    <Button icon={<UploadOutlined />} onClick={() => input.current?.click()}>
      {t('files.choose')}
    </Button>
  )
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one way, the button is the other
    <div
      className={styles.drop}
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!record.may_change) return
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={record.may_change ? drop : undefined}
    >
      <input
        ref={input}
        type="file"
        multiple
        hidden
        data-testid="file"
        onChange={(event) => {
          void send(Array.from(event.target.files ?? []))
          event.target.value = ''
        }}
      />
      <Loaded query={query}>
        {(files) =>
          files.length === 0 && sending.length === 0 ? (
            <Empty why={t(record.may_change ? 'files.none' : 'files.noneReading')} action={choose} />
          ) : (
            <>
              {choose && (
                <div className={styles.bar}>
                  {choose}
                  <small>{t('files.hint')}</small>
                </div>
              )}
              <ul className={styles.files}>
                {sending.map(({ id, name, share }) => (
                  <li key={id}>
                    <PaperClipOutlined aria-hidden />
                    <span className={styles.fileName}>{name}</span>
                    <Progress
                      percent={Math.round(share * 100)}
                      size="small"
                      aria-label={t('files.sending', { name })}
                    />
                  </li>
                ))}
                {files.map((file) => (
                  <FileRow
                    key={file.id}
                    file={file}
                    when={f.moment(file.created_at)}
                    actions={
                      record.may_change && (
                        <Popconfirm
                          title={t('files.deleteSure', { name: file.name })}
                          okText={t('delete.ok')}
                          cancelText={shared('cancel')}
                          onConfirm={() => remove.mutate({ params: { path: { attachment: file.id } } })}
                        >
                          <Button size="small" type="text">
                            {t('delete.ok')}
                          </Button>
                        </Popconfirm>
                      )
                    }
                  />
                ))}
              </ul>
            </>
          )
        }
      </Loaded>
    </div>
  )
}

function FileRow({
  file,
  when,
  actions,
}: {
  file: Schemas['AttachmentOut']
  when: string
  actions: React.ReactNode
}) {
  const t = useRecordTexts()
  return (
    <li>
      <PaperClipOutlined aria-hidden />
      <a
        className={styles.fileName}
        href={`/api/attachments/${file.id}`}
        download={file.name}
        title={t('files.digest', { sha256: file.sha256 })}
      >
        {file.name} <DownloadOutlined aria-hidden />
      </a>
      <span className={styles.fileMeta}>
        {[readableSize(file.size), file.author?.name, when].filter(Boolean).join(' · ')}
      </span>
      {actions}
    </li>
  )
}

/** Send a file, and tell how much of it is there. Throws ApiProblem. fetch does not tell how far it is. */
function upload(path: string, file: File, tell: (share: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', path)
    const token = /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1]
    if (token) request.setRequestHeader('X-CSRFToken', decodeURIComponent(token))
    request.upload.onprogress = ({ loaded, total }) => tell(total ? loaded / total : 0)
    request.onload = () => {
      if (request.status < 300) return resolve()
      let told = {}
      try {
        told = JSON.parse(request.responseText)
      } catch {
        // Something in between answered; the status is all there is.
      }
      reject(new ApiProblem(request.status, told))
    }
    request.onerror = () =>
      reject(
        new ApiProblem(0, {
          code: 'offline',
          zh: '连不上服务器，请检查网络后重试。',
          en: 'The server cannot be reached. Check the network and try again.',
        }),
      )
    const form = new FormData()
    form.append('file', file)
    request.send(form)
  })
}
