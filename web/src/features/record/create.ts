import { useCallback } from 'react'
import { create } from 'zustand'
import type { Kind } from './kinds'
import type { Reference, Shown } from './values'

export type Creatable = Kind | 'task'

/** What the form begins with. */
export interface Preset {
  account?: Reference
  /** What a task is for. */
  record?: Reference & { kind: Kind }
  values?: Record<string, Shown>
}

interface Asked {
  kind: Creatable
  preset: Preset
}

/** Which form for something new is open: asked for by buttons, the key C and the palette, shown by the shell. */
export const useCreating = create<{ asked: Asked | null; ask: (asked: Asked | null) => void }>()((set) => ({
  asked: null,
  ask: (asked) => set({ asked }),
}))

/** Open the form for something new: `create('deal', { account })`. */
export function useCreate(): (kind: Creatable, preset?: Preset) => void {
  const ask = useCreating((state) => state.ask)
  return useCallback((kind, preset = {}) => ask({ kind, preset }), [ask])
}
