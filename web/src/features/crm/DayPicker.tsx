import { DatePicker } from 'antd'
import dayjs from 'dayjs'

interface Props {
  /** YYYY-MM-DD */
  value: string | null
  onChange: (day: string | null) => void
  label: string
  placeholder?: string
  clearable?: boolean
  /** Shown open at once, and told when it closes. */
  onClose?: () => void
  className?: string
}

/** A calendar for a day. A chunk of its own: a calendar is large, and only comes when asked for. */
export default function DayPicker({
  value,
  onChange,
  label,
  placeholder,
  clearable = true,
  onClose,
  className,
}: Props) {
  return (
    <DatePicker
      value={value ? dayjs(value) : null}
      allowClear={clearable}
      placeholder={placeholder}
      aria-label={label}
      className={className}
      placement={onClose ? 'bottomRight' : undefined}
      {...(onClose && { open: true, onOpenChange: (open: boolean) => open || onClose() })}
      onChange={(day) => onChange(day ? day.format('YYYY-MM-DD') : null)}
      style={{ width: '100%' }}
    />
  )
}
