import { SearchOutlined } from '@ant-design/icons'
import { Input } from 'antd'
import { useEffect, useState } from 'react'
import { useDebounced } from '@/shared/useDebounced'
import { useNarrow } from '@/shared/useNarrow'

const REST = 300

/** A box whose words take effect once the typing rests. */
export function SearchBox({
  value,
  onChange,
  label,
  className,
}: {
  value: string
  onChange: (q: string) => void
  label: string
  className?: string
}) {
  const narrow = useNarrow()
  const [text, setText] = useState(value)
  const rested = useDebounced(text.trim(), REST)
  // The address may change behind the box (Back, a cleared filter): then the box follows.
  const [shown, setShown] = useState(value)
  if (shown !== value) {
    setShown(value)
    if (value !== text.trim()) setText(value)
  }
  useEffect(() => {
    if (rested === text.trim() && rested !== value) onChange(rested)
  }, [rested, text, value, onChange])
  return (
    <Input
      className={className}
      data-filter
      role="searchbox"
      enterKeyHint="search"
      aria-label={label}
      placeholder={label}
      prefix={<SearchOutlined aria-hidden />}
      suffix={text || narrow ? undefined : <kbd>/</kbd>}
      allowClear
      value={text}
      onChange={(event) => setText(event.target.value)}
      onPressEnter={() => onChange(text.trim())}
    />
  )
}
