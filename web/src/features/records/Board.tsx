import {
  type CollisionDetection,
  closestCenter,
  DndContext,
  type DragEndEvent,
  DragOverlay,
  KeyboardSensor,
  MeasuringStrategy,
  PointerSensor,
  pointerWithin,
  TouchSensor,
  useDraggable,
  useDroppable,
  useSensor,
  useSensors,
} from '@dnd-kit/core'
import { Button, Popover, Skeleton } from 'antd'
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { api, type Schemas } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Lacking } from '@/shared/Lacking'
import { useReducedMotion } from '@/shared/theme'
import { windowOf } from '@/shared/windowOf'
import styles from './Board.module.css'
import { boardQuestion, byColumns, type Moving, rowsWith, type Sum, stageOf, withMoving } from './board'
import { groupsPath, questionOf, useRecords } from './data'
import { type Fields, isReference, type Row } from './fields'
import type { Kind } from './kinds'
import type { Names } from './names'
import type { ListState } from './state'
import { useRecordsTexts } from './texts'
import { useMove } from './useMove'
import { Chance, Value } from './Value'

const StageAsk = lazy(() => import('./StageAsk'))
const EndModal = lazy(() => import('./EndModal'))

const CARD = 100
const LEAST_HEIGHT = 320
/** So many cards a column asks for at once: twice what is seen of it. */
const PAGE = 20
const COLUMNS = [
  'name',
  'account',
  'amount',
  'house_amount',
  'owner',
  'stage',
  'next_step',
  'win_chance',
  'expected_close_on',
]

type Stage = Schemas['StageOut']

interface Props {
  kind: Kind
  state: ListState
  fields: Fields
  names: Names
  openRow: (row: Row) => void
}

/** Deals in columns by stage. A card is dragged, or taken with Space and moved with the arrows. */
export default function Board({ kind, state, fields, names, openRow }: Props) {
  const t = useRecordsTexts()
  const named = useNamed()
  const still = useReducedMotion()
  const pipeline = names.pipelines.find(({ id }) => id === state.pipeline) ?? names.pipelines[0]
  const { sums, summedAt } = useSums(kind, state, pipeline?.id)
  const { moving, asks, move, answer, giveUp } = useMove(fields)
  const [dragged, setDragged] = useState<Row | null>(null)
  const [ending, setEnding] = useState<{ id: number; outcome: 'won' | 'lost' } | null>(null)
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 6 } }),
    useSensor(TouchSensor, { activationConstraint: { delay: 220, tolerance: 8 } }),
    useSensor(KeyboardSensor, {
      coordinateGetter: byColumns,
      keyboardCodes: { start: ['Space'], cancel: ['Escape'], end: ['Space', 'Enter'] },
    }),
  )
  if (!pipeline) return null
  const stages = pipeline.stages.filter(({ id, retired }) => !retired || (sums.get(id)?.count ?? 0) > 0)
  const name = (id: string | number | undefined) => {
    const stage = stages.find((one) => one.id === id)
    return stage ? named(stage) : id === 'won' || id === 'lost' ? t(`ended.${id}`) : ''
  }
  function drop({ active, over }: DragEndEvent) {
    const row = active.data.current?.row as Row | undefined
    setDragged(null)
    if (!row || !over) return
    if (over.id === 'won' || over.id === 'lost') return setEnding({ id: row.id, outcome: over.id })
    const from = stageOf(row)
    const stage = stages.find(({ id }) => id === over.id)
    if (stage && from !== undefined && from !== stage.id) void move(row, from, stage)
  }
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={whereItPoints}
      measuring={{ droppable: { strategy: MeasuringStrategy.Always } }}
      autoScroll={{ threshold: { x: 0.15, y: 0.1 } }}
      accessibility={{
        screenReaderInstructions: { draggable: t('board.how') },
        announcements: {
          onDragStart: ({ active }) => t('board.taken', { name: titleOf(active) }),
          onDragOver: ({ active, over }) => t('board.over', { name: titleOf(active), stage: name(over?.id) }),
          onDragEnd: ({ active, over }) =>
            t('board.dropped', { name: titleOf(active), stage: name(over?.id) }),
          onDragCancel: ({ active }) => t('board.back', { name: titleOf(active) }),
        },
      }}
      onDragStart={({ active }) => setDragged((active.data.current?.row as Row) ?? null)}
      onDragCancel={() => setDragged(null)}
      onDragEnd={drop}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, also by keys where no card can be moved */}
      <section className={styles.board} tabIndex={0} aria-label={t('layout.board')}>
        {stages.map((stage, place) => (
          <Column
            key={stage.id}
            kind={kind}
            stage={stage}
            place={place}
            sum={sums.get(stage.id)}
            moving={moving}
            summedAt={summedAt}
            question={boardQuestion(state, pipeline.id, stage.id)}
            fields={fields}
            openRow={openRow}
            asks={(row) =>
              asks?.row.id === row.id ? (
                <Suspense fallback={<Skeleton active paragraph={{ rows: 2 }} />}>
                  <StageAsk asks={asks} names={names} answer={answer} giveUp={giveUp} />
                </Suspense>
              ) : null
            }
            giveUp={giveUp}
          />
        ))}
      </section>
      <Ends shown={dragged !== null} place={stages.length} />
      <DragOverlay dropAnimation={still ? null : undefined}>
        {dragged && (
          <div className={`${styles.card} ${styles.lifted}`}>
            <CardText row={dragged} fields={fields} />
          </div>
        )}
      </DragOverlay>
      {ending && (
        <Suspense fallback={null}>
          <EndModal {...ending} close={() => setEnding(null)} />
        </Suspense>
      )}
    </DndContext>
  )
}

