/** `list` with the entry at `place` moved by `step`; the same where there is no such place. */
export function moved<T>(list: readonly T[], place: number, step: 1 | -1): T[] {
  const next = [...list]
  const [one] = next.splice(place, 1)
  if (one === undefined || place + step < 0 || place + step > next.length) return [...list]
  next.splice(place + step, 0, one)
  return next
}

/** A key made of an English name: "Contract value (CNY)" is contract_value_cny. Empty where no letter is in it. */
export function keyOf(name: string, taken: readonly string[] = []): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 36)
  if (!plain || !taken.includes(plain)) return plain
  let number = 2
  while (taken.includes(`${plain}_${number}`)) number += 1
  return `${plain}_${number}`
}

/** Keys for choices that have none yet: of their English names, else numbered. Those that are there stay. */
export function withKeys<T extends { key?: string; en: string }>(
  choices: readonly T[],
): (T & { key: string })[] {
  const taken = choices.flatMap(({ key }) => key ?? [])
  return choices.map((choice, place) => {
    if (choice.key) return { ...choice, key: choice.key }
    const key = keyOf(choice.en, taken) || keyOf(`choice ${place + 1}`, taken)
    taken.push(key)
    return { ...choice, key }
  })
}
