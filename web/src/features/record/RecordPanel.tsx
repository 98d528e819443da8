import { useEffect, useRef } from 'react'
import { useNavigate } from 'react-router'
import { type Kind, pathOf } from './kinds'
import styles from './Record.module.css'
import { RecordView } from './RecordView'
import { useRecordTexts } from './texts'

/**
 * A record beside the list that it was opened from. Esc closes, Ctrl-Enter opens the page; other keys are the list's:
 * J and K walk on while the panel follows. On a phone it covers the list.
 */
export function RecordPanel({ kind, id, onClose }: { kind: Kind; id: number; onClose: () => void }) {
  const t = useRecordTexts()
  const navigate = useNavigate()
  const latest = useRef(onClose)
  latest.current = onClose
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.isComposing || event.defaultPrevented || coveredByPopup()) return
      if (event.key === 'Escape') latest.current()
      else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault()
        void navigate(pathOf(kind, id))
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [kind, id, navigate])
  return (
    <aside className={styles.panel} aria-label={t('panel', { kind: t(`kind.${kind}`) })}>
      <RecordView key={`${kind}-${id}`} kind={kind} id={id} surface="panel" onClose={onClose} />
    </aside>
  )
}

/** Whether a dialog, or something else that Esc closes first, is open. */
const coveredByPopup = () =>
  document.querySelector(
    '[role="dialog"], .ant-select-dropdown:not(.ant-select-dropdown-hidden), .ant-picker-dropdown:not(.ant-picker-dropdown-hidden), .ant-dropdown:not(.ant-dropdown-hidden)',
  ) !== null
