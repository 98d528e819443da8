/** Which of `count` things of one height are near what is seen: the first, and behind the last. */
export function windowOf(
  count: number,
  { top, height, each, spare = 6 }: { top: number; height: number; each: number; spare?: number },
): [first: number, end: number] {
  const first = Math.max(0, Math.floor(top / each) - spare)
  return [Math.min(first, count), Math.min(count, Math.ceil((top + height) / each) + spare)]
}
