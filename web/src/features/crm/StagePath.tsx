import { CheckOutlined, DownOutlined } from '@ant-design/icons'
import { Grid, Popover, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { api } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import styles from './DealHeader.module.css'
import { Flash } from './Flash'
import { type Deal, path } from './stages'
import { useDealTexts } from './texts'
import { useRefused, useTakeDeal } from './useDeal'

interface Props {
  deal: Deal
  moving: boolean
  onMoving: (moving: boolean) => void
}

/** The stages of the way of selling and where the deal stands; on a phone "报价 3/5". */
export function StagePath({ deal, moving, onMoving }: Props) {
  const t = useDealTexts()
  const named = useNamed()
  const steps = path(deal)
  const place = steps.findIndex(({ state }) => state === 'now') + 1 || steps.length
  const movable = deal.status === 'open' && deal.may_change
  const phone = Grid.useBreakpoint().md === false
  const wrapped = (button: ReactNode, here: boolean) =>
    movable && here ? (
      <Popover
        open={moving}
        onOpenChange={onMoving}
        trigger="click"
        placement="bottomLeft"
        title={t('move.title')}
        content={<Choices deal={deal} onDone={() => onMoving(false)} />}
        destroyOnHidden
      >
        {button}
      </Popover>
    ) : (
      button
    )
  const label = (name: string, now: boolean) =>
    now && movable ? (
      <button type="button" className={styles.edit} aria-haspopup="dialog">
        <Flash value={name}>{name}</Flash> <DownOutlined className={styles.small} />
      </button>
    ) : (
      <span>{name}</span>
    )
  return (
    <>
      <ol className={styles.path} aria-label={t('stagePath')}>
        {steps.map(({ stage, state }, i) => (
          <li
            key={stage.id}
            className={styles.step}
            data-state={state}
            aria-current={state === 'now' ? 'step' : undefined}
          >
            <span className={styles.dot} aria-hidden="true">
              {state === 'done' ? <CheckOutlined /> : i + 1}
            </span>
            <Tooltip title={stage.usual_days ? t('usualDays', { count: stage.usual_days }) : undefined}>
              <span className={styles.label}>
                {wrapped(label(named(stage), state === 'now'), state === 'now' && !phone)}
              </span>
            </Tooltip>
          </li>
        ))}
      </ol>
      <div className={styles.short}>
        {wrapped(
          <span className={styles.label}>
            {label(`${named(deal.stage)} ${place}/${steps.length}`, true)}
          </span>,
          phone,
        )}
        <span className={styles.track} aria-hidden="true">
          {steps.map(({ stage, state }) => (
            <i key={stage.id} data-state={state} />
          ))}
        </span>
      </div>
    </>
  )
}

function Choices({ deal, onDone }: { deal: Deal; onDone: () => void }) {
  const t = useDealTexts()
  const f = useFormat()
  const named = useNamed()
  const take = useTakeDeal()
  const refused = useRefused(deal.id)
  const move = api.useMutation('post', '/api/deals/{deal}/move', {
    onSuccess: (moved) => {
      take(moved)
      onDone()
    },
    onError: refused,
  })
  const to = move.isPending ? move.variables.body.stage : null
  return (
    <div className={styles.choices}>
      {path(deal).map(({ stage, state }) => (
        <button
          key={stage.id}
          type="button"
          className={styles.choice}
          disabled={state === 'now' || move.isPending}
          onClick={() =>
            move.mutate({
              params: { path: { deal: deal.id } },
              body: { version: deal.version, stage: stage.id },
            })
          }
        >
          {named(stage)}
          <small>
            {to === stage.id
              ? t('move.moving')
              : state === 'now'
                ? t('move.here')
                : stage.usual_days
                  ? t('move.usual', { days: f.number(stage.usual_days) })
                  : ''}
          </small>
        </button>
      ))}
    </div>
  )
}
