import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Language = 'zh' | 'en'
export type Theme = 'light' | 'dark' | 'system'

export interface Recent {
  kind: 'deal' | 'account' | 'contact' | 'lead' | 'product'
  id: number
  name: string
  note: string
}

interface Prefs {
  language: Language
  theme: Theme
  dense: boolean
  /** Whose the recent records are: another person on the same computer must not see them. */
  owner: number | null
  recent: Recent[]
  setLanguage(language: Language): void
  setTheme(theme: Theme): void
  setDense(dense: boolean): void
  belongTo(owner: number): void
  remember(item: Recent): void
  /** Who signed out leaves no record behind. */
  forget(): void
}

const RECENT_KEPT = 6

/** Choices of this browser. public/before-paint.js reads them too. */
export const usePrefs = create<Prefs>()(
  persist(
    (set) => ({
      language: /^zh/i.test(navigator.language) ? 'zh' : 'en',
      theme: 'system',
      dense: false,
      owner: null,
      recent: [],
      setLanguage: (language) => set({ language }),
      setTheme: (theme) => set({ theme }),
      setDense: (dense) => set({ dense }),
      belongTo: (owner) => set((now) => (now.owner === owner ? now : { owner, recent: [] })),
      forget: () => set({ owner: null, recent: [] }),
      remember: (item) =>
        set(({ recent }) => ({
          recent: [item, ...recent.filter((r) => r.kind !== item.kind || r.id !== item.id)].slice(
            0,
            RECENT_KEPT,
          ),
        })),
    }),
    { name: 'foresail.prefs' },
  ),
)
