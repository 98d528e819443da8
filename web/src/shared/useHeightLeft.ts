import { type RefObject, useLayoutEffect, useState } from 'react'

const HEAD = 40
const LEAST_HEIGHT = 280
const MARGIN = 16

/** How much of the window is left below the head of a table; `margin` pixels stay free at the end. */
export function useHeightLeft(box: RefObject<HTMLElement | null>, margin = MARGIN): number {
  const [height, setHeight] = useState(LEAST_HEIGHT)
  useLayoutEffect(() => {
    const measure = () => {
      const top = (box.current?.getBoundingClientRect().top ?? 0) + scrollY
      setHeight(Math.max(LEAST_HEIGHT, Math.floor(innerHeight - top - HEAD - margin - 2)))
    }
    measure()
    // Filters may wrap, and a bar may appear above.
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    if (box.current?.parentElement) observer.observe(box.current.parentElement)
    addEventListener('resize', measure)
    return () => {
      observer.disconnect()
      removeEventListener('resize', measure)
    }
  }, [box, margin])
  return height
}
