import { ArrowDownOutlined, ArrowUpOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useId, useRef } from 'react'
import own from './Shaping.module.css'
import { useShapingTexts } from './texts'

/** Two buttons that move something up or down. The keyboard stays on the one that was pressed, or at the edge on the other. */
export function Reorder({
  name,
  place,
  of,
  move,
}: {
  name: string
  place: number
  of: number
  move: (step: 1 | -1) => void
}) {
  const t = useShapingTexts()
  const id = useId()
  const pressed = useRef<'up' | 'down' | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the browser drops the focus where the place changes
  useEffect(() => {
    if (!pressed.current) return
    const again = document.getElementById(`${id}${pressed.current}`) as HTMLButtonElement | null
    const other = document.getElementById(`${id}${pressed.current === 'up' ? 'down' : 'up'}`)
    const wanted = again?.disabled ? other : again
    wanted?.focus()
    pressed.current = null
  }, [place])
  const press = (way: 'up' | 'down') => {
    pressed.current = way
    move(way === 'up' ? -1 : 1)
  }
  return (
    <span className={own.reorder}>
      <Button
        id={`${id}up`}
        size="small"
        type="text"
        icon={<ArrowUpOutlined aria-hidden />}
        aria-label={t('up', { name })}
        disabled={place === 0}
        onClick={() => press('up')}
      />
      <Button
        id={`${id}down`}
        size="small"
        type="text"
        icon={<ArrowDownOutlined aria-hidden />}
        aria-label={t('down', { name })}
        disabled={place === of - 1}
        onClick={() => press('down')}
      />
    </span>
  )
}
