import { Table, type TableProps } from 'antd'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import type { Import } from './data'
import styles from './Imports.module.css'
import { useImportsTexts } from './texts'

type Row = Schemas['PreviewRow']

/** The first rows as they would be kept; what is wrong stands in its cell. */
export function Preview({ of }: { of: Import }) {
  const t = useImportsTexts()
  const named = useNamed()
  const format = useFormat()
  const query = api.useQuery(
    'get',
    '/api/imports/{import}/preview',
    { params: { path: { import: of.id } } },
    { placeholderData: (before: Row[] | undefined) => before },
  )
  const places = of.columns.map((_, place) => place).filter((place) => of.settings.columns[String(place)])
  const columns: TableProps<Row>['columns'] = [
    {
      key: 'row',
      title: t('columns.line_no'),
      width: 56,
      render: (_, { row }) => format.number(row + 2),
    },
    ...places.map((place) => {
      const key = of.settings.columns[String(place)]
      const target = of.targets.find((each) => each.key === key)
      return {
        key: String(place),
        title: target ? named(target) : (of.columns[place]?.name ?? ''),
        width: 160,
        onCell: (row: Row) => ({ className: row.cells[place]?.zh ? styles.wrong : undefined }),
        render: (_: unknown, row: Row) => <Cell cell={row.cells[place]} />,
      }
    }),
  ]
  return (
    <section className={styles.page}>
      <Loaded query={query}>
        {(rows) => (
          <>
            <h2>{t('columns.preview', { number: format.number(rows.length) })}</h2>
            <section
              className={`${styles.table} ${styles.scroll}`}
              aria-label={t('columns.preview', { number: rows.length })}
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
              tabIndex={0}
            >
              <Table<Row>
                size="small"
                rowKey="row"
                columns={columns}
                dataSource={rows}
                pagination={false}
                style={{ minWidth: 56 + places.length * 160 }}
              />
            </section>
          </>
        )}
      </Loaded>
    </section>
  )
}

function Cell({ cell }: { cell: Schemas['PreviewCell'] | undefined }) {
  const named = useNamed()
  if (!cell) return null
  if (cell.zh)
    return (
      <span>
        {cell.text}
        <div>{named({ zh: cell.zh, en: cell.en ?? '' })}</div>
      </span>
    )
  if (!cell.shown || cell.shown === cell.text) return cell.text
  return (
    <span>
      {cell.shown}
      <div className={styles.was}>{cell.text}</div>
    </span>
  )
}
