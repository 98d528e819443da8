import { App, Button, Input, Popconfirm } from 'antd'
import { useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { at, besideOf, type RecordOut, useRefresh } from './data'
import type { Kind } from './kinds'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

type Note = Schemas['NoteOut']
const LONGEST = 10_000

/** What people wrote down about a record, newest first. Ctrl-Enter keeps what is typed. */
export function NotesTab({ kind, record }: { kind: Kind; record: RecordOut }) {
  const t = useRecordTexts()
  const refresh = useRefresh()
  const { message } = App.useApp()
  const named = useNamed()
  const [text, setText] = useState('')
  const query = api.useQuery('get', besideOf(kind, 'notes'), { params: at(kind, record.id) })
  const add = api.useMutation('post', besideOf(kind, 'notes'), {
    onSuccess: () => {
      setText('')
      refresh(kind, record.id)
    },
    onError: (error) => message.error(named(asProblem(error))),
  })
  const send = () => {
    if (text.trim() && !add.isPending)
      add.mutate({ params: at(kind, record.id), body: { text: text.trim() } })
  }
  return (
    <div className={styles.stack}>
      {record.may_change && (
        <div className={styles.write}>
          <Input.TextArea
            value={text}
            maxLength={LONGEST}
            autoSize={{ minRows: 2, maxRows: 10 }}
            aria-label={t('notes.write')}
            placeholder={t('notes.hint')}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault()
                event.stopPropagation()
                send()
              }
            }}
          />
          {text.trim() && (
            <Button type="primary" loading={add.isPending} onClick={send}>
              {t('notes.add')}
            </Button>
          )}
        </div>
      )}
      <Loaded query={query}>
        {(notes) =>
          notes.length === 0 ? (
            <Empty why={t(record.may_change ? 'notes.none' : 'notes.noneReading')} />
          ) : (
            <ul className={styles.notes}>
              {notes.map((note) => (
                <NoteRow
                  key={note.id}
                  note={note}
                  editable={note.mine && record.may_change}
                  onDone={() => refresh(kind, record.id)}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  )
}

function NoteRow({ note, editable, onDone }: { note: Note; editable: boolean; onDone: () => void }) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const [draft, setDraft] = useState<string | null>(null)
  const options = {
    onSuccess: () => {
      setDraft(null)
      onDone()
    },
    onError: (error: unknown) => void message.error(named(asProblem(error))),
  }
  const change = api.useMutation('patch', '/api/notes/{note}', options)
  const remove = api.useMutation('delete', '/api/notes/{note}', options)
  const params = { path: { note: note.id } }
  return (
    <li className={styles.note}>
      <div className={styles.noteHead}>
        <strong>{note.author.name}</strong>
        <time dateTime={note.created_at} title={f.full(note.created_at)}>
          {f.moment(note.created_at)}
        </time>
        {note.changed_at && <span title={f.full(note.changed_at)}>{t('notes.changed')}</span>}
        {editable && draft === null && (
          <span className={styles.noteActions}>
            <Button size="small" type="text" onClick={() => setDraft(note.text)}>
              {t('notes.edit')}
            </Button>
            <Popconfirm
              title={t('notes.deleteSure')}
              okText={t('delete.ok')}
              cancelText={shared('cancel')}
              onConfirm={() => remove.mutate({ params })}
            >
              <Button size="small" type="text" loading={remove.isPending}>
                {t('delete.ok')}
              </Button>
            </Popconfirm>
          </span>
        )}
      </div>
      {draft === null ? (
        <p className={styles.lines}>{note.text}</p>
      ) : (
        <div className={styles.write}>
          <Input.TextArea
            autoFocus
            value={draft}
            maxLength={LONGEST}
            autoSize={{ minRows: 2, maxRows: 10 }}
            aria-label={t('notes.write')}
            onChange={(event) => setDraft(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Escape') return
              event.stopPropagation()
              setDraft(null)
            }}
          />
          <span className={styles.buttons}>
            <Button onClick={() => setDraft(null)}>{shared('cancel')}</Button>
            <Button
              type="primary"
              loading={change.isPending}
              disabled={!draft.trim()}
              onClick={() => change.mutate({ params, body: { text: draft.trim() } })}
            >
              {shared('save')}
            </Button>
          </span>
        </div>
      )}
    </li>
  )
}
