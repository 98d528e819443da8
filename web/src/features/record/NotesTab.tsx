import { App, Button, Popconfirm } from 'antd'
import { useState } from 'react'
import { api, asProblem, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { useMe } from '@/shared/me'
import { Empty, Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { at, besideOf, type RecordOut, useRefresh } from './data'
import type { Kind } from './kinds'
import { type Draft, draftOf, EMPTY, keptText, piecesOf } from './mentions'
import { NoteInput } from './NoteInput'
import styles from './Record.module.css'
import { useRecordTexts } from './texts'

type Note = Schemas['NoteOut']

/** What people wrote down about a record, newest first. Ctrl-Enter keeps what is typed. */
export function NotesTab({ kind, record }: { kind: Kind; record: RecordOut }) {
  const t = useRecordTexts()
  const refresh = useRefresh()
  const { message } = App.useApp()
  const named = useNamed()
  const [draft, setDraft] = useState(EMPTY)
  const query = api.useQuery('get', besideOf(kind, 'notes'), { params: at(kind, record.id) })
  const add = api.useMutation('post', besideOf(kind, 'notes'), {
    onSuccess: () => {
      setDraft(EMPTY)
      refresh(kind, record.id)
    },
    onError: (error) => message.error(named(asProblem(error))),
  })
  const send = () => {
    const text = keptText(draft)
    if (text && !add.isPending) add.mutate({ params: at(kind, record.id), body: { text } })
  }
  return (
    <div className={styles.stack}>
      {record.may_change && (
        <div className={styles.write}>
          <NoteInput
            kind={kind}
            id={record.id}
            draft={draft}
            placeholder={t('notes.hint')}
            onChange={setDraft}
            onSend={send}
          />
          {draft.text.trim() && (
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
                  kind={kind}
                  id={record.id}
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

function NoteRow({
  kind,
  id,
  note,
  editable,
  onDone,
}: {
  kind: Kind
  id: number
  note: Note
  editable: boolean
  onDone: () => void
}) {
  const t = useRecordTexts()
  const f = useFormat()
  const named = useNamed()
  const shared = useSharedTexts()
  const { message } = App.useApp()
  const [draft, setDraft] = useState<Draft | null>(null)
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
  const save = () => {
    const text = draft ? keptText(draft) : ''
    if (text && !change.isPending) change.mutate({ params, body: { text } })
  }
  const unseeing = note.mine ? note.mentions.filter(({ sees }) => !sees) : []
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
            <Button size="small" type="text" onClick={() => setDraft(draftOf(note))}>
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
        <>
          <NoteText note={note} />
          {unseeing.length > 0 && (
            <p className={styles.unseeing}>
              {t('notes.unseeing', {
                names: unseeing.map(({ name }) => name).join(t('notes.and')),
                kind: t(`kind.${kind}`),
                count: unseeing.length,
              })}
            </p>
          )}
        </>
      ) : (
        <div className={styles.write}>
          <NoteInput
            autoFocus
            kind={kind}
            id={id}
            draft={draft}
            onChange={(change) => setDraft((was) => was && change(was))}
            onSend={save}
            onEscape={() => setDraft(null)}
          />
          <span className={styles.buttons}>
            <Button onClick={() => setDraft(null)}>{shared('cancel')}</Button>
            <Button type="primary" loading={change.isPending} disabled={!draft.text.trim()} onClick={save}>
              {shared('save')}
            </Button>
          </span>
        </div>
      )}
    </li>
  )
}

/** What a note says; who is named there, as they are called now. */
function NoteText({ note }: { note: Note }) {
  const me = useMe().data?.id
  return (
    <p className={styles.lines}>
      {piecesOf(note).map((piece, place) =>
        typeof piece === 'string' ? (
          piece
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same person may be named twice.
          <span key={place} className={styles.mention} data-me={piece.id === me || undefined}>
            @{piece.name}
          </span>
        ),
      )}
    </p>
  )
}
