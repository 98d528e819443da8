import { DownOutlined, UpOutlined } from '@ant-design/icons'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import { useNamed } from '@/shared/i18n'
import type { Fields } from './fields'
import styles from './Records.module.css'
import { useRecordsTexts } from './texts'

interface Props {
  columns: readonly string[]
  fields: Fields
  change: (columns: readonly string[]) => void
  reset: () => void
}

/** Which columns a list shows, and in which order. The name stays: it leads to the record. */
export default function Columns({ columns, fields, change, reset }: Props) {
  const t = useRecordsTexts()
  const named = useNamed()
  const [text, setText] = useState('')
  const shown = columns.filter((key) => fields.has(key))
  const hidden = [...fields.keys()].filter((key) => !shown.includes(key))
  const label = (key: string) => {
    const field = fields.get(key)
    return field ? named(field) : key
  }
  const fits = (key: string) => label(key).toLowerCase().includes(text.trim().toLowerCase())
  const move = (key: string, step: -1 | 1) => {
    const at = shown.indexOf(key)
    const next = shown.filter((one) => one !== key)
    next.splice(at + step, 0, key)
    change(next)
  }
  return (
    <div className={styles.chooser}>
      <Input
        size="small"
        allowClear
        aria-label={t('columns.search')}
        placeholder={t('columns.search')}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <ul>
        {shown.filter(fits).map((key, place) => (
          <li key={key}>
            <Checkbox
              checked
              disabled={key === 'name'}
              onChange={() => change(shown.filter((one) => one !== key))}
            >
              {label(key)}
            </Checkbox>
            {!text && (
              <span>
                <Button
                  size="small"
                  type="text"
                  icon={<UpOutlined aria-hidden />}
                  aria-label={t('columns.up', { label: label(key) })}
                  disabled={place <= 1}
                  onClick={() => move(key, -1)}
                />
                <Button
                  size="small"
                  type="text"
                  icon={<DownOutlined aria-hidden />}
                  aria-label={t('columns.down', { label: label(key) })}
                  disabled={place === 0 || place === shown.length - 1}
                  onClick={() => move(key, 1)}
                />
              </span>
            )}
          </li>
        ))}
        {hidden.filter(fits).map((key) => (
          <li key={key}>
            <Checkbox checked={false} onChange={() => change([...shown, key])}>
              {label(key)}
            </Checkbox>
          </li>
        ))}
      </ul>
      <Button size="small" type="link" onClick={reset}>
        {t('columns.usual')}
      </Button>
    </div>
  )
}
