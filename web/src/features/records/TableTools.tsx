import { ColumnHeightOutlined, SettingOutlined } from '@ant-design/icons'
import { Button, Popover, Select } from 'antd'
import { lazy, Suspense } from 'react'
import { useNamed } from '@/shared/i18n'
import type { Fields } from './fields'
import type { Kind } from './kinds'
import styles from './Records.module.css'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'
import type { Change } from './useListState'

const Columns = lazy(() => import('./Columns'))

/** By what a table is grouped, which columns it has, and how close its rows stand. */
export function TableTools({
  kind,
  state,
  change,
  fields,
  dense,
  setDense,
}: {
  kind: Kind
  state: ListState
  change: Change
  fields: Fields
  dense: boolean
  setDense: (dense: boolean) => void
}) {
  const t = useRecordsTexts()
  const named = useNamed()
  const groupable = [...fields.values()].filter((field) => field.groupable)
  return (
    <>
      <Select
        className={styles.select}
        aria-label={t('group.label')}
        placeholder={t('group.label')}
        allowClear
        popupMatchSelectWidth={false}
        value={state.group || undefined}
        options={groupable.map((field) => ({
          value: field.key,
          label: t('group.by', { label: named(field) }),
        }))}
        onChange={(group) => change({ group: group ?? '' })}
      />
      <Popover
        trigger="click"
        placement="bottomRight"
        destroyOnHidden
        content={
          <Suspense fallback={null}>
            <Columns
              columns={state.columns}
              fields={fields}
              change={(columns) => change({ columns })}
              reset={() => change({ columns: kind.columns, widths: {} })}
            />
          </Suspense>
        }
      >
        <Button
          icon={<SettingOutlined aria-hidden />}
          aria-label={t('columns.label')}
          title={t('columns.label')}
        />
      </Popover>
      <Button
        icon={<ColumnHeightOutlined aria-hidden />}
        aria-pressed={dense}
        aria-label={t('dense')}
        title={t(dense ? 'loose' : 'dense')}
        onClick={() => {
          // A view that says how dense it is keeps saying so; else it is the person's habit.
          if (state.density) change({ density: dense ? 'standard' : 'compact' })
          setDense(!dense)
        }}
      />
    </>
  )
}
