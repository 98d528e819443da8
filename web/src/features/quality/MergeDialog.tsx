import { Modal, Radio } from 'antd'
import { useState } from 'react'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { type Field, firstChoice, isEmpty, type Line, linesOf, type Pair, said } from './data'
import styles from './Quality.module.css'
import { useQualityTexts } from './texts'
import { useMerge } from './useMerge'

type Side = 'low' | 'high'

/** Which value to keep of each field that differs; then the two become one. */
export function MergeDialog({
  pair,
  fields,
  keeps,
  close,
}: {
  pair: Pair
  fields: readonly Field[]
  keeps: Side
  close: () => void
}) {
  const t = useQualityTexts()
  const merge = useMerge(pair.kind)
  const lines = linesOf(pair, fields).filter(({ choosable }) => choosable)
  const [chosen, setChosen] = useState<Record<string, Side>>(() =>
    Object.fromEntries(lines.map((line) => [line.field.key, firstChoice(line, keeps)])),
  )
  const go = () => {
    const choices = Object.fromEntries(Object.entries(chosen).map(([key, side]) => [key, pair[side].id]))
    const gone = pair[keeps === 'low' ? 'high' : 'low'].id
    merge.mutate({ body: { keep: pair[keeps].id, gone: [gone], choices } }, { onSuccess: close })
  }
  return (
    <Modal
      open
      title={t('dialog.title', { kind: t(`kind.${pair.kind}`) })}
      okText={t('dialog.ok')}
      cancelText={t('dialog.cancel')}
      okButtonProps={{ loading: merge.isPending, autoFocus: true }}
      onOk={go}
      onCancel={close}
      width={640}
    >
      <p className={styles.dialogIntro}>{t(lines.length ? 'dialog.intro' : 'dialog.nothing')}</p>
      <div className={styles.choices}>
        {lines.map((line) => (
          <Choice
            key={line.field.key}
            line={line}
            keeps={keeps}
            value={chosen[line.field.key] ?? keeps}
            onChange={(side) => setChosen((now) => ({ ...now, [line.field.key]: side }))}
          />
        ))}
      </div>
    </Modal>
  )
}

function Choice({
  line,
  keeps,
  value,
  onChange,
}: {
  line: Line
  keeps: Side
  value: Side
  onChange: (side: Side) => void
}) {
  const t = useQualityTexts()
  const format = useFormat()
  const named = useNamed()
  const name = named(line.field)
  return (
    <fieldset className={styles.choice}>
      <legend>{name}</legend>
      <Radio.Group
        aria-label={t('dialog.choose', { field: name })}
        value={value}
        onChange={({ target }) => onChange(target.value as Side)}
        className={styles.options}
      >
        {(['low', 'high'] as const).map((side) => (
          <Radio key={side} value={side}>
            <span className={isEmpty(line[side]) ? styles.faint : undefined}>
              {said(line.field, line[side], format, named) || t('dialog.empty')}
            </span>
            {side === keeps && <span className={styles.kept}> · {t('keeps')}</span>}
          </Radio>
        ))}
      </Radio.Group>
    </fieldset>
  )
}
