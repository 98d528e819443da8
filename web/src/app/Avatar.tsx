import { lazy, Suspense, useState } from 'react'
import type { Me } from '@/shared/me'
import styles from './PersonMenu.module.css'
import { useShellTexts } from './texts'

const load = () => import('./PersonMenu')
const PersonMenu = lazy(load)

export function Avatar({ me, onKeys }: { me: Me; onKeys: () => void }) {
  const t = useShellTexts()
  const [wanted, setWanted] = useState(false)
  const button = (
    <button
      type="button"
      className={styles.avatar}
      aria-label={`${t('person.menu')}: ${me.name}`}
      aria-haspopup="menu"
      onPointerEnter={() => void load()}
      onFocus={() => void load()}
      onClick={() => setWanted(true)}
    >
      {initialsOf(me.name)}
    </button>
  )
  if (!wanted) return button
  return (
    <Suspense fallback={button}>
      <PersonMenu me={me} onKeys={onKeys}>
        {button}
      </PersonMenu>
    </Suspense>
  )
}

/** 王 for 王磊, JS for Jane Smith. */
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/)
  const shown = /^\p{Script=Latin}/u.test(name) && words.length > 1 ? [words[0], words.at(-1)] : [words[0]]
  return shown.map((word) => [...(word ?? '')][0] ?? '').join('')
}