const titleOf = ({ data }: { data: { current?: Record<string, unknown> } }) =>
  (data.current?.row as Row | undefined)?.title ?? ''

/** By the pointer where there is one; with the keyboard, the column that the card stands on. */
const whereItPoints: CollisionDetection = (asked) =>
  asked.pointerCoordinates ? pointerWithin(asked) : closestCenter(asked)

/** How many deals stand in each stage, and what they are worth: asked once for all columns. */
function useSums(kind: Kind, state: ListState, pipeline: number | undefined) {
  const { where, q } = questionOf(boardQuestion(state, pipeline ?? 0))
  const { data, dataUpdatedAt } = api.useQuery(
    'get',
    groupsPath(kind.key),
    { params: { query: { by: 'stage', sums: 'amount', weigh: 'win_chance', where, ...(q && { q }) } } },
    { enabled: pipeline !== undefined, placeholderData: (before) => before },
  )
  const sums = new Map<number, Sum>(
    data?.map(({ value, count, sums: { amount }, weighted, currency, lacking }) => [
      Number(value),
      { count, amount: Number(amount ?? 0), weighted: Number(weighted ?? 0), currency, lacking },
    ]),
  )
  return { sums, summedAt: dataUpdatedAt }
}

const NO_SUM: Sum = { count: 0, amount: 0, weighted: 0, lacking: [] }

function Column({
  kind,
  stage,
  place,
  sum,
  moving,
  summedAt,
  question,
  fields,
  openRow,
  asks,
  giveUp,
}: {
  kind: Kind
  stage: Stage
  place: number
  sum: Sum | undefined
  moving: readonly Moving[]
  summedAt: number
  question: Pick<ListState, 'where' | 'q' | 'sort'>
  fields: Fields
  openRow: (row: Row) => void
  asks: (row: Row) => React.ReactNode
  giveUp: () => void
}) {
  const t = useRecordsTexts()
  const named = useNamed()
  const format = useFormat()
  const { query, rows: found } = useRecords(kind, question, COLUMNS, { page: PAGE })
  const { setNodeRef, isOver } = useDroppable({ id: stage.id, data: { place } })
  const rows = rowsWith(found, stage.id, moving)
  const told = withMoving(sum ?? NO_SUM, stage.id, moving, summedAt)
  const list = useRef<HTMLUListElement>(null)
  const [top, setTop] = useState(0)
  const height = useHeightLeft(list)
  const [first, end] = windowOf(rows.length, { top, height, each: CARD })
  const more = query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError
  useEffect(() => {
    if (more && rows.length * CARD < top + height + CARD * 6) void query.fetchNextPage()
  }, [more, rows.length, top, height, query])
  return (
    <section
      ref={setNodeRef}
      className={`${styles.column} ${isOver ? styles.over : ''}`}
      aria-label={named(stage)}
    >
      <header className={styles.head}>
        <span className={styles.title}>
          <h2>{named(stage)}</h2>
          <span className={styles.number}>{format.number(told.count)}</span>
        </span>
        <span className={styles.sums}>
          <span title={t('board.sum')}>{format.money(told.amount, told.currency)}</span>
          <span className={styles.weighted} title={t('board.weightedWhy')}>
            {t('board.weighted', { amount: format.money(told.weighted, told.currency) })}
          </span>
        </span>
        <Lacking lacking={told.lacking} />
      </header>
      <ul
        ref={list}
        className={styles.cards}
        style={{ height }}
        aria-busy={query.isPending}
        onScroll={({ currentTarget }) => setTop(currentTarget.scrollTop)}
      >
        {first > 0 && <li aria-hidden style={{ height: first * CARD }} />}
        {rows.slice(first, end).map((row) => {
          const question = asks(row)
          return (
            <li key={row.id}>
              <Card row={row} column={stage.id} fields={fields} openRow={openRow} />
              {question && (
                <Popover
                  open
                  content={question}
                  placement={place > 2 ? 'left' : 'right'}
                  onOpenChange={(open) => !open && giveUp()}
                  trigger={[]}
                >
                  <span className={styles.asked} />
                </Popover>
              )}
            </li>
          )
        })}
        {end < rows.length && <li aria-hidden style={{ height: (rows.length - end) * CARD }} />}
        {query.isPending && (
          <li>
            <Skeleton active title={false} paragraph={{ rows: 2 }} />
          </li>
        )}
        {query.isFetchNextPageError && (
          <li>
            <Button size="small" block onClick={() => void query.fetchNextPage()}>
              {t('more')}
            </Button>
          </li>
        )}
        {query.isSuccess && rows.length === 0 && <li className={styles.empty}>{t('board.empty')}</li>}
      </ul>
    </section>
  )
}

