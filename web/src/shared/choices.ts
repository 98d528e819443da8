import type { Schemas } from './api'

type Choice = Schemas['ChoiceOut']

/** What may be chosen: choices out of use only where they are chosen already. */
export function choosable(choices: readonly Choice[], value: unknown): Choice[] {
  const kept = Array.isArray(value) ? value : [value]
  return choices.filter(({ key, retired }) => !retired || kept.includes(key))
}
