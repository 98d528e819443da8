import { Button, Input, Segmented, Select } from 'antd'
import { lazy, Suspense, useState } from 'react'
import { useSearchParams } from 'react-router'
import { useDealTexts } from '@/features/crm/texts'
import { useNames } from '@/features/records/names'
import { useNamed } from '@/shared/i18n'
import { Empty, Loaded } from '@/shared/states'
import { useTitle } from '@/shared/title'
import styles from './Advice.module.css'
import { AssetRow } from './AssetRow'
import { type Asset, chosen, LISTS, type List, named, PERSONAS, useLibrary, type Wanted } from './data'
import { useAdviceTexts } from './texts'

const AssetDrawer = lazy(() => import('./AssetDrawer'))
const ResultsDrawer = lazy(() => import('./ResultsDrawer'))

const FILTERS = ['q', 'language', ...LISTS] as const

/** What there is to send to customers, what it is for, and what came of it. */
export default function LibraryPage() {
  const t = useAdviceTexts()
  const words = useWords()
  const [search, setSearch] = useSearchParams()
  const [editing, setEditing] = useState<Asset | 'new'>()
  const [results, setResults] = useState<Asset>()
  useTitle(t('title'))
  const active = search.get('state') !== 'retired'
  const query = useLibrary(active)
  const wanted = Object.fromEntries(
    FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name)]] : [])),
  ) as Wanted
  const set = (name: string, value: string | undefined) =>
    setSearch(
      (now) => {
        if (value) now.set(name, value)
        else now.delete(name)
        return now
      },
      { replace: true },
    )
  return (
    <div className={styles.page}>
      <div className={styles.head}>
        <h1>{t('title')}</h1>
        {query.data?.may_keep && (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('new')}
          </Button>
        )}
      </div>
      <p className={styles.intro}>{t('intro')}</p>
      <div className={styles.filters}>
        <Input
          className={styles.search}
          allowClear
          aria-label={t('search')}
          placeholder={t('search')}
          value={wanted.q ?? ''}
          onChange={(event) => set('q', event.target.value)}
        />
        {LISTS.map((list) => (
          <Filter
            key={list}
            label={t(`any.${list}`)}
            value={wanted[list]}
            options={optionsOf(list, query.data?.items ?? [], words)}
            onChange={(value) => set(list, value)}
          />
        ))}
        <Filter
          label={t('any.language')}
          value={wanted.language}
          options={(['zh', 'en'] as const).map((value) => ({ value, label: t(`language.${value}`) }))}
          onChange={(value) => set('language', value)}
        />
        <Segmented
          aria-label={t('title')}
          value={active ? 'active' : 'retired'}
          options={(['active', 'retired'] as const).map((value) => ({ value, label: t(`state.${value}`) }))}
          onChange={(value) => set('state', value === 'retired' ? value : undefined)}
        />
      </div>
      <Loaded query={query}>
        {({ items, may_keep }) => {
          const found = chosen(items, wanted)
          if (items.length === 0)
            return <Empty why={t(active ? (may_keep ? 'none' : 'noneYours') : 'noneRetired')} />
          if (found.length === 0)
            return (
              <Empty
                why={t('noneFound')}
                action={
                  <Button onClick={() => setSearch(active ? {} : { state: 'retired' })}>{t('clear')}</Button>
                }
              />
            )
          return (
            <ul className={styles.list}>
              {found.map((asset) => (
                <AssetRow
                  key={asset.id}
                  asset={asset}
                  words={words}
                  onEdit={may_keep ? () => setEditing(asset) : undefined}
                  onResults={() => setResults(asset)}
                />
              ))}
            </ul>
          )
        }}
      </Loaded>
      <Suspense fallback={null}>
        {editing && (
          <AssetDrawer
            asset={editing === 'new' ? undefined : editing}
            all={query.data?.items ?? []}
            close={() => setEditing(undefined)}
          />
        )}
        {results && <ResultsDrawer asset={results} close={() => setResults(undefined)} />}
      </Suspense>
    </div>
  )
}

function Filter({
  label,
  value,
  options,
  onChange,
}: {
  label: string
  value: string | undefined
  options: { value: string; label: string }[]
  onChange: (value: string | undefined) => void
}) {
  if (options.length === 0 && !value) return null
  return (
    <Select
      className={styles.filter}
      allowClear
      showSearch={{ optionFilterProp: 'label' }}
      popupMatchSelectWidth={false}
      aria-label={label}
      placeholder={label}
      value={value}
      options={options}
      onChange={onChange}
    />
  )
}

export type Words = ReturnType<typeof useWords>

/** How what assets name is called: roles, and stages by their keys in all pipelines. */
export function useWords() {
  const deals = useDealTexts()
  const say = useNamed()
  const { pipelines } = useNames()
  const stages = new Map(pipelines.flatMap(({ stages }) => stages.map((stage) => [stage.key, say(stage)])))
  return {
    stages,
    of: (list: List, value: string): string => {
      if (list === 'stages') return stages.get(value) ?? value
      const persona = PERSONAS.find((each) => list === 'personas' && each === value)
      return persona ? deals(`role.${persona}`) : value
    },
  }
}

export function optionsOf(list: List, assets: readonly Asset[], words: Words) {
  const values =
    list === 'personas' ? [...PERSONAS] : list === 'stages' ? [...words.stages.keys()] : named(assets, list)
  return values.map((value) => ({ value: String(value), label: words.of(list, value) }))
}