function Card({
  row,
  column,
  fields,
  openRow,
}: {
  row: Row
  column: number
  fields: Fields
  openRow: (row: Row) => void
}) {
  const { setNodeRef, listeners, attributes, isDragging } = useDraggable({
    id: row.id,
    data: { row, column },
    disabled: !row.may_change,
  })
  const t = useRecordsTexts()
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button would keep Space, which takes the card, to itself
    <div
      ref={setNodeRef}
      {...attributes}
      aria-disabled={false}
      {...listeners}
      role="button"
      tabIndex={0}
      aria-roledescription={row.may_change ? t('board.card') : undefined}
      className={`${styles.card} ${isDragging ? styles.dragging : ''} ${styles[healthOf(row)]}`}
      onClick={() => openRow(row)}
      onKeyDown={(event) => {
        listeners?.onKeyDown?.(event)
        if (event.key === 'Enter' && !isDragging && !event.defaultPrevented) openRow(row)
      }}
    >
      <CardText row={row} fields={fields} />
    </div>
  )
}

/** What the bar at the left of a card says: nothing is known, it goes well, it is at risk. */
function healthOf({ values }: Row): 'unknown' | 'well' | 'fair' | 'risk' {
  if (values.alerted === true || values.verdict === 'lost') return 'risk'
  if (typeof values.win_chance !== 'string') return 'unknown'
  return Number(values.win_chance) >= 0.5 || values.verdict === 'won' ? 'well' : 'fair'
}

function CardText({ row, fields }: { row: Row; fields: Fields }) {
  const value = (key: string) => {
    const field = fields.get(key)
    return field && <Value field={field} row={row} />
  }
  const step = row.values.next_step
  return (
    <>
      <span className={styles.line}>
        <strong title={row.title}>{row.title}</strong>
        <span className={styles.money}>{value('amount')}</span>
      </span>
      <span className={styles.line}>
        <span className={styles.second}>{isReference(row.values.account) && row.values.account.name}</span>
        <Chance row={row} bare />
      </span>
      <span className={styles.line}>
        <span className={styles.faint}>{typeof step === 'string' && step ? step : value('owner')}</span>
        <span className={styles.faint}>{value('expected_close_on')}</span>
      </span>
    </>
  )
}

/** Where a deal is dropped to end it; there while one is dragged. */
function Ends({ shown, place }: { shown: boolean; place: number }) {
  return (
    <div className={`${styles.ends} ${shown ? styles.shown : ''}`} aria-hidden={!shown}>
      <End outcome="won" place={place} shown={shown} />
      <End outcome="lost" place={place + 1} shown={shown} />
    </div>
  )
}

function End({ outcome, place, shown }: { outcome: 'won' | 'lost'; place: number; shown: boolean }) {
  const t = useRecordsTexts()
  const { setNodeRef, isOver } = useDroppable({ id: outcome, data: { place }, disabled: !shown })
  return (
    <div ref={setNodeRef} className={`${styles.end} ${styles[outcome]} ${isOver ? styles.over : ''}`}>
      {t(`board.${outcome}`)}
    </div>
  )
}

function useHeightLeft(box: React.RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(LEAST_HEIGHT)
  useLayoutEffect(() => {
    const measure = () => {
      const top = (box.current?.getBoundingClientRect().top ?? 0) + scrollY
      setHeight(Math.max(LEAST_HEIGHT, Math.floor(innerHeight - top - 28)))
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(document.body)
    addEventListener('resize', measure)
    return () => {
      observer.disconnect()
      removeEventListener('resize', measure)
    }
  }, [box])
  return height
}
