import { Button, InputNumber, Modal } from 'antd'
import { useId, useState } from 'react'
import { Chip } from '@/features/crm/Chip'
import { api, asProblem } from '@/shared/api'
import { useFormat } from '@/shared/format'
import { useNamed } from '@/shared/i18n'
import { Loaded } from '@/shared/states'
import { useSharedTexts } from '@/shared/texts'
import { useAfter, useWeights, type Weight } from '../data'
import { useInterestTexts } from '../texts'
import styles from './Topics.module.css'

/** What each kind of signal counts, how that came about, and for who may, how it is set. */
export function Weights({ edits }: { edits: boolean }) {
  const t = useInterestTexts()
  const query = useWeights()
  const [edited, setEdited] = useState<Weight>()
  return (
    <section className={styles.part} aria-labelledby="weights">
      <div className={styles.head}>
        <h2 id="weights">{t('weights.title')}</h2>
      </div>
      <p className={styles.faint}>{t('weights.intro')}</p>
      <Loaded query={query}>
        {(weights) => (
          <table className={styles.weights}>
            <thead>
              <tr>
                <th scope="col">{t('weights.kind')}</th>
                <th scope="col">{t('weights.weight')}</th>
                <th scope="col">{t('weights.halfLife')}</th>
                <th scope="col">{t('weights.shipped')}</th>
                <th scope="col">{t('weights.learned')}</th>
                {edits && <td />}
              </tr>
            </thead>
            <tbody>
              {weights.map((weight) => (
                <Row key={weight.kind} weight={weight} edit={edits ? () => setEdited(weight) : undefined} />
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
      {edited && <Dialog weight={edited} close={() => setEdited(undefined)} />}
    </section>
  )
}

function Row({ weight, edit }: { weight: Weight; edit?: () => void }) {
  const t = useInterestTexts()
  const named = useNamed()
  const format = useFormat()
  const { fail, say, again } = useAfter()
  const reset = api.useMutation('delete', '/api/kind-weights/{kind}', {
    onSuccess: () => say(t('weights.resetDone')),
    onError: fail,
    onSettled: again,
  })
  const { kind, learned, edited_by, changed_at } = weight
  // A deal counts by the share of its life in which there was such a signal: together they are about so many deals.
  const deals = (share: number) => (share > 0 && share < 0.5 ? '<1' : format.number(Math.round(share)))
  const number = (value: number) => format.number(value, Number.isInteger(value) ? 0 : 1)
  return (
    <tr>
      <th scope="row">{named(weight)}</th>
      <td data-name={t('weights.weight')}>
        <b>{number(weight.weight)}</b>
        {edited_by && (
          <span title={t('weights.setBy', { who: edited_by.name, when: format.relative(changed_at) })}>
            <Chip>{t('weights.set')}</Chip>
          </span>
        )}
      </td>
      <td data-name={t('weights.halfLife')}>{t('weights.days', { days: number(weight.half_life) })}</td>
      <td data-name={t('weights.shipped')}>{number(weight.shipped)}</td>
      <td data-name={t('weights.learned')}>
        {learned ? (
          <>
            {number(learned.weight)}
            <span className={styles.faint} title={t('weights.learnedHow')}>
              {t('weights.learnedIs', {
                withEnded: deals(learned.with_ended),
                withWon: deals(learned.with_won),
                withoutEnded: deals(learned.without_ended),
                withoutWon: deals(learned.without_won),
              })}
            </span>
          </>
        ) : (
          <span className={styles.faint}>{t('weights.notLearned')}</span>
        )}
      </td>
      {edit && (
        <td className={styles.rowButtons}>
          {edited_by && (
            <Button
              size="small"
              title={t('weights.resetAbout')}
              loading={reset.isPending}
              onClick={() => reset.mutate({ params: { path: { kind } } })}
            >
              {t('weights.reset')}
            </Button>
          )}
          <Button size="small" aria-label={t('weights.editOf', { kind: named(weight) })} onClick={edit}>
            {t('weights.edit')}
          </Button>
        </td>
      )}
    </tr>
  )
}

function Dialog({ weight: of, close }: { weight: Weight; close: () => void }) {
  const t = useInterestTexts()
  const shared = useSharedTexts()
  const named = useNamed()
  const id = useId()
  const { say, again } = useAfter()
  const [weight, setWeight] = useState<number | null>(of.weight)
  const [halfLife, setHalfLife] = useState<number | null>(of.half_life)
  const save = api.useMutation('put', '/api/kind-weights/{kind}', {
    onSuccess: () => {
      say(t('weights.saved'))
      again()
      close()
    },
  })
  return (
    <Modal
      open
      width={420}
      title={t('weights.editOf', { kind: named(of) })}
      okText={shared('save')}
      cancelText={shared('cancel')}
      confirmLoading={save.isPending}
      okButtonProps={{ disabled: weight === null || halfLife === null }}
      onOk={() =>
        weight !== null &&
        halfLife !== null &&
        save.mutate({ params: { path: { kind: of.kind } }, body: { weight, half_life: halfLife } })
      }
      onCancel={close}
    >
      <div className={styles.form}>
        <p className={styles.faint}>{t('weights.editIntro')}</p>
        <div className={styles.field}>
          <label htmlFor={`${id}-weight`}>{t('weights.weightField')}</label>
          <InputNumber id={`${id}-weight`} min={0} max={100} step={0.5} value={weight} onChange={setWeight} />
        </div>
        <div className={styles.field}>
          <label htmlFor={`${id}-life`}>{t('weights.halfLifeField')}</label>
          <InputNumber id={`${id}-life`} min={1} max={365} value={halfLife} onChange={setHalfLife} />
        </div>
        {save.error && (
          <p role="alert" className={styles.wrong}>
            {named(asProblem(save.error))}
          </p>
        )}
      </div>
    </Modal>
  )
}
